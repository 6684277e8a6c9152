"""What the applicant does while something is missing: keeps it as typed, then sends the whole."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.applications.commands.clocks import ONE_SECOND
from services.applications.commands.drafts import storable
from services.applications.commands.entry import rewrite
from services.applications.commands.formal import correction_done, open_correction
from services.applications.domain import Application, Change, Correction, files_of
from services.applications.domain.answers import Answers
from shared.sealed import Seals


class TooLate(Exception):
    """The date by which it had to come is over."""


def in_time(correction: Correction, *, at: datetime) -> bool:
    """The date's last second still counts, all of it."""
    return at < correction.due_at + ONE_SECOND


async def keep_typed(
    session: AsyncSession, application: Application, typed: Mapping[str, Any], *, at: datetime
) -> None:
    """Keep these fields as typed, right or wrong; for everybody else nothing has changed yet."""
    kept = application.typed | {name: storable(value) for name, value in typed.items()}
    unnoticed = update(Application).where(Application.id == application.id)
    await session.execute(unnoticed.values(typed=kept, touched_at=at))


async def complete(
    session: AsyncSession, application: Application, answers: Answers, *, seals: Seals, at: datetime
) -> list[str]:
    """Hand in what was missing; the changed fields, kept before and after. Raises TooLate.

    The date of arrival, and so the place in the queue, is kept.
    """
    correction = await open_correction(session, application)
    if not in_time(correction, at=at):
        raise TooLate
    fields = await rewrite(session, application, answers, actor="applicant", seals=seals, at=at)
    if added := await _files_since(session, application, correction):
        session.add(_files_change(application, added, at=at))
        fields.append("files")
    application.typed = {}
    await correction_done(session, application, actor="applicant", at=at)
    return fields


async def _files_since(
    session: AsyncSession, application: Application, correction: Correction
) -> list[str]:
    files = await files_of(session, application.id)
    return [file.name for file in files if file.added_at >= correction.requested_at]


def _files_change(application: Application, names: list[str], *, at: datetime) -> Change:
    return Change(
        id=uuid7(),
        application_id=application.id,
        at=at,
        actor="applicant",
        field="files",
        before="",
        after="\n".join(names),
    )
