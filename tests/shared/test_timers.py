"""Timers: due once, at their time, whatever happens in between."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.clock import SetClock
from shared.due import Timers
from shared.outages import PAUSES
from shared.service import Service
from shared.store import TimerRow
from shared.timers import cancel_timer, set_timer
from tests.support.bus import HASTE, TABLES, Bus, Effect, Timer, open_bus
from tests.support.bus import Lease as LeaseTable
from tests.support.databases import Databases

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
async def bus(databases: Databases, redis_url: str, clock: SetClock) -> AsyncIterator[Bus]:
    async with open_bus(databases, redis_url, clock) as opened:
        yield opened


async def note(row: TimerRow, session: AsyncSession, service: Service) -> None:
    session.add(
        Effect(
            event_id=uuid4(),
            subject=row.subject,
            place=row.attempts,
            words=str(row.payload),
        )
    )


def timers(bus: Bus, **handlers: Any) -> Timers:
    return Timers(bus.answerer, TABLES, {"note": note, **handlers}, HASTE)


async def put(bus: Bus, subject: str, due_at: datetime, kind: str = "note", **payload: Any) -> None:
    async with bus.answerer.db.begin() as session:
        await set_timer(session, Timer, kind=kind, subject=subject, due_at=due_at, payload=payload)


async def fired(bus: Bus) -> list[str]:
    return [effect.subject for effect in await bus.effects()]


async def test_a_timer_fires_once_when_it_is_due_and_not_before(bus: Bus, clock: SetClock) -> None:
    await put(bus, "s", NOON, amount=3)
    assert await timers(bus).fire() == 0
    clock.set(NOON)
    assert await timers(bus).fire() == 1
    assert await timers(bus).fire() == 0
    assert [effect.words for effect in await bus.effects()] == ["{'amount': 3}"]


async def test_setting_it_again_moves_it(bus: Bus, clock: SetClock) -> None:
    await put(bus, "s", NOON)
    await put(bus, "s", NOON + timedelta(days=1))
    clock.set(NOON)
    assert await timers(bus).fire() == 0
    clock.forward(days=1)
    assert await timers(bus).fire() == 1


async def test_a_cancelled_timer_never_fires(bus: Bus, clock: SetClock) -> None:
    await put(bus, "s", NOON)
    async with bus.answerer.db.begin() as session:
        await cancel_timer(session, Timer, kind="note", subject="s")
    clock.set(NOON)
    assert await timers(bus).fire() == 0


async def test_the_one_due_longest_comes_first(bus: Bus, clock: SetClock) -> None:
    await put(bus, "later", NOON)
    await put(bus, "earlier", NOON - timedelta(hours=1))
    clock.set(NOON)
    while await timers(bus).fire():
        pass
    assert await fired(bus) == ["earlier", "later"]


async def test_a_handler_may_set_its_own_timer_again(bus: Bus, clock: SetClock) -> None:
    async def again(row: TimerRow, session: AsyncSession, service: Service) -> None:
        await note(row, session, service)
        due = row.due_at + timedelta(days=1)
        await set_timer(session, Timer, kind="again", subject=row.subject, due_at=due)

    await put(bus, "s", NOON, kind="again")
    clock.set(NOON)
    assert [await timers(bus, again=again).fire() for _ in range(2)] == [1, 0]
    clock.forward(days=1)
    assert await timers(bus, again=again).fire() == 1
    assert await fired(bus) == ["s", "s"]


async def test_a_failing_timer_is_tried_again_then_waits_for_a_person(
    bus: Bus, clock: SetClock
) -> None:
    async def fail(row: TimerRow, session: AsyncSession, service: Service) -> None:
        await note(row, session, service)
        raise ValueError("Ada Lovelace")

    await put(bus, "s", NOON, kind="fail")
    await put(bus, "good", NOON)
    clock.set(NOON)
    attempts = 0
    for pause in (*PAUSES, *PAUSES):
        while await timers(bus, fail=fail).fire():
            attempts += 1
        clock.forward(seconds=pause * 1.25)
    assert attempts == len(PAUSES) + 1 + 1
    assert await fired(bus) == ["good"], "a failed attempt leaves nothing behind"
    async with bus.answerer.db.read() as session:
        row = (await session.scalars(select(Timer))).one()
    assert row.try_at is None
    assert row.error.startswith("ValueError in")
    assert "Ada" not in row.error


async def test_two_processes_fire_each_timer_once(bus: Bus, clock: SetClock) -> None:
    for place in range(20):
        await put(bus, f"s{place}", NOON)
    clock.set(NOON)

    async def fire_all() -> None:
        while await timers(bus).fire():
            pass

    await asyncio.gather(fire_all(), fire_all(), fire_all())
    assert sorted(await fired(bus)) == sorted(f"s{place}" for place in range(20))


async def test_a_kind_nobody_handles_here_waits(bus: Bus, clock: SetClock) -> None:
    await put(bus, "s", NOON, kind="of tomorrow")
    clock.set(NOON)
    assert await timers(bus).fire() == 0


async def test_a_timer_gives_way_to_a_command_that_holds_its_thing(
    bus: Bus, clock: SetClock
) -> None:
    """Each holds what the other wants: the command must not be the one that fails."""

    async def lock_the_thing(row: TimerRow, session: AsyncSession, service: Service) -> None:
        await asyncio.sleep(0.4)
        await session.execute(select(LeaseTable).where(LeaseTable.name == "x").with_for_update())
        await note(row, session, service)

    async with bus.answerer.db.begin() as session:
        session.add(LeaseTable(name="x", holder="", until=NOON))
    await put(bus, "s", NOON)
    clock.set(NOON)
    due = timers(bus, note=lock_the_thing)

    async def command() -> None:
        async with bus.answerer.db.begin() as session:
            await session.execute(
                select(LeaseTable).where(LeaseTable.name == "x").with_for_update()
            )
            await asyncio.sleep(0.2)
            await cancel_timer(session, Timer, kind="note", subject="s")

    async def fire() -> None:
        await asyncio.sleep(0.1)
        await due.fire()

    await asyncio.gather(command(), fire())
    while await due.fire():
        pass
    assert await fired(bus) == []
