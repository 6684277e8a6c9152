"""Tasks: given to somebody, reminded of, done, taken back, forgotten with their owner."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from uuid_utils.compat import uuid7

from services.meetings.commands.once import ChangedMeanwhile, CommandConflict, Order
from services.meetings.commands.tasks import (
    Origin,
    Wanted,
    assign,
    drop,
    finish,
    forget_owners,
    reopen,
)
from services.meetings.domain.tasks import (
    DueBeforeToday,
    IllegalMove,
    NobodyToAsk,
    Task,
    TaskStatus,
)
from services.meetings.handlers import NOTIFICATIONS
from services.meetings.queries.follow_up import open_list, task_counts, tasks_now
from services.meetings.store import Link, Timer
from shared.clock import SetClock
from shared.days import at_local
from shared.events.meetings import TaskWords
from shared.events.people import Contact, PersonErasedByNotifications
from shared.events.people import Link as MailedLink
from shared.sealed import Sealed
from shared.service import Service
from tests.meetings.agendas import plan
from tests.meetings.circulars import fire_until, seat_members, sign
from tests.meetings.people import told

WORDS = TaskWords(title="Angebot für Bänke holen", text="Bei zwei Firmen fragen.")
SOMEBODY = Wanted(name="Rosa Klein", email="rosa@example.org")
DUE = date(2026, 3, 16)


async def give(
    service: Service,
    wanted: Wanted = SOMEBODY,
    *,
    due_on: date = DUE,
    order: Order | None = None,
    origin: Origin | None = None,
) -> UUID:
    async with service.db.begin() as session:
        return await assign(
            session,
            service,
            WORDS,
            wanted,
            due_on=due_on,
            origin=origin or Origin(),
            order=order or sign(service),
        )


async def task_of(service: Service, task_id: UUID) -> Task:
    async with service.db.read() as session:
        return await session.get_one(Task, task_id)


async def act(service: Service, what: Any, task_id: UUID, version: int = 0) -> None:
    async with service.db.begin() as session:
        await what(session, task_id, sign(service, version))


async def opened(service: Service, data: dict[str, Any]) -> tuple[Contact, TaskWords, MailedLink]:
    seals = service.seals
    contact = await seals.open(Sealed(**data["contact"]), Contact)
    words = await seals.open(Sealed(**data["words"]), TaskWords)
    link = await seals.open(Sealed(**data["link"]), MailedLink)
    assert contact and words and link
    return contact, words, link


async def timers(service: Service) -> int:
    async with service.db.read() as session:
        return await session.scalar(select(func.count()).select_from(Timer)) or 0


async def test_whoever_gets_a_task_is_told_under_their_own_key(
    meetings: Service, clock: SetClock
) -> None:
    await give(meetings)
    [event] = await told(meetings, "task.assigned")
    assert "Rosa" not in str(event)
    assert "Bänke" not in str(event)
    contact, words, link = await opened(meetings, event["data"])
    assert (contact.name, contact.email) == ("Rosa Klein", "rosa@example.org")
    assert words == WORDS
    assert link.url.startswith("https://stadtteil.example/sitzungen/aufgaben/")
    assert event["data"]["due_on"] == "2026-03-16"


async def test_a_member_is_written_to_as_they_are_now(meetings: Service, clock: SetClock) -> None:
    [member_id] = await seat_members(meetings, 1)
    task_id = await give(meetings, Wanted(member_id=member_id))
    task = await task_of(meetings, task_id)
    assert (task.member_id, task.owner_name, task.owner_email) == (member_id, "", "")
    [event] = await told(meetings, "task.assigned")
    contact, _words, _link = await opened(meetings, event["data"])
    assert contact.name == "Mitglied 0"


async def test_the_owner_is_reminded_before_on_the_day_and_after(
    meetings: Service, clock: SetClock
) -> None:
    await give(meetings)
    await fire_until(meetings, clock, at_local(DUE, clock.now().time()) + timedelta(days=60))
    events = await told(meetings, "task.falls_due")
    assert [event["data"]["days_late"] for event in events] == [-7, 0, 1, 14]
    assert [event["time"][:10] for event in events] == [
        "2026-03-09",
        "2026-03-16",
        "2026-03-17",
        "2026-03-30",
    ]
    assert await timers(meetings) == 0
    links = {(await opened(meetings, event["data"]))[2].url for event in events}
    assert len(links) == 4


async def test_a_task_due_tomorrow_skips_the_reminder_that_is_past(
    meetings: Service, clock: SetClock
) -> None:
    await give(meetings, due_on=date(2026, 3, 3))
    await fire_until(meetings, clock, clock.now() + timedelta(days=2))
    days = [event["data"]["days_late"] for event in await told(meetings, "task.falls_due")]
    assert days == [0, 1]


async def test_a_task_that_is_done_reminds_nobody(meetings: Service, clock: SetClock) -> None:
    task_id = await give(meetings)
    await act(meetings, finish, task_id)
    assert await timers(meetings) == 0
    [event] = await told(meetings, "task.closed")
    assert event["data"] == {"task_id": str(task_id), "done": True}
    await act(meetings, finish, task_id)
    assert len(await told(meetings, "task.closed")) == 1
    assert (await task_of(meetings, task_id)).status is TaskStatus.DONE


async def test_what_was_closed_too_early_opens_again_and_reminds(
    meetings: Service, clock: SetClock
) -> None:
    task_id = await give(meetings)
    await act(meetings, drop, task_id)
    [event] = await told(meetings, "task.closed")
    assert event["data"]["done"] is False
    with pytest.raises(IllegalMove):
        await act(meetings, finish, task_id)
    await act(meetings, reopen, task_id)
    assert (await task_of(meetings, task_id)).closed_at is None
    await fire_until(meetings, clock, at_local(DUE, clock.now().time()))
    assert len(await told(meetings, "task.falls_due")) == 2
    with pytest.raises(IllegalMove):
        await act(meetings, reopen, task_id)


async def test_the_same_order_gives_one_task_and_other_content_is_a_conflict(
    meetings: Service, clock: SetClock
) -> None:
    order = Order(command_id=uuid7(), by="test", at=clock.now())
    assert await give(meetings, order=order) == await give(meetings, order=order)
    assert len(await told(meetings, "task.assigned")) == 1
    with pytest.raises(CommandConflict):
        await give(meetings, order=order, due_on=date(2026, 4, 1))


async def test_an_old_page_closes_nothing(meetings: Service, clock: SetClock) -> None:
    task_id = await give(meetings)
    with pytest.raises(ChangedMeanwhile):
        await act(meetings, finish, task_id, version=9)


async def test_nobody_and_yesterday_are_refused(meetings: Service, clock: SetClock) -> None:
    with pytest.raises(NobodyToAsk):
        await give(meetings, Wanted(name="Ohne Adresse"))
    with pytest.raises(DueBeforeToday):
        await give(meetings, due_on=date(2026, 3, 1))
    await give(meetings, due_on=date(2026, 3, 2))
    assert len(await told(meetings, "task.assigned")) == 1


async def test_late_ones_come_first_and_are_counted(meetings: Service, clock: SetClock) -> None:
    may = await plan(meetings, "2026-05-06")
    later = await give(meetings, due_on=date(2026, 4, 20), origin=Origin(session_id=may))
    late = await give(meetings, due_on=date(2026, 3, 4))
    done = await give(meetings)
    await act(meetings, finish, done)
    clock.forward(days=5)
    async with meetings.db.read() as session:
        at = clock.now()
        lines = await tasks_now(session, "offen", at=at)
        assert [line.task.id for line in lines] == [late, later]
        assert [line.is_late(at) for line in lines] == [True, False]
        assert {line.owner for line in lines} == {"Rosa Klein"}
        found = await tasks_now(session, "spaet", at=at)
        assert [line.task.id for line in found] == [late]
        assert await task_counts(session, at=at) == {"offen": 2, "spaet": 1, "erledigt": 1}
        ours = await tasks_now(session, "offen", at=at, session_id=may)
        assert [line.task.id for line in ours] == [later]
        whole = await open_list(session, at=at)
        assert [line.task.id for line in whole.tasks] == [late, later]


async def test_erasing_the_owner_wipes_name_words_links_and_timers(
    meetings: Service, clock: SetClock
) -> None:
    task_id, other = await give(meetings), await give(meetings, Wanted(name="B", email="b@x.org"))
    person_id = (await task_of(meetings, task_id)).person_id
    ids = await meetings.seals.erase(person_id)
    event = PersonErasedByNotifications(at=clock.now(), person_id=person_id, person_ids=ids)
    async with meetings.db.begin("consume") as session:
        await NOTIFICATIONS[PersonErasedByNotifications](event, session, meetings)
    task = await task_of(meetings, task_id)
    assert (task.owner_name, task.owner_email, task.text) == ("", "", "")
    assert task.status is TaskStatus.OPEN
    assert (await task_of(meetings, other)).owner_name == "B"
    assert await timers(meetings) == 1
    async with meetings.db.read() as session:
        kept = select(func.count()).select_from(Link).where(Link.subject == str(task_id))
        assert await session.scalar(kept) == 0
    await act(meetings, finish, task_id)
    await act(meetings, reopen, task_id)
    assert await timers(meetings) == 1
    async with meetings.db.begin() as session:
        await forget_owners(session, [person_id], at=clock.now())
