"""What happens by itself when its time has come."""

from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.commands import dropping, printing, subscriptions
from services.notifications.issues import commands as issues
from shared.service import Service
from shared.store import TimerRow


async def drop_unconfirmed(timer: TimerRow, session: AsyncSession, service: Service) -> None:
    """An address nobody confirmed is not kept."""
    await dropping.drop_unconfirmed(session, service, UUID(timer.subject), at=service.clock.now())


async def drop_proof(timer: TimerRow, session: AsyncSession, service: Service) -> None:
    """Nor is the proof of a consent that ended years ago."""
    await dropping.drop_proof(session, service, UUID(timer.subject), at=service.clock.now())


async def drop_traces(timer: TimerRow, session: AsyncSession, service: Service) -> None:
    """Nor what deleted rows left in the files."""
    await dropping.drop_traces(session, service)


async def start_issue(timer: TimerRow, session: AsyncSession, service: Service) -> None:
    """What was scheduled goes out, or comes back to the desk with the reason."""
    await issues.start_scheduled(session, service, UUID(timer.subject), at=service.clock.now())


async def drop_printed(timer: TimerRow, session: AsyncSession, service: Service) -> None:
    """A file of letters is for the printer, not to be kept."""
    await printing.drop_file(session, UUID(timer.subject))


TIMERS: Final = {
    subscriptions.UNCONFIRMED: drop_unconfirmed,
    subscriptions.PROOF_OVER: drop_proof,
    dropping.TRACES_OVER: drop_traces,
    printing.FILE_OVER: drop_printed,
    issues.START: start_issue,
}
