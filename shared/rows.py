"""The tables every service has for the way of an event, as mixins over its own Base."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column


class OutboxRow:
    """An event told by this service: first waiting for its number, then the log to tell it again from."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[UUID] = mapped_column(unique=True)
    type: Mapped[str]
    subject: Mapped[str] = mapped_column(index=True)
    body: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(index=True)
    number: Mapped[int | None] = mapped_column(unique=True)
    """Given after commit, gapless: 1, 2, 3, …"""


class StreamStateRow:
    """How far a stream is told (`role` tells) or answered (`role` answers) by this service."""

    __tablename__ = "stream_state"

    stream: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(default=1)
    number: Mapped[int] = mapped_column(default=0)
    """Last number given, or last number answered."""
    told: Mapped[int] = mapped_column(default=0)
    """Last number known to lie in the stream; told rows only."""
    gaps: Mapped[int] = mapped_column(default=0)
    """How often the stream had lost what was told; or how many events were never found."""


class InboxRow:
    """An event that was answered; its effects committed with this row."""

    __tablename__ = "inbox"

    consumer: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    answered_at: Mapped[datetime] = mapped_column(index=True)


class ParkedRow:
    """An event whose answer failed, or one that waits behind such a one of its subject."""

    __tablename__ = "parked"

    id: Mapped[int] = mapped_column(primary_key=True)
    stream: Mapped[str] = mapped_column(index=True)
    event_id: Mapped[UUID] = mapped_column(unique=True)
    type: Mapped[str]
    subject: Mapped[str] = mapped_column(index=True)
    body: Mapped[str] = mapped_column(Text)
    parked_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    try_at: Mapped[datetime | None] = mapped_column(index=True)
    """When the head of a subject is tried again; None once it is dead and waits for a person."""
    error: Mapped[str] = mapped_column(Text, default="")
    """Kind and place of the error, never its message: that could hold personal data."""


class TimerRow:
    """Something due at a time; the row goes in the transaction that does it."""

    __tablename__ = "timers"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    """`kind:subject`; one timer of a kind a subject."""
    kind: Mapped[str]
    subject: Mapped[str] = mapped_column(index=True)
    due_at: Mapped[datetime]
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    attempts: Mapped[int] = mapped_column(default=0)
    try_at: Mapped[datetime | None] = mapped_column(index=True)
    """Due time, later the next attempt; None once it is dead and waits for a person."""
    error: Mapped[str] = mapped_column(Text, default="")


class LeaseRow:
    """Who does a thing that only one process should do at a time."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    until: Mapped[datetime]


class AuditRow:
    """Who did what to which thing; committed with it and never changed."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str]
    """`account:<id>`, `applicant` or `system`."""
    action: Mapped[str]
    subject: Mapped[str] = mapped_column(index=True)
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Without personal data."""


@dataclass(frozen=True)
class Tables:
    """One service's own classes of these rows, passed to the plumbing."""

    outbox: type[OutboxRow]
    inbox: type[InboxRow]
    parked: type[ParkedRow]
    timer: type[TimerRow]
    lease: type[LeaseRow]
    stream_state: type[StreamStateRow]
    audit: type[AuditRow]
