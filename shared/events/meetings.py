"""Events told by the meetings service: sessions, agendas and votes of the board, and letters that open accounts."""

from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.events.base import Audience, Event
from shared.sealed import Sealed


class PostponeReason(StrEnum):
    """Why a session moved; a code, so that every reader gets it in their own language."""

    ROOM = "room"
    PEOPLE = "people"
    SAFETY = "safety"
    OTHER = "other"


class SessionEvent(Event, frozen=True):
    """What every word about a session carries: which one, whose, and when it was to begin."""

    teller: ClassVar[str] = "meetings"
    audience: ClassVar[Audience] = Audience.PUBLIC
    about: ClassVar[str] = "session_id"

    session_id: UUID
    board: str
    starts_at: AwareDatetime


class SessionScheduled(SessionEvent, frozen=True):
    """The board meets; applications accepted up to the deadline's second are on its agenda."""

    type: ClassVar[str] = "stadtteilbote.session.scheduled.v1"

    ends_at: AwareDatetime | None = None
    place: str
    note: str | None = None
    submission_deadline: AwareDatetime


class SessionPostponed(SessionEvent, frozen=True):
    """The session has another date: all fields say what holds now, `previous_*` what held."""

    type: ClassVar[str] = "stadtteilbote.session.postponed.v1"

    ends_at: AwareDatetime | None = None
    place: str
    note: str | None = None
    submission_deadline: AwareDatetime
    previous_starts_at: AwareDatetime
    previous_submission_deadline: AwareDatetime
    reason: PostponeReason


class SessionCancelled(SessionEvent, frozen=True):
    """The session does not take place; `reason` is the office's own text for the public."""

    type: ClassVar[str] = "stadtteilbote.session.cancelled.v1"

    reason: str = Field(min_length=1)


class AgendaEvent(Event, frozen=True):
    """About one item of an agenda; told to our own services."""

    teller: ClassVar[str] = "meetings"
    audience: ClassVar[Audience] = Audience.INTERNAL
    about: ClassVar[str] = "item_id"

    item_id: UUID
    session_id: UUID
    application_id: UUID


class AgendaItemPlaced(AgendaEvent, frozen=True):
    """An application is on the agenda; its applicant may come and present it."""

    type: ClassVar[str] = "stadtteilbote.agenda_item.placed.v1"

    starts_at: AwareDatetime
    place: str
    position: int


class AgendaItemRemoved(AgendaEvent, frozen=True):
    """The application is not on this agenda any more."""

    type: ClassVar[str] = "stadtteilbote.agenda_item.removed.v1"


class Motion(StrEnum):
    """What the board votes on."""

    GRANT = "grant"
    DEFER = "defer"


class Verdict(StrEnum):
    """What came out; `void` is a vote that does not count."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    TIED = "tied"
    NO_QUORUM = "no_quorum"
    VOID = "void"


class Counts(BaseModel):
    """Everything that was counted at a vote."""

    model_config = ConfigDict(frozen=True)

    members: int
    eligible: int
    present: int
    recused: int
    cast: int
    valid: int
    invalid: int
    yes: int
    no: int
    abstain: int


class VotedCondition(BaseModel):
    """A condition the board puts on a grant, in the board's words."""

    model_config = ConfigDict(frozen=True)

    text: str
    due_on: date


class VoteClosed(Event, frozen=True):
    """The board voted; an accepted motion to grant reserves `amount_cents`, if that is left."""

    teller: ClassVar[str] = "meetings"
    type: ClassVar[str] = "stadtteilbote.vote.closed.v1"
    audience: ClassVar[Audience] = Audience.PUBLIC
    about: ClassVar[str] = "item_id"

    vote_id: UUID
    item_id: UUID
    session_id: UUID
    application_id: UUID | None = None
    motion: Motion
    verdict: Verdict
    reason: str
    """Why this verdict, as a code of the rules it was reached under."""
    margin: int
    """Votes above (or, below zero, short of) what the majority needs; without a quorum members."""
    counts: Counts
    rules: dict[str, str | int | bool | None]
    amount_cents: int | None = None
    conditions: list[VotedCondition] = Field(default=[])


class AccountEvent(Event, frozen=True):
    """A letter that opens an account: contact and link travel sealed, nothing else is personal."""

    teller: ClassVar[str] = "meetings"
    audience: ClassVar[Audience] = Audience.INTERNAL
    about: ClassVar[str] = "account_id"

    account_id: UUID
    contact: Sealed
    link: Sealed
    expires_at: AwareDatetime
    language: str


class SignInRequested(AccountEvent, frozen=True):
    """Somebody asked for a sign-in link; `link` holds a `Link` with address and code."""

    type: ClassVar[str] = "stadtteilbote.sign_in.requested.v1"


class AccountInvited(AccountEvent, frozen=True):
    """The office opened or reset an account; `link` (a `Link` without code) leads to its set-up."""

    type: ClassVar[str] = "stadtteilbote.account.invited.v1"
