"""Attachments of an application: added, taken away, and their bytes deleted after the commit."""

from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.applications import uploads
from services.applications.domain import Application, Attachment, Uploads, files_of
from services.applications.store import Timer
from shared.timers import set_timer


async def add_file(
    session: AsyncSession,
    draft: Application,
    file: uploads.Checked,
    *,
    rules: Uploads,
    folder: Path,
    at: datetime,
) -> Attachment:
    """Keep a checked file; the same bytes again are the same file. Raises TooMany."""
    present = await files_of(session, draft.id)
    for known in present:
        if known.sha256 == file.sha256:
            return known
    if len(present) >= rules.count:
        raise uploads.TooMany(file.name)
    attachment = Attachment(
        id=uuid7(),
        application_id=draft.id,
        name=file.name,
        stored_as=uploads.keep(folder, file.content),
        media_type=file.media_type,
        size=len(file.content),
        sha256=file.sha256,
        added_at=at,
    )
    session.add(attachment)
    return attachment


async def drop_files(
    session: AsyncSession, application_id: UUID, *, only: UUID | None = None, at: datetime
) -> None:
    """Forget files now; the worker deletes their bytes once this is committed."""
    for file in await files_of(session, application_id):
        if only in (None, file.id):
            await set_timer(session, Timer, kind="delete_file", subject=file.stored_as, due_at=at)
            await session.delete(file)
    await session.flush()
