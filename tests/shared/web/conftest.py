"""The sample service on SQLite and a real Redis, and a browser in front of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from shared.clock import SetClock
from shared.service import Service
from shared.settings import Settings
from tests.shared.web.sample import create_sample
from tests.support.browser import Browser
from tests.support.services import ORIGIN


def settings_for(tmp_path: Path, redis_url: str) -> Settings:
    return Settings(
        redis_url=redis_url,
        database_url=f"sqlite+aiosqlite:///{tmp_path}/sample.db",
        keys_database_url=f"sqlite+aiosqlite:///{tmp_path}/keys.db",
        secret_key=SecretStr("a secret for tests only, at least 32 bytes long"),
        origin=ORIGIN,
    )


@pytest.fixture
async def service(tmp_path: Path, redis_url: str, clock: SetClock) -> AsyncIterator[Service]:
    service = Service.open("applications", settings_for(tmp_path, redis_url), clock)
    yield service
    await service.close()


@pytest.fixture
async def service_without_redis(tmp_path: Path, clock: SetClock) -> AsyncIterator[Service]:
    """Redis is not there at all."""
    nowhere = f"unix://{tmp_path}/no-redis.sock"
    service = Service.open("applications", settings_for(tmp_path, nowhere), clock)
    yield service
    await service.close()


@pytest.fixture
def app(service: Service) -> FastAPI:
    return create_sample(service)


@pytest.fixture
async def browser(app: FastAPI) -> AsyncIterator[Browser]:
    async with Browser(app) as browser:
        yield browser


@pytest.fixture
async def cut_off(service_without_redis: Service) -> AsyncIterator[Browser]:
    """A browser of a service that has lost its Redis."""
    async with Browser(create_sample(service_without_redis)) as browser:
        yield browser
