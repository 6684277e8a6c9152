"""What every test can ask for: real Redis, real PostgreSQL and SQLite, a real SMTP server."""

import gc
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, cast

import pytest
from redis.asyncio import Redis

from deploy.valkey import Valkey
from tests.support.databases import Databases, Dialect, PostgresDatabases, SqliteDatabases
from tests.support.mailbox import Mailbox
from tests.support.migrations import migrate
from tests.support.postgres import Postgres

if TYPE_CHECKING:
    from shared.clock import SetClock
    from tests.support.services import Services

POSTGRES: Final = pytest.StashKey[Postgres]()

MEMORY: Final = Path("/dev/shm")
ROOM: Final = 8 * 1024**3
"""Bytes: several times what all databases of a run come to."""


def pytest_configure(config: pytest.Config) -> None:
    """With several workers the run owns one PostgreSQL, and each worker is told where."""
    _use_memory()
    several = config.getoption("numprocesses", None)
    if several and not hasattr(config, "workerinput") and "TEST_POSTGRES_URL" not in os.environ:
        server = Postgres().start()
        config.stash[POSTGRES] = server
        os.environ["TEST_POSTGRES_URL"] = server.url()


def _use_memory() -> None:
    """Databases of tests live for seconds: in memory they take two thirds of the time; TMPDIR wins."""
    if "TMPDIR" in os.environ or not MEMORY.is_dir():
        return
    no_programs = os.statvfs(MEMORY).f_flag & os.ST_NOEXEC
    if not no_programs and shutil.disk_usage(MEMORY).free >= ROOM:
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None


def pytest_unconfigure(config: pytest.Config) -> None:
    server = config.stash.get(POSTGRES, None)
    if server is not None:
        server.remove()


def pytest_collection_finish() -> None:
    """Thousands of tests and all modules stay to the end: the collector need not look through them."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> str:
    """A name no other test process of this run has."""
    name = getattr(request.config, "workerinput", {}).get("workerid", "main")
    return f"t{os.getpid()}_{name}"


@pytest.fixture(scope="session")
def valkey() -> Iterator[Valkey]:
    """This worker's own server, shared by its tests; a test that kills one starts its own."""
    with TemporaryDirectory(prefix="sb-redis-") as folder:
        server = Valkey(Path(folder), appendfsync="never").start()
        yield server
        server.stop()


@pytest.fixture
def redis_url(valkey: Valkey) -> str:
    """An empty Redis."""
    with valkey.client() as client:
        client.flushall()
    return valkey.url


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    client = Redis.from_url(redis_url)
    yield client
    await client.aclose()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The maintenance database of the server for this run."""
    if url := os.environ.get("TEST_POSTGRES_URL"):
        yield url
        return
    server = Postgres().start()
    yield server.url()
    server.remove()


@pytest.fixture(scope="session")
def sqlite_databases() -> Iterator[SqliteDatabases]:
    with TemporaryDirectory(prefix="sb-sqlite-") as folder:
        yield SqliteDatabases(Path(folder), migrate)


@pytest.fixture(scope="session")
def postgres_databases(postgres_url: str, worker: str) -> PostgresDatabases:
    return PostgresDatabases(postgres_url, worker, migrate)


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> Dialect:
    """Asking for this, or for anything below, runs the test once on each database."""
    return cast(Dialect, request.param)


@pytest.fixture
async def databases(dialect: Dialect, request: pytest.FixtureRequest) -> AsyncIterator[Databases]:
    """`.dialect`, `await .empty() -> url`, `await .fresh("meetings") -> url`; removed after the test."""
    kind = "sqlite_databases" if dialect == "sqlite" else "postgres_databases"
    databases = cast(Databases, request.getfixturevalue(kind))
    yield databases
    await databases.remove_all()


@pytest.fixture
def fresh_database(databases: Databases) -> Callable[[str], Awaitable[str]]:
    """`await fresh_database("applications") -> url`, migrated; also "keys", the sealing keys."""
    return databases.fresh


@pytest.fixture
async def database_url(databases: Databases) -> str:
    """An empty database, without a table."""
    return await databases.empty()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """An SMTP server on `mailbox.host`, `mailbox.port`; `mailbox.answer("421", "drop")` says how."""
    mailbox = Mailbox()
    mailbox.controller.start()
    yield mailbox
    mailbox.controller.stop()


@pytest.fixture
def clock() -> "SetClock":
    """Monday, 2 March 2026, 10:00 in Berlin, until the test moves it."""
    from shared.clock import SetClock

    return SetClock(datetime(2026, 3, 2, 9, tzinfo=UTC))


@pytest.fixture
async def services(
    databases: Databases, redis_url: str, mailbox: Mailbox, clock: "SetClock", tmp_path: Path
) -> AsyncIterator["Services"]:
    """The three services on fresh databases: `services.meetings` and so on, one clock for all."""
    from tests.support.services import open_services

    async with open_services(
        databases, redis_url=redis_url, mailbox=mailbox, clock=clock, files=tmp_path
    ) as opened:
        yield opened
