"""The three services, opened the way their processes open them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from shared.clock import Clock
from shared.service import Service
from shared.settings import Settings
from tests.support.databases import Databases
from tests.support.mailbox import Mailbox

SECRET_KEY = SecretStr("a secret for tests only, at least 32 bytes long")
ORIGIN = "https://stadtteil.example"
"""https, since test clients return Secure cookies to nothing else."""


@dataclass(frozen=True)
class Services:
    """One `Service` each, with `keys` shared as in production."""

    applications: Service
    meetings: Service
    notifications: Service


@asynccontextmanager
async def open_services(
    databases: Databases, *, redis_url: str, mailbox: Mailbox, clock: Clock, files: Path
) -> AsyncIterator[Services]:
    common: dict[str, Any] = {
        "redis_url": redis_url,
        "keys_database_url": await databases.fresh("keys"),
        "secret_key": SECRET_KEY,
        "origin": ORIGIN,
        "files_dir": files,
        "smtp_host": mailbox.host,
        "smtp_port": mailbox.port,
    }
    applications = await _open("applications", databases, clock, common)
    meetings = await _open("meetings", databases, clock, common)
    notifications = await _open("notifications", databases, clock, common)
    try:
        yield Services(applications, meetings, notifications)
    finally:
        for service in (applications, meetings, notifications):
            await service.close()


async def _open(name: Any, databases: Databases, clock: Clock, common: dict[str, Any]) -> Service:
    settings = Settings(database_url=await databases.fresh(name), **common)
    return Service.open(name, settings, clock)
