"""Notifications with events in its journal, a reader's browser, a partner's client."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from starlette.responses import Response

from services.notifications.journal import keep
from services.notifications.keys import Partner, Scope, issue_key, new_partner
from services.notifications.web import create_web
from shared.clock import SetClock
from shared.events.applications import ApplicationSubmitted
from shared.events.base import Event
from shared.events.meetings import (
    PostponeReason,
    SessionCancelled,
    SessionPostponed,
    SessionScheduled,
)
from shared.service import Service
from shared.settings import Settings
from shared.web.access import Actor, Role
from shared.web.sessions import sign_in
from tests.support.browser import Browser
from tests.support.databases import Databases
from tests.support.services import ORIGIN, SECRET_KEY

OFFICE = Actor(kind="account", roles=frozenset({Role.OFFICE}), account_id=uuid4(), name="Jana")
AUDITOR = Actor(kind="account", roles=frozenset({Role.AUDITOR}), account_id=uuid4(), name="Uwe")
PERSON = UUID("01890000-0000-7000-8000-0000000000aa")

Tell = Callable[..., Awaitable[None]]


def scheduled(at: datetime, *, starts_at: datetime, **facts: Any) -> SessionScheduled:
    """A session two weeks after its deadline."""
    deadline = (starts_at - timedelta(days=14)).replace(hour=22, minute=59, second=59)
    told = {"board": "Freunde Westhagens", "place": "Bürgerhaus", "submission_deadline": deadline}
    return SessionScheduled(at=at, starts_at=starts_at, **{"session_id": uuid4(), **told, **facts})


def postponed(event: SessionScheduled, *, starts_at: datetime, version: int) -> SessionPostponed:
    """The same session on another day."""
    return SessionPostponed(
        at=event.at,
        session_id=event.session_id,
        board=event.board,
        place="Nachbarschaftshaus",
        starts_at=starts_at,
        submission_deadline=event.submission_deadline,
        previous_starts_at=event.starts_at,
        previous_submission_deadline=event.submission_deadline,
        reason=PostponeReason.ROOM,
        subject_version=version,
    )


def cancelled(event: SessionScheduled, *, version: int) -> SessionCancelled:
    """The same session, not held."""
    return SessionCancelled(
        at=event.at,
        session_id=event.session_id,
        board=event.board,
        starts_at=event.starts_at,
        reason="Das Bürgerhaus hat einen Wasserschaden.",
        subject_version=version,
    )


def submitted(at: datetime, number: str = "2026-021") -> ApplicationSubmitted:
    """A partner event that carries the id of a person."""
    return ApplicationSubmitted(
        at=at,
        application_id=uuid4(),
        number=number,
        field_of_action="education",
        asked_cents=65_000,
        person_id=PERSON,
    )


@pytest.fixture
async def service(databases: Databases, redis_url: str, clock: SetClock) -> AsyncIterator[Service]:
    """Notifications alone: the other two are not needed to have told something."""
    settings = Settings(
        database_url=await databases.fresh("notifications"),
        keys_database_url=await databases.fresh("keys"),
        redis_url=redis_url,
        secret_key=SECRET_KEY,
        origin=ORIGIN,
        mail_domain="stadtteil.example",
    )
    service = Service.open("notifications", settings, clock)
    yield service
    await service.close()


@pytest.fixture
def tell(service: Service) -> Tell:
    """`await tell(event, …)`: each event in a transaction of its own, as told by its service."""

    async def tell(*events: Event) -> None:
        for event in events:
            async with service.db.begin() as session:
                await keep(event, session, service)

    return tell


@pytest.fixture
def app(service: Service) -> FastAPI:
    return create_web(service)


@pytest.fixture
async def browser(app: FastAPI) -> AsyncIterator[Browser]:
    async with Browser(app) as browser:
        yield browser


@pytest.fixture
def signed_in(app: FastAPI, service: Service) -> Callable[[Actor], Any]:
    """`async with signed_in(OFFICE) as browser`: the session lies in the real Redis."""

    @asynccontextmanager
    async def signed_in(actor: Actor) -> AsyncIterator[Browser]:
        answer = Response()
        await sign_in(service, answer, actor)
        name, _, rest = answer.headers["set-cookie"].partition("=")
        async with Browser(app) as browser:
            browser.cookies.set(name, rest.partition(";")[0], domain="stadtteil.example")
            yield browser

    return signed_in


@pytest.fixture
def partner_with(service: Service) -> Callable[..., Awaitable[tuple[Partner, str]]]:
    """`await partner_with(Scope.PUBLIC) -> partner, key`."""

    async def partner_with(*scopes: Scope) -> tuple[Partner, str]:
        at = service.clock.now()
        async with service.db.begin() as session:
            partner = new_partner(
                name="Junker und Kruse", contact_email="j@k.example", scopes=set(scopes), at=at
            )
            session.add(partner)
            await session.flush()
            _, key = await issue_key(session, partner, at=at)
        return partner, key

    return partner_with


@pytest.fixture
def client(app: FastAPI) -> Callable[[str], httpx.AsyncClient]:
    """A partner's program, written by others: httpx and a key, nothing of ours."""

    def client(key: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url=ORIGIN,
            headers={"Authorization": f"Bearer {key}"} if key else {},
        )

    return client


@pytest.fixture
def december(clock: SetClock) -> SessionScheduled:
    """Told on 2 March 2026: the board meets on 9 December at 18:00 in Berlin."""
    return scheduled(clock.now(), starts_at=datetime(2026, 12, 9, 17, tzinfo=UTC))
