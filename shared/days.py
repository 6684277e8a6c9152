"""Deadlines, computed once and in one place: whole days in the neighbourhood's own time zone."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Final

import holidays

from shared.clock import BERLIN

LAST_SECOND = time(23, 59, 59)
LANDS: Final = (
    "BB",
    "BE",
    "BW",
    "BY",
    "HB",
    "HE",
    "HH",
    "MV",
    "NI",
    "NW",
    "RP",
    "SH",
    "SL",
    "SN",
    "ST",
    "TH",
)
"""The German Länder, whose holidays differ."""

SATURDAY: Final = 5


def end_of_day(day: date) -> datetime:
    """The day's last second on the office's clock, as UTC; correct on days of 23 and 25 hours."""
    return datetime.combine(day, LAST_SECOND, tzinfo=BERLIN).astimezone(UTC)


def start_of_day(day: date) -> datetime:
    """The day's first instant on the office's clock, as UTC."""
    return datetime.combine(day, time.min, tzinfo=BERLIN).astimezone(UTC)


def local_day(instant: datetime) -> date:
    """The calendar day people at the place call it."""
    return instant.astimezone(BERLIN).date()


def days_before(starts_at: datetime, days: int) -> datetime:
    """The end of the day so many calendar days before: a clock change never shifts it."""
    return end_of_day(local_day(starts_at) - timedelta(days=days))


def fixed_day_before(day: date, fixed: Iterable[tuple[int, int]]) -> date:
    """The last of these (month, day) that lies before the day, this year or the year before."""
    found = [date(year, *one) for one in fixed for year in (day.year - 1, day.year)]
    return max(one for one in found if one < day)


def days_after(instant: datetime, days: int, *, land: str) -> datetime:
    """The end of the day so many days later; a day nobody works gives way to the next (§ 31 VwVfG)."""
    return end_of_day(next_working_day(local_day(instant) + timedelta(days=days), land=land))


def next_working_day(day: date, *, land: str) -> date:
    """The day itself, or the first after it that is no Saturday, Sunday or holiday of the Land."""
    while day.weekday() >= SATURDAY or holiday_name(day, land=land):
        day += timedelta(days=1)
    return day


def holiday_name(day: date, *, land: str) -> str:
    """What the Land celebrates that day, in German; "" for an ordinary day."""
    return str(_holidays(land).get(day) or "")


@cache
def _holidays(land: str) -> holidays.HolidayBase:
    return holidays.country_holidays("DE", subdiv=land, language="de")


def at_local(day: date, clock: time) -> datetime:
    """A wall-clock time as UTC; raises `NoSuchTime` in the hour that spring skips."""
    local = datetime.combine(day, clock, tzinfo=BERLIN)
    instant = local.astimezone(UTC)
    if instant.astimezone(BERLIN).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise NoSuchTime(day, clock)
    return instant


class NoSuchTime(Exception):
    """The clock jumps over this time when summer time begins."""

    def __init__(self, day: date, clock: time) -> None:
        super().__init__(f"{day} {clock:%H:%M} does not exist in {BERLIN.key}")
        self.day, self.clock = day, clock
