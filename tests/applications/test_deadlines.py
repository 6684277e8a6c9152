"""In time or not, to the second, on the office's wall clock, whatever season it is."""

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import uuid4

import pytest

from services.applications.domain import SessionDate, place_for
from shared.clock import BERLIN

SECOND: Final = timedelta(seconds=1)


def date(starts_at: datetime, deadline: datetime, *, cancelled: bool = False) -> SessionDate:
    return SessionDate(
        session_id=uuid4(),
        board="Freunde Westhagens",
        starts_at=starts_at.astimezone(UTC),
        place="Treffpunkt",
        submission_deadline=deadline.astimezone(UTC),
        cancelled=cancelled,
        told_version=1,
    )


def wall(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=BERLIN)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("session", "deadline"),
    [
        (wall(2026, 6, 10, 18), wall(2026, 5, 27, 23, 59, 59)),
        (wall(2026, 4, 9, 18), wall(2026, 3, 26, 23, 59, 59)),
        (wall(2026, 4, 12, 18), wall(2026, 3, 29, 23, 59, 59)),
        (wall(2026, 11, 8, 18), wall(2026, 10, 25, 23, 59, 59)),
        (wall(2026, 11, 5, 18), wall(2026, 10, 22, 23, 59, 59)),
        (wall(2027, 1, 13, 18), wall(2026, 12, 30, 23, 59, 59)),
    ],
)
def test_the_deadlines_last_second_is_in_time_and_midnight_is_not(
    session: datetime, deadline: datetime
) -> None:
    first, following = (
        date(session, deadline),
        date(session + timedelta(days=90), deadline + timedelta(days=90)),
    )
    midnight = datetime(deadline.year, deadline.month, deadline.day, tzinfo=BERLIN) + timedelta(
        days=1
    )
    for arrival in (deadline, deadline + timedelta(microseconds=999_999)):
        place = place_for([following, first], arrival=arrival.astimezone(UTC))
        assert (place.session_id, place.late) == (first.session_id, False)
    late = place_for([first, following], arrival=midnight.astimezone(UTC))
    assert (late.session_id, late.late) == (following.session_id, True)
    assert late.submission_deadline == following.submission_deadline


def test_without_a_session_to_come_it_waits_and_is_not_late() -> None:
    past = date(wall(2026, 1, 10, 18), wall(2025, 12, 27, 23, 59, 59))
    place = place_for([past], arrival=wall(2026, 3, 1).astimezone(UTC))
    assert (place.session_id, place.late) == (None, False)


def test_a_cancelled_session_is_no_session_and_nobody_is_late_for_it() -> None:
    gone = date(wall(2026, 6, 10, 18), wall(2026, 5, 27, 23, 59, 59), cancelled=True)
    following = date(wall(2026, 9, 9, 18), wall(2026, 8, 26, 23, 59, 59))
    place = place_for([gone, following], arrival=wall(2026, 6, 1).astimezone(UTC))
    assert (place.session_id, place.late) == (following.session_id, False)


def test_missed_with_nothing_planned_after_it_is_late_without_a_session() -> None:
    only = date(wall(2026, 6, 10, 18), wall(2026, 5, 27, 23, 59, 59))
    place = place_for([only], arrival=wall(2026, 6, 1).astimezone(UTC))
    assert (place.session_id, place.late) == (None, True)
