"""Answering: each event once, a subject's in order, a bad one never in the way of the others."""

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any, ClassVar
from uuid import UUID

import pytest
from redis.asyncio import Redis
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from shared import parking
from shared.clock import SetClock
from shared.events.base import stream_of
from shared.inbox import Raw
from shared.outages import PAUSES
from shared.outbox import record
from shared.service import Service
from tests.support.bus import (
    TABLES,
    Audit,
    Bus,
    Counted,
    Effect,
    Outbox,
    Parked,
    StreamState,
    count,
    open_bus,
)
from tests.support.databases import Databases

STREAM = stream_of("applications")


@pytest.fixture
async def bus(databases: Databases, redis_url: str, clock: SetClock) -> AsyncIterator[Bus]:
    async with open_bus(databases, redis_url, clock) as opened:
        yield opened


class Forgotten(Counted):
    """One that is answered however much waits."""

    type: ClassVar = "stadtteilbote.test.forgotten.v1"
    waits: ClassVar = False


async def raw(redis: Redis) -> list[Raw]:
    entries: Any = await redis.xrange(STREAM)
    return list(entries)


async def parked(bus: Bus) -> list[Parked]:
    async with bus.answerer.db.read() as session:
        return list(await session.scalars(select(Parked).order_by(Parked.id)))


async def answered(bus: Bus) -> list[tuple[str, int]]:
    return [(effect.subject, effect.place) for effect in await bus.effects()]


def fail_at(bus: Bus, *places: tuple[str, int], times: int = 10**6) -> None:
    """Let the handler fail so many times at these events, after it has had its effect."""
    left = dict.fromkeys(places, times)

    async def handler(event: Counted, session: AsyncSession, service: Service) -> None:
        await count(event, session, service)
        place = (event.subject_id, event.place)
        if left.get(place, 0) > 0:
            left[place] -= 1
            raise ValueError(f"{event.words} cannot be answered")

    bus.handlers = {Counted: handler}


async def test_every_event_delivered_three_times_and_shuffled_is_answered_once_in_order(
    bus: Bus, redis: Redis
) -> None:
    for _ in range(30):
        await bus.tell("a", "b", "c")
    await bus.relay_all()
    entries = await raw(redis) * 3
    chance = random.Random(7)
    chance.shuffle(entries)
    while entries:
        size = chance.randint(1, 17)
        batch, entries = entries[:size], entries[size:]
        await bus.answers.work(batch)
    assert await bus.complaints() == []
    assert len(await bus.effects()) == 90


async def test_the_same_event_twice_in_one_batch_is_answered_once(bus: Bus, redis: Redis) -> None:
    await bus.tell("a", "b")
    await bus.relay_all()
    entries = await raw(redis)
    await bus.answers.work([*entries, *entries])
    assert await answered(bus) == [("a", 1), ("b", 1)]


async def test_a_poison_event_parks_with_its_subject_and_the_others_go_on(bus: Bus) -> None:
    await bus.tell("a", "b", "a", "c", "b", "a")
    fail_at(bus, ("a", 2))
    await bus.relay_all()
    await bus.read_all()
    assert await answered(bus) == [("a", 1), ("b", 1), ("c", 1), ("b", 2)]
    assert [row.subject for row in await parked(bus)] == ["a", "a"]
    await bus.tell("a", "b")
    await bus.relay_all()
    await bus.read_all()
    assert (await answered(bus))[-1] == ("b", 3)
    assert len(await parked(bus)) == 3, "a later batch waits behind the failed one, too"


async def test_a_handler_that_fails_twice_is_tried_again_and_order_is_kept(
    bus: Bus, clock: SetClock
) -> None:
    await bus.tell("a", "a", "b", "a")
    fail_at(bus, ("a", 1), times=3)
    await bus.relay_all()
    await bus.read_all()
    assert await answered(bus) == [("b", 1)]
    for pause in PAUSES[:2]:
        while await bus.answers.retry_due():
            pass
        clock.forward(seconds=pause * 1.25)
    while await bus.answers.retry_due():
        pass
    assert await bus.complaints() == []
    assert await answered(bus) == [("b", 1), ("a", 1), ("a", 2), ("a", 3)]
    assert await parked(bus) == []


async def test_a_parked_event_is_not_tried_before_its_time(bus: Bus, clock: SetClock) -> None:
    await bus.tell("a")
    fail_at(bus, ("a", 1))
    await bus.relay_all()
    await bus.read_all()
    clock.forward(seconds=0.7)
    assert await bus.answers.retry_due() == 0
    clock.forward(seconds=0.6)
    assert await bus.answers.retry_due() == 1
    [row] = await parked(bus)
    assert row.attempts == 2
    assert row.try_at is not None
    assert 4 <= (row.try_at - clock.now()).total_seconds() <= 6


async def dead_event(bus: Bus, clock: SetClock) -> UUID:
    """An event whose attempts are used up, with one of its subject behind it."""
    [event, _] = await bus.tell("a", "a", words="Ada Lovelace")
    fail_at(bus, ("a", 1))
    await bus.relay_all()
    await bus.read_all()
    for pause in (*PAUSES, *PAUSES):
        await bus.answers.retry_due()
        clock.forward(seconds=pause * 1.25)
    [head, behind] = await parked(bus)
    assert (head.try_at, head.attempts) == (None, len(PAUSES) + 1)
    assert behind.attempts == 0
    return event.event_id


async def test_after_all_attempts_an_event_is_dead_and_says_why_without_personal_data(
    bus: Bus, clock: SetClock
) -> None:
    await dead_event(bus, clock)
    [head, _] = await parked(bus)
    assert head.error.startswith("ValueError in tests/shared/test_inbox.py:")
    assert "Ada" not in head.error


async def test_a_redriven_event_is_answered_before_those_behind_it(
    bus: Bus, clock: SetClock
) -> None:
    event_id = await dead_event(bus, clock)
    fail_at(bus)
    async with bus.answerer.db.begin() as session:
        await parking.redrive(session, TABLES, event_id, at=clock.now(), actor="account:7")
    while await bus.answers.retry_due():
        pass
    assert await answered(bus) == [("a", 1), ("a", 2)]
    assert await trail(bus) == [("account:7", "event.redriven", "a")]


async def test_a_discarded_event_lets_those_behind_it_go_on(bus: Bus, clock: SetClock) -> None:
    event_id = await dead_event(bus, clock)
    async with bus.answerer.db.begin() as session:
        await parking.discard(session, TABLES, event_id, at=clock.now(), actor="account:7")
    while await bus.answers.retry_due():
        pass
    assert await answered(bus) == [("a", 2)]
    assert await trail(bus) == [("account:7", "event.discarded", "a")]


async def test_forgetting_somebody_waits_behind_no_parked_event(bus: Bus, clock: SetClock) -> None:
    fail_at(bus, ("a", 1))
    fails = [True]

    async def forget(event: Forgotten, session: AsyncSession, service: Service) -> None:
        await count(event, session, service)
        if fails:
            raise ValueError(fails.pop())

    bus.handlers = {**bus.handlers, Forgotten: forget}
    await bus.tell("a")
    async with bus.teller.db.begin() as session:
        record(session, Outbox, Forgotten(at=clock.now(), subject_id="a", place=2))
    await bus.relay_all()
    await bus.read_all()
    clock.forward(seconds=1.25)
    await bus.answers.retry_due()
    assert await answered(bus) == [("a", 2)]


async def test_what_is_not_parked_cannot_be_redriven(bus: Bus, clock: SetClock) -> None:
    with pytest.raises(parking.NotParked):
        async with bus.answerer.db.begin() as session:
            await parking.redrive(session, TABLES, UUID(int=1), at=clock.now(), actor="system")


async def trail(bus: Bus) -> list[tuple[str, str, str]]:
    async with bus.answerer.db.read() as session:
        rows = await session.scalars(select(Audit).order_by(Audit.id))
        return [(row.actor, row.action, row.subject) for row in rows]


async def test_an_unknown_type_and_a_newer_version_are_acknowledged(bus: Bus, redis: Redis) -> None:
    bus.handlers = {}
    await bus.tell("a")
    await bus.relay_all()
    await bus.read_all()
    assert (await redis.xpending(STREAM, "notifications"))["pending"] == 0
    assert await parked(bus) == []


@pytest.mark.parametrize(
    "words", ["Grüße ☕ سلام 你好", "", '{"data": "x"}', ["a", 1], None, "x" * 10**6]
)
async def test_whatever_the_data_holds_arrives_as_it_was(bus: Bus, words: Any) -> None:
    await bus.tell("Straße/سوق", words=words)
    await bus.relay_all()
    await bus.read_all()
    [effect] = await bus.effects()
    assert effect.subject == "Straße/سوق"
    assert effect.words == (words if isinstance(words, str) else repr(words))


@pytest.mark.parametrize(
    "body",
    ["", "no json", '"a string"', "[]", '{"id": 1}', '{"id": "x", "type": "t", "subject": "s"}'],
)
async def test_what_is_no_event_is_kept_for_a_person_and_stops_nobody(
    bus: Bus, redis: Redis, body: str
) -> None:
    await bus.tell("a")
    await bus.relay_all()
    await redis.xadd(STREAM, {"__data__": body}, id="1-2")
    await redis.xadd(STREAM, {"other": "field"}, id="1-3")
    await bus.read_all()
    assert await answered(bus) == [("a", 1)]
    assert [(row.type, row.try_at) for row in await parked(bus)] == [("unreadable", None)] * 2


async def test_data_of_the_wrong_shape_parks_its_event_only(bus: Bus, redis: Redis) -> None:
    await bus.tell("a", "b")
    await bus.relay_all()
    [(first, fields), second] = await raw(redis)
    text_of = fields[b"__data__"].decode()
    wrong = text_of.replace('"data":{', '"data":"a string","was":{').encode()
    await bus.answers.work([(first, {b"__data__": wrong}), second])
    assert await answered(bus) == [("b", 1)]
    assert [row.subject for row in await parked(bus)] == ["a"]


async def test_a_broken_rule_of_the_database_is_the_events_fault(bus: Bus) -> None:
    async def handler(event: Counted, session: AsyncSession, service: Service) -> None:
        await count(event, session, service)
        if event.subject_id == "a":
            await session.execute(text("INSERT INTO effects (id, subject) VALUES (1, NULL)"))

    bus.handlers = {Counted: handler}
    await bus.tell("a", "b")
    await bus.relay_all()
    await bus.read_all()
    assert await answered(bus) == [("b", 1)]
    assert [row.subject for row in await parked(bus)] == ["a"]


async def test_a_value_the_database_cannot_take_is_the_events_fault(bus: Bus) -> None:
    if bus.answerer.db.dialect == "sqlite":
        pytest.skip("SQLite divides by zero and takes any value")

    async def handler(event: Counted, session: AsyncSession, service: Service) -> None:
        await session.execute(text("SELECT 1 / 0"))

    bus.handlers = {Counted: handler}
    await bus.tell("a")
    await bus.relay_all()
    await bus.read_all()
    assert [row.subject for row in await parked(bus)] == ["a"]


async def test_a_lost_database_parks_nothing_and_repeats_everything(bus: Bus, redis: Redis) -> None:
    lost = [True]

    async def handler(event: Counted, session: AsyncSession, service: Service) -> None:
        await count(event, session, service)
        if lost.pop() if lost else False:
            raise OperationalError("SELECT", {}, ConnectionResetError("server closed"))

    bus.handlers = {Counted: handler}
    await bus.tell("a", "b")
    await bus.relay_all()
    with pytest.raises(OperationalError):
        await bus.read_all()
    assert await parked(bus) == []
    assert await bus.effects() == []
    await bus.read_all("another reader")
    assert await bus.complaints() == []
    assert len(await bus.effects()) == 2


async def test_a_backend_ended_by_its_administrator_parks_nothing(bus: Bus) -> None:
    if bus.answerer.db.dialect == "sqlite":
        pytest.skip("SQLite has no backend to end")

    async def handler(event: Counted, session: AsyncSession, service: Service) -> None:
        await session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    bus.handlers = {Counted: handler}
    await bus.tell("a")
    await bus.relay_all()
    with pytest.raises(DBAPIError):
        await bus.read_all()
    assert await parked(bus) == []


async def test_what_a_dead_reader_took_along_comes_before_what_is_new(
    bus: Bus, redis: Redis
) -> None:
    await bus.tell("a", "b")
    await bus.relay_all()
    await bus.read_all()
    await bus.tell("a", "b")
    await bus.relay_all()
    await redis.xreadgroup("notifications", "the dead", {STREAM: ">"})
    await bus.tell("a", "b")
    await bus.relay_all()
    found: Any = await redis.xreadgroup("notifications", "the living", {STREAM: ">"})
    await bus.answers.work(found[0][1])
    assert await bus.complaints() == []
    assert len(await bus.effects()) == 6, "fetched by their numbers, without waiting for a claim"
    await bus.read_all()
    assert len(await bus.effects()) == 6
    assert (await redis.xpending(STREAM, "notifications"))["pending"] == 0


async def test_two_readers_at_once_answer_everything_once_in_order(bus: Bus) -> None:
    for _ in range(60):
        await bus.tell("a", "b", "c")
    await bus.relay_all()
    await asyncio.gather(*(bus.read_all(f"reader {n}") for n in range(3)))
    assert await bus.complaints() == []
    assert len(await bus.effects()) == 180


async def test_numbers_that_are_nowhere_are_counted_as_missing(bus: Bus, redis: Redis) -> None:
    await bus.tell("a")
    await bus.relay_all()
    await bus.read_all()
    await bus.tell("b", "c", "d")
    await bus.relay_all()
    await redis.xdel(STREAM, "1-2", "1-3")
    await bus.read_all()
    async with bus.answerer.db.read() as session:
        key = {"stream": STREAM, "role": "answers"}
        assert (await session.get_one(StreamState, key)).gaps == 2


async def test_a_failed_batch_leaves_no_effect_of_its_first_attempt(bus: Bus) -> None:
    """The batch is tried in one savepoint first; what it did there must be gone afterwards."""
    await bus.tell(*"abcdefgh")
    fail_at(bus, ("h", 1))
    await bus.relay_all()
    await bus.read_all()
    assert await answered(bus) == [(subject, 1) for subject in "abcdefg"]
    async with bus.answerer.db.read() as session:
        assert len((await session.scalars(select(Effect))).all()) == 7
