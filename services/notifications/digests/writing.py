"""Writing digests: once for all who read the same, never an empty one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.addressbook import as_recipient
from services.notifications.digests.pieces import Piece, pieces_between
from services.notifications.domain.subscription import IN_DIGESTS, Frequency, Subscription
from services.notifications.letters.queue import Cause, Draft, queue_all
from shared.service import Service

KIND: Final = {Frequency.DAILY: "digest_daily", Frequency.WEEKLY: "digest_weekly"}


@dataclass(frozen=True, kw_only=True)
class Due:
    """The time for a digest, in the place of an event: the same each time it is asked for."""

    frequency: Frequency
    at: datetime

    type: str = "digest.due"

    @property
    def event_id(self) -> UUID:
        return uuid5(NAMESPACE_URL, f"digest {self.frequency} {self.at.isoformat()}")


async def write_digests(
    session: AsyncSession,
    service: Service,
    readers: Sequence[Subscription],
    *,
    frequency: Frequency,
    upto: int,
    cause: Cause,
) -> None:
    """What each of them was not told yet; who would read nothing gets nothing."""
    after = min(reader.digest_cursor for reader in readers)
    pieces = await pieces_between(session, after, upto, at=service.clock.now())
    drafts = _drafts(readers, pieces, frequency)
    await queue_all(session, service, cause, KIND[frequency], drafts)


def _drafts(
    readers: Sequence[Subscription], pieces: Sequence[Piece], frequency: Frequency
) -> list[Draft]:
    """One a reader; those who read the same share their facts, so that they are rendered once."""
    mine: dict[Any, tuple[UUID, ...]] = {}
    same: dict[tuple[UUID, ...], Mapping[str, Any]] = {}
    known = {piece.event_id: piece for piece in pieces}
    drafts = []
    for reader in readers:
        narrowed = (reader.topics, reader.fields, reader.occasion_kinds)
        key = (*map(tuple, narrowed), reader.digest_cursor)
        if key not in mine:
            mine[key] = tuple(
                piece.event_id
                for piece in pieces
                if piece.is_for(reader, frequency, reader.digest_cursor)
            )
        ids, to = mine[key], as_recipient(reader)
        if ids and to is not None:
            if ids not in same:
                same[ids] = _facts([known[one] for one in ids])
            drafts.append(Draft(to=to, facts=same[ids]))
    return drafts


def _facts(pieces: Sequence[Piece]) -> Mapping[str, Any]:
    """By topic, newest first in each."""
    groups = [
        {"topic": topic, "pieces": [piece.facts for piece in pieces if piece.topic == topic]}
        for topic in IN_DIGESTS
    ]
    return {"groups": [group for group in groups if group["pieces"]]}
