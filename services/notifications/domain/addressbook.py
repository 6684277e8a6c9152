"""The address book: whom a letter about a person, an application or the board goes to."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from services.notifications.store import Base


class Person(Base):
    """How to reach somebody; an erased one stays as a bare id, so that late events find nobody."""

    __tablename__ = "people"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str | None]
    address: Mapped[str | None]
    """"" for somebody who is written to on paper only."""
    street: Mapped[str | None]
    postcode: Mapped[str | None]
    city: Mapped[str | None]
    language: Mapped[str | None]
    erased_at: Mapped[datetime | None]


class Case(Base):
    """What letters must know of an application: whose it is, where it is due, whether it still waits."""

    __tablename__ = "cases"

    application_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), index=True)
    number: Mapped[str]
    session_id: Mapped[UUID | None] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    """Decided or given up: letters about its session are for nobody any more."""
    explanation: Mapped[dict[str, Any] | None]
    """The office's own words for the next decision letter, sealed until that is written."""


class BoardMember(Base):
    """Who comes to the board's sessions; how to reach them the address book knows."""

    __tablename__ = "board_members"

    member_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(index=True)
    belongs: Mapped[bool]
    """Declared that they want to; a guest is not invited."""
    left: Mapped[bool]
    """Gone for good: who comes back does so as a new member."""
