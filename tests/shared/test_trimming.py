"""Trimming: old entries go, but never one that a group still needs or that is not known as told."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis.asyncio import Redis
from sqlalchemy import func, select, update

from shared.events.base import stream_of
from shared.streams import forget_readers, open_group
from shared.trimming import Trimming
from tests.support.bus import HASTE, TABLES, Bus, Inbox, Outbox, StreamState, open_bus
from tests.support.databases import Databases

STREAM = stream_of("applications")
AT_ONCE = replace(HASTE, keep_in_stream=timedelta(0))


@pytest.fixture
async def bus(databases: Databases, redis_url: str) -> AsyncIterator[Bus]:
    """Ten events told, none answered yet."""
    async with open_bus(databases, redis_url) as opened:
        await open_group(opened.answers)
        await opened.tell(*"aaaaaaaaaa")
        await opened.relay_all()
        yield opened


async def trim(bus: Bus, **pace: Any) -> int:
    return await Trimming(bus.teller, TABLES, replace(AT_ONCE, **pace)).trim()


async def test_what_every_group_answered_goes(bus: Bus, redis: Redis) -> None:
    await bus.read_all()
    assert await trim(bus) == 9
    assert await redis.xlen(STREAM) == 1, "the last one read stays as the mark"


async def test_what_a_group_has_not_read_stays(bus: Bus, redis: Redis) -> None:
    await bus.read_all()
    await redis.xgroup_create(STREAM, "lagging", id="1-4")
    assert await trim(bus) == 3
    assert await redis.xlen(STREAM) == 7


async def test_what_a_group_has_read_but_not_acknowledged_stays(bus: Bus, redis: Redis) -> None:
    await redis.xreadgroup("notifications", "slow", {STREAM: ">"}, count=8)
    await redis.xack(STREAM, "notifications", "1-1", "1-2", "1-5")
    assert await trim(bus) == 2
    assert await redis.xlen(STREAM) == 8


async def test_without_a_group_nothing_goes(bus: Bus, redis: Redis) -> None:
    await redis.xgroup_destroy(STREAM, "notifications")
    assert await trim(bus) == 0


async def test_young_entries_stay_for_a_group_that_may_yet_be_made(bus: Bus, redis: Redis) -> None:
    await bus.read_all()
    assert await trim(bus, keep_in_stream=timedelta(days=7)) == 0
    async with bus.teller.db.begin() as session:
        old = datetime.now(UTC) - timedelta(days=8)
        await session.execute(update(Outbox).where(Outbox.number <= 4).values(recorded_at=old))
    assert await trim(bus, keep_in_stream=timedelta(days=7)) == 4


async def test_what_is_not_known_as_told_stays(bus: Bus) -> None:
    await bus.read_all()
    async with bus.teller.db.begin() as session:
        await session.execute(update(StreamState).values(told=3))
    assert await trim(bus) == 3


async def test_trimming_while_a_reader_lags_loses_nothing(bus: Bus, redis: Redis) -> None:
    for _ in range(10):
        await bus.tell(*"abcde")
        await bus.relay_all()
        await redis.xreadgroup("notifications", "slow", {STREAM: ">"}, count=3)
        await trim(bus)
    await bus.read_all()
    await trim(bus)
    assert await bus.complaints() == []
    assert len(await bus.effects()) == 60


async def test_a_new_group_on_an_old_stream_reads_what_is_still_there(
    bus: Bus, redis: Redis
) -> None:
    await bus.read_all()
    await trim(bus)
    await bus.tell("a")
    await bus.relay_all()
    newcomer = replace(bus.answerer, name="meetings")
    bus.answerer = newcomer
    await bus.read_all()
    assert [effect.place for effect in await bus.effects()][-1] == 11
    assert len(await bus.effects()) == 12, "its own inbox: the last two again, for another reader"


async def test_a_destroyed_group_is_made_again_and_repeats_nothing(bus: Bus, redis: Redis) -> None:
    await bus.read_all()
    await redis.xgroup_destroy(STREAM, "notifications")
    await bus.tell("a")
    await bus.relay_all()
    await bus.read_all()
    assert await bus.complaints() == []
    assert len(await bus.effects()) == 11


async def test_rows_beyond_their_time_go_but_never_what_is_not_told(bus: Bus) -> None:
    await bus.read_all()
    await bus.tell("b")
    async with bus.teller.db.begin() as session:
        await session.execute(update(Outbox).values(recorded_at=datetime(2020, 1, 1, tzinfo=UTC)))
    await Trimming(bus.teller, TABLES, HASTE).prune()
    async with bus.teller.db.read() as session:
        left = (await session.scalars(select(Outbox))).all()
    assert [row.subject for row in left] == ["b"]


async def test_the_inbox_remembers_longer_than_the_outbox_can_tell_again(bus: Bus) -> None:
    await bus.read_all()
    trimming = Trimming(bus.answerer, TABLES, HASTE)
    for days, kept in ((HASTE.keep_in_outbox.days + 1, 10), (HASTE.keep_in_inbox.days + 1, 0)):
        async with bus.answerer.db.begin() as session:
            await session.execute(
                update(Inbox).values(answered_at=datetime.now(UTC) - timedelta(days=days))
            )
        await trimming.prune()
        async with bus.answerer.db.read() as session:
            assert await session.scalar(select(func.count()).select_from(Inbox)) == kept


async def test_names_nobody_reads_under_go_unless_something_is_pending(
    bus: Bus, redis: Redis
) -> None:
    await redis.xreadgroup("notifications", "busy", {STREAM: ">"}, count=2)
    await redis.xgroup_createconsumer(STREAM, "notifications", "idle")
    assert await forget_readers(bus.answers) == 0, "idle for less than an hour"
    assert await forget_readers(bus.answers, idle=-1) == 1
    names: Any = await redis.xinfo_consumers(STREAM, "notifications")
    assert [one["name"] for one in names] == [b"busy"]
