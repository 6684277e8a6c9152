"""How far a digest goes: settled once when it is due, so that it is the same for everybody."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from services.notifications.domain.subscription import Frequency
from services.notifications.journal import JournalHead, cursor_at
from services.notifications.store import Base
from shared.store import insert


class DigestRun(Base):
    """The latest digest of its frequency: when it was due, and the last cursor it tells."""

    __tablename__ = "digest_runs"

    frequency: Mapped[Frequency] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]
    upto: Mapped[int]


async def upto_of(session: AsyncSession, frequency: Frequency, due_at: datetime) -> int:
    """The last cursor that this digest tells; what came later, or late, is for the next one."""
    new = insert(session, DigestRun).values(
        frequency=frequency, due_at=due_at, upto=await cursor_at(session, due_at)
    )
    settled = new.on_conflict_do_update(
        index_elements=["frequency"],
        set_={"due_at": new.excluded.due_at, "upto": new.excluded.upto},
        where=DigestRun.due_at < new.excluded.due_at,
    )
    await session.execute(settled)
    run = select(DigestRun.upto).where(DigestRun.frequency == frequency)
    return (await session.scalars(run)).one()


async def present_cursor(session: AsyncSession) -> int:
    """The newest cursor; until the commit no letter about later news is written.

    Whoever changes between letters at once and a digest changes at one point of the journal.
    """
    locked = select(JournalHead.last).with_for_update()
    return await session.scalar(locked) or 0
