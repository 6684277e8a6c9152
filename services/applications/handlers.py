"""The events we answer: the board's dates, agendas and votes, and people erased anywhere."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.commands.decide import vote_closed
from services.applications.commands.erase import forget_people
from services.applications.commands.money import locked_application
from services.applications.commands.place import follow, following_place, place_again
from services.applications.domain import IllegalMove, SessionDate, Status
from services.applications.store import record
from shared.events.applications import DeferredBecause, PlacedBecause
from shared.events.meetings import (
    AgendaItemPlaced,
    AgendaItemRemoved,
    SessionCancelled,
    SessionPostponed,
    SessionScheduled,
    VoteClosed,
)
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
        await follow(session, date)
    moved = isinstance(event, SessionPostponed)
    because = PlacedBecause.SESSION_POSTPONED if moved else PlacedBecause.SESSION_PLANNED
    await place_again(session, because, at=service.clock.now())


async def drop_date(event: SessionCancelled, session: AsyncSession, service: Service) -> None:
    """Nobody meets: what was meant for that day goes to the next one."""
    date = await _date_of(event, session)
    if date.told_version < event.subject_version:
        date.cancelled, date.told_version = True, event.subject_version
    await place_again(session, PlacedBecause.SESSION_CANCELLED, at=service.clock.now())


async def put_on_agenda(event: AgendaItemPlaced, session: AsyncSession, service: Service) -> None:
    """The application waits for its vote; one that is decided or gone stays what it is.

    On two agendas at once it cannot be: the word that it left the other one is still to come.
    """
    application = await locked_application(session, event.application_id)
    elsewhere = application.status is Status.SCHEDULED and application.item_id != event.item_id
    if elsewhere or application.status in (Status.SUBMITTED, Status.CORRECTION_REQUESTED):
        raise IllegalMove(application.status, Status.SCHEDULED)
    if application.may(Status.SCHEDULED):
        application.schedule(event.item_id, event.session_id, starts_at=event.starts_at)


async def take_off_agenda(
    event: AgendaItemRemoved, session: AsyncSession, service: Service
) -> None:
    """Off this agenda, if it still is the one it stands on: it waits for the following session."""
    application = await locked_application(session, event.application_id)
    if application.status is not Status.SCHEDULED or application.item_id != event.item_id:
        return
    following = await following_place(session, application, at=service.clock.now())
    off = DeferredBecause.TAKEN_OFF
    record(session, application.defer(off, following=following, at=service.clock.now()))


async def answer_vote(event: VoteClosed, session: AsyncSession, service: Service) -> None:
    """The board has decided: reserve, reject or defer, once a vote."""
    if event.application_id is not None:
        await vote_closed(session, event)


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
    AgendaItemPlaced: put_on_agenda,
    AgendaItemRemoved: take_off_agenda,
    VoteClosed: answer_vote,
    PersonErasedByMeetings: forget_person,
}
NOTIFICATIONS: Handlers = {PersonErasedByNotifications: forget_person}

ANSWERS = {"meetings": MEETINGS, "notifications": NOTIFICATIONS}
