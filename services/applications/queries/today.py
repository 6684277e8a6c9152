"""What the office sees first: what is due when, what others owe, and where money is short."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.domain import BudgetYear, Grant, Rules, year_of
from services.applications.queries.board import Filter, Row, rows
from services.applications.queries.turn import Tab
from shared.days import end_of_day, local_day

MOST: Final = 50
MOST_OF_OTHERS: Final = 10


@dataclass(frozen=True, kw_only=True)
class Due:
    """The office's own rows by when they are due; `held` are decided and not told yet."""

    held: list[Row]
    overdue: list[Row]
    today: list[Row]
    week: list[Row]
    later: list[Row]


@dataclass(frozen=True, kw_only=True)
class Money:
    """One fund's year: what is left and promised, and what waits for the council."""

    fund: str
    year: int
    budget_cents: int
    left_cents: int
    promised_cents: int
    gap_cents: int
    waiting: int
    low: bool


async def due(session: AsyncSession, at: datetime) -> Due:
    """What is to be done, by date; the week ends on Sunday."""
    todo = await rows(session, Filter(), limit=MOST)
    held = await rows(session, Filter(held=True), limit=MOST)
    groups: dict[str, list[Row]] = {"overdue": [], "today": [], "week": [], "later": []}
    for row in todo:
        if row.held_until is None:
            groups[_when(row.due_at, at)].append(row)
    return Due(held=held, **groups)


async def others(session: AsyncSession) -> list[Row]:
    """Whom we wait for, the first date first."""
    return await rows(session, Filter(tab=Tab.OTHERS), limit=MOST_OF_OTHERS)


async def money(session: AsyncSession, at: datetime, funds: dict[str, Rules]) -> Sequence[Money]:
    """This year of every fund, and other years something waits in: two queries."""
    waiting = (
        select(Grant.fund, Grant.year, func.count())
        .where(Grant.waits_for_release, Grant.ended_at.is_(None))
        .group_by(Grant.fund, Grant.year)
    )
    counted = {(fund, year): count for fund, year, count in await session.execute(waiting)}
    years = await session.scalars(select(BudgetYear).order_by(BudgetYear.fund, BudgetYear.year))
    now = year_of(at)
    found = [_money(one, counted.get((one.fund, one.year), 0), funds, now) for one in years]
    return [one for one in found if one.year == now or one.waiting]


def _money(one: BudgetYear, waiting: int, funds: dict[str, Rules], now: int) -> Money:
    low = funds[one.fund].low_cents if one.fund in funds else 0
    return Money(
        fund=one.fund,
        year=one.year,
        budget_cents=one.budget_cents,
        left_cents=one.available_cents,
        promised_cents=one.reserved_cents,
        gap_cents=one.gap_cents,
        waiting=waiting,
        low=one.year == now and one.available_cents < low,
    )


def _when(due_at: datetime | None, at: datetime) -> str:
    if due_at is None:
        return "later"
    if due_at < at:
        return "overdue"
    today = local_day(at)
    if due_at <= end_of_day(today):
        return "today"
    sunday = today + timedelta(days=6 - today.weekday())
    return "week" if due_at <= end_of_day(sunday) else "later"
