"""The dates, read by calendar programs: right to the minute on both sides of the clock change."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, Timezone

from services.notifications.calendar import BERLIN_TIMES
from shared.clock import SetClock
from shared.events.meetings import SessionScheduled
from tests.notifications.feeds.conftest import Tell, cancelled, postponed, scheduled
from tests.support.browser import Browser


async def entries(browser: Browser) -> dict[str, Any]:
    """The file's events by UID, with its own time zone at work instead of the machine's."""
    answer = await browser.get("/kalender.ics")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(answer.content)
    assert [zone["TZID"] for zone in calendar.walk("VTIMEZONE")] == ["Europe/Berlin"]
    return {str(event["UID"]): event for event in calendar.walk("VEVENT")}


AROUND_THE_CHANGES = {
    datetime(2026, 3, 28, 17, tzinfo=UTC): "2026-03-28T18:00:00+01:00",
    datetime(2026, 3, 29, 16, tzinfo=UTC): "2026-03-29T18:00:00+02:00",
    datetime(2026, 10, 24, 16, tzinfo=UTC): "2026-10-24T18:00:00+02:00",
    datetime(2026, 10, 25, 17, tzinfo=UTC): "2026-10-25T18:00:00+01:00",
}


async def test_a_session_is_at_its_hour_in_berlin_on_both_sides_of_the_clock_change(
    browser: Browser, tell: Tell, clock: SetClock
) -> None:
    events = [scheduled(clock.now(), starts_at=in_utc) for in_utc in AROUND_THE_CHANGES]
    await tell(*events)
    found = await entries(browser)
    for event, in_berlin in zip(events, AROUND_THE_CHANGES.values(), strict=True):
        entry = found[f"sitzung-{event.session_id}@stadtteil.example"]
        assert entry["DTSTART"].dt.isoformat() == in_berlin
        assert entry["DTSTART"].params["TZID"] == "Europe/Berlin"
        assert entry["DTEND"].dt - entry["DTSTART"].dt == timedelta(hours=2)
        assert entry["LOCATION"] == "Bürgerhaus"
        assert entry["URL"] == f"https://stadtteil.example/sitzungen/{event.session_id}"


def test_the_zone_in_the_file_agrees_with_the_worlds_for_twenty_years() -> None:
    zone = Timezone.from_ical(BERLIN_TIMES)
    assert isinstance(zone, Timezone)
    ours = zone.to_tz()
    berlin = ZoneInfo("Europe/Berlin")
    moment = datetime(2026, 1, 1, 0, 30, tzinfo=UTC)
    while moment.year < 2046:
        there = moment.astimezone(berlin)
        if not there.fold:
            local = there.replace(tzinfo=ours)
            assert local.utcoffset() == there.utcoffset(), moment
        moment += timedelta(hours=11)


async def test_the_last_day_for_applications_is_a_whole_day(
    browser: Browser, tell: Tell, december: SessionScheduled
) -> None:
    await tell(december)
    entry = (await entries(browser))[f"abgabe-{december.session_id}@stadtteil.example"]
    assert entry["DTSTART"].dt == date(2026, 11, 25)
    assert entry["DTEND"].dt == date(2026, 11, 26)
    assert entry["TRANSP"] == "TRANSPARENT"


async def test_a_moved_session_keeps_its_name_and_raises_its_sequence(
    browser: Browser, tell: Tell, december: SessionScheduled
) -> None:
    name = f"sitzung-{december.session_id}@stadtteil.example"
    await tell(december)
    before = (await entries(browser))[name]
    await tell(postponed(december, starts_at=datetime(2026, 12, 16, 17, tzinfo=UTC), version=2))
    after = (await entries(browser))[name]
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after["DTSTART"].dt.isoformat() == "2026-12-16T18:00:00+01:00"
    assert (before["STATUS"], after["STATUS"]) == ("CONFIRMED", "CONFIRMED")


async def test_a_cancelled_session_is_cancelled_in_every_calendar_with_its_deadline(
    browser: Browser, tell: Tell, clock: SetClock, december: SessionScheduled
) -> None:
    await tell(december, cancelled(december, version=2))
    found = await entries(browser)
    assert [str(entry["STATUS"]) for entry in found.values()] == ["CANCELLED", "CANCELLED"]
    assert found[f"sitzung-{december.session_id}@stadtteil.example"]["SEQUENCE"] == 2
    clock.set(december.starts_at + timedelta(days=100))
    assert len(await entries(browser)) == 2


async def test_an_empty_calendar_is_a_calendar(browser: Browser) -> None:
    assert await entries(browser) == {}


async def test_hostile_text_stays_text(browser: Browser, tell: Tell, clock: SetClock) -> None:
    place = "Saal; 1, \\ Ecke\r\nEND:VEVENT\r\nBEGIN:VALARM"
    event = scheduled(clock.now(), starts_at=datetime(2026, 12, 9, 17, tzinfo=UTC), place=place)
    await tell(event)
    found = await entries(browser)
    assert len(found) == 2
    entry = found[f"sitzung-{event.session_id}@stadtteil.example"]
    assert "END:VEVENT" in entry["LOCATION"]
    assert not entry.walk("VALARM")
