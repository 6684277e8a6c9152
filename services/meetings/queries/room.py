"""The session on one screen: everything it shows, in a fixed small number of statements."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.domain.agenda import AgendaItem
from services.meetings.domain.attendance import Attendance, Coming, Reply
from services.meetings.domain.ballots import Ballots
from services.meetings.domain.board import QuorumAt, Rules
from services.meetings.domain.electorate import Seat, Turnout
from services.meetings.domain.member import Member, Unit
from services.meetings.domain.polls import (
    Elector,
    NamedBallot,
    Poll,
    PollStatus,
    RoomPass,
    SecretTurnout,
)
from services.meetings.domain.recusal import Recusal
from services.meetings.domain.room import ItemHours, Room
from services.meetings.domain.session import Session
from services.meetings.domain.votes import Decision, call_of, decide
from services.meetings.queries.agendas import AgendaLine, agendas_of
from services.meetings.queries.money import Money, budgets_of, money_for
from services.meetings.queries.people import People, board_people, counted_for, seats_for
from shared.days import local_day
from shared.events.meetings import Manner


@dataclass(frozen=True, kw_only=True)
class Attendee:
    """One person on the screen: where they are, and whether they may vote on the item of now."""

    member: Member
    unit: Unit | None
    stays: Sequence[Attendance]
    """Every stay in the room, oldest first."""
    coming: Coming | None
    """What they answered to the invitation; `NO` is excused."""
    seat: Seat
    recusal: Recusal | None
    """On the item of now."""
    has_pass: bool

    @property
    def since(self) -> datetime | None:
        """Since when they are there; None if they are not."""
        last = self.stays[-1] if self.stays else None
        return last.arrived_at if last and last.departed_at is None else None

    @property
    def is_there(self) -> bool:
        return self.since is not None


@dataclass(frozen=True, kw_only=True)
class Quorum:
    """Whether enough are there to decide about the item of now."""

    there: int
    needed: int | None
    """None: whoever comes decides."""
    at_opening: bool
    """Counted once, when the session was opened."""
    by_second_call: bool
    """Too few, and the item may be decided all the same, as announced."""

    @property
    def met(self) -> bool:
        return self.needed is None or self.there >= self.needed or self.by_second_call

    @property
    def missing(self) -> int:
        """How many more have to come."""
        return 0 if self.met or self.needed is None else self.needed - self.there


@dataclass(frozen=True, kw_only=True)
class Running:
    """The vote that is open: how many ballots there are, never how they stand."""

    poll: Poll
    line: AgendaLine
    eligible: int
    cast: int | None
    """None where hands or paper are counted in the end."""
    voters: Sequence[Member]
    """Who may vote on this, as frozen; by name."""
    voted: frozenset[UUID]
    """Members who have voted, in a vote by name; empty in every other."""


@dataclass(frozen=True, kw_only=True)
class RoomView:
    """Everything on the screen of whoever runs the session."""

    meeting: Session
    rules: Rules
    opened: Room | None
    """None before the opening."""
    lines: Sequence[AgendaLine]
    hours: Mapping[UUID, ItemHours]
    """When items were called and ended, by item."""
    now: AgendaLine | None
    """The item the board is at."""
    people: Sequence[Attendee]
    """By name; `there` are those in the room."""
    counted: Turnout
    """What a vote on the item of now would reckon with."""
    quorum: Quorum
    running: Running | None
    money: Money | None
    """About the item of now, if money is asked for."""
    guests: int
    revision: str
    """Another one as soon as anything on the screen is another."""

    @property
    def there(self) -> list[Attendee]:
        """Who is in the room, in the order of arrival."""
        here = [one for one in self.people if one.since is not None]
        return sorted(here, key=lambda one: (one.stays[-1].arrived_at, str(one.stays[-1].id)))

    @property
    def barred(self) -> list[Attendee]:
        """Who is there and may not vote on the item of now; `seat` says why."""
        return [one for one in self.there if not one.seat.may_vote]

    @property
    def secret_is_possible(self) -> bool:
        """Whether enough may vote that a secret vote stays secret."""
        return self.counted.eligible >= self.rules.secret_minimum

    def preview(self, *, yes: int, no: int, abstain: int = 0, invalid: int = 0) -> Decision | None:
        """What these counts would come to in the vote that is open; raises `DoesNotAddUp`."""
        if self.running is None:
            return None
        sheet = self.running.poll.ballots(yes=yes, no=no, abstain=abstain, invalid=invalid)
        line = self.running.line
        sheet.check(asked_cents=line.asked_cents, meets_on=local_day(self.meeting.starts_at))
        return _decision(sheet, self.rules, line.item, self.opened)


async def room(session: AsyncSession, session_id: UUID) -> RoomView:
    """The whole screen; raises NoResultFound for a session that is none."""
    meeting = await session.get_one(Session, session_id)
    rules = Rules.model_validate(meeting.rules)
    opened = await session.get(Room, session_id)
    lines = await agendas_of(session, [session_id])
    people = await board_people(session, session_id)
    found = await _of_session(session, session_id)
    now = next((line for line in lines if line.item.id == meeting.now_item_id), None)
    here = {one.member_id: one for one in found.recusals if now and one.item_id == now.item.id}
    recused = {member_id: one.because for member_id, one in here.items()}
    counted = counted_for(people, recused=recused, rules=rules)
    running = await _running(session, found.poll, lines, people) if found.poll else None
    budgets = await budgets_of(session, local_day(meeting.opened_at or meeting.starts_at).year)
    money = money_for(now, budgets, running.poll if running else None)
    view = RoomView(
        meeting=meeting,
        rules=rules,
        opened=opened,
        lines=lines,
        hours=found.hours,
        now=now,
        people=_attendees(people, found, here, seats_for(people, recused=recused, rules=rules)),
        counted=counted,
        quorum=quorum_of(counted, rules, now, opened),
        running=running,
        money=money,
        guests=opened.guests if opened else 0,
        revision="",
    )
    return _with_revision(view, found)


def quorum_of(
    counted: Turnout, rules: Rules, line: AgendaLine | None, opened: Room | None
) -> Quorum:
    """The quorum as a vote opened now would find it."""
    sheet = Ballots.empty(members=counted.members, present=counted.present, recused=counted.recused)
    found = _decision(sheet, rules, line.item if line else None, opened)
    return Quorum(
        there=found.there,
        needed=found.quorum,
        at_opening=found.at_opening,
        by_second_call=found.by_second_call,
    )


def _decision(
    sheet: Ballots, rules: Rules, item: AgendaItem | None, opened: Room | None
) -> Decision:
    call = {"call": call_of(item)} if item is not None else {}
    opening = opened.opening if opened and rules.quorum_at is QuorumAt.OPENING else None
    return decide(sheet, rules=rules, opening=opening, **call)


@dataclass(frozen=True, kw_only=True)
class _Found:
    """What belongs to one session besides its agenda and its people."""

    recusals: Sequence[Recusal]
    replies: Mapping[UUID, Coming]
    passes: frozenset[UUID]
    hours: Mapping[UUID, ItemHours]
    poll: Poll | None
    polls: int


async def _of_session(session: AsyncSession, session_id: UUID) -> _Found:
    recusals = select(Recusal).join(AgendaItem, AgendaItem.id == Recusal.item_id)
    replies = await session.execute(
        select(Reply.member_id, Reply.coming).where(Reply.session_id == session_id)
    )
    passes = select(RoomPass.member_id).where(
        RoomPass.session_id == session_id, RoomPass.revoked.is_(False)
    )
    hours = await session.scalars(select(ItemHours).where(ItemHours.session_id == session_id))
    polls = (await session.scalars(select(Poll).where(Poll.session_id == session_id))).all()
    return _Found(
        recusals=(await session.scalars(recusals.where(AgendaItem.session_id == session_id))).all(),
        replies={row.member_id: row.coming for row in replies},
        passes=frozenset(await session.scalars(passes)),
        hours={one.item_id: one for one in hours},
        poll=next((poll for poll in polls if poll.status is PollStatus.OPEN), None),
        polls=sum(poll.version for poll in polls),
    )


async def _running(
    session: AsyncSession, poll: Poll, lines: Sequence[AgendaLine], people: People
) -> Running:
    may = select(Elector.member_id).where(Elector.poll_id == poll.id, Elector.barred.is_(None))
    voters = set(await session.scalars(may))
    voted, cast = frozenset[UUID](), None
    if poll.manner is Manner.NAMED:
        named = select(NamedBallot.member_id).where(NamedBallot.poll_id == poll.id)
        voted = frozenset(await session.scalars(named))
        cast = len(voted)
    elif poll.manner is Manner.SECRET:
        cast = await ballots_cast(session, poll.id)
    return Running(
        poll=poll,
        line=next(line for line in lines if line.item.id == poll.item_id),
        eligible=len(voters),
        cast=cast,
        voters=sorted((one for one in people.members if one.id in voters), key=_sorted),
        voted=voted,
    )


async def ballots_cast(session: AsyncSession, poll_id: UUID) -> int:
    """How many have voted in secret: the number, and nothing of who or what."""
    came = await session.scalar(
        select(SecretTurnout.member_ids).where(SecretTurnout.poll_id == poll_id)
    )
    return len(came or ())


async def named_cast(session: AsyncSession, poll_id: UUID) -> int:
    """How many have voted by name."""
    of_poll = select(func.count()).where(NamedBallot.poll_id == poll_id)
    return await session.scalar(of_poll) or 0


def _attendees(
    people: People, found: _Found, recusals: Mapping[UUID, Recusal], seats: Sequence[Seat]
) -> list[Attendee]:
    stays: dict[UUID, list[Attendance]] = {}
    for stay in people.stays:
        stays.setdefault(stay.member_id, []).append(stay)
    shown = [
        Attendee(
            member=seat.member,
            unit=people.units.get(seat.member.unit_id) if seat.member.unit_id else None,
            stays=stays.get(seat.member.id, []),
            coming=found.replies.get(seat.member.id),
            seat=seat,
            recusal=recusals.get(seat.member.id),
            has_pass=seat.member.id in found.passes,
        )
        for seat in seats
    ]
    return sorted(shown, key=lambda one: _sorted(one.member))


def _sorted(member: Member) -> tuple[str, str]:
    return member.name.casefold(), str(member.id)


def _with_revision(view: RoomView, found: _Found) -> RoomView:
    """Number the screen by everything on it that can change."""
    shown: list[Any] = [view.meeting.version, view.guests, found.polls, view.money]
    shown += [
        (line.item.id, line.item.version, line.standing, len(line.votes)) for line in view.lines
    ]
    shown += [
        (one.member.id, one.member.version, one.coming, one.has_pass, one.seat.barred)
        for one in view.people
    ]
    shown += [(stay.id, stay.arrived_at, stay.departed_at) for p in view.people for stay in p.stays]
    shown += [(one.item_id, one.member_id, one.because) for one in found.recusals]
    running = view.running
    shown += [running.cast, sorted(running.voted)] if running else []
    digest = hashlib.blake2b(repr(shown).encode(), digest_size=8).hexdigest()
    return RoomView(**{**vars(view), "revision": digest})
