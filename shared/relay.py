"""From outbox to stream: numbers what is committed and tells it under ids made of the numbers.

The database decides, the stream refuses: two relays, a paused one or a crash at any step can
neither lose nor double an event, and a Redis that forgot is told again.
"""

import argparse
import asyncio
import logging
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared.crashpoints import reached
from shared.ears import listening
from shared.events.base import stream_of
from shared.loops import rest
from shared.outages import REDIS_AWAY
from shared.pace import STEADY, Pace
from shared.service import Service, tables_of
from shared.settings import SERVICES, ServiceName, Settings
from shared.store import StreamStateRow, Tables, insert

SCRIPT: Final = Path(__file__).with_name("relay.lua").read_text("utf-8")
BATCH: Final = 200
Numbered = tuple[int, str]
MOST_BYTES: Final = 1_000_000
"""No script call carries more than this, unless a single event does."""

log = logging.getLogger(__name__)


class Ahead(Exception):
    """The stream knows events this database does not: it was restored, raise the epoch."""

    def __init__(self, stream: str, epoch: int, number: int) -> None:
        super().__init__(f"{stream} is at {epoch}-{number}, ahead of the database")


@dataclass(frozen=True)
class Batch:
    """Numbered rows on their way, and the number up to which the stream must have all before."""

    epoch: int
    before: int
    given: int
    """The last number given to any event so far."""
    rows: Sequence[Numbered]

    def pieces(self) -> Iterator["Batch"]:
        """The same rows in calls of bearable size; one empty call when there are none."""
        before, piece, size = self.before, list[Numbered](), 0
        for row in self.rows:
            if piece and size + len(row[1]) > MOST_BYTES:
                yield Batch(self.epoch, before, self.given, piece)
                before, piece, size = piece[-1][0], [], 0
            piece.append(row)
            size += len(row[1])
        yield Batch(self.epoch, before, self.given, piece)


@dataclass
class Relay:
    """Tells one service's events; `told` is what this process knows to lie in the stream."""

    service: Service
    tables: Tables
    pace: Pace = STEADY
    told: tuple[int, int] = field(default=(0, 0))

    @property
    def stream(self) -> str:
        return stream_of(self.service.name)

    async def run(self) -> None:
        """Tell for ever: at once when the bell rings, every `poll` seconds anyhow.

        That a part of a batch was told is noted with the next one: its way to the readers is short.
        """
        async with listening(self.service.db) as rung:
            while True:
                rung.clear()
                try:
                    while await self.tell() >= BATCH:
                        pass
                except REDIS_AWAY as away:
                    log.warning("the relay waits for Redis: %s", type(away).__name__)
                    await rest(self.pace.redis_away)
                    continue
                await rest(self.pace.poll, rung)

    async def tell(self) -> int:
        """One round; the number of events told, 0 when stream and outbox agree, BATCH: look again."""
        batch = await self._take()
        for piece in batch.pieces():
            reached("relay.before_publish")
            answer, epoch, tail = await self.publish(piece)
            reached("relay.after_publish")
            if answer == "GAP":
                return await self._go_back(batch.epoch, tail if epoch == batch.epoch else 0)
            if answer != "OK":
                return await self._overtaken(batch.epoch, epoch, tail, taken=answer == "TAKEN")
            last = piece.rows[-1][0] if piece.rows else piece.before
            self.told = (batch.epoch, last)
            if tail > max(last, batch.given):
                await self._overtaken(batch.epoch, batch.epoch, tail)
        return len(batch.rows)

    async def _take(self) -> Batch:
        """Note what was told before; repeat what has only a number, else number what is new."""
        async with self.service.db.begin("relay") as session:
            state = await lock_state(session, self.tables, self.stream, "tells")
            marked = self.told[0] == state.epoch and self.told[1] > state.told
            if marked:
                state.told = min(self.told[1], state.number)
            rows = await self._numbered(session, state)
            if not rows:
                rows = await self._number(session, state)
            batch = Batch(state.epoch, state.told, state.number, rows)
        if marked:
            reached("relay.after_mark")
        return batch

    async def _numbered(self, session: AsyncSession, state: StreamStateRow) -> list[Numbered]:
        """What has a number but is not known to lie in the stream."""
        if state.told >= state.number:
            return []
        outbox = self.tables.outbox
        chosen = select(outbox.number, outbox.body).where(outbox.number > state.told)
        rows = await session.execute(chosen.order_by(outbox.number).limit(BATCH))
        return [cast("Numbered", tuple(row)) for row in rows]

    async def _number(self, session: AsyncSession, state: StreamStateRow) -> list[Numbered]:
        """Give the next numbers to committed rows, in the order they were recorded."""
        outbox = self.tables.outbox
        place = func.row_number().over(order_by=outbox.id)
        new = select(outbox.id.label("id"), place.label("place")).where(outbox.number.is_(None))
        chosen = new.order_by(outbox.id).limit(BATCH).subquery()
        given = (
            update(outbox)
            .where(outbox.id == chosen.c.id)
            .values(number=chosen.c.place + state.number)
            .returning(outbox.number, outbox.body)
            .execution_options(synchronize_session=False)
        )
        rows = sorted(cast("Numbered", tuple(row)) for row in await session.execute(given))
        state.number += len(rows)
        return rows

    async def publish(self, batch: Batch) -> tuple[str, int, int]:
        """Call the script: its answer, the stream's epoch (of OK: how many were new), its last number before."""
        arguments: list[Any] = [batch.epoch, batch.before]
        for number, body in batch.rows:
            arguments += (number, with_sequence(body, number))
        script = self.service.redis.register_script(SCRIPT)
        answer, epoch, tail = await script(keys=[self.stream], args=arguments)
        return answer.decode(), int(epoch), int(tail)

    async def _go_back(self, epoch: int, tail: int) -> int:
        """Redis lost what lay after `tail`: tell from there, and count it as a gap."""
        async with self.service.db.begin("relay") as session:
            state = await lock_state(session, self.tables, self.stream, "tells")
            if state.epoch == epoch and state.told > tail:
                log.warning("%s lost %s to %s: telling again", self.stream, tail + 1, state.told)
                state.told, state.gaps = tail, state.gaps + 1
        self.told = (epoch, tail)
        return BATCH

    async def _overtaken(
        self, epoch: int, stream_epoch: int, tail: int, *, taken: bool = False
    ) -> int:
        """Another relay was faster, which is harmless; a database older than its stream is not."""
        async with self.service.db.begin("relay") as session:
            state = await lock_state(session, self.tables, self.stream, "tells")
            known = (state.epoch, state.number)
        if (stream_epoch, tail) > known or (taken and known[0] == epoch):
            raise Ahead(self.stream, stream_epoch, tail)
        return BATCH


def with_sequence(body: str, number: int) -> str:
    """The event as it is told: the recorded body with the teller's number in it."""
    return f'{body[:-1]},"sequence":"{number:019d}"}}'


async def lock_state(
    session: AsyncSession, tables: Tables, stream: str, role: str
) -> StreamStateRow:
    """This stream's row, ours until the transaction ends; made when it is missing."""
    table = tables.stream_state
    chosen = select(table).where(table.stream == stream, table.role == role).with_for_update()
    state = await session.scalar(chosen)
    if state is None:
        new = insert(session, table).values(
            stream=stream, role=role, epoch=1, number=0, told=0, gaps=0
        )
        await session.execute(new.on_conflict_do_nothing())
        state = (await session.scalars(chosen)).one()
    return state


async def raise_epoch(service: Service, tables: Tables) -> int:
    """After a restored database: tell everything it has under a new epoch; readers know what they had."""
    relay = Relay(service, tables)
    _, stream_epoch, _ = await relay.publish(Batch(0, 0, 0, []))
    async with service.db.begin("relay") as session:
        state = await lock_state(session, tables, relay.stream, "tells")
        state.epoch, state.told = max(state.epoch, stream_epoch) + 1, 0
        return state.epoch


async def _raise_epoch(name: ServiceName) -> int:
    service = Service.open(name, Settings.load())
    try:
        return await raise_epoch(service, tables_of(name))
    finally:
        await service.close()


def main() -> None:
    """`python -m shared.relay raise-epoch meetings`: after restoring that database from a backup."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("command", choices=["raise-epoch"])
    parser.add_argument("service", choices=SERVICES)
    chosen = parser.parse_args()
    epoch = asyncio.run(_raise_epoch(chosen.service))
    sys.stdout.write(f"{chosen.service} tells from its first event again, in epoch {epoch}\n")


if __name__ == "__main__":
    main()
