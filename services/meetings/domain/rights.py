"""The right to vote: earned by coming, lost by staying away without a word, regained by coming again.

Nothing here reads a clock or a table: the same sessions under the same rules always come to the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Self
from uuid import UUID

from services.meetings.domain.board import OneVotePer, Rules
from services.meetings.domain.member import Member, MemberStatus, UnitKind
from shared.events.meetings import SuspendedBecause


class Presence(StrEnum):
    """How a session went for a member."""

    PRESENT = "present"
    EXCUSED = "excused"
    ABSENT = "absent"
    """Neither there nor excused."""


@dataclass(frozen=True, kw_only=True)
class Sitting:
    """One session that took place, as it was for one member."""

    session_id: UUID
    day: date
    presence: Presence

    @property
    def attended(self) -> bool:
        return self.presence is Presence.PRESENT


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where a member stands, and the days from which is counted."""

    status: MemberStatus
    declared_on: date | None = None
    active_since: date | None = None
    suspended_since: date | None = None
    suspended_because: SuspendedBecause | None = None
    left_on: date | None = None

    @classmethod
    def of(cls, member: Member) -> Self:
        return cls(
            status=member.status,
            declared_on=member.declared_on,
            active_since=member.active_since,
            suspended_since=member.suspended_since,
            suspended_because=member.suspended_because,
            left_on=member.left_on,
        )

    @property
    def rests_for_absence(self) -> bool:
        """Only what was lost by staying away comes back by coming."""
        absent = self.suspended_because is SuspendedBecause.ABSENT
        return self.status is MemberStatus.SUSPENDED and absent


class RightBecause(StrEnum):
    """Why somebody may vote, or may not."""

    GUEST = "guest"
    EARNING = "earning"
    VOTES = "votes"
    ABSENT = "absent"
    OFFICE = "office"
    LEFT = "left"


@dataclass(frozen=True, kw_only=True)
class Right:
    """The right to vote of one member with the numbers it comes from."""

    because: RightBecause
    attended: int
    """Sessions they were at since they came or declared."""
    held: int
    """Sessions that took place since then."""
    since: date | None = None
    missing: int | None = None
    """Attendances still missing; None: attendances do not matter, or no longer."""
    missed: int = 0
    """Unexcused absences in a row."""
    until_lost: int | None = None
    """Further unexcused absences in a row that lose it; None: it is never lost."""

    @property
    def may_vote(self) -> bool:
        return self.because is RightBecause.VOTES


class Turn(StrEnum):
    """What a session changes."""

    EARNED = "earned"
    LOST = "lost"
    REGAINED = "regained"


def right_of(standing: Standing, sittings: Sequence[Sitting], rules: Rules) -> Right:
    """The right to vote as it stands after these sessions, oldest first, under today's rules."""
    because, since = _because(standing)
    missed, until_lost = missed_in_a_row(standing, sittings), None
    if because is RightBecause.VOTES and rules.lost_after is not None:
        until_lost = max(1, rules.lost_after - missed)
    return Right(
        because=because,
        attended=sum(one.attended for one in sittings),
        held=len(sittings),
        since=since,
        missing=_missing(standing, sittings, rules),
        missed=missed,
        until_lost=until_lost,
    )


def turn_at(standing: Standing, sittings: Sequence[Sitting], rules: Rules) -> Turn | None:
    """What the last of these sessions changes, under the rules of its day; None: nothing."""
    if not sittings:
        return None
    presence = sittings[-1].presence
    came = counted(standing, sittings)
    if presence is Presence.PRESENT and standing.status is MemberStatus.DECLARED:
        return Turn.EARNED if came >= rules.earned_after else None
    if presence is Presence.PRESENT and standing.rests_for_absence:
        enough = rules.regained_after is not None and came >= rules.regained_after
        return Turn.REGAINED if enough else None
    if presence is Presence.ABSENT and standing.status is MemberStatus.ACTIVE:
        missed = missed_in_a_row(standing, sittings)
        lost = rules.lost_after is not None and missed >= rules.lost_after
        return Turn.LOST if lost else None
    return None


def counted(standing: Standing, sittings: Sequence[Sitting]) -> int:
    """Attendances that count towards the right: from the declaration on, or since it rests."""
    if standing.status is MemberStatus.SUSPENDED:
        lost = standing.suspended_since
        return sum(one.attended for one in sittings if lost is None or one.day > lost)
    declared = standing.declared_on
    return sum(one.attended for one in sittings if declared is None or one.day >= declared)


def missed_in_a_row(standing: Standing, sittings: Sequence[Sitting]) -> int:
    """Unexcused absences up to the last session, or up to the one that lost the right.

    Coming or an excuse ends the row; the day on which the right began never counts.
    """
    begun, lost = standing.active_since, standing.suspended_since
    if begun is None or standing.status not in (MemberStatus.ACTIVE, MemberStatus.SUSPENDED):
        return 0
    row = 0
    for one in sittings:
        if one.day > begun and (lost is None or one.day <= lost):
            row = row + 1 if one.presence is Presence.ABSENT else 0
    return row


def has_one_vote(kind: UnitKind, rules: Rules) -> bool:
    """Whether the members of such a unit have one vote together."""
    return rules.one_vote_per in (OneVotePer.BOTH, OneVotePer(kind.value))


def _because(standing: Standing) -> tuple[RightBecause, date | None]:
    if standing.status is MemberStatus.SUSPENDED:
        why = RightBecause.ABSENT if standing.rests_for_absence else RightBecause.OFFICE
        return why, standing.suspended_since
    return {
        MemberStatus.GUEST: (RightBecause.GUEST, None),
        MemberStatus.DECLARED: (RightBecause.EARNING, standing.declared_on),
        MemberStatus.ACTIVE: (RightBecause.VOTES, standing.active_since),
        MemberStatus.LEFT: (RightBecause.LEFT, standing.left_on),
    }[standing.status]


def _missing(standing: Standing, sittings: Sequence[Sitting], rules: Rules) -> int | None:
    """At least one: what is complete already is granted when they next come."""
    if standing.status is MemberStatus.DECLARED:
        return max(1, rules.earned_after - counted(standing, sittings))
    if standing.rests_for_absence and rules.regained_after is not None:
        return max(1, rules.regained_after - counted(standing, sittings))
    return None
