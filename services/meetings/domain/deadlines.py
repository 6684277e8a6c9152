"""Deadlines, computed once and in one place: whole days in the neighbourhood's own time zone."""

from datetime import UTC, date, datetime, time, timedelta

from shared.clock import BERLIN

LAST_SECOND = time(23, 59, 59)


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
