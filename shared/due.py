"""Firing timers: each due one in a transaction of its own that also removes it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import make_transient

from shared.loops import rest
from shared.outages import again_if_unlucky, blames_database, next_attempt, place
from shared.pace import STEADY, Pace
from shared.service import Service
from shared.store import Tables, TimerRow

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
        """Fire the timer that is due longest; 0 when none is."""
        fired: list[TimerRow] = []
        await again_if_unlucky(lambda: self._fire_one(fired))
        return len(fired)

    async def _fire_one(self, fired: list[TimerRow]) -> None:
        timer, now = self.tables.timer, self.service.clock.now()
        due = select(timer).where(timer.try_at <= now, timer.kind.in_(self.handlers))
        first = due.order_by(timer.try_at, timer.id).limit(1).with_for_update(skip_locked=True)
        async with self.service.db.begin("timer") as session:
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
