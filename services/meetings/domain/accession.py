"""The declaration to belong: what somebody agreed to, when, and whether the office has seen it."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from services.meetings.store import Base


class Accession(Base):
    """One declaration of one member, with the words that were agreed to."""

    __tablename__ = "accessions"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("members.id"), index=True)
    declared_at: Mapped[datetime]
    """When it reached us."""
    declared_on: Mapped[date]
    """The day it bears; on paper it may be an earlier one."""
    online: Mapped[bool]
    text: Mapped[str]
    """What was agreed to, in the words that stood there; empty on paper, where the sheet is kept."""
    institution: Mapped[str]
    """Whom they said they come for, as typed; wiped on erasure."""
    seen_at: Mapped[datetime | None]
    """When the office took note; None: it is to do."""
