"""Hearing that something was committed: in this process by the bell, from others by NOTIFY."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg
from sqlalchemy import make_url

from shared.bell import CHANNEL
from shared.loops import end, rest
from shared.store import Database

AGAIN_AFTER: Final = 1.0
FOR_EVER: Final = 10.0**9

log = logging.getLogger(__name__)


@asynccontextmanager
async def listening(db: Database) -> AsyncIterator[asyncio.Event]:
    """An event set by every ring for this database; a deaf listener is only slower."""
    rung = db.bell.listen()
    ears = asyncio.create_task(_hear(db.url, rung)) if db.dialect == "postgresql" else None
    try:
        yield rung
    finally:
        db.bell.leave(rung)
        if ears is not None:
            await end(ears)


async def _hear(url: str, rung: asyncio.Event) -> None:
    """Hold one connection that listens; a lost one is made again, the slow poll bridges it."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)

    def notified(*_: Any) -> None:
        rung.set()

    while True:
        try:
            connection = await asyncpg.connect(plain)
            try:
                closed = asyncio.Event()
                connection.add_termination_listener(lambda _, closed=closed: closed.set())
                await connection.add_listener(CHANNEL, notified)
                rung.set()
                await rest(FOR_EVER, closed)
            finally:
                await connection.close(timeout=2)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as lost:
            log.warning("no NOTIFY until the database answers: %s", type(lost).__name__)
        await rest(AGAIN_AFTER)
