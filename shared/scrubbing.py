"""Deleted is not yet gone: taking deleted rows out of a database's files."""

import asyncio
import logging
from typing import Any, Final, cast

import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection

ATTEMPTS: Final = 20
PAUSE: Final = 0.1

log = logging.getLogger(__name__)


async def scrub_sqlite(connection: AsyncConnection) -> None:
    """`secure_delete` has overwritten the pages; move them from the log and empty it."""
    raw = await connection.get_raw_connection()
    driver = cast("Any", raw.driver_connection)
    async with driver.execute("PRAGMA wal_checkpoint(TRUNCATE)") as answer:
        [busy, *_] = await answer.fetchone()
    if busy:
        log.warning("a reader keeps deleted rows in the log until the next time")


async def scrub_postgresql(connection: AsyncConnection, *tables: str) -> None:
    """Write the tables anew without what was deleted, again while some snapshot still needs it."""
    await connection.execution_options(isolation_level="AUTOCOMMIT")
    raw = await connection.get_raw_connection()
    driver = cast(asyncpg.Connection, raw.driver_connection)
    said: list[str] = []

    def listen(_: Any, message: Any) -> None:
        said.append(message.detail or "")

    driver.add_log_listener(listen)
    try:
        for table in tables:
            await _until_nothing_stays(connection, table, said)
    finally:
        driver.remove_log_listener(listen)


async def _until_nothing_stays(connection: AsyncConnection, table: str, said: list[str]) -> None:
    """A transaction of anybody on this server, however short, can keep rows from being dropped."""
    for _ in range(ATTEMPTS):
        said.clear()
        await connection.exec_driver_sql(f'VACUUM (FULL, VERBOSE) "{table}"')
        if not any(detail[:1].isdigit() and int(detail.split()[0]) for detail in said):
            return
        await asyncio.sleep(PAUSE)
    log.warning("a long transaction keeps deleted rows of %s until the next time", table)
