"""Deadlines are whole days on the neighbourhood's clock, whatever the clock does in between."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.meetings.domain.board import NoRulesYet, OnPostponement, Rules, rules_on
from shared.clock import BERLIN
from shared.days import (
    NoSuchTime,
    at_local,
    days_before,
    end_of_day,
    fixed_day_before,
    local_day,
    start_of_day,
)


@pytest.mark.parametrize(
    ("session_day", "days", "deadline"),
    [
        pytest.param("2026-12-09", 14, "2026-11-25T22:59:59", id="winter throughout"),
        pytest.param("2026-04-08", 14, "2026-03-25T22:59:59", id="before summer time, after it"),
        pytest.param("2026-04-08", 10, "2026-03-29T21:59:59", id="on the day of 23 hours"),
        pytest.param("2026-11-04", 14, "2026-10-21T21:59:59", id="before winter time, after it"),
        pytest.param("2026-11-04", 10, "2026-10-25T22:59:59", id="on the day of 25 hours"),
        pytest.param("2026-03-10", 14, "2026-02-24T22:59:59", id="over the end of February"),
        pytest.param("2028-03-10", 10, "2028-02-29T22:59:59", id="on the leap day"),
        pytest.param("2028-03-10", 14, "2028-02-25T22:59:59", id="over the leap day"),
        pytest.param("2027-01-07", 14, "2026-12-24T22:59:59", id="over the end of the year"),
        pytest.param("2026-07-15", 21, "2026-06-24T21:59:59", id="three weeks in summer"),
        pytest.param("2026-07-15", 0, "2026-07-15T21:59:59", id="on the day itself"),
    ],
)
def test_the_deadline_is_the_last_second_of_a_day_in_berlin(
    session_day: str, days: int, deadline: str
) -> None:
    starts_at = at_local(date.fromisoformat(session_day), time(18))
    assert days_before(starts_at, days) == datetime.fromisoformat(deadline).replace(tzinfo=UTC)


def test_a_late_evening_belongs_to_its_own_day_in_berlin() -> None:
    late = at_local(date(2026, 7, 15), time(0, 30))
    assert late.date() == date(2026, 7, 14)
    assert local_day(late) == date(2026, 7, 15)
    assert days_before(late, 1) == end_of_day(date(2026, 7, 14))


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_a_day_ends_one_second_before_the_next_begins(day: date) -> None:
    assert start_of_day(day + timedelta(days=1)) - end_of_day(day) == timedelta(seconds=1)


@given(st.datetimes(timezones=st.just(UTC)), st.integers(0, 365))
def test_the_deadline_is_so_many_calendar_days_earlier(moment: datetime, days: int) -> None:
    starts_at = moment.replace(year=2000 + moment.year % 100, day=min(moment.day, 28))
    deadline = days_before(starts_at, days).astimezone(BERLIN)
    assert deadline.time() == time(23, 59, 59)
    assert deadline.date() == local_day(starts_at) - timedelta(days=days)


def test_the_hour_that_spring_skips_is_refused() -> None:
    with pytest.raises(NoSuchTime):
        at_local(date(2026, 3, 29), time(2, 30))
    assert at_local(date(2026, 3, 29), time(3, 30)) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def rules(holds_from: str, days: int) -> Rules:
    return Rules(
        holds_from=date.fromisoformat(holds_from),
        submission_days_before=days,
        on_postponement=OnPostponement.STAYS,
    )


def test_the_rule_of_the_sessions_own_day_holds() -> None:
    known = [rules("2026-01-01", 14), rules("2027-01-01", 21)]
    before_midnight = at_local(date(2026, 12, 31), time(23, 59))
    after_midnight = at_local(date(2027, 1, 1), time(0, 1))
    assert rules_on(before_midnight, known).submission_days_before == 14
    assert rules_on(after_midnight, reversed(known)).submission_days_before == 21


def test_a_day_before_the_first_rule_has_no_deadline() -> None:
    with pytest.raises(NoRulesYet):
        rules_on(at_local(date(2025, 12, 31), time(18)), [rules("2026-01-01", 14)])


@pytest.mark.parametrize(
    ("session_day", "fixed", "deadline"),
    [
        pytest.param("2026-05-27", "02-15 05-15", "2026-05-15T21:59:59", id="in summer"),
        pytest.param("2026-12-09", "02-15 11-15", "2026-11-15T22:59:59", id="in winter"),
        pytest.param("2026-05-15", "02-15 05-15", "2026-02-15T22:59:59", id="on the date itself"),
        pytest.param("2026-05-16", "02-15 05-15", "2026-05-15T21:59:59", id="on the day after"),
        pytest.param("2027-01-20", "05-15 11-15", "2026-11-15T22:59:59", id="over the new year"),
        pytest.param("2027-01-01", "01-01 12-31", "2026-12-31T22:59:59", id="on new year's day"),
        pytest.param("2026-04-01", "03-29", "2026-03-29T21:59:59", id="on the day of 23 hours"),
        pytest.param("2026-10-28", "10-25", "2026-10-25T22:59:59", id="on the day of 25 hours"),
        pytest.param("2026-03-04", "02-28", "2026-02-28T22:59:59", id="at the end of February"),
        pytest.param("2028-02-29", "02-28", "2028-02-28T22:59:59", id="on the leap day"),
        pytest.param("2026-06-01", "06-01", "2025-06-01T21:59:59", id="a year to the day"),
        pytest.param("2026-11-20", "11-15", "2026-11-15T22:59:59", id="a Sunday stays a Sunday"),
    ],
)
def test_a_fixed_date_ends_at_midnight_in_berlin_and_lies_before_the_session(
    session_day: str, fixed: str, deadline: str
) -> None:
    board = rules("2020-01-01", 14).model_copy(update={"fixed_dates": tuple(fixed.split())})
    starts_at = at_local(date.fromisoformat(session_day), time(18))
    expected = datetime.fromisoformat(deadline).replace(tzinfo=UTC)
    assert board.submission_deadline(starts_at) == expected


@given(
    st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    st.lists(st.dates(date(2023, 1, 1), date(2023, 12, 31)), min_size=1, max_size=6),
)
def test_between_a_fixed_deadline_and_its_session_lies_no_other_fixed_date(
    day: date, fixed: list[date]
) -> None:
    month_days = {(one.month, one.day) for one in fixed}
    found = fixed_day_before(day, month_days)
    assert found < day
    assert (found.month, found.day) in month_days
    between = (found + timedelta(days=n) for n in range(1, (day - found).days))
    assert all((one.month, one.day) not in month_days for one in between)


@pytest.mark.parametrize("wrong", ["02-29", "04-31", "13-01", "1-1", "00-10", "02-15 "])
def test_a_day_some_year_does_not_have_is_no_fixed_date(wrong: str) -> None:
    with pytest.raises(ValidationError):
        Rules(
            holds_from=date(2026, 1, 1),
            submission_days_before=14,
            on_postponement=OnPostponement.STAYS,
            fixed_dates=(wrong,),
        )
