"""Who was there from when to when, who said they would not come, and who answered the invitation."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from services.meetings.store import Base


class Attendance(Base):
    """One stay of a member (or a guest who is known) in the room; open until they go."""

    __tablename__ = "attendances"
    __table_args__ = (
        Index(
            "uq_attendances_there",
            "session_id",
            "member_id",
            unique=True,
            sqlite_where=text("departed_at IS NULL"),
            postgresql_where=text("departed_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("sessions.id"), index=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("members.id"), index=True)
    arrived_at: Mapped[datetime]
    departed_at: Mapped[datetime | None]

    def there_at(self, instant: datetime) -> bool:
        """From the second of arrival up to the second of going."""
        gone = self.departed_at is not None and self.departed_at <= instant
        return self.arrived_at <= instant and not gone


class Coming(StrEnum):
    """What a member answered; who does not come and says so is excused."""

    YES = "yes"
    NO = "no"


class Reply(Base):
    """A member's newest answer to a session's invitation, or what the office noted for them."""

    __tablename__ = "replies"

    session_id: Mapped[UUID] = mapped_column(ForeignKey("sessions.id"), primary_key=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("members.id"), primary_key=True)
    coming: Mapped[Coming]
    replied_at: Mapped[datetime]
