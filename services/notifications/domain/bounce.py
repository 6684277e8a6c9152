"""What mail servers sent back about a letter, read from its delivery status notification (RFC 3464)."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.notifications.store import Base


class Severity(StrEnum):
    HARD = "hard"
    """The address takes nothing: it is suppressed at once."""
    SOFT = "soft"
    """A full mailbox and the like: three within 14 days suppress."""
    NOTICE = "notice"
    """Delayed, relayed, or a refusal that is not the recipient's fault: kept, without consequence."""


class Bounce(Base):
    """One report about one letter; told again, it is the same row."""

    __tablename__ = "bounces"
    __table_args__ = (UniqueConstraint("letter", "status"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    letter: Mapped[str]
    """The letter's id, or issue id and number as `<issue>.<number>`."""
    address_hash: Mapped[str] = mapped_column(index=True)
    at: Mapped[datetime]
    severity: Mapped[Severity]
    status: Mapped[str]
    """The enhanced status code, such as 5.1.1."""
    diagnostic: Mapped[str]
    """What the server said, one line; "" once the person is erased."""
