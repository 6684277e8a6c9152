"""Deadlines and rules as tables: Berlin's clock, both its changes, holidays, to the second."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import pytest

from services.applications.domain import Place, SessionDate, place_for, year_of
from services.applications.domain.checklist import Facts, Finding, checklist
from shared.clock import BERLIN
from shared.days import days_before
from shared.events.applications import CheckItem
from tests.applications.model.driver import RULES, answers

FIRST, SECOND, NOWHERE = UUID(int=1), UUID(int=2), None


def wall(text: str) -> datetime:
    """What the clock on the office's wall shows, as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


def meets(number: UUID, starts: str, *, deadline: datetime | None = None) -> SessionDate:
    at = wall(starts)
    return SessionDate(
        session_id=number,
        board="Freunde Westhagens",
        starts_at=at,
        place="Treffpunkt",
        submission_deadline=deadline or days_before(at, 14),
        cancelled=False,
        told_version=1,
    )


ARRIVALS: Final = [
    # first session, second session, arrival, session, late
    ("2026-06-10 18:00", "2026-09-09 18:00", "2026-05-27 23:59:59", FIRST, False),
    ("2026-06-10 18:00", "2026-09-09 18:00", "2026-05-28 00:00:00", SECOND, True),
    ("2026-06-10 18:00", "2026-09-09 18:00", "2026-05-27 00:00:00", FIRST, False),
    ("2026-06-10 18:00", "2026-09-09 18:00", "2026-06-10 17:59:59", SECOND, True),
    ("2026-06-10 18:00", "2026-09-09 18:00", "2026-06-10 18:00:00", SECOND, False),
    # the deadline on the night summer time begins: a day of 23 hours
    ("2026-04-12 18:00", "2026-06-10 18:00", "2026-03-29 23:59:59", FIRST, False),
    ("2026-04-12 18:00", "2026-06-10 18:00", "2026-03-30 00:00:00", SECOND, True),
    ("2026-04-11 18:00", "2026-06-10 18:00", "2026-03-28 23:59:59", FIRST, False),
    ("2026-04-11 18:00", "2026-06-10 18:00", "2026-03-29 00:00:00", SECOND, True),
    # between deadline and session the clock changes
    ("2026-04-09 18:00", "2026-06-10 18:00", "2026-03-26 23:59:59", FIRST, False),
    ("2026-04-09 18:00", "2026-06-10 18:00", "2026-03-27 00:00:00", SECOND, True),
    # the night it ends: a day of 25 hours
    ("2026-11-08 18:00", "2027-02-10 18:00", "2026-10-25 23:59:59", FIRST, False),
    ("2026-11-08 18:00", "2027-02-10 18:00", "2026-10-26 00:00:00", SECOND, True),
    ("2026-11-07 18:00", "2027-02-10 18:00", "2026-10-24 23:59:59", FIRST, False),
    ("2026-11-07 18:00", "2027-02-10 18:00", "2026-10-25 00:00:00", SECOND, True),
    # the end of a month, of February in a leap year, of the year
    ("2026-05-14 18:00", "2026-06-10 18:00", "2026-04-30 23:59:59", FIRST, False),
    ("2026-05-14 18:00", "2026-06-10 18:00", "2026-05-01 00:00:00", SECOND, True),
    ("2028-03-14 18:00", "2028-06-14 18:00", "2028-02-29 23:59:59", FIRST, False),
    ("2028-03-14 18:00", "2028-06-14 18:00", "2028-03-01 00:00:00", SECOND, True),
    ("2027-01-14 18:00", "2027-03-10 18:00", "2026-12-31 23:59:59", FIRST, False),
    ("2027-01-14 18:00", "2027-03-10 18:00", "2027-01-01 00:00:00", SECOND, True),
]


@pytest.mark.parametrize(("first", "second", "arrival", "goes_to", "late"), ARRIVALS)
def test_an_application_goes_to_the_session_its_arrival_is_in_time_for(
    first: str, second: str, arrival: str, goes_to: UUID, late: bool
) -> None:
    dates = [meets(SECOND, second), meets(FIRST, first)]
    place = place_for(dates, arrival=wall(arrival))
    assert (place.session_id, place.late) == (goes_to, late)


DUE: Final = [
    # asked at, days, Land, last second
    ("2026-06-03 10:00", 14, "NI", "2026-06-17"),
    ("2026-06-05 10:00", 14, "NI", "2026-06-19"),
    ("2026-06-06 10:00", 14, "NI", "2026-06-22"),  # Saturday
    ("2026-06-07 10:00", 14, "NI", "2026-06-22"),  # Sunday
    ("2026-06-30 23:59:59", 14, "NI", "2026-07-14"),  # asked in the last second of a day
    ("2026-07-01 00:00:00", 14, "NI", "2026-07-15"),
    ("2026-03-20 10:00", 14, "NI", "2026-04-07"),  # Good Friday to Easter Monday
    ("2026-04-17 10:00", 14, "NI", "2026-05-04"),  # 1 May, a Friday
    ("2026-04-30 10:00", 14, "NI", "2026-05-15"),  # Ascension
    ("2026-05-11 10:00", 14, "NI", "2026-05-26"),  # Whit Monday
    ("2026-05-21 10:00", 14, "NI", "2026-06-04"),  # Corpus Christi is none in Niedersachsen
    ("2026-05-21 10:00", 14, "BY", "2026-06-05"),
    ("2026-05-21 10:00", 14, "NW", "2026-06-05"),
    ("2025-10-17 10:00", 14, "NI", "2025-11-03"),  # Reformation Day, a Friday
    ("2025-10-17 10:00", 14, "BY", "2025-10-31"),
    ("2027-10-18 10:00", 14, "BY", "2027-11-02"),  # All Saints, a Monday
    ("2027-10-18 10:00", 14, "NI", "2027-11-01"),
    ("2026-09-19 10:00", 14, "NI", "2026-10-05"),  # German Unity, a Saturday
    ("2026-11-04 10:00", 14, "SN", "2026-11-19"),  # Repentance Day in Sachsen alone
    ("2026-11-04 10:00", 14, "NI", "2026-11-18"),
    ("2027-02-22 10:00", 14, "BE", "2027-03-09"),  # Women's Day
    ("2027-02-22 10:00", 14, "NI", "2027-03-08"),
    ("2027-09-06 10:00", 14, "TH", "2027-09-21"),  # Children's Day
    ("2026-12-11 10:00", 14, "NI", "2026-12-28"),  # Christmas and the weekend after it
    ("2026-12-18 10:00", 14, "NI", "2027-01-04"),  # New Year
    ("2026-12-17 10:00", 14, "NI", "2026-12-31"),
    ("2026-12-23 10:00", 14, "BY", "2027-01-07"),  # Epiphany
    ("2026-12-23 10:00", 14, "NI", "2027-01-06"),
    ("2026-03-15 10:00", 14, "NI", "2026-03-30"),  # the clock changes on the day it would be
    ("2026-03-16 10:00", 14, "NI", "2026-03-30"),  # and in between
    ("2026-10-11 10:00", 14, "NI", "2026-10-26"),
    ("2026-10-12 10:00", 14, "NI", "2026-10-26"),
    ("2028-02-15 10:00", 14, "NI", "2028-02-29"),
    ("2027-01-31 10:00", 28, "NI", "2027-03-01"),
    ("2026-01-31 10:00", 28, "NI", "2026-03-02"),
]


@pytest.mark.parametrize(("asked", "days", "land", "last_day"), DUE)
def test_what_somebody_has_to_do_is_due_at_the_end_of_a_working_day(
    asked: str, days: int, land: str, last_day: str
) -> None:
    rules = RULES.model_copy(update={"land": land})
    assert rules.due(wall(asked), days) == wall(f"{last_day} 23:59:59")


YEARS: Final = [
    ("2026-12-31 23:59:59", 2026),
    ("2027-01-01 00:00:00", 2027),
    ("2026-01-01 00:00:00", 2026),
    ("2025-12-31 23:59:59", 2025),
    ("2026-06-30 12:00:00", 2026),
]


@pytest.mark.parametrize(("decided", "year"), YEARS)
def test_a_decision_belongs_to_the_year_on_the_offices_wall(decided: str, year: int) -> None:
    assert year_of(wall(decided)) == year


C, F = CheckItem, Finding
OWN: Final = [{"kind": "own_money", "what": "Kasse", "cents": 15_000}]
WORK: Final = [{"kind": "own_work", "what": "Aufbau", "cents": 15_000}]
LINES: Final = [{"what": "Bühne", "cents": 99_999}, {"what": "Ton", "cents": 1}]
LIMITS: Final[list[tuple[dict[str, Any], dict[str, Any], str, CheckItem, Finding]]] = [
    # rules, answers, arrival, line, finding; 100,000 cents are asked for
    ({"lead_days": 42}, {"starts_on": date(2026, 7, 14)}, "2026-06-02 09:00", C.LEAD_TIME, F.FULFILLED),
    ({"lead_days": 42}, {"starts_on": date(2026, 7, 13)}, "2026-06-02 09:00", C.LEAD_TIME, F.BROKEN),
    ({"lead_days": 42}, {"starts_on": date(2026, 7, 14)}, "2026-06-02 23:59:59", C.LEAD_TIME, F.FULFILLED),
    ({"lead_days": 42}, {"starts_on": date(2026, 7, 14)}, "2026-06-03 00:00:00", C.LEAD_TIME, F.BROKEN),
    ({"lead_days": 0}, {"starts_on": date(2026, 6, 2)}, "2026-06-02 09:00", C.LEAD_TIME, F.NOT_ASKED),
    ({"ends_by": "01-31"}, {"ends_on": date(2027, 1, 31)}, "2026-06-02 09:00", C.ENDS_IN_TIME, F.FULFILLED),
    ({"ends_by": "01-31"}, {"ends_on": date(2027, 2, 1)}, "2026-06-02 09:00", C.ENDS_IN_TIME, F.BROKEN),
    ({"ends_by": "02-28"}, {"ends_on": date(2028, 2, 28)}, "2027-01-01 00:00:00", C.ENDS_IN_TIME, F.FULFILLED),
    ({"ends_by": "02-28"}, {"ends_on": date(2028, 2, 28)}, "2026-12-31 23:59:59", C.ENDS_IN_TIME, F.BROKEN),
    ({"cap_cents": 100_000}, {}, "2026-06-02 09:00", C.CAP, F.FULFILLED),
    ({"cap_cents": 99_999}, {}, "2026-06-02 09:00", C.CAP, F.BROKEN),
    ({"cap_cents": None}, {}, "2026-06-02 09:00", C.CAP, F.NOT_ASKED),
    ({"own_share_percent": 15}, {"funding": OWN}, "2026-06-02 09:00", C.OWN_SHARE, F.FULFILLED),
    ({"own_share_percent": 16}, {"funding": OWN}, "2026-06-02 09:00", C.OWN_SHARE, F.BROKEN),
    ({"own_share_percent": 15}, {"funding": WORK}, "2026-06-02 09:00", C.OWN_SHARE, F.FULFILLED),
    ({"own_share_percent": 15, "own_share_may_be_work": False}, {"funding": WORK}, "2026-06-02 09:00", C.OWN_SHARE, F.BROKEN),
    ({"own_share_percent": 0}, {}, "2026-06-02 09:00", C.OWN_SHARE, F.NOT_ASKED),
    ({"quotes_from_cents": 100_000}, {}, "2026-06-02 09:00", C.QUOTES, F.BROKEN),
    ({"quotes_from_cents": 100_001}, {}, "2026-06-02 09:00", C.QUOTES, F.NOT_ASKED),
    ({"quotes_from_cents": 100_000}, {"costs": LINES}, "2026-06-02 09:00", C.QUOTES, F.NOT_ASKED),
    ({"quotes_from_cents": None}, {}, "2026-06-02 09:00", C.QUOTES, F.NOT_ASKED),
    ({}, {"starts_on": date(2026, 6, 3)}, "2026-06-02 23:59:59", C.NOT_BEGUN, F.FULFILLED),
    ({}, {"starts_on": date(2026, 6, 3)}, "2026-06-03 00:00:00", C.NOT_BEGUN, F.BROKEN),
    ({"begun": "with_consent"}, {"starts_on": date(2026, 6, 3)}, "2026-06-03 00:00:00", C.NOT_BEGUN, F.ASK),
]  # fmt: skip


@pytest.mark.parametrize(("rules", "says", "arrival", "item", "finding"), LIMITS)
def test_a_limit_holds_to_the_cent_the_day_and_the_second(
    rules: dict[str, Any], says: dict[str, Any], arrival: str, item: CheckItem, finding: Finding
) -> None:
    money = {key: value for key, value in says.items() if key in ("costs", "funding")}
    days = {key: value for key, value in says.items() if key not in money}
    at = wall(arrival)
    facts = Facts(submitted_at=at, decided_at=at, files=0)
    applied = answers(100_000, idea=days, costs=money)
    held_to = RULES.model_validate(RULES.model_dump() | rules)
    [line] = [one for one in checklist(applied, held_to, facts, {}) if one.item is item]
    assert line.finding is finding


@pytest.mark.parametrize(("files", "finding"), [(2, F.BROKEN), (3, F.ASK), (4, F.ASK)])
def test_three_quotes_are_three_files_for_a_person_to_read(files: int, finding: Finding) -> None:
    rules = RULES.model_copy(update={"quotes_from_cents": 100_000})
    at = wall("2026-06-02 09:00")
    check = checklist(
        answers(100_000), rules, Facts(submitted_at=at, decided_at=at, files=files), {}
    )
    [line] = [one for one in check if one.item is C.QUOTES]
    assert line.finding is finding


TIERS: Final = [(1, "office"), (30_000, "office"), (30_001, "board"), (500_000, "board")]


@pytest.mark.parametrize(("cents", "decides"), TIERS)
def test_who_decides_changes_with_one_cent(cents: int, decides: str) -> None:
    assert RULES.decides(cents) == decides


@pytest.mark.parametrize(("cents", "asked"), [(80_000, False), (80_001, True)])
def test_the_city_is_asked_above_its_limit_only(cents: int, asked: bool) -> None:
    assert RULES.needs_city(cents) is asked


POSTPONED: Final = [
    # arrival, the deadline stays or is computed again, session, late
    ("2026-05-27 23:59:59", "stays", FIRST, False),
    ("2026-05-28 00:00:00", "stays", SECOND, True),
    ("2026-05-28 00:00:00", "again", FIRST, False),
    ("2026-06-03 23:59:59", "again", FIRST, False),
    ("2026-06-04 00:00:00", "again", SECOND, True),
]


@pytest.mark.parametrize(("arrival", "rule", "goes_to", "late"), POSTPONED)
def test_a_postponed_session_keeps_its_deadline_or_computes_it_again(
    arrival: str, rule: str, goes_to: UUID, late: bool
) -> None:
    kept = days_before(wall("2026-06-10 18:00"), 14)
    moved = meets(FIRST, "2026-06-17 18:00", deadline=kept if rule == "stays" else None)
    place = place_for([moved, meets(SECOND, "2026-09-09 18:00")], arrival=wall(arrival))
    assert (place.session_id, place.late) == (goes_to, late)


def test_with_every_deadline_missed_it_waits_for_a_date_and_is_late() -> None:
    place = place_for([meets(FIRST, "2026-06-10 18:00")], arrival=wall("2026-05-28 00:00:00"))
    assert place == Place(late=True)
    just = place_for(
        [meets(FIRST, "2026-06-10 18:00")],
        arrival=wall("2026-05-27 23:59:59") + timedelta(microseconds=999_999),
    )
    assert just.session_id == FIRST
