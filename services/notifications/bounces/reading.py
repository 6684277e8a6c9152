"""One message that came back: understood, and what follows committed, or left to a person."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.exc import TimeoutError as NoConnectionFree

from services.notifications.bounces import consequences, reports
from services.notifications.bounces.consequences import Taken
from services.notifications.bounces.reports import Kind
from services.notifications.sender.schedule import without_addresses
from shared.outages import again_if_unlucky, blames_database
from shared.service import Service

log = logging.getLogger(__name__)


async def handle(service: Service, raw: bytes, *, sent_to: Sequence[str] = ()) -> Taken:
    """`sent_to` is what the envelope said, where it is known; the same message again is harmless."""
    report = await asyncio.to_thread(reports.read, raw)
    report = replace(report, sent_to=(*sent_to, *report.sent_to))
    taken = Taken.NOT_UNDERSTOOD

    async def transaction() -> None:
        nonlocal taken
        async with service.db.begin("consume") as session:
            taken = await consequences.take(session, service, report, at=service.clock.now())

    if report.kind is not Kind.UNREADABLE:
        await again_if_unlucky(transaction)
    if taken is Taken.NOT_UNDERSTOOD:
        log.warning(
            "a %s without a letter of ours: %s",
            report.kind,
            without_addresses(report.message_id or ""),
        )
    return taken


def database_away(error: BaseException) -> bool:
    """Nothing is wrong with the message: again later will do."""
    return blames_database(error) or isinstance(error, (OSError, NoConnectionFree))
