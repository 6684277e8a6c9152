"""One measurement a process: `python -m benchmarks.contestants ours '{"…": …}'` prints JSON."""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

from sqlalchemy import func, insert, select

from benchmarks.memory import memory_of
from shared.entries import Entry, read_entry
from shared.events.base import stream_of, to_json
from shared.inbox import Answers, Raw
from shared.pace import STEADY
from shared.relay import BATCH, Batch
from shared.streams import MOST, Reader, open_group
from shared.worker import Worker
from tests.support.bus import (
    COUNT,
    TABLES,
    Bus,
    Counted,
    Effect,
    Outbox,
    count,
    create_tables,
    open_service,
)

WORDS = "Sitzung im Stadtteilbüro, Dresdener Ring " * 6
"""Brings an event to the size of a real one, about 600 bytes."""


def an_event(place: int) -> Counted:
    return Counted(
        at=datetime.now(UTC), subject_id=f"case {place % 50}", place=place, words=WORDS[:200]
    )


def open_bus(job: dict[str, Any]) -> Bus:
    urls = job["teller_url"], job["answerer_url"]
    return Bus(
        open_service("applications", urls[0], urls[0], job["redis_url"]),
        open_service("notifications", urls[1], urls[1], job["redis_url"]),
    )


async def ours(job: dict[str, Any]) -> dict[str, Any]:
    """From a full outbox to committed effects: relay, stream, FastStream, inbox, in one process."""
    bus, number = open_bus(job), job["events"]
    for service in (bus.teller, bus.answerer):
        await create_tables(service)
    rows = [
        {
            "event_id": event.event_id,
            "type": event.type,
            "subject": event.subject,
            "body": to_json(event.to_cloudevent()),
            "recorded_at": event.at,
        }
        for event in map(an_event, range(number))
    ]
    async with bus.teller.db.begin() as session:
        await session.execute(insert(Outbox), rows)
    stop = asyncio.Event()
    started = perf_counter()
    workers = [
        Worker(bus.teller, TABLES, {}),
        Worker(bus.answerer, TABLES, {"applications": COUNT}),
    ]
    running = [asyncio.create_task(worker.run(stop)) for worker in workers]
    while await effects(bus) < number:
        await asyncio.sleep(0.02)
    seconds = perf_counter() - started
    stop.set()
    await asyncio.gather(*running)
    return {"per_second": number / seconds, **memory_of(os.getpid())}


async def effects(bus: Bus) -> int:
    async with bus.answerer.db.read() as session:
        return await session.scalar(select(func.count()).select_from(Effect)) or 0


class WithoutDatabase(Answers):
    """Parses and counts, then acknowledges: what is left when nothing is stored."""

    seen = 0

    async def work(self, raw: Sequence[Raw]) -> None:
        for one in raw:
            entry = read_entry(*one)
            assert isinstance(entry, Entry)
            Counted.from_cloudevent(entry.body)
            WithoutDatabase.seen += 1
        await self.service.redis.xack(self.stream, self.group, *(one for one, _ in raw))


async def stream_only(job: dict[str, Any]) -> dict[str, Any]:
    """The relay's script and FastStream's batches, without a database on either side."""
    bus, number = open_bus(job), job["events"]
    bodies = [to_json(an_event(place).to_cloudevent()) for place in range(number)]
    started = perf_counter()
    for first in range(0, number, BATCH):
        rows = list(enumerate(bodies[first : first + BATCH], start=first + 1))
        await bus.relay.publish(Batch(1, first, first + len(rows), rows))
    answers = WithoutDatabase(bus.answerer, TABLES, "applications", COUNT)
    await open_group(answers)
    broker = Reader(answers, STEADY).broker()
    await broker.start()
    while WithoutDatabase.seen < number:
        await asyncio.sleep(0.002)
    seconds = perf_counter() - started
    await broker.stop()
    return {"per_second": number / seconds}


async def raw(job: dict[str, Any]) -> dict[str, Any]:
    """redis-py by hand: pipelines of 100 in, batches of 100 out, one acknowledgement a batch."""
    bus, number = open_bus(job), job["events"]
    redis, stream = bus.teller.redis, stream_of("applications")
    bodies = [to_json(an_event(place).to_cloudevent()) for place in range(number)]
    await redis.xgroup_create(stream, "raw", id="0", mkstream=True)
    started, seen = perf_counter(), 0
    for first in range(0, number, MOST):
        pipeline = redis.pipeline(transaction=False)
        for body in bodies[first : first + MOST]:
            pipeline.xadd(stream, {"__data__": body})
        await pipeline.execute()
    while seen < number:
        found: Any = await redis.xreadgroup("raw", "one", {stream: ">"}, count=MOST)
        entries = found[0][1]
        await redis.xack(stream, "raw", *(one for one, _ in entries))
        seen += len(entries)
    return {"per_second": number / (perf_counter() - started)}


async def latency(job: dict[str, Any]) -> dict[str, Any]:
    """Milliseconds from a command's commit to its committed effect, at 25 commands a second."""
    bus = open_bus(job)
    for service in (bus.teller, bus.answerer):
        await create_tables(service)
    committed, took = dict[str, float](), list[float]()

    class Watching(Answers):
        async def _commit(self, entries: Any, *, carefully: bool = False) -> None:
            await super()._commit(entries, carefully=carefully)
            now = perf_counter()
            took.extend(now - committed[str(one.event_id)] for one in entries)

    answering = Worker(bus.answerer, TABLES, {"applications": COUNT})
    watching = Watching(bus.answerer, TABLES, "applications", COUNT)
    answering.__dict__["readers"] = [Reader(watching, STEADY)]
    stop = asyncio.Event()
    workers = [Worker(bus.teller, TABLES, {}), answering]
    running = [asyncio.create_task(worker.run(stop)) for worker in workers]
    await asyncio.sleep(2)
    for _ in range(job["commands"]):
        await asyncio.sleep(0.04)
        [event] = await bus.tell("a")
        committed[str(event.event_id)] = perf_counter()
    await asyncio.sleep(1)
    stop.set()
    await asyncio.gather(*running)
    took.sort()
    return {"p50": took[len(took) // 2] * 1000, "p99": took[int(len(took) * 0.99)] * 1000}


def celery(job: dict[str, Any]) -> dict[str, Any]:
    """The same handler as Celery tasks already in the queue: one worker process, late acks."""
    from celery import Celery

    bus, number = open_bus(job), job["events"]
    loop = asyncio.new_event_loop()
    loop.run_until_complete(create_tables(bus.answerer))
    app = Celery("bench", broker=job["redis_tcp"])
    app.conf.update(
        task_acks_late=True,
        worker_prefetch_multiplier=100,
        task_ignore_result=True,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
    )
    times = list[float]()

    async def answer(event: Counted) -> None:
        async with bus.answerer.db.begin() as session:
            await count(event, session, bus.answerer)

    @app.task(name="count")  # type: ignore[untyped-decorator]
    def task(body: dict[str, Any]) -> None:
        times.append(perf_counter())
        loop.run_until_complete(answer(Counted.from_cloudevent(body)))
        if len(times) == number:
            seconds = perf_counter() - times[0]
            print(json.dumps({"per_second": number / seconds, **memory_of(os.getpid())}))
            sys.stdout.flush()
            os._exit(0)

    with app.producer_pool.acquire(block=True) as producer:
        for place in range(number):
            task.apply_async((an_event(place).to_cloudevent(),), producer=producer)
    app.worker_main(["worker", "--pool=solo", "--loglevel=ERROR", "--without-gossip",
                     "--without-mingle", "--without-heartbeat"])  # fmt: skip
    raise RuntimeError("the worker ended before its work")


ASYNC: dict[str, Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]] = {
    "ours": ours,
    "stream_only": stream_only,
    "raw": raw,
    "latency": latency,
}

if __name__ == "__main__":
    name, given = sys.argv[1], json.loads(sys.argv[2])
    if name == "celery":
        celery(given)
    else:
        import uvloop

        print(json.dumps(uvloop.run(ASYNC[name](given))))  # type: ignore[arg-type]
