"""What the office decides about an address; every decision is audited, and can be taken back for an hour."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.bounces.consequences import suppress
from services.notifications.domain.bounce import IS_OPEN, Bounce, Why
from services.notifications.domain.letter import Suppression
from services.notifications.store import Audit
from shared.store import insert

LIFTED: Final = "suppression.lifted"
ADDED: Final = "suppression.added"
TICKED_OFF: Final = "unreachable.ticked_off"
UNDONE: Final = "unreachable.undone"

UNDO_WITHIN: Final = timedelta(hours=1)


class NothingThere(Exception):
    """The address is not in the state that was to be changed: somebody else was faster."""


async def lift(session: AsyncSession, address_hash: str, *, by: str, at: datetime) -> None:
    """Write there again; what came back until now counts no more. Raises NothingThere."""
    held = await session.get(Suppression, address_hash, with_for_update=True)
    if held is None:
        raise NothingThere
    before = {"reason": held.reason, "since": held.at.isoformat()}
    await session.delete(held)
    await _looked_at(session, address_hash, at=at)
    _audit(session, LIFTED, address_hash, by=by, at=at, **before)


async def add(session: AsyncSession, address_hash: str, *, by: str, at: datetime) -> bool:
    """Nothing goes there from now on; False if that was so already."""
    if not await suppress(session, address_hash, Why.OFFICE, at=at):
        return False
    await _looked_at(session, address_hash, at=at)
    _audit(session, ADDED, address_hash, by=by, at=at)
    return True


async def tick_off(session: AsyncSession, address_hash: str, *, by: str, at: datetime) -> None:
    """Taken care of, by phone or by post; the address is as before. Raises NothingThere."""
    if not await _looked_at(session, address_hash, at=at):
        raise NothingThere
    _audit(session, TICKED_OFF, address_hash, by=by, at=at)


async def undo(session: AsyncSession, address_hash: str, *, by: str, at: datetime) -> None:
    """As it was before the last decision. Raises NothingThere when that is too long ago."""
    last = await to_undo(session, address_hash, at=at)
    if last is None:
        raise NothingThere
    if last.action == LIFTED:
        since = datetime.fromisoformat(last.details["since"])
        row = {"address_hash": address_hash, "at": since, "reason": last.details["reason"]}
        await session.execute(insert(session, Suppression).values(row).on_conflict_do_nothing())
    if last.action == ADDED:
        ours = Suppression.address_hash == address_hash, Suppression.reason == Why.OFFICE
        await session.execute(delete(Suppression).where(*ours))
    then = update(Bounce).where(Bounce.address_hash == address_hash, Bounce.handled_at == last.at)
    await session.execute(then.values(handled_at=None))
    _audit(session, UNDONE, address_hash, by=by, at=at, what=last.action)


async def to_undo(session: AsyncSession, address_hash: str, *, at: datetime) -> Audit | None:
    """The last decision about the address, while it can be taken back."""
    said = select(Audit).where(
        Audit.subject == address_hash, Audit.action.in_((LIFTED, ADDED, TICKED_OFF, UNDONE))
    )
    last: Audit | None = await session.scalar(said.order_by(Audit.id.desc()).limit(1))
    if last is None or last.action == UNDONE or last.at < at - UNDO_WITHIN:
        return None
    return last


async def _looked_at(session: AsyncSession, address_hash: str, *, at: datetime) -> int:
    """How many reports that ticks off."""
    theirs = update(Bounce).where(Bounce.address_hash == address_hash, IS_OPEN)
    done = await session.execute(theirs.values(handled_at=at).returning(Bounce.id))
    return len(done.all())


def _audit(
    session: AsyncSession, action: str, address_hash: str, *, by: str, at: datetime, **details: str
) -> None:
    """The hash is a pseudonym only we can make; it stays as long as the list does."""
    session.add(Audit(at=at, actor=by, action=action, subject=address_hash, details=details))
