"""What every command in a room asks first: is the session open, is a vote running, is it still as shown."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.commands.once import ChangedMeanwhile, Order
from services.meetings.domain.agenda import AgendaItem, ItemStatus
from services.meetings.domain.polls import Poll, PollStatus
from services.meetings.domain.room import NotOnThisAgenda, NotOpen, PollIsOpen
from services.meetings.domain.session import Session, Status
from shared.days import local_day


async def locked_session(session: AsyncSession, session_id: UUID) -> Session:
    """The session, held until the commit: of two clicks one comes first."""
    return await session.get_one(Session, session_id, with_for_update=True)


async def open_room(session: AsyncSession, session_id: UUID) -> Session:
    """The session while it is open, held until the commit; raises `NotOpen`."""
    meeting = await locked_session(session, session_id)
    if meeting.status is not Status.OPEN:
        raise NotOpen
    return meeting


async def entered_room(session: AsyncSession, session_id: UUID, *, at: datetime) -> Session:
    """The session people come to: open, or to be opened today."""
    meeting = await locked_session(session, session_id)
    today = local_day(at) == local_day(meeting.starts_at)
    if meeting.status is Status.OPEN or (meeting.status is Status.INVITED and today):
        return meeting
    raise NotOpen


async def check_no_poll(
    session: AsyncSession, session_id: UUID, *, item_id: UUID | None = None
) -> None:
    """Raise `PollIsOpen` while the session (or this item of it) is being voted on."""
    running = select(Poll.id).where(Poll.session_id == session_id, Poll.status == PollStatus.OPEN)
    if item_id is not None:
        running = running.where(Poll.item_id == item_id)
    if await session.scalar(running) is not None:
        raise PollIsOpen


async def item_here(session: AsyncSession, session_id: UUID, item_id: UUID) -> AgendaItem:
    """The item, if it stands on this session's agenda."""
    item = await session.get(AgendaItem, item_id, populate_existing=True)
    if item is None or item.session_id != session_id or item.status is ItemStatus.REMOVED:
        raise NotOnThisAgenda
    return item


def refuse_unseen(meeting: Session, order: Order) -> None:
    """Of two different clicks on the same screen the second one is told; 0 looked at nothing."""
    if order.version not in (0, meeting.version):
        raise ChangedMeanwhile("session", order.version, meeting.version)
