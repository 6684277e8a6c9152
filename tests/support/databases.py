"""Fresh databases in milliseconds: migrated once, then cloned."""

import shutil
from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path
from typing import Literal, Protocol

import asyncpg
from sqlalchemy import make_url

Dialect = Literal["sqlite", "postgresql"]
Migrate = Callable[[str, str], Awaitable[None]]
"""Brings the database at a URL to a schema: `await migrate("meetings", url)`."""


class Databases(Protocol):
    """A server or folder in which databases are made and thrown away."""

    dialect: Dialect

    async def empty(self) -> str:
        """The URL of a new database without a table."""

    async def fresh(self, schema: str) -> str:
        """The URL of a new database with that schema's migrations applied."""

    async def remove_all(self) -> None:
        """Throw away what was handed out; templates stay."""


class SqliteDatabases:
    """Files in one folder; a template is a file, a clone its copy."""

    dialect: Dialect = "sqlite"

    def __init__(self, folder: Path, migrate: Migrate) -> None:
        self.folder, self.migrate = folder, migrate
        self.numbers = count(1)
        self.templates: dict[str, Path] = {}

    async def empty(self) -> str:
        return f"sqlite+aiosqlite:///{self._new_file()}"

    async def fresh(self, schema: str) -> str:
        if schema not in self.templates:
            template = self.folder / f"template-{schema}.db"
            await self.migrate(schema, f"sqlite+aiosqlite:///{template}")
            self.templates[schema] = template
        file = self._new_file()
        for suffix in ("", "-wal"):
            part = Path(f"{self.templates[schema]}{suffix}")
            if part.exists():
                shutil.copyfile(part, f"{file}{suffix}")
        return f"sqlite+aiosqlite:///{file}"

    async def remove_all(self) -> None:
        for file in self.folder.glob("db-*"):
            file.unlink(missing_ok=True)

    def _new_file(self) -> Path:
        return self.folder / f"db-{next(self.numbers)}.db"


class PostgresDatabases:
    """Databases of one server, named after the test worker that made them."""

    dialect: Dialect = "postgresql"

    def __init__(self, server_url: str, worker: str, migrate: Migrate) -> None:
        self.server_url, self.worker, self.migrate = make_url(server_url), worker, migrate
        self.numbers = count(1)
        self.templates: dict[str, str] = {}
        self.handed_out: list[str] = []

    async def empty(self) -> str:
        return await self._clone("template0")

    async def fresh(self, schema: str) -> str:
        if schema not in self.templates:
            template = f"{self.worker}_template_{schema}"
            await self._execute(f'DROP DATABASE IF EXISTS "{template}" WITH (FORCE)')
            await self._execute(f'CREATE DATABASE "{template}" TEMPLATE template0')
            await self.migrate(schema, self._url(template))
            self.templates[schema] = template
        return await self._clone(self.templates[schema])

    async def remove_all(self) -> None:
        while self.handed_out:
            await self._execute(f'DROP DATABASE IF EXISTS "{self.handed_out.pop()}" WITH (FORCE)')

    async def _clone(self, template: str) -> str:
        name = f"{self.worker}_{next(self.numbers)}"
        await self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        self.handed_out.append(name)
        return self._url(name)

    def _url(self, database: str) -> str:
        return self.server_url.set(database=database).render_as_string(hide_password=False)

    async def _execute(self, statement: str) -> None:
        plain = self.server_url.set(drivername="postgresql")
        connection = await asyncpg.connect(plain.render_as_string(hide_password=False))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()
