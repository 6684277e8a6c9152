"""Results nobody was told yet: for some minutes the office can take them back as if nothing was.

While a result is held nothing has happened: the status stays, no event is told. A result that has
become impossible by its minute is dropped with a note, never forced.
"""

from datetime import date, datetime, timedelta
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import BaseModel, Field, TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.commands.decide import (
    NotForTheOffice,
    OwnDecision,
    TooMuch,
    check_office_may,
    decide_by_office,
)
from services.applications.commands.formal import (
    admit,
    find_inadmissible,
    ready_to_admit,
    refuse_unnamed,
)
from services.applications.commands.money import NoBudget, fund_of, locked_application, locked_year
from services.applications.domain import Application, Held, IllegalMove, Rules, Status, year_of
from services.applications.domain.checklist import NotChecked, PublicTitleMissing
from services.applications.domain.ledger import NotCovered
from services.applications.store import Timer, note
from shared.events.applications import CheckItem
from shared.once import Order
from shared.sealed import Seals
from shared.timers import cancel_timer, set_timer

HELD: Final = "held_result"

IMPOSSIBLE: Final = (
    IllegalMove,
    NotChecked,
    PublicTitleMissing,
    NotForTheOffice,
    TooMuch,
    NotCovered,
    NoBudget,
)
"""What may have become true between deciding and telling."""


class AlreadyHeld(Exception):
    """Another result waits for its minute: take that one back first."""


class NothingHeld(Exception):
    """The minutes are over, or somebody took it back already."""


class Admit(BaseModel, frozen=True):
    """Formally in order."""

    act: Literal["admit"] = "admit"


class Refuse(BaseModel, frozen=True):
    """Inadmissible, for these lines of the check."""

    act: Literal["refuse"] = "refuse"
    reasons: list[CheckItem]
    text: str = ""


class DecideOwn(BaseModel, frozen=True):
    """The office's own decision about a small sum; None in `cents` is a no."""

    act: Literal["decide"] = "decide"
    cents: int | None = Field(default=None, gt=0)
    conditions: list[tuple[str, date]] = Field(default=[])
    text: str = ""


Result = Annotated[Admit | Refuse | DecideOwn, Field(discriminator="act")]
_RESULT: Final[TypeAdapter[Result]] = TypeAdapter(Result)


async def settle_result(
    session: AsyncSession, application_id: UUID, result: Result, order: Order, *, seals: Seals
) -> Held | None:
    """Hold the result for the fund's minutes, or carry it out at once if there are none.

    Raises at once whatever stands against it now; returns what is held.
    """
    await locked_year(session, await fund_of(session, application_id), year_of(order.at))
    application = await locked_application(session, application_id)
    rules = Rules.model_validate(application.rules)
    if await session.get(Held, application_id) is not None:
        raise AlreadyHeld
    await _check(session, application, result)
    if not rules.undo_minutes:
        await carry_out(session, application_id, result, order, seals=seals)
        return None
    due_at = order.at + timedelta(minutes=rules.undo_minutes)
    held = Held(
        application_id=application_id,
        command_id=order.command_id,
        act=result.act,
        arguments=result.model_dump(mode="json"),
        actor=order.by,
        held_at=order.at,
        due_at=due_at,
    )
    session.add(held)
    await set_timer(session, Timer, kind=HELD, subject=str(application_id), due_at=due_at)
    note(
        session,
        at=order.at,
        actor=order.by,
        action=f"hold.{result.act}",
        subject=str(application_id),
    )
    return held


async def take_back(session: AsyncSession, application_id: UUID, order: Order) -> None:
    """As if it had not been decided; raises NothingHeld once it was told."""
    await locked_application(session, application_id)
    held = await session.get(Held, application_id)
    if held is None:
        raise NothingHeld
    await drop_held(session, application_id)
    note(session, at=order.at, actor=order.by, action="hold.undo", subject=str(application_id))


async def tell_now(
    session: AsyncSession, application_id: UUID, *, seals: Seals, at: datetime
) -> None:
    """Its minute has come, or the office does not want to wait; raises NothingHeld."""
    await locked_year(session, await fund_of(session, application_id), year_of(at))
    await locked_application(session, application_id)
    held = await session.get(Held, application_id)
    if held is None:
        raise NothingHeld
    result = _RESULT.validate_python(held.arguments)
    order = Order(command_id=held.command_id, by=held.actor, at=at)
    await drop_held(session, application_id)
    try:
        async with session.begin_nested():
            await carry_out(session, application_id, result, order, seals=seals)
    except IMPOSSIBLE as error:
        why = type(error).__name__
        note(
            session,
            at=at,
            actor="system",
            action="hold.dropped",
            subject=str(application_id),
            why=why,
        )


async def drop_held(session: AsyncSession, application_id: UUID) -> None:
    """Forget what was held, whatever it was; nothing happens if there is none."""
    held = await session.get(Held, application_id)
    if held is not None:
        await session.delete(held)
        await session.flush()
    await cancel_timer(session, Timer, kind=HELD, subject=str(application_id))


async def carry_out(
    session: AsyncSession, application_id: UUID, result: Result, order: Order, *, seals: Seals
) -> None:
    """Do it and tell it."""
    if isinstance(result, DecideOwn):
        decided = OwnDecision(
            decision_id=order.command_id,
            cents=result.cents,
            conditions=result.conditions,
            text=result.text,
        )
        await decide_by_office(
            session, application_id, decided, seals=seals, actor=order.by, at=order.at
        )
        return
    application = await locked_application(session, application_id)
    if isinstance(result, Admit):
        await admit(session, application, seals=seals, actor=order.by, at=order.at)
        return
    await find_inadmissible(
        session,
        application,
        result.reasons,
        text=result.text,
        seals=seals,
        actor=order.by,
        at=order.at,
    )


async def _check(session: AsyncSession, application: Application, result: Result) -> None:
    """Raise now what would be raised in some minutes."""
    if isinstance(result, Admit):
        await ready_to_admit(session, application)
    elif isinstance(result, Refuse):
        if not application.may(Status.INADMISSIBLE):
            raise IllegalMove(application.status, Status.INADMISSIBLE)
        refuse_unnamed(result.reasons, result.text)
    else:
        await check_office_may(session, application, result.cents)
