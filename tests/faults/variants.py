"""The bus as it is, and with one mechanism taken away: those must be caught losing or doubling."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from redis.exceptions import ResponseError
from sqlalchemy import select

from shared.crashpoints import reached
from shared.entries import Entry, Unreadable
from shared.inbox import Answers, Raw
from shared.pace import Pace
from shared.relay import Relay
from shared.store import StreamStateRow
from shared.streams import Reader, open_group
from shared.worker import Worker
from tests.support.bus import TABLES, Bus


class PlainRelay(Relay):
    """Appends under ids of Redis's choosing, then marks: what most outboxes do."""

    async def tell(self) -> int:
        outbox = self.tables.outbox
        async with self.service.db.begin("relay") as session:
            waiting = select(outbox).where(outbox.number.is_(None)).order_by(outbox.id).limit(200)
            rows = (await session.scalars(waiting.with_for_update())).all()
            for row in rows:
                reached("relay.before_publish")
                await self.service.redis.xadd(self.stream, {"__data__": row.body})
                reached("relay.after_publish")
                row.number = row.id
        if rows:
            reached("relay.after_mark")
        return len(rows)


class Trusting(Answers):
    """Believes whatever the stream delivers: no look at numbers that are missing."""

    async def _whole(
        self, state: StreamStateRow, entries: list[Entry | Unreadable]
    ) -> list[Entry | Unreadable]:
        return entries


class WithoutInbox(Answers):
    """Takes every delivery for the first."""

    async def _fresh(self, session: object, ids: Sequence[UUID]) -> set[UUID]:
        return set(ids)


class AckFirst(Trusting):
    """Acknowledges before the effects are committed."""

    async def work(self, raw: Sequence[Raw]) -> None:
        await self.service.redis.xack(self.stream, self.group, *(one for one, _ in raw))
        await super().work(raw)


class Impatient(Reader):
    """Reads what is new without taking over first what a dead reader left."""

    async def _take_over(self) -> None:
        await open_group(self.answers)


class Late(Reader):
    """Comes when Redis has already suffered: whatever the stream lost is nobody's any more."""

    async def run(self) -> None:
        await asyncio.sleep(1)
        await super().run()


class NewOnly(Reader):
    """Starts its group at the end of a stream that others know, as FastStream does by itself."""

    async def _take_over(self) -> None:
        redis = self.answers.service.redis
        for _ in range(200):
            if await redis.exists(self.answers.stream):
                break
            await asyncio.sleep(0.01)
        try:
            await redis.xgroup_create(
                self.answers.stream, self.answers.group, id="$", mkstream=True
            )
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise
        await super()._take_over()


@dataclass(frozen=True)
class Variant:
    """Which classes make up the bus, and what Redis has to suffer."""

    relay: type[Relay] = Relay
    answers: type[Answers] = Answers
    reader: type[Reader] = Reader
    redis_faults: tuple[str, ...] = ("none", "flushall", "killed", "older", "destroyed group")
    redis_weights: tuple[int, ...] = (60, 15, 8, 9, 8)
    late_worker: bool = False

    def workers(self, bus: Bus, pace: Pace) -> list[Worker]:
        """A teller's and an answerer's worker made of these classes."""
        telling = Worker(bus.teller, TABLES, {}, pace=pace)
        telling.__dict__["relay"] = self.relay(bus.teller, TABLES, pace)
        answering = Worker(bus.answerer, TABLES, {"applications": bus.handlers}, pace=pace)
        answers = self.answers(bus.answerer, TABLES, "applications", bus.handlers)
        answering.__dict__["readers"] = [self.reader(answers, pace)]
        return [telling, answering]


VARIANTS = {
    "ours": Variant(),
    "plain relay": Variant(
        relay=PlainRelay, reader=Late, redis_faults=("older", "flushall"), redis_weights=(1, 1)
    ),
    "no inbox": Variant(answers=WithoutInbox),
    "order left to Redis": Variant(
        answers=Trusting, reader=Impatient, redis_faults=("none",), redis_weights=(1,)
    ),
    "ack first": Variant(answers=AckFirst, redis_faults=("none",), redis_weights=(1,)),
    "group at the end": Variant(
        reader=NewOnly,
        answers=Trusting,
        redis_faults=("none",),
        redis_weights=(1,),
        late_worker=True,
    ),
}
