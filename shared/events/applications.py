"""Events told by the applications service: drafts, applications, grants, and who hands them in."""

from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.events.base import Audience, Event
from shared.sealed import Sealed


class InternalEvent(Event, frozen=True):
    """Told to our own services only, about one application."""

    teller: ClassVar[str] = "applications"
    audience: ClassVar[Audience] = Audience.INTERNAL
    about: ClassVar[str] = "application_id"


class PartnerEvent(Event, frozen=True):
    """Told to partner offices too: no personal data, no free text of a resident."""

    teller: ClassVar[str] = "applications"
    audience: ClassVar[Audience] = Audience.PARTNER
    about: ClassVar[str] = "application_id"


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


class PublicEvent(Event, frozen=True):
    """Told to everyone: number, field of action and the office's public title, never a person."""

    teller: ClassVar[str] = "applications"
    audience: ClassVar[Audience] = Audience.PUBLIC
    about: ClassVar[str] = "application_id"


class Tier(StrEnum):
    """Who decides about a sum of this size."""

    OFFICE = "office"
    BOARD = "board"


class CheckItem(StrEnum):
    """The lines of the formal check; letters name what is missing or not allowed by them."""

    WHO_MAY_APPLY = "who_may_apply"
    FUNDING_PLAN = "funding_plan"
    QUOTES = "quotes"
    NOT_BEGUN = "not_begun"
    LEAD_TIME = "lead_time"
    ENDS_IN_TIME = "ends_in_time"
    CAP = "cap"
    OWN_SHARE = "own_share"
    NOT_FUNDABLE = "not_fundable"
    REPEAT = "repeat"
    ONE_PER_SPONSOR = "one_per_sponsor"
    OTHER = "other"
    """Named in the office's own words only."""


class GrantKind(StrEnum):
    """Whether everything asked for is granted, or less."""

    FULL = "full"
    PARTIAL = "partial"


class WaitsFor(StrEnum):
    """What a grant needs before it is effective."""

    RELEASE = "release"
    """The council has not released enough of the year's budget."""
    CITY = "city"
    """A sum of this size needs the city's yes."""


class Matter(StrEnum):
    """Whose date runs out: what was missing, the answer to a grant, a condition, a statement."""

    CORRECTION = "correction"
    ACCEPTANCE = "acceptance"
    CONDITION = "condition"


class PlacedBecause(StrEnum):
    """Why an application goes to another session than was said before."""

    SESSION_PLANNED = "session_planned"
    SESSION_CANCELLED = "session_cancelled"
    DEFERRED = "deferred"


class DeferredBecause(StrEnum):
    """Why the board did not decide."""

    VOTE = "vote"
    NO_QUORUM = "no_quorum"
    SESSION_CANCELLED = "session_cancelled"
    TAKEN_OFF = "taken_off"


class RejectedBecause(StrEnum):
    """What the no rests on."""

    VOTE = "vote"
    TIE = "tie"
    OFFICE = "office"


class StatementVerdict(StrEnum):
    """What a department says to an application."""

    NO_OBJECTION = "no_objection"
    CONCERNS = "concerns"
    OBJECTION = "objection"


class Condition(BaseModel):
    """What has to be done before the grant can be accepted; `text` is the board's or the office's."""

    model_config = ConfigDict(frozen=True)

    condition_id: UUID
    text: str
    due_on: date


class Budget(BaseModel):
    """A fund's year as it stands after the event; sums in cents."""

    model_config = ConfigDict(frozen=True)

    fund: str
    year: int
    budget_cents: int
    released_cents: int
    left_cents: int


class Explanation(BaseModel):
    """The office's own words to one applicant; travels only sealed."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    text: str


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


class PaperLine(BaseModel):
    """A line of the plan; `not_paid` if the fund does not pay for it. Sum in cents."""

    model_config = ConfigDict(frozen=True)

    what: str
    cents: int
    not_paid: bool = False


class Paper(BaseModel):
    """What the board reads about an application; travels only sealed."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    title: str
    applicant: str
    aim: str
    plan: str
    target_group: str
    benefit: str
    place: str
    starts_on: date
    ends_on: date
    costs: list[PaperLine]
    funding: list[PaperLine]
    files: list[str]
    """Paths of the attachments under our own origin, for the office and the board."""


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


class ApplicationRejected(PublicEvent, frozen=True):
    """No money; counts are those of the vote, if there was one."""

    type: ClassVar[str] = "stadtteilbote.application.rejected.v1"

    application_id: UUID
    number: str
    public_title: str
    field_of_action: str
    asked_cents: int
    decided_by: Tier
    because: RejectedBecause
    session_id: UUID | None = None
    vote_id: UUID | None = None
    yes: int | None = None
    no: int | None = None
    abstain: int | None = None


class ApplicationDeferred(PublicEvent, frozen=True):
    """Not decided yet: it comes before newer ones at a later session."""

    type: ClassVar[str] = "stadtteilbote.application.deferred.v1"

    application_id: UUID
    number: str
    public_title: str
    field_of_action: str
    asked_cents: int
    because: DeferredBecause
    session_id: UUID | None = None
    next_session_id: UUID | None = None
    next_session_at: AwareDatetime | None = None


class GrantReserved(PublicEvent, frozen=True):
    """The money is set aside; `effective` once nothing in `waits_for` is left."""

    type: ClassVar[str] = "stadtteilbote.grant.reserved.v1"

    application_id: UUID
    number: str
    public_title: str
    field_of_action: str
    asked_cents: int
    amount_cents: int
    kind: GrantKind
    conditions: list[Condition] = Field(default=[])
    effective: bool
    waits_for: list[WaitsFor] = Field(default=[])
    decided_by: Tier
    session_id: UUID | None = None
    vote_id: UUID | None = None
    accept_by: AwareDatetime | None = None
    """Known once the grant is effective and no condition is open."""
    budget: Budget


class GrantNotCovered(InternalEvent, frozen=True):
    """A yes for more than is left: nothing is reserved, a smaller sum may be put to the vote."""

    type: ClassVar[str] = "stadtteilbote.grant.not_covered.v1"

    application_id: UUID
    number: str
    amount_cents: int
    session_id: UUID | None = None
    vote_id: UUID | None = None
    budget: Budget


class GrantBecameEffective(PartnerEvent, frozen=True):
    """Released, and agreed to by the city where that is needed."""

    type: ClassVar[str] = "stadtteilbote.grant.became_effective.v1"

    application_id: UUID
    number: str
    amount_cents: int
    accept_by: AwareDatetime | None = None


class ConditionMet(PartnerEvent, frozen=True):
    """A condition is met; `accept_by` is known once the last one is and the grant is effective."""

    type: ClassVar[str] = "stadtteilbote.condition.met.v1"

    application_id: UUID
    number: str
    condition_id: UUID
    still_open: int
    accept_by: AwareDatetime | None = None


class GrantEnded(PartnerEvent, frozen=True):
    """A grant that comes to nothing: its sum is free again."""

    application_id: UUID
    number: str
    amount_cents: int
    budget: Budget


class GrantDeclined(GrantEnded, frozen=True):
    """The applicant does not want it."""

    type: ClassVar[str] = "stadtteilbote.grant.declined.v1"


class GrantLapsed(GrantEnded, frozen=True):
    """Not accepted, or a condition not met, in time."""

    type: ClassVar[str] = "stadtteilbote.grant.lapsed.v1"

    matter: Matter


class RevokedBecause(StrEnum):
    """Who took it back."""

    OFFICE = "office"
    CITY = "city"


class GrantRevoked(GrantEnded, frozen=True):
    """Taken back by the office, or refused by the city; why is told in an `ExplanationWritten`."""

    type: ClassVar[str] = "stadtteilbote.grant.revoked.v1"

    because: RevokedBecause


class Signed(StrEnum):
    """How the agreement was accepted."""

    ONLINE = "online"
    PAPER = "paper"


class AgreementSigned(InternalEvent, frozen=True):
    """The applicant accepts the grant with its agreement."""

    type: ClassVar[str] = "stadtteilbote.agreement.signed.v1"

    application_id: UUID
    number: str
    amount_cents: int
    signed: Signed
    signed_on: date


class BudgetEvent(Event, frozen=True):
    """What is told about one fund's year; `budget_id` is `<fund>-<year>`."""

    teller: ClassVar[str] = "applications"
    audience: ClassVar[Audience] = Audience.PUBLIC
    about: ClassVar[str] = "budget_id"

    budget_id: str
    budget: Budget


class BudgetSet(BudgetEvent, frozen=True):
    """The year's budget was set, or set anew."""

    type: ClassVar[str] = "stadtteilbote.budget.set.v1"


class BudgetReleased(BudgetEvent, frozen=True):
    """The council released this much; `gap_cents` is what waiting grants still lack."""

    type: ClassVar[str] = "stadtteilbote.budget.released.v1"

    gap_cents: int = 0


class BudgetRunsLow(BudgetEvent, frozen=True):
    """Less is left than the fund's rules call little; told once until there is more again."""

    type: ClassVar[str] = "stadtteilbote.budget.runs_low.v1"
