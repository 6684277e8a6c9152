"""What comes onto an agenda and leaves it again."""

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from shared.events.base import Audience, Event


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
