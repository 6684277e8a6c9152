"""The JSON API: whole applications by the same rules as the form, problem details when they are not."""

import json
from collections.abc import Awaitable, Callable
from copy import deepcopy
from typing import Any, Final
from uuid import uuid4

import pytest
from fastapi import FastAPI
from httpx import Response

from shared.events.applications import ApplicationSubmitted
from shared.service import Service
from shared.web.csrf import HEADER
from tests.applications.people import Resident, told
from tests.support.browser import TOKEN

Staff = Callable[..., Awaitable[Resident]]
PATH: Final = "/api/v1/applications"
WHOLE: Final[dict[str, Any]] = {
    "idea": {
        "title": "Nähkurs",
        "aim": "Nähen lernen",
        "plan": "Zehn Abende",
        "target_group": "Frauen",
        "benefit": "Neue Nachbarschaft",
        "field_of_action": "qualification",
        "place": "Treffpunkt",
        "starts_on": "2026-09-01",
        "ends_on": "2026-11-10",
        "not_begun": True,
    },
    "applicant": {
        "kind": "organisation",
        "name": "Frauentreff e. V.",
        "legal_form": "e. V.",
        "contact_name": "Olga Kern",
        "email": "olga@example.org",
        "street": "Hallesche Straße 1",
        "postcode": "38444",
        "city": "Wolfsburg",
        "language": "de",
        "account_holder": "Frauentreff e. V.",
        "iban": "DE89370400440532013000",
    },
    "costs": {
        "costs": [{"what": "Stoff", "cents": 90000}],
        "funding": [{"kind": "third_party", "what": "Stiftung", "cents": 20000}],
        "asked_cents": 70000,
        "other_applications": "no",
    },
    "declarations": {"privacy": True},
}


async def put(office: Resident, body: Any, application_id: Any = None) -> Response:
    token = TOKEN.search((await office.get("/mein/link")).text)
    assert token
    return await office.put(
        f"{PATH}/{application_id or uuid4()}",
        content=json.dumps(body),
        headers={HEADER: token[1], "Content-Type": "application/json"},
    )


def changed(place: str, value: Any) -> dict[str, Any]:
    body = deepcopy(WHOLE)
    part, name = place.split(".")
    body[part][name] = value
    return body


async def test_a_whole_application_is_handed_in_once_however_often_it_is_sent(
    applications: Service, staff: Staff
) -> None:
    office, application_id = await staff("office"), uuid4()
    first = await put(office, WHOLE, application_id)
    assert first.status_code == 201 and first.json()["number"] == "2026-001"
    assert first.headers["location"] == f"{PATH}/{application_id}"
    again = await put(office, WHOLE, application_id)
    assert (again.status_code, again.json()["number"]) == (200, "2026-001")
    other = await put(office, changed("idea.title", "Etwas anderes"), application_id)
    assert other.status_code == 409
    assert other.headers["content-type"] == "application/problem+json"
    assert len(await told(applications, ApplicationSubmitted)) == 1
    read = (await office.get(f"{PATH}/{application_id}")).json()
    assert read["answers"]["applicant"]["iban"] == "DE89370400440532013000"
    listed = (await office.get(PATH, params={"q": "näh"})).json()
    assert [row["number"] for row in listed["applications"]] == ["2026-001"]


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (changed("idea.title", ""), "#/idea/title"),
        (changed("idea.title", "\x00"), "#/idea/title"),
        (changed("idea.title", "\ud800"), "#/idea/title"),
        (changed("idea.title", 7), "#/idea/title"),
        (changed("idea.field_of_action", "garden"), "#/idea/field_of_action"),
        (changed("idea.starts_on", "2020-01-01"), "#/idea/starts_on"),
        (changed("idea.not_begun", False), "#/idea/not_begun"),
        (changed("applicant.iban", "DE00"), "#/applicant/iban"),
        (changed("applicant.surprise", "x"), "#/applicant/surprise"),
        (changed("costs.costs", [{"what": "Stoff", "cents": -1}]), "#/costs/costs/0/cents"),
        (changed("costs.costs", []), "#/costs/costs"),
        (changed("costs.asked_cents", 10**15), "#/costs/asked_cents"),
        (changed("costs.asked_cents", 80000), "#/costs/asked_cents"),
        (changed("declarations.privacy", False), "#/declarations/privacy"),
        ([], "#"),
        ("x", "#"),
    ],
)
async def test_what_the_form_would_refuse_is_refused_with_a_pointer(
    applications: Service, staff: Staff, body: Any, pointer: str
) -> None:
    office = await staff("office")
    answer = await put(office, body)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert pointer in [error.get("pointer") for error in answer.json()["errors"]]
    assert await told(applications) == []


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_the_document_describes_the_api_and_no_page(app: FastAPI, staff: Staff) -> None:
    office = await staff("office")
    document = (await office.get("/applications/openapi.json")).json()
    assert all(path.startswith(PATH) for path in document["paths"])
    assert {PATH, PATH + "/{application_id}"} <= set(document["paths"])
    assert "Answers" in str(document["components"])


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_auditors_read_and_do_not_write(staff: Staff) -> None:
    auditor = await staff("auditor")
    assert (await auditor.get(PATH)).status_code == 200
    assert (await put(auditor, WHOLE)).status_code == 403
