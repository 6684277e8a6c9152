"""Reads shaped for pages: sessions by date, the board with its rules, the office's accounts."""

import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.domain.account import Account, RecoveryCode, Standing
from services.meetings.domain.board import Board, BoardRules, Rules
from services.meetings.domain.session import Session, Status
from shared.days import local_day, start_of_day

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


async def next_session(session: AsyncSession, *, at: datetime) -> Session | None:
    """The session people can still prepare for: not cancelled, not yet begun."""
    ahead = select(Session).where(
        Session.starts_at > at, Session.status.in_([Status.PLANNED, Status.INVITED])
    )
    return await session.scalar(ahead.order_by(Session.starts_at).limit(1))


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
