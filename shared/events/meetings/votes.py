"""What the board votes on, how it voted, and what was decided."""

from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.events.base import Audience, Event


class Motion(StrEnum):
    """What the board votes on."""

    GRANT = "grant"
    DEFER = "defer"
    RESOLVE = "resolve"
    """A sentence of its own, about no application."""


class Manner(StrEnum):
    """How the members voted."""

    HANDS = "hands"
    NAMED = "named"
    SECRET = "secret"  # noqa: S105 - a way to vote
    """Each on a device of their own; who voted and what was voted are kept apart."""
    PAPER = "paper"
    """In secret on slips of paper, counted by hand."""


class Way(StrEnum):
    """Where a decision was made."""

    MEETING = "meeting"
    CIRCULAR = "circular"
    """In writing, between two sessions."""
    URGENT = "urgent"
    """By those the rules allow to, up to a sum; reported to the next session."""


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
    manner: Manner = Manner.HANDS
    way: Way = Way.MEETING
    title: str = ""
    """The item's public title, where it is about no application."""
    text: str = ""
    """What was put to the vote, where it is about no application: the office's words."""


class VoteOpened(Event, frozen=True):
    """The board is voting; nothing of how it goes is told before it is closed."""

    teller: ClassVar[str] = "meetings"
    type: ClassVar[str] = "stadtteilbote.vote.opened.v1"
    audience: ClassVar[Audience] = Audience.PUBLIC
    about: ClassVar[str] = "item_id"

    vote_id: UUID
    item_id: UUID
    session_id: UUID
    application_id: UUID | None = None
    motion: Motion
    manner: Manner
    eligible: int
    amount_cents: int | None = None


class ResolutionRecorded(Event, frozen=True):
    """What was decided, once and for ever, under the number people quote it by."""

    teller: ClassVar[str] = "meetings"
    type: ClassVar[str] = "stadtteilbote.resolution.recorded.v1"
    audience: ClassVar[Audience] = Audience.PUBLIC
    about: ClassVar[str] = "resolution_id"

    resolution_id: UUID
    number: str
    """`2026-007`: the year and a running number."""
    decided_at: AwareDatetime
    way: Way
    session_id: UUID | None = None
    item_id: UUID | None = None
    vote_id: UUID
    application_id: UUID | None = None
    title: str
    """Public: the application's public title, or the item's."""
    text: str = ""
    motion: Motion
    verdict: Verdict
    reason: str
    margin: int
    counts: Counts
    rules: dict[str, str | int | bool | None]
    amount_cents: int | None = None
    conditions: list[VotedCondition] = Field(default=[])
