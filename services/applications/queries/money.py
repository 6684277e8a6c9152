"""The books as pages show them: years, balances, bookings, and what was granted to whom for what."""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping, Select, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.domain import (
    Application,
    BudgetYear,
    Grant,
    LedgerBooking,
    LedgerEntry,
    Status,
)
from services.applications.domain.ledger import Account, Booking
from shared.clock import BERLIN

ROWS: Final = 25


async def years_of(session: AsyncSession, funds: Collection[str]) -> Sequence[BudgetYear]:
    """All budget years of these funds, the newest first."""
    chosen = select(BudgetYear).where(BudgetYear.fund.in_(funds))
    return (await session.scalars(chosen.order_by(BudgetYear.year.desc(), BudgetYear.fund))).all()


async def year_or_empty(session: AsyncSession, fund: str, year: int) -> BudgetYear:
    """The year, or one that nothing was given to yet; never added to the database."""
    found = await session.get(BudgetYear, (fund, year))
    return found or BudgetYear.empty(fund, year)


@dataclass(frozen=True)
class Balances:
    """What the bookings add up to, account by account."""

    budget: int
    available: int
    reserved: int

    def agree_with(self, year: BudgetYear) -> bool:
        """Whether the year's own columns say the same."""
        columns = (year.budget_cents, year.available_cents, year.reserved_cents)
        return columns == (-self.budget, self.available, self.reserved)


async def balances(session: AsyncSession, fund: str, year: int) -> Balances:
    """Recomputed from every entry of the year."""
    chosen = (
        select(LedgerEntry.account, func.sum(LedgerEntry.cents))
        .join(LedgerBooking, LedgerBooking.id == LedgerEntry.booking_id)
        .where(LedgerBooking.fund == fund, LedgerBooking.year == year)
        .group_by(LedgerEntry.account)
    )
    sums = {account: int(cents) for account, cents in await session.execute(chosen)}
    return Balances(*(sums.get(account, 0) for account in Account))


@dataclass(frozen=True)
class Line:
    """A booking with both sides, and what was left and promised after it."""

    id: UUID
    at: datetime
    kind: Booking
    actor: str
    number: str | None
    application_id: UUID | None
    moved: dict[Account, int]
    available: int
    reserved: int


@dataclass(frozen=True)
class Page:
    """Some lines, newest first; `older` continues."""

    lines: list[Line]
    older: UUID | None


async def ledger(
    session: AsyncSession, fund: str, year: int, *, before: UUID | None = None
) -> Page:
    """A page of the year's bookings."""
    lines = _lines(fund, year).subquery()
    chosen = select(lines).order_by(lines.c.id.desc()).limit(ROWS + 1)
    if before is not None:
        chosen = chosen.where(lines.c.id < before)
    found = [_line(row) for row in (await session.execute(chosen)).mappings()]
    return Page(found[:ROWS], found[ROWS - 1].id if len(found) > ROWS else None)


async def every_line(session: AsyncSession, fund: str, year: int) -> AsyncIterator[Line]:
    """All bookings of the year as they were made, a few at a time in memory."""
    lines = _lines(fund, year).subquery()
    async for row in (await session.stream(select(lines).order_by(lines.c.id))).mappings():
        yield _line(row)


def _lines(fund: str, year: int) -> Select[Any]:
    """Bookings with their entries side by side and running balances."""
    sides = {
        account: func.coalesce(
            func.sum(case((LedgerEntry.account == account, LedgerEntry.cents), else_=0)), 0
        ).label(account)
        for account in Account
    }
    moved = (
        select(LedgerBooking.id, *sides.values())
        .join(LedgerEntry, LedgerEntry.booking_id == LedgerBooking.id)
        .where(LedgerBooking.fund == fund, LedgerBooking.year == year)
        .group_by(LedgerBooking.id)
        .subquery()
    )
    running = [
        func.sum(moved.c[account]).over(order_by=moved.c.id).label(f"{account}_after")
        for account in (Account.AVAILABLE, Account.RESERVED)
    ]
    columns = (LedgerBooking.at, LedgerBooking.kind, LedgerBooking.actor)
    about = (Application.number, LedgerBooking.application_id)
    return (
        select(*moved.c, *columns, *about, *running)
        .join(LedgerBooking, LedgerBooking.id == moved.c.id)
        .outerjoin(Application, Application.id == LedgerBooking.application_id)
    )


def _line(found: RowMapping) -> Line:
    return Line(
        id=found["id"],
        at=found["at"],
        kind=found["kind"],
        actor=found["actor"],
        number=found["number"],
        application_id=found["application_id"],
        moved={account: int(found[account]) for account in Account if found[account]},
        available=int(found["available_after"]),
        reserved=int(found["reserved_after"]),
    )


@dataclass(frozen=True)
class Granted:
    """A grant with what everybody may read of its application."""

    grant: Grant
    number: str
    public_title: str
    field_of_action: str
    status: Status


async def granted(
    session: AsyncSession, funds: Collection[str], year: int, *, ended: bool = False
) -> list[Granted]:
    """Grants of these funds' year, newest first; with those that came to nothing if asked for."""
    chosen = (
        select(
            Grant,
            Application.number,
            Application.public_title,
            Application.field_of_action,
            Application.status,
        )
        .join(Application, Application.id == Grant.application_id)
        .where(Grant.fund.in_(funds), Grant.year == year)
        .order_by(Grant.decided_at.desc(), Application.number.desc())
    )
    if not ended:
        chosen = chosen.where(Grant.ended_at.is_(None))
    rows = await session.execute(chosen)
    return [
        Granted(grant, number or "", title, field or "", status)
        for grant, number, title, field, status in rows
    ]


async def asked_for(
    session: AsyncSession, funds: Collection[str], year: int
) -> dict[tuple[str, str], int]:
    """(fund, field of action) → cents asked for: each application counts in one year, its grant's
    or, without one, that of its arrival; withdrawn ones do not count."""
    begins, ends = (datetime.combine(date(y, 1, 1), time(), BERLIN) for y in (year, year + 1))
    arrived = and_(
        Grant.year.is_(None),
        Application.submitted_at >= begins.astimezone(UTC),
        Application.submitted_at < ends.astimezone(UTC),
    )
    chosen = (
        select(Application.fund, Application.field_of_action, func.sum(Application.asked_cents))
        .outerjoin(Grant, Grant.application_id == Application.id)
        .where(Application.fund.in_(funds), Application.number.is_not(None))
        .where(Application.status != Status.WITHDRAWN, or_(Grant.year == year, arrived))
        .group_by(Application.fund, Application.field_of_action)
    )
    rows = await session.execute(chosen)
    return {(fund, field or ""): int(cents or 0) for fund, field, cents in rows}
