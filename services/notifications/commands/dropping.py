"""What is not kept any longer: orders nobody confirmed, proofs long over, and the keys of both."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.domain.subscription import Consent, Status, Subscription
from services.notifications.letters.queue import redact
from services.notifications.store import PERSONAL, Timer
from shared.days import local_day, start_of_day
from shared.service import Service
from shared.store import scrub_after
from shared.timers import set_timer

TRACES_OVER: Final = "subscriber_traces_over"
"""The timer after which what was deleted in a day is taken out of the files, too."""

SMALL_HOURS: Final = timedelta(hours=3)
"""After midnight: whole tables are locked then."""


async def drop_unconfirmed(
    session: AsyncSession, service: Service, consent_id: UUID, *, at: datetime
) -> None:
    """Nobody said yes in time: the question goes, and with the last one the address."""
    consent = await session.get(Consent, consent_id, with_for_update=True)
    if consent is None or consent.confirmed_at is not None:
        return
    subscription = await session.get_one(
        Subscription, consent.subscription_id, with_for_update=True
    )
    await session.delete(consent)
    await session.flush()
    others = select(func.count()).where(Consent.subscription_id == subscription.id)
    if subscription.status == Status.REQUESTED and not await session.scalar(others):
        await _drop(session, service, subscription, at=at)


async def drop_proof(
    session: AsyncSession, service: Service, subscription_id: UUID, *, at: datetime
) -> None:
    """The subscription is long over: its proof goes too, and what was written to its address."""
    subscription = await session.get(Subscription, subscription_id, with_for_update=True)
    if subscription is not None and subscription.status == Status.ENDED:
        await _drop(session, service, subscription, at=at)


async def drop_traces(session: AsyncSession, service: Service) -> None:
    """Once for all that was deleted."""
    await service.seals.db.scrub("people")
    scrub_after(session, *PERSONAL)


async def _drop(
    session: AsyncSession, service: Service, subscription: Subscription, *, at: datetime
) -> None:
    """Its letters are emptied with it, and its key goes: the id is nobody else's.

    The key goes last, before the commit: cut off between the two, the timer comes again.
    """
    person_id = subscription.person_id
    await redact(session, [person_id])
    await session.delete(subscription)
    day = local_day(at) + timedelta(days=1)
    night = start_of_day(day) + SMALL_HOURS
    await set_timer(session, Timer, kind=TRACES_OVER, subject=day.isoformat(), due_at=night)
    await session.flush()
    await service.seals.forget([person_id])
