"""Telling digests when they are due: so many readers a transaction, each told once, none left out.

A reader's cursor moves in the transaction that writes their digest. A process that dies in between
has done both or neither; a worker that comes late tells what the missed digests would have told.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.digests.runs import upto_of
from services.notifications.digests.times import STEP, last_due
from services.notifications.digests.writing import Due, write_digests
from services.notifications.domain.subscription import Frequency, Status, Subscription
from shared.loops import rest
from shared.outages import again_if_unlucky
from shared.service import Service

LOOK_SECONDS: Final = 30.0
AT_A_TIME: Final = 1_000


async def run_digests(service: Service) -> None:
    """The worker's loop."""
    while True:
        await tell_due(service)
        await rest(LOOK_SECONDS)


async def tell_due(service: Service) -> int:
    """Everything that is due by now; for how many readers it was looked at."""
    looked = 0
    for frequency in STEP:
        while some := await _tell_some(service, frequency):
            looked += some
    return looked


async def _tell_some(service: Service, frequency: Frequency) -> int:
    due_at, looked = last_due(frequency, service.clock.now()), 0

    async def tell() -> None:
        nonlocal looked
        async with service.db.begin("timer") as session:
            looked = await _tell(session, service, frequency, due_at)

    await again_if_unlucky(tell)
    return looked


async def _tell(
    session: AsyncSession, service: Service, frequency: Frequency, due_at: datetime
) -> int:
    upto = await upto_of(session, frequency, due_at)
    behind = select(Subscription).where(
        Subscription.frequency == frequency,
        Subscription.digest_cursor < upto,
        Subscription.status == Status.CONFIRMED,
    )
    chosen = behind.order_by(Subscription.digest_cursor, Subscription.id).limit(AT_A_TIME)
    readers = (await session.scalars(chosen.with_for_update(skip_locked=True))).all()
    if not readers:
        return 0
    cause = Due(frequency=frequency, at=due_at)
    await write_digests(session, service, readers, frequency=frequency, upto=upto, cause=cause)
    ids = [reader.id for reader in readers]
    told = update(Subscription).where(Subscription.id.in_(ids)).values(digest_cursor=upto)
    await session.execute(told, execution_options={"synchronize_session": False})
    return len(readers)
