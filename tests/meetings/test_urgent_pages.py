"""In front of the page of a decision alone: check page, limit, who may."""

from collections.abc import Callable

import pytest
from uuid_utils.compat import uuid7

from shared.clock import SetClock
from shared.roles import Role
from shared.service import Service
from tests.meetings.boards import rule
from tests.meetings.circulars import Asking, asking
from tests.meetings.people import Person, hidden

NewPerson = Callable[[], Person]
TYPED = {"amount_cents": "200", "why": "Der Zug fährt morgen."}


def path_of(board: Asking) -> str:
    return f"/buero/sitzungen/{board.session_id}/punkte/{board.item_id}/eilentscheidung"


async def test_the_office_decides_alone_after_a_check_page(
    meetings: Service, person: NewPerson, clock: SetClock
) -> None:
    board = await asking(meetings, clock)
    await rule(meetings, urgent_limit_cents=20000)
    office = await person().enter(Role.OFFICE)
    assert "200,00" in (await office.get(path_of(board))).text
    checked = await office.post(path_of(board), TYPED | {"turn": "check"})
    assert "Die nächste Sitzung erfährt davon." in checked.text
    assert await board.votes() == []
    answer = await office.act(path_of(board), "save", TYPED)
    assert answer.headers["location"] == "/sitzungen/beschluesse"
    shown = await office.get("/sitzungen/beschluesse")
    assert "Es war eilig: Das ist ohne Abstimmung entschieden worden." in shown.text
    assert "Niemand hat abgestimmt." in shown.text
    assert "Der Zug fährt morgen." in (await office.get("/sitzungen/beschluesse/2026-001")).text


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount_cents": "200,01"}, "amount_cents"),
        ({"amount_cents": "0"}, "amount_cents"),
        ({"amount_cents": ""}, "amount_cents"),
        ({"why": ""}, "why"),
    ],
)
async def test_what_the_rules_forbid_is_said_at_its_field(
    meetings: Service, person: NewPerson, clock: SetClock, change: dict[str, str], field: str
) -> None:
    board = await asking(meetings, clock)
    await rule(meetings, urgent_limit_cents=20000)
    office = await person().enter(Role.OFFICE)
    answer = await office.post(path_of(board), TYPED | change | {"turn": "save"})
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert await board.votes() == []


async def test_a_board_without_such_decisions_says_what_to_do_instead(
    meetings: Service, person: NewPerson, clock: SetClock
) -> None:
    board = await asking(meetings, clock)
    office = await person().enter(Role.OFFICE)
    assert "erlauben hier keine Eilentscheidung" in (await office.get(path_of(board))).text
    refused = await office.post(path_of(board), TYPED | {"turn": "save"}, page="/konto")
    assert refused.status_code == 409


async def test_members_and_auditors_decide_nothing_alone(
    meetings: Service, person: NewPerson, clock: SetClock
) -> None:
    board = await asking(meetings, clock)
    await rule(meetings, urgent_limit_cents=20000)
    for role in (Role.MEMBER, Role.AUDITOR):
        someone = await person().enter(role)
        sent = TYPED | {"turn": "save"}
        assert (await someone.post(path_of(board), sent, page="/konto")).status_code == 403
    assert await board.votes() == []


async def test_programs_decide_under_the_same_rules(
    meetings: Service, person: NewPerson, clock: SetClock
) -> None:
    board = await asking(meetings, clock)
    await rule(meetings, urgent_limit_cents=20000)
    office = await person().enter(Role.OFFICE)
    token = hidden((await office.get("/konto")).text)["csrf_token"]
    path = f"/api/v1/meetings/agenda/{board.item_id}/urgent"
    version = (await board.item()).version
    for cents, status in ((20001, 422), (20000, 201)):
        sent = {"command_id": str(uuid7()), "version": version, "why": "Eilt."}
        answer = await office.http.post(
            path, json=sent | {"amount_cents": cents}, headers={"X-CSRF-Token": token}
        )
        assert answer.status_code == status
    assert len(await board.votes()) == 1
