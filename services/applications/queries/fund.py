"""What holds now: the fund's rules and the board's next dates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.domain import Application, Colleague, Fund, Rules, SessionDate
from services.applications.store import Audit
from shared.clock import BERLIN

FUND_ACTS: Final = ("fund.found", "fund.change", "fund.drop_change")
"""What the trail says about a fund's rules."""


class NoRules(Exception):
    """No row says how the fund works on this day."""


def today(at: datetime) -> date:
    """The day on the office's calendar."""
    return at.astimezone(BERLIN).date()


async def funds_at(session: AsyncSession, at: datetime) -> dict[str, Rules]:
    """Every fund's rules of that day by code, the oldest fund first; raises NoRules without any."""
    begun = select(Fund).where(Fund.holds_from <= today(at)).order_by(Fund.holds_from)
    found: dict[str, Rules] = {}
    for fund in await session.scalars(begun):
        found[fund.code] = fund.rules
    if not found:
        raise NoRules
    return found


async def rules_at(session: AsyncSession, at: datetime, fund: str) -> Rules:
    """This fund's rules of that day; raises NoRules before the first row holds."""
    begun = select(Fund).where(Fund.code == fund, Fund.holds_from <= today(at))
    found = await session.scalar(begun.order_by(Fund.holds_from.desc()).limit(1))
    if found is None:
        raise NoRules
    return found.rules


async def first_fund(session: AsyncSession, at: datetime) -> tuple[str, Rules]:
    """The fund people mean when they name none: the oldest."""
    return next(iter((await funds_at(session, at)).items()))


@dataclass(frozen=True)
class Dates:
    """Sessions still to come, earliest first; `reachable` is the first whose deadline is not over."""

    coming: list[SessionDate]
    reachable: SessionDate | None

    @property
    def next(self) -> SessionDate | None:
        return self.coming[0] if self.coming else None


async def dates_from(session: AsyncSession, at: datetime) -> Dates:
    """The board's dates from now on, without the cancelled ones."""
    later = select(SessionDate).where(SessionDate.starts_at > at, SessionDate.cancelled.is_(False))
    coming = list(
        await session.scalars(later.order_by(SessionDate.starts_at, SessionDate.session_id))
    )
    return Dates(coming, next((date for date in coming if date.reached_by(at)), None))


async def session_of(session: AsyncSession, session_id: UUID | None) -> SessionDate | None:
    """The session an application goes to, as last told."""
    return None if session_id is None else await session.get(SessionDate, session_id)


async def versions_of(session: AsyncSession, code: str) -> Sequence[Fund]:
    """Every dated row of the fund, the oldest first."""
    chosen = select(Fund).where(Fund.code == code).order_by(Fund.holds_from)
    return (await session.scalars(chosen)).all()


@dataclass(frozen=True)
class Changed:
    """One change of a fund: who, when, which rules, from which day."""

    at: datetime
    action: str
    who: str
    holds_from: str
    rules: list[str]


async def history_of(session: AsyncSession, code: str) -> list[Changed]:
    """Who changed what of the fund's rules, newest first."""
    chosen = select(Audit).where(Audit.subject == code, Audit.action.in_(FUND_ACTS))
    acts = (await session.scalars(chosen.order_by(Audit.at.desc(), Audit.id.desc()))).all()
    names = await names_of(session, {act.actor for act in acts})
    return [
        Changed(
            act.at,
            act.action,
            names.get(act.actor, act.actor),
            act.details.get("holds_from", ""),
            act.details.get("fields", []),
        )
        for act in acts
    ]


async def version_of(session: AsyncSession, code: str) -> int:
    """Grows with every change of the fund; what a form shows and sends back."""
    chosen = select(func.count()).where(Audit.subject == code, Audit.action.in_(FUND_ACTS))
    return 1 + (await session.scalar(chosen) or 0)


async def codes_in_use(session: AsyncSession, code: str) -> set[str]:
    """Fields of action that applications of this fund are filed under."""
    chosen = select(Application.field_of_action).where(
        Application.fund == code, Application.number.is_not(None)
    )
    return {field for field in await session.scalars(chosen.distinct()) if field}


async def names_of(session: AsyncSession, actors: set[str]) -> dict[str, str]:
    """`account:<id>` → the name the colleague had."""
    ids = {UUID(actor.split(":")[1]) for actor in actors if actor.startswith("account:")}
    known = select(Colleague).where(Colleague.account_id.in_(ids))
    return {f"account:{one.account_id}": one.name for one in await session.scalars(known)}
