"""A year of sessions: the days a pattern names, what speaks against each, what makes one impossible."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from services.meetings.domain.board import NoRulesYet, Rules, rules_on
from services.meetings.domain.session import Appointment, BrokenRule
from shared.days import SATURDAY, holiday_name, local_day

LAST: Final = 5
"""The ordinal of a month's last such weekday, be it the fourth or the fifth."""

NEAR: Final = timedelta(days=7)
"""Sessions closer together than this are pointed out."""


class Rhythm(StrEnum):
    """How a pattern names its days."""

    MONTHS = "months"
    WEEKS = "weeks"


class Clash(StrEnum):
    """What the office should know about a day before it plans it."""

    TAKEN = "taken"
    NEAR = "near"
    HOLIDAY = "holiday"
    WEEKEND = "weekend"


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """One thing that speaks against a day; nothing here forbids it."""

    clash: Clash
    holiday: str = ""
    other: date | None = None


class DayTaken(BrokenRule):
    """The board meets on that day already."""


class DayTwice(BrokenRule):
    """The same day stands in the plan twice."""


class WrongDates(Exception):
    """Some dates of a year cannot be planned, so none is; `found` names them by position."""

    def __init__(self, found: Mapping[int, Exception]) -> None:
        super().__init__(f"dates {sorted(found)} cannot be planned")
        self.found = found


def in_months(year: int, months: Iterable[int], *, weekday: int, ordinal: int) -> list[date]:
    """The second Wednesday of March, June and so on; `LAST` is the last one of the month."""
    return [_nth(year, month, weekday, ordinal) for month in sorted(set(months))]


def _nth(year: int, month: int, weekday: int, ordinal: int) -> date:
    first = date(year, month, 1)
    start = first + timedelta(days=(weekday - first.weekday()) % 7)
    days = [start + timedelta(weeks=week) for week in range(LAST)]
    inside = [day for day in days if day.month == month]
    return inside[min(ordinal, len(inside)) - 1]


def every_weeks(first: date, weeks: int) -> list[date]:
    """The first day and every so many weeks after it, to the end of its year."""
    left = (date(first.year, 12, 31) - first).days // (7 * weeks)
    return [first + timedelta(weeks=weeks * turn) for turn in range(left + 1)]


def conflicts(day: date, *, taken: Collection[date], land: str) -> list[Conflict]:
    """What speaks against a day; `taken` are the days of all other sessions."""
    found: list[Conflict] = []
    if day in taken:
        found.append(Conflict(clash=Clash.TAKEN, other=day))
    near = sorted(other for other in set(taken) if timedelta(0) < abs(other - day) < NEAR)
    found += [Conflict(clash=Clash.NEAR, other=other) for other in near]
    if name := holiday_name(day, land=land):
        found.append(Conflict(clash=Clash.HOLIDAY, holiday=name))
    if day.weekday() >= SATURDAY:
        found.append(Conflict(clash=Clash.WEEKEND))
    return found


def check_year(
    appointments: Sequence[Appointment],
    *,
    rules: Sequence[Rules],
    taken: Collection[date],
    at: datetime,
) -> None:
    """Raise `WrongDates` with every date that cannot be planned, not with the first only."""
    found, seen = dict[int, Exception](), set[date]()
    for position, appointment in enumerate(appointments):
        day = local_day(appointment.starts_at)
        try:
            appointment.check(at=at)
            rules_on(appointment.starts_at, rules)
            _check_free(day, taken=taken, seen=seen)
        except (BrokenRule, NoRulesYet) as error:
            found[position] = error
        seen.add(day)
    if found:
        raise WrongDates(found)


def _check_free(day: date, *, taken: Collection[date], seen: Collection[date]) -> None:
    if day in taken:
        raise DayTaken
    if day in seen:
        raise DayTwice
