"""Who stands behind an application: one id per address, minted once."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.domain import Application
from shared.sealed import Seals


async def person_of(
    session: AsyncSession, seals: Seals, application: Application, email: str | None
) -> tuple[UUID, str | None]:
    """The id under which this address is sealed here, and the address's keyed hash.

    Without an address everybody who applies is somebody new.
    """
    if email is None:
        return application.person_id or await seals.person(email=None), None
    address = seals.address_hash(email)
    known = await session.scalar(
        select(Application.person_id)
        .where(Application.email_hash == address, Application.person_id.is_not(None))
        .order_by(Application.id)
        .limit(1)
    )
    return known or await seals.person(email=email), address
