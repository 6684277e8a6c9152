"""What is kept of a case besides its answers: decisions, changes by the office, results on hold."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from services.applications.store import Base


class Outcome(StrEnum):
    """What a decision came to here."""

    GRANTED = "granted"
    NOT_COVERED = "not_covered"
    REJECTED = "rejected"
    DEFERRED = "deferred"
    NOTHING = "nothing"
    """It does not count, or came when nothing was left to decide."""


class Decision(Base):
    """A vote or a decision of the office, with the counts and rules it was reached under."""

    __tablename__ = "decisions"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """The vote's own id, or the command's."""
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    by_vote: Mapped[bool]
    at: Mapped[datetime]
    session_id: Mapped[UUID | None]
    outcome: Mapped[Outcome]
    amount_cents: Mapped[int | None]
    left_cents: Mapped[int | None]
    reason: Mapped[str] = mapped_column(String(60))
    margin: Mapped[int | None]
    counts: Mapped[dict[str, Any]]
    rules: Mapped[dict[str, Any]]


class Change(Base):
    """One answer the office changed, before and after; personal, and erased with the person."""

    __tablename__ = "changes"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    field: Mapped[str] = mapped_column(String(60))
    before: Mapped[str]
    after: Mapped[str]


class Held(Base):
    """A result nobody was told yet: until `due_at` the office can take it back."""

    __tablename__ = "held"

    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), primary_key=True)
    command_id: Mapped[UUID]
    act: Mapped[str] = mapped_column(String(40))
    arguments: Mapped[dict[str, Any]]
    actor: Mapped[str]
    held_at: Mapped[datetime]
    due_at: Mapped[datetime]
