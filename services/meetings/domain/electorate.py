"""Who may vote on an item: computed from who is there, and frozen when the vote opens."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from services.meetings.domain.board import OneVotePer, Rules
from services.meetings.domain.member import Member, MemberStatus, UnitKind
from services.meetings.domain.polls import Barred
from services.meetings.domain.recusal import RecusedBecause

Units = Mapping[UUID, UnitKind]
"""What each institution or household is, by its id."""

SHARES: Final[Mapping[OneVotePer, tuple[UnitKind, ...]]] = {
    OneVotePer.NOBODY: (),
    OneVotePer.INSTITUTION: (UnitKind.INSTITUTION,),
    OneVotePer.HOUSEHOLD: (UnitKind.HOUSEHOLD,),
    OneVotePer.BOTH: (UnitKind.INSTITUTION, UnitKind.HOUSEHOLD),
}

BY_STATUS: Final[Mapping[MemberStatus, Barred]] = {
    MemberStatus.LEFT: Barred.LEFT,
    MemberStatus.GUEST: Barred.GUEST,
    MemberStatus.DECLARED: Barred.DECLARED,
    MemberStatus.SUSPENDED: Barred.SUSPENDED,
}
"""Without the right to vote nobody votes, there or not: that is said before anything else."""


@dataclass(frozen=True, kw_only=True)
class Seat:
    """One line of the list of voters; `because` is a `RecusedBecause` where somebody is recused."""

    member: Member
    barred: Barred | None
    because: str
    vote: UUID
    """Whose vote it is: the member's own, or that of their institution or household."""

    @property
    def may_vote(self) -> bool:
        """Whether this member casts a ballot."""
        return self.barred is None


@dataclass(frozen=True, kw_only=True)
class Turnout:
    """What a vote reckons with; every vote weighs one, a unit with one vote counts as one."""

    members: int
    """Votes on the whole board, there or not."""
    present: int
    """Votes that are there, those of recused members among them."""
    recused: int

    @property
    def eligible(self) -> int:
        """Votes that can be cast on this."""
        return self.present - self.recused


def electorate(
    members: Iterable[Member],
    *,
    there: Sequence[UUID],
    recused: Mapping[UUID, RecusedBecause],
    rules: Rules,
    units: Units = {},  # noqa: B006 - read only
) -> list[Seat]:
    """Everybody known here with the reason why they may not vote, if there is one.

    `there` is in the order of arrival: of a unit with one vote the first who may vote on this has it.
    Raises KeyError for a unit whose kind matters and is not in `units`.
    """
    order = {member_id: place for place, member_id in enumerate(there)}
    people = sorted(members, key=lambda member: (order.get(member.id, len(order)), member.id))
    taken, seats = set[UUID](), list[Seat]()
    for member in people:
        vote = vote_of(member, rules, units)
        barred = _barred(member, here=member.id in order, recused=recused)
        if barred is None and vote in taken:
            barred = Barred.UNIT
        if barred is None:
            taken.add(vote)
        because = str(recused[member.id]) if barred is Barred.RECUSED else ""
        seats.append(Seat(member=member, barred=barred, because=because, vote=vote))
    return seats


def turnout(seats: Iterable[Seat], *, members: int) -> Turnout:
    """The numbers of a list of voters: a vote somebody of the unit can still cast is not recused."""
    seats = list(seats)
    voting = {seat.vote for seat in seats if seat.barred is None}
    out = {seat.vote for seat in seats if seat.barred is Barred.RECUSED} - voting
    return Turnout(members=members, present=len(voting) + len(out), recused=len(out))


def votes_on_board(members: Iterable[Member], rules: Rules, units: Units = {}) -> int:  # noqa: B006
    """How many votes the board has: its active members, a unit with one vote counted once."""
    return len({vote_of(member, rules, units) for member in members if member.belongs})


def vote_of(member: Member, rules: Rules, units: Units) -> UUID:
    """The id under which this member's vote counts."""
    shares = SHARES[rules.one_vote_per]
    if member.unit_id is None or not shares:
        return member.id
    return member.unit_id if units[member.unit_id] in shares else member.id


def _barred(member: Member, *, here: bool, recused: Mapping[UUID, RecusedBecause]) -> Barred | None:
    if member.status in BY_STATUS:
        return BY_STATUS[member.status]
    if not here:
        return Barred.ABSENT
    return Barred.RECUSED if member.id in recused else None
