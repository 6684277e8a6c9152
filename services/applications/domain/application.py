"""An application to the citizens' fund, and the moves it may make."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Self
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from services.applications.store import Base
from shared.events.applications import ApplicationSubmitted, ApplicationWithdrawn, DraftDiscarded


class Status(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    CORRECTION_REQUESTED = "correction_requested"
    ADMISSIBLE = "admissible"
    INADMISSIBLE = "inadmissible"
    SCHEDULED = "scheduled"
    DEFERRED = "deferred"
    GRANTED = "granted"
    REJECTED = "rejected"
    ACCEPTED = "accepted"
    PROOF_SUBMITTED = "proof_submitted"
    PROOF_QUERIED = "proof_queried"
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    DECLINED = "declined"
    REVOKED = "revoked"


S = Status

MOVES: Final[dict[Status, Set[Status]]] = {
    S.DRAFT: {S.SUBMITTED, S.WITHDRAWN},
    S.SUBMITTED: {S.CORRECTION_REQUESTED, S.ADMISSIBLE, S.INADMISSIBLE, S.WITHDRAWN},
    S.CORRECTION_REQUESTED: {S.SUBMITTED, S.LAPSED, S.WITHDRAWN},
    S.ADMISSIBLE: {S.SCHEDULED, S.GRANTED, S.REJECTED, S.WITHDRAWN},
    S.SCHEDULED: {S.GRANTED, S.REJECTED, S.DEFERRED, S.WITHDRAWN},
    S.DEFERRED: {S.SCHEDULED, S.WITHDRAWN},
    S.GRANTED: {S.ACCEPTED, S.DECLINED, S.LAPSED, S.REVOKED},
    S.ACCEPTED: {S.PROOF_SUBMITTED, S.REVOKED, S.DECLINED},
    S.PROOF_SUBMITTED: {S.PROOF_QUERIED, S.SETTLED},
    S.PROOF_QUERIED: {S.PROOF_SUBMITTED, S.SETTLED, S.REVOKED},
}
"""Where each status may lead; one that is missing here is final."""


class IllegalMove(Exception):
    """The application cannot go where it was told to go."""

    def __init__(self, status: Status, to: Status) -> None:
        super().__init__(f"application: {status} → {to}")
        self.status, self.to = status, to


@dataclass(frozen=True, kw_only=True)
class Place:
    """The session an application goes to, as it stands now; `late` if it missed an earlier one."""

    session_id: UUID | None = None
    session_at: datetime | None = None
    submission_deadline: datetime | None = None
    late: bool = False


class Application(Base):
    """A resident's request for money; `typed` is the draft as typed, `answers` what was handed in."""

    __tablename__ = "applications"
    __table_args__ = (Index("ix_applications_board", "submitted_at", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    status: Mapped[Status] = mapped_column(index=True)
    language: Mapped[str] = mapped_column(String(8))
    typed: Mapped[dict[str, Any]]
    answers: Mapped[dict[str, Any]]
    rules: Mapped[dict[str, Any]]
    touched_at: Mapped[datetime]
    letter_at: Mapped[datetime | None]
    number: Mapped[str | None] = mapped_column(String(16), unique=True)
    submitted_at: Mapped[datetime | None]
    person_id: Mapped[UUID | None] = mapped_column(index=True)
    email_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    title: Mapped[str]
    applicant: Mapped[str]
    search_text: Mapped[str]
    field_of_action: Mapped[str | None] = mapped_column(String(40))
    asked_cents: Mapped[int | None]
    session_id: Mapped[UUID | None] = mapped_column(index=True)
    late: Mapped[bool]
    erased_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @classmethod
    def start(cls, *, language: str, at: datetime) -> Self:
        """An empty draft that whoever holds a key may fill."""
        return cls(
            id=uuid7(),
            status=Status.DRAFT,
            language=language,
            typed={},
            answers={},
            rules={},
            touched_at=at,
            title="",
            applicant="",
            search_text="",
            late=False,
        )

    def submit(self, *, number: str, place: Place, at: datetime) -> ApplicationSubmitted:
        """Hand it in under its number, for the session its arrival is in time for."""
        self._refuse_unless(Status.SUBMITTED)
        if self.person_id is None or self.field_of_action is None or self.asked_cents is None:
            raise Incomplete
        self.status = Status.SUBMITTED
        self.number, self.submitted_at, self.touched_at = number, at, at
        self.session_id, self.late = place.session_id, place.late
        return ApplicationSubmitted(
            at=at,
            application_id=self.id,
            number=number,
            field_of_action=self.field_of_action,
            asked_cents=self.asked_cents,
            session_id=place.session_id,
            session_at=place.session_at,
            submission_deadline=place.submission_deadline,
            late=place.late,
            person_id=self.person_id,
            subject_version=self.next_version,
        )

    def withdraw(self, *, at: datetime) -> ApplicationWithdrawn | DraftDiscarded:
        """The applicant does not want it any more; a draft leaves nothing of its contents."""
        self._refuse_unless(Status.WITHDRAWN)
        self.status = Status.WITHDRAWN
        self.touched_at = at
        version = self.next_version
        if self.number is None:
            self.forget(at=at)
            return DraftDiscarded(at=at, application_id=self.id, subject_version=version)
        return ApplicationWithdrawn(
            at=at, application_id=self.id, number=self.number, subject_version=version
        )

    def forget(self, *, at: datetime) -> None:
        """Blank everything a person wrote; number, sum, field and dates stay for the books."""
        self.typed, self.answers = {}, {}
        self.title = self.applicant = self.search_text = ""
        self.email_hash = None
        self.erased_at = at

    def may(self, to: Status) -> bool:
        """Whether a page should offer this move at all."""
        return to in MOVES.get(self.status, ())

    def _refuse_unless(self, to: Status) -> None:
        if not self.may(to):
            raise IllegalMove(self.status, to)

    @property
    def next_version(self) -> int:
        """What events of this transaction carry as `subject_version`."""
        return (self.version or 0) + 1


class DraftKey(Base):
    """One way into a draft: the cookie of a browser, or a link in a letter; only its hash is kept."""

    __tablename__ = "draft_keys"

    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    application_id: Mapped[UUID] = mapped_column(
        ForeignKey("applications.id", ondelete="CASCADE"), index=True
    )
    expires_at: Mapped[datetime]


class Incomplete(Exception):
    """Only a draft whose answers were checked as a whole can be handed in."""
