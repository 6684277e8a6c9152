"""Keeping the agendas: every application the board decides about stands on one, or waits for one."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.commands.carried import (
    ends_of_fixed,
    put_again,
    put_waiting,
    sessions_to_come,
)
from services.meetings.commands.circular_ends import end_circulars
from services.meetings.commands.poll_ends import end_polls
from services.meetings.domain.agenda import AgendaItem, Case, ItemStatus, Outcome
from services.meetings.domain.board import Board
from services.meetings.domain.session import Session
from services.meetings.domain.votes import Vote
from services.meetings.queries import agendas_of
from services.meetings.store import record
from shared.events.meetings import Verdict


async def lock_agendas(session: AsyncSession) -> None:
    """From here to the commit nobody else plans, cancels or fills a session: all see one state."""
    await session.execute(select(Board.id).order_by(Board.id).limit(1).with_for_update())


async def case_of(session: AsyncSession, application_id: UUID) -> Case:
    """What we know of this application, agendas locked; a new one if nobody told us of it yet."""
    await lock_agendas(session)
    case = await session.get(Case, application_id, populate_existing=True)
    if case is None:
        case = Case.unheard(application_id)
        session.add(case)
    return case


async def open_item(session: AsyncSession, application_id: UUID) -> AgendaItem | None:
    """The one agenda this application stands on, if any."""
    await session.flush()
    return await session.scalar(
        select(AgendaItem)
        .where(AgendaItem.application_id == application_id, AgendaItem.status == ItemStatus.OPEN)
        .execution_options(populate_existing=True)
    )


async def seat(session: AsyncSession, case: Case, *, at: datetime) -> None:
    """Put the application where what we know of it says it belongs; again changes nothing.

    On an agenda it stays until it is deferred or the session falls away: others follow our word.
    """
    item = await open_item(session, case.application_id)
    if not case.before_the_board:
        if item is not None:
            await end_circulars(session, [item.id], at=at)
            await end_polls(session, [item.id], at=at)
            record(session, item.remove(case.ended or Outcome.NOT_FOR_BOARD, at=at))
        return
    if item is not None:
        item.carried = case.carried
        return
    coming = await sessions_to_come(session, at=at)
    told = (one for one in coming if one.id == case.session_id and case.may_go_to(one, at=at))
    target = next(told, None) or _next_for(case, coming, at=at)
    await _put(session, [(case, target)] if target else [], at=at)


async def seat_waiting(session: AsyncSession, *, at: datetime) -> None:
    """After the calendar changed: whoever waits goes to the first session they are in time for."""
    await session.flush()
    coming = await sessions_to_come(session, at=at)
    placed = exists().where(
        AgendaItem.application_id == Case.application_id, AgendaItem.status == ItemStatus.OPEN
    )
    waiting = select(Case).where(Case.for_board, Case.admitted_version > 0, ~placed)
    found = await session.scalars(waiting.order_by(Case.submitted_at, Case.application_id))
    fitting = [
        (case, meeting)
        for case in found
        if case.before_the_board and (meeting := _next_for(case, coming, at=at))
    ]
    await _put(session, fitting, at=at)
    await put_waiting(session, at=at)


async def clear(session: AsyncSession, meeting: Session, *, at: datetime) -> None:
    """A session that does not take place has no agenda: applications wait to be handed on.

    What the board put off once goes on to the next session; other own items end with this one.
    """
    carried = list[AgendaItem]()
    items = select(AgendaItem).where(
        AgendaItem.session_id == meeting.id, AgendaItem.status == ItemStatus.OPEN
    )
    for item in await session.scalars(items):
        if item.application_id is None:
            item.take_off(Outcome.SESSION_CANCELLED)
            carried += [item] if item.carried else []
        else:
            record(session, item.remove(Outcome.SESSION_CANCELLED, at=at))
    await put_again(session, carried, at=at)


def _next_for(case: Case, coming: Sequence[Session], *, at: datetime) -> Session | None:
    fits = (one for one in coming if case.may_go_to(one, at=at) and case.in_time_for(one))
    return next(fits, None)


async def _put(
    session: AsyncSession, seats: Sequence[tuple[Case, Session]], *, at: datetime
) -> None:
    """Place these and tell each one's position on the agenda as it then is."""
    missed = await _missed_quorum(session, [case.application_id for case, _meeting in seats])
    ends = await ends_of_fixed(session, [meeting for _case, meeting in seats])
    new = {
        case.application_id: AgendaItem.put(
            case,
            meeting,
            missed_quorum=case.application_id in missed,
            fixed_position=next(ends[meeting.id]) if meeting.id in ends else None,
        )
        for case, meeting in seats
    }
    session.add_all(new.values())
    await session.flush()
    by_session = {meeting.id: meeting for _case, meeting in seats}
    agendas, placed = await agendas_of(session, by_session), {item.id for item in new.values()}
    for session_id, lines in groupby(agendas, key=lambda line: line.item.session_id):
        for line in lines:
            if line.item.id in placed:
                meeting = by_session[session_id]
                record(session, line.item.placed(meeting, position=line.position, at=at))


async def _missed_quorum(session: AsyncSession, application_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these applications whose newest vote found too few members there."""
    votes = (
        select(AgendaItem.application_id, Vote.verdict)
        .join(Vote, Vote.item_id == AgendaItem.id)
        .where(AgendaItem.application_id.in_(application_ids))
        .order_by(Vote.recorded_at, Vote.id)
    )
    newest = {row.application_id: row.verdict for row in await session.execute(votes)}
    return {one for one, verdict in newest.items() if verdict is Verdict.NO_QUORUM}
