"""Databases: PostgreSQL and SQLite behave alike where the services rely on it."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import make_url, select, text
from sqlalchemy.exc import DBAPIError, StatementError

from shared.events.base import stream_of
from shared.store import connect
from tests.support.bus import TABLES, Bus, Effect, StreamState, Timer


async def test_two_hundred_concurrent_increments_are_all_stored(bus: Bus) -> None:
    key = {"stream": stream_of("meetings"), "role": "tells"}
    async with bus.teller.db.begin() as session:
        session.add(StreamState(**key, epoch=1, number=0, told=0, gaps=0))

    async def increment() -> None:
        async with bus.teller.db.begin() as session:
            row = await session.get_one(StreamState, key, with_for_update=True)
            row.number += 1

    await asyncio.gather(*(increment() for _ in range(200)))
    async with bus.teller.db.read() as session:
        assert (await session.get_one(StreamState, key)).number == 200


async def test_a_failing_transaction_leaves_nothing_behind(bus: Bus) -> None:
    async def fail() -> None:
        async with bus.answerer.db.begin() as session:
            session.add(Effect(event_id=uuid4(), subject="s", place=1))
            await session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await bus.effects() == []


async def test_writing_in_a_reading_transaction_fails(bus: Bus) -> None:
    async def write() -> None:
        async with bus.teller.db.read() as session:
            session.add(Effect(event_id=uuid4(), subject="s", place=1))
            await session.flush()

    with pytest.raises(DBAPIError):
        await write()


async def test_a_reader_waits_for_no_writer(bus: Bus) -> None:
    async with bus.answerer.db.begin() as writing:
        writing.add(Effect(event_id=uuid4(), subject="s", place=1))
        await writing.flush()
        async with asyncio.timeout(2):
            assert await bus.effects() == []


async def test_instants_come_back_aware_and_in_utc(bus: Bus) -> None:
    summer = datetime(2026, 7, 1, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    row = Timer(key="k:s", kind="k", subject="s", due_at=summer, try_at=None, attempts=0, error="")
    async with bus.teller.db.begin() as session:
        session.add(row)
    async with bus.teller.db.read() as session:
        stored = (await session.scalars(select(Timer))).one()
    assert stored.due_at == summer
    assert stored.due_at.tzinfo is UTC
    assert stored.try_at is None


async def put(bus: Bus, *timers: Timer) -> None:
    async with bus.teller.db.begin() as session:
        session.add_all(timers)


async def test_an_instant_without_a_zone_is_refused(bus: Bus) -> None:
    naive = datetime(2026, 7, 1, 12)  # noqa: DTZ001 - the mistake under test
    with pytest.raises(StatementError, match="zone"):
        await put(bus, Timer(key="k:s", kind="k", subject="s", due_at=naive))


async def test_errors_do_not_repeat_what_was_to_be_stored(bus: Bus) -> None:
    now = datetime.now(UTC)
    twins = [Timer(key="same", kind="k", subject="Ada Lovelace", due_at=now) for _ in range(2)]
    with pytest.raises(DBAPIError) as caught:
        await put(bus, *twins)
    assert "UNIQUE" in str(caught.value).upper()
    assert "Ada Lovelace" not in str(caught.value)


def test_a_database_in_memory_is_refused() -> None:
    with pytest.raises(ValueError, match="file"):
        connect("sqlite+aiosqlite:///:memory:")


async def test_what_was_deleted_is_gone_from_the_files(bus: Bus) -> None:
    db = bus.answerer.db
    async with db.begin() as session:
        session.add(Effect(event_id=uuid4(), subject="Wilhelmine Eichendorff", place=1))
    async with db.begin() as session:
        await session.execute(text("DELETE FROM effects"))
    await db.scrub("effects")
    if db.dialect == "sqlite":
        file = Path(make_url(db.url).database or "")
        traces = [part for part in file.parent.glob(f"{file.name}*") if part.is_file()]
        assert all(b"Wilhelmine" not in part.read_bytes() for part in traces)
    else:
        async with db.read() as session:
            assert await session.scalar(text("SELECT pg_relation_size('effects')")) == 0


def test_the_tables_have_names_migrations_can_speak_of() -> None:
    metadata = TABLES.outbox.metadata  # type: ignore[attr-defined]
    names = [
        constraint.name for table in metadata.tables.values() for constraint in table.constraints
    ]
    assert all(names)
