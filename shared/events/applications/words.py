"""What events of applications say in one word, and what several of them carry."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict


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
    SESSION_POSTPONED = "session_postponed"
    """An earlier session moved, so that the application is in time for it after all."""
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


class RevokedBecause(StrEnum):
    """Who took it back."""

    OFFICE = "office"
    CITY = "city"


class Signed(StrEnum):
    """How the agreement was accepted."""

    ONLINE = "online"
    PAPER = "paper"


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
    sponsor: str = ""
    """The organisation that applies; empty for a person."""
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
