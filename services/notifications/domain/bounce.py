"""What mail servers sent back about a letter, read from its delivery status notification (RFC 3464)."""

from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, UniqueConstraint, and_, or_
from sqlalchemy.orm import Mapped, mapped_column

from services.notifications.store import Base

SPAM: Final = "spam"
"""In place of a status code: the reader reported the letter as spam (RFC 5965)."""


class Severity(StrEnum):
    HARD = "hard"
    """The address takes nothing: it is suppressed at once."""
    SOFT = "soft"
    """A full mailbox and the like: three within 14 days suppress."""
    NOTICE = "notice"
    """Delayed, relayed, or a refusal that is not the recipient's fault: kept, without consequence."""


class Why(StrEnum):
    """What a suppression is for; its `reason`."""

    ADDRESS = "address"
    """Its server says that nobody has this address."""
    FULL = "full"
    """Letters came back again and again: the mailbox is full, or nobody answers."""
    OFFICE = "office"
    """Somebody in the office typed it in."""


class Bounce(Base):
    """One report about one letter; told again, it is the same row."""

    __tablename__ = "bounces"
    __table_args__ = (UniqueConstraint("about", "number", "severity", "status"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    about: Mapped[UUID]
    """The letter, or the issue."""
    number: Mapped[int]
    """Which recipient of the issue; 0 for a letter."""
    address_hash: Mapped[str] = mapped_column(index=True)
    """ "" once the person is erased."""
    at: Mapped[datetime]
    severity: Mapped[Severity]
    status: Mapped[str]
    """The enhanced status code, such as 5.1.1; "" where the server gave none."""
    diagnostic: Mapped[str]
    """What the server said, one line; "" once the person is erased."""
    handled_at: Mapped[datetime | None]
    """When the office ticked it off, or began to write to the address again."""


CAME_BACK: Final[ColumnElement[bool]] = or_(
    Bounce.severity != Severity.NOTICE,
    Bounce.status.in_(("", SPAM)),
    Bounce.status.startswith("5."),
)
"""Nobody read the letter, or nobody wants another; told of delays and deliveries are left out."""

IS_OPEN: Final[ColumnElement[bool]] = and_(
    CAME_BACK, Bounce.handled_at.is_(None), Bounce.address_hash != ""
)
"""The office has not looked at it yet."""
