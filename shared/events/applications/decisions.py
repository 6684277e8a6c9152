"""What was decided about an application."""

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime, Field

from shared.events.applications.audiences import InternalEvent, PublicEvent
from shared.events.applications.words import (
    Budget,
    Condition,
    DeferredBecause,
    GrantKind,
    RejectedBecause,
    Tier,
    WaitsFor,
)


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
