"""How a vote ends that nobody counts: called off, or because its item left the agenda."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.commands.ballots import count_secret
from services.meetings.domain.polls import Poll, PollStatus
from services.meetings.domain.room import ItemHours
from shared.events.meetings import Manner


async def void(session: AsyncSession, poll: Poll, *, at: datetime) -> None:
    """It does not count; what lies in a secret box is thrown away unread."""
    poll.close(PollStatus.VOID, at=at)
    if poll.manner is Manner.SECRET:
        await count_secret(session, None, poll, minimum=None)


async def end_polls(session: AsyncSession, item_ids: Sequence[UUID], *, at: datetime) -> None:
    """The items leave their agenda: a vote about one of them is off, and the board is past them."""
    running = select(Poll).where(Poll.item_id.in_(item_ids), Poll.status == PollStatus.OPEN)
    for poll in await session.scalars(running.with_for_update()):
        await void(session, poll, at=at)
    begun = ItemHours.item_id.in_(item_ids), ItemHours.finished_at.is_(None)
    await session.execute(update(ItemHours).where(*begun).values(finished_at=at))
