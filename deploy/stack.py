"""The embedded parts: SQLite files, a Valkey child, three services and their workers in one process."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from pydantic import SecretStr

from services.applications.web import create_web as applications_web
from services.applications.worker import create_worker as applications_worker
from services.meetings.web import create_web as meetings_web
from services.meetings.worker import create_worker as meetings_worker
from services.notifications.web import create_web as notifications_web
from services.notifications.worker import create_worker as notifications_worker
from shared.clock import Clock, SystemClock
from shared.migrate import SCHEMAS, upgrade
from shared.service import Service
from shared.settings import SERVICES, ServiceName, Settings
from shared.worker import Worker

WEBS: Final = {
    "applications": applications_web,
    "meetings": meetings_web,
    "notifications": notifications_web,
}
WORKERS: Final = {
    "applications": applications_worker,
    "meetings": meetings_worker,
    "notifications": notifications_worker,
}


@dataclass(frozen=True)
class Places:
    """Where the demo listens and keeps its data."""

    folder: Path
    port: int = 8000
    inbox_port: int = 8025
    smtp_port: int = 1025

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def database_url(self, schema: str) -> str:
        return f"sqlite+aiosqlite:///{self.folder}/{schema}.db"

    def settings(self, redis_url: str) -> Settings:
        """The same for every service; the secret is made once and kept."""
        return Settings(
            origin=self.origin,
            redis_url=redis_url,
            applications_database_url=self.database_url("applications"),
            meetings_database_url=self.database_url("meetings"),
            notifications_database_url=self.database_url("notifications"),
            keys_database_url=self.database_url("keys"),
            secret_key=SecretStr(_kept_secret(self.folder / "secret")),
            files_dir=self.folder / "files",
            smtp_host="127.0.0.1",
            smtp_port=self.smtp_port,
            office_email="buero@westhagen.example",
            mail_from="buero@westhagen.example",
            mail_domain="westhagen.example",
        )


@dataclass(frozen=True)
class Stack:
    """The three services on one clock."""

    services: dict[ServiceName, Service]

    def __getitem__(self, name: ServiceName) -> Service:
        return self.services[name]

    def workers(self) -> list[Worker]:
        return [WORKERS[name](service) for name, service in self.services.items()]

    def webs(self) -> dict[ServiceName, FastAPI]:
        return {name: WEBS[name](service) for name, service in self.services.items()}


@asynccontextmanager
async def opened(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Stack]:
    """Services on a shared clock, closed at the end."""
    clock = clock or SystemClock()
    stack = Stack({name: Service.open(name, settings, clock) for name in SERVICES})
    try:
        yield stack
    finally:
        await asyncio.gather(*(service.close() for service in stack.services.values()))


async def migrate(places: Places) -> None:
    for schema in SCHEMAS:
        await upgrade(schema, places.database_url(schema))


def _kept_secret(file: Path) -> str:
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_hex(32))
    return file.read_text()
