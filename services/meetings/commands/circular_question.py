"""What the members are asked, and who of them: everything that stands before a vote in writing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.commands.recusals import known_recusals
from services.meetings.commands.rooms import check_no_poll
from services.meetings.commands.votes import is_answered
from services.meetings.domain.agenda import AgendaItem, Case, ItemKind
from services.meetings.domain.board import Rules, rules_on
from services.meetings.domain.circular import (
    AboveAsked,
    NoSum,
    NothingToAsk,
    NotInWriting,
    TooFewToDecide,
)
from services.meetings.domain.electorate import (
    Seat,
    Turnout,
    electorate,
    turnout,
    votes_on_board,
)
from services.meetings.domain.member import Member, MemberStatus, Unit
from services.meetings.domain.recusal import Recusal, RecusedBecause
from services.meetings.domain.session import Session
from services.meetings.queries import the_board
from shared.sealed import Sealed, Seals


@dataclass(frozen=True, kw_only=True)
class Question:
    """What the members are asked: the office's words, and a sum if it is about an application."""

    text: str
    amount_cents: int | None = None


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """Everything that starting would bring, for the check page and for the start itself."""

    item: AgendaItem
    title: str
    seats: Sequence[Seat]
    voters: Turnout
    rules: Rules

    @property
    def asked(self) -> list[Member]:
        """Who gets a letter."""
        return [seat.member for seat in self.seats if seat.may_vote]


async def prepare(
    session: AsyncSession, seals: Seals, item_id: UUID, question: Question, *, at: datetime
) -> Prepared:
    """What starting now would bring; raises whatever makes it impossible."""
    item = await session.get_one(AgendaItem, item_id)
    meeting = await session.get_one(Session, item.session_id)
    await check_free(session, item)
    title = await check_question(session, item, question)
    _board, dated = await the_board(session)
    rules = rules_on(at, dated)
    if rules.circular_days is None:
        raise NotInWriting
    recused = await _recused(session, seals, item)
    seats, members = await _electorate(session, meeting, rules, recused)
    voters = turnout(seats, members=members)
    if 2 * voters.eligible <= members:
        raise TooFewToDecide
    return Prepared(item=item, title=title, seats=seats, voters=voters, rules=rules)


async def check_free(session: AsyncSession, item: AgendaItem) -> None:
    """Raise what stands against deciding this outside the session: a vote that runs, or an answer due."""
    item.check_between(answered=await is_answered(session, item.id))
    await check_no_poll(session, item.session_id, item_id=item.id)


async def check_question(session: AsyncSession, item: AgendaItem, question: Question) -> str:
    """The public title of what is asked; raises what cannot be asked."""
    if item.application_id is None:
        if item.kind is not ItemKind.OTHER or not question.text:
            raise NothingToAsk
        return item.title
    case = await session.get_one(Case, item.application_id)
    if not question.amount_cents:
        raise NoSum
    if question.amount_cents > case.asked_cents:
        raise AboveAsked
    return case.public_title


async def _recused(
    session: AsyncSession, seals: Seals, item: AgendaItem
) -> dict[UUID, RecusedBecause]:
    """Who may not vote on it, as far as that is known or was declared."""
    chosen = select(Recusal).where(Recusal.item_id == item.id)
    declared = {one.member_id: one.because for one in await session.scalars(chosen)}
    case = await session.get(Case, item.application_id) if item.application_id else None
    if case is None or case.paper is None:
        return declared
    return await known_recusals(session, seals, Sealed(**case.paper)) | declared


async def _electorate(
    session: AsyncSession,
    meeting: Session,
    rules: Rules,
    recused: Mapping[UUID, RecusedBecause],
) -> tuple[list[Seat], int]:
    """Active members as they stand now, everybody taken as there."""
    found = await session.scalars(
        select(Member)
        .where(Member.board_id == meeting.board_id, Member.status == MemberStatus.ACTIVE)
        .order_by(Member.active_since, Member.id)
    )
    members = found.all()
    units = {row.id: row.kind for row in await session.execute(select(Unit.id, Unit.kind))}
    there = [member.id for member in members]
    seats = electorate(members, there=there, recused=recused, rules=rules, units=units)
    return seats, votes_on_board(members, rules, units)
