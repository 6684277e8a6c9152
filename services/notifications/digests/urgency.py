"""What cannot wait for a digest: nobody is to stand before a closed door.

A date that is off or moves goes at once to everybody if it, or the old or the new one, is within
48 hours or comes before the reader's next digest. Everything else waits for the digest.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.digests.times import STEP, next_due
from services.notifications.domain.subscription import Frequency
from services.notifications.journal import JournalEntry
from shared.events.base import Event
from shared.events.meetings import (
    OccasionCancelled,
    OccasionChanged,
    SessionCancelled,
    SessionPostponed,
)

SOON: Final = timedelta(hours=48)
Frequencies = frozenset[Frequency]
ONLY_AT_ONCE: Final[Frequencies] = frozenset({Frequency.AT_ONCE})


def hears_now(event: Event, received_at: datetime) -> Frequencies:
    """Whose letter about this event is written when it comes; the others read it in a digest."""
    dates = [at for at in _dates(event) if at > received_at]
    if not dates:
        return ONLY_AT_ONCE
    first, soon = min(dates), received_at + SOON
    waits_too_long = {one for one in STEP if first <= max(soon, next_due(one, received_at))}
    return ONLY_AT_ONCE | waits_too_long


def _dates(event: Event) -> Iterator[datetime]:
    """The dates people must not keep, or must keep instead; none if nothing was called off or moved."""
    if isinstance(event, SessionCancelled | OccasionCancelled):
        yield event.starts_at
    elif isinstance(event, SessionPostponed):
        yield from (event.previous_starts_at, event.starts_at)
    elif isinstance(event, OccasionChanged):
        if event.previous_starts_at is not None:
            yield event.previous_starts_at
        if event.previous_starts_at is not None or event.previous_place is not None:
            yield event.starts_at


async def hearers(session: AsyncSession, event: Event) -> Frequencies:
    """The same by the moment the journal keeps, so that letter and digest agree on it."""
    kept = select(JournalEntry.received_at).where(JournalEntry.event_id == event.event_id)
    return hears_now(event, await session.scalar(kept) or event.at)
