"""Somebody in front of a browser: opens pages, fills in what the page shows, presses buttons."""

import html
import json
import re
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
import pyotp
from fastapi import FastAPI
from sqlalchemy import select
from uuid_utils.compat import uuid7

from services.meetings.commands import accounts as commands
from services.meetings.commands import proofs
from services.meetings.commands.once import Order
from services.meetings.domain.account import Account
from services.meetings.store import Outbox
from services.meetings.vault import Vault
from shared.clock import SetClock
from shared.events.people import Link
from shared.roles import STAFF, Role
from shared.sealed import Sealed
from shared.service import Service
from tests.support.services import ORIGIN

PASSWORD = "sieben blaue Pferde laufen"
HIDDEN = re.compile(r'<input type="hidden"([^>]*)>')
ATTRIBUTE = re.compile(r'(\w[\w-]*)="([^"]*)"')


def browser_for(app: FastAPI) -> httpx.AsyncClient:
    """A client with a cookie jar that behaves like a page of ours in a browser."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app, client=("198.51.100.7", 4711)),
        base_url=ORIGIN,
        headers={"Sec-Fetch-Site": "same-origin", "Accept": "text/html"},
    )


@dataclass
class Person:
    """One browser, and what its user knows."""

    http: httpx.AsyncClient
    service: Service
    clock: SetClock
    account_id: UUID | None = None
    email: str = ""
    secret: str = ""
    codes: list[str] = field(default_factory=list)

    async def get(self, path: str, **query: str) -> httpx.Response:
        return await self.http.get(path, params=query or None)

    async def post(
        self, path: str, sent: dict[str, Any] | None = None, *, page: str | None = None
    ) -> httpx.Response:
        """Open the page with the form first and send its hidden fields along."""
        shown = await self.http.get(page or path)
        return await self.http.post(path, data=hidden(shown.text) | (sent or {}))

    async def act(self, path: str, act: str, sent: dict[str, Any]) -> httpx.Response:
        """Press the button of a check page: what the first page hides is sent along."""
        checked = await self.post(path, sent | {"turn": "check"})
        assert checked.status_code == 200, checked.text
        return await self.http.post(path, data=hidden(checked.text) | {"turn": act})

    async def sign_in(self) -> httpx.Response:
        """Password, then the app's digits of this moment."""
        answer = await self.post("/anmelden", {"email": self.email, "password": PASSWORD})
        if answer.headers.get("location") == "/anmelden/code":
            answer = await self.post("/anmelden/code", {"code": self.digits()})
        assert answer.status_code == 303, answer.text
        return answer

    def digits(self) -> str:
        """What the app shows now; it moves the clock on, since each step counts once."""
        self.clock.forward(seconds=30)
        return pyotp.TOTP(self.secret).at(self.clock.now())

    async def become(self, *roles: Role, email: str = "", name: str = "Jana Petersen") -> "Person":
        """Get an account with these roles, ready to sign in."""
        self.email = email or f"{'-'.join(roles)}@example.org"
        service, order = self.service, Order(command_id=uuid7(), by="test", at=self.clock.now())
        async with service.db.begin() as session:
            self.account_id, _link = await commands.open_account(
                session, service, order, email=self.email, name=name, roles=roles, language="de"
            )
            account = await session.get_one(Account, self.account_id)
            await proofs.choose_password(session, account, PASSWORD, order)
            if STAFF & set(roles):
                self.secret = pyotp.random_base32()
                typed = pyotp.TOTP(self.secret).at(self.clock.now())
                vault = Vault(service.settings)
                await proofs.choose_device(
                    session, vault, account, order, secret=self.secret, typed=typed
                )
                self.codes = await proofs.renew_recovery_codes(session, vault, account, order)
            await proofs.answer_invitation(session, account, order)
        return self

    async def enter(self, *roles: Role, email: str = "", name: str = "Jana Petersen") -> "Person":
        """Get an account and sign in."""
        await self.become(*roles, email=email, name=name)
        await self.sign_in()
        return self


def hidden(page: str) -> dict[str, Any]:
    """The hidden fields of a page's last form: token, command id, version, what was typed."""
    main = page[page.find("<main") :]
    fields: dict[str, Any] = {}
    for found in HIDDEN.finditer(main or page):
        attributes = dict(ATTRIBUTE.findall(found[1]))
        fields[attributes["name"]] = html.unescape(attributes.get("value", ""))
    return fields


async def told(service: Service, kind: str = "") -> list[dict[str, Any]]:
    """The events in the outbox, oldest first, all or of one type's middle part."""
    async with service.db.read() as session:
        bodies = await session.scalars(select(Outbox.body).order_by(Outbox.id))
        events = [json.loads(body) for body in bodies]
    return [event for event in events if kind in event["type"]]


async def mailed_link(service: Service, kind: str) -> Link:
    """The link of the newest letter of this kind, as the person reads it."""
    event = (await told(service, kind))[-1]
    link = await service.seals.open(Sealed(**event["data"]["link"]), Link)
    assert link is not None
    return link
