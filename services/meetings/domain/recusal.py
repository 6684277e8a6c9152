"""Who neither speaks nor votes about an item, and why."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from services.meetings.store import Base


class RecusedBecause(StrEnum):
    """The reasons a statute knows; the first two are found by the system, all can be declared."""

    APPLICANT = "applicant"
    INSTITUTION = "institution"
    PARTNER = "partner"
    RELATIVE = "relative"
    REPRESENTS = "represents"
    EMPLOYER = "employer"
    OTHER = "other"


class Recusal(Base):
    """A member who is left out of one item."""

    __tablename__ = "recusals"

    item_id: Mapped[UUID] = mapped_column(ForeignKey("agenda_items.id"), primary_key=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("members.id"), primary_key=True)
    because: Mapped[RecusedBecause]
    known: Mapped[bool]
    """Found by the system rather than declared."""
    declared_at: Mapped[datetime]
