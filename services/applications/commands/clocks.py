"""Dates that act by themselves: one running per application, with one reminder before."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.domain import Application, Rules
from services.applications.store import Timer
from shared.events.applications import Matter
from shared.timers import cancel_timer, set_timer

RUNS_OUT: Final = "runs_out"
REMINDER: Final = "reminder"
ONE_SECOND: Final = timedelta(seconds=1)


async def set_clock(
    session: AsyncSession,
    application: Application,
    matter: Matter,
    due_at: datetime,
    *,
    rules: Rules,
    at: datetime,
) -> None:
    """From now on this date counts, and no other; it runs out once its last second is over."""
    application.due_at = due_at
    subject, told = str(application.id), {"matter": matter.value, "due_at": due_at.isoformat()}
    after = due_at + ONE_SECOND
    await set_timer(session, Timer, kind=RUNS_OUT, subject=subject, due_at=after, payload=told)
    before = due_at - timedelta(days=rules.remind_days)
    if rules.remind_days and before > at:
        await set_timer(session, Timer, kind=REMINDER, subject=subject, due_at=before, payload=told)
    else:
        await cancel_timer(session, Timer, kind=REMINDER, subject=subject)


async def stop_clocks(session: AsyncSession, application: Application) -> None:
    """Nothing runs out any more."""
    application.due_at = None
    for kind in (RUNS_OUT, REMINDER):
        await cancel_timer(session, Timer, kind=kind, subject=str(application.id))
