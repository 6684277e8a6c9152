"""The address book: whom a letter about a person or an application goes to."""

from datetime import datetime
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
    language: Mapped[str | None]
    erased_at: Mapped[datetime | None]


class Case(Base):
    """What letters must know of an application: whose it is, and at which session it is due."""

    __tablename__ = "cases"

    application_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), index=True)
    number: Mapped[str]
    session_id: Mapped[UUID | None] = mapped_column(index=True)
    withdrawn_at: Mapped[datetime | None]
