"""What is left of each fund's year, as last told: pages show it, letters never reckon with it."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from services.notifications.store import Base
from shared.events.applications import Budget
from shared.events.base import Event
from shared.store import insert

UNNUMBERED: Final = 0
"""For an event that came without its teller's number: anything told later counts more."""


class FundYear(Base):
    """One fund's year after the newest word about it; `told` is that word's number."""

    __tablename__ = "fund_years"

    fund: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    budget_cents: Mapped[int]
    released_cents: Mapped[int]
    left_cents: Mapped[int]
    told: Mapped[int]


@dataclass(frozen=True)
class Left:
    """What all funds together have left of a year, in cents."""

    left_cents: int
    budget_cents: int


async def remember(session: AsyncSession, event: Event) -> None:
    """Keep the budget an event carries; an older word never overwrites a newer one."""
    budget = getattr(event, "budget", None)
    if not isinstance(budget, Budget):
        return
    told = event.sequence or UNNUMBERED
    new = insert(session, FundYear).values(**budget.model_dump(), told=told)
    facts = budget.model_dump(include={"budget_cents", "released_cents", "left_cents"})
    await session.execute(
        new.on_conflict_do_update(
            index_elements=["fund", "year"],
            set_={**facts, "told": told},
            where=FundYear.told <= told,
        )
    )


async def left_in(session: AsyncSession, year: int) -> Left | None:
    """What is left of the year; None as long as nobody told its budget."""
    sums = select(func.sum(FundYear.left_cents), func.sum(FundYear.budget_cents))
    left, budget = (await session.execute(sums.where(FundYear.year == year))).one()
    return Left(int(left), int(budget)) if budget else None
