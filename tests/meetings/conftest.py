"""Meetings on fresh databases, and people who use it in a browser."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from services.meetings.web import create_web
from shared.clock import SetClock
from shared.service import Service
from shared.settings import Settings
from tests.meetings.people import Person, browser_for
from tests.support.services import ORIGIN, SECRET_KEY


@pytest.fixture
async def meetings(
    fresh_database: Callable[[str], Awaitable[str]],
    redis_url: str,
    clock: SetClock,
    tmp_path: Path,
) -> AsyncIterator[Service]:
    """The service with its own and the keys database, on each kind of database."""
    settings = Settings(
        redis_url=redis_url,
        database_url=await fresh_database("meetings"),
        keys_database_url=await fresh_database("keys"),
        secret_key=SECRET_KEY,
        origin=ORIGIN,
        files_dir=tmp_path,
    )
    service = Service.open("meetings", settings, clock)
    yield service
    await service.close()


@pytest.fixture
async def person(meetings: Service, clock: SetClock) -> AsyncIterator[Callable[[], Person]]:
    """`person()` is somebody with a browser of their own, signed in nowhere."""
    app, opened = create_web(meetings), list[Person]()

    def new() -> Person:
        opened.append(Person(browser_for(app), meetings, clock))
        return opened[-1]

    yield new
    for someone in opened:
        await someone.http.aclose()
