"""How often the loops look, and how long they wait: one place, so that tests can hurry."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Pace:
    """Seconds unless it says otherwise; the defaults are what runs in production."""

    poll: float = 1.0
    """Slow look behind every bell; also how soon an emptied Redis is noticed."""
    lease: float = 10.0
    """How long a silent holder keeps its lease."""
    beat: float = 1.0
    """Between two looks after lease, parked events and the reader's health."""
    reclaim_every: float = 10.0
    reclaim_idle: float = 30.0
    """What nobody acknowledged for so long is taken over."""
    tidy_every: float = 60.0
    redis_away: float = 1.0
    """Pause while Redis does not answer."""
    keep_in_stream: timedelta = timedelta(days=7)
    keep_in_outbox: timedelta = timedelta(days=90)
    keep_in_inbox: timedelta = timedelta(days=180)
    """Longer than the outbox: whatever can be told again can still be recognised."""


STEADY = Pace()
