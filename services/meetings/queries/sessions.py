"""Reads about the board and its sessions."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.domain.board import Board, BoardRules, Rules
from services.meetings.domain.notice import NoticePeriod
from services.meetings.domain.session import Session, Status
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
