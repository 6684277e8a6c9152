"""Firing timers: each due one in a transaction of its own that also removes it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import make_transient

from shared.loops import rest
from shared.outages import (
    again_if_unlucky,
    blames_database,
    next_attempt,
    place,
    waited_too_long,
)
from shared.pace import STEADY, Pace
from shared.service import Service
from shared.store import Tables, TimerRow

PATIENCE: Final = "400ms"

TimerHandlers = Mapping[str, Callable[[TimerRow, AsyncSession, Service], Awaitable[None]]]
"""What to do when a timer of a kind comes due."""


@dataclass(frozen=True)
class Timers:
    """One service's timers and what they set off; any number of processes may look after them."""

    service: Service
    tables: Tables
    handlers: TimerHandlers
    pace: Pace = STEADY

    async def run(self) -> None:
        """Fire what is due, for ever."""
        while True:
            while await self.fire():
                pass
            await rest(self.pace.poll)

    async def fire(self) -> int:
        """Fire the timer that is due longest; 0 when none is, or it must wait for a command."""
        fired: list[TimerRow] = []
        try:
            await again_if_unlucky(lambda: self._fire_one(fired))
        except DBAPIError as error:
            if not waited_too_long(error):
                raise
            return 0
        return len(fired)

    async def _fire_one(self, fired: list[TimerRow]) -> None:
        timer, now = self.tables.timer, self.service.clock.now()
        due = select(timer).where(timer.try_at <= now, timer.kind.in_(self.handlers))
        first = due.order_by(timer.try_at, timer.id).limit(1).with_for_update(skip_locked=True)
        async with self.service.db.begin("timer") as session:
            await _give_way(session)
            row = await session.scalar(first)
            if row is None:
                return
            fired.append(row)
            error = await self._do(row, session)
            if error is not None:
                row = await session.get_one(timer, row.id)
                row.attempts += 1
                row.error, row.try_at = place(error), next_attempt(row.attempts, now)

    async def _do(self, row: TimerRow, session: AsyncSession) -> Exception | None:
        """Remove the timer, then act, so that the handler may set it again."""
        try:
            async with session.begin_nested():
                await session.delete(row)
                await session.flush()
                make_transient(row)
                await self.handlers[row.kind](row, session, self.service)
        except Exception as error:
            if blames_database(error):
                raise
            return error
        return None


async def _give_way(session: AsyncSession) -> None:
    """A command holds its thing and wants the timer, a timer the other way round: the timer yields.

    Shorter than PostgreSQL's deadlock_timeout, so that nobody's click ends as the victim.
    """
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE}'"))
