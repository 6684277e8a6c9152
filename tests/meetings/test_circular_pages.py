"""In front of the pages of a vote in writing: office, chair, member with a link, strangers."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import select
from uuid_utils.compat import uuid7

from services.meetings.domain.circular import Circular, CircularElector, CircularStatus
from services.meetings.domain.member import BoardRole, Member
from services.meetings.domain.polls import Choice
from shared.clock import SetClock
from shared.roles import Role
from shared.service import Service
from tests.meetings.agendas import tell
from tests.meetings.boards import rule, said_on
from tests.meetings.circulars import Asking, asking
from tests.meetings.people import Person, hidden

NewPerson = Callable[[], Person]
TYPED = {"text": "Der Stand muss bestellt werden.", "amount_cents": "650"}


def path_of(board: Asking, act: str = "umlauf") -> str:
    return f"/buero/sitzungen/{board.session_id}/punkte/{board.item_id}/{act}"


async def running(board: Asking) -> Circular:
    async with board.service.db.read() as session:
        return (await session.scalars(select(Circular))).one()


async def test_the_office_asks_the_members_after_a_check_page(
    meetings: Service, person: NewPerson, clock: SetClock
) -> None:
    board = await asking(meetings, clock, members=3, on_paper=1)
    office = await person().enter(Role.OFFICE)
    item = await office.get(f"/buero/sitzungen/{board.session_id}/punkte/{board.item_id}")
    assert path_of(board) in item.text
    shown = await office.get(path_of(board))
    assert "800,00" in shown.text
    checked = await office.post(path_of(board), TYPED | {"turn": "check"})
    assert "3 Mitglieder werden gefragt" in checked.text
    assert "bekommt einen Brief" in checked.text
    assert await board.requests(reminder=False) == []
    answer = await office.act(path_of(board), "save", TYPED)
    circular = await running(board)
    assert answer.headers["location"] == f"/buero/sitzungen/umlauf/{circular.id}"
    assert circular.amount_cents == 65000
    again = await office.get(path_of(board))
    assert again.headers["location"] == f"/buero/sitzungen/umlauf/{circular.id}"
    listed = await office.get("/buero/sitzungen/umlauf")
    assert "Sommerfest im Innenhof" in listed.text


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount_cents": "900"}, "amount_cents"),
        ({"amount_cents": ""}, "amount_cents"),
        ({"amount_cents": "viel"}, "amount_cents"),
        ({"text": ""}, "text"),
        ({"text": "\x07"}, "text"),
    ],
)
async def test_what_makes_no_sense_is_said_at_its_field_and_kept(
    meetings: Service, person: NewPerson, clock: SetClock, change: dict[str, str], field: str
) -> None:
    board = await asking(meetings, clock, members=3)
    office = await person().enter(Role.OFFICE)
    answer = await office.post(path_of(board), TYPED | change | {"turn": "check"})
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert await board.requests(reminder=False) == []


async def test_rules_without_votes_in_writing_say_so(
    meetings: Service, person: NewPerson, clock: SetClock
) -> None:
    board = await asking(meetings, clock, members=3)
    await rule(meetings, circular_days=None)
    office = await person().enter(Role.OFFICE)
    assert "erlauben keine schriftlichen Beschlüsse" in (await office.get(path_of(board))).text
    refused = await office.post(path_of(board), TYPED | {"turn": "check"}, page="/konto")
    assert refused.status_code == 409


async def test_only_office_and_chair_may_ask(
    meetings: Service, person: NewPerson, clock: SetClock
) -> None:
    board = await asking(meetings, clock, members=3)
    member = await person().enter(Role.MEMBER)
    assert (await member.get(path_of(board))).status_code == 403
    async with meetings.db.begin() as session:
        chair = await session.get_one(Member, board.members[0])
        chair.account_id = member.account_id
    assert (await member.get(path_of(board))).status_code == 403
    async with meetings.db.begin() as session:
        (await session.get_one(Member, board.members[0])).take_roles([BoardRole.MINUTES])
    assert (await member.get(path_of(board))).status_code == 403
    async with meetings.db.begin() as session:
        (await session.get_one(Member, board.members[0])).take_roles([BoardRole.CHAIR])
    answer = await member.act(path_of(board), "save", TYPED)
    assert answer.status_code == 303
    circular = await running(board)
    assert (await member.get(f"/buero/sitzungen/umlauf/{circular.id}")).status_code == 200
    entered = await member.post(
        f"/buero/sitzungen/umlauf/{circular.id}/antwort",
        {"member_id": str(board.members[1]), "choice": "yes", "turn": "save"},
        page="/konto",
    )
    assert entered.status_code == 403
    auditor = await person().enter(Role.AUDITOR)
    seen = await auditor.get(f"/buero/sitzungen/umlauf/{circular.id}")
    assert "Nur lesen" in seen.text
    assert (await auditor.get(path_of(board))).status_code == 403


async def test_a_member_answers_behind_their_link_once(
    meetings: Service, person: NewPerson, clock: SetClock
) -> None:
    board = await asking(meetings, clock, members=3)
    applicant = await meetings.seals.person(email="frieda@example.org")
    await tell(meetings, await board.case.paper(applicant))
    await board.start()
    path, someone = await board.path_of(0), person()
    shown = await someone.get(path)
    assert "Sommerfest im Innenhof" in shown.text
    assert "650,00" in shown.text
    assert "Nachbarn treffen sich" in shown.text
    assert "Frieda Kruse" not in shown.text
    nothing = await someone.post(path, {"turn": "check"})
    assert nothing.status_code == 422
    checked = await someone.post(path, {"choice": "yes", "turn": "check"})
    assert "Ihre Stimme: Ja" in checked.text
    async with meetings.db.read() as session:
        kept = await session.get_one(CircularElector, (board.circular_id, board.members[0]))
        assert kept.choice is None
    sent = await someone.http.post(path, data=hidden(checked.text) | {"turn": "save"})
    assert sent.headers["location"] == path
    assert "Sie haben gestimmt: Ja." in (await someone.get(path)).text
    late = await someone.http.post(
        path, data=hidden(checked.text) | {"choice": "no", "turn": "save"}
    )
    assert late.status_code == 303
    async with meetings.db.read() as session:
        kept = await session.get_one(CircularElector, (board.circular_id, board.members[0]))
    assert (kept.choice, kept.on_paper) == (Choice.YES, False)


async def test_a_link_shows_what_came_out_and_a_wrong_one_nothing(
    meetings: Service, person: NewPerson, clock: SetClock
) -> None:
    board = await asking(meetings, clock, members=3)
    await board.start()
    path = await board.path_of(2)
    await board.yes(0, 1)
    shown = await person().get(path)
    assert "Schriftlich angenommen: 2 von 3 Mitgliedern sagen Ja." in shown.text
    assert 'name="choice"' not in shown.text
    wrong = await person().get("/sitzungen/umlauf/" + "x" * 43)
    assert wrong.status_code == 410
    clock.forward(days=60)
    assert (await person().get(path)).status_code == 410


async def test_the_office_enters_paper_and_sees_no_answers_before_the_end(
    meetings: Service, person: NewPerson, clock: SetClock
) -> None:
    board = await asking(meetings, clock, members=3, on_paper=1)
    await board.start()
    await board.say(Choice.NO, 1)
    office = await person().enter(Role.OFFICE)
    view = f"/buero/sitzungen/umlauf/{board.circular_id}"
    shown = (await office.get(view)).text
    assert "1 von 3" in said_on(shown)
    people = shown.split('id="h-mitglieder"')[1].split("</section>")[0]
    assert "Nein" not in people
    sent = {"member_id": str(board.members[0]), "choice": "yes"}
    checked = await office.post(f"{view}/antwort", sent | {"turn": "check"}, page=view)
    assert "Stimmt die Antwort?" in checked.text
    saved = await office.http.post(f"{view}/antwort", data=hidden(checked.text) | {"turn": "save"})
    assert saved.status_code == 303
    async with meetings.db.read() as session:
        kept = await session.get_one(CircularElector, (board.circular_id, board.members[0]))
    assert (kept.choice, kept.on_paper) == (Choice.YES, True)
    twice = await office.post(f"{view}/antwort", sent | {"turn": "save"}, page=view)
    assert twice.status_code == 409
    await board.yes(2)
    assert "Nein" in (await office.get(view)).text


async def test_the_office_calls_it_off_after_a_check_page(
    meetings: Service, person: NewPerson, clock: SetClock
) -> None:
    board = await asking(meetings, clock, members=3)
    await board.start()
    office = await person().enter(Role.OFFICE)
    path = f"/buero/sitzungen/umlauf/{board.circular_id}/abbrechen"
    assert "Umfrage abbrechen?" in (await office.get(path)).text
    assert (await office.post(path)).status_code == 303
    assert (await board.circular()).status is CircularStatus.ENDED
    assert (await office.post(path)).status_code == 409


async def test_programs_do_what_the_pages_do(
    meetings: Service, person: NewPerson, clock: SetClock
) -> None:
    board = await asking(meetings, clock, members=3)
    office = await person().enter(Role.OFFICE)
    start = f"/api/v1/meetings/agenda/{board.item_id}/circular"
    version = (await board.item()).version
    body = {"command_id": str(uuid7()), "version": version, "text": "Eilt.", "amount_cents": 90000}
    headers = await token(office)
    wrong = await office.http.post(start, json=body, headers=headers)
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["pointer"] == "#/amount_cents"
    body |= {"command_id": str(uuid7()), "amount_cents": 65000}
    made = await office.http.post(start, json=body, headers=headers)
    assert made.status_code == 201
    assert (made.json()["needed"], made.json()["asked"], made.json()["answered"]) == (2, 3, 0)
    again = await office.http.post(start, json=body, headers=headers)
    assert again.json()["id"] == made.json()["id"]
    board.circular_id = UUID(made.json()["id"])
    path = f"/api/v1/meetings/circulars/{board.circular_id}"
    for number in (0, 1):
        sent = {
            "command_id": str(uuid7()),
            "member_id": str(board.members[number]),
            "choice": "yes",
        }
        entered = await office.http.post(f"{path}/answers", json=sent, headers=headers)
        assert entered.status_code == 200
    read = (await office.get(path)).json()
    assert (read["status"], read["answered"]) == ("decided", 2)
    closed = await office.http.post(
        f"{path}/call-off",
        json={"command_id": str(uuid7()), "version": read["version"]},
        headers=headers,
    )
    assert closed.status_code == 409


async def token(office: Person) -> dict[str, str]:
    """What a page of ours sends along with a program's request."""
    return {"X-CSRF-Token": hidden((await office.get("/konto")).text)["csrf_token"]}


async def test_a_member_who_is_signed_in_finds_what_they_are_asked_and_answers_it_there(
    meetings: Service, person: NewPerson, clock: SetClock
) -> None:
    board = await asking(meetings, clock, members=3)
    await board.start()
    member = await person().enter(Role.MEMBER, email="mitglied-1@example.org")
    path = f"/gremium/umlauf/{board.circular_id}"
    assert (await member.get(path)).status_code == 404
    async with meetings.db.begin() as session:
        (await session.get_one(Member, board.members[1])).account_id = member.account_id
    assert f'href="{path}"' in (await member.get("/gremium")).text
    assert (await member.post(path, {"turn": "check"})).status_code == 422
    answer = await member.act(path, "save", {"choice": "no"})
    assert answer.headers["location"] == path
    assert "Sie haben gestimmt: Nein." in (await member.get(path)).text
    assert f'href="{path}"' not in (await member.get("/gremium")).text
    async with meetings.db.read() as session:
        kept = await session.get_one(CircularElector, (board.circular_id, board.members[1]))
    assert kept.choice is Choice.NO
    assert (await (await person().enter(Role.OFFICE)).get(path)).status_code == 404


async def test_a_chair_goes_from_their_own_page_to_a_vote_in_writing_and_back(
    meetings: Service, person: NewPerson, clock: SetClock
) -> None:
    board = await asking(meetings, clock, members=3)
    member = await person().enter(Role.MEMBER, email="mitglied-0@example.org")
    async with meetings.db.begin() as session:
        chair = await session.get_one(Member, board.members[0])
        chair.account_id = member.account_id
    assert path_of(board) not in (await member.get("/gremium")).text
    async with meetings.db.begin() as session:
        (await session.get_one(Member, board.members[0])).take_roles([BoardRole.CHAIR])
    own = (await member.get("/gremium")).text
    for way in (path_of(board), path_of(board, "eilentscheidung"), "/buero/sitzungen/umlauf"):
        assert f'href="{way}"' in own
        shown = await member.get(way)
        assert shown.status_code == 200
        assert 'href="/gremium"' in shown.text
        assert (
            f'href="/buero/sitzungen/{board.session_id}/punkte/{board.item_id}"' not in shown.text
        )
