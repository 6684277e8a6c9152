"""What those who were there say to the draft."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.meetings.domain.minutes.refusals import AmendmentClosed, NoAnswer
from services.meetings.domain.session import Session
from services.meetings.store import Base
from shared.events.meetings import AmendmentProposed


class AmendmentStatus(StrEnum):
    OPEN = "open"
    TAKEN = "taken"
    REFUSED = "refused"


class Amendment(Base):
    """What a member who was there wants changed, and what became of it."""

    __tablename__ = "amendments"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    minutes_id: Mapped[UUID] = mapped_column(ForeignKey("minutes.id"), index=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("members.id"), index=True)
    part: Mapped[str]
    item_id: Mapped[UUID | None] = mapped_column(ForeignKey("agenda_items.id"))
    text: Mapped[str] = mapped_column(Text)
    status: Mapped[AmendmentStatus]
    answer: Mapped[str] = mapped_column(Text)
    proposed_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]

    def proposed(self, meeting: Session, *, at: datetime) -> AmendmentProposed:
        """A task for the office."""
        return AmendmentProposed(
            at=at,
            session_id=meeting.id,
            minutes_id=self.minutes_id,
            amendment_id=self.id,
            starts_at=meeting.starts_at,
        )

    def settle(self, to: AmendmentStatus, *, answer: str, at: datetime) -> None:
        """Taken over or refused, once."""
        if self.status is not AmendmentStatus.OPEN:
            raise AmendmentClosed
        if to is AmendmentStatus.REFUSED and not answer:
            raise NoAnswer
        self.status, self.answer, self.answered_at = to, answer, at


class Consent(Base):
    """A member who was there agrees with the draft."""

    __tablename__ = "minutes_consents"

    minutes_id: Mapped[UUID] = mapped_column(ForeignKey("minutes.id"), primary_key=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("members.id"), primary_key=True)
    agreed_at: Mapped[datetime]
