"""Events told by the meetings service: sessions of the board, and letters that open accounts."""

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime, Field

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
