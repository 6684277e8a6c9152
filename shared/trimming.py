"""What may be forgotten: old entries every group has answered, old rows nobody tells again."""

from dataclasses import dataclass
from datetime import UTC, datetime

from redis.exceptions import ResponseError
from sqlalchemy import delete, func, select

from shared.events.base import stream_of
from shared.pace import STEADY, Pace
from shared.service import Service
from shared.store import Tables

Id = tuple[int, int]


@dataclass(frozen=True)
class Trimming:
    """Keeps one service's stream and tables small without anybody missing anything."""

    service: Service
    tables: Tables
    pace: Pace = STEADY

    async def trim(self) -> int:
        """Drop entries that are old, told and answered by all groups; how many went."""
        bounds = [await self._old(), *await self._needed()]
        lowest = min(bounds)
        if len(bounds) < 2 or lowest <= (0, 0):
            return 0
        stream = stream_of(self.service.name)
        epoch, number = lowest
        trimmed = await self.service.redis.xtrim(
            stream, minid=f"{epoch}-{number}", approximate=False
        )
        return int(trimmed)

    async def prune(self) -> None:
        """Drop rows that are beyond their time; what is not told yet stays however old it is."""
        now, state = datetime.now(UTC), self.tables.stream_state
        outbox, inbox = self.tables.outbox, self.tables.inbox
        told = (
            select(state.told)
            .where(state.stream == stream_of(self.service.name), state.role == "tells")
            .scalar_subquery()
        )
        old = outbox.recorded_at < now - self.pace.keep_in_outbox
        known = inbox.answered_at < now - self.pace.keep_in_inbox
        async with self.service.db.begin("timer") as session:
            await session.execute(delete(outbox).where(old, outbox.number <= told))
            await session.execute(delete(inbox).where(known))

    async def _old(self) -> Id:
        """The first entry that has to stay for its age, or because it is not known as told."""
        outbox, state = self.tables.outbox, self.tables.stream_state
        before = datetime.now(UTC) - self.pace.keep_in_stream
        async with self.service.db.read() as session:
            key = {"stream": stream_of(self.service.name), "role": "tells"}
            row = await session.get(state, key)
            last = await session.scalar(
                select(func.max(outbox.number)).where(outbox.recorded_at < before)
            )
        if row is None or last is None:
            return (0, 0)
        return (row.epoch, min(last, row.told) + 1)

    async def _needed(self) -> list[Id]:
        """For each group the first entry it still needs: its oldest pending or its last read."""
        redis, stream = self.service.redis, stream_of(self.service.name)
        try:
            groups = await redis.xinfo_groups(stream)
        except ResponseError:
            return []
        needed = [_id(group["last-delivered-id"]) for group in groups]
        for group in groups:
            if group["pending"]:
                pending = await redis.xpending(stream, group["name"])
                needed += [_id(pending["min"])] if pending["min"] else []
        return needed


def _id(stream_id: bytes) -> Id:
    epoch, _, number = stream_id.decode().partition("-")
    return int(epoch), int(number)
