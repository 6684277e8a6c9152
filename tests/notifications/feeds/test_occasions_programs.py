"""Occasions in the feed of dates, as programs not ours read them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import ics
import vobject

from shared.clock import SetClock
from tests.notifications.feeds.conftest import Tell
from tests.notifications.feeds.test_calendar_programs import (
    AROUND_THE_CHANGES,
    Reader,
    address,
)
from tests.notifications.feeds.test_occasions import announced, cancelled, changed, documented
from tests.support.browser import Browser

__all__ = ["address"]
SHOWN = "{start-date} {start-time} {end-time} {title} {status}{location}"


class Walker(Reader):
    """The same calendar program, looking for walks."""

    async def walks(self) -> list[str]:
        await self._run("vdirsyncer", "-c", self.folder / "vdirsyncer", "sync")
        listed = await self._run(
            "khal", "-c", self.folder / "khal", "list", "-df", "", "--format", SHOWN,
            "2026-03-03", "365d",
        )  # fmt: skip
        return [line for line in listed.splitlines() if "Rundgang" in line]


async def test_two_libraries_not_ours_read_the_right_times_names_and_numbers(
    browser: Browser, tell: Tell, clock: SetClock
) -> None:
    events = [announced(clock.now(), starts_at=at, ends_at=None) for at in AROUND_THE_CHANGES]
    await tell(*events, cancelled(events[0], version=2), documented(events[1], version=2))
    file = (await browser.get("/kalender.ics")).text
    by_vobject = {entry.uid.value: entry for entry in vobject.readOne(file).vevent_list}
    by_ics = {entry.uid: entry for entry in ics.Calendar(file).events}
    for event, wall in zip(events, AROUND_THE_CHANGES.values(), strict=True):
        uid = f"termin-{event.occasion_id}@stadtteil.example"
        one, other = by_vobject[uid], by_ics[uid]
        for begins, ends in ((one.dtstart.value, one.dtend.value), (other.begin, other.end)):
            assert begins.astimezone(UTC) == event.starts_at
            assert begins.strftime("%Y-%m-%d %H:%M") == wall
            assert ends - begins == timedelta(hours=2)
    standing = [by_ics[f"termin-{event.occasion_id}@stadtteil.example"] for event in events]
    assert [entry.status for entry in standing] == ["CANCELLED", *["CONFIRMED"] * 3]
    numbers = [
        by_vobject[f"termin-{event.occasion_id}@stadtteil.example"].sequence.value
        for event in events
    ]
    assert numbers == ["2", "2", "1", "1"]


async def test_a_calendar_program_follows_a_walk_through_a_move_and_a_cancellation(
    address: str,
    tell: Tell,
    clock: SetClock,
    tmp_path: Path,
) -> None:
    spring, autumn = (
        announced(clock.now(), starts_at=at, ends_at=at + timedelta(hours=1))
        for at in (datetime(2026, 3, 28, 17, tzinfo=UTC), datetime(2026, 10, 25, 17, tzinfo=UTC))
    )
    await tell(spring, autumn)
    reader = Walker(tmp_path, address)
    await reader.subscribe()
    title = "19:00 Rundgang durch das Quartier"
    assert await reader.walks() == [
        f"2026-03-28 18:00 {title} CONFIRMED Marktplatz",
        f"2026-10-25 18:00 {title} CONFIRMED Marktplatz",
    ]
    sunday = datetime(2026, 3, 29, 16, tzinfo=UTC)
    await tell(
        changed(
            spring,
            version=2,
            starts_at=sunday,
            ends_at=sunday + timedelta(hours=1),
            place="Schulhof",
        ),
        cancelled(autumn, version=2),
    )
    assert await reader.walks() == [
        f"2026-03-29 18:00 {title} CONFIRMED Schulhof",
        f"2026-10-25 18:00 {title} CANCELLED Marktplatz",
    ]
