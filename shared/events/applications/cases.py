"""The office's work on a case, up to being admitted or not."""

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from shared.events.applications.audiences import InternalEvent, PartnerEvent
from shared.events.applications.words import Matter, PlacedBecause, StatementVerdict, Tier
from shared.sealed import Sealed


class ExplanationWritten(InternalEvent, frozen=True):
    """Free words that belong into the next letter about this application; `text` is an `Explanation`."""

    type: ClassVar[str] = "stadtteilbote.explanation.written.v1"

    application_id: UUID
    text: Sealed


class CorrectionRequested(InternalEvent, frozen=True):
    """Something is missing: `items` are `CheckItem`s, `note` an `Explanation`."""

    type: ClassVar[str] = "stadtteilbote.correction.requested.v1"

    application_id: UUID
    number: str
    correction_id: UUID
    items: list[str]
    note: Sealed | None = None
    due_at: AwareDatetime


class CorrectionReceived(InternalEvent, frozen=True):
    """The applicant completed the application in time."""

    type: ClassVar[str] = "stadtteilbote.correction.received.v1"

    application_id: UUID
    number: str
    correction_id: UUID


class CorrectionWithdrawn(InternalEvent, frozen=True):
    """The office asks for nothing any more: the applicant need not do anything."""

    type: ClassVar[str] = "stadtteilbote.correction.withdrawn.v1"

    application_id: UUID
    number: str
    correction_id: UUID


class DeadlineApproaches(InternalEvent, frozen=True):
    """The applicant still has to act; without it the application or grant lapses at `due_at`."""

    type: ClassVar[str] = "stadtteilbote.deadline.approaches.v1"

    application_id: UUID
    number: str
    matter: Matter
    due_at: AwareDatetime


class StatementRequested(InternalEvent, frozen=True):
    """A department is asked, or asked again (`reminder`); `link` holds a `Link` to its page."""

    type: ClassVar[str] = "stadtteilbote.statement.requested.v1"

    application_id: UUID
    number: str
    statement_id: UUID
    person_id: UUID
    department: str
    field_of_action: str
    asked_cents: int
    contact: Sealed
    link: Sealed
    due_at: AwareDatetime
    reminder: bool = False


class StatementGiven(InternalEvent, frozen=True):
    """A department answered; `text` is an `Explanation` under the applicant's key."""

    type: ClassVar[str] = "stadtteilbote.statement.given.v1"

    application_id: UUID
    number: str
    statement_id: UUID
    department: str
    verdict: StatementVerdict
    text: Sealed | None = None


class ApplicationPaperPrepared(InternalEvent, frozen=True):
    """The paper for the agenda; told again when the application changes. `paper` is a `Paper`."""

    type: ClassVar[str] = "stadtteilbote.application.paper_prepared.v1"

    application_id: UUID
    number: str
    public_title: str
    asked_cents: int
    eligible_cents: int
    paper: Sealed


class ApplicationChanged(InternalEvent, frozen=True):
    """The office changed answers; `fields` names them as the form does."""

    type: ClassVar[str] = "stadtteilbote.application.changed.v1"

    application_id: UUID
    number: str
    fields: list[str]


class ApplicationPlaced(PartnerEvent, frozen=True):
    """The application goes to another session than was said before; its date of arrival is kept."""

    type: ClassVar[str] = "stadtteilbote.application.placed.v1"

    application_id: UUID
    number: str
    session_id: UUID | None = None
    session_at: AwareDatetime | None = None
    submission_deadline: AwareDatetime | None = None
    late: bool = False
    because: PlacedBecause


class ApplicationAdmitted(PartnerEvent, frozen=True):
    """Formally in order; `decides` says who does now. `submitted_at` is the place in the queue."""

    type: ClassVar[str] = "stadtteilbote.application.admitted.v1"

    application_id: UUID
    number: str
    public_title: str
    field_of_action: str
    fund: str
    asked_cents: int
    decides: Tier
    session_id: UUID | None = None
    session_at: AwareDatetime | None = None
    submitted_at: AwareDatetime


class ApplicationFoundInadmissible(PartnerEvent, frozen=True):
    """The fund's rules do not allow it; `reasons` are `CheckItem`s."""

    type: ClassVar[str] = "stadtteilbote.application.found_inadmissible.v1"

    application_id: UUID
    number: str
    reasons: list[str]


class ApplicationLapsed(PartnerEvent, frozen=True):
    """What was missing did not come in time."""

    type: ClassVar[str] = "stadtteilbote.application.lapsed.v1"

    application_id: UUID
    number: str
