"""Institutions and households, whose members may have one vote together."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.meetings.commands.once import Order, earlier, trail, unchanged
from services.meetings.domain.member import Unit, UnitKind
from services.meetings.queries import the_board


class NameTaken(Exception):
    """There is an institution of this name already; households may share one."""


async def create_unit(session: AsyncSession, order: Order, *, kind: UnitKind, name: str) -> UUID:
    """A new institution or household, still without members."""
    new, content = uuid7(), {"kind": kind, "name": name}
    if first := await earlier(session, order, name="unit.create", content=content, subject=new):
        return first
    board, _rules = await the_board(session, for_update=True)
    await _check_name(session, kind, name, but=new)
    session.add(Unit(id=new, board_id=board.id, kind=kind, name=name))
    trail(session, "unit.create", new, order, kind=kind)
    return new


async def rename_unit(session: AsyncSession, unit_id: UUID, order: Order, *, name: str) -> UUID:
    """The same unit under another name."""
    content = {"id": unit_id, "name": name}
    if first := await earlier(session, order, name="unit.rename", content=content, subject=unit_id):
        return first
    await the_board(session, for_update=True)
    unit = await session.get_one(Unit, unit_id, with_for_update=True)
    unchanged("unit", order, now=unit.version)
    await _check_name(session, unit.kind, name, but=unit_id)
    unit.name = name
    trail(session, "unit.rename", unit_id, order)
    return unit_id


async def _check_name(session: AsyncSession, kind: UnitKind, name: str, *, but: UUID) -> None:
    if kind is UnitKind.HOUSEHOLD:
        return
    same = select(Unit.id).where(
        Unit.kind == kind, func.lower(Unit.name) == name.lower(), Unit.id != but
    )
    if await session.scalar(same.limit(1)):
        raise NameTaken
