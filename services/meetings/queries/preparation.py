"""Reads for preparing a session: whom to invite, who comes, and what happened since the last one."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.domain.agenda import ItemStatus
from services.meetings.domain.attendance import Coming, Reply
from services.meetings.domain.board import Rules
from services.meetings.domain.budgets import KnownBudget
from services.meetings.domain.electorate import electorate, turnout, votes_on_board
from services.meetings.domain.invitation import INVITED
from services.meetings.domain.member import Member, Unit
from services.meetings.domain.session import Session, Status
from services.meetings.domain.usual_agenda import Since
from services.meetings.queries.agendas import AgendaLine
from services.meetings.queries.follow_up import open_list, to_report
from shared.days import local_day
from shared.events.meetings import Way


@dataclass(frozen=True, kw_only=True)
class Answered:
    """One member who is invited, and what they said."""

    member: Member
    coming: Coming | None
    replied_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Answers:
    """Who comes, who does not, who has not said; and whether enough votes would be there."""

    all: Sequence[Answered]
    votes_coming: int
    """Votes of those who said yes; an institution with one vote counts once."""
    quorum: int | None

    def said(self, coming: Coming | None) -> list[Answered]:
        """Those who answered this; None: not at all."""
        return [one for one in self.all if one.coming == coming]

    @property
    def missing(self) -> int:
        """How many votes more are needed, as far as anybody said."""
        return max(0, (self.quorum or 0) - self.votes_coming)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """An agenda against the time there is."""

    lines: Sequence[AgendaLine]
    minutes: int
    available: int | None
    """Minutes of the session; None where the office named no end."""

    @property
    def over(self) -> int:
        """Minutes too many."""
        return 0 if self.available is None else max(0, self.minutes - self.available)

    @property
    def seen(self) -> str:
        """Changes when items, order or minutes do: who agrees has seen just this agenda."""
        told = [f"{line.item.id} {line.position} {line.item.minutes}" for line in self.lines]
        return sha256("\n".join(told).encode()).hexdigest()[:16]


def plan_of(meeting: Session, lines: Iterable[AgendaLine]) -> Plan:
    """What is still to be dealt with, and whether it fits."""
    held = [line for line in lines if line.item.status is ItemStatus.OPEN]
    length = meeting.ends_at - meeting.starts_at if meeting.ends_at else None
    return Plan(
        lines=held,
        minutes=sum(line.item.minutes for line in held),
        available=int(length.total_seconds() // 60) if length else None,
    )


async def invited_members(session: AsyncSession, board_id: UUID) -> Sequence[Member]:
    """Whom an invitation goes to, by name; nobody who is erased."""
    members = select(Member).where(
        Member.board_id == board_id, Member.status.in_(INVITED), Member.erased_at.is_(None)
    )
    return (await session.scalars(members.order_by(Member.name, Member.id))).all()


async def answers_of(session: AsyncSession, meeting: Session) -> Answers:
    """What each member said so far."""
    members = await invited_members(session, meeting.board_id)
    found = await session.scalars(select(Reply).where(Reply.session_id == meeting.id))
    replies = {reply.member_id: reply for reply in found}
    units = {unit.id: unit.kind for unit in await session.scalars(select(Unit))}
    rules = Rules.model_validate(meeting.rules)
    coming = [one for one, reply in replies.items() if reply.coming is Coming.YES]
    votes = votes_on_board(members, rules, units)
    seats = electorate(members, there=coming, recused={}, rules=rules, units=units)
    return Answers(
        all=[_answered(member, replies.get(member.id)) for member in members],
        votes_coming=turnout(seats, members=votes).present,
        quorum=rules.quorum_of(votes),
    )


def _answered(member: Member, reply: Reply | None) -> Answered:
    return Answered(
        member=member,
        coming=reply.coming if reply else None,
        replied_at=reply.replied_at if reply else None,
    )


async def left_in_fund(session: AsyncSession, meeting: Session) -> int | None:
    """What is left for the year of this session, as far as we were told of one fund."""
    year = local_day(meeting.starts_at).year
    known = select(KnownBudget.left_cents).where(KnownBudget.year == year).limit(2)
    found = (await session.scalars(known)).all()
    return found[0] if len(found) == 1 else None


async def since_last_session(session: AsyncSession, meeting: Session, *, at: datetime) -> Since:
    """What the usual agenda tells of, in numbers only."""
    work = await open_list(session, at=at)
    decided = Counter(one.way for one in await to_report(session, before=meeting.starts_at))
    return Since(
        met_before=await last_session(session, meeting) is not None,
        open_tasks=len(work.tasks),
        followed=len(work.decisions),
        in_writing=decided[Way.CIRCULAR],
        urgent=decided[Way.URGENT],
    )


async def last_session(session: AsyncSession, meeting: Session) -> Session | None:
    """The one before, if it took place."""
    held = select(Session).where(
        Session.starts_at < meeting.starts_at,
        Session.status.in_([Status.OPEN, Status.CLOSED, Status.MINUTED]),
    )
    return await session.scalar(held.order_by(Session.starts_at.desc()).limit(1))
