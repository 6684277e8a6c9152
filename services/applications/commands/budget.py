"""A fund's years: given money, released by the council."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.commands.grants import settle_release
from services.applications.commands.money import Slip, book, tell_if_low, year_to_set
from services.applications.domain import BudgetYear, Rules
from services.applications.domain.ledger import Booking
from services.applications.store import note, record
from shared.events.applications import BudgetReleased, BudgetSet
from shared.once import Order, unchanged


async def set_budget(
    session: AsyncSession, fund: str, year: int, cents: int, order: Order, *, rules: Rules
) -> BudgetYear:
    """Give the year this much altogether; raises BudgetTooSmall below what is promised."""
    found = await year_to_set(session, fund, year)
    unchanged("budget", order, now=found.version)
    moved = found.allot(cents)
    if any(moved.values()):
        slip = Slip(
            kind=Booking.ALLOTMENT, key=f"allot:{order.command_id}", actor=order.by, at=order.at
        )
        await book(session, found, moved, slip)
    record(session, BudgetSet(at=order.at, **_told(found)))
    _note(session, found, "budget.set", order, cents=cents)
    await settle_release(session, found, at=order.at)
    tell_if_low(session, found, rules, at=order.at)
    return found


async def release(
    session: AsyncSession, fund: str, year: int, cents: int, order: Order
) -> tuple[BudgetYear, int]:
    """The council frees this much; all waiting grants take effect if it is enough, else none does.

    Returns the year and how many took effect; `gap_cents` of the year says what is lacking.
    """
    found = await year_to_set(session, fund, year)
    unchanged("budget", order, now=found.version)
    found.release(cents)
    record(session, BudgetReleased(at=order.at, **_told(found), gap_cents=found.gap_cents))
    _note(session, found, "budget.release", order, cents=cents)
    return found, await settle_release(session, found, at=order.at)


def _told(year: BudgetYear) -> dict[str, object]:
    return {
        "budget_id": year.budget_id,
        "budget": year.as_told(),
        "subject_version": year.version + 1,
    }


def _note(
    session: AsyncSession, year: BudgetYear, action: str, order: Order, *, cents: int
) -> None:
    note(session, at=order.at, actor=order.by, action=action, subject=year.budget_id, cents=cents)
