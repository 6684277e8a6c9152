"""When the board meets, and when a session begins and ends."""

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime, Field

from shared.events.base import Audience, Event


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


class SessionOpened(SessionEvent, frozen=True):
    """The board is meeting; `present` of `members` may vote, `quorum` of them are needed."""

    type: ClassVar[str] = "stadtteilbote.session.opened.v1"
    audience: ClassVar[Audience] = Audience.PARTNER

    opened_at: AwareDatetime
    members: int
    present: int
    quorum: int | None = None


class SessionClosed(SessionEvent, frozen=True):
    """The meeting is over; what was decided was told vote by vote."""

    type: ClassVar[str] = "stadtteilbote.session.closed.v1"
    audience: ClassVar[Audience] = Audience.PARTNER

    opened_at: AwareDatetime
    closed_at: AwareDatetime
