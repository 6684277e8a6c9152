"""The applications worker: tells our events, answers those of the others, and tidies up in time."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.applications import uploads
from services.applications.commands.clocks import REMINDER, RUNS_OUT
from services.applications.commands.drafts import drop_untouched
from services.applications.commands.erase import HOLDING
from services.applications.commands.formal import correction_overdue
from services.applications.commands.grants import end
from services.applications.commands.held import HELD, NothingHeld, tell_now
from services.applications.commands.money import locked_application
from services.applications.commands.statements import REMINDER as STATEMENT_REMINDER
from services.applications.commands.statements import remind_department
from services.applications.domain import Application, Attachment, Statement, Status
from services.applications.handlers import ANSWERS
from services.applications.store import TABLES, Link, record
from shared.due import TimerHandlers
from shared.events.applications import DeadlineApproaches, Matter
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


async def run_out(row: TimerRow, session: AsyncSession, service: Service) -> None:
    """A date passed: what was asked for did not come, was not accepted, or not met."""
    at, application_id = service.clock.now(), UUID(row.subject)
    matter = Matter(row.payload["matter"])
    if matter is Matter.CORRECTION:
        application = await locked_application(session, application_id)
        if application.status is Status.CORRECTION_REQUESTED:
            await correction_overdue(session, application, at=at)
        return
    application = await session.get_one(Application, application_id)
    if application.status is Status.GRANTED:
        await end(session, application_id, Status.LAPSED, actor="system", at=at, matter=matter)


async def remind(row: TimerRow, session: AsyncSession, service: Service) -> None:
    """The date is near, and nothing came yet."""
    application = await locked_application(session, UUID(row.subject))
    due_at = datetime.fromisoformat(row.payload["due_at"])
    if application.due_at == due_at:
        told = DeadlineApproaches(
            at=service.clock.now(),
            **application.told(),
            matter=Matter(row.payload["matter"]),
            due_at=due_at,
        )
        record(session, told)


async def remind_statement(row: TimerRow, session: AsyncSession, service: Service) -> None:
    """The department's date is near."""
    statement = await session.get(Statement, UUID(row.subject))
    if statement is None:
        return
    application = await locked_application(session, statement.application_id)
    url = str(row.payload["url"])
    await remind_department(
        session, statement, application, url=url, seals=service.seals, at=service.clock.now()
    )


async def tell_held(row: TimerRow, session: AsyncSession, service: Service) -> None:
    """The minutes for taking it back are over."""
    with suppress(NothingHeld):
        at = service.clock.now()
        await tell_now(session, UUID(row.subject), seals=service.seals, at=at)


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


TIMERS: Final[TimerHandlers] = {
    "draft_untouched": drop_draft,
    "delete_file": delete_file,
    RUNS_OUT: run_out,
    REMINDER: remind,
    STATEMENT_REMINDER: remind_statement,
    HELD: tell_held,
}


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
