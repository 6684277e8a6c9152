"""Every route × everybody × one's own and another's thing, made from the routes themselves."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from httpx import Response
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import PlainTextResponse

from services.applications.domain import Application
from services.meetings.domain.account import Account, Standing
from services.meetings.domain.member import BoardRole, Member, MemberStatus
from services.meetings.queries import the_board
from services.notifications.keys import Scope, issue_key, new_partner
from shared.clock import SetClock
from shared.events.people import Contact
from shared.service import Service
from shared.settings import ServiceName, Settings
from shared.web.access import ANONYMOUS, OPEN, Actor, Role, authorizer, matrix
from shared.web.csrf import HEADER
from shared.web.sessions import sign_in
from tests.journeys.expected_access import EXPECTED, KERNEL, OWNED, PERSONAS, Persona
from tests.support.browser import TOKEN, Browser
from tests.support.services import ORIGIN, SECRET_KEY

pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)

NAMES: Final[tuple[ServiceName, ...]] = ("applications", "meetings", "notifications")
PERSON: Final = uuid4()
CSRF_COOKIE: Final = "__Host-csrf"
FORMS: Final = {"applications": "/mein", "meetings": "/anmelden", "notifications": "/abo"}
"""A public page with a form, where a browser gets its token."""


@dataclass(frozen=True)
class House:
    """One service with somebody's things in it."""

    service: Service
    app: FastAPI
    own: UUID
    other: UUID
    keys: Mapping[str, str]


@pytest.fixture(params=NAMES)
async def house(
    request: pytest.FixtureRequest,
    fresh_database: Callable[[str], Awaitable[str]],
    redis_url: str,
    clock: SetClock,
    tmp_path: Path,
) -> AsyncIterator[House]:
    name: ServiceName = request.param
    settings = Settings(
        redis_url=redis_url,
        database_url=await fresh_database(name),
        keys_database_url=await fresh_database("keys"),
        secret_key=SECRET_KEY,
        origin=ORIGIN,
        files_dir=tmp_path,
    )
    service = Service.open(name, settings, clock)
    app = import_module(f"services.{name}.web").create_web(service)
    own, other = await _application(service), await _application(service)
    await _account(service)
    yield House(service, app, own, other, await _keys(service))
    await service.close()


async def _application(service: Service) -> UUID:
    if service.name != "applications":
        return uuid4()
    application = Application.start(fund="buergerfonds", language="de", at=service.clock.now())
    async with service.db.begin() as session:
        session.add(application)
    return application.id


async def _account(service: Service) -> None:
    """The account that everyone who signs in with one uses."""
    if service.name == "meetings":
        account = Account.open(
            person_id=uuid4(),
            email="jana@example.org",
            name="Jana Kruse",
            roles=set(Role),
            language="de",
            at=service.clock.now(),
        )
        account.id, account.standing = PERSON, Standing.ACTIVE
        async with service.db.begin() as session:
            session.add(account)
            await session.flush()
            session.add(await _chair(session, account))


async def _chair(session: AsyncSession, account: Account) -> Member:
    """The member behind the account runs the board's sessions: what owners may is seen."""
    board, _rules = await the_board(session)
    member = Member.record(
        Contact(name=account.name, email=account.email),
        board_id=board.id,
        person_id=account.person_id,
        language="de",
        at=account.created_at,
    )
    member.status, member.account_id = MemberStatus.ACTIVE, account.id
    member.take_roles([BoardRole.CHAIR])
    return member


async def _keys(service: Service) -> dict[str, str]:
    """A key for sessions ("own") and one for applications ("other")."""
    keys = {"own": "sb.none", "other": "sb.none"}
    if service.name == "notifications":
        for what, scope in (("own", Scope.SESSIONS), ("other", Scope.APPLICATIONS)):
            async with service.db.begin() as session:
                partner = new_partner(
                    name=what,
                    contact_email="partner@example.org",
                    scopes={scope},
                    at=service.clock.now(),
                )
                session.add(partner)
                await session.flush()
                _, keys[what] = await issue_key(session, partner, at=service.clock.now())
    return keys


def actor_for(persona: Persona, house: House) -> Actor:
    if persona == "applicant":
        return Actor(kind="applicant", person_id=PERSON, application_ids=frozenset({house.own}))
    return Actor(kind="account", roles=frozenset({Role(persona)}), account_id=PERSON)


def filled(path: str, thing: UUID) -> str:
    """The path with somebody's application, and with things nobody has in all other places."""
    places: dict[str, Any] = {
        "application_id": thing,
        "slug": "idee",
        "topic": "sessions",
        "token": "x" * 43,
        "key": "x" * 43,
    }
    for part in path.split("{")[1:]:
        name = part.split("}")[0]
        path = path.replace("{" + name + "}", str(places.get(name, UUID(int=1))))
    return path


class Visitor:
    """Somebody at the house's door, signed in anew for every single request."""

    def __init__(self, browser: Browser, house: House, persona: Persona) -> None:
        self.browser, self.house, self.persona = browser, house, persona
        self.token, self.cookie = "", ""

    async def get_token(self) -> None:
        """Open a form once: its token is good for every other form in this browser."""
        page = await self.browser.get(FORMS[self.house.service.name])
        found = TOKEN.search(page.text)
        assert found, page.text
        self.token, self.cookie = found[1], self.browser.cookies[CSRF_COOKIE]

    async def ask(self, method: str, path: str, *, own: bool) -> Response:
        house, headers = self.house, {HEADER: self.token}
        self.browser.cookies.clear()
        self.browser.cookies.set(CSRF_COOKIE, self.cookie, domain="stadtteil.example")
        if self.persona == "partner":
            headers["Authorization"] = f"Bearer {house.keys['own' if own else 'other']}"
        elif self.persona != "anonymous":
            await self._come_in()
        address = filled(path, house.own if own else house.other)
        return await self.browser.request(method, address, headers=headers)

    async def _come_in(self) -> None:
        answer = PlainTextResponse()
        await sign_in(self.house.service, answer, actor_for(self.persona, self.house))
        [cookie] = answer.headers.getlist("set-cookie")
        name, _, value = cookie.partition(";")[0].partition("=")
        self.browser.cookies.set(name, value, domain="stadtteil.example")


def sent_to_sign_in(answer: Response) -> bool:
    to = answer.headers.get("location", "")
    return answer.status_code == 303 and to.startswith(("/anmelden?weiter=", "/mein?weiter="))


def refused(answer: Response, persona: Persona, method: str, path: str) -> bool:
    """Refused the way this persona is to be refused here."""
    if persona == "partner" and path.startswith("/api/"):
        return answer.status_code in (401, 403)
    if persona not in ("anonymous", "partner"):
        return answer.status_code == 403
    if method == "GET" and not path.startswith("/api/"):
        return sent_to_sign_in(answer)
    return answer.status_code == 401


def answered(answer: Response) -> bool:
    """Let in; what then comes may still be "no such thing" or "fill in this field"."""
    return (
        answer.status_code < 500
        and answer.status_code not in (401, 403)
        and not sent_to_sign_in(answer)
    )


def cases(house: House) -> Iterator[tuple[str, str, str, bool]]:
    for method, path, action in matrix(house.app):
        if action != OPEN:
            yield method, path, action, True
        if action in OWNED:
            yield method, path, action, False


@pytest.mark.parametrize("persona", PERSONAS)
async def test_everybody_gets_exactly_what_is_theirs(
    house: House, persona: Persona, redis: Redis
) -> None:
    expected, wrong = EXPECTED[house.service.name], []
    async with Browser(house.app) as browser:
        visitor = Visitor(browser, house, persona)
        await visitor.get_token()
        for method, path, action, own in cases(house):
            await redis.flushall()
            answer = await visitor.ask(method, path, own=own)
            seen_as: Persona = (
                "anonymous" if persona == "partner" and "/api/" not in path else persona
            )
            allowed = seen_as in expected[action]
            if not allowed:
                right = refused(answer, persona, method, path)
            elif own:
                right = answered(answer)
            else:
                right = answer.status_code in (403, 404)
            if not right:
                whose = "own" if own else "another's"
                wrong.append(f"{method} {path} ({action}, {whose}) → {answer.status_code}")
    assert not wrong, "\n".join(wrong)


async def test_every_action_of_a_route_is_decided_in_the_table(house: House) -> None:
    actions = {action for _, _, action in matrix(house.app)} - {OPEN}
    assert actions - EXPECTED[house.service.name].keys() == set()


async def test_the_policy_names_nothing_the_table_does_not(house: House) -> None:
    assert set(house.app.state.policy) - EXPECTED[house.service.name].keys() == set()


async def test_no_route_answers_everyone_unasked_but_the_kernels(house: House) -> None:
    mine = {path.replace("{service}", house.service.name) for path in KERNEL}
    assert {path for _, path, action in matrix(house.app) if action == OPEN} == mine


async def test_an_action_nobody_named_is_refused_to_everybody(house: House) -> None:
    check = authorizer(house.app.state.policy)
    actors = [
        ANONYMOUS,
        *(actor_for(p, house) for p in PERSONAS if p not in ("anonymous", "partner")),
    ]
    for actor in [*actors, Actor(kind="partner", scopes=frozenset(Scope))]:
        with pytest.raises(Exception, match="unheard of"):
            check(actor, "unheard of", object())
