"""Keeping what is left of each fund in mind, for the screen on which the board votes."""

from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.domain.budgets import KnownBudget
from shared.events.applications import Budget
from shared.events.base import Event
from shared.store import insert

UNNUMBERED: Final = 0
"""For an event without its teller's number: anything told later counts more."""


async def remember(session: AsyncSession, event: Event) -> None:
    """Keep the budget an event carries; an older word never overwrites a newer one."""
    budget = getattr(event, "budget", None)
    if not isinstance(budget, Budget):
        return
    told = event.sequence or UNNUMBERED
    facts = budget.model_dump(include={"budget_cents", "released_cents", "left_cents"})
    new = insert(session, KnownBudget).values(**budget.model_dump(), told=told)
    await session.execute(
        new.on_conflict_do_update(
            index_elements=["fund", "year"],
            set_={**facts, "told": told},
            where=KnownBudget.told <= told,
        )
    )
