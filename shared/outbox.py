"""Telling an event: written down in the same transaction as the change it tells of."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared.events.base import Event, to_json
from shared.store import RINGS, OutboxRow


def record(session: AsyncSession, outbox: type[OutboxRow], *events: Event) -> None:
    """Tell these in this order if and only if the caller's transaction commits."""
    now = datetime.now(UTC)
    for event in events:
        row = outbox()
        for name, value in _columns(event, now).items():
            setattr(row, name, value)
        session.add(row)
    session.info[RINGS] = bool(events) or session.info.get(RINGS, False)


async def record_many(
    session: AsyncSession, outbox: type[OutboxRow], events: Iterable[Event]
) -> None:
    """The same for hundreds, with one statement; after what the session holds already."""
    now = datetime.now(UTC)
    if rows := [_columns(event, now) for event in events]:
        await session.flush()
        await session.execute(insert(outbox), rows)
        session.info[RINGS] = True


def _columns(event: Event, now: datetime) -> dict[str, Any]:
    return {
        "event_id": event.event_id,
        "type": event.type,
        "subject": event.subject,
        "body": to_json(event.to_cloudevent()),
        "recorded_at": now,
        "number": None,
    }
