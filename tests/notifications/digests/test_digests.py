"""Digests: one letter instead of many, with everything that is still true, once."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select
from uuid_utils.compat import uuid7

from services.notifications.commands import subscriptions as commands
from services.notifications.digests import loop
from services.notifications.digests.loop import tell_due
from services.notifications.domain.letter import State
from services.notifications.domain.subscription import Choices, Subscription
from services.notifications.journal import JournalEntry, remove
from services.notifications.letters import many
from services.notifications.letters.rendering import Written, write
from shared import crashpoints
from shared.clock import SetClock
from shared.events import applications as a
from shared.events import meetings as m
from tests.notifications.board import somebody, told_about
from tests.notifications.office import Office
from tests.notifications.readers import AT_ONCE, DAILY, WEEKLY, digests, heard, reader
from tests.support.mailbox import Mailbox

EVENING = 8
"""From the tests' Monday at 10:00 to 17:00 is seven hours; this is after it."""


async def _feast(office: Office, **changes: Any) -> m.OccasionAnnounced:
    changes.setdefault("occasion_id", uuid7())
    changes.setdefault("starts_at", office.clock.now() + timedelta(days=40))
    announced = await told_about(office, m.OccasionAnnounced, await somebody(office))
    return announced.model_copy(update=changes)


async def test_a_digest_gathers_what_would_have_been_letters_newest_first_by_topic(
    office: Office, clock: SetClock
) -> None:
    await reader(office, "sofort@example.org", "sessions", "occasions")
    await reader(office, "tag@example.org", "sessions", "occasions", frequency=DAILY)
    first, second = office.session(), office.session(clock.now() + timedelta(days=60))
    await office.answer(first, await _feast(office), second)
    assert {letter.address for letter in await office.letters("session_scheduled")} == {
        "sofort@example.org"
    }
    assert await digests(office) == []
    clock.forward(hours=EVENING)
    [digest] = await digests(office)
    assert (digest.kind, digest.address) == ("digest_daily", "tag@example.org")
    places = [
        digest.text.index(words)
        for words in (
            "Sitzungen\n",
            str(second.session_id),
            str(first.session_id),
            "Veranstaltungen\n",
        )
    ]
    assert places == sorted(places)
    for _ in range(2):
        assert [one.id for one in await digests(office)] == [digest.id]
        clock.forward(days=1)


async def test_without_news_nobody_gets_anything(office: Office, clock: SetClock) -> None:
    await office.answer(office.session())
    await reader(office, "tag@example.org", "sessions", frequency=DAILY)
    clock.forward(hours=EVENING)
    assert await digests(office) == [], "what was told before they ordered is no news to them"
    await office.answer(await _feast(office))
    clock.forward(days=1)
    assert await digests(office) == [], "nor is what they did not order"
    async with office.service.db.read() as session:
        assert await session.scalar(select(Subscription.digest_cursor)) == 2


async def test_a_week_is_told_on_thursday(office: Office, clock: SetClock) -> None:
    await reader(office, "woche@example.org", "sessions", frequency=WEEKLY)
    await office.answer(office.session())
    clock.forward(days=3)
    assert await digests(office) == [], "Thursday, ten o'clock"
    clock.forward(hours=7)
    [digest] = await digests(office)
    assert digest.kind == "digest_weekly"


async def test_only_what_still_holds_is_told(office: Office, clock: SetClock) -> None:
    await reader(office, "tag@example.org", "sessions", "occasions", frequency=DAILY)
    gone, over, taken_back = office.session(), await _feast(office), await _feast(office)
    soon = await _feast(office, starts_at=clock.now() + timedelta(hours=3), title="Schon vorbei")
    await office.answer(gone, over, soon, taken_back)
    await office.answer(
        m.SessionCancelled(
            at=clock.now(),
            session_id=gone.session_id,
            board=gone.board,
            starts_at=gone.starts_at,
            reason="Wasserschaden",
            subject_version=2,
        )
    )
    async with office.service.db.begin() as session:
        wanted = select(JournalEntry).where(JournalEntry.event_id == taken_back.event_id)
        await remove(session, (await session.scalars(wanted)).one(), at=clock.now())
    clock.forward(hours=EVENING)
    [digest] = await digests(office)
    assert "fällt aus" in digest.text
    assert digest.text.count(f"/sitzungen/{gone.session_id}") == 1, "the plan is history"
    assert f"/termine/{over.occasion_id}" in digest.text
    assert str(taken_back.occasion_id) not in digest.text
    assert "Schon vorbei" not in digest.text


async def test_a_lapsed_grant_is_no_news(office: Office, clock: SetClock) -> None:
    await reader(office, "tag@example.org", "decisions", frequency=DAILY)
    kept, lost = await office.case(number="2026-021"), await office.case(number="2026-022")
    for case in (kept, lost):
        await office.answer(await office.sample(a.GrantReserved, case, public_title=case.number))
    await office.answer(await office.sample(a.GrantRevoked, lost))
    clock.forward(hours=EVENING)
    [digest] = await digests(office)
    assert "2026-021" in digest.text
    assert "2026-022" not in digest.text


@pytest.mark.parametrize("hours", [3, 47])
async def test_a_closed_door_is_told_at_once_to_everybody_and_not_again(
    office: Office, clock: SetClock, hours: int
) -> None:
    for name, frequency in (("tag", DAILY), ("woche", WEEKLY), ("sofort", AT_ONCE)):
        await reader(office, f"{name}@example.org", "sessions", "occasions", frequency=frequency)
    meeting = office.session(clock.now() + timedelta(hours=hours))
    feast = await _feast(office, starts_at=clock.now() + timedelta(hours=hours))
    await office.answer(meeting, feast)
    off = m.SessionCancelled(
        at=clock.now(),
        session_id=meeting.session_id,
        board=meeting.board,
        starts_at=meeting.starts_at,
        reason="Wasserschaden",
        subject_version=2,
    )
    rain = await told_about(
        office,
        m.OccasionCancelled,
        await somebody(office),
        occasion_id=feast.occasion_id,
        starts_at=feast.starts_at,
        subject_version=2,
    )
    await office.answer(off, rain)
    told = await heard(office, ("session_cancelled", "occasion_cancelled"))
    everybody = {f"{name}@example.org" for name in ("tag", "woche", "sofort")}
    assert told == {one: ["session_cancelled", "occasion_cancelled"] for one in everybody}
    for _ in range(8):
        clock.forward(hours=EVENING)
        assert await digests(office) == [], "also before that date has come"
        clock.forward(hours=24 - EVENING)


async def test_what_is_off_in_a_month_can_wait(office: Office, clock: SetClock) -> None:
    await reader(office, "tag@example.org", "sessions", frequency=DAILY)
    meeting = office.session()
    off = m.SessionCancelled(
        at=clock.now(),
        session_id=meeting.session_id,
        board=meeting.board,
        starts_at=meeting.starts_at,
        reason="Wasserschaden",
        subject_version=2,
    )
    await office.answer(meeting, off)
    assert await office.letters("session_cancelled") == []
    clock.forward(hours=EVENING)
    assert len(await digests(office)) == 1


async def test_a_week_is_too_long_for_what_is_off_on_saturday(
    office: Office, clock: SetClock
) -> None:
    clock.forward(days=3, hours=EVENING)
    await reader(office, "tag@example.org", "occasions", frequency=DAILY)
    await reader(office, "woche@example.org", "occasions", frequency=WEEKLY)
    feast = await _feast(office, starts_at=clock.now() + timedelta(days=5))
    moved = await told_about(
        office,
        m.OccasionChanged,
        await somebody(office),
        occasion_id=feast.occasion_id,
        starts_at=clock.now() + timedelta(days=60),
        previous_starts_at=feast.starts_at,
        subject_version=2,
    )
    await office.answer(feast, moved)
    assert await heard(office, ("occasion_changed",)) == {"woche@example.org": ["occasion_changed"]}
    clock.forward(days=1)
    [digest] = await digests(office)
    assert digest.address == "tag@example.org"


async def test_fields_and_kinds_hold_in_digests_too(office: Office, clock: SetClock) -> None:
    topics = ("decisions", "occasions")
    await reader(office, "alle@example.org", *topics, frequency=DAILY)
    await reader(
        office,
        "wenig@example.org",
        *topics,
        frequency=DAILY,
        fields=["building"],
        occasion_kinds=["walk"],
    )
    case = await office.case()
    await office.answer(await office.sample(a.GrantReserved, case, field_of_action="education"))
    await office.answer(await _feast(office, kind=m.OccasionKind.FESTIVAL))
    clock.forward(hours=EVENING)
    assert [one.address for one in await digests(office)] == ["alle@example.org"]
    await office.answer(await _feast(office, kind=m.OccasionKind.WALK, title="Baumgang"))
    clock.forward(days=1)
    found = {one.address: one for one in (await digests(office))[1:]}
    assert set(found) == {"alle@example.org", "wenig@example.org"}
    assert "Baumgang" in found["wenig@example.org"].text


async def _become(office: Office, subscription: Subscription, **choices: Any) -> None:
    async with office.service.db.begin() as session:
        await commands.change(
            session,
            office.service,
            subscription.id,
            Choices(**({"topics": ["sessions"]} | choices)),
            language="de",
            at=office.clock.now(),
        )


async def test_changing_the_rhythm_loses_nothing_and_doubles_nothing(
    office: Office, clock: SetClock
) -> None:
    anna = await reader(office, "anna@example.org", "sessions", frequency=DAILY)
    one, two, three = (office.session(clock.now() + timedelta(days=30 + n)) for n in range(3))
    await office.answer(one)
    await _become(office, anna, frequency=AT_ONCE)
    [last] = await digests(office)
    assert str(one.session_id) in last.text, "what waited comes at once"
    await office.answer(two)
    await _become(office, anna, frequency=DAILY)
    await office.answer(three)
    clock.forward(hours=EVENING)
    [_, digest] = await digests(office)
    assert [str(x.session_id) in digest.text for x in (one, two, three)] == [False, False, True]
    [letter] = await office.letters("session_scheduled")
    assert letter.session_id == two.session_id


async def test_from_days_to_weeks_what_waited_comes_once_and_at_once(
    office: Office, clock: SetClock
) -> None:
    """A cancellation told at once to weekly readers only would otherwise reach nobody who changes."""
    anna = await reader(office, "anna@example.org", "sessions", frequency=DAILY)
    await office.answer(office.session())
    await _become(office, anna, frequency=WEEKLY)
    assert [one.kind for one in await digests(office)] == ["digest_daily"]
    clock.forward(days=7)
    assert [one.kind for one in await digests(office)] == ["digest_daily"]


async def test_a_new_topic_brings_no_old_news_twice(office: Office, clock: SetClock) -> None:
    anna = await reader(office, "anna@example.org", "sessions", frequency=DAILY)
    await office.answer(office.session())
    clock.forward(hours=EVENING)
    assert len(await digests(office)) == 1
    await _become(office, anna, topics=["sessions", "occasions"], frequency=DAILY)
    clock.forward(days=1)
    assert len(await digests(office)) == 1


class Killed(BaseException):
    """The process is gone."""


def _killed() -> None:
    raise Killed


@pytest.mark.parametrize("point", ["timer.before_commit", "timer.after_commit"])
async def test_a_kill_in_between_neither_doubles_nor_loses(
    office: Office, clock: SetClock, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    monkeypatch.setattr(loop, "AT_A_TIME", 2)
    addresses = {f"r{n}@example.org" for n in range(5)}
    for address in addresses:
        await reader(office, address, "sessions", frequency=DAILY)
    await office.answer(office.session())
    clock.forward(hours=EVENING)
    for hit in (1, 2):
        crashpoints.arm(point, hit=hit, then=_killed)
        with pytest.raises(Killed):
            await tell_due(office.service)
    found = await digests(office)
    assert sorted(one.address for one in found) == sorted(addresses)


async def test_a_late_worker_tells_once_what_the_missed_digests_would_have(
    office: Office, clock: SetClock
) -> None:
    await reader(office, "tag@example.org", "sessions", frequency=DAILY)
    for _ in range(3):
        await office.answer(office.session())
        clock.forward(days=1)
    [digest] = await digests(office)
    assert digest.text.count("/sitzungen/") == 3


async def test_what_is_received_late_is_for_the_next_digest(
    office: Office, clock: SetClock
) -> None:
    """An event that was on its way at five and is written down after five makes no second digest."""
    await reader(office, "tag@example.org", "sessions", frequency=DAILY)
    await office.answer(office.session())
    clock.forward(hours=EVENING)
    assert len(await digests(office)) == 1
    five = clock.now() - timedelta(hours=1, seconds=1)
    await office.answer(office.session())
    async with office.service.db.begin() as session:
        newest = select(JournalEntry).order_by(JournalEntry.cursor.desc()).limit(1)
        (await session.scalars(newest)).one().received_at = five
    assert len(await digests(office)) == 1
    clock.forward(days=1)
    assert len(await digests(office)) == 2


async def test_two_workers_at_once_tell_everybody_once(
    office: Office, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(7):
        await reader(office, f"r{n}@example.org", "sessions", frequency=DAILY)
    await office.answer(office.session())
    clock.forward(hours=EVENING)
    monkeypatch.setattr(loop, "AT_A_TIME", 2)
    await asyncio.gather(*(tell_due(office.service) for _ in range(3)))
    await tell_due(office.service)
    assert len({one.address for one in await digests(office)}) == 7
    assert len(await digests(office)) == 7


async def test_equal_digests_are_rendered_once_and_read_like_their_own(
    office: Office, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered: list[str] = []

    def counted(kind: str, **slots: Any) -> Written:
        rendered.append(kind)
        return write(kind, **slots)

    monkeypatch.setattr(many, "write", counted)
    names = ("", "Ada", "Bo", 'O\'Neil <b>"x"</b>')
    for n in range(12):
        await reader(
            office,
            f"r{n}@example.org",
            "sessions",
            name=names[n % 4],
            language=("de", "ar")[n % 2],
            frequency=DAILY,
        )
    await office.answer(office.session())
    clock.forward(hours=EVENING)
    found = await digests(office)
    assert len(found) == 12
    assert len(rendered) <= 4, "by language, with a name and without"
    for letter in found:
        assert letter.unsubscribe_url
        token = letter.unsubscribe_url.rpartition("/")[2]
        assert f"/abo/abmelden/{token}" in letter.html
        assert (letter.name in letter.text) and "<b>" not in letter.html
        for place in (many.NAME, many.MANAGE, many.END):
            assert place not in letter.text + letter.html
    assert len({letter.text for letter in found}) == 12, "each has links of their own"


async def test_a_digest_carries_the_list_headers_and_goes_out(
    office: Office, clock: SetClock, mailbox: Mailbox
) -> None:
    await reader(office, "tag@example.org", "sessions", frequency=DAILY)
    await office.answer(office.session())
    clock.forward(hours=EVENING)
    await tell_due(office.service)
    mailbox.clear()
    await office.send()
    [mail] = mailbox.mails
    assert mail["Subject"] == "Tagesübersicht: Das ist neu"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert await office.states("digest_daily") == [State.SENT]


async def test_a_digest_that_waits_is_held_back_when_somebody_unsubscribes(
    office: Office, clock: SetClock
) -> None:
    anna = await reader(office, "tag@example.org", "sessions", frequency=DAILY)
    await office.answer(office.session())
    clock.forward(hours=EVENING)
    await tell_due(office.service)
    async with office.service.db.begin() as session:
        await commands.end(session, office.service, anna.id, at=clock.now())
    assert await office.states("digest_daily") == [State.SUPPRESSED]


async def test_statements_do_not_grow_with_readers(office: Office, clock: SetClock) -> None:
    counts = []
    for many_of in (3, 60):
        async with office.service.db.begin() as session:
            known = await session.scalar(select(func.count()).select_from(Subscription)) or 0
        for n in range(known, many_of):
            await reader(office, f"r{n}@example.org", "sessions", frequency=DAILY)
        await office.answer(office.session())
        clock.forward(days=1)
        ran: list[str] = []
        engine = office.service.db.engine.sync_engine
        event.listen(engine, "before_cursor_execute", lambda *seen, ran=ran: ran.append(seen[2]))
        await tell_due(office.service)
        counts.append(len(ran))
    assert counts[0] == counts[1] > 0
