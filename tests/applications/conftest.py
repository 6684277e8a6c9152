"""Applications on fresh databases, and people who use it in a browser."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from fastapi import FastAPI

from services.applications.web import create_web
from shared.clock import SetClock
from shared.service import Service
from shared.settings import Settings
from tests.applications.people import Resident, sign_in_as
from tests.support.services import ORIGIN, SECRET_KEY


def settings_for(database: str, keys: str, redis_url: str, files: Path) -> Settings:
    return Settings(
        redis_url=redis_url,
        database_url=database,
        keys_database_url=keys,
        secret_key=SECRET_KEY,
        origin=ORIGIN,
        files_dir=files,
    )


@pytest.fixture
async def applications(
    fresh_database: Callable[[str], Awaitable[str]],
    redis_url: str,
    clock: SetClock,
    tmp_path: Path,
) -> AsyncIterator[Service]:
    """The service with its own and the keys database, on each kind of database."""
    settings = settings_for(
        await fresh_database("applications"),
        await fresh_database("keys"),
        redis_url,
        tmp_path / "files",
    )
    service = Service.open("applications", settings, clock)
    yield service
    await service.close()


@pytest.fixture
async def without_redis(
    fresh_database: Callable[[str], Awaitable[str]], clock: SetClock, tmp_path: Path
) -> AsyncIterator[Service]:
    """The same, but Redis is not there at all."""
    settings = settings_for(
        await fresh_database("applications"),
        await fresh_database("keys"),
        f"unix://{tmp_path}/no-redis.sock",
        tmp_path / "files",
    )
    service = Service.open("applications", settings, clock)
    yield service
    await service.close()


@pytest.fixture
def app(applications: Service) -> FastAPI:
    return create_web(applications)


@pytest.fixture
async def resident(app: FastAPI) -> AsyncIterator[Callable[..., Resident]]:
    """`resident()` is somebody with a browser of their own."""
    opened: list[Resident] = []

    def new(lang: str = "de") -> Resident:
        opened.append(Resident(app, lang=lang))
        return opened[-1]

    yield new
    for someone in opened:
        await someone.aclose()


@pytest.fixture
async def staff(
    app: FastAPI, applications: Service
) -> AsyncIterator[Callable[..., Awaitable[Resident]]]:
    """`await staff("office")` is somebody signed in with these roles."""
    opened: list[Resident] = []

    async def new(*roles: str, name: str = "Jana Kruse") -> Resident:
        opened.append(Resident(app))
        await sign_in_as(applications, opened[-1], roles, name=name)
        return opened[-1]

    yield new
    for someone in opened:
        await someone.aclose()
