"""The days a pattern names, what speaks against them, and what makes one impossible."""

import itertools
from datetime import UTC, date, datetime, time

import pytest

from services.meetings.domain.board import NoRulesYet, OnPostponement, Rules
from services.meetings.domain.session import Appointment, EndsBeforeItStarts, InThePast
from services.meetings.domain.year import (
    LAST,
    Clash,
    DayTaken,
    DayTwice,
    WrongDates,
    check_year,
    conflicts,
    every_weeks,
    in_months,
)
from shared.days import LANDS, at_local, holiday_name

MONDAY, WEDNESDAY, SATURDAY, SUNDAY = 0, 2, 5, 6


@pytest.mark.parametrize(
    ("weekday", "ordinal", "months", "days"),
    [
        (WEDNESDAY, 2, (3, 6, 9, 12), ["03-10", "06-09", "09-08", "12-08"]),
        (WEDNESDAY, 2, (12, 3, 3, 9, 6), ["03-10", "06-09", "09-08", "12-08"]),
        (MONDAY, 1, (2, 3, 11), ["02-01", "03-01", "11-01"]),
        (SUNDAY, 1, (2, 5, 8), ["02-07", "05-02", "08-01"]),
        (SUNDAY, LAST, (2, 3, 10), ["02-28", "03-28", "10-31"]),
        (SATURDAY, LAST, (1, 2), ["01-30", "02-27"]),
        (WEDNESDAY, 4, (9, 12), ["09-22", "12-22"]),
        (WEDNESDAY, LAST, (9, 12), ["09-29", "12-29"]),
    ],
)
def test_days_in_months(
    weekday: int, ordinal: int, months: tuple[int, ...], days: list[str]
) -> None:
    found = in_months(2027, months, weekday=weekday, ordinal=ordinal)
    assert [day.isoformat() for day in found] == [f"2027-{day}" for day in days]


def test_a_leap_years_last_day_is_found() -> None:
    assert in_months(2028, [2], weekday=1, ordinal=LAST) == [date(2028, 2, 29)]


@pytest.mark.parametrize(
    ("first", "weeks", "last", "count"),
    [
        ("2027-01-06", 13, "2027-10-06", 4),
        ("2027-01-01", 1, "2027-12-31", 53),
        ("2027-12-31", 6, "2027-12-31", 1),
        ("2027-12-17", 2, "2027-12-31", 2),
        ("2027-12-18", 2, "2027-12-18", 1),
    ],
)
def test_every_so_many_weeks_to_the_end_of_the_year(
    first: str, weeks: int, last: str, count: int
) -> None:
    found = every_weeks(date.fromisoformat(first), weeks)
    assert (found[0].isoformat(), found[-1].isoformat(), len(found)) == (first, last, count)
    assert all((b - a).days == 7 * weeks for a, b in itertools.pairwise(found))


CONFLICTS: list[tuple[str, set[str], str, list[tuple[Clash, str]]]] = [
    ("2027-03-10", set(), "NI", []),
    ("2027-10-31", set(), "NI", [(Clash.HOLIDAY, "Reformationstag"), (Clash.WEEKEND, "")]),
    ("2028-10-31", set(), "NI", [(Clash.HOLIDAY, "Reformationstag")]),
    ("2028-10-31", set(), "BY", []),
    ("2028-11-01", set(), "BY", [(Clash.HOLIDAY, "Allerheiligen")]),
    ("2028-11-01", set(), "NI", []),
    ("2027-03-13", set(), "NI", [(Clash.WEEKEND, "")]),
    ("2027-03-10", {"2027-03-10"}, "NI", [(Clash.TAKEN, "2027-03-10")]),
    ("2027-03-10", {"2027-03-04"}, "NI", [(Clash.NEAR, "2027-03-04")]),
    ("2027-03-10", {"2027-03-03", "2027-03-17"}, "NI", []),
    (
        "2027-03-10",
        {"2027-03-16", "2027-03-09"},
        "NI",
        [(Clash.NEAR, "2027-03-09"), (Clash.NEAR, "2027-03-16")],
    ),
]


@pytest.mark.parametrize(("day", "taken", "land", "found"), CONFLICTS)
def test_what_speaks_against_a_day(
    day: str, taken: set[str], land: str, found: list[tuple[Clash, str]]
) -> None:
    others = {date.fromisoformat(other) for other in taken}
    said = conflicts(date.fromisoformat(day), taken=others, land=land)
    assert [
        (one.clash, one.holiday or (one.other.isoformat() if one.other else "")) for one in said
    ] == found


@pytest.mark.parametrize("land", LANDS)
def test_every_land_knows_its_holidays(land: str) -> None:
    assert holiday_name(date(2027, 10, 3), land=land) == "Tag der Deutschen Einheit"
    assert holiday_name(date(2027, 3, 10), land=land) == ""


AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
RULES = [
    Rules(
        holds_from=date(2026, 1, 1), submission_days_before=14, on_postponement=OnPostponement.STAYS
    )
]


def on(day: date, *, until: time | None = None) -> Appointment:
    return Appointment(
        starts_at=at_local(day, time(18)),
        ends_at=at_local(day, until) if until else None,
        place="Saal",
        note=None,
    )


def test_every_wrong_date_is_named_not_the_first_alone() -> None:
    year = [
        on(date(2027, 3, 10)),
        on(date(2026, 3, 11)),
        on(date(2027, 3, 10), until=time(19)),
        on(date(2027, 6, 9), until=time(17)),
        on(date(2027, 9, 8)),
    ]
    with pytest.raises(WrongDates) as wrong:
        check_year(year, rules=RULES, taken={date(2027, 9, 8)}, at=AT)
    assert {place: type(error) for place, error in wrong.value.found.items()} == {
        1: InThePast,
        2: DayTwice,
        3: EndsBeforeItStarts,
        4: DayTaken,
    }


def test_a_day_before_the_first_rules_cannot_be_planned() -> None:
    later = [RULES[0].model_copy(update={"holds_from": date(2027, 5, 1)})]
    with pytest.raises(WrongDates) as wrong:
        check_year([on(date(2027, 3, 10)), on(date(2027, 6, 9))], rules=later, taken=set(), at=AT)
    assert {place: type(error) for place, error in wrong.value.found.items()} == {0: NoRulesYet}
