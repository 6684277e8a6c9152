"""The applications worker: tells our events, answers those of the others, and tidies up in time."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.applications import uploads
from services.applications.commands.drafts import drop_untouched
from services.applications.commands.erase import HOLDING
from services.applications.domain import Application, Attachment
from services.applications.handlers import ANSWERS
from services.applications.store import TABLES, Link
from shared.due import TimerHandlers
from shared.loops import rest
from shared.rows import TimerRow
from shared.service import Service
from shared.store import scrub_after
from shared.web.links import forget_old
from shared.worker import Worker, main

TIDY_EVERY: Final = timedelta(hours=1)
KEPT_FOR: Final = timedelta(days=1)


async def drop_draft(row: TimerRow, session: AsyncSession, service: Service) -> None:
    """Nobody touched the draft for as long as the rules allow."""
    chosen = select(Application).where(Application.id == UUID(row.subject))
    draft = await session.scalar(chosen.with_for_update())
    if draft is not None:
        await drop_untouched(session, draft, at=service.clock.now())


async def delete_file(row: TimerRow, session: AsyncSession, service: Service) -> None:
    """The file's row went with a committed change: now its bytes go."""
    uploads.remove(service.settings.files_dir, row.subject)


async def tidy(service: Service) -> None:
    """Drop bytes a crash left while uploading, old links, and what erased people left in the files."""
    before = service.clock.now() - KEPT_FOR
    async with service.db.begin() as session:
        await forget_old(session, Link, before=before)
        known = set(await session.scalars(select(Attachment.stored_as)))
        erased = select(Application.id).where(Application.erased_at >= before).limit(1)
        if await session.scalar(erased):
            scrub_after(session, *HOLDING)
    uploads.remove_unknown(service.settings.files_dir, known=known, before=before)


TIMERS: Final[TimerHandlers] = {"draft_untouched": drop_draft, "delete_file": delete_file}


async def tidy_hourly(service: Service) -> None:
    """Once at the start, then every hour."""
    while True:
        await tidy(service)
        await rest(TIDY_EVERY.total_seconds())


def create_worker(service: Service) -> Worker:
    """The worker over an opened service, for a process that holds several."""
    return Worker(service, TABLES, ANSWERS, TIMERS, [tidy_hourly])


if __name__ == "__main__":
    main("applications", TABLES, answers=ANSWERS, timers=TIMERS, loops=[tidy_hourly])
