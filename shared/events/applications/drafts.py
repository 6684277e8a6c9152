"""From a draft to an application that was handed in or taken back."""

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from shared.events.applications.audiences import InternalEvent, PartnerEvent
from shared.sealed import Sealed


class DraftSaved(InternalEvent, frozen=True):
    """Somebody wants to go on later; `link` holds a `Link` that opens the draft again."""

    type: ClassVar[str] = "stadtteilbote.draft.saved.v1"

    application_id: UUID
    person_id: UUID
    language: str
    contact: Sealed
    link: Sealed
    expires_at: AwareDatetime


class DraftDiscarded(InternalEvent, frozen=True):
    """A draft was thrown away before it was handed in; its resume link leads nowhere now."""

    type: ClassVar[str] = "stadtteilbote.draft.discarded.v1"

    application_id: UUID


class ApplicantRecorded(InternalEvent, frozen=True):
    """Who stands behind an application: how to reach them, in which language."""

    type: ClassVar[str] = "stadtteilbote.applicant.recorded.v1"
    about: ClassVar[str] = "person_id"

    person_id: UUID
    application_id: UUID
    language: str
    contact: Sealed


class ApplicationSubmitted(PartnerEvent, frozen=True):
    """An application is here; `late` if it missed the next session's deadline. Sums in cents."""

    type: ClassVar[str] = "stadtteilbote.application.submitted.v1"

    application_id: UUID
    number: str
    field_of_action: str
    asked_cents: int
    session_id: UUID | None = None
    session_at: AwareDatetime | None = None
    submission_deadline: AwareDatetime | None = None
    late: bool = False
    person_id: UUID


class ApplicationWithdrawn(PartnerEvent, frozen=True):
    """The applicant does not want the money any more."""

    type: ClassVar[str] = "stadtteilbote.application.withdrawn.v1"

    application_id: UUID
    number: str


class CaseLinkRequested(InternalEvent, frozen=True):
    """Somebody wants to see their applications; `link` holds a `Link`, valid for minutes."""

    type: ClassVar[str] = "stadtteilbote.case_link.requested.v1"
    about: ClassVar[str] = "person_id"

    person_id: UUID
    application_id: UUID | None = None
    language: str
    contact: Sealed
    link: Sealed
    expires_at: AwareDatetime


class NewsletterRequested(InternalEvent, frozen=True):
    """An applicant ticked the newsletter box: the double opt-in is owed, nothing more."""

    type: ClassVar[str] = "stadtteilbote.newsletter.requested.v1"
    about: ClassVar[str] = "person_id"

    person_id: UUID
    application_id: UUID
    language: str
    contact: Sealed
