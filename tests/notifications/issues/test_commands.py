"""From plan to archive: every move, its trail, and what a second click does."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from uuid_utils.compat import uuid7

from services.notifications.domain.issue import (
    IllegalMove,
    Issue,
    IssueKind,
    IssueText,
    NotReady,
    Pause,
    Status,
)
from services.notifications.domain.letter import IllegalMove as IllegalState
from services.notifications.domain.letter import Reason, State, TooLate
from services.notifications.domain.plan import (
    ExpiresTooEarly,
    NoWindow,
    Plan,
    StartsInPast,
    opening,
)
from services.notifications.domain.subscription import Subscription
from services.notifications.issues import commands, copies
from services.notifications.journal import JournalEntry
from services.notifications.store import TABLES, Timer
from services.notifications.timers import TIMERS
from shared.clock import SetClock
from shared.events.notifications import (
    HeldBack,
    IssueHeldBack,
    IssuePaused,
    NewsletterPublished,
    PressReleaseIssued,
)
from shared.once import ChangedMeanwhile
from shared.service import Service
from shared.worker import Worker, settle
from tests.notifications.issues import desk
from tests.notifications.issues.desk import ARABIC, GERMAN, JANA
from tests.notifications.office import Office

Command = Callable[..., Awaitable[Any]]


async def _do(service: Service, command: Command, issue_id: UUID) -> None:
    async with service.db.begin() as session:
        await command(session, issue_id, by=JANA, at=service.clock.now())


def _worker(service: Service) -> Worker:
    """Timers alone: what is told is answered by hand."""
    return Worker(service, TABLES, {}, TIMERS)


async def _status(service: Service, issue_id: UUID) -> Status:
    return Status((await desk.issue(service, issue_id)).status)


async def test_a_new_issue_is_an_empty_draft_however_often_the_button_is_pressed(
    notifications: Service,
) -> None:
    issue_id, at = uuid7(), notifications.clock.now()
    for _ in range(2):
        async with notifications.db.begin() as session:
            await commands.create(session, issue_id, IssueKind.PRESS, by=JANA, at=at)
    issue = await desk.issue(notifications, issue_id)
    assert (issue.kind, issue.status, issue.blocks) == (IssueKind.PRESS, Status.DRAFT, [])
    assert (issue.number, issue.recipients, issue.gathered) == (None, 0, False)
    assert await desk.trail(notifications, issue_id) == ["issue.created"]


async def test_news_are_offered_since_the_last_issue_of_the_same_kind(
    office: Office, notifications: Service
) -> None:
    await desk.enrol_many(notifications, 1, topics=["newsletter", "press"])
    await office.answer(office.session(), office.session())
    first = await desk.draft(notifications)
    await desk.start(notifications, first)
    await office.listen_to_itself()
    release = await desk.draft(notifications, IssueKind.PRESS)
    await desk.start(notifications, release)
    await office.listen_to_itself()
    async with notifications.db.read() as session:
        cursors = select(JournalEntry.topic, JournalEntry.cursor)
        at = {row[0]: row[1] for row in await session.execute(cursors)}
    assert (at["newsletter"], at["press"]) == (3, 4)
    second = await desk.draft(notifications)
    assert (await desk.issue(notifications, first)).since_cursor == 0
    assert (await desk.issue(notifications, second)).since_cursor == at["newsletter"]


async def test_a_draft_can_be_thrown_away_and_nothing_else(notifications: Service) -> None:
    await desk.enrol_many(notifications, 1)
    gone, kept = await desk.draft(notifications), await desk.draft(notifications)
    await desk.start(notifications, kept)
    at = notifications.clock.now()
    for _ in range(2):
        async with notifications.db.begin() as session:
            await commands.delete(session, gone, version=1, by=JANA, at=at)
    with pytest.raises(IllegalMove):
        async with notifications.db.begin() as session:
            await commands.delete(session, kept, version=2, by=JANA, at=at)
    async with notifications.db.read() as session:
        assert (await session.scalars(select(Issue.id))).all() == [kept]
        left = await session.scalars(select(IssueText.issue_id))
        assert left.all() == [kept], "its texts go with it"
    assert (await desk.trail(notifications, gone))[-1] == "issue.deleted"


async def test_what_somebody_else_changed_meanwhile_is_not_thrown_away_nor_sent(
    notifications: Service,
) -> None:
    await desk.enrol_many(notifications, 1)
    issue_id, at = await desk.draft(notifications), notifications.clock.now()
    may = await desk.checked(notifications, issue_id)
    async with notifications.db.begin() as session:
        (await session.get_one(Issue, issue_id)).changed_at = at + timedelta(minutes=1)
    with pytest.raises(ChangedMeanwhile):
        async with notifications.db.begin() as session:
            await commands.delete(session, issue_id, version=1, by=JANA, at=at)
    with pytest.raises(ChangedMeanwhile):
        await commands.check(notifications, issue_id, version=1)
    for send in (commands.start, commands.schedule):
        with pytest.raises(ChangedMeanwhile):
            async with notifications.db.begin() as session:
                await send(session, may, desk.plan(notifications, in_hours=1), by=JANA, at=at)
    assert await _status(notifications, issue_id) == Status.DRAFT


async def test_starting_makes_it_public_once_and_returns_before_anybody_is_gathered(
    office: Office, notifications: Service
) -> None:
    await desk.enrol_many(notifications, 3)
    texts = {"de": GERMAN, "ar": ARABIC}
    issue_id = await desk.draft(notifications, texts=texts)
    may = await desk.checked(notifications, issue_id)
    for _ in range(3):
        async with notifications.db.begin() as session:
            when = desk.plan(notifications)
            await commands.start(session, may, when, by=JANA, at=notifications.clock.now())
    [event] = await office.told(NewsletterPublished)
    assert event.subjects == {"de": GERMAN[0], "ar": ARABIC[0]}
    assert event.first_lines == {"de": GERMAN[1], "ar": ARABIC[1]}
    issue = await desk.issue(notifications, issue_id)
    assert (issue.status, issue.number, issue.event_id) == (Status.SENDING, 1, event.event_id)
    assert (issue.started_at, event.number) == (notifications.clock.now(), 1)
    assert await desk.copies(notifications, issue_id) == []
    assert await desk.trail(notifications, issue_id) == ["issue.created", "issue.started"]


async def test_two_clicks_at_the_same_moment_start_it_once(
    office: Office, notifications: Service
) -> None:
    await desk.enrol_many(notifications, 1)
    issue_id = await desk.draft(notifications)
    may, when = await desk.checked(notifications, issue_id), desk.plan(notifications)

    async def click() -> None:
        async with notifications.db.begin() as session:
            await commands.start(session, may, when, by=JANA, at=notifications.clock.now())

    await asyncio.gather(*(click() for _ in range(4)))
    assert len(await office.told(NewsletterPublished)) == 1


async def test_each_kind_is_numbered_by_itself_without_a_gap_also_at_the_same_moment(
    notifications: Service,
) -> None:
    await desk.enrol_many(notifications, 1, topics=["newsletter", "press"])
    letters = [await desk.draft(notifications) for _ in range(4)]
    release = await desk.draft(notifications, IssueKind.PRESS)
    await asyncio.gather(*(desk.start(notifications, one) for one in [*letters, release]))
    numbers = [(await desk.issue(notifications, one)).number for one in letters]
    assert sorted(number or 0 for number in numbers) == [1, 2, 3, 4]
    assert (await desk.issue(notifications, release)).number == 1


async def test_a_press_release_is_told_as_one(office: Office, notifications: Service) -> None:
    await desk.enrol_many(notifications, 1, topics=["press"])
    await desk.start(notifications, await desk.draft(notifications, IssueKind.PRESS))
    assert len(await office.told(PressReleaseIssued)) == 1
    assert await office.told(NewsletterPublished) == []


@pytest.mark.parametrize(
    "texts", [{"ar": ARABIC}, {"de": (" ", "", "Text")}, {"de": ("Betreff", "Zeile", "")}]
)
async def test_what_the_checks_refuse_cannot_start_and_is_not_told(
    office: Office, notifications: Service, texts: dict[str, tuple[str, str, str]]
) -> None:
    await desk.enrol_many(notifications, 1)
    issue_id = await desk.draft(notifications, texts=texts)
    with pytest.raises(NotReady) as refused:
        await desk.checked(notifications, issue_id)
    assert refused.value.findings
    assert await _status(notifications, issue_id) == Status.DRAFT
    assert await office.told(NewsletterPublished) == []


async def test_a_subject_cannot_carry_a_line_break_or_a_slot_into_public(
    office: Office, notifications: Service
) -> None:
    issue = Issue(id=uuid7(), kind=IssueKind.NEWSLETTER, status=Status.DRAFT)
    at = notifications.clock.now()
    text = IssueText(
        language="de", subject="Fest\r\nBcc: x\ue000", first_line="a\n\ue001b", body=""
    )
    event = issue.start(desk.plan(notifications), number=1, texts=[text], at=at)
    assert (event.subjects, event.first_lines) == ({"de": "Fest Bcc: x"}, {"de": "a b"})


async def test_a_scheduled_one_starts_by_itself_at_its_second(
    office: Office, notifications: Service, clock: SetClock
) -> None:
    await desk.enrol_many(notifications, 2)
    issue_id = await desk.draft(notifications)
    await desk.schedule(notifications, issue_id, in_hours=3)
    starts_at = clock.now() + timedelta(hours=3)
    assert (await desk.issue(notifications, issue_id)).scheduled_at == starts_at
    clock.set(starts_at - timedelta(seconds=1))
    await settle(_worker(notifications))
    assert await _status(notifications, issue_id) == Status.SCHEDULED
    clock.set(starts_at)
    await settle(_worker(notifications))
    issue = await desk.issue(notifications, issue_id)
    assert (issue.status, issue.started_at) == (Status.SENDING, starts_at)
    assert len(await office.told(NewsletterPublished)) == 1
    trail = await desk.trail(notifications, issue_id)
    assert trail == ["issue.created", "issue.scheduled", "issue.started"]


async def test_scheduling_can_be_moved_and_taken_back(
    office: Office, notifications: Service, clock: SetClock
) -> None:
    await desk.enrol_many(notifications, 1)
    issue_id = await desk.draft(notifications)
    for hours in (2, 2, 5):
        await desk.schedule(notifications, issue_id, in_hours=hours)
    async with notifications.db.read() as session:
        [timer] = await session.scalars(select(Timer).where(Timer.kind == commands.START))
    assert timer.due_at == clock.now() + timedelta(hours=5)
    for _ in range(2):
        await _do(notifications, commands.unschedule, issue_id)
    clock.forward(hours=6)
    await settle(_worker(notifications))
    assert await _status(notifications, issue_id) == Status.DRAFT
    assert await office.told(NewsletterPublished) == []
    trail = await desk.trail(notifications, issue_id)
    assert trail == ["issue.created", *["issue.scheduled"] * 2, "issue.unscheduled"]


async def test_sending_at_once_what_was_planned_for_later_sends_it_once(
    office: Office, notifications: Service, clock: SetClock
) -> None:
    await desk.enrol_many(notifications, 1)
    issue_id = await desk.draft(notifications)
    await desk.schedule(notifications, issue_id, in_hours=3)
    await desk.start(notifications, issue_id)
    clock.forward(hours=4)
    await settle(_worker(notifications))
    assert len(await office.told(NewsletterPublished)) == 1
    with pytest.raises(IllegalMove):
        await _do(notifications, commands.unschedule, issue_id)


async def test_one_that_may_not_go_out_at_its_time_is_a_draft_again_and_the_office_is_told(
    office: Office, notifications: Service, clock: SetClock
) -> None:
    await desk.enrol_many(notifications, 1)
    issue_id = await desk.draft(notifications)
    await desk.schedule(notifications, issue_id, in_hours=3)
    async with notifications.db.begin() as session:
        (await session.get_one(IssueText, (issue_id, "de"))).body = ""
    clock.forward(hours=3)
    await settle(_worker(notifications))
    await office.listen_to_itself()
    assert await _status(notifications, issue_id) == Status.DRAFT
    [event] = await office.told(IssueHeldBack)
    assert event.because is HeldBack.NOT_READY
    letter = await office.only("office_issue_held_back")
    assert letter.address == "buero@stadtteil.example"
    assert GERMAN[0] in letter.text
    assert f"/buero/rundbriefe/{issue_id}/pruefen" in letter.text
    assert await office.told(NewsletterPublished) == []


@pytest.mark.parametrize("late", [timedelta(hours=13), timedelta(days=30)])
async def test_a_machine_that_slept_or_a_backup_put_back_sends_nothing_old_by_itself(
    office: Office, notifications: Service, clock: SetClock, late: timedelta
) -> None:
    await desk.enrol_many(notifications, 1)
    issue_id = await desk.draft(notifications)
    await desk.schedule(notifications, issue_id, in_hours=1)
    clock.set(clock.now() + timedelta(hours=1) + late)
    await settle(_worker(notifications))
    assert await _status(notifications, issue_id) == Status.DRAFT
    [event] = await office.told(IssueHeldBack)
    assert event.because is HeldBack.TOO_LATE


async def test_pausing_and_resuming_takes_nobodys_place_away(notifications: Service) -> None:
    issue_id = await desk.started(notifications, 5)
    await desk.become(notifications, issue_id, State.SENT, [1])
    later = notifications.clock.now() + timedelta(minutes=5)
    await desk.become(notifications, issue_id, State.DEFERRED, [2], due_at=later)
    for _ in range(2):
        await _do(notifications, commands.pause, issue_id)
    issue = await desk.issue(notifications, issue_id)
    assert (issue.status, issue.pause, issue.pause_answer) == (Status.PAUSED, Pause.OFFICE, "")
    queued = State.QUEUED
    expected = [State.SENT, State.DEFERRED, queued, queued, queued]
    assert await desk.states(notifications, issue_id) == expected
    for _ in range(2):
        await _do(notifications, commands.resume, issue_id)
    assert await _status(notifications, issue_id) == Status.SENDING
    assert await desk.states(notifications, issue_id) == expected
    trail = await desk.trail(notifications, issue_id)
    assert trail[2:] == ["issue.paused", "issue.resumed"]


async def test_stopping_holds_back_everyone_who_waits_and_nobody_else(
    notifications: Service,
) -> None:
    issue_id = await desk.started(notifications, 6)
    await desk.become(notifications, issue_id, State.SENT, [1])
    await desk.become(notifications, issue_id, State.FAILED, [2])
    await desk.become(notifications, issue_id, State.CLAIMED, [3], claim=uuid7())
    later = notifications.clock.now() + timedelta(hours=1)
    await desk.become(notifications, issue_id, State.DEFERRED, [4], due_at=later)
    await desk.become(notifications, issue_id, State.UNKNOWN, [5])
    for _ in range(2):
        await _do(notifications, commands.stop, issue_id)
    held = State.SUPPRESSED
    assert await desk.states(notifications, issue_id) == [
        State.SENT, State.FAILED, held, held, State.UNKNOWN, held,
    ]  # fmt: skip
    reasons = [copy.reason for copy in await desk.copies(notifications, issue_id)]
    assert reasons == [None, None, Reason.OFFICE, Reason.OFFICE, None, Reason.OFFICE]
    issue = await desk.issue(notifications, issue_id)
    assert (issue.status, issue.finished_at) == (Status.STOPPED, notifications.clock.now())
    for command in (commands.pause, commands.resume):
        with pytest.raises(IllegalMove):
            await _do(notifications, command, issue_id)


async def test_a_paused_one_can_be_stopped(notifications: Service) -> None:
    issue_id = await desk.started(notifications, 2)
    await _do(notifications, commands.pause, issue_id)
    await _do(notifications, commands.stop, issue_id)
    assert await desk.states(notifications, issue_id) == [State.SUPPRESSED] * 2


async def test_a_server_that_refuses_us_pauses_it_and_the_office_gets_one_letter(
    office: Office, notifications: Service
) -> None:
    issue_id = await desk.started(notifications, 4)
    await desk.become(notifications, issue_id, State.SENT, [1])
    said = "5.7.1 <ada@example.org> refused, see policy"
    for _ in range(2):
        async with notifications.db.begin() as session:
            at = notifications.clock.now()
            await commands.pause_refused(session, issue_id, 550, said, at)
    await office.listen_to_itself()
    issue = await desk.issue(notifications, issue_id)
    assert (issue.status, issue.pause) == (Status.PAUSED, Pause.REFUSED)
    [event] = await office.told(IssuePaused)
    assert (event.sent, event.waiting, event.code) == (1, 3, 550)
    assert "ada@" not in event.answer + issue.pause_answer
    letter = await office.only("office_issue_paused")
    for words in ("550 5.7.1", "refused, see policy", GERMAN[0], f"{issue_id}/versenden"):
        assert words in letter.text
    assert "ada@" not in letter.text
    await _do(notifications, commands.resume, issue_id)
    assert (await desk.issue(notifications, issue_id)).pause_answer == ""


async def test_it_is_sent_only_when_all_are_gathered_and_nobody_waits(
    notifications: Service,
) -> None:
    await desk.enrol_many(notifications, 2)
    issue_id = await desk.draft(notifications)
    await desk.start(notifications, issue_id)

    async def finish() -> bool:
        async with notifications.db.begin() as session:
            issue = await session.get_one(Issue, issue_id)
            return await commands.finish(session, issue, notifications.clock.now())

    assert not await finish(), "nobody was gathered yet"
    await desk.gather_all(notifications)
    for state in (State.QUEUED, State.CLAIMED, State.SENDING, State.DEFERRED):
        await desk.become(notifications, issue_id, state, [1])
        assert not await finish(), state
    await desk.become(notifications, issue_id, State.SENT, [1])
    await desk.become(notifications, issue_id, State.UNKNOWN, [2])
    assert await finish()
    issue = await desk.issue(notifications, issue_id)
    assert (issue.status, issue.finished_at) == (Status.SENT, notifications.clock.now())
    assert not await finish(), "once"


async def test_one_copy_can_be_sent_again_or_ticked_off(notifications: Service) -> None:
    issue_id = await desk.started(notifications, 3)
    [failed, *_] = await desk.copies(notifications, issue_id)
    await desk.become(notifications, issue_id, State.FAILED, [1], code=550, answer="no", tries=2)
    await desk.become(notifications, issue_id, State.UNKNOWN, [2])
    await desk.become(notifications, issue_id, State.SENT, [3])
    await desk.suppress(notifications, "hash of leserin0@post0.example")
    async with notifications.db.begin() as session:
        issue = await session.get_one(Issue, issue_id)
        await commands.finish(session, issue, notifications.clock.now())
    at = notifications.clock.now()
    async with notifications.db.begin() as session:
        await copies.send_again(session, issue_id, 1, by=JANA, at=at)
    for _ in range(2):
        async with notifications.db.begin() as session:
            await copies.tick_off(session, issue_id, 2, by=JANA, at=at)
    again, ticked, _ = await desk.copies(notifications, issue_id)
    assert (again.state, again.due_at, again.tries) == (State.DEFERRED, at, 0)
    assert again.subscription_id == failed.subscription_id
    assert (ticked.state, ticked.handled_at) == (State.UNKNOWN, at)
    assert await _status(notifications, issue_id) == Status.SENDING, "open again for this one"
    trail = await desk.trail(notifications, issue_id)
    assert trail[2:] == ["issue_letter.sent_again", "issue_letter.ticked_off"]
    async with notifications.db.begin() as session:
        with pytest.raises(IllegalState):
            await copies.send_again(session, issue_id, 3, by=JANA, at=at)


async def test_nobody_gets_a_copy_again_who_ended_it_or_after_its_time(
    notifications: Service, clock: SetClock
) -> None:
    ended, _ = await desk.enrol_many(notifications, 2)
    issue_id = await desk.draft(notifications)
    await desk.start(notifications, issue_id)
    await desk.gather_all(notifications)
    await desk.become(notifications, issue_id, State.FAILED, [1, 2])
    async with notifications.db.begin() as session:
        reader = await session.get_one(Subscription, ended)
        reader.topics = ["sessions"]

    async def again(number: int) -> None:
        async with notifications.db.begin() as session:
            await copies.send_again(session, issue_id, number, by=JANA, at=clock.now())

    with pytest.raises(copies.NotSubscribed):
        await again(1)
    clock.forward(days=7)
    with pytest.raises(TooLate):
        await again(2)
    assert await desk.states(notifications, issue_id) == [State.FAILED] * 2


AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""10:00 in Berlin."""


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"window_from": 8, "window_to": 8}, NoWindow),
        ({"window_from": 20, "window_to": 8}, NoWindow),
        ({"window_to": 25}, NoWindow),
        ({"starts_at": AT}, StartsInPast),
        ({"expires_at": AT}, ExpiresTooEarly),
        ({"starts_at": AT + timedelta(days=2)}, ExpiresTooEarly),
        ({"window_from": 12, "expires_at": AT + timedelta(hours=2)}, ExpiresTooEarly),
    ],
)
def test_a_plan_that_reaches_nobody_is_refused(changed: dict[str, Any], error: type) -> None:
    whole: dict[str, Any] = {"expires_at": AT + timedelta(days=1)}
    Plan(**whole).check(at=AT)
    with pytest.raises(error):
        Plan(**whole | changed).check(at=AT)


@pytest.mark.parametrize(
    ("at", "window", "opens"),
    [
        ("2026-03-02T10:00+01:00", (0, 24), "2026-03-02T10:00+01:00"),
        ("2026-03-02T07:59+01:00", (8, 20), "2026-03-02T08:00+01:00"),
        ("2026-03-02T19:59+01:00", (8, 20), "2026-03-02T19:59+01:00"),
        ("2026-03-02T20:00+01:00", (8, 20), "2026-03-03T08:00+01:00"),
        ("2026-03-28T21:00+01:00", (8, 20), "2026-03-29T08:00+02:00"),
        ("2026-10-24T21:00+02:00", (8, 20), "2026-10-25T08:00+01:00"),
    ],
)
def test_the_hours_are_those_of_the_clock_on_the_wall(
    at: str, window: tuple[int, int], opens: str
) -> None:
    assert opening(datetime.fromisoformat(at), *window) == datetime.fromisoformat(opens)
