"""Forgetting a person: what they wrote goes, what the books need stays."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.commands.files import drop_files
from services.applications.domain import (
    Application,
    Change,
    CheckMark,
    Colleague,
    Correction,
    Held,
    Statement,
    Status,
)
from services.applications.store import Link, Timer, note, record
from shared.events.people import PersonErased, PersonErasedByApplications
from shared.store import scrub_after
from shared.timers import cancel_timer

HOLDING = (
    "applications",
    "attachments",
    "changes",
    "check_marks",
    "colleagues",
    "corrections",
    "held",
    "statements",
)
"""Tables whose deleted rows held something readable."""


async def erase_person(
    session: AsyncSession,
    *,
    person_id: UUID,
    person_ids: Sequence[UUID],
    actor: str,
    at: datetime,
) -> PersonErased:
    """Forget somebody whose keys are already gone, and tell the other services."""
    await forget_people(session, person_ids, at=at)
    event = PersonErasedByApplications(at=at, person_id=person_id, person_ids=list(person_ids))
    record(session, event)
    note(session, at=at, actor=actor, action="person.erase", subject=str(person_id))
    return event


async def forget_people(session: AsyncSession, person_ids: Sequence[UUID], *, at: datetime) -> None:
    """Blank every application of these people and delete their drafts and files; again is harmless."""
    for application in await _applications_of(session, person_ids):
        await drop_files(session, application.id, at=at)
        if application.status == Status.DRAFT:
            await delete_draft(session, application)
        else:
            application.forget(at=at)
    await _forget_cases(session, person_ids)
    await session.execute(delete(Colleague).where(Colleague.person_id.in_(person_ids)))
    subjects = [str(person_id) for person_id in person_ids]
    await session.execute(delete(Link).where(Link.subject.in_(subjects)))
    scrub_after(session, *HOLDING)


async def _forget_cases(session: AsyncSession, person_ids: Sequence[UUID]) -> None:
    """Words about them, by them and to them; which lines were marked and what was decided stays."""
    theirs = select(Application.id).where(Application.person_id.in_(person_ids))
    await session.execute(delete(Change).where(Change.application_id.in_(theirs)))
    await session.execute(delete(Held).where(Held.application_id.in_(theirs)))
    for table, columns in (
        (Correction, ("note",)),
        (CheckMark, ("note",)),
        (Statement, ("question", "text")),
    ):
        blank = update(table).where(table.application_id.in_(theirs))
        await session.execute(blank.values(dict.fromkeys(columns, "")))
    asked = update(Statement).where(Statement.person_id.in_(person_ids))
    await session.execute(asked.values(contact_name="", contact_email=""))


async def delete_draft(session: AsyncSession, draft: Application) -> None:
    """Nobody handed it in: nothing of it is kept."""
    await cancel_timer(session, Timer, kind="draft_untouched", subject=str(draft.id))
    await session.delete(draft)


async def _applications_of(
    session: AsyncSession, person_ids: Sequence[UUID]
) -> Sequence[Application]:
    """By id, and by address for drafts that no letter ever went out for."""
    hashes = select(Application.email_hash).where(
        Application.person_id.in_(person_ids), Application.email_hash.is_not(None)
    )
    same = or_(Application.person_id.in_(person_ids), Application.email_hash.in_(hashes))
    return (await session.scalars(select(Application).where(same).with_for_update())).all()
