"""Answering events: each once, those of one subject in order, effects and inbox in one commit."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import Any, Final, cast
from uuid import UUID

from redis.exceptions import ResponseError
from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared import parking
from shared.crashpoints import reached
from shared.entries import Entry, Unreadable, parse, read_entry
from shared.events.base import Event, stream_of
from shared.outages import REDIS_AWAY, again_if_unlucky, blames_database
from shared.relay import lock_state
from shared.service import Service
from shared.store import StreamStateRow, Tables, insert

Handler = Callable[[Any, AsyncSession, Service], Awaitable[None]]
Handlers = Mapping[type[Event], Handler]
"""Which events of one teller a service answers, each with one function."""

HEALING: Final = 500
"""At most so many missed entries are looked up at once."""

log = logging.getLogger(__name__)
Raw = tuple[bytes, dict[bytes, bytes]]


class _HandlerFailed(Exception):
    """Some event of the batch cannot be answered: do the whole batch again, carefully."""


@dataclass(frozen=True)
class Answers:
    """How one service answers one teller's stream; everything that reads the stream goes through it."""

    service: Service
    tables: Tables
    teller: str
    handlers: Handlers

    @property
    def stream(self) -> str:
        return stream_of(self.teller)

    @property
    def group(self) -> str:
        return self.service.name

    async def work(self, raw: Sequence[Raw]) -> None:
        """Answer these, commit, then acknowledge: a crash in between repeats nothing."""
        entries = sorted((read_entry(*one) for one in raw), key=lambda one: (one.epoch, one.number))
        try:
            await again_if_unlucky(lambda: self._commit(entries))
        except _HandlerFailed:
            await again_if_unlucky(lambda: self._commit(entries, carefully=True))
        try:
            await self.service.redis.xack(
                self.stream, self.group, *(stream_id for stream_id, _ in raw)
            )
        except (*REDIS_AWAY, ResponseError) as away:
            log.warning("%s is not acknowledged yet: %s", self.stream, type(away).__name__)
        reached("consume.after_ack")

    async def retry_due(self) -> int:
        """Try the parked heads whose time has come, each in its own commit; how many there were."""
        async with self.service.db.read() as session:
            now = self.service.clock.now()
            impatient = [kind.type for kind in self.handlers if not kind.waits]
            due = await parking.due_heads(
                session, self.tables, self.stream, now, impatient=impatient
            )
        for head in due:
            await again_if_unlucky(partial(self._retry, head.id))
        return len(due)

    async def _retry(self, row_id: int) -> None:
        parked = self.tables.parked
        async with self.service.db.begin("consume") as session:
            chosen = select(parked).where(parked.id == row_id).with_for_update(skip_locked=True)
            row = await session.scalar(chosen)
            if row is None:
                return
            entry = parse(0, 0, row.body)
            assert isinstance(entry, Entry), "unreadable ones are dead from the start"
            error = await self._attempt(entry, session)
            if error is None:
                await session.delete(row)
            else:
                parking.failed_again(row, error, self.service.clock.now())

    async def _commit(self, entries: list[Entry | Unreadable], *, carefully: bool = False) -> None:
        """Everything a batch causes, in one transaction: boldly at first, since handlers rarely fail."""
        async with self.service.db.begin("consume") as session:
            fresh = await self._new_ones(session, entries)
            waiting = await parking.subjects(session, self.tables, self.stream)
            if carefully or waiting:
                await self._answer_carefully(fresh, session, waiting)
            else:
                await self._answer_boldly(fresh, session)

    async def _new_ones(
        self, session: AsyncSession, entries: list[Entry | Unreadable]
    ) -> list[Entry]:
        """What was never answered, in order, under this stream's lock: one reader at a time goes on."""
        state = await lock_state(session, self.tables, self.stream, "answers")
        entries = await self._whole(state, entries)
        for entry in entries:
            if isinstance(entry, Unreadable):
                now = self.service.clock.now()
                await parking.park_unreadable(session, self.tables, self.stream, entry, now)
        told = {entry.event_id: entry for entry in entries if isinstance(entry, Entry)}
        fresh = await self._fresh(session, list(told))
        furthest = max((entry.epoch, entry.number) for entry in entries)
        state.epoch, state.number = max((state.epoch, state.number), furthest)
        return [
            entry
            for event_id, entry in told.items()
            if event_id in fresh and entry.type in self._by_type
        ]

    async def _whole(
        self, state: StreamStateRow, entries: list[Entry | Unreadable]
    ) -> list[Entry | Unreadable]:
        """The batch with what is missing before and between: another reader took it and died."""
        epoch, number, whole = state.epoch, state.number, list[Entry | Unreadable]()
        for entry in entries:
            if entry.epoch > epoch:
                epoch, number = entry.epoch, 0
            if entry.epoch == epoch and entry.number > number + 1:
                found = await self._between(epoch, number + 1, entry.number - 1)
                if number:
                    state.gaps += entry.number - 1 - number - len(found)
                whole += found
            whole.append(entry)
            number = max(number, entry.number) if entry.epoch == epoch else number
        return whole

    async def _between(self, epoch: int, first: int, last: int) -> list[Entry | Unreadable]:
        """What the stream has under these numbers."""
        found: list[Entry | Unreadable] = []
        while first <= last:
            raw = await self.service.redis.xrange(
                self.stream, f"{epoch}-{first}", f"{epoch}-{last}", count=HEALING
            )
            if not raw:
                break
            found += [read_entry(*entry) for entry in cast("list[Raw]", raw)]
            first = found[-1].number + 1
        return found

    async def _fresh(self, session: AsyncSession, ids: Sequence[UUID]) -> set[UUID]:
        """Write the inbox; the ids nobody has answered before."""
        if not ids:
            return set()
        table = cast(Table, cast(Any, self.tables.inbox).__table__)
        now = datetime.now(UTC)
        rows = [{"consumer": self.group, "event_id": one, "answered_at": now} for one in ids]
        new = insert(session, cast(Any, table)).on_conflict_do_nothing().returning(table.c.event_id)
        connection = await session.connection()
        return set((await connection.execute(new, rows)).scalars())

    async def _answer_boldly(self, entries: Sequence[Entry], session: AsyncSession) -> None:
        """Without savepoints, which would cost more than most handlers; one failure fails it all."""
        try:
            for entry in entries:
                await self._call(entry, session)
            await session.flush()
        except Exception as error:
            if blames_database(error):
                raise
            raise _HandlerFailed from error

    async def _answer_carefully(
        self, entries: Sequence[Entry], session: AsyncSession, waiting: set[str]
    ) -> None:
        """Each in a savepoint, so that only the failing ones park, with what is behind them."""
        for entry in entries:
            waits, error = self._waits(entry, waiting), None
            if not waits:
                error = await self._attempt(entry, session)
            if error is not None or waits:
                waiting.add(entry.subject)
                now = self.service.clock.now()
                await parking.park(session, self.tables, self.stream, entry, error=error, now=now)

    def _waits(self, entry: Entry, waiting: set[str]) -> bool:
        kind, _ = self._by_type[entry.type]
        return kind.waits and entry.subject in waiting

    async def _attempt(self, entry: Entry, session: AsyncSession) -> Exception | None:
        """Answer one event in a savepoint of its own; what went wrong, if it was the event's fault."""
        try:
            async with session.begin_nested():
                await self._call(entry, session)
        except Exception as error:
            if blames_database(error):
                raise
            return error
        return None

    async def _call(self, entry: Entry, session: AsyncSession) -> None:
        kind, handler = self._by_type[entry.type]
        await handler(kind.from_cloudevent(entry.body), session, self.service)

    @cached_property
    def _by_type(self) -> dict[str, tuple[type[Event], Handler]]:
        return {kind.type: (kind, handler) for kind, handler in self.handlers.items()}
