"""What the services tell each other about persons, whoever was asked."""

from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.events.base import Audience, Event


class Contact(BaseModel):
    """How to write to a person; travels only sealed."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    name: str
    email: str
    """"" for people who are written to on paper only."""
    phone: str | None = None
    street: str | None = None
    postcode: str | None = None
    city: str | None = None


class Link(BaseModel):
    """A way back in that is mailed to a person; travels only sealed."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    url: str
    code: str | None = None
    """What to type where the link is opened in another browser."""


class PersonErased(Event):
    """A person asked to be forgotten: everyone drops what they know in plain text."""

    audience: ClassVar = Audience.INTERNAL
    about: ClassVar = "person_id"
    waits: ClassVar = False

    person_id: UUID
    person_ids: list[UUID]
    """All ids of this human, `person_id` among them; their keys are already gone."""

    @staticmethod
    def told_by(teller: str) -> "type[PersonErased]":
        """The class as this service tells it."""
        return _TOLD_BY[teller]


class PersonErasedByApplications(PersonErased):
    """Applications was asked."""

    teller: ClassVar = "applications"
    type: ClassVar = "stadtteilbote.applications.person.erased.v1"


class PersonErasedByMeetings(PersonErased):
    """Meetings was asked."""

    teller: ClassVar = "meetings"
    type: ClassVar = "stadtteilbote.meetings.person.erased.v1"


class PersonErasedByNotifications(PersonErased):
    """Notifications was asked."""

    teller: ClassVar = "notifications"
    type: ClassVar = "stadtteilbote.notifications.person.erased.v1"


_TOLD_BY: dict[str, type[PersonErased]] = {
    kind.teller: kind
    for kind in (PersonErasedByApplications, PersonErasedByMeetings, PersonErasedByNotifications)
}
