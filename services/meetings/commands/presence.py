"""Who comes and who goes, with the hour; the office may correct an hour it got wrong."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.meetings.commands import rights
from services.meetings.commands.once import Order, earlier, trail
from services.meetings.commands.rooms import entered_room, locked_session, open_room
from services.meetings.domain.attendance import Attendance, Coming, Reply
from services.meetings.domain.member import Member
from services.meetings.domain.room import ImpossibleTime, NotOpen, NotThere, Room
from services.meetings.domain.session import Session, Status
from shared.store import insert

EARLY: Final = timedelta(hours=2)
"""Nobody is in the room longer than this before the session is opened."""


async def arrive(
    session: AsyncSession,
    session_id: UUID,
    member_id: UUID,
    order: Order,
    *,
    at: datetime | None = None,
) -> None:
    """The member is there from now on; who is there already stays so, `at` corrects since when."""
    content = {"session": session_id, "member": member_id, "at": at}
    if await earlier(session, order, name="room.arrive", content=content, subject=session_id):
        return
    meeting = await entered_room(session, session_id, at=order.at)
    stays = await _stays(session, session_id, member_id)
    last = stays[-1] if stays else None
    if last is not None and last.departed_at is None:
        if at is not None and at != last.arrived_at:
            _set(meeting, stays, last, arrived_at=at, departed_at=None, now=order.at)
            trail(session, "room.correct", session_id, order)
        return
    member = await session.get_one(Member, member_id, with_for_update=True)
    stay = Attendance(id=uuid7(), session_id=session_id, member_id=member_id)
    _set(meeting, [*stays, stay], stay, arrived_at=at or order.at, departed_at=None, now=order.at)
    session.add(stay)
    await session.flush()
    await rights.arrived(session, member, meeting, at=order.at)
    trail(session, "room.arrive", session_id, order)


async def depart(
    session: AsyncSession,
    session_id: UUID,
    member_id: UUID,
    order: Order,
    *,
    at: datetime | None = None,
) -> None:
    """The member is gone; who went already stays gone, `at` corrects since when."""
    content = {"session": session_id, "member": member_id, "at": at}
    if await earlier(session, order, name="room.depart", content=content, subject=session_id):
        return
    meeting = await entered_room(session, session_id, at=order.at)
    stays = await _stays(session, session_id, member_id)
    if not stays:
        raise NotThere
    last = stays[-1]
    if last.departed_at is not None and at in (None, last.departed_at):
        return
    gone = at or order.at
    _set(meeting, stays, last, arrived_at=last.arrived_at, departed_at=gone, now=order.at)
    trail(session, "room.depart", session_id, order)


async def correct(
    session: AsyncSession,
    session_id: UUID,
    attendance_id: UUID,
    order: Order,
    *,
    arrived_at: datetime,
    departed_at: datetime | None,
) -> None:
    """Write other hours; votes that were opened meanwhile keep the list they had."""
    meeting = await locked_session(session, session_id)
    if meeting.status not in (Status.INVITED, Status.OPEN, Status.CLOSED):
        raise NotOpen
    if meeting.status is Status.CLOSED and departed_at is None:
        raise ImpossibleTime
    stay = await session.get_one(Attendance, attendance_id, populate_existing=True)
    if stay.session_id != session_id:
        raise NotThere
    stays = await _stays(session, session_id, stay.member_id)
    if departed_at is None and stay is not stays[-1]:
        raise ImpossibleTime
    _set(meeting, stays, stay, arrived_at=arrived_at, departed_at=departed_at, now=order.at)
    trail(session, "room.correct", session_id, order)


async def count_guests(
    session: AsyncSession, session_id: UUID, order: Order, *, guests: int
) -> None:
    """How many people without a vote are there whom nobody knows by name; the newest count holds."""
    await open_room(session, session_id)
    room = await session.get_one(Room, session_id)
    if room.guests != guests:
        room.guests = guests
        trail(session, "room.guests", session_id, order, guests=guests)


async def excuse(session: AsyncSession, session_id: UUID, member_id: UUID, order: Order) -> None:
    """They sent word that they do not come, after the invitation was answered or never."""
    await entered_room(session, session_id, at=order.at)
    await session.get_one(Member, member_id)
    said = {"coming": Coming.NO, "replied_at": order.at}
    row = insert(session, Reply).values(session_id=session_id, member_id=member_id, **said)
    changed = await session.scalar(
        row.on_conflict_do_update(
            index_elements=["session_id", "member_id"],
            set_=said,
            where=Reply.coming != Coming.NO,
        ).returning(Reply.member_id)
    )
    if changed is not None:
        trail(session, "room.excuse", session_id, order)


async def everybody_goes(session: AsyncSession, session_id: UUID, *, at: datetime) -> None:
    """Who is still there goes with the end of the session."""
    there = Attendance.session_id == session_id, Attendance.departed_at.is_(None)
    await session.execute(update(Attendance).where(*there).values(departed_at=at))


async def _stays(session: AsyncSession, session_id: UUID, member_id: UUID) -> Sequence[Attendance]:
    theirs = Attendance.session_id == session_id, Attendance.member_id == member_id
    found = select(Attendance).where(*theirs).order_by(Attendance.arrived_at, Attendance.id)
    return (await session.scalars(found.execution_options(populate_existing=True))).all()


def _set(
    meeting: Session,
    stays: Sequence[Attendance],
    stay: Attendance,
    *,
    arrived_at: datetime,
    departed_at: datetime | None,
    now: datetime,
) -> None:
    """Write these hours; raises `ImpossibleTime` where they cannot be."""
    begins = (meeting.opened_at or now) - EARLY
    ends = min(now, meeting.closed_at or now)
    until = departed_at or ends
    if not begins <= arrived_at <= until <= ends:
        raise ImpossibleTime
    for other in stays:
        before = other.departed_at is not None and other.departed_at <= arrived_at
        if other is not stay and not before and other.arrived_at < until:
            raise ImpossibleTime
    stay.arrived_at, stay.departed_at = arrived_at, departed_at
