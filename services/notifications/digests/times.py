"""When digests are due, by the clock on the wall in Berlin.

These are the office's hours for everybody, so they are constants and no setting: daily at 17:00,
weekly on Thursdays at 17:00. That hour exists once on every day, also when the clocks change.
"""

from datetime import UTC, datetime, time, timedelta
from typing import Final

from services.notifications.domain.subscription import Frequency
from shared.clock import BERLIN
from shared.days import at_local, local_day

AT: Final = time(17)
WEEKLY_ON: Final = 3
"""Thursday: Monday is 0."""

STEP: Final = {Frequency.DAILY: timedelta(days=1), Frequency.WEEKLY: timedelta(days=7)}
"""By the frequency of every digest there is: how many calendar days lie between two."""


def last_due(frequency: Frequency, now: datetime) -> datetime:
    """The latest moment up to now at which this digest was due, as UTC."""
    day = local_day(now)
    if frequency is Frequency.WEEKLY:
        day -= timedelta(days=(day.weekday() - WEEKLY_ON) % 7)
    due = at_local(day, AT)
    return due if due <= now else at_local(day - STEP[frequency], AT)


def next_due(frequency: Frequency, now: datetime) -> datetime:
    """The first moment after now at which this digest is due, as UTC."""
    last = last_due(frequency, now).astimezone(BERLIN)
    return at_local(last.date() + STEP[frequency], AT).astimezone(UTC)
