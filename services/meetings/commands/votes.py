"""Recording what the board decided, and taking note of what came of it."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.meetings.commands.agenda import lock_agendas, open_item
from services.meetings.commands.once import Order, earlier, trail, unchanged
from services.meetings.domain.agenda import AgendaItem, Case, Outcome
from services.meetings.domain.ballots import Ballots
from services.meetings.domain.board import Rules
from services.meetings.domain.session import Session
from services.meetings.domain.votes import Answer, Decision, Vote, call_of, decide
from services.meetings.store import record
from shared.days import local_day
from shared.events.meetings import Motion


async def record_vote(
    session: AsyncSession, item_id: UUID, ballots: Ballots, *, order: Order
) -> UUID:
    """Keep the vote and tell its verdict once; the same order again answers with the same vote."""
    ballots = as_kept(ballots)
    content = {"item": item_id, "ballots": ballots}
    new = uuid7()
    if first := await earlier(session, order, name="vote.record", content=content, subject=new):
        return first
    await lock_agendas(session)
    item, meeting, _decision = await checked(session, item_id, ballots, at=order.at)
    unchanged("agenda item", order, now=item.version)
    rules = Rules.model_validate(meeting.rules)
    vote, event = Vote.close(item, ballots, vote_id=new, rules=rules, at=order.at)
    session.add(vote)
    record(session, event)
    trail(session, "vote.record", item_id, order, verdict=vote.verdict, motion=vote.motion)
    return new


async def checked(
    session: AsyncSession, item_id: UUID, ballots: Ballots, *, at: datetime
) -> tuple[AgendaItem, Session, Decision]:
    """What recording this vote would bring; raises whatever makes it impossible."""
    item = await session.get_one(AgendaItem, item_id)
    meeting = await session.get_one(Session, item.session_id)
    case = await session.get_one(Case, item.application_id)
    item.check_vote(meeting, answered=await _is_answered(session, item_id), at=at)
    meets_on = local_day(meeting.starts_at)
    as_kept(ballots).check(asked_cents=case.asked_cents, meets_on=meets_on)
    rules = Rules.model_validate(meeting.rules)
    return item, meeting, decide(ballots, rules=rules, call=call_of(item))


def as_kept(ballots: Ballots) -> Ballots:
    """Putting off needs no sum, whatever the form proposed."""
    return ballots if ballots.motion is Motion.GRANT else replace(ballots, amount_cents=None)


async def answer(
    session: AsyncSession, vote_id: UUID | None, said: Answer, *, left_cents: int | None = None
) -> None:
    """Note what came of a vote; one we do not know is none of ours."""
    vote = await session.get(Vote, vote_id) if vote_id else None
    if vote is not None:
        vote.answered(said, left_cents=left_cents)


async def resolve(
    session: AsyncSession, case: Case, outcome: Outcome, *, amount_cents: int | None = None
) -> None:
    """The decision is confirmed: the application leaves the agendas with it."""
    item = await open_item(session, case.application_id)
    if item is not None:
        item.resolve(outcome, amount_cents=amount_cents)


async def put_off(
    session: AsyncSession, case: Case, session_id: UUID | None, *, at: datetime
) -> None:
    """The item of that session is closed as deferred, or taken off if nobody voted on it."""
    item = await open_item(session, case.application_id)
    if item is None or item.session_id != session_id:
        return
    if item.votes == 0:
        record(session, item.remove(Outcome.DEFERRED, at=at))
        return
    last = select(Vote).where(Vote.item_id == item.id, Vote.answer == Answer.AWAITED)
    for vote in await session.scalars(last):
        vote.answered(Answer.DEFERRED)
    item.resolve(Outcome.DEFERRED)


async def _is_answered(session: AsyncSession, item_id: UUID) -> bool:
    awaited = select(Vote.id).where(Vote.item_id == item_id, Vote.answer == Answer.AWAITED)
    return await session.scalar(awaited.limit(1)) is None
