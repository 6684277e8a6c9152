"""The relay: every committed event gets one number, and lies in the stream once, in order."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis.asyncio import Redis
from sqlalchemy import delete, select, update

from shared import outbox
from shared.events.base import stream_of
from shared.measures import measure
from shared.relay import MOST_BYTES, Ahead, Relay, raise_epoch
from tests.support.bus import HASTE, TABLES, Bus, Counted, Outbox, StreamState

STREAM = stream_of("applications")


async def stream(redis: Redis) -> list[tuple[str, dict[str, Any]]]:
    entries: Any = await redis.xrange(STREAM)
    return [(entry.decode(), json.loads(fields[b"__data__"])) for entry, fields in entries]


async def numbers(redis: Redis) -> list[str]:
    return [entry for entry, _ in await stream(redis)]


async def state(bus: Bus) -> StreamState:
    async with bus.teller.db.read() as session:
        return await session.get_one(StreamState, {"stream": STREAM, "role": "tells"})


async def test_events_lie_in_the_stream_under_the_numbers_the_database_gave(
    bus: Bus, redis: Redis
) -> None:
    told = await bus.tell("a", "b", "a")
    assert await bus.relay_all() == 3
    assert await numbers(redis) == ["1-1", "1-2", "1-3"]
    bodies = [body for _, body in await stream(redis)]
    assert [body["id"] for body in bodies] == [str(event.event_id) for event in told]
    assert [body["sequence"] for body in bodies] == [f"{n:019d}" for n in (1, 2, 3)]


async def test_a_rolled_back_command_tells_nothing(bus: Bus, redis: Redis) -> None:
    async def refused() -> None:
        async with bus.teller.db.begin() as session:
            event = Counted(at=datetime.now(UTC), subject_id="a", place=1)
            outbox.record(session, Outbox, event)
            await session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await refused()
    await bus.relay_all()
    assert await numbers(redis) == []


async def test_one_that_commits_late_is_not_passed_over(bus: Bus, redis: Redis) -> None:
    """Insert ids are drawn before the commit: a cursor over them would skip the slower one."""
    if bus.teller.db.dialect == "sqlite":
        pytest.skip("SQLite has one writer: nobody can overtake")
    slow = Counted(at=datetime.now(UTC), subject_id="slow", place=1)
    async with bus.teller.db.begin() as session:
        outbox.record(session, Outbox, slow)
        await session.flush()
        await bus.tell("fast")
        await bus.relay_all()
        assert len(await numbers(redis)) == 1
    await bus.relay_all()
    assert [body["subject"] for _, body in await stream(redis)] == ["fast", "slow"]


async def test_two_relays_at_once_tell_everything_once(bus: Bus, redis: Redis) -> None:
    for _ in range(40):
        await bus.tell("a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l")
    await asyncio.gather(*(bus.relay_all() for _ in range(3)))
    await bus.relay_all()
    assert await numbers(redis) == [f"1-{n}" for n in range(1, 481)]


async def test_a_relay_that_wakes_late_does_no_harm(bus: Bus, redis: Redis) -> None:
    await bus.tell("a", "b")
    sleeper = bus.relay
    batch = await sleeper._take()
    await bus.relay_all()
    await bus.tell("c")
    await bus.relay_all()
    assert await sleeper.publish(batch) == ("OK", 0, 3)
    assert await numbers(redis) == ["1-1", "1-2", "1-3"]


async def test_a_relay_that_wakes_late_after_redis_was_emptied_does_no_harm(
    bus: Bus, redis: Redis
) -> None:
    await bus.tell("a", "b")
    sleeper = bus.relay
    batch = await sleeper._take()
    await bus.relay_all()
    await bus.tell("c")
    await bus.relay_all()
    await redis.flushall()
    assert await sleeper.publish(batch) == ("OK", 2, 0)
    await bus.relay_all()
    assert await numbers(redis) == ["1-1", "1-2", "1-3"]


async def test_an_emptied_redis_is_told_everything_again(bus: Bus, redis: Redis) -> None:
    for _ in range(150):
        await bus.tell("a", "b", "c")
    await bus.relay_all()
    before = await stream(redis)
    await redis.flushall()
    await bus.relay_all()
    assert await stream(redis) == before
    assert (await state(bus)).gaps == 1


async def test_a_redis_that_lost_its_tail_is_told_the_rest_again(bus: Bus, redis: Redis) -> None:
    await bus.tell("a", "b", "c")
    await bus.relay_all()
    kept = await redis.dump(STREAM)
    assert kept is not None
    await bus.tell("d", "e")
    await bus.relay_all()
    await redis.restore(STREAM, 0, kept, replace=True)
    await bus.relay_all()
    assert await numbers(redis) == [f"1-{n}" for n in range(1, 6)]


async def test_an_emptied_redis_and_an_outbox_already_pruned_go_on(bus: Bus, redis: Redis) -> None:
    await bus.tell("a", "b", "c")
    await bus.relay_all()
    async with bus.teller.db.begin() as session:
        await session.execute(delete(Outbox).where(Outbox.number <= 2))
    await redis.flushall()
    await bus.relay_all()
    assert await numbers(redis) == ["1-3"]
    async with bus.teller.db.begin() as session:
        await session.execute(delete(Outbox))
    await redis.flushall()
    await bus.tell("d")
    await bus.relay_all()
    assert await numbers(redis) == ["1-4"]


async def test_a_stream_ahead_of_a_restored_database_stops_the_relay(
    bus: Bus, redis: Redis
) -> None:
    await bus.tell("a", "b", "c")
    await bus.relay_all()
    await restore_to(bus, 1)
    with pytest.raises(Ahead, match="1-3"):
        await bus.relay_all()


async def test_a_number_that_another_event_has_stops_the_relay(bus: Bus, redis: Redis) -> None:
    """Restored, and then busy again before the relay looked: the numbers overlap."""
    await bus.tell("a", "b", "c")
    await bus.relay_all()
    await restore_to(bus, 1)
    for _ in range(4):
        await bus.tell("new")
    with pytest.raises(Ahead):
        await bus.relay_all()
    assert len(await numbers(redis)) == 3, "nothing was told half"


async def test_raising_the_epoch_tells_the_restored_database_from_its_first_event(
    bus: Bus, redis: Redis
) -> None:
    await bus.tell("a", "b", "c")
    await bus.relay_all()
    await bus.read_all()
    await restore_to(bus, 1)
    await bus.tell("new")
    assert await raise_epoch(bus.teller, TABLES) == 2
    await bus.relay_all()
    assert await numbers(redis) == ["1-1", "1-2", "1-3", "2-1", "2-2"]
    await bus.read_all()
    answered = [effect.subject for effect in await bus.effects()]
    assert answered == ["a", "b", "c", "new"], "the first was recognised, the new one answered"


async def test_a_relay_left_over_from_before_the_epoch_was_raised_follows(
    bus: Bus, redis: Redis
) -> None:
    old = bus.relay
    await bus.tell("a")
    while await old.tell():
        pass
    await raise_epoch(bus.teller, TABLES)
    await bus.relay_all()
    await bus.tell("b")
    while await old.tell():
        pass
    assert await numbers(redis) == ["1-1", "2-1", "2-2"]


async def test_a_relay_of_an_older_epoch_than_the_stream_stops(bus: Bus, redis: Redis) -> None:
    await bus.tell("a")
    await redis.xadd(STREAM, {"__data__": "{}"}, id="7-1")
    with pytest.raises(Ahead, match="7-1"):
        await bus.relay_all()


async def test_large_events_are_told_in_calls_of_bearable_size(bus: Bus, redis: Redis) -> None:
    for _ in range(4):
        await bus.tell("a", words="ü" * MOST_BYTES)
    batch = await Relay(bus.teller, TABLES, HASTE)._take()
    assert [len(piece.rows) for piece in batch.pieces()] == [1, 1, 1, 1]
    await bus.relay_all()
    await bus.read_all()
    assert [len(effect.words) for effect in await bus.effects()] == [MOST_BYTES] * 4


async def test_it_wakes_at_once_when_something_is_committed(bus: Bus, redis: Redis) -> None:
    relay = Relay(bus.teller, TABLES, replace(HASTE, poll=30.0))
    running = asyncio.create_task(relay.run())
    await asyncio.sleep(0.5)
    await bus.tell("a")
    async with asyncio.timeout(5):
        while not await redis.exists(STREAM):
            await asyncio.sleep(0.01)
    running.cancel()


async def test_what_is_not_told_is_seen(bus: Bus) -> None:
    await bus.tell("a", "b")
    async with bus.teller.db.begin() as session:
        long_ago = datetime.now(UTC) - timedelta(minutes=1)
        await session.execute(update(Outbox).values(recorded_at=long_ago))
    found = await measure(bus.teller, TABLES)
    assert found.untold == 2
    assert found.complaints() == ["an event waits to be told for 60 s"]
    await bus.relay_all()
    found = await measure(bus.teller, TABLES)
    assert (found.untold, found.complaints()) == (0, [])


async def restore_to(bus: Bus, number: int) -> None:
    """What a backup taken at this number would have brought back."""
    async with bus.teller.db.begin() as session:
        await session.execute(delete(Outbox).where(Outbox.number > number))
        row = (await session.scalars(select(StreamState))).one()
        row.number = row.told = number
