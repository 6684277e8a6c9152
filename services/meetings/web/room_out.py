"""A session's room as programs read it; people only in what the office and the chair may see."""

from typing import Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from services.meetings.domain.attendance import Coming
from services.meetings.domain.member import MemberStatus
from services.meetings.domain.polls import Barred, Poll, PollStatus
from services.meetings.domain.session import Status
from services.meetings.queries.room import Attendee, RoomView
from shared.events.meetings import Manner, Motion, VotedCondition


class StayOut(BaseModel):
    id: UUID
    arrived_at: AwareDatetime
    departed_at: AwareDatetime | None

    model_config = ConfigDict(from_attributes=True)


class PersonOut(BaseModel):
    """`barred` is why they may not vote on the item of now; None if they may."""

    member_id: UUID
    name: str
    status: MemberStatus
    since: AwareDatetime | None
    stays: list[StayOut]
    coming: Coming | None
    barred: Barred | None
    because: str

    @classmethod
    def of(cls, one: Attendee) -> Self:
        """One line of the screen's list."""
        return cls(
            member_id=one.member.id,
            name=one.member.name,
            status=one.member.status,
            since=one.since,
            stays=[StayOut.model_validate(stay) for stay in one.stays],
            coming=one.coming,
            barred=one.seat.barred,
            because=one.seat.because,
        )


class PollOut(BaseModel):
    """A vote of the room; nothing of how it goes before its result stands among the item's votes."""

    id: UUID
    item_id: UUID
    status: PollStatus
    motion: Motion
    manner: Manner
    amount_cents: int | None
    conditions: list[VotedCondition]
    text: str
    members: int
    present: int
    recused: int
    opened_at: AwareDatetime
    closed_at: AwareDatetime | None

    model_config = ConfigDict(from_attributes=True)

    @classmethod
    def of(cls, poll: Poll) -> Self:
        """The row without anything anybody cast."""
        return cls.model_validate(poll)


class RunningOut(PollOut):
    """The vote that is open: how many ballots there are (None where hands or paper are counted)."""

    eligible: int
    cast: int | None
    voted: list[UUID]
    """In a vote by name: who has voted, never how."""


class QuorumOut(BaseModel):
    there: int
    needed: int | None
    met: bool
    at_opening: bool
    by_second_call: bool

    model_config = ConfigDict(from_attributes=True)


class MoneyOut(BaseModel):
    """Sums in cents; `left_cents` is what the fund had left when it was last told."""

    fund: str
    year: int
    asked_cents: int
    voted_cents: int
    left_cents: int | None
    covered: bool | None

    model_config = ConfigDict(from_attributes=True)


class RoomOut(BaseModel):
    """The whole screen; `revision` changes with anything on it, `version` is the session's."""

    session_id: UUID
    status: Status
    room_code: str
    opened_at: AwareDatetime | None
    closed_at: AwareDatetime | None
    now_item_id: UUID | None
    members: int
    present: int
    recused: int
    eligible: int
    guests: int
    quorum: QuorumOut
    people: list[PersonOut]
    running: RunningOut | None
    money: MoneyOut | None
    version: int
    revision: str

    @classmethod
    def of(cls, view: RoomView) -> Self:
        """The screen without the agenda, which `/api/v1/meetings/sessions/…/agenda` has."""
        meeting, counted = view.meeting, view.counted
        return cls(
            session_id=meeting.id,
            status=meeting.status,
            room_code=meeting.room_code,
            opened_at=meeting.opened_at,
            closed_at=meeting.closed_at,
            now_item_id=meeting.now_item_id,
            members=counted.members,
            present=counted.present,
            recused=counted.recused,
            eligible=counted.eligible,
            guests=view.guests,
            quorum=QuorumOut.model_validate(view.quorum),
            people=[PersonOut.of(one) for one in view.people],
            running=_running(view),
            money=MoneyOut.model_validate(view.money) if view.money else None,
            version=meeting.version,
            revision=view.revision,
        )


def _running(view: RoomView) -> RunningOut | None:
    running = view.running
    if running is None:
        return None
    told = PollOut.of(running.poll).model_dump()
    voted = sorted(running.voted)
    return RunningOut(**told, eligible=running.eligible, cast=running.cast, voted=voted)
