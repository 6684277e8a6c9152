"""Who was there and what happened, in a fixed number of statements however long the session was."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.domain.attendance import Attendance, Coming, Reply
from services.meetings.domain.board import Board, Rules
from services.meetings.domain.member import Member
from services.meetings.domain.minutes import CLOSING, OPENING, Minutes, was_held
from services.meetings.domain.room import Room
from services.meetings.domain.session import Session
from services.meetings.domain.votes import Vote
from services.meetings.queries.minutes.items import ItemFacts, grouped, items_of
from shared.days import local_day


@dataclass(frozen=True, kw_only=True)
class Present:
    """Somebody who was there, with each stay; `voting` tells a member from a guest we know."""

    member: Member
    stays: Sequence[Attendance]
    voting: bool


@dataclass(frozen=True, kw_only=True)
class Facts:
    """One session as it was recorded; without a room what is known comes from the votes' counts."""

    meeting: Session
    board: Board
    room: Room | None
    present: Sequence[Present]
    excused: Sequence[Member]
    absent: Sequence[Member]
    items: Sequence[ItemFacts]

    @property
    def rules(self) -> Rules:
        return Rules.model_validate(self.meeting.rules)

    @property
    def votes(self) -> list[Vote]:
        """Every vote of the session."""
        return [one.vote for item in self.items for one in item.votes]

    @property
    def parts(self) -> list[str]:
        """Every part that has a text, in order."""
        return [OPENING, *(item.part for item in self.items), CLOSING]

    @property
    def voters(self) -> list[Member]:
        """Members who were there, as far as we know: they are asked."""
        return [one.member for one in self.present if one.voting]

    @property
    def guests(self) -> int:
        """Those counted at the door and those known by name."""
        return (self.room.guests if self.room else 0) + len(self.present) - len(self.voters)

    def was_held(self, *, at: datetime) -> bool:
        """Whether there is anything to write minutes of."""
        return was_held(self.meeting, votes=len(self.votes), at=at)


async def facts_of(session: AsyncSession, session_id: UUID) -> Facts:
    """Everything the minutes are written from, however long the session was."""
    meeting = await session.get_one(Session, session_id)
    board = await session.get_one(Board, meeting.board_id)
    minutes = await session.scalar(minutes_row(session_id))
    members = {one.id: one for one in await session.scalars(_of_board(board.id))}
    stays = await _stays(session, session_id)
    roll = _kept_roll(minutes) or await _roll(session, meeting, members.values(), set(stays))
    until = minutes.approved_at if minutes else None
    return Facts(
        meeting=meeting,
        board=board,
        room=await session.get(Room, session_id),
        present=[
            Present(member=one, stays=stays[one.id], voting=str(one.id) in roll["voters"])
            for one in members.values()
            if one.id in stays
        ],
        excused=[one for one in members.values() if str(one.id) in roll["excused"]],
        absent=[one for one in members.values() if str(one.id) in roll["absent"]],
        items=await items_of(session, session_id, members, until=until),
    )


def _of_board(board_id: UUID) -> Select[Member]:
    return select(Member).where(Member.board_id == board_id).order_by(Member.name, Member.id)


def _belonged(member: Member, meeting: Session) -> bool:
    """Had a right to vote on the session's day, or lost it by this very session."""
    day = local_day(meeting.starts_at)
    joined = member.active_since <= day if member.active_since else member.belongs
    left = member.left_on is not None and member.left_on < day
    rested = member.suspended_since is not None and member.suspended_since < day
    return joined and not left and not rested


def minutes_row(session_id: UUID) -> Select[Minutes]:
    """The one row of this session's minutes, if anybody began them."""
    return select(Minutes).where(Minutes.session_id == session_id)


async def _stays(session: AsyncSession, session_id: UUID) -> defaultdict[UUID, list[Attendance]]:
    found = select(Attendance).where(Attendance.session_id == session_id)
    ordered = found.order_by(Attendance.arrived_at, Attendance.id)
    return grouped([(one.member_id, one) for one in await session.scalars(ordered)])


Roll = Mapping[str, Sequence[str]]


def _kept_roll(minutes: Minutes | None) -> Roll | None:
    return minutes.roll if minutes else None


async def _roll(
    session: AsyncSession, meeting: Session, members: Iterable[Member], there: Set[UUID]
) -> Roll:
    """Members there, excused and missing, as far as anybody wrote it down."""
    replies = select(Reply.member_id).where(
        Reply.session_id == meeting.id, Reply.coming == Coming.NO
    )
    said_no = set(await session.scalars(replies))
    ours = {one.id for one in members if _belonged(one, meeting)}
    missing = ours - there - said_no if there else set()
    kept = {"voters": ours & there, "excused": (ours & said_no) - there, "absent": missing}
    return {name: [str(one) for one in ids] for name, ids in kept.items()}
