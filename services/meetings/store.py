"""This service's tables: its own Base, and the plumbing's tables in its own database."""

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
from shared.store import NAMING, TYPES
from shared.web.links import LinkRow


class Base(DeclarativeBase):
    """Everything meetings keeps; no other service reads it."""

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


PERSONAL = (
    "accounts",
    "recovery_codes",
    "links",
    "members",
    "accessions",
    "units",
    "tasks",
    "registrations",
    "amendments",
)
"""Tables whose deleted rows must not live on in the database's files."""

TABLES = Tables(Outbox, Inbox, Parked, Timer, Lease, StreamState, Audit)


def record(session: AsyncSession, *events: Event) -> None:
    """Tell these events if, and only if, the caller's transaction commits."""
    outbox.record(session, Outbox, *events)
