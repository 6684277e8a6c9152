"""The applications worker: tells our events, answers those of the others, and tidies up in time."""

import asyncio
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.applications import uploads
from services.applications.commands.drafts import drop_untouched
from services.applications.domain import Application, Attachment
from services.applications.handlers import ANSWERS
from services.applications.store import TABLES, Link
from shared.due import TimerHandlers
from shared.rows import TimerRow
from shared.service import Service
from shared.web.links import forget_old
from shared.worker import main

SWEEP_EVERY: Final = timedelta(days=1)


async def drop_draft(row: TimerRow, session: AsyncSession, service: Service) -> None:
    """Nobody touched the draft for as long as the rules allow."""
    chosen = select(Application).where(Application.id == UUID(row.subject))
    draft = await session.scalar(chosen.with_for_update())
    if draft is not None:
        await drop_untouched(session, draft, at=service.clock.now())


async def delete_file(row: TimerRow, session: AsyncSession, service: Service) -> None:
    """The file's row went with a committed change: now its bytes go."""
    uploads.remove(service.settings.files_dir, row.subject)


async def sweep(service: Service) -> None:
    """Bytes no row knows, left by a crash while uploading, and links nobody can use any more."""
    before = service.clock.now() - SWEEP_EVERY
    async with service.db.begin() as session:
        await forget_old(session, Link, before=before)
        known = set(await session.scalars(select(Attachment.stored_as)))
    uploads.remove_unknown(service.settings.files_dir, known=known, before=before)


TIMERS: Final[TimerHandlers] = {"draft_untouched": drop_draft, "delete_file": delete_file}


async def sweep_daily(service: Service) -> None:
    """Once at the start, then every day."""
    while True:
        await sweep(service)
        await asyncio.sleep(SWEEP_EVERY.total_seconds())


if __name__ == "__main__":
    main("applications", TABLES, answers=ANSWERS, timers=TIMERS, loops=[sweep_daily])
