"""Reads shaped for pages: sessions with their agendas, the board's rules, the office's accounts."""

import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Literal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.domain.account import Account, RecoveryCode, Standing
from services.meetings.domain.agenda import AgendaItem, Case, ItemClosed, ItemStatus, Outcome
from services.meetings.domain.board import Board, BoardRules, Rules
from services.meetings.domain.notice import NoticePeriod
from services.meetings.domain.session import Session, Status
from services.meetings.domain.votes import Answer, Vote
from shared.days import end_of_day, local_day, start_of_day

Period = Literal["coming", "past"]


class NoBoardYet(Exception):
    """Before the first session the office names its board and the board's rules."""


async def the_board(
    session: AsyncSession, *, for_update: bool = False
) -> tuple[Board, list[Rules]]:
    """The board of this installation with all its dated rules, oldest first."""
    boards = select(Board).order_by(Board.id).limit(1)
    board = await session.scalar(boards.with_for_update() if for_update else boards)
    if board is None:
        raise NoBoardYet
    entries = select(BoardRules).where(BoardRules.board_id == board.id)
    found = await session.scalars(entries.order_by(BoardRules.holds_from))
    return board, [entry.as_rules() for entry in found]


async def sessions(
    session: AsyncSession, period: Period, *, at: datetime, limit: int = 200
) -> Sequence[Session]:
    """Coming sessions, next first, or past ones, latest first; today's is coming until midnight."""
    today = start_of_day(local_day(at))
    found = select(Session).limit(limit)
    if period == "coming":
        found = found.where(Session.starts_at >= today).order_by(Session.starts_at)
    else:
        found = found.where(Session.starts_at < today).order_by(Session.starts_at.desc())
    return (await session.scalars(found)).all()


async def notice_periods(session: AsyncSession, board_id: UUID) -> Sequence[NoticePeriod]:
    """The board's dated rules of how early it is invited."""
    entries = select(NoticePeriod).where(NoticePeriod.board_id == board_id)
    return (await session.scalars(entries)).all()


async def days_taken(session: AsyncSession, days: Collection[date]) -> set[date]:
    """Days of sessions that stand, from a week before the first of these days to a week after."""
    if not days:
        return set()
    week = timedelta(days=7)
    found = await session.scalars(
        select(Session.starts_at).where(
            Session.starts_at >= start_of_day(min(days) - week),
            Session.starts_at <= end_of_day(max(days) + week),
            Session.status != Status.CANCELLED,
        )
    )
    return {local_day(starts_at) for starts_at in found}


async def next_session(session: AsyncSession, *, at: datetime) -> Session | None:
    """The session people can still prepare for: not cancelled, not yet begun."""
    ahead = select(Session).where(
        Session.starts_at > at, Session.status.in_([Status.PLANNED, Status.INVITED])
    )
    return await session.scalar(ahead.order_by(Session.starts_at).limit(1))


@dataclass(frozen=True, kw_only=True)
class AgendaLine:
    """One line of an agenda, with what was voted on it so far."""

    position: int
    item: AgendaItem
    case: Case
    votes: Sequence[Vote]

    @property
    def last_vote(self) -> Vote | None:
        """The newest vote, if there was one."""
        return self.votes[-1] if self.votes else None

    @property
    def answer(self) -> Answer | None:
        """What came of the newest vote so far."""
        return self.last_vote.answer if self.last_vote else None

    @property
    def is_answered(self) -> bool:
        """Whether nothing is awaited any more, so that the board may vote (again)."""
        return self.answer is not Answer.AWAITED

    @property
    def standing(self) -> str:
        """How it stands, as a key of `words.OUTCOME`."""
        if self.item.outcome is not None:
            return self.item.outcome.value
        waiting = {Answer.AWAITED: "awaited", Answer.NOT_COVERED: "not_covered"}
        return waiting.get(self.answer or Answer.NONE, "open")

    @property
    def left_cents(self) -> int | None:
        """What the fund still has, once a yes was for more than that."""
        open_still = self.item.status is ItemStatus.OPEN
        return self.last_vote.left_cents if self.last_vote and open_still else None

    @property
    def cents(self) -> int:
        """The sum granted, before that the sum asked for."""
        granted = self.item.outcome is Outcome.GRANTED and self.item.amount_cents is not None
        return (self.item.amount_cents or 0) if granted else self.case.asked_cents


async def agendas_of(session: AsyncSession, session_ids: Iterable[UUID]) -> list[AgendaLine]:
    """The agendas of these sessions, one after the other: handed on first, then by arrival."""
    found = await session.execute(
        select(AgendaItem, Case)
        .join(Case, Case.application_id == AgendaItem.application_id)
        .where(AgendaItem.session_id.in_(session_ids), AgendaItem.status != ItemStatus.REMOVED)
    )
    rows = sorted(((item, case) for item, case in found), key=_place_of)
    votes = await _votes_on(session, [item.id for item, _case in rows])
    return [
        AgendaLine(position=position, item=item, case=case, votes=votes[item.id])
        for _session_id, agenda in groupby(rows, key=lambda row: row[0].session_id)
        for position, (item, case) in enumerate(agenda, start=1)
    ]


async def agenda_item(session: AsyncSession, item_id: UUID) -> tuple[AgendaLine, Session]:
    """One item with its session; raises `ItemClosed` for one that was taken off."""
    item = await session.get_one(AgendaItem, item_id)
    lines = await agendas_of(session, [item.session_id])
    line = next((line for line in lines if line.item.id == item_id), None)
    if line is None:
        raise ItemClosed(item.status, ItemStatus.RESOLVED)
    return line, await session.get_one(Session, item.session_id)


async def last_vote_of(session: AsyncSession, session_id: UUID) -> Vote | None:
    """The newest vote of a session: it knows how many belong to the board and are there."""
    votes = select(Vote).join(AgendaItem, AgendaItem.id == Vote.item_id)
    ours = votes.where(AgendaItem.session_id == session_id)
    return await session.scalar(ours.order_by(Vote.recorded_at.desc(), Vote.id.desc()).limit(1))


async def voted_sessions(session: AsyncSession, session_ids: Iterable[UUID]) -> set[UUID]:
    """Those of these sessions in which the board voted: they took place."""
    voted = select(AgendaItem.session_id).where(
        AgendaItem.session_id.in_(session_ids), AgendaItem.votes > 0
    )
    return set(await session.scalars(voted))


def _place_of(row: tuple[AgendaItem, Case]) -> tuple[UUID, bool, datetime, str]:
    item, case = row
    return item.session_id, not item.carried, item.kept_since, case.number


async def _votes_on(
    session: AsyncSession, item_ids: Sequence[UUID]
) -> defaultdict[UUID, list[Vote]]:
    votes: defaultdict[UUID, list[Vote]] = defaultdict(list)
    taken = select(Vote).where(Vote.item_id.in_(item_ids)).order_by(Vote.recorded_at, Vote.id)
    for vote in await session.scalars(taken):
        votes[vote.item_id].append(vote)
    return votes


async def account_by_email(session: AsyncSession, email: str) -> Account | None:
    """The account of an address, in whatever case it was typed."""
    return await session.scalar(select(Account).where(Account.email == same_address(email)))


async def accounts(session: AsyncSession, *, for_update: bool = False) -> Sequence[Account]:
    """Every account that still belongs to somebody, by name as people sort it."""
    found = select(Account).where(Account.standing != Standing.ERASED).order_by(Account.id)
    rows = (await session.scalars(found.with_for_update() if for_update else found)).all()
    return sorted(rows, key=lambda account: (account.name.casefold(), str(account.id)))


async def recovery_codes_left(session: AsyncSession, account_id: UUID) -> int:
    """How many spare codes are still unused."""
    unused = RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None)
    return await session.scalar(select(func.count()).where(*unused)) or 0


def same_address(email: str) -> str:
    """The form in which addresses are kept and compared."""
    return unicodedata.normalize("NFC", email.strip()).lower()
