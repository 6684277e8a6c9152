"""A whole session over the JSON API, and who is refused there."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from shared.roles import Role
from shared.service import Service
from tests.meetings.people import Person, hidden
from tests.meetings.rooms import Hall, invited

NewPerson = Callable[[], Person]


class Api:
    """Programs of the office."""

    def __init__(self, someone: Person, hall: Hall) -> None:
        self.http, self.base = someone.http, f"/api/v1/meetings/rooms/{hall.session_id}"
        self.token = ""

    async def send(self, method: str, path: str, status: int = 200, **sent: Any) -> dict[str, Any]:
        if not self.token:
            self.token = hidden((await self.http.get("/konto")).text)["csrf_token"]
        body = {"command_id": str(uuid7()), **sent}
        headers = {"Accept": "application/json", "X-CSRF-Token": self.token}
        answer = await self.http.request(method, self.base + path, json=body, headers=headers)
        assert answer.status_code == status, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def post(self, path: str, status: int = 200, **sent: Any) -> dict[str, Any]:
        return await self.send("POST", path, status, **sent)

    async def read(self) -> dict[str, Any]:
        told: dict[str, Any] = (await self.http.get(self.base)).json()
        return told


async def test_a_session_is_run_over_the_api_from_arrival_to_end(
    meetings: Service, person: NewPerson
) -> None:
    hall = await invited(meetings)
    for _member in range(6):
        await hall.member()
    item = await hall.item()
    office = await person().enter(Role.OFFICE)
    api = Api(office, hall)
    for member in hall.members[:5]:
        await api.post(f"/members/{member}/arrive")
    opened = await api.post("/open")
    assert (opened["status"], opened["present"], len(opened["room_code"])) == ("open", 5, 6)
    await api.post("/guests", guests=3)
    await api.post(f"/members/{hall.members[5]}/excuse")
    called = await api.post(f"/items/{item}/call")
    assert called["now_item_id"] == str(item)
    recusal = f"/items/{item}/recusals/{hall.members[0]}"
    left_out = await api.send("PUT", recusal, because="partner")
    assert (left_out["recused"], left_out["eligible"]) == (1, 4)
    back = await api.post(recusal + "/lift", reason="Ein Irrtum")
    assert back["eligible"] == 5
    wrong = await api.post(
        "/polls", 422, item_id=str(item), motion="grant", manner="hands", amount_cents=5
    )
    assert wrong["errors"][0]["pointer"] == "#/motion"
    asked = {"item_id": str(item), "motion": "resolve", "manner": "named", "text": "So sei es."}
    poll = await api.post("/polls", 201, **asked)
    at_first = (await api.read())["revision"]
    for member in hall.members[:3]:
        await api.send("PUT", f"/polls/{poll['id']}/ballots/{member}", choice="yes")
    told = await api.read()
    assert (told["running"]["cast"], len(told["running"]["voted"])) == (3, 3)
    assert told["revision"] != at_first
    assert "yes" not in str(told["running"])
    counted = await api.post(f"/polls/{poll['id']}/count")
    assert counted["status"] == "closed"
    vote = await hall.vote(UUID(counted["id"]))
    assert vote is not None
    assert vote.verdict == "accepted"
    await api.post(f"/members/{hall.members[0]}/depart")
    ended = await api.post("/close")
    assert (ended["status"], ended["room_code"], ended["present"]) == ("closed", "", 0)


async def test_hands_that_do_not_add_up_point_at_the_counts_and_a_vote_is_called_off(
    meetings: Service, person: NewPerson
) -> None:
    hall = await invited(meetings)
    await hall.arrive(await hall.member())
    await hall.open()
    item = await hall.item()
    api = Api(await person().enter(Role.OFFICE), hall)
    asked = {"item_id": str(item), "motion": "resolve", "manner": "hands", "text": "So sei es."}
    poll = await api.post("/polls", 201, **asked)
    wrong = await api.post(f"/polls/{poll['id']}/count", 422, yes=2, no=0)
    assert wrong["errors"][0]["pointer"] == "#/counts"
    off = await api.post(f"/polls/{poll['id']}/call-off")
    assert off["status"] == "void"
    await api.post(f"/polls/{poll['id']}/count", 409, yes=1, no=0)
    done = await api.post(f"/items/{item}/finish", outcome="done")
    assert done["now_item_id"] is None
    answer = await api.http.get(f"{api.base}/polls/{poll['id']}/slips")
    assert answer.json() == {"slips": []}
    other = await invited(meetings, "2026-06-03")
    elsewhere = f"/api/v1/meetings/rooms/{other.session_id}/polls/{poll['id']}/slips"
    assert (await api.http.get(elsewhere)).status_code == 404


@pytest.mark.parametrize("role", [Role.MEMBER, Role.AUDITOR, Role.PAYER])
async def test_nobody_else_runs_a_session(meetings: Service, person: NewPerson, role: Role) -> None:
    hall = await invited(meetings)
    api = Api(await person().enter(role), hall)
    for path in ("/open", f"/members/{uuid7()}/arrive"):
        refused = await api.post(path, 403)
        assert "Formular" not in refused["detail"], "not the missing token but the missing right"
