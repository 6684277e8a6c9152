"""What a member's own device shows, and what everybody in the room sees on the wall."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.domain.polls import (
    Barred,
    Choice,
    Elector,
    NamedBallot,
    Poll,
    PollStatus,
    SecretBox,
    SecretTurnout,
)
from services.meetings.domain.session import Session
from services.meetings.domain.slips import Slip, from_list
from services.meetings.domain.votes import Vote
from services.meetings.queries.agendas import AgendaLine, agendas_of
from services.meetings.queries.room import RoomView, room
from shared.events.meetings import Manner


@dataclass(frozen=True, kw_only=True)
class BallotPaper:
    """What one member may vote on now, or why not."""

    meeting: Session
    line: AgendaLine | None
    """What is voted on; None while no vote is open."""
    poll: Poll | None
    barred: Barred | None
    """Why they may not vote on this; None if they may, or nothing is open."""
    because: str
    """A `RecusedBecause` where they are recused."""
    listed: bool
    """Whether they are on the list of this vote at all."""
    has_voted: bool
    choice: Choice | None
    """What they said in a vote by name; never known of a secret one."""

    @property
    def may_vote(self) -> bool:
        """Whether the form is shown: open on devices, on the list, not yet cast."""
        on_devices = self.poll is not None and self.poll.manner in (Manner.NAMED, Manner.SECRET)
        return on_devices and self.listed and self.barred is None and not self.has_voted


@dataclass(frozen=True, kw_only=True)
class Wall:
    """What the projector shows: nobody's name, no votes before they are counted."""

    view: RoomView
    newest: AgendaLine | None
    """The item of the vote that was counted last, while no other is open."""

    @property
    def vote(self) -> Vote | None:
        """The vote that was counted last."""
        return self.newest.last_vote if self.newest else None


async def ballot_paper(session: AsyncSession, session_id: UUID, member_id: UUID) -> BallotPaper:
    """The form of this member's device."""
    meeting = await session.get_one(Session, session_id)
    running = Poll.session_id == session_id, Poll.status == PollStatus.OPEN
    poll = await session.scalar(select(Poll).where(*running))
    lines = await agendas_of(session, [session_id]) if poll else []
    item_id = poll.item_id if poll else None
    elector = await session.get(Elector, (poll.id, member_id)) if poll else None
    has_voted, choice = await _cast(session, poll, member_id)
    return BallotPaper(
        meeting=meeting,
        line=next((line for line in lines if line.item.id == item_id), None),
        poll=poll,
        barred=elector.barred if elector else None,
        because=elector.because if elector else "",
        listed=elector is not None,
        has_voted=has_voted,
        choice=choice,
    )


async def wall(session: AsyncSession, session_id: UUID) -> Wall:
    """The screen for everybody."""
    view = await room(session, session_id)
    voted = [line for line in view.lines if line.last_vote is not None]
    newest = max(voted, key=_last_at, default=None) if view.running is None else None
    return Wall(view=view, newest=newest)


async def published_slips(session: AsyncSession, poll_id: UUID) -> Sequence[Slip]:
    """The list of a secret vote once it is counted: from it everybody can reckon the result again."""
    poll = await session.get_one(Poll, poll_id)
    box = await session.get(SecretBox, poll_id)
    counted = poll.status is PollStatus.CLOSED and box is not None
    return from_list(box.slips) if counted and box else []


async def _cast(
    session: AsyncSession, poll: Poll | None, member_id: UUID
) -> tuple[bool, Choice | None]:
    if poll is not None and poll.manner is Manner.NAMED:
        ballot = await session.get(NamedBallot, (poll.id, member_id))
        return ballot is not None, ballot.choice if ballot else None
    if poll is not None and poll.manner is Manner.SECRET:
        came = await session.get_one(SecretTurnout, poll.id)
        return str(member_id) in came.member_ids, None
    return False, None


def _last_at(line: AgendaLine) -> tuple[float, str]:
    vote = line.last_vote
    assert vote is not None, "only items that were voted on"
    return vote.recorded_at.timestamp(), str(vote.id)
