"""Deny by default: at the door, at the thing, and when somebody forgot."""

from pathlib import Path
from uuid import UUID

import pytest
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from shared.service import Service
from shared.web.access import (
    ANONYMOUS,
    OPEN,
    Actor,
    Forbidden,
    Grant,
    Guarded,
    Role,
    SignInNeeded,
    Unproven,
    authorizer,
    grant,
    matrix,
    public,
)
from shared.web.app import create_app
from tests.shared.web.sample import OWNER, POLICY, TEMPLATES, Thing, authorize, create_sample
from tests.support.browser import Browser

STRANGER = Thing(UUID(int=7))
OWN = Thing(OWNER)


def account(*roles: Role) -> Actor:
    return Actor(kind="account", roles=frozenset(roles), account_id=OWNER)


def test_an_action_nobody_named_is_refused_to_everyone() -> None:
    for actor in (ANONYMOUS, account(*Role), Actor(kind="partner", scopes=frozenset({"feeds"}))):
        with pytest.raises(Forbidden):
            authorize(actor, "no such action")


def test_a_grant_without_people_lets_nobody_in() -> None:
    check = authorizer({"closed": Grant()})
    for actor in (account(*Role), Actor(kind="applicant", person_id=OWNER)):
        with pytest.raises(Forbidden):
            check(actor, "closed")


def test_who_is_unknown_is_asked_to_sign_in_and_who_is_known_is_refused() -> None:
    with pytest.raises(SignInNeeded):
        authorize(ANONYMOUS, "office")
    with pytest.raises(Forbidden):
        authorize(account(Role.MEMBER), "office")
    authorize(account(Role.MEMBER, Role.OFFICE), "office")


def test_an_owner_may_only_what_is_theirs() -> None:
    applicant = Actor(kind="applicant", person_id=OWNER)
    authorize(applicant, "thing", OWN)
    with pytest.raises(Forbidden):
        authorize(applicant, "thing", STRANGER)
    with pytest.raises(Forbidden):
        authorize(applicant, "thing")
    authorize(account(Role.OFFICE), "thing", STRANGER)


def test_a_partner_needs_the_scope() -> None:
    authorize(Actor(kind="partner", scopes=frozenset({"feeds"})), "feed")
    with pytest.raises(Forbidden):
        authorize(Actor(kind="partner"), "feed")


def test_owners_without_a_test_of_ownership_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="belong together"):
        grant(owners=("applicant",))


async def test_an_endpoint_that_forgets_the_thing_serves_nobody_but_the_office(
    browser: Browser,
) -> None:
    await browser.post("/mein/anmelden/applicant")
    forgotten = await browser.get("/mein/ohne-pruefung/x")
    assert forgotten.status_code == 500
    assert "irgendwem" not in forgotten.text
    await browser.post("/mein/anmelden/office")
    assert (await browser.get("/mein/ohne-pruefung/x")).status_code == 200


async def test_an_applicant_sees_their_own_case_and_no_other(browser: Browser) -> None:
    await browser.post("/mein/anmelden/applicant")
    assert (await browser.get(f"/mein/{OWNER}")).status_code == 200
    assert (await browser.get(f"/mein/{UUID(int=7)}")).status_code == 403


async def test_an_anonymous_reader_is_led_to_the_sign_in_and_back(browser: Browser) -> None:
    answer = await browser.get("/buero/antraege?seite=2&q=a b")
    assert answer.status_code == 303
    assert (
        answer.headers["location"] == "/anmelden?weiter=/buero/antraege%3Fseite%3D2%26q%3Da%2520b"
    )


async def test_an_anonymous_applicant_is_led_to_the_case_link(browser: Browser) -> None:
    answer = await browser.get(f"/mein/{OWNER}")
    assert answer.headers["location"] == f"/mein?weiter=/mein/{OWNER}"


async def test_an_anonymous_form_is_refused_and_not_redirected(browser: Browser) -> None:
    answer = await browser.submit("/buero/antraege", on="/antraege/idee")
    assert answer.status_code == 401


async def test_a_fragment_asked_by_htmx_leads_the_whole_page_to_the_sign_in(
    browser: Browser,
) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "https://stadtteil.example/buero?x=1"}
    answer = await browser.get("/buero/antraege", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["hx-redirect"] == "/anmelden?weiter=/buero%3Fx%3D1"


async def test_a_known_reader_without_the_role_gets_a_page_that_says_so(browser: Browser) -> None:
    await browser.post("/mein/anmelden/member")
    answer = await browser.get("/buero/antraege")
    assert answer.status_code == 403
    assert "dürfen Sie nicht" in answer.text


async def test_the_auditor_reads_and_changes_nothing(browser: Browser) -> None:
    await browser.post("/mein/anmelden/auditor")
    assert (await browser.get("/buero/antraege")).status_code == 200
    assert (await browser.submit("/buero/antraege", on="/antraege/idee")).status_code == 403


def test_the_matrix_lists_every_route_once(service: Service) -> None:
    rows = matrix(create_sample(service))
    assert ("POST", "/buero/antraege", "office") in rows
    assert ("GET", "/applications/metrics", OPEN) in rows
    assert len(rows) == len(set(rows))
    assert {action for _, path, action in rows if path.startswith(("/buero", "/mein/{owner"))} == {
        "office",
        "read",
        "thing",
    }


def test_an_app_with_an_action_the_policy_lacks_does_not_start(service: Service) -> None:
    routes = Guarded()

    @routes.get("/antraege", action="unheard of")
    async def endpoint() -> Response:
        return PlainTextResponse("")

    with pytest.raises(Unproven, match="unheard of"):
        create_app(service, routers=[routes], policy={"open": public()}, templates=TEMPLATES)


def test_a_route_without_an_action_does_not_start(service: Service) -> None:
    routes = Guarded()
    routes.add_api_route("/antraege", lambda: PlainTextResponse(""), response_model=None)
    with pytest.raises(Unproven, match="/antraege"):
        create_app(service, routers=[routes], policy=POLICY, templates=TEMPLATES)


def test_a_plain_route_among_ours_does_not_start(service: Service, tmp_path: Path) -> None:
    routes = Guarded()
    routes.routes.append(Route("/antraege", lambda request: PlainTextResponse("")))
    with pytest.raises(Unproven, match="/antraege"):
        create_app(service, routers=[routes], policy=POLICY, templates=tmp_path)


async def test_something_serious_needs_a_fresh_sign_in(browser: Browser, service: Service) -> None:
    await browser.post("/mein/anmelden/office")
    assert (await browser.get("/buero/fonds")).text == "frisch"
    service.clock.forward(minutes=6)  # type: ignore[attr-defined]
    answer = await browser.get("/buero/fonds")
    assert answer.headers["location"] == "/anmelden?weiter=/buero/fonds&frisch=1"
