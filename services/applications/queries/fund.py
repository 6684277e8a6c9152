"""What holds now: the fund's rules and the board's next dates."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.domain import Fund, Rules, SessionDate
from shared.clock import BERLIN


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
