"""Whatever a program or an address says: an answer of ours with a sentence, and nothing half done."""

import json
from base64 import urlsafe_b64encode
from copy import deepcopy
from typing import Any, Final
from uuid import uuid4

import pytest

from services.applications.commands.erase import forget_people
from services.applications.domain import Application
from shared.events.applications import ApplicantRecorded, ApplicationChanged, CheckItem
from shared.service import Service
from tests.applications.people import JUNE, plan_session, stored, told
from tests.applications.test_api import PATH, WHOLE
from tests.applications.test_api_acts import (
    FUND,
    Staff,
    admissible,
    code_of,
    handed_in,
    id_in,
    program,
)

BEFORE_THE_CALENDAR: Final = "0001-01-01T00:00:00+14:00"
LIST: Final = "/buero/antraege"


def cursor(*place: Any) -> str:
    return urlsafe_b64encode(json.dumps(place).encode()).decode()


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        (PATH, {"year": "9999"}),
        (PATH, {"after": cursor(BEFORE_THE_CALENDAR, BEFORE_THE_CALENDAR, str(uuid4()))}),
        (PATH, {"after": cursor(1, 2, 3)}),
        (LIST, {"jahr": "9999"}),
        (LIST, {"nach": cursor(BEFORE_THE_CALENDAR, BEFORE_THE_CALENDAR, str(uuid4()))}),
        (f"{LIST}/export", {"jahr": "9999"}),
    ],
)
async def test_no_filter_reaches_beyond_the_calendar(
    staff: Staff, path: str, asked: dict[str, str]
) -> None:
    one = await program(staff)
    assert (await one.office.get(path, params=asked)).status_code == 200


async def test_paper_from_before_the_calendar_is_refused_with_a_sentence(staff: Staff) -> None:
    one = await program(staff)
    sent = {"arrived_at": BEFORE_THE_CALENDAR, "answers": WHOLE}
    answer = await one.send("POST", f"{PATH}/paper", sent)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/arrived_at"


async def test_a_department_may_have_until_the_last_day_of_the_calendar(
    applications: Service, staff: Staff
) -> None:
    one, path = await handed_in(staff, applications)
    asked = {
        "department": "Grünflächen",
        "contact_name": "Frau Linde",
        "email": "linde@stadt.example",
        "question": "Passt das?",
        "due_on": "9999-12-31",
    }
    assert (await one.send("POST", f"{path}/statements", asked)).status_code == 200


WRONG_RULES: Final[list[tuple[str, Any]]] = [
    ("name", {"en": "Fund"}),
    ("name", {"de": " "}),
    ("name", {"de": "vor\x00nach"}),
    ("name", {"de": "x" * 100_000}),
    ("who_may_apply", [{}]),
    ("not_paid", [{"code": "a1", "name": {}}]),
    ("board", ""),
    ("year_cents", 10**30),
    ("cap_cents", -1),
    ("office_up_to_cents", 10**30),
    ("city_above_cents", -1),
    ("low_cents", -1),
    ("quotes_from_cents", -1),
    ("uploads", {"count": -1}),
    ("uploads", {"bytes_each": 10**30}),
]


async def test_rules_that_no_page_could_show_or_reckon_with_are_refused(staff: Staff) -> None:
    one = await program(staff)
    fund = await one.get(FUND)
    for name, value in WRONG_RULES:
        body = fund["rules"] | {name: value}
        answer = await one.send("PUT", f"{FUND}/rules/2026-12-01", body)
        assert answer.status_code == 422, (name, str(value)[:40])
        assert answer.json()["errors"][0]["pointer"].startswith(f"#/{name}")
    assert (await one.get(FUND))["versions"] == fund["versions"]


async def test_nothing_is_written_into_a_case_whose_person_was_erased(
    applications: Service, staff: Staff
) -> None:
    one, path = await handed_in(staff, applications)
    async with applications.db.begin() as session:
        person = (await session.get_one(Application, id_in(path))).person_id
        assert person
        await forget_people(session, [person], at=applications.clock.now())
    before = len(await told(applications, ApplicantRecorded))
    answer = await one.send("PUT", f"{path}/answers", WHOLE)
    assert code_of(answer) == (409, "illegal_move")
    [case] = await stored(applications)
    assert (case.answers, case.title, case.applicant, case.search_text) == ({}, "", "", "")
    assert len(await told(applications, ApplicantRecorded)) == before


async def test_a_key_is_good_for_one_application(applications: Service, staff: Staff) -> None:
    one, path = await handed_in(staff, applications)
    other = f"{PATH}/{uuid4()}"
    assert (await one.send("PUT", other, WHOLE)).status_code == 201
    key, said = uuid4(), {"item": CheckItem.QUOTES.value, "judgement": "no", "note": ""}
    assert (await one.send("POST", f"{path}/judgements", said, key=key)).status_code == 200
    again = await one.send("POST", f"{other}/judgements", said, key=key)
    assert code_of(again) == (409, "command_conflict")


async def test_what_was_told_with_the_admission_stays_the_title_and_who_decides(
    applications: Service, staff: Staff
) -> None:
    await plan_session(applications, JUNE)
    one, path = await handed_in(staff, applications, office_up_to_cents=100_000)
    await admissible(one, path)
    admit = {"result": {"act": "admit"}, "at_once": True}
    assert (await one.send("POST", f"{path}/results", admit)).status_code == 200
    more = deepcopy(WHOLE)
    more["costs"]["costs"][0]["cents"], more["costs"]["asked_cents"] = 300_000, 250_000
    answer = await one.send("PUT", f"{path}/answers", more)
    assert code_of(answer) == (409, "not_for_the_office")
    assert await told(applications, ApplicationChanged) == []
    title = await one.send("POST", f"{path}/public-title", {"public_title": "Anders genannt"})
    assert code_of(title) == (409, "illegal_move")
    less = deepcopy(WHOLE)
    less["costs"]["asked_cents"] = 60_000
    assert (await one.send("PUT", f"{path}/answers", less)).json()["asked_cents"] == 60_000


NUL: Final = "vor\x00nach"
ASKED: Final = {"department": NUL, "contact_name": "L", "email": "l@stadt.example"}
REFUSED: Final = {"act": "refuse", "reasons": ["other"], "text": NUL}
CONDITION: Final = {"text": NUL, "due_on": "2026-04-01"}
DECIDED: Final = {"act": "decide", "cents": 100, "text": NUL, "conditions": [CONDITION]}


@pytest.mark.parametrize(
    ("place", "said", "wrong"),
    [
        ("judgements", {"item": "quotes", "judgement": "no", "note": NUL}, {"note"}),
        ("public-title", {"public_title": NUL}, {"public_title"}),
        (
            "statements",
            ASKED | {"question": NUL, "due_on": "2026-04-01"},
            {"department", "question"},
        ),
        ("corrections", {"items": ["other"], "note": NUL, "due_on": "2026-03-20"}, {"note"}),
        ("results", {"result": REFUSED}, {"text"}),
        ("results", {"result": DECIDED}, {"text"}),
        ("revocation", {"text": NUL}, {"text"}),
    ],
)
async def test_what_no_keyboard_types_is_refused_field_by_field(
    applications: Service, staff: Staff, place: str, said: dict[str, Any], wrong: set[str]
) -> None:
    one, path = await handed_in(staff, applications)
    answer = await one.send("POST", f"{path}/{place}", said)
    assert answer.status_code == 422, answer.text
    assert {error["pointer"].split("/")[-1] for error in answer.json()["errors"]} == wrong


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (f"{PATH}?q=%00", 200),
        (f"{PATH}?fund=%00", 422),
        (f"{PATH}?field=a%00b", 422),
        (f"{LIST}?fonds=%00&feld=a%00b&nach=%00", 200),
        (f"{LIST}/export.csv?fonds=a%00b", 200),
        (f"{PATH}/funds/%00", 404),
        (f"{PATH}/funds/a%00b/years/2026/ledger", 404),
        ("/buero/fonds/%00/2026", 404),
    ],
)
async def test_nor_does_it_break_an_address(staff: Staff, address: str, status: int) -> None:
    one = await program(staff)
    assert (await one.office.get(address)).status_code == status
