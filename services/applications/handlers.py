"""The events we answer: the board's dates from meetings, and people erased anywhere."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.commands.erase import forget_people
from services.applications.commands.place import place_again
from services.applications.domain import SessionDate
from shared.events.meetings import SessionCancelled, SessionPostponed, SessionScheduled
from shared.events.people import (
    PersonErased,
    PersonErasedByMeetings,
    PersonErasedByNotifications,
)
from shared.service import Service
from shared.streams import Handlers


async def keep_date(
    event: SessionScheduled | SessionPostponed, session: AsyncSession, service: Service
) -> None:
    """The date and deadline that hold now; applications without a session may have one now."""
    date = await _date_of(event, session)
    if date.told_version < event.subject_version:
        date.board, date.place = event.board, event.place
        date.starts_at, date.submission_deadline = event.starts_at, event.submission_deadline
        date.cancelled, date.told_version = False, event.subject_version
    await place_again(session, at=service.clock.now())


async def drop_date(event: SessionCancelled, session: AsyncSession, service: Service) -> None:
    """Nobody meets: what was meant for that day goes to the next one."""
    date = await _date_of(event, session)
    if date.told_version < event.subject_version:
        date.cancelled, date.told_version = True, event.subject_version
    await place_again(session, at=service.clock.now())


async def forget_person(event: PersonErased, session: AsyncSession, service: Service) -> None:
    """Another service was asked to erase somebody: what we know in plain text goes too."""
    await forget_people(session, event.person_ids, at=service.clock.now())


async def _date_of(
    event: SessionScheduled | SessionPostponed | SessionCancelled, session: AsyncSession
) -> SessionDate:
    found = await session.scalar(
        select(SessionDate).where(SessionDate.session_id == event.session_id).with_for_update()
    )
    if found is None:
        found = SessionDate(
            session_id=event.session_id,
            board=event.board,
            starts_at=event.starts_at,
            place="",
            submission_deadline=event.starts_at,
            cancelled=True,
            told_version=0,
        )
        session.add(found)
    return found


MEETINGS: Handlers = {
    SessionScheduled: keep_date,
    SessionPostponed: keep_date,
    SessionCancelled: drop_date,
    PersonErasedByMeetings: forget_person,
}
NOTIFICATIONS: Handlers = {PersonErasedByNotifications: forget_person}

ANSWERS = {"meetings": MEETINGS, "notifications": NOTIFICATIONS}
