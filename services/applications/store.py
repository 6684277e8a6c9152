"""This service's tables that every service has, and the two notes a command leaves in them."""

from datetime import datetime
from typing import Any

from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase

from shared import outbox
from shared.events.base import Event
from shared.once import CommandRow
from shared.rows import (
    AuditRow,
    InboxRow,
    LeaseRow,
    OutboxRow,
    ParkedRow,
    StreamStateRow,
    Tables,
    TimerRow,
)
from shared.store import (
    NAMING,
    TYPES,
)
from shared.web.links import LinkRow


class Base(DeclarativeBase):
    type_annotation_map = TYPES
    metadata = MetaData(naming_convention=NAMING)


class Outbox(OutboxRow, Base): ...


class Inbox(InboxRow, Base): ...


class Parked(ParkedRow, Base): ...


class Timer(TimerRow, Base): ...


class Lease(LeaseRow, Base): ...


class StreamState(StreamStateRow, Base): ...


class Audit(AuditRow, Base): ...


class Link(LinkRow, Base): ...


class Command(CommandRow, Base): ...


TABLES = Tables(Outbox, Inbox, Parked, Timer, Lease, StreamState, Audit)


def record(session: AsyncSession, *events: Event) -> None:
    """Tell these events if, and only if, the caller's transaction commits."""
    outbox.record(session, Outbox, *events)


def note(
    session: AsyncSession, *, at: datetime, actor: str, action: str, subject: str, **details: Any
) -> None:
    """Leave in the trail who did what to which thing; `details` never hold personal data."""
    session.add(Audit(at=at, actor=actor, action=action, subject=subject, details=details))
