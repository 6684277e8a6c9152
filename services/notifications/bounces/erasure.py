"""What servers said about letters to an erased person: it can hold their address."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.domain.bounce import Bounce
from services.notifications.domain.letter import Letter
from services.notifications.domain.subscription import Subscription


async def blank(session: AsyncSession, person_ids: Collection[UUID]) -> None:
    """Only that something came back stays, and when; call it while their subscriptions still stand."""
    letters = select(Letter.id).where(Letter.person_id.in_(person_ids))
    addresses = select(Subscription.address_hash).where(Subscription.person_id.in_(person_ids))
    theirs = or_(
        and_(Bounce.number == 0, Bounce.about.in_(letters)),
        and_(Bounce.number > 0, Bounce.address_hash.in_(addresses)),
    )
    await session.execute(update(Bounce).where(theirs).values(diagnostic="", address_hash=""))
