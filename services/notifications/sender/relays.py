"""A mail server that shuts us out is left alone for a while, by every sender alike."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.domain.sending import Relay
from services.notifications.sender.schedule import Answer
from shared.settings import Settings
from shared.store import insert

PAUSES: Final = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 30, 60))
"""After the first, second, … time in a row; wrong passwords tried too often lock an account."""


def name_of(settings: Settings) -> str:
    """The relay as the office knows it."""
    return f"{settings.smtp_host}:{settings.smtp_port}"


async def stopped(session: AsyncSession, settings: Settings, *, at: datetime) -> Relay | None:
    """Why nothing is tried now, or None."""
    chosen = select(Relay).where(Relay.name == name_of(settings), Relay.stopped_until > at)
    found: Relay | None = await session.scalar(chosen)
    return found


async def stop(session: AsyncSession, settings: Settings, answer: Answer, *, at: datetime) -> None:
    """530 or 535: nothing more for a while; several senders that hear it at once stop it once."""
    name = name_of(settings)
    first = {"name": name, "stopped_until": at, "stops": 0, "answer": "", "at": at}
    await session.execute(insert(session, Relay).values(first).on_conflict_do_nothing())
    relay = await session.get_one(Relay, name, with_for_update=True, populate_existing=True)
    if relay.stops and relay.stopped_until > at:
        return
    relay.stopped_until = at + PAUSES[min(relay.stops, len(PAUSES) - 1)]
    relay.stops, relay.at = relay.stops + 1, at
    relay.code, relay.answer = answer.code, answer.text


async def works(session: AsyncSession, settings: Settings) -> None:
    """It took a letter: forget what was."""
    await session.execute(delete(Relay).where(Relay.name == name_of(settings)))
