"""When an issue may go out: its beginning, its hours, its end."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from shared.clock import BERLIN


class StartsInPast(Exception):
    """The time it shall go out at is over."""


class ExpiresTooEarly(Exception):
    """There would be no moment between its start and its end at which it may go out."""


class NoWindow(Exception):
    """The hours it may go out in are none."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """When it may go out: from `starts_at` on, or at once, between two full hours, until it expires."""

    starts_at: datetime | None = None
    expires_at: datetime
    window_from: int = 0
    window_to: int = 24

    def check(self, *, at: datetime) -> None:
        """Raises NoWindow, StartsInPast or ExpiresTooEarly."""
        if not 0 <= self.window_from < self.window_to <= 24:
            raise NoWindow
        if self.starts_at is not None and self.starts_at <= at:
            raise StartsInPast
        if self.opens_at(at) >= self.expires_at:
            raise ExpiresTooEarly

    def opens_at(self, at: datetime) -> datetime:
        """The first moment from now on at which somebody may get it."""
        return opening(self.starts_at or at, self.window_from, self.window_to)


def opening(at: datetime, window_from: int, window_to: int) -> datetime:
    """`at` itself, or the next moment at which the clock in Berlin is within these full hours."""
    there = at.astimezone(BERLIN)
    if window_from <= there.hour < window_to:
        return at
    day = there.date() + timedelta(days=there.hour >= window_to)
    return datetime.combine(day, time(window_from), BERLIN).astimezone(UTC)
