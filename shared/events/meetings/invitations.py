"""The board is invited: told to everybody once, and to each member with a link to answer."""

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from shared.events.meetings.members import MemberLetter
from shared.events.meetings.sessions import SessionEvent


class InvitedItem(BaseModel):
    """A line of the agenda as everybody may read it."""

    model_config = ConfigDict(frozen=True)

    position: int
    title: str
    number: str = ""
    """Of the application, if it is about one."""
    application_id: UUID | None = None
    second_call: bool = False
    """Whoever comes decides about it."""
    starts_at: AwareDatetime | None = None


class InvitationIssued(SessionEvent, frozen=True):
    """The agenda is fixed and the members are invited."""

    type: ClassVar[str] = "stadtteilbote.invitation.issued.v1"

    ends_at: AwareDatetime | None = None
    place: str
    note: str | None = None
    agenda: list[InvitedItem]
    urgent: bool = False
    again: bool = False
    """Whether it replaces an invitation sent before."""


class MemberInvited(MemberLetter, frozen=True):
    """One member's invitation; `link` leads to the page with the answers and the papers."""

    type: ClassVar[str] = "stadtteilbote.member.invited.v1"

    session_id: UUID
    board: str
    starts_at: AwareDatetime
    ends_at: AwareDatetime | None = None
    place: str
    note: str | None = None
    agenda: list[InvitedItem]
    may_vote: bool
    urgent: bool = False
    again: bool = False
