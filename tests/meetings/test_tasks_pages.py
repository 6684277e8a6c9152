"""In front of the pages of tasks and decisions: office, auditor, owner with a link, member."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import select
from uuid_utils.compat import uuid7

from services.meetings.domain.member import Member
from services.meetings.domain.tasks import Task, TaskStatus
from shared.clock import SetClock
from shared.events.people import Link
from shared.roles import Role
from shared.sealed import Sealed
from shared.service import Service
from tests.meetings.agendas import Told, plan, tell
from tests.meetings.circulars import seat_members
from tests.meetings.people import Person, hidden, told

NewPerson = Callable[[], Person]
LIST = "/buero/sitzungen/aufgaben"
TYPED = {
    "title": "Angebot für Bänke holen",
    "text": "Bei zwei Firmen fragen.",
    "due_on": "16.3.2026",
    "name": "Rosa Klein",
    "email": "rosa@example.org",
}


async def only_task(service: Service) -> Task:
    async with service.db.read() as session:
        return (await session.scalars(select(Task))).one()


async def test_the_office_gives_a_task_after_a_check_page_and_takes_done_back(
    meetings: Service, person: NewPerson, clock: SetClock
) -> None:
    office = await person().enter(Role.OFFICE)
    assert "Nichts ist offen." in (await office.get(LIST)).text
    checked = await office.post(f"{LIST}/neu", TYPED | {"turn": "check"})
    assert "Rosa Klein" in checked.text
    assert await told(meetings, "task.assigned") == []
    answer = await office.act(f"{LIST}/neu", "save", TYPED)
    assert answer.headers["location"] == LIST
    shown = await office.get(LIST)
    assert "Angebot für Bänke holen" in shown.text
    assert "Rosa Klein" in shown.text
    task = await only_task(meetings)
    done = await office.post(f"{LIST}/{task.id}/erledigt", page=LIST)
    assert done.headers["location"] == f"{LIST}?zuletzt={task.id}"
    after = await office.get(done.headers["location"])
    assert "Rückgängig machen" in after.text
    back = await office.post(f"{LIST}/{task.id}/wieder", page=done.headers["location"])
    assert back.headers["location"] == f"{LIST}/{task.id}"
    assert (await only_task(meetings)).status is TaskStatus.OPEN
    one = await office.get(f"{LIST}/{task.id}")
    assert "Bei zwei Firmen fragen." in one.text
    gone = await office.post(f"{LIST}/{task.id}/weg", page=f"{LIST}/{task.id}")
    assert gone.status_code == 303
    assert (await only_task(meetings)).status is TaskStatus.DROPPED
    closed = await office.get(LIST, zeigen="erledigt")
    assert "Nicht mehr nötig" in closed.text
    assert (await office.get(f"{LIST}?zuletzt=x&zeigen=y")).status_code == 200


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": ""}, "title"),
        ({"due_on": "1.3.2026"}, "due_on"),
        ({"due_on": "bald"}, "due_on"),
        ({"email": "rosa"}, "email"),
        ({"name": "", "email": ""}, "owner"),
        ({"name": "", "email": "", "owner": "member:x"}, "owner"),
        ({"owner": f"member:{UUID(int=1)}"}, "owner"),
        ({"owner": f"account:{UUID(int=1)}"}, "owner"),
    ],
)
async def test_what_makes_no_sense_is_said_at_its_field_and_kept(
    meetings: Service, person: NewPerson, clock: SetClock, change: dict[str, str], field: str
) -> None:
    office = await person().enter(Role.OFFICE)
    answer = await office.post(f"{LIST}/neu", TYPED | change | {"turn": "save"})
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert TYPED["text"] in answer.text
    assert await told(meetings, "task.assigned") == []


async def test_a_task_of_a_session_stands_below_it(
    meetings: Service, person: NewPerson, clock: SetClock
) -> None:
    [member_id] = await seat_members(meetings, 1)
    may = await plan(meetings, "2026-05-06")
    office = await person().enter(Role.OFFICE)
    page = f"/buero/sitzungen/{may}/aufgaben"
    assert "noch keine Aufgaben" in (await office.get(page)).text
    typed = TYPED | {"owner": f"member:{member_id}", "name": "", "email": ""}
    first = await office.post(
        f"{LIST}/neu", typed | {"turn": "check"}, page=f"{LIST}/neu?sitzung={may}"
    )
    assert "Mitglied 0" in first.text
    saved = await office.http.post(f"{LIST}/neu", data=hidden(first.text) | {"turn": "save"})
    assert saved.headers["location"] == page
    assert "Angebot für Bänke holen" in (await office.get(page)).text
    task = await only_task(meetings)
    assert (task.session_id, task.member_id) == (may, member_id)
    elsewhere = await office.post(
        f"{LIST}/neu", TYPED | {"session_id": str(uuid7()), "turn": "save"}, page=f"{LIST}/neu"
    )
    assert elsewhere.status_code == 404


async def test_the_owner_closes_it_behind_the_link(
    meetings: Service, person: NewPerson, clock: SetClock
) -> None:
    office = await person().enter(Role.OFFICE)
    await office.act(f"{LIST}/neu", "save", TYPED)
    [event] = await told(meetings, "task.assigned")
    link = await meetings.seals.open(Sealed(**event["data"]["link"]), Link)
    assert link is not None
    path, owner = link.url.removeprefix(meetings.settings.origin), person()
    shown = await owner.get(path)
    assert "Angebot für Bänke holen" in shown.text
    for _again in range(2):
        answer = await owner.http.post(path, data=hidden(shown.text))
        assert answer.headers["location"] == path
    assert (await only_task(meetings)).status is TaskStatus.DONE
    assert "Sie müssen nichts mehr tun." in (await owner.get(path)).text
    assert len(await told(meetings, "task.closed")) == 1
    assert (await owner.get("/sitzungen/aufgaben/" + "x" * 43)).status_code == 410


async def test_a_member_closes_their_own_task_and_no_other(
    meetings: Service, person: NewPerson, clock: SetClock
) -> None:
    [member_id, other_id] = await seat_members(meetings, 2)
    office = await person().enter(Role.OFFICE)
    typed = TYPED | {"owner": f"member:{member_id}", "name": "", "email": ""}
    await office.act(f"{LIST}/neu", "save", typed)
    task = await only_task(meetings)
    member = await person().enter(Role.MEMBER)
    path = f"/gremium/aufgaben/{task.id}/erledigt"
    async with meetings.db.begin() as session:
        (await session.get_one(Member, other_id)).account_id = member.account_id
    assert (await member.post(path, page="/konto")).status_code == 404
    async with meetings.db.begin() as session:
        (await session.get_one(Member, other_id)).account_id = None
        await session.flush()
        (await session.get_one(Member, member_id)).account_id = member.account_id
    assert (await member.post(path, page="/konto")).headers["location"] == "/gremium"
    assert (await only_task(meetings)).status is TaskStatus.DONE


async def test_the_auditor_reads_and_changes_nothing(
    meetings: Service, person: NewPerson, clock: SetClock
) -> None:
    office = await person().enter(Role.OFFICE)
    await office.act(f"{LIST}/neu", "save", TYPED)
    auditor = await person().enter(Role.AUDITOR)
    shown = await auditor.get(LIST)
    assert "Nur lesen" in shown.text
    assert "Aufgabe anlegen" not in shown.text
    task = await only_task(meetings)
    for path in ("neu", f"{task.id}/erledigt", f"{task.id}/wieder"):
        assert (await auditor.post(f"{LIST}/{path}", TYPED, page="/konto")).status_code == 403
    assert (await person().get(LIST)).headers["location"].startswith("/anmelden")


async def test_decisions_are_shown_with_where_they_stand_and_since_when(
    meetings: Service, person: NewPerson, clock: SetClock
) -> None:
    office = await person().enter(Role.OFFICE)
    path = "/buero/sitzungen/nachverfolgung"
    assert "Nichts ist offen." in (await office.get(path)).text
    case = Told(meetings)
    await tell(meetings, case.reserved(None))
    shown = await office.get(path)
    assert "Sommerfest im Innenhof" in shown.text
    assert "Zugesagt, Unterschrift fehlt" in shown.text
    assert "650,00" in shown.text
    assert "Sommerfest" not in (await office.get(path, zeigen="zu-ende")).text
    read = (await office.get("/api/v1/meetings/follow-up")).json()
    assert [one["stage"] for one in read["decisions"]] == ["effective"]
    ended = (await office.get("/api/v1/meetings/follow-up/decisions", over="true")).json()
    assert ended == {"decisions": []}


async def test_programs_give_close_and_reopen_tasks(
    meetings: Service, person: NewPerson, clock: SetClock
) -> None:
    office = await person().enter(Role.OFFICE)
    token = hidden((await office.get("/konto")).text)["csrf_token"]
    headers, api = {"X-CSRF-Token": token}, "/api/v1/meetings/tasks"
    body = {
        "command_id": str(uuid7()),
        "title": "Bänke",
        "due_on": "2026-03-16",
        "name": "Rosa Klein",
        "email": "rosa@example.org",
    }
    made = await office.http.post(api, json=body, headers=headers)
    assert made.status_code == 201
    assert made.json()["owner"] == "Rosa Klein"
    assert (await office.http.post(api, json=body, headers=headers)).json() == made.json()
    path = f"{api}/{made.json()['id']}"
    for act, status in (("finish", "done"), ("reopen", "open"), ("drop", "dropped")):
        sent = {"command_id": str(uuid7())}
        answer = await office.http.post(f"{path}/{act}", json=sent, headers=headers)
        assert answer.json()["status"] == status
    assert (await office.get(path)).json()["status"] == "dropped"
    late = body | {"command_id": str(uuid7()), "due_on": "2026-03-01"}
    refused = await office.http.post(api, json=late, headers=headers)
    assert refused.json()["errors"][0]["pointer"] == "#/due_on"
    nobody = body | {"command_id": str(uuid7()), "email": None}
    refused = await office.http.post(api, json=nobody, headers=headers)
    assert refused.json()["errors"][0]["pointer"] == "#/owner"
