"""The API's acts: each right, wrong, repeated and in conflict; the same commands as the office's pages."""

import json
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any, Final
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from httpx import Response

from services.applications.domain import Status
from shared.clock import SetClock
from shared.events.applications import (
    AgreementSigned,
    ApplicationAdmitted,
    ApplicationChanged,
    CorrectionRequested,
    GrantDeclined,
    GrantReserved,
    GrantRevoked,
    StatementRequested,
)
from shared.service import Service
from shared.web.access import matrix
from shared.web.csrf import HEADER
from tests.applications import stages
from tests.applications.people import JUNE, Resident, plan_session, stored, told
from tests.applications.test_api import PATH, WHOLE, changed, put
from tests.support.browser import TOKEN

Staff = Callable[..., Awaitable[Resident]]
sqlite = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
FUND: Final = f"{PATH}/funds/buergerfonds"


class Program:
    """A program of the office: signed in, with a key for each request."""

    def __init__(self, office: Resident, token: str) -> None:
        self.office, self.token = office, token

    async def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: UUID | str | None = None,
        version: object = None,
    ) -> Response:
        headers = {HEADER: self.token, "Content-Type": "application/json"}
        if key != "":
            headers["Idempotency-Key"] = str(key or uuid4())
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        content = None if body is None else json.dumps(body)
        return await self.office.request(method, path, content=content, headers=headers)

    async def get(self, path: str, **params: Any) -> Any:
        answer = await self.office.get(path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()


async def program(staff: Staff, *roles: str) -> Program:
    office = await staff(*(roles or ("office",)))
    token = TOKEN.search((await office.get("/mein/link")).text)
    assert token
    return Program(office, token[1])


async def handed_in(staff: Staff, applications: Service, **rules: Any) -> tuple[Program, str]:
    """A program, and the address of an application handed in through it."""
    one, application_id = await program(staff), uuid4()
    assert (await put(one.office, WHOLE, application_id)).status_code == 201
    if rules:
        await stages.with_rules(applications, application_id, **rules)
    return one, f"{PATH}/{application_id}"


def id_in(path: str) -> UUID:
    return UUID(path.rsplit("/", 1)[-1])


async def admissible(one: Program, path: str) -> None:
    """Every open line judged through the API, and the title given."""
    for line in (await one.get(path))["check"]:
        if not line["passed"]:
            said = {"item": line["item"], "judgement": "yes", "note": "geht so"}
            assert (await one.send("POST", f"{path}/judgements", said)).status_code == 200
    titled = await one.send("POST", f"{path}/public-title", {"public_title": "Nähen lernen"})
    assert titled.json()["public_title"] == "Nähen lernen"


def code_of(answer: Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem = answer.json()
    assert problem["status"] == answer.status_code and problem["detail"] and problem["title"]
    assert problem["type"] == f"urn:stadtteilbote:problem:{problem['code']}"
    return answer.status_code, problem["code"]


async def test_from_the_check_to_the_grant_letter_through_the_api(
    applications: Service, staff: Staff
) -> None:
    await plan_session(applications, JUNE)
    one, path = await handed_in(staff, applications, office_up_to_cents=100_000)
    await stages.give_budget(applications)
    await admissible(one, path)
    waits = await one.send("POST", f"{path}/results", {"result": {"act": "admit"}})
    assert waits.json()["status"] == "submitted" and waits.json()["held"]["act"] == "admit"
    assert await told(applications, ApplicationAdmitted) == []
    undone = await one.send("DELETE", f"{path}/results")
    assert undone.json()["held"] is None
    told_now = {"result": {"act": "admit"}, "at_once": True}
    assert (await one.send("POST", f"{path}/results", told_now)).json()["status"] == "admissible"
    condition = {"text": "Einverständnis der Schule", "due_on": "2026-04-01"}
    decided = {"act": "decide", "cents": 60000, "conditions": [condition], "text": "Viel Erfolg!"}
    granted = await one.send("POST", f"{path}/results", {"result": decided, "at_once": True})
    assert granted.status_code == 200, granted.text
    case = granted.json()
    assert (case["status"], case["grant"]["amount_cents"]) == ("granted", 60000)
    assert (case["grant"]["kind"], case["grant"]["accept_by"]) == ("partial", None)
    met = f"{path}/conditions/{case['conditions'][0]['id']}/met"
    assert (await one.send("POST", met)).json()["grant"]["accept_by"] is not None
    assert code_of(await one.send("POST", met)) == (409, "nothing_open")
    signed = await one.send("POST", f"{path}/acceptance", {"signed_on": "2026-03-02"})
    assert (signed.json()["status"], signed.json()["grant"]["signed"]) == ("accepted", "paper")
    [event] = await told(applications, GrantReserved)
    assert event.amount_cents == 60000
    [event] = await told(applications, AgreementSigned)
    assert event.signed_on == date(2026, 3, 2)
    steps = [step["what"] for step in (await one.get(path))["trail"]]
    assert "grant.accept" in steps and "application.admit" in steps


async def test_a_request_counts_once_and_its_key_is_good_for_one_content(
    applications: Service, staff: Staff
) -> None:
    one, path = await handed_in(staff, applications)
    key, asked = uuid4(), {"items": ["quotes"], "note": "", "due_on": "2026-03-20"}
    for _ in range(3):
        answer = await one.send("POST", f"{path}/corrections", asked, key=key)
        assert answer.status_code == 200, answer.text
        assert answer.json()["status"] == "correction_requested"
    other = await one.send("POST", f"{path}/corrections", asked | {"note": "Mehr"}, key=key)
    assert code_of(other) == (409, "command_conflict")
    assert len(await told(applications, CorrectionRequested)) == 1
    again = await one.send("POST", f"{path}/corrections", asked)
    assert code_of(again) == (409, "illegal_move")
    assert again.json()["from"] == "correction_requested"
    undone = await one.send("DELETE", f"{path}/corrections/open")
    assert undone.json()["status"] == "submitted"
    assert undone.json()["corrections"][0]["withdrawn_at"] is not None
    assert code_of(await one.send("DELETE", f"{path}/corrections/open")) == (409, "illegal_move")


@sqlite
async def test_without_a_key_nothing_is_changed(applications: Service, staff: Staff) -> None:
    one, path = await handed_in(staff, applications)
    for method, more, body in ACTS:
        for key in ("", "no-uuid"):
            answer = await one.send(method, path + more, body, key=key)
            assert answer.status_code == 422, (more, answer.text)
            [wrong] = answer.json()["errors"]
            assert (wrong["parameter"], wrong["in"]) == ("Idempotency-Key", "header")
    for method, more, body in FUND_ACTS:
        assert (await one.send(method, f"{PATH}{more}", body, key="")).status_code == 422


ACTS: Final[list[tuple[str, str, Any]]] = [
    ("POST", "/judgements", {"item": "who_may_apply", "judgement": "yes"}),
    ("POST", "/costs", {"lines": {"0": "kind_2"}}),
    ("POST", "/public-title", {"public_title": "Nähen"}),
    ("POST", "/corrections", {"items": ["quotes"], "due_on": "2026-03-20"}),
    ("DELETE", "/corrections/open", None),
    (
        "POST",
        "/statements",
        {
            "department": "Grünflächen",
            "contact_name": "Herr Baum",
            "email": "baum@stadt.example",
            "question": "Ist die Fläche frei?",
            "due_on": "2026-03-20",
        },
    ),
    ("POST", "/results", {"result": {"act": "refuse", "reasons": ["not_begun"]}}),
    ("DELETE", "/results", None),
    ("POST", f"/conditions/{UUID(int=1)}/met", None),
    ("POST", "/city", {"agrees": True}),
    ("POST", "/revocation", {"text": "Das Projekt findet nicht statt."}),
    ("POST", "/decline", None),
    ("POST", "/acceptance", {"signed_on": "2026-03-02"}),
    ("POST", "/withdrawal", None),
    ("PUT", "/answers", WHOLE),
]
FUND_ACTS: Final[list[tuple[str, str, Any]]] = [
    ("POST", "/paper", {"arrived_at": "2026-03-01T10:00:00Z", "answers": WHOLE}),
    ("PUT", "/funds/buergerfonds/years/2026/budget", {"cents": 500000}),
    ("PUT", "/funds/buergerfonds/years/2026/release", {"cents": 0}),
    ("DELETE", "/funds/buergerfonds/rules/2027-01-01", None),
]


@sqlite
async def test_only_the_office_changes_and_nobody_else_reads(
    applications: Service, staff: Staff
) -> None:
    _, path = await handed_in(staff, applications)
    auditor, member = await program(staff, "auditor"), await program(staff, "member")
    for someone, may_read in ((auditor, 200), (member, 403)):
        for address in (path, PATH, f"{PATH}/funds", FUND, f"{FUND}/years/2026/ledger"):
            assert (await someone.office.get(address)).status_code == may_read
        for method, more, body in ACTS:
            assert (await someone.send(method, path + more, body)).status_code == 403, more
        for method, more, body in FUND_ACTS:
            assert (await someone.send(method, f"{PATH}{more}", body)).status_code == 403, more
    assert (await stored(applications))[0].status is Status.SUBMITTED


@sqlite
async def test_every_act_on_a_case_that_is_not_there_is_404(
    applications: Service, staff: Staff
) -> None:
    one = await program(staff)
    for method, more, body in ACTS:
        answer = await one.send(method, f"{PATH}/{uuid4()}{more}", body)
        assert answer.status_code == 404, (more, answer.text)


@sqlite
async def test_every_act_for_an_older_version_is_refused(
    applications: Service, staff: Staff
) -> None:
    one, path = await handed_in(staff, applications)
    read = await one.office.get(path)
    assert read.headers["etag"] == f'"{read.json()["version"]}"'
    for method, more, body in ACTS:
        answer = await one.send(method, path + more, body, version=99)
        assert code_of(answer) == (412, "changed_meanwhile"), more
    right = await one.send("POST", f"{path}/withdrawal", version=read.json()["version"])
    assert right.json()["status"] == "withdrawn"


@sqlite
@pytest.mark.parametrize(
    ("more", "body", "code"),
    [
        ("/results", {"result": {"act": "admit"}}, (409, "not_checked")),
        ("/results", {"result": {"act": "decide", "cents": 100}}, (409, "illegal_move")),
        (
            "/results",
            {"result": {"act": "refuse", "reasons": ["other"]}},
            (422, "nothing_asked_for"),
        ),
        ("/corrections", {"items": ["other"], "due_on": "2026-03-20"}, (422, "nothing_asked_for")),
        ("/corrections", {"items": ["quotes"], "due_on": "2026-03-01"}, (422, "date_in_the_past")),
        ("/public-title", {"public_title": "Kurs von Olga Kern"}, (422, "name_in_title")),
        ("/costs", {"lines": {"7": "kind_2"}}, (422, "fields")),
        ("/costs", {"lines": {"0": "gold"}}, (422, "fields")),
        ("/judgements", {"item": "other", "judgement": "yes"}, (422, "fields")),
        ("/city", {"agrees": True}, (409, "nothing_open")),
        ("/city", {"agrees": False}, (409, "nothing_open")),
        ("/revocation", {"text": "Nein."}, (409, "nothing_open")),
        ("/acceptance", {"signed_on": "2026-03-02"}, (409, "nothing_open")),
    ],
)
async def test_a_broken_rule_is_told_by_its_code(
    applications: Service, staff: Staff, more: str, body: Any, code: tuple[int, str]
) -> None:
    one, path = await handed_in(staff, applications)
    before = await told(applications)
    assert code_of(await one.send("POST", path + more, body)) == code
    assert await told(applications) == before


@sqlite
async def test_a_refused_request_can_be_sent_again_under_its_key(
    applications: Service, staff: Staff
) -> None:
    one, path = await handed_in(staff, applications)
    key, admit = uuid4(), {"result": {"act": "admit"}, "at_once": True}
    refused = await one.send("POST", f"{path}/results", admit, key=key)
    assert code_of(refused) == (409, "not_checked") and refused.json()["items"]
    await admissible(one, path)
    assert (await one.send("POST", f"{path}/results", admit, key=key)).status_code == 200


async def test_a_sum_is_never_more_than_is_left(applications: Service, staff: Staff) -> None:
    one, path = await handed_in(staff, applications, office_up_to_cents=100_000)
    await admissible(one, path)
    admit = {"result": {"act": "admit"}, "at_once": True}
    await one.send("POST", f"{path}/results", admit)
    decide = {"result": {"act": "decide", "cents": 70000}, "at_once": True}
    assert code_of(await one.send("POST", f"{path}/results", decide)) == (409, "no_budget")
    await stages.give_budget(applications, 60_000, released=60_000)
    refused = await one.send("POST", f"{path}/results", decide)
    assert code_of(refused) == (409, "not_covered") and refused.json()["left_cents"] == 60000
    in_minutes = await one.send("POST", f"{path}/results", decide | {"at_once": False})
    assert code_of(in_minutes) == (409, "not_covered")
    assert (await one.get(path))["held"] is None
    too_much = {"result": {"act": "decide", "cents": 70001}, "at_once": True}
    refused = await one.send("POST", f"{path}/results", too_much)
    assert code_of(refused) == (409, "too_much") and refused.json()["most_cents"] == 70000
    past = {"text": "Zu spät", "due_on": "2026-03-01"}
    late = {"result": {"act": "decide", "cents": 100, "conditions": [past]}}
    assert code_of(await one.send("POST", f"{path}/results", late)) == (422, "date_in_the_past")
    assert await told(applications, GrantReserved) == []


async def test_the_citys_no_and_a_revocation_free_the_sum(
    applications: Service, staff: Staff
) -> None:
    one, path = await handed_in(staff, applications, city_above_cents=10_000)
    await stages.granted(applications, id_in(path))
    assert (await one.get(path))["grant"]["waits_for"] == ["city"]
    early = await one.send("POST", f"{path}/acceptance", {"signed_on": "2026-03-02"})
    assert code_of(early) == (409, "not_yet_effective")
    for signed_on in ("2026-03-03", "2026-03-01"):
        wrong = await one.send("POST", f"{path}/acceptance", {"signed_on": signed_on})
        assert code_of(wrong) == (422, "fields")
    no = await one.send("POST", f"{path}/city", {"agrees": False})
    assert no.json()["status"] == "revoked"
    year = await one.get(f"{FUND}/years/2026")
    assert (year["available_cents"], year["reserved_cents"]) == (500_000, 0)
    [event] = await told(applications, GrantRevoked)
    assert event.because == "city"


@sqlite
async def test_a_yes_of_the_city_a_decline_and_a_statement(
    applications: Service, staff: Staff
) -> None:
    one, path = await handed_in(staff, applications, city_above_cents=10_000)
    more, body = next((more, body) for _, more, body in ACTS if more == "/statements")
    asked = await one.send("POST", path + more, body)
    assert asked.json()["statements"][0]["department"] == "Grünflächen"
    assert "baum@stadt.example" not in asked.text
    assert len(await told(applications, StatementRequested)) == 1
    await stages.granted(applications, id_in(path))
    yes = await one.send("POST", f"{path}/city", {"agrees": True})
    assert yes.json()["grant"]["accept_by"] is not None
    key = uuid4()
    for _ in range(2):
        no = await one.send("POST", f"{path}/decline", key=key)
        assert no.json()["status"] == "declined"
    assert len(await told(applications, GrantDeclined)) == 1


async def test_the_office_corrects_answers_and_the_resident_is_told(
    applications: Service, staff: Staff
) -> None:
    one, path = await handed_in(staff, applications)
    key, better = uuid4(), changed("idea.title", "Nähen am Abend")
    for _ in range(2):
        answer = await one.send("PUT", f"{path}/answers", better, key=key)
        assert answer.json()["answers"]["idea"]["title"] == "Nähen am Abend"
    [event] = await told(applications, ApplicationChanged)
    assert event.fields == ["title"]
    wrong = await one.send("PUT", f"{path}/answers", changed("costs.asked_cents", 80000))
    assert code_of(wrong) == (422, "fields")
    assert wrong.json()["errors"][0]["pointer"] == "#/costs/asked_cents"


async def test_paper_keeps_the_hour_it_came_and_is_entered_once(
    applications: Service, staff: Staff
) -> None:
    await plan_session(applications, JUNE)
    one, key = await program(staff), uuid4()
    whole = changed("applicant.email", None)
    paper = {"arrived_at": "2026-02-20T09:30:00+01:00", "answers": whole}
    first = await one.send("POST", f"{PATH}/paper", paper, key=key)
    assert first.status_code == 201, first.text
    assert first.headers["location"] == f"{PATH}/{key}" and first.json()["on_paper"] is True
    assert first.json()["submitted_at"] == "2026-02-20T08:30:00Z"
    assert (await one.send("POST", f"{PATH}/paper", paper, key=key)).status_code == 200
    other = paper | {"arrived_at": "2026-02-21T09:30:00+01:00"}
    assert code_of(await one.send("POST", f"{PATH}/paper", other, key=key)) == (
        409,
        "command_conflict",
    )
    future = paper | {"arrived_at": "2027-02-21T09:30:00+01:00"}
    assert code_of(await one.send("POST", f"{PATH}/paper", future)) == (422, "from_the_future")
    wrong = {
        "arrived_at": "2026-03-01T09:30:00+01:00",
        "answers": changed("costs.asked_cents", 90000),
    }
    refused = await one.send("POST", f"{PATH}/paper", wrong)
    assert refused.json()["errors"][0]["pointer"] == "#/answers/costs/asked_cents"
    assert len(await stored(applications)) == 1


@sqlite
async def test_the_list_takes_every_filter_of_the_page(
    applications: Service, staff: Staff, clock: SetClock
) -> None:
    session_id = await plan_session(applications, JUNE)
    one, _ = await handed_in(staff, applications)
    row = (await one.get(PATH))["applications"][0]
    assert (row["fund"], row["session_id"], row["act"]) == (
        "buergerfonds",
        str(session_id),
        "check",
    )
    for params, found in (
        ({"fund": "buergerfonds", "year": 2026, "session": str(session_id)}, 1),
        ({"fund": "anderer"}, 0),
        ({"year": 2025}, 0),
        ({"session": str(uuid4())}, 0),
        ({"status": "granted"}, 0),
        ({"list": "abgeschlossen"}, 0),
        ({"list": "alle", "field": "qualification", "q": "näh"}, 1),
        ({"overdue": True}, 0),
    ):
        assert len((await one.get(PATH, **params))["applications"]) == found, params
    assert (await one.office.get(PATH, params={"list": "nix"})).status_code == 422
    assert (await one.office.get(PATH, params={"year": "x"})).status_code == 422


async def test_funds_and_their_rules(applications: Service, staff: Staff) -> None:
    one = await program(staff)
    fund = (await one.get(f"{PATH}/funds"))["funds"][0]
    assert fund["code"] == "buergerfonds" and fund["rules"]["name"]["de"] == "Bürgerfonds"
    rules = fund["rules"] | {"cap_cents": 100_000}
    address, key = f"{FUND}/rules/2027-01-01", uuid4()
    first, again = [
        await one.send("PUT", address, rules, key=key, version=fund["version"]) for _ in range(2)
    ]
    assert (first.status_code, again.json()) == (200, first.json())
    assert again.json()["rules"]["cap_cents"] is None
    assert again.json()["versions"][-1]["holds_from"] == "2027-01-01"
    stale = await one.send("PUT", address, rules | {"cap_cents": 1}, version=fund["version"])
    assert code_of(stale) == (412, "changed_meanwhile")
    past = await one.send("PUT", f"{FUND}/rules/2025-01-01", rules)
    assert code_of(past) == (409, "rules_of_the_past")
    wrong = await one.send("PUT", address, rules | {"undo_minutes": -1})
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["pointer"] == "#/undo_minutes"
    dropped = await one.send("DELETE", address)
    assert "2027-01-01" not in str(dropped.json()["versions"])
    assert code_of(await one.send("PUT", f"{PATH}/funds/nix/rules/2027-01-01", rules)) == (
        404,
        "no_such_fund",
    )
    made = await one.send("POST", f"{PATH}/funds", {"code": "kleiner-fonds", "rules": rules})
    assert made.status_code == 201 and made.json()["rules"]["cap_cents"] == 100_000
    twice = await one.send("POST", f"{PATH}/funds", {"code": "kleiner-fonds", "rules": rules})
    assert code_of(twice) == (409, "fund_exists")
    assert (await put(one.office, WHOLE)).status_code == 201
    token = {HEADER: one.token, "Content-Type": "application/json"}
    there = f"{PATH}/{uuid4()}?fund=kleiner-fonds"
    answer = await one.office.put(there, content=json.dumps(WHOLE), headers=token)
    assert answer.status_code == 201 and answer.json()["fund"] == "kleiner-fonds"
    nowhere = await one.office.put(
        f"{PATH}/{uuid4()}?fund=nix", content=json.dumps(WHOLE), headers=token
    )
    assert code_of(nowhere) == (404, "no_such_fund")


async def test_budget_release_and_the_books(applications: Service, staff: Staff) -> None:
    one, path = await handed_in(staff, applications)
    year, key = f"{FUND}/years/2026", uuid4()
    for _ in range(2):
        answer = await one.send("PUT", f"{year}/budget", {"cents": 500_000}, key=key)
        assert answer.json()["budget_cents"] == 500_000, answer.text
    other = await one.send("PUT", f"{year}/budget", {"cents": 1}, key=key)
    assert code_of(other) == (409, "command_conflict")
    too_much = await one.send("PUT", f"{year}/release", {"cents": 500_001})
    assert code_of(too_much) == (409, "released_too_much")
    await stages.admit(applications, id_in(path))
    await stages.schedule(applications, id_in(path))
    await stages.vote(applications, id_in(path), yes=5, no=1)
    assert (await one.get(year))["gap_cents"] == 70_000
    small = await one.send("PUT", f"{year}/budget", {"cents": 69_999})
    assert code_of(small) == (409, "budget_too_small")
    assert small.json()["promised_cents"] == 70_000
    before = (await one.get(year))["version"]
    freed = await one.send("PUT", f"{year}/release", {"cents": 70_000}, version=before)
    assert freed.json()["gap_cents"] == 0
    stale = await one.send("PUT", f"{year}/release", {"cents": 0}, version=before)
    assert code_of(stale) == (412, "changed_meanwhile")
    books = await one.get(f"{year}/ledger")
    assert [line["kind"] for line in books["lines"]] == ["reservation", "allotment"]
    assert all(sum(line["moved"].values()) == 0 for line in books["lines"])
    assert books["lines"][0]["available"] == 430_000 and books["older"] is None
    assert [one["year"] for one in (await one.get(f"{FUND}/years"))["years"]] == [2026]
    assert (await one.office.get(f"{PATH}/funds/nix/years")).status_code == 404


@sqlite
async def test_page_and_api_do_the_same(applications: Service, staff: Staff) -> None:
    one, by_api = await handed_in(staff, applications)
    _, by_page = await handed_in(staff, applications)
    asked = {"items": ["quotes"], "note": "Bitte zwei.", "due_on": "2026-03-20"}
    assert (await one.send("POST", f"{by_api}/corrections", asked)).status_code == 200
    form = f"/buero/antraege/{id_in(by_page)}/nachforderung"
    sent = await one.office.submit(form, asked | {"turn": "save"})
    assert sent.status_code == 303, sent.text
    first, second = await told(applications, CorrectionRequested)
    assert (first.items, first.due_at) == (second.items, second.due_at)
    api, page = await one.get(by_api), await one.get(by_page)
    for part in ("status", "version", "due_at"):
        assert api[part] == page[part]
    assert [step["what"] for step in api["trail"]] == [step["what"] for step in page["trail"]]
    assert api["corrections"][0]["note"] == page["corrections"][0]["note"] == "Bitte zwei."


@sqlite
async def test_refusals_speak_the_readers_language_and_keep_their_code(
    applications: Service, staff: Staff
) -> None:
    one, path = await handed_in(staff, applications)
    one.office.headers["Accept-Language"] = "en"
    answer = await one.send("POST", f"{path}/results", {"result": {"act": "admit"}})
    assert code_of(answer) == (409, "not_checked")
    assert answer.json()["title"] != "Das hat sich inzwischen geändert"


@sqlite
async def test_the_document_names_every_route_with_its_answers(app: FastAPI, staff: Staff) -> None:
    office = await staff("office")
    document = (await office.get("/applications/openapi.json")).json()
    routes = {(m.lower(), path) for m, path, _ in matrix(app) if path.startswith("/api/")}
    described = {(m, path) for path, of in document["paths"].items() for m in of}
    assert described == routes and len(routes) >= 28
    for path, of in document["paths"].items():
        for method, about in of.items():
            assert about["description"], (method, path)
            answers = about["responses"]
            assert {"401", "403", "422"} <= set(answers) and {"200", "201"} & set(answers)
            for status, answer in answers.items():
                if int(status) >= 400:
                    told = answer["content"]["application/problem+json"]
                    assert told["example"]["status"] == int(status) and told["schema"]
            names = {one["name"] for one in about.get("parameters", [])}
            keyed = method != "get" and path != PATH + "/{application_id}"
            assert ("Idempotency-Key" in names) == keyed, (method, path)


async def test_who_only_reads_sees_no_account(applications: Service, staff: Staff) -> None:
    _one, path = await handed_in(staff, applications)
    auditor = await program(staff, "auditor")
    case = await auditor.get(path)
    assert case["answers"]["applicant"]["iban"] == "DE•• •••• •••• 3000"
    assert case["answers"]["applicant"]["name"] == "Frauentreff e. V."
