"""Notifications on fresh databases, each test on both kinds."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from starlette.responses import Response

from services.notifications.web import create_web
from shared.clock import SetClock
from shared.service import Service
from shared.settings import Settings
from shared.web.access import Actor, Role
from shared.web.sessions import sign_in
from tests.notifications.office import Office
from tests.support.browser import Browser
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


@pytest.fixture
async def browser(notifications: Service) -> AsyncIterator[Browser]:
    """Somebody with a browser, signed in nowhere."""
    async with Browser(create_web(notifications)) as browser:
        yield browser


@pytest.fixture
def signed_in(notifications: Service) -> Callable[..., Any]:
    """`async with signed_in(Role.OFFICE) as browser`: the session lies in the real Redis."""

    @asynccontextmanager
    async def signed_in(*roles: Role) -> AsyncIterator[Browser]:
        who = Actor(kind="account", roles=frozenset(roles), account_id=uuid4(), name="Jana")
        answer = Response()
        await sign_in(notifications, answer, who)
        name, _, rest = answer.headers["set-cookie"].partition("=")
        async with Browser(create_web(notifications)) as browser:
            browser.cookies.set(name, rest.partition(";")[0], domain="stadtteil.example")
            yield browser

    return signed_in
