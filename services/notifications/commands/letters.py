"""What the office decides about a letter; every decision is audited with it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.domain.letter import Letter, Suppression
from services.notifications.store import Audit
from shared.store import RINGS


async def send_again(session: AsyncSession, letter_id: UUID, *, by: str, at: datetime) -> None:
    """Try once more with the same Message-ID, even to an address held back until now.

    Raises IllegalMove unless it failed or is unknown, TooLate once its time is over.
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


async def _letter(session: AsyncSession, letter_id: UUID) -> Letter:
    return await session.get_one(Letter, letter_id, with_for_update=True)


def _audit(
    session: AsyncSession, action: str, letter: Letter, *, by: str, at: datetime, before: str
) -> None:
    details = {"kind": letter.kind, "before": str(before)}
    session.add(Audit(at=at, actor=by, action=action, subject=str(letter.id), details=details))
