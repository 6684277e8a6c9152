"""Databases: one way to open them, one way to begin, and the tables every service has."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Literal, cast
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Connection,
    DateTime,
    Dialect,
    Enum,
    Integer,
    Uuid,
    event,
    make_url,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.types import TypeDecorator, TypeEngine

from shared.bell import CHANNEL, bell_of
from shared.crashpoints import reached
from shared.rows import (
    AuditRow,
    InboxRow,
    LeaseRow,
    OutboxRow,
    ParkedRow,
    StreamStateRow,
    Tables,
    TimerRow,
)
from shared.scrubbing import scrub_postgresql, scrub_sqlite

__all__ = [
    "NAMING",
    "TYPES",
    "AuditRow",
    "Database",
    "InboxRow",
    "LeaseRow",
    "OutboxRow",
    "ParkedRow",
    "StreamStateRow",
    "Tables",
    "TimerRow",
    "UTCDateTime",
    "connect",
    "insert",
    "scrub_after",
]

NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Names of constraints and indexes, so that migrations can speak of them."""

RINGS: Final = "rings the bell"
"""Key in `session.info`: this transaction left something to tell."""

SCRUBS: Final = "scrubs these tables"
"""Key in `session.info`: what this transaction overwrote must not live on in the files."""

Step = Literal["command", "relay", "consume", "timer"]


class UTCDateTime(TypeDecorator[datetime]):
    """An aware instant in UTC on every database; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored instant needs a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _words(words: type[StrEnum]) -> list[str]:
    return [word.value for word in words]


WHOLE: Final = BigInteger().with_variant(Integer, "sqlite")
ANY_JSON: Final[TypeEngine[Any]] = JSON().with_variant(postgresql.JSONB(), "postgresql")

TYPES: Final[dict[Any, Any]] = {
    int: WHOLE,
    datetime: UTCDateTime(),
    UUID: Uuid(),
    StrEnum: Enum(StrEnum, native_enum=False, length=40, values_callable=_words),
    dict[str, Any]: ANY_JSON,
    list[Any]: ANY_JSON,
    list[str]: ANY_JSON,
    list[dict[str, Any]]: ANY_JSON,
}
"""For `Base.type_annotation_map`: what a Python type is in every one of our databases."""


class Database:
    """One service's database; only entry points and loops begin transactions on it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.dialect = make_url(url).get_backend_name()
        if self.dialect == "sqlite":
            self.engine, self._reading = _sqlite(url, reading=False), _sqlite(url, reading=True)
        else:
            self.engine = _postgresql(url)
            self._reading = self.engine.execution_options(postgresql_readonly=True)
        self.bell = bell_of(url)

    @asynccontextmanager
    async def begin(self, step: Step = "command") -> AsyncIterator[AsyncSession]:
        """A writing transaction: commits at the end, or leaves nothing behind."""
        async with AsyncSession(self.engine, expire_on_commit=False) as session:
            async with session.begin():
                yield session
                await session.flush()
                if session.info.get(RINGS) and self.dialect == "postgresql":
                    await session.execute(text(f"NOTIFY {CHANNEL}"))
                reached(f"{step}.before_commit")
            reached(f"{step}.after_commit")
            if session.info.get(RINGS):
                self.bell.ring()
        if tables := session.info.get(SCRUBS):
            await self.scrub(*sorted(tables))

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A reading transaction: sees one state, waits for no writer; writing in it fails."""
        async with AsyncSession(self._reading, expire_on_commit=False) as session, session.begin():
            yield session

    async def scrub(self, *tables: str) -> None:
        """Take what was deleted out of the files too; on PostgreSQL these tables are locked meanwhile."""
        async with self.engine.connect() as connection:
            if self.dialect == "sqlite":
                await scrub_sqlite(connection)
            else:
                await scrub_postgresql(connection, *tables)

    async def dispose(self) -> None:
        """Close every connection."""
        await self.engine.dispose()
        if self.dialect == "sqlite":
            await self._reading.dispose()


def connect(url: str) -> Database:
    """Open `postgresql+asyncpg://…` or `sqlite+aiosqlite:///file`; nothing is sent before first use."""
    return Database(url)


def _postgresql(url: str) -> AsyncEngine:
    return create_async_engine(url, hide_parameters=True, pool_size=5, max_overflow=10)


def _sqlite(url: str, *, reading: bool) -> AsyncEngine:
    """SQLite as a server-side database: every statement inside a transaction we began ourselves."""
    path = make_url(url).database
    if not path or path == ":memory:":
        raise ValueError("SQLite needs a file: writers and readers have connections of their own")
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(
        url, hide_parameters=True, connect_args={"isolation_level": None, "timeout": 10}
    )
    pragmas = (
        "busy_timeout = 10000",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "secure_delete = ON",
        *(("query_only = ON",) if reading else ()),
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def scrub_after(session: AsyncSession, *tables: str) -> None:
    """Once the caller's transaction commits, take what it overwrote out of the files as well."""
    session.info.setdefault(SCRUBS, set()).update(tables)


def insert(session: AsyncSession, table: type[Any]) -> "postgresql.Insert":
    """This database's own INSERT, for `on_conflict_do_nothing` and `on_conflict_do_update`."""
    if session.get_bind().dialect.name == "sqlite":
        return cast("postgresql.Insert", sqlite.insert(table))
    return postgresql.insert(table)
