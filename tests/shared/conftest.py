"""A bus between two services that only count."""

from collections.abc import AsyncIterator

import pytest

from tests.support.bus import Bus, open_bus
from tests.support.databases import Databases


@pytest.fixture
async def bus(databases: Databases, redis_url: str) -> AsyncIterator[Bus]:
    async with open_bus(databases, redis_url) as opened:
        yield opened
