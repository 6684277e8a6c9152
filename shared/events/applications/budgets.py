"""What a fund's year is given, and what is left of it."""

from typing import ClassVar

from shared.events.applications.words import Budget
from shared.events.base import Audience, Event


class BudgetEvent(Event, frozen=True):
    """What is told about one fund's year; `budget_id` is `<fund>-<year>`."""

    teller: ClassVar[str] = "applications"
    audience: ClassVar[Audience] = Audience.PUBLIC
    about: ClassVar[str] = "budget_id"

    budget_id: str
    budget: Budget


class BudgetSet(BudgetEvent, frozen=True):
    """The year's budget was set, or set anew."""

    type: ClassVar[str] = "stadtteilbote.budget.set.v1"


class BudgetReleased(BudgetEvent, frozen=True):
    """The council released this much; `gap_cents` is what waiting grants still lack."""

    type: ClassVar[str] = "stadtteilbote.budget.released.v1"

    gap_cents: int = 0


class BudgetRunsLow(BudgetEvent, frozen=True):
    """Less is left than the fund's rules call little; told once until there is more again."""

    type: ClassVar[str] = "stadtteilbote.budget.runs_low.v1"
