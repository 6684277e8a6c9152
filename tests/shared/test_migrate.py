"""Migrations: a database brought to its schema is what the classes say, on both databases."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import text

from shared.migrate import SCHEMAS, differences, downgrade, upgrade
from shared.settings import SERVICES
from shared.store import connect
from tests.support.databases import Databases
from tests.support.services import SECRET_KEY


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
