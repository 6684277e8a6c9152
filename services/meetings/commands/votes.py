"""Recording what the board decided, and taking note of what came of it."""

from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.meetings.commands.agenda import lock_agendas, open_item
from services.meetings.commands.carried import put_again
from services.meetings.commands.circular_ends import end_circulars
from services.meetings.commands.once import Order, earlier, trail, unchanged
from services.meetings.commands.poll_ends import end_polls
from services.meetings.commands.resolutions import record_resolution
from services.meetings.commands.rooms import check_no_poll
from services.meetings.domain.agenda import AgendaItem, Case, Outcome
from services.meetings.domain.ballots import Ballots
from services.meetings.domain.board import Rules
from services.meetings.domain.polls import Poll
from services.meetings.domain.room import Room
from services.meetings.domain.session import Session
from services.meetings.domain.votes import Answer, Decision, Vote, call_of, decide
from services.meetings.store import record
from shared.days import local_day
from shared.events.meetings import Motion, Verdict, VoteClosed

SETTLES: Final = {
    Verdict.ACCEPTED: Outcome.DECIDED,
    Verdict.REJECTED: Outcome.REJECTED,
    Verdict.TIED: Outcome.REJECTED,
}
"""What becomes of a sentence nobody else has to answer; without a quorum its item stays open."""


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
    item, meeting, decision = await checked(session, item_id, ballots, at=order.at)
    await check_no_poll(session, meeting.id, item_id=item_id)
    unchanged("agenda item", order, now=item.version)
    rules = Rules.model_validate(meeting.rules)
    vote, event = Vote.close(
        item, ballots, vote_id=new, rules=rules, at=order.at, decision=decision
    )
    await _keep(session, item, vote, event, at=order.at)
    trail(session, "vote.record", item_id, order, verdict=vote.verdict, motion=vote.motion)
    return new


async def close_vote(session: AsyncSession, poll: Poll, ballots: Ballots, order: Order) -> None:
    """Keep the result of a vote of the room under its own id, agendas locked; its numbers must add up."""
    item = await session.get_one(AgendaItem, poll.item_id, populate_existing=True)
    meeting = await session.get_one(Session, poll.session_id)
    ballots.check(asked_cents=await _asked(session, item), meets_on=local_day(meeting.starts_at))
    rules = Rules.model_validate(meeting.rules)
    decision = await _decide(session, item, meeting, ballots)
    vote, event = Vote.close(
        item,
        ballots,
        vote_id=poll.id,
        rules=rules,
        at=order.at,
        manner=poll.manner,
        decision=decision,
    )
    await _keep(session, item, vote, event, at=order.at)


async def _keep(
    session: AsyncSession, item: AgendaItem, vote: Vote, event: VoteClosed, *, at: datetime
) -> None:
    """The vote, its word, its resolution; where nobody answers it, what came of it at once."""
    session.add(vote)
    record(session, event)
    case = await session.get(Case, item.application_id) if item.application_id else None
    title = case.public_title if case else item.title
    await record_resolution(session, vote, item, title=title, at=at)
    if case is None:
        await _settle(session, item, vote, at=at)


async def _settle(session: AsyncSession, item: AgendaItem, vote: Vote, *, at: datetime) -> None:
    if vote.motion is Motion.DEFER and vote.verdict is Verdict.ACCEPTED:
        vote.answered(Answer.DEFERRED)
        item.resolve(Outcome.DEFERRED)
        await put_again(session, [item], at=at)
    elif vote.motion is Motion.RESOLVE and vote.verdict in SETTLES:
        item.resolve(SETTLES[vote.verdict])


async def checked(
    session: AsyncSession, item_id: UUID, ballots: Ballots, *, at: datetime
) -> tuple[AgendaItem, Session, Decision]:
    """What recording this vote would bring; raises whatever makes it impossible."""
    item = await session.get_one(AgendaItem, item_id)
    meeting = await session.get_one(Session, item.session_id)
    item.check_vote(meeting, answered=await is_answered(session, item_id), at=at)
    meets_on = local_day(meeting.starts_at)
    as_kept(ballots).check(asked_cents=await _asked(session, item), meets_on=meets_on)
    return item, meeting, await _decide(session, item, meeting, ballots)


async def _asked(session: AsyncSession, item: AgendaItem) -> int | None:
    """What is asked for; None where no money is."""
    if item.application_id is None:
        return None
    return (await session.get_one(Case, item.application_id)).asked_cents


async def _decide(
    session: AsyncSession, item: AgendaItem, meeting: Session, ballots: Ballots
) -> Decision:
    """The verdict under the session's rules, and under what was counted when it was opened."""
    rules, room = Rules.model_validate(meeting.rules), await session.get(Room, meeting.id)
    opening = room.opening if room else None
    return decide(ballots, rules=rules, call=call_of(item), opening=opening)


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
    await end_circulars(session, [item.id], at=at)
    await end_polls(session, [item.id], at=at)
    if item.votes == 0:
        record(session, item.remove(Outcome.DEFERRED, at=at))
        return
    last = select(Vote).where(Vote.item_id == item.id, Vote.answer == Answer.AWAITED)
    for vote in await session.scalars(last):
        vote.answered(Answer.DEFERRED)
    item.resolve(Outcome.DEFERRED)


async def is_answered(session: AsyncSession, item_id: UUID) -> bool:
    """Whether nothing is awaited any more, so that the board may vote (again)."""
    awaited = select(Vote.id).where(Vote.item_id == item_id, Vote.answer == Answer.AWAITED)
    return await session.scalar(awaited.limit(1)) is None
