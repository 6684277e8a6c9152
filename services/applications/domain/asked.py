"""What the office asks of others: corrections of the applicant, statements of departments."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from services.applications.store import Base
from shared.events.applications import StatementVerdict


class DateInThePast(Exception):
    """A date by which somebody has to act lies before now."""


class NothingAskedFor(Exception):
    """A request has to name at least one thing."""


class AlreadyGiven(Exception):
    """The department has answered already."""


class Correction(Base):
    """What is missing, and until when; `note` is the office's own words."""

    __tablename__ = "corrections"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    items: Mapped[list[str]]
    note: Mapped[str]
    requested_at: Mapped[datetime]
    due_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    lapsed_at: Mapped[datetime | None]

    @property
    def open(self) -> bool:
        return not (self.answered_at or self.withdrawn_at or self.lapsed_at)


class Statement(Base):
    """A department's word on an application, asked for through a mailed link."""

    __tablename__ = "statements"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    department: Mapped[str] = mapped_column(String(200))
    contact_name: Mapped[str] = mapped_column(String(200))
    contact_email: Mapped[str] = mapped_column(String(254))
    person_id: Mapped[UUID] = mapped_column(index=True)
    question: Mapped[str]
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    reminded_at: Mapped[datetime | None]
    given_at: Mapped[datetime | None]
    verdict: Mapped[StatementVerdict | None]
    text: Mapped[str]
