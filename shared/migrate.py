"""Bring a database to its schema: `python -m shared.migrate meetings`, or `keys`, or `all`."""

import argparse
import asyncio
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, MetaData

from shared import sealed
from shared.settings import SERVICES, ServiceName, Settings
from shared.store import connect

SCHEMAS: Final = (*SERVICES, "keys")
ROOT: Final = Path(__file__).parent.parent
WITHOUT_TABLES: Final = frozenset({"web", "api", "pages", "worker", "admin", "migrations"})


def metadata_of(schema: str) -> MetaData:
    """All tables of a service, whichever of its modules they are at home in."""
    if schema == "keys":
        return sealed.Base.metadata
    store = import_module(f"services.{schema}.store")
    inner = [str(ROOT / f"services/{schema}")]
    for module in iter_modules(inner):
        if module.name not in WITHOUT_TABLES:
            package = import_module(f"services.{schema}.{module.name}")
            for part in iter_modules(getattr(package, "__path__", ())):
                import_module(f"{package.__name__}.{part.name}")
    metadata: MetaData = store.Base.metadata
    return metadata


async def upgrade(schema: str, url: str, revision: str = "head") -> None:
    """Apply what is missing, all or nothing; again is harmless."""
    if schema == "keys":
        await _with_connection(url, sealed.Base.metadata.create_all)
        return
    await _with_connection(url, lambda at: command.upgrade(_config(schema, at), revision))


async def downgrade(schema: str, url: str, revision: str) -> None:
    """Take migrations back, down to this revision."""
    await _with_connection(url, lambda at: command.downgrade(_config(schema, at), revision))


async def differences(schema: str, url: str) -> list[Any]:
    """What the classes say and this database does not: empty when migrations are complete."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    found: list[Any] = []

    def compare(connection: Connection) -> None:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found.extend(compare_metadata(context, metadata_of(schema)))

    await _with_connection(url, compare)
    return found


async def write(schema: str, url: str, message: str) -> None:
    """Write the next migration from what the classes say and this database does not."""

    def compare(connection: Connection) -> None:
        config = _config(schema, connection)
        config.attributes["metadata"] = metadata_of(schema)
        command.revision(config, message, autogenerate=True)

    await _with_connection(url, compare)


async def _with_connection(url: str, work: Callable[[Connection], object]) -> None:
    db = connect(url)
    try:
        async with db.engine.connect() as connection:
            if db.dialect == "sqlite":
                await connection.run_sync(_let_tables_be_made_anew)
            async with connection.begin():
                await connection.run_sync(work)
                if db.dialect == "sqlite":
                    await connection.run_sync(_refuse_dangling_rows)
    finally:
        await db.dispose()


def _let_tables_be_made_anew(connection: Connection) -> None:
    """SQLite changes a table by copying it: meanwhile its children have no parent."""
    cursor = connection.connection.cursor()
    cursor.execute("PRAGMA foreign_keys = OFF")
    cursor.close()


def _refuse_dangling_rows(connection: Connection) -> None:
    """What was not looked at row by row is looked at as a whole, before anything is committed."""
    dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if dangling:
        tables = sorted({row[0] for row in dangling})
        raise RuntimeError(f"rows without their parents in {', '.join(tables)}")


def _config(schema: str, connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "shared/alembic"))
    config.set_main_option(
        "version_locations", str(ROOT / f"services/{schema}/migrations/versions")
    )
    config.set_main_option("path_separator", "newline")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config


def _url_of(settings: Settings, schema: str) -> str:
    if schema == "keys":
        return settings.keys_database_url
    names: dict[str, ServiceName] = {name: name for name in SERVICES}
    return settings.of(names[schema]).database_url


def main() -> None:
    """Migrate one schema or all of them, at the addresses of the settings."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("schema", choices=(*SCHEMAS, "all"))
    parser.add_argument("--write", metavar="MESSAGE", help="write a migration instead")
    chosen = parser.parse_args()
    settings = Settings.load()
    for schema in SCHEMAS if chosen.schema == "all" else (chosen.schema,):
        url = _url_of(settings, schema)
        work = write(schema, url, chosen.write) if chosen.write else upgrade(schema, url)
        asyncio.run(work)


if __name__ == "__main__":
    main()
