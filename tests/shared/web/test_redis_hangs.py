"""A Redis that takes the call and never answers must not hold up the public pages."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.clock import SetClock
from shared.service import Service
from tests.shared.web.conftest import settings_for
from tests.shared.web.sample import create_sample
from tests.support.browser import Browser


@pytest.fixture
async def hanging(tmp_path: Path, clock: SetClock) -> AsyncIterator[Browser]:
    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    path = f"{tmp_path}/silent.sock"
    server = await asyncio.start_unix_server(say_nothing, path)
    service = Service.open("applications", settings_for(tmp_path, f"unix://{path}"), clock)
    async with Browser(create_sample(service)) as browser:
        yield browser
    await service.close()
    server.close()


async def test_a_public_form_answers_within_seconds(hanging: Browser) -> None:
    hanging.cookies.set("__Host-session", "x" * 43, domain="stadtteil.example")
    page = await hanging.get("/antraege/idee")
    began = time.monotonic()
    sent = await hanging.submit("/antraege/oft", on="/antraege/idee")
    assert (page.status_code, sent.status_code) == (200, 200)
    assert time.monotonic() - began < 5


async def test_the_office_is_told_within_seconds(hanging: Browser) -> None:
    began = time.monotonic()
    assert (await hanging.get("/buero/antraege")).status_code == 503
    assert time.monotonic() - began < 3
