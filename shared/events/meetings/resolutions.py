"""Decisions between two sessions, asked of each member in writing."""

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from shared.events.base import Audience, Event
from shared.events.meetings.members import MemberLetter


class CircularVoteRequested(MemberLetter, frozen=True):
    """A member is asked to vote in writing until `closes_at`, or asked again (`reminder`)."""

    type: ClassVar[str] = "stadtteilbote.circular.vote_requested.v1"

    circular_id: UUID
    title: str
    """Public: the application's public title, or the item's."""
    text: str = ""
    amount_cents: int | None = None
    closes_at: AwareDatetime
    reminder: bool = False


class CircularClosed(Event, frozen=True):
    """Nobody needs to answer any more: what waits to be sent about it is overtaken."""

    teller: ClassVar[str] = "meetings"
    type: ClassVar[str] = "stadtteilbote.circular.closed.v1"
    audience: ClassVar[Audience] = Audience.INTERNAL
    about: ClassVar[str] = "circular_id"

    circular_id: UUID
    decided: bool
    """False: too few answered in time, the next session decides."""
