"""Festivals, walks, workshops, consultations: told to everyone, and to each who registered."""

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime, Field

from shared.events.base import Audience, Event
from shared.sealed import Sealed


class OccasionKind(StrEnum):
    """What kind of occasion it is."""

    FESTIVAL = "festival"
    WALK = "walk"
    WORKSHOP = "workshop"
    CONSULTATION = "consultation"
    OTHER = "other"


class OccasionEvent(Event, frozen=True):
    """What every word about an occasion carries; all texts are the office's own, for the public."""

    teller: ClassVar[str] = "meetings"
    audience: ClassVar[Audience] = Audience.PUBLIC
    about: ClassVar[str] = "occasion_id"

    occasion_id: UUID
    kind: OccasionKind
    title: str = Field(min_length=1)
    starts_at: AwareDatetime


class OccasionAnnounced(OccasionEvent, frozen=True):
    """Everybody is invited; `places` and `register_until` only where one has to register."""

    type: ClassVar[str] = "stadtteilbote.occasion.announced.v1"

    ends_at: AwareDatetime | None = None
    place: str
    text: str
    registration: bool = False
    places: int | None = None
    register_until: AwareDatetime | None = None


class OccasionChanged(OccasionEvent, frozen=True):
    """All fields say what holds now; `previous_*` what held, where that changed."""

    type: ClassVar[str] = "stadtteilbote.occasion.changed.v1"

    ends_at: AwareDatetime | None = None
    place: str
    text: str
    registration: bool = False
    places: int | None = None
    register_until: AwareDatetime | None = None
    previous_starts_at: AwareDatetime | None = None
    previous_place: str | None = None


class OccasionCancelled(OccasionEvent, frozen=True):
    """It does not take place; `reason` is the office's own text for the public."""

    type: ClassVar[str] = "stadtteilbote.occasion.cancelled.v1"

    reason: str = Field(min_length=1)


class OccasionDocumented(OccasionEvent, frozen=True):
    """How it was: a public text under `path`."""

    type: ClassVar[str] = "stadtteilbote.occasion.documented.v1"

    text: str
    path: str
    visitors: int | None = None


class RegistrationEvent(Event, frozen=True):
    """One registration: `contact` a `Contact`, `link` a `Link` to the page that changes it, both sealed."""

    teller: ClassVar[str] = "meetings"
    audience: ClassVar[Audience] = Audience.INTERNAL
    about: ClassVar[str] = "registration_id"

    registration_id: UUID
    occasion_id: UUID
    person_id: UUID
    language: str
    contact: Sealed
    link: Sealed
    people: int
    """How many come."""
    kind: OccasionKind
    title: str
    starts_at: AwareDatetime
    ends_at: AwareDatetime | None = None
    place: str


class RegistrationConfirmed(RegistrationEvent, frozen=True):
    """There are places for them."""

    type: ClassVar[str] = "stadtteilbote.registration.confirmed.v1"

    again: bool = False
    """They registered a second time: nothing changed, and here is what holds."""


class RegistrationWaitlisted(RegistrationEvent, frozen=True):
    """All places are taken; they are `position` on the waiting list."""

    type: ClassVar[str] = "stadtteilbote.registration.waitlisted.v1"

    position: int
    again: bool = False
    """They registered a second time: nothing changed, and here is what holds."""


class RegistrationPromoted(RegistrationEvent, frozen=True):
    """Places became free: they need not wait any more."""

    type: ClassVar[str] = "stadtteilbote.registration.promoted.v1"


class RegistrationChanged(RegistrationEvent, frozen=True):
    """The occasion has another date or place; the fields say what holds now."""

    type: ClassVar[str] = "stadtteilbote.registration.changed.v1"

    previous_starts_at: AwareDatetime
    previous_place: str


class RegistrationReminded(RegistrationEvent, frozen=True):
    """The occasion is tomorrow."""

    type: ClassVar[str] = "stadtteilbote.registration.reminded.v1"


class EndedBecause(StrEnum):
    """Why nobody is expected any more."""

    WITHDRAWN = "withdrawn"
    OFFICE = "office"
    CANCELLED = "cancelled"
    """The occasion does not take place."""


class RegistrationEnded(RegistrationEvent, frozen=True):
    """They are not expected any more; `reason` is the office's text if the occasion is cancelled."""

    type: ClassVar[str] = "stadtteilbote.registration.ended.v1"

    because: EndedBecause
    reason: str = ""
