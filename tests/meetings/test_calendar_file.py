"""A session's own calendar file, and the way from the sessions to the feed of all dates."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import ics
import pytest
import vobject

from shared.roles import Role
from shared.service import Service
from tests.meetings.people import Person, told
from tests.meetings.preparation import evening, invite, own_item
from tests.support.services import ORIGIN

NewPerson = Callable[[], Person]


@pytest.mark.parametrize(
    ("day", "hour_in_utc"),
    [("27.3.2027", 17), ("28.3.2027", 16), ("30.10.2027", 16), ("31.10.2027", 17)],
)
async def test_two_libraries_not_ours_read_the_file_right_on_both_sides_of_the_clock_change(
    person: NewPerson, meetings: Service, day: str, hour_in_utc: int
) -> None:
    office = await person().enter(Role.OFFICE)
    evening = {"day": day, "starts": "18:00", "ends": "20:00", "place": "Saal; 1, Ecke"}
    assert (await office.act("/buero/sitzungen/neu", "save", evening)).status_code == 303
    [planned] = await told(meetings, "session")
    file = (await person().get(f"/sitzungen/{planned['subject']}/termin.ics")).text
    of_month, month, year = (int(part) for part in day.split("."))
    begins = datetime(year, month, of_month, hour_in_utc, tzinfo=UTC)
    [by_ics] = ics.Calendar(file).events
    by_vobject = vobject.readOne(file).vevent
    for start, end, place, uid in (
        (by_ics.begin, by_ics.end, by_ics.location, by_ics.uid),
        (
            by_vobject.dtstart.value,
            by_vobject.dtend.value,
            by_vobject.location.value,
            by_vobject.uid.value,
        ),
    ):
        assert start.astimezone(UTC) == begins
        assert (end - start).total_seconds() == 2 * 60 * 60
        assert place == "Saal; 1, Ecke"
        assert uid == f"sitzung-{planned['subject']}@example.org"


async def test_the_sessions_page_says_how_to_subscribe_to_the_one_feed(person: NewPerson) -> None:
    shown = (await person().get("/sitzungen")).text
    assert 'href="/kalender.ics?lang=de"' in shown
    assert f"{ORIGIN}/kalender.ics" in shown


CHANGES = {
    "2026-10-24": (16, "2026-10-25", 17),
    "2026-10-25": (17, "2026-10-24", 16),
    "2027-03-27": (17, "2027-03-28", 16),
    "2027-03-28": (16, "2027-03-27", 17),
}
"""A day beside a clock change with six in the evening in UTC, and the day on its other side."""


@pytest.mark.parametrize("day", CHANGES)
async def test_the_file_of_an_invited_and_moved_session_counts_up_and_keeps_the_hour(
    person: NewPerson, meetings: Service, day: str
) -> None:
    hour, other, hour_there = CHANGES[day]
    session_id = await evening(meetings, day)
    await own_item(meetings, session_id)
    file = f"/sitzungen/{session_id}/termin.ics"
    planned = read((await person().get(file)).text)
    await invite(meetings, session_id)
    invited = read((await person().get(file)).text)
    assert planned[:3] == invited[:3] == (*at(day, hour), planned[2])
    office = await person().enter(Role.OFFICE)
    moved_to = {"day": other, "starts": "18:00", "ends": "20:00", "reason": "room"}
    path = f"/buero/sitzungen/{session_id}/verschieben"
    assert (await office.act(path, "save", moved_to | {"place": "Saal"})).status_code == 303
    moved = read((await person().get(file)).text)
    assert moved[:3] == (*at(other, hour_there), planned[2])
    assert planned[3] < invited[3] < moved[3]


def at(day: str, hour: int) -> tuple[datetime, datetime]:
    """Two hours from this one of UTC on."""
    begins = datetime.fromisoformat(day).replace(hour=hour, tzinfo=UTC)
    return begins, begins + timedelta(hours=2)


def read(file: str) -> tuple[datetime, datetime, str, int]:
    """Beginning, end, name and number, in which both libraries agree."""
    [by_ics] = ics.Calendar(file).events
    entry = vobject.readOne(file).vevent
    begins, ends = (one.astimezone(UTC) for one in (entry.dtstart.value, entry.dtend.value))
    assert (by_ics.begin.astimezone(UTC), by_ics.end.astimezone(UTC)) == (begins, ends)
    assert by_ics.uid == entry.uid.value
    return begins, ends, entry.uid.value, int(entry.sequence.value)
