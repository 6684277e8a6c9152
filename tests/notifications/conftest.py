"""Notifications on fresh databases, each test on both kinds."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from shared.clock import SetClock
from shared.service import Service
from shared.settings import Settings
from tests.notifications.office import Office
from tests.support.mailbox import Mailbox
from tests.support.services import ORIGIN, SECRET_KEY


@pytest.fixture
async def notifications(
    fresh_database: Callable[[str], Awaitable[str]],
    redis_url: str,
    mailbox: Mailbox,
    clock: SetClock,
    tmp_path: Path,
) -> AsyncIterator[Service]:
    """The service with its own and the keys database."""
    settings = Settings(
        redis_url=redis_url,
        database_url=await fresh_database("notifications"),
        keys_database_url=await fresh_database("keys"),
        secret_key=SECRET_KEY,
        origin=ORIGIN,
        files_dir=tmp_path,
        smtp_host=mailbox.host,
        smtp_port=mailbox.port,
        office_email="buero@stadtteil.example",
        mail_from="post@stadtteil.example",
        mail_domain="stadtteil.example",
    )
    service = Service.open("notifications", settings, clock)
    yield service
    await service.close()


@pytest.fixture
def office(notifications: Service, clock: SetClock) -> Office:
    return Office(notifications, clock)
