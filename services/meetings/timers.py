"""What falls due in meetings: one table, one function a kind of timer."""

from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.commands import minutes
from services.meetings.commands.circular import remind, term_over
from services.meetings.commands.circular_ends import EVE, HALF, TERM
from services.meetings.commands.occasion_clocks import OCCASION_TIMERS
from services.meetings.commands.tasks import DUE, fall_due
from shared.due import TimerHandlers
from shared.rows import TimerRow
from shared.service import Service


async def remind_of_circular(row: TimerRow, session: AsyncSession, service: Service) -> None:
    """Half of the term is over, or all but a day: whoever has not answered is asked again."""
    await remind(session, service, UUID(row.subject), at=service.clock.now())


async def end_circular_term(row: TimerRow, session: AsyncSession, service: Service) -> None:
    """The last day to answer is past."""
    await term_over(session, UUID(row.subject), at=service.clock.now())


async def task_falls_due(row: TimerRow, session: AsyncSession, service: Service) -> None:
    """A task is due soon, today, or late."""
    await fall_due(session, service, UUID(row.subject), at=service.clock.now())


async def end_minutes_term(row: TimerRow, session: AsyncSession, service: Service) -> None:
    """The days to object to the minutes are over."""
    await minutes.term_over(session, UUID(row.subject), at=service.clock.now())


TIMERS: Final[TimerHandlers] = {
    minutes.TERM: end_minutes_term,
    HALF: remind_of_circular,
    EVE: remind_of_circular,
    TERM: end_circular_term,
    DUE: task_falls_due,
    **OCCASION_TIMERS,
}
