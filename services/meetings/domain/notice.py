"""How long before a session the board is invited: a rule with the day from which it holds."""

from collections.abc import Iterable
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from services.meetings.store import Base

LONGEST_NOTICE: Final = 90


class NoticePeriod(Base):
    """One dated entry; the latest that has begun holds, and sessions keep what held for them."""

    __tablename__ = "notice_periods"
    __table_args__ = (UniqueConstraint("board_id", "holds_from"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    board_id: Mapped[UUID] = mapped_column(ForeignKey("boards.id"))
    holds_from: Mapped[date]
    days: Mapped[int]


def notice_on(day: date, entries: Iterable[NoticePeriod]) -> int | None:
    """How many days before the session people are invited; None before the first rule."""
    begun = [entry for entry in entries if entry.holds_from <= day]
    return max(begun, key=lambda entry: entry.holds_from).days if begun else None
