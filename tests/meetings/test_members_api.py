"""The members for the office's programs: what the pages do, with problems that point at the field."""

from collections.abc import Callable
from datetime import date
from typing import Any

from uuid_utils.compat import uuid7

from shared.roles import Role
from shared.service import Service
from tests.meetings.boards import recorded
from tests.meetings.people import Person

NewPerson = Callable[[], Person]
API = "/api/v1/meetings/members"


async def send(someone: Person, path: str, body: dict[str, Any]) -> Any:
    token = (await someone.get("/konto")).text.split('name="csrf_token" value="')[1].split('"')[0]
    return await someone.http.post(path, json=body, headers={"X-CSRF-Token": token})


async def test_a_program_takes_in_reads_declares_and_lets_go(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    body = {"command_id": str(uuid7()), "name": "Ayşe Demir", "email": "ayse@example.org"}
    first, again = await send(office, API, body), await send(office, API, body)
    assert (first.status_code, again.status_code) == (201, 201)
    member = first.json()
    assert again.json() == member
    assert (member["status"], member["right"]["reason"]) == ("guest", "guest")
    declared = await send(
        office,
        f"{API}/{member['id']}/declare",
        {"command_id": str(uuid7()), "version": member["version"], "on": "2026-03-01"},
    )
    assert declared.json()["right"]["reason_text"] == "Noch 1 Sitzung bis zum Stimmrecht."
    stale = await send(
        office,
        f"{API}/{member['id']}/leave",
        {"command_id": str(uuid7()), "version": member["version"], "on": "2026-03-02"},
    )
    assert stale.status_code == 409
    gone = await send(
        office,
        f"{API}/{member['id']}/leave",
        {
            "command_id": str(uuid7()),
            "version": declared.json()["version"],
            "on": "2026-03-02",
        },
    )
    assert (gone.json()["status"], gone.json()["left_on"]) == ("left", "2026-03-02")
    read = await office.http.get(f"{API}/{member['id']}")
    assert read.json() == gone.json()


async def test_the_list_is_by_name_and_by_status(person: NewPerson, meetings: Service) -> None:
    office = await person().enter(Role.OFFICE)
    await recorded(meetings, "Zoe Z", declared=date(2026, 3, 1))
    await recorded(meetings, "Ada A")
    names = [one["name"] for one in (await office.http.get(API)).json()["members"]]
    assert names == ["Ada A", "Zoe Z"]
    guests = (await office.http.get(API, params={"status": "guest"})).json()["members"]
    assert [one["name"] for one in guests] == ["Ada A"]


async def test_what_is_wrong_points_at_its_field(person: NewPerson, meetings: Service) -> None:
    office = await person().enter(Role.OFFICE)
    nowhere = await send(office, API, {"command_id": str(uuid7()), "name": "Ayşe"})
    assert nowhere.status_code == 422
    assert nowhere.json()["errors"][0]["pointer"] == "#/email"
    early = {"command_id": str(uuid7()), "name": "A", "email": "a@example.org"}
    ahead = await send(office, API, early | {"declared_on": "2026-03-03"})
    assert ahead.status_code == 422
    assert ahead.json()["errors"][0]["pointer"] == "#/declared_on"


async def test_only_the_office_and_the_auditor_read_it(
    person: NewPerson, meetings: Service
) -> None:
    auditor = await person().enter(Role.AUDITOR)
    assert (await auditor.http.get(API)).status_code == 200
    body = {"command_id": str(uuid7()), "name": "A", "email": "a@example.org"}
    assert (await send(auditor, API, body)).status_code == 403
    member = await person().enter(Role.MEMBER)
    assert (await member.http.get(API)).status_code == 403
