"""Who belongs to the board, who is there, and what that comes to for a vote."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.domain.attendance import Attendance
from services.meetings.domain.board import Rules
from services.meetings.domain.electorate import (
    Seat,
    Turnout,
    Units,
    electorate,
    turnout,
    votes_on_board,
)
from services.meetings.domain.member import Member, MemberStatus, Unit
from services.meetings.domain.recusal import Recusal, RecusedBecause


@dataclass(frozen=True, kw_only=True)
class People:
    """Everybody who belongs or was there, their units, and every stay in the room in order."""

    members: Sequence[Member]
    units: Mapping[UUID, Unit]
    stays: Sequence[Attendance]

    @property
    def kinds(self) -> Units:
        """What each unit is."""
        return {unit.id: unit.kind for unit in self.units.values()}

    @property
    def there(self) -> list[UUID]:
        """Who is in the room now, in the order of arrival."""
        return [stay.member_id for stay in self.stays if stay.departed_at is None]


async def board_people(session: AsyncSession, session_id: UUID) -> People:
    """Members of the board, and whoever else was in this session's room: two statements."""
    came = select(Attendance).where(Attendance.session_id == session_id)
    stays = await session.scalars(came.order_by(Attendance.arrived_at, Attendance.id))
    listed = (
        select(Member, Unit)
        .outerjoin(Unit, Unit.id == Member.unit_id)
        .where(
            or_(
                Member.status != MemberStatus.LEFT,
                Member.id.in_(
                    select(Attendance.member_id).where(Attendance.session_id == session_id)
                ),
            )
        )
    )
    rows = await _with_units(session, listed)
    return People(
        members=[member for member, _unit in rows],
        units={unit.id: unit for _member, unit in rows if unit is not None},
        stays=stays.all(),
    )


async def recused_on(session: AsyncSession, item_id: UUID) -> dict[UUID, RecusedBecause]:
    """Who is left out of this item."""
    of_item = select(Recusal).where(Recusal.item_id == item_id)
    return {one.member_id: one.because for one in await session.scalars(of_item)}


async def votes_of_board(session: AsyncSession, rules: Rules) -> int:
    """How many votes the board has under these rules."""
    listed = (
        select(Member, Unit)
        .outerjoin(Unit, Unit.id == Member.unit_id)
        .where(Member.status == MemberStatus.ACTIVE)
    )
    rows = await _with_units(session, listed)
    kinds = {unit.id: unit.kind for _member, unit in rows if unit is not None}
    return votes_on_board([member for member, _unit in rows], rules, kinds)


async def _with_units(
    session: AsyncSession, listed: Select[Member, Unit]
) -> list[tuple[Member, Unit | None]]:
    """Each with their institution or household, None where there is none."""
    return [(member, unit) for member, unit in await session.execute(listed)]


def seats_for(
    people: People, *, recused: Mapping[UUID, RecusedBecause], rules: Rules
) -> list[Seat]:
    """Everybody with the reason why they may not vote now, if there is one."""
    return electorate(
        people.members, there=people.there, recused=recused, rules=rules, units=people.kinds
    )


def counted_for(people: People, *, recused: Mapping[UUID, RecusedBecause], rules: Rules) -> Turnout:
    """What a vote opened now would reckon with."""
    members = votes_on_board(people.members, rules, people.kinds)
    return turnout(seats_for(people, recused=recused, rules=rules), members=members)
