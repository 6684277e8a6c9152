"""Reading a teller's stream with FastStream, and what FastStream leaves to us.

Groups start at 0, one reader a group at a time, what a dead reader left is taken over first, and
a group that vanished with its stream is made again.
"""

import logging
from dataclasses import dataclass, field
from functools import cached_property
from time import monotonic
from typing import Any, Final, cast

from faststream import AckPolicy
from faststream.exceptions import StopConsume
from faststream.message import StreamMessage
from faststream.redis import RedisBroker, StreamSub
from faststream.redis.parser import MessageFormat
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from shared.inbox import Answers, Handlers, Raw
from shared.lease import Lease, my_name
from shared.loops import rest
from shared.outages import REDIS_AWAY
from shared.pace import STEADY, Pace

__all__ = ["Handlers", "Reader", "forget_readers", "open_group", "read_all", "reclaim"]

MOST: Final = 100
"""Events a batch: one transaction, one acknowledgement."""

log = logging.getLogger(__name__)


class Untouched(MessageFormat):
    """Bodies go through FastStream unread: it would unwrap a `data` that is a string."""

    @classmethod
    async def encode(cls, **_: Any) -> bytes:
        raise NotImplementedError("only the relay writes to streams")

    @classmethod
    def parse(cls, data: bytes) -> tuple[bytes, dict[str, Any]]:
        return b"0", {}


async def raw_message(message: StreamMessage[Any]) -> Any:
    """What the handler gets: ids and fields as Redis gave them."""
    return message.raw_message


@dataclass
class Reader:
    """Reads one stream for one service as long as it holds the lease."""

    answers: Answers
    pace: Pace = STEADY
    name: str = field(default_factory=my_name)
    failure: Exception | None = None
    looked_at: float = field(default_factory=monotonic)
    """When this reader last found everything in order; `monotonic` seconds."""

    @cached_property
    def lease(self) -> Lease:
        service, tables = self.answers.service, self.answers.tables
        return Lease(
            service.db, tables.lease, f"reads {self.answers.stream}", self.name, self.pace.lease
        )

    async def run(self) -> None:
        """Wait for the lease, read while it lasts, for ever; the database's errors end the process."""
        while True:
            try:
                if await self.lease.take():
                    await self._term()
                self.looked_at = monotonic()
            except REDIS_AWAY as away:
                log.warning("%s waits for Redis: %s", self.answers.stream, type(away).__name__)
                await rest(self.pace.redis_away)
            except ResponseError as error:
                if "NOGROUP" not in str(error):
                    raise
            await rest(self.pace.beat)

    async def _term(self) -> None:
        """One time as the reader: until the lease or the group is lost, or something failed."""
        await self._take_over()
        broker = self.broker()
        try:
            await _begin(broker)
            await self._watch(broker)
        finally:
            await broker.stop()
            await self.lease.leave()

    async def _take_over(self) -> None:
        """Make the group where it is missing, and answer first what the last reader left."""
        await open_group(self.answers)
        await reclaim(self.answers, self.name, idle=0)

    async def _watch(self, broker: RedisBroker) -> None:
        """Renew the lease, retry parked events, take over abandoned ones, while reading goes on."""
        reclaimed = monotonic()
        while True:
            if self.failure is not None:
                failure, self.failure = self.failure, None
                raise failure
            if not all(subscriber.running for subscriber in broker.subscribers):
                return
            if not await self.lease.take():
                return
            await self.answers.service.redis.ping()
            await self.answers.retry_due()
            if monotonic() - reclaimed > self.pace.reclaim_every:
                await reclaim(self.answers, self.name, idle=self.pace.reclaim_idle)
                reclaimed = monotonic()
            self.looked_at = monotonic()
            await rest(self.pace.beat)

    def broker(self) -> RedisBroker:
        """A FastStream broker whose one subscriber is this reader."""
        settings = self.answers.service.settings
        broker = RedisBroker(
            settings.redis_url,
            logger=log,
            log_level=logging.DEBUG,
            apply_types=False,
            graceful_timeout=3,
            message_format=Untouched,
            decoder=raw_message,
        )
        source = StreamSub(
            self.answers.stream,
            group=self.answers.group,
            consumer=self.name,
            batch=True,
            max_records=MOST,
            polling_interval=500,
        )
        broker.subscriber(stream=source, ack_policy=AckPolicy.MANUAL)(self._on_batch)
        return broker

    async def _on_batch(self, message: dict[str, Any]) -> None:
        """FastStream logs an error and reads on; ours stops the reader and is raised by `_watch`."""
        raw = zip(message["message_ids"], message["data"], strict=True)
        try:
            await self.answers.work(list(raw))
        except Exception as failure:
            self.failure = failure
            raise StopConsume from failure


async def _begin(broker: RedisBroker) -> None:
    """Raises what tells that Redis is away, also where the library only waited in vain for a first reading."""
    try:
        await broker.start()
    except TimeoutError as late:
        raise RedisTimeoutError("reading did not begin") from late


async def open_group(answers: Answers) -> None:
    """Make the group where it is missing, at the very beginning of the stream."""
    try:
        await answers.service.redis.xgroup_create(
            answers.stream, answers.group, id="0", mkstream=True
        )
    except ResponseError as error:
        if "BUSYGROUP" not in str(error):
            raise


async def reclaim(answers: Answers, name: str, *, idle: float) -> int:
    """Answer what others took and never acknowledged in `idle` seconds; how many there were."""
    redis, start, count = answers.service.redis, b"0-0", 0
    while True:
        start, entries, *_ = cast(
            "tuple[bytes, list[Raw], Any]",
            await redis.xautoclaim(
                answers.stream, answers.group, name, int(idle * 1000), start, count=50
            ),
        )
        if entries:
            await answers.work(entries)
            count += len(entries)
        if start == b"0-0":
            return count


async def read_all(answers: Answers, name: str) -> int:
    """Answer what is there and return: how tests and one-off commands read, without FastStream."""
    await open_group(answers)
    count = await reclaim(answers, name, idle=0)
    while True:
        found = cast(
            "list[tuple[bytes, list[Raw]]]",
            await answers.service.redis.xreadgroup(
                answers.group, name, {answers.stream: ">"}, count=MOST
            ),
        )
        if not found:
            return count
        [(_, entries)] = found
        await answers.work(entries)
        count += len(entries)


async def forget_readers(answers: Answers, *, idle: float = 3600) -> int:
    """Remove names nobody reads under any more: only with nothing pending, which would be lost."""
    redis, gone = answers.service.redis, 0
    for reader in await redis.xinfo_consumers(answers.stream, answers.group):
        if reader["pending"] == 0 and reader["idle"] > idle * 1000:
            await redis.xgroup_delconsumer(answers.stream, answers.group, reader["name"])
            gone += 1
    return gone
