"""The journal's order is the order of commits, and no reader ever skips an event."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from services.notifications import journal
from services.notifications.journal import InternalEvent, JournalEntry, KnownSession, keep, remove
from shared.clock import SetClock
from shared.events.base import Audience, Event
from shared.events.meetings import SessionScheduled, SignInRequested
from shared.sealed import Sealed
from shared.service import Service
from tests.notifications.feeds.conftest import Tell, cancelled, postponed, scheduled, submitted


async def read(service: Service, *, after: int = 0, limit: int = 500, **which: Any) -> list[Any]:
    async with service.db.read() as session:
        asked = {"topic": journal.ALL, "reach": Audience.PARTNER} | which
        return list(await journal.lines(session, after=after, limit=limit, **asked))


async def test_events_get_the_numbers_one_two_three(
    service: Service, tell: Tell, clock: SetClock, december: SessionScheduled
) -> None:
    events = [december, submitted(clock.now()), cancelled(december, version=2)]
    await tell(*events)
    entries = await read(service)
    assert [entry.cursor for entry in entries] == [1, 2, 3]
    assert [entry.event_id for entry in entries] == [event.event_id for event in events]


async def test_an_event_told_three_times_is_kept_once_and_leaves_no_gap(
    service: Service, tell: Tell, clock: SetClock, december: SessionScheduled
) -> None:
    await tell(december, december, december, submitted(clock.now()))
    assert [entry.cursor for entry in await read(service)] == [1, 2]


async def test_a_handler_that_fails_after_keeping_takes_the_number_back(
    service: Service, tell: Tell, clock: SetClock, december: SessionScheduled
) -> None:
    async with service.db.begin() as session:
        savepoint = await session.begin_nested()
        await keep(december, session, service)
        await savepoint.rollback()
        await keep(submitted(clock.now()), session, service)
    [entry] = await read(service)
    assert (entry.cursor, entry.topic) == (1, "applications")


async def test_an_internal_event_never_enters_the_journal(
    service: Service, clock: SetClock
) -> None:
    box = Sealed(person_id=UUID(int=1), box="sealed")
    event = SignInRequested(
        at=clock.now(),
        account_id=UUID(int=2),
        contact=box,
        link=box,
        expires_at=clock.now(),
        language="de",
    )
    with pytest.raises(InternalEvent):
        async with service.db.begin() as session:
            await keep(event, session, service)
    assert await read(service) == []


async def test_readers_beside_many_writers_never_skip_an_event(
    service: Service, clock: SetClock
) -> None:
    """Writers hold their transactions open for random times, so that commits overtake inserts."""
    writers, each = 6, 12
    dice = random.Random(7)
    done = asyncio.Event()

    async def write(events: list[Event]) -> None:
        for event in events:
            async with service.db.begin() as session:
                await keep(event, session, service)
                await asyncio.sleep(dice.choice([0, 0, 0.05]))

    async def follow() -> list[UUID]:
        seen: list[UUID] = []
        after = 0
        while True:
            last_look = done.is_set()
            page = await read(service, after=after, limit=50)
            seen += [entry.event_id for entry in page]
            after = page[-1].cursor if page else after
            if last_look and not page:
                return seen
            await asyncio.sleep(0)

    batches: list[list[Event]] = [
        [submitted(clock.now(), f"2026-{writer}{n:02}") for n in range(each)]
        for writer in range(writers)
    ]
    readers = [asyncio.create_task(follow()) for _ in range(3)]
    await asyncio.gather(*(write(batch) for batch in batches))
    done.set()
    kept = [entry.event_id for entry in await read(service)]
    assert sorted(kept) == sorted(event.event_id for batch in batches for event in batch)
    for seen in await asyncio.gather(*readers):
        assert seen == kept


async def test_a_later_number_is_never_readable_before_an_earlier_one(
    service: Service, tell: Tell, clock: SetClock, december: SessionScheduled
) -> None:
    """What makes the promise: the second writer waits until the first has committed."""
    await tell(submitted(clock.now(), "2026-001"))
    async with service.db.begin() as slow:
        await keep(december, slow, service)
        quick = asyncio.ensure_future(tell(submitted(clock.now())))
        await asyncio.sleep(0.3)
        assert not quick.done()
        assert [entry.cursor for entry in await read(service)] == [1]
    await quick
    entries = await read(service)
    assert [entry.cursor for entry in entries] == [1, 2, 3]
    assert entries[1].event_id == december.event_id


async def test_two_handlers_of_the_same_event_at_once_keep_it_once(
    service: Service, tell: Tell, december: SessionScheduled
) -> None:
    await asyncio.gather(*(tell(december) for _ in range(5)))
    assert [entry.cursor for entry in await read(service)] == [1]


async def test_topic_and_audience_decide_who_reads_what(
    service: Service, tell: Tell, clock: SetClock, december: SessionScheduled
) -> None:
    await tell(december, submitted(clock.now()))

    async def cursors(**which: Any) -> list[int]:
        return [entry.cursor for entry in await read(service, **which)]

    assert await cursors(reach=Audience.PUBLIC) == [1]
    assert await cursors(topic="sessions") == [1]
    assert await cursors(topic="applications") == [2]
    assert await cursors(topic="applications", reach=Audience.PUBLIC) == []


async def test_no_entry_names_a_person(service: Service, tell: Tell, clock: SetClock) -> None:
    await tell(submitted(clock.now()))
    [entry] = await read(service)
    assert "person_id" not in entry.body["data"]
    assert entry.body["data"]["number"] == "2026-021"


async def test_a_date_leads_to_the_cursor_before_it(
    service: Service, tell: Tell, clock: SetClock
) -> None:
    days = []
    for number in range(4):
        days.append(clock.now())
        await tell(submitted(clock.now(), f"2026-00{number}"))
        clock.forward(days=1)
    async with service.db.read() as session:
        assert await journal.cursor_at(session, days[0] - timedelta(days=9)) == 0
        assert await journal.cursor_at(session, days[2]) == 2
        assert await journal.cursor_at(session, days[2] + timedelta(seconds=1)) == 3
        assert await journal.cursor_at(session, clock.now()) == 4


async def test_a_clock_that_jumps_back_does_not_bring_the_dates_out_of_order(
    service: Service, tell: Tell, clock: SetClock
) -> None:
    await tell(submitted(clock.now()))
    clock.forward(hours=-3)
    await tell(submitted(clock.now(), "2026-022"))
    received = [entry.received_at for entry in await read(service)]
    assert received == sorted(received)


async def test_known_sessions_end_the_same_in_any_order(
    service: Service, tell: Tell, december: SessionScheduled
) -> None:
    later = datetime(2026, 12, 16, 17, tzinfo=UTC)
    moved = postponed(december, starts_at=later, version=2)
    called_off = cancelled(december, version=3)
    story = [december, moved, called_off]
    shuffled = [event for event in story for _ in range(3)]
    random.Random(3).shuffle(shuffled)
    await tell(*shuffled)
    async with service.db.read() as session:
        known = await session.get_one(KnownSession, december.session_id)
        assert (known.place, known.cancelled, known.revision) == ("Nachbarschaftshaus", True, 3)
        assert known.submission_deadline == december.submission_deadline
        assert known.reason == called_off.reason
        assert await session.scalar(select(func.count()).select_from(JournalEntry)) == 3


async def test_what_is_taken_back_stays_as_a_tombstone_and_is_told(
    service: Service, tell: Tell, clock: SetClock, december: SessionScheduled
) -> None:
    other = scheduled(clock.now(), starts_at=december.starts_at)
    await tell(december, other)
    async with service.db.begin() as session:
        entry = await session.get_one(JournalEntry, 1)
        await remove(session, entry, at=clock.now())
        await remove(session, entry, at=clock.now())
    first, second, third = await read(service)
    assert first.body["removed"] is True
    assert "data" not in first.body
    assert first.body["id"] == str(december.event_id)
    assert second.body["data"]["place"] == "Bürgerhaus"
    assert third.type == journal.REMOVED
    assert third.body["data"] == {"event_id": str(december.event_id), "cursor": 1}
    assert third.topic == "sessions"
