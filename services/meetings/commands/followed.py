"""Taking in what became of a decision."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.commands.agenda import lock_agendas
from services.meetings.domain.followed import Followed
from shared.events.base import Event


async def follow(session: AsyncSession, application_id: UUID, event: Event) -> None:
    """Note where the decision stands now; late, early and repeated words change nothing they should not."""
    await lock_agendas(session)
    known = await session.get(Followed, application_id, populate_existing=True)
    if known is None:
        known = Followed.begin(application_id, event)
        session.add(known)
    known.hear(event)
    await session.flush()
