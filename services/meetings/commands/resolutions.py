"""Keeping what was decided under a number of its own, in the transaction that decided it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.domain.agenda import AgendaItem
from services.meetings.domain.board import Board
from services.meetings.domain.resolutions import DECISIONS, Resolution
from services.meetings.domain.session import Session
from services.meetings.domain.votes import Vote
from services.meetings.store import record
from shared.days import local_day


async def record_resolution(
    session: AsyncSession, vote: Vote, item: AgendaItem, *, title: str, at: datetime
) -> None:
    """One resolution a vote that decided something, numbered without gaps; again changes nothing."""
    if vote.verdict not in DECISIONS:
        return
    await session.flush()
    board_id = await _lock_numbers(session, item.session_id)
    known = select(Resolution.id).where(Resolution.vote_id == vote.id)
    if await session.scalar(known) is not None:
        return
    made, told = Resolution.of(
        vote,
        item,
        board_id=board_id,
        title=title,
        last=await _last(session, board_id),
        running=await _next_running(session, board_id, local_day(at).year),
        at=at,
    )
    session.add(made)
    record(session, told)


async def _lock_numbers(session: AsyncSession, session_id: UUID) -> UUID:
    """The board of this session, held until the commit: of two decisions one waits for its number."""
    meeting = await session.get_one(Session, session_id)
    locked = select(Board.id).where(Board.id == meeting.board_id).with_for_update()
    return (await session.scalars(locked)).one()


async def _last(session: AsyncSession, board_id: UUID) -> Resolution | None:
    chain = select(Resolution).where(Resolution.board_id == board_id)
    return await session.scalar(chain.order_by(Resolution.position.desc()).limit(1))


async def _next_running(session: AsyncSession, board_id: UUID, year: int) -> int:
    of_year = Resolution.board_id == board_id, Resolution.year == year
    newest = await session.scalar(select(func.max(Resolution.running)).where(*of_year))
    return (newest or 0) + 1
