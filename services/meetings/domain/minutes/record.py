"""The minutes of one session on their way to approval, with a text for each part."""

from collections.abc import Iterable, Set
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Self
from uuid import UUID

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from services.meetings.domain.minutes.blanks import check_blanks, written
from services.meetings.domain.minutes.refusals import (
    AlreadyAnswered,
    AlreadyApproved,
    IllegalMove,
    MinutesStatus,
    NotYetApprovable,
    WordsChanged,
)
from services.meetings.domain.session import Session, Status
from services.meetings.store import Base
from shared.days import end_of_day, local_day

OPENING: Final = "opening"
CLOSING: Final = "closing"
"""The parts that belong to no item; an item's part is named by its id."""

MOVES: Final[dict[MinutesStatus, Set[MinutesStatus]]] = {
    MinutesStatus.DRAFT: {MinutesStatus.CIRCULATED, MinutesStatus.APPROVED},
    MinutesStatus.CIRCULATED: {MinutesStatus.DRAFT, MinutesStatus.APPROVED},
}
"""Back to draft only while nobody has answered; straight to approved only if nobody is asked."""


class ApprovedBecause(StrEnum):
    """What an approval rests on."""

    NOBODY_ASKED = "nobody_asked"
    """The board's rules give no days to object, or nobody is known to have been there."""
    ALL_AGREED = "all_agreed"
    TERM_OVER = "term_over"
    REASONED = "reasoned"
    """Before the date, for a reason somebody wrote down."""


class Minutes(Base):
    """One session's minutes; the facts beside the texts are read where they were recorded."""

    __tablename__ = "minutes"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("sessions.id"), unique=True)
    status: Mapped[MinutesStatus] = mapped_column(index=True)
    written_at: Mapped[datetime]
    circulated_at: Mapped[datetime | None]
    object_until: Mapped[datetime | None]
    """The last second in which those who were there may object."""
    term_over_at: Mapped[datetime | None]
    """Noted when that second was over; nothing is approved by silence alone."""
    approved_at: Mapped[datetime | None]
    approved_because: Mapped[ApprovedBecause | None]
    approval_reason: Mapped[str] = mapped_column(Text)
    roll: Mapped[dict[str, Any] | None]
    """Ids of who was there with a vote, excused and missing, once circulated: rights change later."""
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @classmethod
    def begin(cls, meeting: Session, *, at: datetime) -> Self:
        """An empty draft; until somebody writes, every text is the one proposed from the facts."""
        return cls(
            id=uuid7(),
            session_id=meeting.id,
            status=MinutesStatus.DRAFT,
            written_at=at,
            approval_reason="",
        )

    def write(self, *, at: datetime) -> None:
        """Something was written; raises AlreadyApproved."""
        if self.status is MinutesStatus.APPROVED:
            raise AlreadyApproved
        self.written_at = at

    def check_words(self, part: str, before: str, after: str) -> None:
        """Raise what stands against this change of one text."""
        check_blanks(part, after)
        if self.status is MinutesStatus.CIRCULATED and written(before) != written(after):
            raise WordsChanged(part)

    def keep_roll(self, **members: Iterable[UUID]) -> None:
        """Who was there, excused and missing, for good."""
        self.roll = {name: [str(one) for one in ids] for name, ids in members.items()}

    def circulate(self, *, days: int, at: datetime) -> None:
        """From now on those who were there may object, for so many whole days."""
        self._move(MinutesStatus.CIRCULATED)
        self.circulated_at = at
        self.object_until = self.last_second(days=days, at=at)
        self.term_over_at = None

    def last_second(self, *, days: int, at: datetime) -> datetime:
        """Whole days: the end of the last one."""
        return end_of_day(local_day(at) + timedelta(days=days))

    def take_back(self, *, answered: bool, at: datetime) -> None:
        """A draft again, as long as nobody has answered."""
        if answered:
            raise AlreadyAnswered
        self._move(MinutesStatus.DRAFT)
        self.circulated_at = self.object_until = self.term_over_at = self.roll = None
        self.written_at = at

    def term_is_over(self, *, at: datetime) -> bool:
        """Note that the date has passed; False where that says nothing any more."""
        waits = self.status is MinutesStatus.CIRCULATED and self.term_over_at is None
        if not waits or self.object_until is None or at <= self.object_until:
            return False
        self.term_over_at = at
        return True

    def may_be_answered(self, *, at: datetime) -> bool:
        """Whether objecting and agreeing is possible now."""
        until = self.object_until
        return self.status is MinutesStatus.CIRCULATED and until is not None and at <= until

    def ground(
        self, *, asked: int, agreed: int, days: int, reason: str, at: datetime
    ) -> ApprovedBecause:
        """What an approval would rest on now; raises NotYetApprovable."""
        if self.status is MinutesStatus.APPROVED:
            raise AlreadyApproved
        if self.status is MinutesStatus.DRAFT:
            if days and asked:
                raise IllegalMove(self.status, MinutesStatus.APPROVED)
            return ApprovedBecause.NOBODY_ASKED
        if asked and agreed >= asked:
            return ApprovedBecause.ALL_AGREED
        if not asked or (self.object_until is not None and at > self.object_until):
            return ApprovedBecause.TERM_OVER
        if not reason:
            raise NotYetApprovable
        return ApprovedBecause.REASONED

    def approve(self, because: ApprovedBecause, *, reason: str, at: datetime) -> None:
        """From now on nothing of it changes."""
        self._move(MinutesStatus.APPROVED)
        self.approved_at, self.approved_because = at, because
        self.approval_reason = reason if because is ApprovedBecause.REASONED else ""

    def _move(self, to: MinutesStatus) -> None:
        if self.status is MinutesStatus.APPROVED:
            raise AlreadyApproved
        if to not in MOVES.get(self.status, ()):
            raise IllegalMove(self.status, to)
        self.status = to


class MinutesText(Base):
    """What somebody wrote about one part; without a row the proposal stands."""

    __tablename__ = "minutes_texts"

    minutes_id: Mapped[UUID] = mapped_column(ForeignKey("minutes.id"), primary_key=True)
    part: Mapped[str] = mapped_column(primary_key=True)
    """`opening`, `closing`, or the item's id."""
    item_id: Mapped[UUID | None] = mapped_column(ForeignKey("agenda_items.id"))
    text: Mapped[str] = mapped_column(Text)


def was_held(meeting: Session, *, votes: int, at: datetime) -> bool:
    """Closed in the room; or its day has come and votes were recorded without the room's screen."""
    if meeting.status in (Status.CLOSED, Status.MINUTED):
        return True
    waited = meeting.status in (Status.PLANNED, Status.INVITED)
    return waited and votes > 0 and local_day(at) >= local_day(meeting.starts_at)
