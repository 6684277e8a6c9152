"""A session's own calendar file, and the way from the sessions to the feed of all dates."""

from collections.abc import Callable
from datetime import UTC, datetime

import ics
import pytest
import vobject

from shared.roles import Role
from shared.service import Service
from tests.meetings.people import Person, told
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
