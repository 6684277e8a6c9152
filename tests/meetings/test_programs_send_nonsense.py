"""Whatever a program says about a session: an answer of ours with a sentence, and nothing half done."""

from collections.abc import Callable
from typing import Any, Final
from uuid import uuid4

import pytest
from uuid_utils.compat import uuid7

from shared.roles import Role
from shared.service import Service
from tests.meetings.people import Person, hidden
from tests.meetings.rooms import opened
from tests.meetings.test_erasure_and_command_line import everything_kept

NewPerson = Callable[[], Person]
BEFORE_THE_CALENDAR: Final = "0001-01-01T00:00:00+14:00"
AFTER_IT: Final = "9999-12-31T23:59:59-14:00"
HUGE: Final = 10**30
NUL: Final = "So\x00 sei es"
ROOM, SESSION = "/rooms/{session}", "/sessions/{session}"
ASK: Final = {"item_id": "{item}", "motion": "resolve", "manner": "hands", "text": "So sei es."}
CONDITION: Final = {"text": "Belege", "due_on": "2026-12-31"}

NONSENSE: Final[tuple[tuple[str, str, dict[str, Any]], ...]] = (
    ("POST", ROOM + "/members/{nobody}/arrive", {}),
    ("POST", ROOM + "/members/{nobody}/depart", {}),
    ("POST", ROOM + "/members/{nobody}/excuse", {}),
    ("POST", ROOM + "/members/{member}/arrive", {"at": BEFORE_THE_CALENDAR}),
    ("POST", ROOM + "/members/{member}/depart", {"at": AFTER_IT}),
    ("POST", ROOM + "/close", {"at": BEFORE_THE_CALENDAR}),
    ("POST", ROOM + "/guests", {"guests": HUGE}),
    ("POST", ROOM + "/guests", {"guests": -1}),
    ("POST", ROOM + "/items/{nobody}/call", {}),
    ("POST", ROOM + "/items/{item}/call", {"version": HUGE}),
    ("POST", ROOM + "/items/{item}/finish", {"outcome": "granted"}),
    ("PUT", ROOM + "/items/{item}/recusals/{nobody}", {"because": "partner"}),
    ("PUT", ROOM + "/items/{nobody}/recusals/{member}", {"because": "partner"}),
    ("POST", ROOM + "/items/{item}/recusals/{member}/lift", {"reason": NUL}),
    ("POST", ROOM + "/polls", ASK | {"text": NUL}),
    ("POST", ROOM + "/polls", ASK | {"item_id": "{nobody}"}),
    ("POST", ROOM + "/polls", ASK | {"motion": "grant", "amount_cents": HUGE}),
    ("POST", ROOM + "/polls", ASK | {"item_id": "{case}", "motion": "grant", "amount_cents": HUGE}),
    (
        "POST",
        ROOM + "/polls",
        ASK
        | {
            "item_id": "{case}",
            "motion": "grant",
            "amount_cents": 5,
            "conditions": [CONDITION | {"text": NUL}],
        },
    ),
    ("POST", ROOM + "/polls/{nobody}/count", {"yes": 1, "no": 1}),
    ("POST", ROOM + "/polls/{nobody}/call-off", {}),
    ("PUT", ROOM + "/polls/{nobody}/ballots/{member}", {"choice": "yes"}),
    ("GET", ROOM + "/polls/{nobody}/slips", {}),
    ("GET", f"/resolutions/{HUGE}/1", {}),
    ("GET", f"/resolutions/2026/{HUGE}", {}),
    ("POST", "/agenda/{nobody}/circular", {"text": "Eilt", "amount_cents": 5}),
    ("POST", "/agenda/{case}/circular", {"text": "Eilt", "amount_cents": HUGE}),
    ("POST", "/agenda/{case}/circular", {"text": NUL, "amount_cents": 5}),
    ("POST", "/agenda/{case}/urgent", {"why": "Eilt", "amount_cents": HUGE}),
    ("POST", "/circulars/{nobody}/answers", {"member_id": "{member}", "choice": "yes"}),
    (
        "POST",
        "/tasks",
        {"title": "Tun", "due_on": "9999-12-31", "name": "Ada", "email": "a@example.org"},
    ),
    (
        "POST",
        "/tasks",
        {"title": "Tun", "due_on": "0001-01-01", "name": "Ada", "email": "a@example.org"},
    ),
    ("POST", "/tasks", {"title": "Tun", "due_on": "2026-12-01", "member_id": "{nobody}"}),
    (
        "POST",
        "/tasks",
        {
            "title": "Tun",
            "due_on": "2026-12-01",
            "member_id": "{member}",
            "session_id": "{nobody}",
        },
    ),
    (
        "POST",
        "/tasks",
        {"title": "Tun", "due_on": "2026-12-01", "member_id": "{member}", "item_id": "{nobody}"},
    ),
    ("POST", "/tasks/{nobody}/finish", {}),
)


@pytest.mark.parametrize(("method", "path", "sent"), NONSENSE)
async def test_nonsense_is_refused_with_a_problem_and_changes_nothing(
    meetings: Service, person: NewPerson, method: str, path: str, sent: dict[str, Any]
) -> None:
    hall = await opened(meetings, cases=1)
    places = {
        "session": str(hall.session_id),
        "member": str(hall.members[0]),
        "item": str(await hall.item()),
        "case": str(await hall.case_item()),
        "nobody": str(uuid4()),
    }
    office = await person().enter(Role.OFFICE)
    token = hidden((await office.http.get("/konto")).text)["csrf_token"]
    before = await everything_kept(meetings)
    body = {"command_id": str(uuid7()), **_filled(sent, places)}
    answer = await office.http.request(
        method,
        f"/api/v1/meetings{path.format(**places)}",
        json=body if method != "GET" else None,
        headers={"Accept": "application/json", "X-CSRF-Token": token},
    )
    assert answer.status_code in (404, 409, 422), (answer.status_code, answer.text)
    assert answer.json()["status"] == answer.status_code
    assert await everything_kept(meetings) == before


def _filled(sent: dict[str, Any], places: dict[str, str]) -> dict[str, Any]:
    """With the ids of this board in place of their names."""
    return {
        key: value.format(**places) if isinstance(value, str) and value.startswith("{") else value
        for key, value in sent.items()
    }
