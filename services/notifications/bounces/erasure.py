"""What servers said about letters to an erased person: it can hold their address."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.domain.bounce import Bounce
from services.notifications.domain.letter import Letter
from services.notifications.domain.subscription import Subscription

BLANK: Final = {"diagnostic": "", "address_hash": ""}


async def blank(session: AsyncSession, person_ids: Collection[UUID]) -> None:
    """Only that something came back stays, and when; call it while their subscriptions still stand."""
    letters = select(Letter.id).where(Letter.person_id.in_(person_ids))
    addresses = select(Subscription.address_hash).where(Subscription.person_id.in_(person_ids))
    theirs = or_(
        and_(Bounce.number == 0, Bounce.about.in_(letters)),
        and_(Bounce.number > 0, Bounce.address_hash.in_(addresses)),
    )
    await session.execute(update(Bounce).where(theirs).values(**BLANK))


async def blank_address(session: AsyncSession, address_hash: str) -> None:
    """The same for all that ever came back from an address, whoever had it."""
    theirs = update(Bounce).where(Bounce.address_hash == address_hash)
    await session.execute(theirs.values(**BLANK))
