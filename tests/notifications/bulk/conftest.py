"""A sink instead of the mailbox: fast, and it counts."""

from collections.abc import AsyncIterator
from dataclasses import replace
from random import Random

import pytest

from services.notifications.bulk.sending import Bulk
from services.notifications.sender.conversation import Patience
from shared.service import Service
from tests.support.sink import Sink

HASTY = Patience(connect=2, command=0.4, final=0.4)


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    async with Sink().listening() as listening:
        yield listening


@pytest.fixture
def service(notifications: Service, sink: Sink) -> Service:
    """The service, with the sink as its mail server."""
    settings = notifications.settings.model_copy(update={"smtp_port": sink.port})
    return replace(notifications, settings=settings)


@pytest.fixture
def bulk(service: Service) -> Bulk:
    return Bulk(service, patience=HASTY, random=Random(7))
