"""Whose fault an error is: the event's, the database's or Redis's."""

import random
import traceback
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

from redis.exceptions import (
    BusyLoadingError,
    OutOfMemoryError,
    ReadOnlyError,
    TryAgainError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError

REDIS_AWAY: Final = (
    RedisConnectionError,
    RedisTimeoutError,
    BusyLoadingError,
    OutOfMemoryError,
    ReadOnlyError,
    TryAgainError,
)
"""Redis cannot answer now; it is disposable, so one waits and goes on."""

PAUSES: Final = (1, 5, 30, 120, 600, 3600, 21600)
"""Seconds before each further attempt at something that failed."""

THE_STATEMENTS_FAULT: Final = frozenset({"0A", "21", "22", "23", "2B", "42", "44", "P0"})
"""Classes of SQLSTATE that say: again would fail again."""


def blames_database(error: BaseException) -> bool:
    """The database or the way to it failed, not the statement: nothing may be parked for it."""
    if not isinstance(error, DBAPIError) or isinstance(error, IntegrityError):
        return False
    if error.connection_invalidated or isinstance(error, InterfaceError):
        return True
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return state[:2] not in THE_STATEMENTS_FAULT
    return isinstance(error, OperationalError) or type(error) is DBAPIError


async def again_if_unlucky(transaction: Callable[[], Awaitable[None]], *, times: int = 3) -> None:
    """Run a transaction once more when the database chose it as the victim of a collision."""
    for left in reversed(range(times)):
        try:
            return await transaction()
        except DBAPIError as error:
            state = getattr(error.orig, "sqlstate", None) or ""
            unlucky = state.startswith("40") or "database is locked" in str(error.orig)
            if not (unlucky and left):
                raise
    raise AssertionError("the last attempt returns or raises")


def waited_too_long(error: DBAPIError) -> bool:
    """PostgreSQL's lock_timeout: somebody else holds the row for longer than we want to wait."""
    return getattr(error.orig, "sqlstate", None) == "55P03"


def next_attempt(attempts: int, now: datetime) -> datetime | None:
    """When to try again after so many attempts (± 20 %); None when it is time for a person."""
    if attempts > len(PAUSES):
        return None
    return now + timedelta(seconds=PAUSES[attempts - 1] * random.uniform(0.8, 1.2))  # noqa: S311 - no secret


def place(error: BaseException) -> str:
    """Kind and place of an error without its message, which could hold personal data."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename] or list(frames)
    kind = type(error).__qualname__
    if not ours:
        return kind
    last = ours[-1]
    file = "/".join(last.filename.split("/")[-3:])
    return f"{kind} in {file}:{last.lineno} {last.name}"
