"""The invitation: the agenda is fixed, told to everybody, and to each member with a link."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from services.meetings.domain.member import Member, MemberStatus
from services.meetings.domain.session import MOVES, IllegalMove, Session, Status
from shared.days import end_of_day, local_day
from shared.events.meetings import InvitationIssued, InvitedItem

INVITED: Final = (MemberStatus.ACTIVE, MemberStatus.SUSPENDED, MemberStatus.DECLARED)
"""They belong to the board, or are on the way to it."""


class NothingToInviteTo(Exception):
    """An agenda without a single item."""


class TooLate(Exception):
    """The rules' notice period is over: inviting now needs a reason."""


class NotInvited(Exception):
    """The board was not invited yet, so there is nothing to change or to answer."""


class AlreadyBegun(Exception):
    """From its first minute on a session is neither prepared nor answered any more."""


class NotAMember(Exception):
    """Whoever left, is erased or is a guest is not asked whether they come."""


def is_invited(member: Member) -> bool:
    """Whether an invitation goes to them, and their answer counts."""
    return member.status in INVITED and member.erased_at is None


def begun(meeting: Session, at: datetime) -> bool:
    """From its first minute on nobody is invited to a session, and no answer changes."""
    return at >= meeting.starts_at


def too_late(meeting: Session, at: datetime) -> bool:
    """Whether the last day to invite on is over; never where the rules set none."""
    return meeting.invite_by is not None and local_day(at) > meeting.invite_by


def check_invitation(meeting: Session, *, at: datetime) -> None:
    """Raise what stands against inviting to this session now."""
    if begun(meeting, at):
        raise AlreadyBegun
    again = meeting.status is Status.INVITED and meeting.agenda_reopened_at is not None
    if not again and Status.INVITED not in MOVES.get(meeting.status, ()):
        raise IllegalMove(meeting.status, Status.INVITED)


def issue(
    meeting: Session, agenda: Sequence[InvitedItem], *, urgent_because: str | None, at: datetime
) -> InvitationIssued:
    """Invite the board, or invite it again to the agenda that was changed."""
    check_invitation(meeting, at=at)
    again = meeting.status is Status.INVITED
    if not agenda:
        raise NothingToInviteTo
    late = too_late(meeting, at)
    if late and not again and not urgent_because:
        raise TooLate
    if not again:
        meeting.status, meeting.invited_at = Status.INVITED, at
        meeting.urgent_because = urgent_because if late else None
    else:
        meeting.agenda_changed_at, meeting.agenda_reopened_at = at, None
    return InvitationIssued(
        at=at,
        session_id=meeting.id,
        board=meeting.board,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        place=meeting.place,
        note=meeting.note,
        agenda=list(agenda),
        urgent=meeting.urgent_because is not None,
        again=again,
        subject_version=meeting.version + 1,
    )


def reopen(meeting: Session, *, at: datetime) -> None:
    """Let the office change the agenda it sent out; the board is invited again afterwards."""
    if meeting.status is not Status.INVITED:
        raise NotInvited
    if begun(meeting, at):
        raise AlreadyBegun
    meeting.agenda_reopened_at = meeting.agenda_reopened_at or at


def link_ends(meeting: Session) -> datetime:
    """The papers are read during the session too: a member's link holds to the end of its day."""
    return end_of_day(local_day(meeting.starts_at))
