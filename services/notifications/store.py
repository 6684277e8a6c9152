"""The notifications database: its own Base, and the tables that carry events in and out."""

from typing import Final

from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase

from shared import outbox
from shared.events.base import Event
from shared.store import (
    NAMING,
    TYPES,
    AuditRow,
    InboxRow,
    LeaseRow,
    OutboxRow,
    ParkedRow,
    StreamStateRow,
    Tables,
    TimerRow,
)


class Base(DeclarativeBase):
    """Everything notifications keeps."""

    type_annotation_map = TYPES
    metadata = MetaData(naming_convention=NAMING)


class Outbox(OutboxRow, Base):
    """Our events, committed with the change they report."""


class Inbox(InboxRow, Base):
    """The events we answered, so that a second delivery does nothing."""


class Parked(ParkedRow, Base):
    """The events we could not answer yet, and why."""


class Timer(TimerRow, Base):
    """What is to happen at a time."""


class Lease(LeaseRow, Base):
    """Who reads a stream at the moment."""


class StreamState(StreamStateRow, Base):
    """How far our own stream was told."""


class Audit(AuditRow, Base):
    """Who did what here, without personal data."""


PERSONAL: Final = (
    "letters",
    "letter_attempts",
    "letter_files",
    "print_pieces",
    "people",
    "cases",
    "subscriptions",
    "consents",
    "bounces",
)
"""Tables whose overwritten rows must not live on in the database's files."""

TABLES: Final = Tables(Outbox, Inbox, Parked, Timer, Lease, StreamState, Audit)


def record(session: AsyncSession, *events: Event) -> None:
    """Tell these events if, and only if, the caller's transaction commits."""
    outbox.record(session, Outbox, *events)
