"""What the office decides about a letter, or about many; every decision is audited with each of them."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.domain.letter import Letter, Reason, State, Suppression
from services.notifications.store import Audit
from shared.store import RINGS

SUPPRESSED: Final = exists().where(Suppression.address_hash == Letter.address_hash)
IN_TROUBLE: Final = Letter.state.in_((State.FAILED, State.UNKNOWN))
STILL_HERE: Final = Letter.state.in_((State.QUEUED, State.DEFERRED))
WITHOUT_SYNC: Final = {"synchronize_session": False}


async def send_again(session: AsyncSession, letter_id: UUID, *, by: str, at: datetime) -> None:
    """Try once more with the same Message-ID, even to an address held back until now.

    Raises IllegalMove unless it failed or is unknown, TooLate once its time is over or it is untrue.
    """
    letter = await _letter(session, letter_id)
    before = letter.state
    letter.send_again(at=at)
    held = delete(Suppression).where(Suppression.address_hash == letter.address_hash)
    await session.execute(held)
    _audit(session, "letter.sent_again", letter, by=by, at=at, before=before)
    session.info[RINGS] = True


async def stop(session: AsyncSession, letter_id: UUID, *, by: str, at: datetime) -> None:
    """It is not to go out; raises IllegalMove if it is under way or gone already."""
    letter = await _letter(session, letter_id)
    before = letter.state
    letter.stop()
    _audit(session, "letter.stopped", letter, by=by, at=at, before=before)


async def tick_off(session: AsyncSession, letter_id: UUID, *, by: str, at: datetime) -> None:
    """Taken care of by phone or post: off the list, the state stays."""
    letter = await _letter(session, letter_id)
    letter.tick_off(at=at)
    _audit(session, "letter.ticked_off", letter, by=by, at=at, before=letter.state)


def may_again(at: datetime) -> ColumnElement[bool]:
    """Of many only what failed, still holds, and goes to an address that takes letters.

    What is unknown may have arrived: that is decided one by one.
    """
    true = and_(Letter.expires_at > at, Letter.reason.is_distinct_from(Reason.NEWER))
    return and_(Letter.state == State.FAILED, true, ~SUPPRESSED)


def may_tick_off(_at: datetime) -> ColumnElement[bool]:
    return and_(IN_TROUBLE, Letter.handled_at.is_(None))


def may_stop(_at: datetime) -> ColumnElement[bool]:
    return STILL_HERE


async def send_many_again(
    session: AsyncSession, chosen: ColumnElement[bool], *, by: str, at: datetime
) -> int:
    """Each once more on a fresh schedule; how many those are."""
    fresh = {"state": State.QUEUED, "due_at": at, "tries": 0, "losses": 0}
    nobodys = {"claim": None, "lease_until": None, "handled_at": None}
    which, values = and_(chosen, may_again(at)), fresh | nobodys
    session.info[RINGS] = True
    return await _change(session, which, values, action="letter.sent_again", by=by, at=at)


async def stop_many(
    session: AsyncSession, chosen: ColumnElement[bool], *, by: str, at: datetime
) -> int:
    """None of those that wait goes out; what is under way is not stopped."""
    held = {"state": State.SUPPRESSED, "reason": Reason.OFFICE, "claim": None}
    which = and_(chosen, may_stop(at))
    return await _change(session, which, held, action="letter.stopped", by=by, at=at)


async def tick_many_off(
    session: AsyncSession, chosen: ColumnElement[bool], *, by: str, at: datetime
) -> int:
    """All of them taken care of another way."""
    which = and_(chosen, may_tick_off(at))
    done = {"handled_at": at}
    return await _change(session, which, done, action="letter.ticked_off", by=by, at=at)


async def _change(
    session: AsyncSession,
    chosen: ColumnElement[bool],
    values: dict[str, Any],
    *,
    action: str,
    by: str,
    at: datetime,
) -> int:
    """A handful of statements for any number of letters; senders at work keep what they hold."""
    free = select(Letter.id, Letter.kind, Letter.state).where(chosen)
    rows = (await session.execute(free.with_for_update(skip_locked=True))).all()
    if not rows:
        return 0
    still = [row.id for row in rows]
    changed = 0
    for start in range(0, len(still), 1_000):
        some = update(Letter).where(Letter.id.in_(still[start : start + 1_000]))
        done: Any = await session.execute(some.values(**values), execution_options=WITHOUT_SYNC)
        changed += done.rowcount
    said = {"at": at, "actor": by, "action": action}
    audits = [
        said | {"subject": str(row.id), "details": {"kind": row.kind, "before": str(row.state)}}
        for row in rows
    ]
    await session.execute(insert(Audit), audits)
    return changed


async def _letter(session: AsyncSession, letter_id: UUID) -> Letter:
    """As it is now, ours until the commit, whatever this session read of it before."""
    return await session.get_one(Letter, letter_id, with_for_update=True, populate_existing=True)


def _audit(
    session: AsyncSession, action: str, letter: Letter, *, by: str, at: datetime, before: str
) -> None:
    details = {"kind": letter.kind, "before": str(before)}
    session.add(Audit(at=at, actor=by, action=action, subject=str(letter.id), details=details))
