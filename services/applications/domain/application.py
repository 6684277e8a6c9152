"""An application to the citizens' fund, and the moves it may make."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from services.applications.domain.status import MOVES, IllegalMove, Status
from services.applications.store import Base
from shared.events.applications import (
    ApplicationAdmitted,
    ApplicationDeferred,
    ApplicationFoundInadmissible,
    ApplicationLapsed,
    ApplicationPlaced,
    ApplicationRejected,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    CheckItem,
    DeferredBecause,
    DraftDiscarded,
    PlacedBecause,
    Tier,
)


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
    __table_args__ = (
        Index("ix_applications_board", "submitted_at", "id"),
        Index("ix_applications_due", "status", "due_at", "submitted_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    status: Mapped[Status] = mapped_column(index=True)
    fund: Mapped[str] = mapped_column(String(40))
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
    public_title: Mapped[str] = mapped_column(String(120))
    """What everybody may read; written by the office, names nobody."""
    applicant: Mapped[str]
    search_text: Mapped[str]
    field_of_action: Mapped[str | None] = mapped_column(String(40))
    asked_cents: Mapped[int | None]
    session_id: Mapped[UUID | None] = mapped_column(index=True)
    late: Mapped[bool]
    item_id: Mapped[UUID | None]
    """The agenda item it is scheduled as."""
    due_at: Mapped[datetime | None]
    """Until when somebody has to act; None while nobody has a date."""
    on_paper: Mapped[bool]
    erased_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @classmethod
    def start(cls, *, fund: str, language: str, at: datetime) -> Self:
        """An empty draft that whoever holds a key may fill."""
        return cls(
            id=uuid7(),
            status=Status.DRAFT,
            fund=fund,
            language=language,
            typed={},
            answers={},
            rules={},
            touched_at=at,
            title="",
            public_title="",
            applicant="",
            search_text="",
            late=False,
            on_paper=False,
        )

    def submit(
        self, *, number: str, place: Place, at: datetime, arrived_at: datetime | None = None
    ) -> ApplicationSubmitted:
        """Hand it in under its number, for the session its arrival is in time for.

        What came on paper arrived before somebody typed it: `arrived_at`.
        """
        self._refuse_unless(Status.SUBMITTED, only=(Status.DRAFT,))
        if self.person_id is None or self.field_of_action is None or self.asked_cents is None:
            raise Incomplete
        self.status = Status.SUBMITTED
        self.number, self.submitted_at, self.touched_at = number, arrived_at or at, at
        self.session_id, self.late = place.session_id, place.late
        self.due_at = place.session_at
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
        self._move(Status.WITHDRAWN)
        self.touched_at = at
        version = self.next_version
        if self.number is None:
            self.forget(at=at)
            return DraftDiscarded(at=at, application_id=self.id, subject_version=version)
        return ApplicationWithdrawn(
            at=at, application_id=self.id, number=self.number, subject_version=version
        )

    def request_correction(self, *, due_at: datetime) -> None:
        """Something is missing: nothing goes on until it is here, or `due_at` is over."""
        self._move(Status.CORRECTION_REQUESTED)
        self.due_at = due_at

    def resume(self, *, session_at: datetime | None) -> None:
        """What was missing is here, or not asked for any more; the place in the queue is kept."""
        self._move(Status.SUBMITTED, only=(Status.CORRECTION_REQUESTED,))
        self.due_at = session_at

    def lapse(self, *, at: datetime) -> ApplicationLapsed:
        """What was missing did not come in time."""
        self._move(Status.LAPSED, only=(Status.CORRECTION_REQUESTED,))
        return ApplicationLapsed(at=at, **self.told())

    def admit(
        self, *, decides: Tier, session_at: datetime | None, at: datetime
    ) -> ApplicationAdmitted:
        """Formally in order: the board, or the office, decides next."""
        self._move(Status.ADMISSIBLE)
        assert self.submitted_at is not None
        self.due_at = session_at
        return ApplicationAdmitted(
            at=at,
            **self.told_in_public(),
            fund=self.fund,
            decides=decides,
            session_id=self.session_id,
            session_at=session_at,
            submitted_at=self.submitted_at,
        )

    def find_inadmissible(
        self, reasons: Sequence[CheckItem], *, at: datetime
    ) -> ApplicationFoundInadmissible:
        """The fund's rules do not allow it."""
        self._move(Status.INADMISSIBLE)
        return ApplicationFoundInadmissible(at=at, **self.told(), reasons=list(reasons))

    def schedule(self, item_id: UUID, session_id: UUID, *, starts_at: datetime) -> None:
        """It stands on an agenda."""
        self._move(Status.SCHEDULED)
        self.item_id, self.session_id, self.due_at = item_id, session_id, starts_at

    def defer(
        self, because: DeferredBecause, *, following: Place, at: datetime
    ) -> ApplicationDeferred:
        """Not decided; it comes before newer ones at the following session."""
        before = self.session_id
        self._move(Status.DEFERRED)
        self.item_id, self.session_id = None, following.session_id
        self.due_at = following.session_at
        return ApplicationDeferred(
            at=at,
            **self.told_in_public(),
            because=because,
            session_id=before,
            next_session_id=following.session_id,
            next_session_at=following.session_at,
        )

    def reject(self, *, decided_by: Tier, at: datetime, **vote: Any) -> ApplicationRejected:
        """No money; `vote` holds because, session_id, vote_id and the counts."""
        self._move(Status.REJECTED)
        return ApplicationRejected(at=at, **self.told_in_public(), decided_by=decided_by, **vote)

    def place(self, place: Place, because: PlacedBecause, *, at: datetime) -> ApplicationPlaced:
        """Go to another session than was said before; the date of arrival stays."""
        self.session_id, self.late = place.session_id, place.late
        if self.status is not Status.CORRECTION_REQUESTED:
            self.due_at = place.session_at
        return ApplicationPlaced(
            at=at,
            **self.told(),
            session_id=place.session_id,
            session_at=place.session_at,
            submission_deadline=place.submission_deadline,
            late=place.late,
            because=because,
        )

    def grant(self) -> None:
        """The money is reserved."""
        self._move(Status.GRANTED)

    def accept(self) -> None:
        """The applicant signed the agreement."""
        self._move(Status.ACCEPTED)

    def end_grant(self, as_: Status) -> None:
        """Declined, lapsed or revoked: the grant comes to nothing."""
        self._move(as_, only=(Status.GRANTED, Status.ACCEPTED, Status.PROOF_QUERIED))

    def forget(self, *, at: datetime) -> None:
        """Blank everything a person wrote; number, sum, field and dates stay for the books."""
        self.typed, self.answers = {}, {}
        self.title = self.applicant = self.search_text = ""
        self.email_hash = None
        self.erased_at = at

    def be_found(self) -> None:
        """By these words the office's search knows it, from now on."""
        who = self.answers.get("applicant", {})
        words = (self.title, self.public_title, self.applicant)
        told = (*words, who.get("contact_name"), who.get("email"))
        self.search_text = " ".join(word for word in told if word).casefold()

    def may(self, to: Status) -> bool:
        """Whether a page should offer this move at all."""
        return to in MOVES.get(self.status, ())

    def _move(self, to: Status, *, only: Collection[Status] = tuple(Status)) -> None:
        self._refuse_unless(to, only=only)
        self.status, self.due_at = to, None

    def told(self) -> dict[str, Any]:
        """What every event about an application carries."""
        return {
            "application_id": self.id,
            "number": self.number,
            "subject_version": self.next_version,
        }

    def told_in_public(self) -> dict[str, Any]:
        """And what everybody may read of it."""
        return {
            **self.told(),
            "public_title": self.public_title,
            "field_of_action": self.field_of_action,
            "asked_cents": self.asked_cents,
        }

    def _refuse_unless(self, to: Status, *, only: Collection[Status] = tuple(Status)) -> None:
        """`only` for methods that share their target with another."""
        if self.status not in only or not self.may(to):
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
