"""What goes on to a session to come: which these are, the numbers they still give, and own items."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import count
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.domain.agenda import AgendaItem, ItemKind
from services.meetings.domain.session import Session, Status


async def sessions_to_come(session: AsyncSession, *, at: datetime) -> Sequence[Session]:
    """Standing sessions that have not begun, next first."""
    ahead = select(Session).where(
        Session.starts_at > at, Session.status.in_([Status.PLANNED, Status.INVITED])
    )
    return (await session.scalars(ahead.order_by(Session.starts_at, Session.id))).all()


async def ends_of_fixed(
    session: AsyncSession, meetings: Iterable[Session]
) -> dict[UUID, Iterator[int]]:
    """The next numbers of agendas the board was invited to; one that was given is never given again."""
    fixed = {meeting.id for meeting in meetings if meeting.agenda_is_fixed}
    if not fixed:
        return {}
    found = await session.execute(
        select(AgendaItem.session_id, func.max(AgendaItem.fixed_position).label("last"))
        .where(AgendaItem.session_id.in_(fixed))
        .group_by(AgendaItem.session_id)
    )
    last = {row.session_id: row.last for row in found}
    return {one: count((last.get(one) or 0) + 1) for one in fixed}


async def put_again(session: AsyncSession, items: Iterable[AgendaItem], *, at: datetime) -> None:
    """Items of the office's own, once more on the next session's agenda, before newer ones.

    As long as no session is planned they wait (`put_waiting`); what is to be followed up is
    gathered anew for every session.
    """
    coming = await sessions_to_come(session, at=at)
    ends = await ends_of_fixed(session, coming)
    for item in items:
        following = next((one for one in coming if one.id != item.session_id), None)
        if item.kind is ItemKind.FOLLOW_UP:
            continue
        item.waits = following is None
        if following is not None:
            number = next(ends[following.id]) if following.id in ends else None
            session.add(item.once_more(following.id, fixed_position=number))


async def put_waiting(session: AsyncSession, *, at: datetime) -> None:
    """A session is planned: what was put off while there was none stands on its agenda."""
    waiting = select(AgendaItem).where(AgendaItem.waits)
    found = await session.scalars(waiting.order_by(AgendaItem.kept_since, AgendaItem.id))
    await put_again(session, found.all(), at=at)
