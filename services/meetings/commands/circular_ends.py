"""How a circular vote ends: decided, left to the session, or because its item went away."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.meetings.commands.resolutions import record_resolution
from services.meetings.domain.agenda import AgendaItem, ItemStatus, Outcome
from services.meetings.domain.circular import Answers, Circular, CircularElector, CircularStatus
from services.meetings.domain.polls import Choice
from services.meetings.domain.votes import Decision, Vote
from services.meetings.store import Timer, record
from shared.events.meetings import Manner, Verdict, Way

HALF: Final = "circular_half"
EVE: Final = "circular_eve"
TERM: Final = "circular_term"


async def close_if_decided(
    session: AsyncSession, circular: Circular, *, at: datetime, term_over: bool = False
) -> bool:
    """Record the vote as soon as it is certain, or give up once nobody can decide it; whether it ended."""
    answers = await answers_of(session, circular.id)
    decision = circular.decision(answers)
    if decision is not None:
        await _decided(session, circular, answers, decision, at=at)
    elif term_over or circular.is_hopeless(answers):
        item = await session.get_one(AgendaItem, circular.item_id)
        item.in_writing = False
        record(session, circular.leave_open(at=at))
        await stop_clocks(session, [circular.id])
    else:
        return False
    return True


async def _decided(
    session: AsyncSession,
    circular: Circular,
    answers: Answers,
    decision: Decision,
    *,
    at: datetime,
) -> None:
    item = await session.get_one(AgendaItem, circular.item_id)
    item.in_writing = False
    vote, told = Vote.close(
        item,
        circular.ballots(answers),
        vote_id=uuid7(),
        rules=circular.vote_rules,
        at=at,
        manner=Manner.NAMED,
        way=Way.CIRCULAR,
        decision=decision,
    )
    session.add(vote)
    record(session, told)
    await session.flush()
    record(session, circular.decide(vote.id, at=at))
    await record_resolution(session, vote, item, title=circular.title, at=at)
    if item.application_id is None:
        accepted = vote.verdict is Verdict.ACCEPTED
        item.resolve(Outcome.DECIDED if accepted else Outcome.REJECTED)
    await stop_clocks(session, [circular.id])


async def end_circulars(session: AsyncSession, item_ids: Sequence[UUID], *, at: datetime) -> None:
    """The items leave their agenda, or its session moves: nobody is asked about them any more."""
    running = select(Circular).where(
        Circular.item_id.in_(item_ids), Circular.status == CircularStatus.OPEN
    )
    found = (await session.scalars(running.with_for_update())).all()
    if not found:
        return
    items = select(AgendaItem).where(AgendaItem.id.in_([one.item_id for one in found]))
    for item in await session.scalars(items):
        item.in_writing = False
    record(session, *[one.end(at=at) for one in found])
    await stop_clocks(session, [one.id for one in found])


async def end_circulars_of(session: AsyncSession, session_id: UUID, *, at: datetime) -> None:
    """Everything about this session's items that runs in writing."""
    asked = select(AgendaItem.id).where(
        AgendaItem.session_id == session_id,
        AgendaItem.in_writing,
        AgendaItem.status == ItemStatus.OPEN,
    )
    await end_circulars(session, (await session.scalars(asked)).all(), at=at)


async def stop_clocks(session: AsyncSession, circular_ids: Sequence[UUID]) -> None:
    """No reminder and no end falls due any more."""
    subjects, kinds = [str(one) for one in circular_ids], [HALF, EVE, TERM]
    await session.execute(delete(Timer).where(Timer.subject.in_(subjects), Timer.kind.in_(kinds)))


async def answers_of(session: AsyncSession, circular_id: UUID) -> Answers:
    """What came in so far, counted."""
    await session.flush()
    counted = await session.execute(
        select(CircularElector.barred, CircularElector.choice, func.count())
        .where(CircularElector.circular_id == circular_id)
        .group_by(CircularElector.barred, CircularElector.choice)
    )
    found = {(barred, choice): n for barred, choice, n in counted}
    return Answers(
        yes=found.get((None, Choice.YES), 0),
        no=found.get((None, Choice.NO), 0),
        abstain=found.get((None, Choice.ABSTAIN), 0),
        waiting=found.get((None, None), 0),
    )
