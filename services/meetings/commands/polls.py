"""A vote in the room: opened on a frozen list of voters, cast, counted once or called off."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.meetings.commands.agenda import lock_agendas
from services.meetings.commands.ballots import cast_named, cast_secret, count_named, count_secret
from services.meetings.commands.once import Order, earlier, trail
from services.meetings.commands.poll_ends import void
from services.meetings.commands.rooms import item_here, open_room, refuse_unseen
from services.meetings.commands.votes import close_vote, is_answered
from services.meetings.domain.agenda import AgendaItem, Case
from services.meetings.domain.board import Rules
from services.meetings.domain.electorate import Seat, Turnout
from services.meetings.domain.polls import (
    Elector,
    NobodyMayVote,
    Poll,
    PollClosed,
    PollStatus,
    SecretBox,
    SecretTurnout,
    TooFewForSecret,
)
from services.meetings.domain.room import PollIsOpen
from services.meetings.domain.session import Session
from services.meetings.domain.slips import Tally
from services.meetings.domain.votes import Vote
from services.meetings.queries.people import board_people, counted_for, recused_on, seats_for
from services.meetings.store import record
from services.meetings.vault import Vault
from shared.days import local_day
from shared.events.meetings import Manner, Motion, VotedCondition

__all__ = ["Asked", "Counted", "call_off", "cast_named", "cast_secret", "count_poll", "open_poll"]


class CountsMissing(Exception):
    """Hands and slips of paper are counted by people: the numbers have to be typed."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is put to the vote, and how the members vote."""

    motion: Motion
    manner: Manner
    amount_cents: int | None = None
    conditions: tuple[VotedCondition, ...] = ()
    text: str = ""

    def is_of(self, poll: Poll, item_id: UUID) -> bool:
        """Whether this very question is the one that is open."""
        mine = (item_id, self.motion, self.manner, self.amount_cents, self.text, self._kept())
        theirs = (poll.item_id, poll.motion, poll.manner, poll.amount_cents, poll.text)
        return mine == (*theirs, poll.conditions)

    def content(self, item_id: UUID) -> dict[str, Any]:
        """What makes two clicks the same."""
        words = {"motion": self.motion, "manner": self.manner, "text": self.text}
        sum_ = {"amount_cents": self.amount_cents, "conditions": self._kept()}
        return {"item": item_id, **words, **sum_}

    def _kept(self) -> list[dict[str, Any]]:
        return [one.model_dump(mode="json") for one in self.conditions]

    def as_poll(self, poll_id: UUID, item: AgendaItem, counted: Turnout, order: Order) -> Poll:
        """The vote as it is kept while it is open."""
        return Poll(
            id=poll_id,
            session_id=item.session_id,
            item_id=item.id,
            status=PollStatus.OPEN,
            motion=self.motion,
            manner=self.manner,
            amount_cents=self.amount_cents,
            conditions=self._kept(),
            text=self.text,
            members=counted.members,
            present=counted.present,
            recused=counted.recused,
            opened_at=order.at,
        )


@dataclass(frozen=True, kw_only=True)
class Counted:
    """What was counted by hand: raised hands, or slips of paper."""

    yes: int
    no: int
    abstain: int = 0
    invalid: int = 0


async def open_poll(
    session: AsyncSession, session_id: UUID, item_id: UUID, asked: Asked, order: Order
) -> UUID:
    """Ask the board; who may vote is frozen now. The same question again answers with the same vote."""
    asked = asked if asked.motion is Motion.GRANT else replace(asked, amount_cents=None)
    await lock_agendas(session)
    meeting = await open_room(session, session_id)
    running = await session.scalar(
        select(Poll).where(Poll.session_id == session_id, Poll.status == PollStatus.OPEN)
    )
    if running is not None:
        if asked.is_of(running, item_id):
            return running.id
        raise PollIsOpen
    new, content = uuid7(), asked.content(item_id)
    if first := await earlier(session, order, name="poll.open", content=content, subject=new):
        return first
    refuse_unseen(meeting, order)
    item = await item_here(session, session_id, item_id)
    seats, counted = await _list_of_voters(session, meeting, item)
    poll = asked.as_poll(new, item, counted, order)
    await _check(session, meeting, item, poll, eligible=counted.eligible)
    meeting.now_item_id = item_id
    session.add(poll)
    await session.flush()
    await _freeze(session, poll, seats)
    record(session, poll.opened(item, eligible=counted.eligible))
    trail(session, "poll.open", item_id, order, motion=poll.motion, manner=poll.manner)
    return poll.id


async def count_poll(
    session: AsyncSession,
    vault: Vault,
    poll_id: UUID,
    order: Order,
    *,
    counted: Counted | None = None,
) -> UUID:
    """Close the vote and keep its result for ever; the id is the vote's. Counted again it is the same.

    `counted` is typed for hands and paper only. A secret vote with too few ballots becomes void: look
    at the poll's status.
    """
    await lock_agendas(session)
    poll = await _held(session, poll_id)
    if poll.status is not PollStatus.OPEN:
        return await _same_again(session, poll, counted)
    found = await _count(session, vault, poll, counted, order)
    poll.close(PollStatus.CLOSED if found else PollStatus.VOID, at=order.at)
    trail(session, "poll.count", poll.item_id, order, status=poll.status)
    if found is not None:
        sheet = poll.ballots(
            yes=found.yes, no=found.no, abstain=found.abstain, invalid=found.invalid
        )
        await close_vote(session, poll, sheet, order)
    return poll_id


async def call_off(session: AsyncSession, poll_id: UUID, order: Order) -> UUID:
    """The vote does not count, and nobody ever learns how it stood; off again changes nothing."""
    poll = await _held(session, poll_id)
    if poll.status is PollStatus.VOID:
        return poll_id
    await void(session, poll, at=order.at)
    trail(session, "poll.call_off", poll.item_id, order)
    return poll_id


async def _held(session: AsyncSession, poll_id: UUID) -> Poll:
    """The vote, held until the commit: a ballot comes before the count or after it."""
    return await session.get_one(Poll, poll_id, with_for_update=True)


async def _list_of_voters(
    session: AsyncSession, meeting: Session, item: AgendaItem
) -> tuple[list[Seat], Turnout]:
    rules = Rules.model_validate(meeting.rules)
    people = await board_people(session, meeting.id)
    recused = await recused_on(session, item.id)
    return (
        seats_for(people, recused=recused, rules=rules),
        counted_for(people, recused=recused, rules=rules),
    )


async def _check(
    session: AsyncSession,
    meeting: Session,
    item: AgendaItem,
    poll: Poll,
    *,
    eligible: int,
) -> None:
    """Raise what stands against this question now."""
    item.check_vote(meeting, answered=await is_answered(session, item.id), at=poll.opened_at)
    case = await session.get(Case, item.application_id) if item.application_id else None
    sheet = poll.ballots(yes=0, no=0, abstain=0)
    sheet.check_motion(
        asked_cents=case.asked_cents if case else None, meets_on=local_day(meeting.starts_at)
    )
    minimum = Rules.model_validate(meeting.rules).secret_minimum
    if poll.manner is Manner.SECRET and eligible < minimum:
        raise TooFewForSecret(eligible, minimum)
    if poll.manner is Manner.NAMED and eligible == 0:
        raise NobodyMayVote


async def _freeze(session: AsyncSession, poll: Poll, seats: list[Seat]) -> None:
    """The list of voters in one statement; for a secret vote, two empty rows."""
    rows = [
        {
            "poll_id": poll.id,
            "member_id": seat.member.id,
            "barred": seat.barred,
            "because": seat.because,
        }
        for seat in seats
    ]
    if rows:
        await session.execute(insert(Elector), rows)
    if poll.manner is Manner.SECRET:
        session.add(SecretTurnout(poll_id=poll.id, member_ids=[]))
        session.add(SecretBox(poll_id=poll.id, sealed=b"", slips=[]))


async def _count(
    session: AsyncSession, vault: Vault, poll: Poll, counted: Counted | None, order: Order
) -> Counted | None:
    if poll.manner in (Manner.HANDS, Manner.PAPER):
        if counted is None:
            raise CountsMissing
        return counted
    if poll.manner is Manner.NAMED:
        return _as_counted(await count_named(session, poll))
    meeting = await session.get_one(Session, poll.session_id)
    minimum = Rules.model_validate(meeting.rules).secret_minimum
    found = await count_secret(session, vault, poll, minimum=minimum)
    return _as_counted(found) if found else None


def _as_counted(found: Tally) -> Counted:
    return Counted(yes=found.yes, no=found.no, abstain=found.abstain)


async def _same_again(session: AsyncSession, poll: Poll, counted: Counted | None) -> UUID:
    """A second click on the same count answers the same; other numbers come too late."""
    if poll.status is PollStatus.VOID:
        if counted is not None:
            raise PollClosed(poll.status)
        return poll.id
    vote = await session.get_one(Vote, poll.id)
    names = ("yes", "no", "abstain", "invalid")
    if counted is not None and any(vote.counts[one] != getattr(counted, one) for one in names):
        raise PollClosed(poll.status)
    return poll.id
