"""What the office writes for others: applications that came on paper, and corrected answers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.applications.commands.decide import NotForTheOffice
from services.applications.commands.papers import not_paid_lines, prepare_paper
from services.applications.commands.submit import recorded_applicant, submit, take_over
from services.applications.domain import (
    Application,
    Change,
    CheckMark,
    CostMark,
    IllegalMove,
    Rules,
    Status,
)
from services.applications.domain.answers import Answers
from services.applications.domain.asked import DateInThePast
from services.applications.domain.checklist import LOOKS_AT
from services.applications.store import note, record
from shared.events.applications import ApplicationChanged, CheckItem, Tier
from shared.once import Order, unchanged
from shared.sealed import Seals

NOT_FUNDABLE: Final = CheckItem.NOT_FUNDABLE
OFFICE_MAY_CHANGE: Final = (Status.SUBMITTED, Status.CORRECTION_REQUESTED, Status.ADMISSIBLE)
"""Until it is on an agenda: what the board votes on is what the board read."""


class FromTheFuture(DateInThePast):
    """Nothing can have arrived later than now."""


async def enter_on_paper(
    session: AsyncSession,
    application_id: UUID,
    answers: Answers,
    order: Order,
    *,
    fund: str,
    arrived_at: datetime,
    rules: Rules,
    seals: Seals,
) -> Application:
    """Hand in what came on paper, for the session its arrival was in time for."""
    if arrived_at > order.at:
        raise FromTheFuture
    application = await paper_draft(session, application_id, fund=fund, at=order.at)
    return await submit(
        session,
        application,
        answers,
        rules=rules,
        seals=seals,
        actor=order.by,
        at=order.at,
        arrived_at=arrived_at,
    )


async def paper_draft(
    session: AsyncSession, application_id: UUID, *, fund: str, at: datetime
) -> Application:
    """What the office is entering: begun now, or kept since its first file. Raises IllegalMove."""
    known = await session.get(Application, application_id)
    if known is None:
        known = Application.start(fund=fund, language="de", at=at)
        known.id, known.on_paper = application_id, True
        session.add(known)
        await session.flush()
    if known.status is not Status.DRAFT or not known.on_paper:
        raise IllegalMove(known.status, Status.SUBMITTED)
    known.fund = fund
    return known


async def change_answers(
    session: AsyncSession, application: Application, answers: Answers, order: Order, *, seals: Seals
) -> list[str]:
    """Correct what the applicant wrote: kept field by field, and the applicant is told.

    Returns the changed fields; none means nothing happened. Raises IllegalMove once decided about
    or erased, NotForTheOffice for a sum that the board was never told to decide about.
    """
    if application.status not in OFFICE_MAY_CHANGE or application.erased_at is not None:
        raise IllegalMove(application.status, application.status)
    unchanged("application", order, now=application.version)
    _refuse_other_tier(application, answers)
    fields = await rewrite(session, application, answers, actor=order.by, seals=seals, at=order.at)
    if not fields:
        return []
    record(session, ApplicationChanged(at=order.at, **application.told(), fields=fields))
    if application.status is Status.ADMISSIBLE:
        record(session, *await prepare_paper(session, application, seals=seals, at=order.at))
    return fields


def _refuse_other_tier(application: Application, answers: Answers) -> None:
    """What was admitted for the office stays small: nobody else was told to decide about it."""
    decides = Rules.model_validate(application.rules).decides
    small = decides(application.asked_cents or 0) is Tier.OFFICE
    admitted = application.status is Status.ADMISSIBLE
    if admitted and small and decides(answers.costs.asked_cents) is not Tier.OFFICE:
        raise NotForTheOffice


async def rewrite(
    session: AsyncSession,
    application: Application,
    answers: Answers,
    *,
    actor: str,
    seals: Seals,
    at: datetime,
) -> list[str]:
    """Put these answers in place of the old ones and keep both, field by field.

    What the applicant typed meanwhile into other fields stays.
    """
    new = answers.model_dump(mode="json")
    changed = list(_differences(application.answers, new))
    if not changed:
        return []
    kept = {"application_id": application.id, "at": at, "actor": actor}
    session.add_all(
        Change(id=uuid7(), field=name, before=before, after=after, **kept)
        for name, before, after in changed
    )
    moved = application.answers.get("applicant") != new["applicant"]
    await _ask_again(session, application, {name for name, _before, _after in changed})
    await _follow_lines(session, application, new["costs"]["costs"])
    fields = [name for name, _before, _after in changed]
    typed = {name: value for name, value in application.typed.items() if name not in fields}
    take_over(application, answers)
    application.typed = typed
    if moved:
        await _record_applicant(session, application, answers, seals, at=at)
    subject = str(application.id)
    note(session, at=at, actor=actor, action="application.change", subject=subject, fields=fields)
    return fields


async def _ask_again(session: AsyncSession, application: Application, changed: set[str]) -> None:
    """What was judged by other answers is open again; once admitted, it was judged for good."""
    if application.status is Status.ADMISSIBLE:
        return
    open_again = [item for item, names in LOOKS_AT.items() if names & changed]
    mine = CheckMark.application_id == application.id
    await session.execute(delete(CheckMark).where(mine, CheckMark.item.in_(open_again)))


async def _follow_lines(
    session: AsyncSession, application: Application, lines: list[dict[str, Any]]
) -> None:
    """Marks stay with their line wherever it stands now; for one that is gone a person is asked again."""
    before = application.answers.get("costs", {}).get("costs", [])
    marked = await not_paid_lines(session, application)
    if not marked or before == lines:
        return
    places: dict[int, str] = {}
    for line, kind in marked.items():
        same = (n for n, one in enumerate(lines) if n not in places and one == before[line])
        if (place := next(same, None)) is not None:
            places[place] = kind
    mine = CostMark.application_id == application.id
    await session.execute(delete(CostMark).where(mine))
    session.add_all(
        CostMark(application_id=application.id, line=n, kind=kind) for n, kind in places.items()
    )
    if len(places) < len(marked):
        judged = CheckMark.application_id == application.id, CheckMark.item == NOT_FUNDABLE
        await session.execute(delete(CheckMark).where(*judged))


async def _record_applicant(
    session: AsyncSession, application: Application, answers: Answers, seals: Seals, *, at: datetime
) -> None:
    """Somebody who can be reached elsewhere now is still the same person."""
    assert application.person_id is not None
    email = answers.applicant.email
    application.email_hash = seals.address_hash(email) if email else None
    await seals.readdress(application.person_id, email=email)
    record(session, await recorded_applicant(application, answers, seals, at=at))


def _differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Any:
    """Field, before, after: as text, lists as lines."""
    for part, fields in new.items():
        for name, after in fields.items():
            before = old.get(part, {}).get(name)
            if before != after:
                yield name, _text(before), _text(after)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(", ".join(str(part) for part in line.values()) for line in value)
    return "" if value is None else str(value)
