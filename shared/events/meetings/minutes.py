"""The minutes on their way from draft to publication."""

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from shared.events.base import Audience, Event
from shared.events.meetings.members import MemberLetter
from shared.events.meetings.sessions import SessionEvent
from shared.sealed import Sealed


class MinutesCirculated(MemberLetter, frozen=True):
    """A member who was there may read the draft and object until `object_until`."""

    type: ClassVar[str] = "stadtteilbote.minutes.circulated.v1"

    minutes_id: UUID
    session_id: UUID
    starts_at: AwareDatetime
    object_until: AwareDatetime


class AmendmentProposed(Event, frozen=True):
    """Somebody who was there wants the minutes changed: a task for the office."""

    teller: ClassVar[str] = "meetings"
    type: ClassVar[str] = "stadtteilbote.amendment.proposed.v1"
    audience: ClassVar[Audience] = Audience.INTERNAL
    about: ClassVar[str] = "session_id"

    session_id: UUID
    minutes_id: UUID
    amendment_id: UUID
    starts_at: AwareDatetime


class MinutesApproved(SessionEvent, frozen=True):
    """The minutes hold; `path` is the public text, without anybody's name."""

    type: ClassVar[str] = "stadtteilbote.minutes.approved.v1"

    minutes_id: UUID
    approved_at: AwareDatetime
    path: str


class MinutesReported(Event, frozen=True):
    """The city gets the whole minutes: `contact` a `Contact`, `link` a `Link`, both sealed."""

    teller: ClassVar[str] = "meetings"
    type: ClassVar[str] = "stadtteilbote.minutes.reported.v1"
    audience: ClassVar[Audience] = Audience.INTERNAL
    about: ClassVar[str] = "session_id"

    session_id: UUID
    minutes_id: UUID
    starts_at: AwareDatetime
    contact: Sealed
    link: Sealed
    expires_at: AwareDatetime
