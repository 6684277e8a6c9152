"""The database away: a sender with answers in hand waits for it instead of dying with them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, TypeVar

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from shared.outages import THE_STATEMENTS_FAULT, blames_database

LONGEST_PAUSE: Final = 5.0

AWAY: Final = (
    DBAPIError,
    NoConnectionFree,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    OSError,
    TimeoutError,
)
"""What it can look like; `is_away` tells it from a fault of ours."""

T = TypeVar("T")
log = logging.getLogger(__name__)


def is_away(error: Exception) -> bool:
    """Whether the same again may succeed."""
    if isinstance(error, DBAPIError):
        return blames_database(error)
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "")[:2] not in THE_STATEMENTS_FAULT
    return isinstance(error, AWAY)


async def until_done(
    work: Callable[[], Awaitable[T]], *, between: Callable[[], Awaitable[None]] | None = None
) -> T:
    """Do it, again and again while the database is away; it has to bear being done twice."""
    pause = 0.1
    while True:
        try:
            return await work()
        except AWAY as error:
            if not is_away(error):
                raise
            log.warning("database away, answers are kept: %s", type(error).__name__)
        if between is not None:
            with suppress(*AWAY):  # it only throws away what is broken already
                await between()
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)
