"""What is left of the fund, beside the sum the board votes on."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.domain.budgets import KnownBudget
from services.meetings.domain.polls import Poll
from services.meetings.queries.agendas import AgendaLine


@dataclass(frozen=True, kw_only=True)
class Money:
    """Sums in cents; `left_cents` is None as long as nobody told this year's budget."""

    fund: str
    year: int
    asked_cents: int
    voted_cents: int
    """What the vote that is open is about, else what is asked for."""
    left_cents: int | None

    @property
    def covered(self) -> bool | None:
        """Whether a yes would find the money there; None where nobody knows."""
        return None if self.left_cents is None else self.voted_cents <= self.left_cents


@dataclass(frozen=True, kw_only=True)
class Budgets:
    """What is known of every fund's year."""

    year: int
    known: Sequence[KnownBudget]

    def of(self, fund: str) -> KnownBudget | None:
        """The fund's; of a case that does not say which, that of the only one there is."""
        if not fund and len(self.known) == 1:
            return self.known[0]
        return next((one for one in self.known if one.fund == fund), None)


async def budgets_of(session: AsyncSession, year: int) -> Budgets:
    """The budgets of a year, as told last."""
    found = await session.scalars(select(KnownBudget).where(KnownBudget.year == year))
    return Budgets(year=year, known=found.all())


def money_for(line: AgendaLine | None, budgets: Budgets, poll: Poll | None) -> Money | None:
    """The sums of this item; None where no money is asked for."""
    if line is None or line.case is None:
        return None
    known, asked = budgets.of(line.case.fund), line.case.asked_cents
    about_it = poll is not None and poll.item_id == line.item.id
    voted = poll.amount_cents if poll is not None and about_it else None
    return Money(
        fund=known.fund if known else line.case.fund,
        year=budgets.year,
        asked_cents=asked,
        voted_cents=asked if voted is None else voted,
        left_cents=known.left_cents if known else None,
    )
