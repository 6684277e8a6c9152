"""The worker: FastStream reading, leases, outages; ends loudly when it cannot go on."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from faststream.redis import RedisBroker
from redis.asyncio import Redis
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from deploy.valkey import Valkey
from shared.events.base import stream_of
from shared.lease import Lease
from shared.measures import measure
from shared.pulse import health_app
from shared.service import Service
from shared.streams import open_group, read_all
from shared.worker import Worker, settle
from tests.support.bus import HASTE, TABLES, Bus, Counted, open_bus
from tests.support.bus import Lease as LeaseTable
from tests.support.databases import Databases

STREAM = stream_of("applications")


@asynccontextmanager
async def running(*workers: Worker) -> AsyncIterator[None]:
    stop = asyncio.Event()
    tasks = [asyncio.create_task(worker.run(stop)) for worker in workers]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*tasks)


async def until(true: Callable[[], Awaitable[bool]], seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while not await true():
            await asyncio.sleep(0.02)


async def answered(bus: Bus, number: int) -> None:
    async def enough() -> bool:
        return len(await bus.effects()) >= number

    await until(enough)
    assert await bus.complaints() == []


async def test_what_was_told_before_the_first_start_is_answered(bus: Bus) -> None:
    for _ in range(100):
        await bus.tell("a", "b", "c")
    async with running(*bus.workers):
        await answered(bus, 300)


async def test_what_is_told_while_it_runs_is_answered(bus: Bus) -> None:
    async with running(*bus.workers):
        for _ in range(30):
            await bus.tell("a", "b", "a")
        await answered(bus, 90)


async def test_redis_may_be_emptied_at_any_moment(bus: Bus, redis: Redis) -> None:
    async with running(*bus.workers):
        for _ in range(6):
            for _ in range(10):
                await bus.tell("a", "b")
            await redis.flushall()
        await answered(bus, 120)


async def test_redis_may_be_killed_and_come_back(databases: Databases) -> None:
    with TemporaryDirectory(prefix="sb-w-") as folder:
        server = Valkey(Path(folder)).start()
        async with open_bus(databases, server.url) as bus, running(*bus.workers):
            for _ in range(3):
                await bus.tell("a", "b")
                server.kill()
                await bus.tell("a", "b")
                assert not (await measure(bus.answerer, TABLES, ["applications"])).redis
                server.start()
            await answered(bus, 12)
        server.stop()


async def test_a_reading_that_does_not_begin_in_time_begins_later(
    bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a machine whose Redis comes back slowly."""
    start, refused = RedisBroker.start, 0

    async def slow(broker: RedisBroker) -> None:
        nonlocal refused
        if (refused := refused + 1) < 3:
            raise TimeoutError
        await start(broker)

    monkeypatch.setattr(RedisBroker, "start", slow)
    async with running(*bus.workers):
        await bus.tell("a", "b")
        await answered(bus, 2)
    assert refused == 3


async def test_a_destroyed_group_is_made_again_while_it_runs(bus: Bus, redis: Redis) -> None:
    async with running(*bus.workers):
        await bus.tell("a")
        await answered(bus, 1)
        await redis.xgroup_destroy(STREAM, "notifications")
        await bus.tell("a")
        await answered(bus, 2)


async def test_a_group_that_vanishes_at_any_moment_does_not_end_the_worker(
    bus: Bus, redis: Redis
) -> None:
    hasty = replace(HASTE, reclaim_every=0.0)
    await open_group(bus.answers)
    reader = Worker(bus.answerer, TABLES, {"applications": bus.handlers}, pace=hasty)
    async with running(bus.workers[0], reader):
        for _ in range(60):
            await bus.tell("a")
            await redis.xgroup_destroy(STREAM, "notifications")
            await asyncio.sleep(0.02)
        await answered(bus, 60)


async def test_only_one_of_two_workers_reads_and_the_other_takes_over(bus: Bus) -> None:
    [telling, first] = bus.workers
    [_, second] = bus.workers
    second.readers[0].name = "the other"
    async with running(telling, second):
        async with running(first):
            for _ in range(20):
                await bus.tell("a", "b")
            await answered(bus, 40)
        for _ in range(20):
            await bus.tell("a", "b")
        await answered(bus, 80)


async def test_a_lost_database_ends_the_worker_loudly(bus: Bus) -> None:
    async def handler(event: Counted, session: AsyncSession, service: Service) -> None:
        raise OperationalError("SELECT", {}, ConnectionResetError("server closed"))

    bus.handlers = {Counted: handler}
    await bus.tell("a")
    with pytest.raises(ExceptionGroup) as caught:
        async with asyncio.timeout(20):
            await asyncio.gather(*(worker.run(asyncio.Event()) for worker in bus.workers))
    assert caught.group_contains(OperationalError)


async def test_a_loop_that_ends_by_itself_ends_the_worker(bus: Bus) -> None:
    async def short(service: Service) -> None: ...

    worker = Worker(bus.teller, TABLES, {}, loops=[short], pace=HASTE)
    with pytest.raises(ExceptionGroup) as caught:
        async with asyncio.timeout(20):
            await worker.run(asyncio.Event())
    assert caught.group_contains(RuntimeError, match="short ended by itself")


async def test_a_failing_event_is_tried_again_while_the_worker_runs(bus: Bus) -> None:
    from tests.shared.test_inbox import fail_at

    fail_at(bus, ("a", 1), times=2)
    async with running(*bus.workers):
        await bus.tell("a", "a", "b")
        await answered(bus, 3)


async def test_settling_does_everything_there_is_to_do(bus: Bus) -> None:
    await bus.tell("a", "b")
    assert await settle(*bus.workers) == 4, "two told, two answered"
    assert await settle(*bus.workers) == 0
    assert await bus.complaints() == []


async def test_reading_all_takes_over_what_another_left(bus: Bus, redis: Redis) -> None:
    await bus.tell("a", "b")
    await bus.relay_all()
    await redis.xgroup_create(STREAM, "notifications", id="0")
    await redis.xreadgroup("notifications", "the dead", {STREAM: ">"})
    assert await read_all(bus.answers, "the living") == 2
    assert await bus.complaints() == []


async def test_a_lease_has_one_holder_until_it_runs_out_or_is_left(bus: Bus) -> None:
    def lease(holder: str, seconds: float = 60) -> Lease:
        return Lease(bus.answerer.db, LeaseTable, "reads", holder, seconds)

    assert await lease("one").take()
    assert await lease("one").take(), "renewed"
    assert not await lease("two").take()
    await lease("two").leave()
    assert not await lease("two").take(), "nobody gives away what is not theirs"
    await lease("one").leave()
    assert await lease("two", seconds=0.01).take()
    await asyncio.sleep(0.05)
    assert await lease("one").take(), "a silent holder is followed"
    assert not await lease("two").take()


async def test_health_and_metrics_tell_how_it_is(bus: Bus) -> None:
    import httpx

    worker = bus.workers[1]
    await settle(*bus.workers)
    transport = httpx.ASGITransport(health_app(worker))
    async with httpx.AsyncClient(transport=transport, base_url="http://worker") as client:
        assert (await client.get("/health/live")).text == "ok\n"
        assert (await client.get("/health/ready")).status_code == 200
        metrics = (await client.get("/metrics")).text
        assert 'stadtteilbote_answers_lag{teller="applications"} 0' in metrics
        worker.readers[0].looked_at -= 60
        ready = await client.get("/health/ready")
        assert (ready.status_code, ready.text) == (503, "a reader is silent for 60 s\n")


def test_the_commands_explain_themselves() -> None:
    for module in ("shared.relay", "shared.parking", "shared.migrate"):
        done = subprocess.run(
            [sys.executable, "-m", module, "--help"], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert "usage" in done.stdout
