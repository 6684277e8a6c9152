"""Who belongs to the board, and who of them may vote; people travel sealed, in internal events only."""

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from shared.events.base import Audience, Event
from shared.sealed import Sealed


class MemberEvent(Event, frozen=True):
    """What every word about a member carries; letters look the person up by `person_id`."""

    teller: ClassVar[str] = "meetings"
    audience: ClassVar[Audience] = Audience.INTERNAL
    about: ClassVar[str] = "member_id"

    member_id: UUID
    person_id: UUID


class MemberRecorded(MemberEvent, frozen=True):
    """How to reach a member; told again when that changes. `contact` is a `Contact`."""

    type: ClassVar[str] = "stadtteilbote.member.recorded.v1"

    language: str
    contact: Sealed


class AccessionDeclared(MemberEvent, frozen=True):
    """Somebody wants to belong to the board; they may vote after `attendances` more sessions."""

    type: ClassVar[str] = "stadtteilbote.accession.declared.v1"

    online: bool
    attendances: int


class JoinedBecause(StrEnum):
    """What a right to vote rests on."""

    DECLARED = "declared"
    ATTENDED = "attended"
    REGAINED = "regained"
    OFFICE = "office"


class MemberJoined(MemberEvent, frozen=True):
    """The member may vote from now on."""

    type: ClassVar[str] = "stadtteilbote.member.joined.v1"

    because: JoinedBecause
    attendances: int
    """How often they were there."""


class SuspendedBecause(StrEnum):
    """Why a right to vote rests."""

    ABSENT = "absent"
    OFFICE = "office"


class MemberSuspended(MemberEvent, frozen=True):
    """The member may not vote for now; `regained_after` attendances bring the right back, if any do."""

    type: ClassVar[str] = "stadtteilbote.member.suspended.v1"

    because: SuspendedBecause
    missed: int
    regained_after: int | None = None


class MemberLeft(MemberEvent, frozen=True):
    """The member belongs to the board no more."""

    type: ClassVar[str] = "stadtteilbote.member.left.v1"


class MemberLetter(Event, frozen=True):
    """A letter to one member with a link of their own: `contact` a `Contact`, `link` a `Link`, both sealed."""

    teller: ClassVar[str] = "meetings"
    audience: ClassVar[Audience] = Audience.INTERNAL
    about: ClassVar[str] = "member_id"

    member_id: UUID
    person_id: UUID
    language: str
    contact: Sealed
    link: Sealed
    expires_at: AwareDatetime
