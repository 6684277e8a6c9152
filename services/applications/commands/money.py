"""The books: every movement locks the year first, the application second, and books both sides.

Whoever needs a year's money takes its lock before any application's: two of them never wait for
each other, and nobody sees the balance between looking and reserving.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.applications.domain import Application, BudgetYear, LedgerBooking, LedgerEntry
from services.applications.domain.fund import Rules
from services.applications.domain.ledger import Account, Booking
from services.applications.store import record
from shared.events.applications import BudgetRunsLow
from shared.store import insert


class NoBudget(Exception):
    """The fund has no budget for this year yet."""

    def __init__(self, fund: str, year: int) -> None:
        super().__init__(f"{fund} {year}")
        self.fund, self.year = fund, year


async def locked_year(session: AsyncSession, fund: str, year: int) -> BudgetYear | None:
    """The year as it is now, and nobody else's until this transaction ends."""
    chosen = select(BudgetYear).where(BudgetYear.fund == fund, BudgetYear.year == year)
    locked = chosen.with_for_update().execution_options(populate_existing=True)
    return await session.scalar(locked)


async def year_to_set(session: AsyncSession, fund: str, year: int) -> BudgetYear:
    """The locked year, opened empty if it was not there; two at once get the same."""
    empty = BudgetYear.empty(fund, year)
    values = {column.key: getattr(empty, column.key) for column in BudgetYear.__table__.columns}
    new = insert(session, BudgetYear).values(values | {"version": 1})
    await session.execute(new.on_conflict_do_nothing())
    found = await locked_year(session, fund, year)
    assert found is not None
    return found


async def locked_application(session: AsyncSession, application_id: UUID) -> Application:
    """The application as it is now, and nobody else's until this transaction ends."""
    chosen = select(Application).where(Application.id == application_id)
    locked = chosen.with_for_update().execution_options(populate_existing=True)
    return (await session.execute(locked)).scalar_one()


async def fund_of(session: AsyncSession, application_id: UUID) -> str:
    """Read before anything is locked: an application never changes its fund."""
    chosen = select(Application.fund).where(Application.id == application_id)
    return (await session.execute(chosen)).scalar_one()


@dataclass(frozen=True, kw_only=True)
class Slip:
    """Why money moves, and by whom; the same `key` a second time is refused by the database."""

    kind: Booking
    key: str
    actor: str
    at: datetime
    application_id: UUID | None = None
    reverses: UUID | None = None


async def book(
    session: AsyncSession, year: BudgetYear, moved: Mapping[Account, int], slip: Slip
) -> None:
    """Write both sides down."""
    booking = LedgerBooking(id=uuid7(), fund=year.fund, year=year.year, **vars(slip))
    session.add(booking)
    await session.flush()
    session.add_all(
        LedgerEntry(booking_id=booking.id, account=account, cents=cents)
        for account, cents in moved.items()
        if cents
    )


async def reserve(
    session: AsyncSession,
    year: BudgetYear,
    application_id: UUID,
    cents: int,
    *,
    actor: str,
    at: datetime,
) -> None:
    """Set the sum aside; raises NotCovered, and leaves no trace, if less is left."""
    moved = year.reserve(cents)
    slip = Slip(
        kind=Booking.RESERVATION,
        key=f"reserve:{application_id}",
        application_id=application_id,
        actor=actor,
        at=at,
    )
    await book(session, year, moved, slip)


async def free(
    session: AsyncSession, year: BudgetYear, application_id: UUID, *, actor: str, at: datetime
) -> None:
    """Book the reservation back, whole."""
    chosen = (
        select(LedgerBooking.id, LedgerEntry.cents)
        .join(LedgerEntry, LedgerEntry.booking_id == LedgerBooking.id)
        .where(LedgerBooking.key == f"reserve:{application_id}")
        .where(LedgerEntry.account == Account.RESERVED)
    )
    reserved, cents = (await session.execute(chosen)).one()
    slip = Slip(
        kind=Booking.REVERSAL,
        key=f"free:{application_id}",
        application_id=application_id,
        reverses=reserved,
        actor=actor,
        at=at,
    )
    await book(session, year, year.free(cents), slip)


def tell_if_low(session: AsyncSession, year: BudgetYear, rules: Rules, *, at: datetime) -> None:
    """Once when little is left, and again only after there was more in between."""
    low = year.available_cents < rules.low_cents
    if low and not year.low_told:
        told = BudgetRunsLow(
            at=at, budget_id=year.budget_id, budget=year.as_told(), subject_version=year.version + 1
        )
        record(session, told)
    year.low_told = low
