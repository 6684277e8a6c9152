"""Telling an event: written down in the same transaction as the change it tells of."""

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from shared.events.base import Event, to_json
from shared.store import RINGS, OutboxRow


def record(session: AsyncSession, outbox: type[OutboxRow], *events: Event) -> None:
    """Tell these in this order if and only if the caller's transaction commits."""
    now = datetime.now(UTC)
    for event in events:
        row = outbox()
        row.event_id, row.type, row.subject = event.event_id, event.type, event.subject
        row.body, row.recorded_at, row.number = to_json(event.to_cloudevent()), now, None
        session.add(row)
    session.info[RINGS] = bool(events) or session.info.get(RINGS, False)
