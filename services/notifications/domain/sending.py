"""What senders of issues share through the database: who holds what, what may leave, how fast."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.notifications.store import Base


class BulkSender(Base):
    """One process at work on one issue: its row is its right to send, gone once it is given up for dead."""

    __tablename__ = "bulk_senders"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    issue_id: Mapped[UUID] = mapped_column(ForeignKey("issues.id", ondelete="CASCADE"), index=True)
    in_flight: Mapped[list[Any]]
    """Numbers of the copies whose final dot may be out and whose answer is not recorded.

    At most one for each connection: if the process dies, these and no others are unknown.
    """
    lease_until: Mapped[datetime]


class BulkBlock(Base):
    """A stretch of an issue's numbers somebody took; without a sender it waits for the next one."""

    __tablename__ = "bulk_blocks"
    __table_args__ = (
        ForeignKeyConstraint(["issue_id"], ["issues.id"], ondelete="CASCADE"),
        ForeignKeyConstraint(["sender_id"], ["bulk_senders.id"], ondelete="SET NULL"),
    )

    issue_id: Mapped[UUID] = mapped_column(primary_key=True)
    first: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]
    sender_id: Mapped[UUID | None] = mapped_column(index=True)


class BulkCursor(Base):
    """Up to which number an issue's copies were given out in blocks."""

    __tablename__ = "bulk_cursors"

    issue_id: Mapped[UUID] = mapped_column(
        ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True
    )
    taken_to: Mapped[int]


class Allowance(Base):
    """How much more may go one way for now: a bucket that fills with time, one for all processes.

    `name` is `relay`, `kind:…`, `group:…` or `domain:…`.
    """

    __tablename__ = "mail_allowances"

    name: Mapped[str] = mapped_column(primary_key=True)
    level: Mapped[float]
    """Messages that may go at once; below zero after urgent letters, which never wait."""
    at: Mapped[datetime]
    """When `level` was true."""
    booked_until: Mapped[datetime]
    """Copies that found it empty were put off to moments up to this one."""
    slowed_to: Mapped[float | None]
    """Messages a minute since the last 4.7.x; the office's own limit holds beside it."""
    slowed_at: Mapped[datetime | None]


class Relay(Base):
    """A mail server that does not let us in (530, 535): nothing is tried before `stopped_until`."""

    __tablename__ = "mail_relays"

    name: Mapped[str] = mapped_column(primary_key=True)
    """`host:port`"""
    stopped_until: Mapped[datetime]
    stops: Mapped[int]
    """How often in a row: each pause is longer than the one before."""
    code: Mapped[int | None]
    answer: Mapped[str]
    at: Mapped[datetime]
