"""An occasion's own calendar file: right times, one name for ever, rising numbers, cancelled marked."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import ics
import pytest
import vobject

from shared.service import Service
from tests.meetings.occasions import (
    announced,
    brings,
    cancelled,
    changed,
    registered,
    walk,
    wish,
)
from tests.meetings.people import Person

NewPerson = Callable[[], Person]


@pytest.mark.parametrize(
    ("day", "hour_in_utc"),
    [((2026, 3, 28), 17), ((2026, 3, 29), 16), ((2026, 10, 24), 16), ((2026, 10, 25), 17)],
)
async def test_two_libraries_not_ours_read_the_right_times_on_both_sides_of_the_clock_change(
    person: NewPerson, meetings: Service, day: tuple[int, int, int], hour_in_utc: int
) -> None:
    begins = datetime(*day, hour_in_utc, tzinfo=UTC)
    occasion_id = await announced(
        meetings, walk(starts_at=begins, ends_at=None, place="Saal; 1, Ecke")
    )
    file = (await person().get(f"/termine/{occasion_id}/termin.ics")).text
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
        assert end - start == timedelta(hours=2)
        assert place == "Saal; 1, Ecke"
        assert uid == f"termin-{occasion_id}@example.org"


async def test_the_number_rises_with_what_the_public_was_told_and_with_nothing_else(
    person: NewPerson, meetings: Service
) -> None:
    occasion_id, resident = await announced(meetings), person()

    async def file() -> str:
        return (await resident.get(f"/termine/{occasion_id}/termin.ics")).text

    first = vobject.readOne(await file()).vevent
    ada = await registered(meetings, occasion_id, wish())
    await brings(meetings, ada, 2)
    await changed(meetings, occasion_id, door_note="Schlüssel")
    same = vobject.readOne(await file()).vevent
    await changed(meetings, occasion_id, place="Schulhof")
    moved = vobject.readOne(await file()).vevent
    await cancelled(meetings, occasion_id)
    off = vobject.readOne(await file()).vevent
    entries = (first, same, moved, off)
    assert [entry.sequence.value for entry in entries] == ["1", "1", "2", "3"]
    assert len({entry.uid.value for entry in entries}) == 1
    assert (moved.location.value, moved.status.value) == ("Schulhof", "CONFIRMED")
    assert (off.status.value, off.description.value) == ("CANCELLED", "Es stürmt.")
    assert "Ada" not in await file()
