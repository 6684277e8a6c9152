"""Reads about members: who belongs, how their sessions went, and what their right to vote rests on."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.domain.accession import Accession
from services.meetings.domain.attendance import Attendance, Coming, Reply
from services.meetings.domain.board import Rules, rules_on
from services.meetings.domain.member import Member, MemberStatus, Unit
from services.meetings.domain.rights import (
    Presence,
    Right,
    Sitting,
    Standing,
    has_one_vote,
    right_of,
)
from services.meetings.domain.session import Session
from services.meetings.queries.sessions import the_board
from shared.days import local_day, start_of_day

Tab = Literal["stimmberechtigt", "unterwegs", "ruht", "ausgetreten"]
TABS: Final[dict[Tab, frozenset[MemberStatus]]] = {
    "stimmberechtigt": frozenset({MemberStatus.ACTIVE}),
    "unterwegs": frozenset({MemberStatus.DECLARED, MemberStatus.GUEST}),
    "ruht": frozenset({MemberStatus.SUSPENDED}),
    "ausgetreten": frozenset({MemberStatus.LEFT}),
}
HERE: Final = tuple(status for status in MemberStatus if status is not MemberStatus.LEFT)
"""Everybody who has not left, guests among them."""


@dataclass(frozen=True, kw_only=True)
class MemberLine:
    """One member with their unit, their right to vote and what it rests on."""

    member: Member
    unit: Unit | None
    right: Right
    shares_vote: bool
    """Whether the unit has one vote, so that of its members the first to come votes."""
    waits: Accession | None = None
    """A declaration the office has not looked at yet."""


@dataclass(frozen=True, kw_only=True)
class MemberPage:
    """One member with everything their page shows."""

    line: MemberLine
    sittings: Sequence[tuple[Sitting, Session]]
    accessions: Sequence[Accession]
    others: Sequence[Member]
    """Of the same unit, still here."""
    rules: Rules


@dataclass(frozen=True, kw_only=True)
class Roll:
    """All members by name, of which a tab shows some."""

    lines: Sequence[MemberLine]
    counts: Counter[Tab] = field(default_factory=Counter)

    def shown(self, tab: Tab, search: str = "") -> list[MemberLine]:
        """Those of a tab whose name, address or unit holds what was searched for."""
        wanted = search.casefold().strip()
        of_tab = [line for line in self.lines if line.member.status in TABS[tab]]
        return [line for line in of_tab if wanted in _searched(line)]

    @property
    def waiting(self) -> list[MemberLine]:
        """Those whose declaration the office has not looked at."""
        return [line for line in self.lines if line.waits is not None]


async def roll(session: AsyncSession, *, at: datetime) -> Roll:
    """Everybody but the erased, in four queries however many they are."""
    found = select(Member).where(Member.erased_at.is_(None)).order_by(Member.id)
    members = (await session.scalars(found)).all()
    lines = await _lines(session, members, at=at)
    lines.sort(key=lambda line: (line.member.name.casefold(), str(line.member.id)))
    counts: Counter[Tab] = Counter()
    for tab, statuses in TABS.items():
        counts[tab] = sum(line.member.status in statuses for line in lines)
    return Roll(lines=lines, counts=counts)


async def member_page(session: AsyncSession, member_id: UUID, *, at: datetime) -> MemberPage:
    """One member; raises `NoResultFound` for one that never was."""
    member = await session.get_one(Member, member_id)
    [line] = await _lines(session, [member], at=at)
    sittings = (await sittings_of(session, [member]))[member.id]
    met = select(Session).where(Session.id.in_([one.session_id for one in sittings]))
    sessions = {one.id: one for one in await session.scalars(met)}
    declared = select(Accession).where(Accession.member_id == member_id)
    accessions = await session.scalars(declared.order_by(Accession.declared_at))
    return MemberPage(
        line=line,
        sittings=[(one, sessions[one.session_id]) for one in sittings],
        accessions=accessions.all(),
        others=await _others_of(session, member),
        rules=await rules_today(session, at=at),
    )


async def member_of_account(session: AsyncSession, account_id: UUID) -> Member | None:
    """The member who signs in with this account."""
    return await session.scalar(select(Member).where(Member.account_id == account_id))


async def units(session: AsyncSession) -> list[tuple[Unit, list[Member]]]:
    """Institutions and households by name, each with its members who are here."""
    of_units = select(Member).where(Member.unit_id.is_not(None), Member.status.in_(HERE))
    members: dict[UUID | None, list[Member]] = {}
    for member in await session.scalars(of_units.order_by(Member.name)):
        members.setdefault(member.unit_id, []).append(member)
    found = (await session.scalars(select(Unit))).all()
    return sorted(
        ((unit, members.get(unit.id, [])) for unit in found),
        key=lambda pair: (pair[0].kind, pair[0].name.casefold()),
    )


async def rules_today(session: AsyncSession, *, at: datetime) -> Rules:
    """The board's rules of this day; before the first begins, that first one."""
    _board, rules = await the_board(session)
    begun = [entry for entry in rules if entry.holds_from <= local_day(at)]
    return rules_on(at, begun) if begun else rules[0]


async def sittings_of(
    session: AsyncSession,
    members: Sequence[Member],
    *,
    ended: Session | None = None,
    there: Collection[UUID] = (),
) -> dict[UUID, list[Sitting]]:
    """How the sessions that took place went for these members, oldest first.

    Counted from the day they declared or came. In a session that still runs nobody is absent yet,
    unless it is `ended`; `there` are members who are in it besides those it noted.
    """
    from_day = {member.id: _counted_from(member) for member in members}
    met = await _sessions_since(session, min(from_day.values(), default=None), ended)
    present = await _pairs(session, Attendance, met, from_day)
    excused = await _pairs(session, Reply, met, from_day)
    if ended is not None:
        present |= {(ended.id, member_id) for member_id in there}
    sittings: dict[UUID, list[Sitting]] = {member_id: [] for member_id in from_day}
    for session_id, day, over in met:
        for member_id, first in from_day.items():
            pair = (session_id, member_id)
            presence = _presence(pair, present, excused)
            if day >= first and (over or presence is Presence.PRESENT):
                one = Sitting(session_id=session_id, day=day, presence=presence)
                sittings[member_id].append(one)
    return sittings


Pairs = set[tuple[UUID, UUID]]


def _presence(pair: tuple[UUID, UUID], present: Pairs, excused: Pairs) -> Presence:
    if pair in present:
        return Presence.PRESENT
    return Presence.EXCUSED if pair in excused else Presence.ABSENT


def _counted_from(member: Member) -> date:
    return member.declared_on or local_day(member.recorded_at)


async def _sessions_since(
    session: AsyncSession, first: date | None, ended: Session | None
) -> list[tuple[UUID, date, bool]]:
    """Sessions that were opened since that day, with their day and whether they are over."""
    if first is None:
        return []
    opened = Session.opened_at.is_not(None)
    found = select(Session.id, Session.starts_at, Session.closed_at).where(
        Session.starts_at >= start_of_day(first),
        opened if ended is None else or_(opened, Session.id == ended.id),
    )
    if ended is not None:
        found = found.where(Session.starts_at <= ended.starts_at)
    rows = await session.execute(found.order_by(Session.starts_at, Session.id))
    now = None if ended is None else ended.id
    return [(id_, local_day(at), closed is not None or id_ == now) for id_, at, closed in rows]


async def _pairs(
    session: AsyncSession,
    table: type[Attendance | Reply],
    met: Sequence[tuple[UUID, date, bool]],
    members: Iterable[UUID],
) -> Pairs:
    """Who was there, or who said they would not come."""
    found = select(table.session_id, table.member_id).where(
        table.session_id.in_([one[0] for one in met]), table.member_id.in_(list(members))
    )
    if table is Reply:
        found = found.where(Reply.coming == Coming.NO)
    return {(session_id, member_id) for session_id, member_id in await session.execute(found)}


async def _lines(
    session: AsyncSession, members: Sequence[Member], *, at: datetime
) -> list[MemberLine]:
    rules = await rules_today(session, at=at)
    sittings = await sittings_of(session, members)
    units_by_id = {unit.id: unit for unit in await session.scalars(select(Unit))}
    ids = [member.id for member in members]
    unseen = select(Accession).where(Accession.member_id.in_(ids), Accession.seen_at.is_(None))
    waits = {one.member_id: one for one in await session.scalars(unseen)}
    lines = []
    for member in members:
        unit = units_by_id.get(member.unit_id) if member.unit_id else None
        lines.append(
            MemberLine(
                member=member,
                unit=unit,
                right=right_of(Standing.of(member), sittings[member.id], rules),
                shares_vote=unit is not None and has_one_vote(unit.kind, rules),
                waits=waits.get(member.id) if member.status is not MemberStatus.LEFT else None,
            )
        )
    return lines


async def _others_of(session: AsyncSession, member: Member) -> Sequence[Member]:
    if member.unit_id is None:
        return []
    same = Member.unit_id == member.unit_id, Member.id != member.id, Member.status.in_(HERE)
    return (await session.scalars(select(Member).where(*same).order_by(Member.name))).all()


def _searched(line: MemberLine) -> str:
    member, unit = line.member, line.unit
    parts = (member.name, member.email, member.street, member.city, unit.name if unit else "")
    return " ".join(part for part in parts if part).casefold()
