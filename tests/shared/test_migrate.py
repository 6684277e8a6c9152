"""Migrations: a database brought to its schema is what the classes say, on both databases."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Column, Connection, MetaData, Table, func, select, text

from scripts.files import ROOT
from shared.migrate import SCHEMAS, differences, downgrade, upgrade
from shared.settings import SERVICES
from shared.store import connect
from tests.support.databases import Databases
from tests.support.services import SECRET_KEY

READ_BY_MIGRATIONS = {"funds"}
"""A row of these has to make sense to a later migration."""


@pytest.mark.parametrize("schema", SCHEMAS)
async def test_migrations_make_what_the_classes_say(databases: Databases, schema: str) -> None:
    url = await databases.empty()
    await upgrade(schema, url)
    await upgrade(schema, url)
    assert await differences(schema, url) == []


@pytest.mark.parametrize("schema", SERVICES)
async def test_migrations_can_be_taken_back(databases: Databases, schema: str) -> None:
    url = await databases.empty()
    await upgrade(schema, url)
    await downgrade(schema, url, "base")
    await upgrade(schema, url)
    assert await differences(schema, url) == []


@pytest.mark.parametrize("schema", SERVICES)
async def test_later_migrations_keep_what_is_there(databases: Databases, schema: str) -> None:
    """A row in every table of every earlier version, children with their parents."""
    revisions = [one.stem.split("_")[0] for one in sorted(_versions(schema))]
    url = await databases.empty()
    for revision in revisions:
        await upgrade(schema, url, revision)
        before = await _fill(url)
        await upgrade(schema, url, next_of(revisions, revision))
        after = await _counts(url)
        lost = {table for table, count in before.items() if after.get(table, 0) < count}
        assert not lost, f"{revision} and the next lose rows"
    assert await differences(schema, url) == []


def _versions(schema: str) -> list[Path]:
    return list((ROOT / f"services/{schema}/migrations/versions").glob("0*.py"))


def next_of(revisions: list[str], revision: str) -> str:
    place = revisions.index(revision) + 1
    return revisions[place] if place < len(revisions) else "head"


async def _fill(url: str) -> dict[str, int]:
    """One row in each table that has none; the counts afterwards."""
    db = connect(url)
    async with db.engine.begin() as connection:
        counts = await connection.run_sync(_fill_tables)
    await db.dispose()
    return counts


async def _counts(url: str) -> dict[str, int]:
    db = connect(url)
    async with db.engine.begin() as connection:
        counts = await connection.run_sync(_count_tables)
    await db.dispose()
    return counts


def _fill_tables(connection: Connection) -> dict[str, int]:
    tables = MetaData()
    tables.reflect(connection)
    for table in tables.sorted_tables:
        known = connection.scalar(select(func.count()).select_from(table))
        if not known and table.name not in READ_BY_MIGRATIONS:
            connection.execute(table.insert().values(_row(connection, table)))
    return _count_tables(connection)


def _count_tables(connection: Connection) -> dict[str, int]:
    tables = MetaData()
    tables.reflect(connection)
    return {
        table.name: connection.scalar(select(func.count()).select_from(table)) or 0
        for table in tables.sorted_tables
    }


def _row(connection: Connection, table: Table) -> dict[str, Any]:
    """Something for every column that must not be empty; a parent's key where there is one."""
    row: dict[str, Any] = {}
    for column in table.columns:
        if column.nullable or (column.server_default is not None):
            continue
        if column.foreign_keys:
            parent = next(iter(column.foreign_keys)).column
            row[column.name] = connection.scalar(select(parent).limit(1))
        else:
            row[column.name] = _something(column)
    return row


def _something(column: Column[Any]) -> Any:
    now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    kind = str(column.type).upper()
    return next((value for part, value in by_type(now) if part in kind), "x")


def by_type(now: datetime) -> list[tuple[str, Any]]:
    """The first part of a type's name that fits decides."""
    return [
        ("UUID", UUID(int=1)),
        ("CHAR(32)", UUID(int=1).hex),
        ("BOOL", False),
        ("INT", 0),
        ("DOUBLE", 0.0),
        ("FLOAT", 0.0),
        ("TIME", now),
        ("DATE", now.date()),
        ("JSON", {}),
        ("BLOB", b"x"),
        ("BYTEA", b"x"),
    ]


async def test_a_missing_column_is_seen(databases: Databases) -> None:
    url = await databases.empty()
    await upgrade("keys", url)
    db = connect(url)
    async with db.begin() as session:
        await session.execute(text("ALTER TABLE erasures DROP COLUMN erased_at"))
    await db.dispose()
    assert await differences("keys", url) != []


async def test_the_commands_of_the_machine_room_work(databases: Databases, redis_url: str) -> None:
    urls = {name: await databases.empty() for name in (*SERVICES, "keys")}
    environment = {f"{name.upper()}_DATABASE_URL": url for name, url in urls.items()}
    environment |= {"REDIS_URL": redis_url, "SECRET_KEY": SECRET_KEY.get_secret_value()}
    with in_environment(environment) as command:
        command("shared.migrate", "all")
        assert "epoch 2" in command("shared.relay", "raise-epoch", "meetings")
        assert command("shared.parking", "list", "meetings") == ""
        assert command("shared.erasures", "write") == ""
        line = f"{'0' * 31}1 2026-03-02T09:00:00+00:00\n"
        assert command("shared.erasures", "read", said=line) == "0 keys deleted again\n"
        assert "2026-03-02T09:00:00+00:00" in command("shared.erasures", "write")


@contextmanager
def in_environment(environment: dict[str, str]) -> Iterator[Any]:
    """`command(module, *arguments) -> what it printed`, failing when it fails."""

    def command(module: str, *arguments: str, said: str = "") -> str:
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            env={**os.environ, **environment},
            input=said,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    yield command
