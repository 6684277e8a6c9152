"""Who may read what applications tells about one application."""

from typing import ClassVar

from shared.events.base import Audience, Event


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


class PublicEvent(Event, frozen=True):
    """Told to everyone: number, field of action and the office's public title, never a person."""

    teller: ClassVar[str] = "applications"
    audience: ClassVar[Audience] = Audience.PUBLIC
    about: ClassVar[str] = "application_id"
