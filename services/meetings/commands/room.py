"""A session in its room: opened, gone through item by item, closed; two people may hold the screen."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.commands import rights
from services.meetings.commands.agenda import lock_agendas
from services.meetings.commands.leftovers import carry_over, leave_open_items
from services.meetings.commands.once import Order, earlier, trail
from services.meetings.commands.presence import (
    EARLY,
    arrive,
    correct,
    count_guests,
    depart,
    everybody_goes,
    excuse,
)
from services.meetings.commands.recusals import note_known, recuse, unrecuse
from services.meetings.commands.rooms import (
    check_no_poll,
    item_here,
    locked_session,
    open_room,
    refuse_unseen,
)
from services.meetings.domain.agenda import ItemClosed, ItemStatus, Outcome
from services.meetings.domain.attendance import Attendance
from services.meetings.domain.board import Rules
from services.meetings.domain.polls import Poll
from services.meetings.domain.room import AlreadyFinished, ImpossibleTime, ItemHours, Room
from services.meetings.domain.session import Session, Status
from services.meetings.queries.people import board_people, counted_for
from services.meetings.store import record
from shared.sealed import Seals

__all__ = [
    "arrive",
    "call_item",
    "close_session",
    "correct",
    "count_guests",
    "depart",
    "excuse",
    "finish_item",
    "open_session",
    "recuse",
    "unrecuse",
]


async def open_session(session: AsyncSession, session_id: UUID, order: Order, *, code: str) -> UUID:
    """The board meets, counted as it is there now; a second click opens nothing twice.

    `code` is what the wall shows (`codes.new_room_code()`).
    """
    await lock_agendas(session)
    meeting = await locked_session(session, session_id)
    if meeting.status is Status.OPEN:
        return session_id
    refuse_unseen(meeting, order)
    await _forget_other_days(session, session_id, since=order.at - EARLY)
    rules = Rules.model_validate(meeting.rules)
    people = await board_people(session, session_id)
    counted = counted_for(people, recused={}, rules=rules)
    opened = meeting.open(
        code=code,
        members=counted.members,
        present=counted.present,
        quorum=rules.quorum_of(counted.members),
        at=order.at,
    )
    session.add(
        Room(session_id=session_id, members=counted.members, present=counted.present, guests=0)
    )
    record(session, opened)
    trail(session, "room.open", session_id, order)
    return session_id


async def close_session(
    session: AsyncSession, session_id: UUID, order: Order, *, at: datetime | None = None
) -> UUID:
    """The meeting is over, at this hour: everybody goes, what was not decided is handed on."""
    await lock_agendas(session)
    meeting = await locked_session(session, session_id)
    if meeting.status is Status.CLOSED:
        return session_id
    refuse_unseen(meeting, order)
    await check_no_poll(session, session_id)
    ended = at or order.at
    last = await _last_hour(session, meeting)
    if ended > order.at or (last and ended < last):
        raise ImpossibleTime
    record(session, meeting.close(ended_at=ended, at=order.at))
    await everybody_goes(session, session_id, at=ended)
    await _end_items(session, session_id, at=ended)
    await leave_open_items(session, meeting, at=order.at)
    await session.flush()
    await rights.session_closed(session, meeting, at=order.at)
    trail(session, "room.close", session_id, order)
    return session_id


async def call_item(
    session: AsyncSession, seals: Seals, session_id: UUID, item_id: UUID, order: Order
) -> None:
    """The board comes to this item; who is known to be recused is noted the first time."""
    meeting = await open_room(session, session_id)
    if meeting.now_item_id == item_id:
        return
    refuse_unseen(meeting, order)
    await check_no_poll(session, session_id)
    item = await item_here(session, session_id, item_id)
    if item.status is not ItemStatus.OPEN:
        raise ItemClosed(item.status, ItemStatus.OPEN)
    await _leave_item(session, meeting.now_item_id, at=order.at)
    meeting.now_item_id = item_id
    hours = await session.get(ItemHours, item_id)
    if hours is None:
        session.add(ItemHours(item_id=item_id, session_id=session_id, called_at=order.at))
        await note_known(session, seals, item, at=order.at)
    else:
        hours.finished_at = None
    trail(session, "room.call_item", item_id, order)


async def finish_item(
    session: AsyncSession, session_id: UUID, item_id: UUID, order: Order, *, outcome: Outcome
) -> None:
    """An item ends without a decision: done, or (an application always) deferred to the next session."""
    content = {"item": item_id, "outcome": outcome}
    if await earlier(session, order, name="room.finish", content=content, subject=item_id):
        return
    await lock_agendas(session)
    meeting = await open_room(session, session_id)
    item = await item_here(session, session_id, item_id)
    if item.status is not ItemStatus.OPEN:
        if item.outcome is not outcome:
            raise AlreadyFinished
        return
    await check_no_poll(session, session_id, item_id=item_id)
    await carry_over(session, [item], outcome, at=order.at)
    await _leave_item(session, item_id, at=order.at)
    if meeting.now_item_id == item_id:
        meeting.now_item_id = None
    trail(session, "room.finish_item", item_id, order, outcome=outcome)


async def _leave_item(session: AsyncSession, item_id: UUID | None, *, at: datetime) -> None:
    hours = await session.get(ItemHours, item_id) if item_id else None
    if hours is not None and hours.finished_at is None:
        hours.finished_at = at


async def _end_items(session: AsyncSession, session_id: UUID, *, at: datetime) -> None:
    open_still = ItemHours.session_id == session_id, ItemHours.finished_at.is_(None)
    for hours in await session.scalars(select(ItemHours).where(*open_still)):
        hours.finished_at = max(at, hours.called_at)


async def _last_hour(session: AsyncSession, meeting: Session) -> datetime | None:
    """The newest hour that is written down: no session ends before it."""
    stays = select(Attendance).where(Attendance.session_id == meeting.id)
    hours = [meeting.opened_at]
    for stay in await session.scalars(stays):
        hours += [stay.arrived_at, stay.departed_at]
    for item in await session.scalars(select(ItemHours).where(ItemHours.session_id == meeting.id)):
        hours += [item.called_at, item.finished_at]
    hours += list(
        await session.scalars(select(Poll.closed_at).where(Poll.session_id == meeting.id))
    )
    return max((hour for hour in hours if hour is not None), default=None)


async def _forget_other_days(session: AsyncSession, session_id: UUID, *, since: datetime) -> None:
    """Who was noted as there for a date that was moved since is not there now."""
    before = Attendance.session_id == session_id, Attendance.arrived_at < since
    await session.execute(delete(Attendance).where(*before))
