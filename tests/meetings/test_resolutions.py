"""What was decided stands for good: numbered without gaps, chained, and checked by anybody."""

import hashlib
import json
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from uuid_utils.compat import uuid7

from services.meetings.commands.resolutions import record_resolution
from services.meetings.domain.agenda import AgendaItem
from services.meetings.domain.ballots import Ballots
from services.meetings.domain.board import Rules
from services.meetings.domain.resolutions import is_whole
from services.meetings.domain.session import Session
from services.meetings.domain.votes import Vote
from services.meetings.queries.resolutions import chain
from shared.clock import SetClock
from shared.events.meetings import Motion
from shared.service import Service
from tests.meetings.agendas import Told, at_once, only_item, plan, tell
from tests.meetings.people import Person, told

NewPerson = Callable[[], Person]


async def one_item(service: Service, number: str = "2026-021") -> UUID:
    case, may = Told(service, number=number), await plan(service, "2026-05-06")
    await tell(service, case.admitted(may))
    return (await only_item(service, may)).id


async def decide(
    service: Service, item_id: UUID, yes: int, no: int, *, at: datetime | None = None
) -> UUID:
    """One vote on it, kept as a resolution if it decided something."""
    at = at or service.clock.now()
    async with service.db.begin() as session:
        item = await session.get_one(AgendaItem, item_id)
        meeting = await session.get_one(Session, item.session_id)
        rules = Rules.model_validate(meeting.rules)
        ballots = Ballots(
            motion=Motion.GRANT, amount_cents=65000, yes=yes, no=no, members=14, present=11
        )
        vote, _told = Vote.close(item, ballots, vote_id=uuid7(), rules=rules, at=at)
        session.add(vote)
        await record_resolution(session, vote, item, title="Sommerfest", at=at)
        return vote.id


async def numbers(service: Service) -> list[str]:
    async with service.db.read() as session:
        return [one.number for one in await chain(session)]


def checks(published: dict[str, Any]) -> bool:
    """The check of the public page, written by somebody who knows nothing of our code."""
    before = "0" * 64
    for one in published["resolutions"]:
        facts = one["facts"]
        written = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        if facts["previous_hash"] != before:
            return False
        if hashlib.sha256(written.encode()).hexdigest() != one["hash"]:
            return False
        before = one["hash"]
    return True


async def test_numbers_run_without_gaps_and_begin_anew_each_year(meetings: Service) -> None:
    item_id = await one_item(meetings)
    for yes, no in ((7, 3), (3, 7), (5, 5)):
        await decide(meetings, item_id, yes, no)
    await decide(meetings, item_id, 7, 3, at=datetime(2026, 12, 31, 23, 30, tzinfo=UTC))
    assert await numbers(meetings) == ["2026-001", "2026-002", "2026-003", "2027-001"]


async def test_decisions_at_the_same_moment_share_no_number(meetings: Service) -> None:
    item_ids = [await one_item(meetings, f"2026-0{n}") for n in range(21, 22)]
    await at_once(*(record_one(meetings, item_ids[0], n) for n in range(8)))
    assert sorted(await numbers(meetings)) == [f"2026-00{n}" for n in range(1, 9)]
    async with meetings.db.read() as session:
        assert is_whole(await chain(session))


async def record_one(service: Service, item_id: UUID, n: int) -> None:
    """A vote that does not touch its item, so that nothing but the number is fought for."""
    async with service.db.begin() as session:
        item = await session.get_one(AgendaItem, item_id)
        ballots = Ballots(
            motion=Motion.GRANT, amount_cents=n + 1, yes=7, no=3, members=14, present=11
        )
        rules = Rules.model_validate((await session.get_one(Session, item.session_id)).rules)
        vote, _told = Vote.close(
            item, ballots, vote_id=uuid7(), rules=rules, at=service.clock.now()
        )
        item.votes -= 1
        session.add(vote)
        await record_resolution(session, vote, item, title=f"Nr. {n}", at=service.clock.now())


async def test_a_vote_without_a_quorum_decides_nothing(meetings: Service) -> None:
    item_id = await one_item(meetings)
    async with meetings.db.begin() as session:
        meeting = await session.get_one(
            Session, (await session.get_one(AgendaItem, item_id)).session_id
        )
        meeting.rules = meeting.rules | {"quorum_kind": "fixed", "quorum": 12}
    await decide(meetings, item_id, 7, 3)
    assert await numbers(meetings) == []
    assert await told(meetings, "resolution") == []


async def test_recording_the_same_vote_again_tells_nothing_new(meetings: Service) -> None:
    item_id = await one_item(meetings)
    vote_id = await decide(meetings, item_id, 7, 3)
    async with meetings.db.begin() as session:
        vote = await session.get_one(Vote, vote_id)
        item = await session.get_one(AgendaItem, item_id)
        await record_resolution(session, vote, item, title="Anders", at=meetings.clock.now())
    [event] = await told(meetings, "resolution.recorded")
    data = event["data"]
    assert (data["number"], data["vote_id"], data["title"]) == (
        "2026-001",
        str(vote_id),
        "Sommerfest",
    )
    assert (data["way"], data["verdict"], data["reason"]) == (
        "meeting",
        "accepted",
        "simple_majority",
    )
    assert data["counts"]["yes"] == 7
    assert event["audience"] == "public"


@pytest.mark.parametrize("act", ["UPDATE resolutions SET title = 'x'", "DELETE FROM resolutions"])
async def test_the_database_refuses_to_change_a_resolution(meetings: Service, act: str) -> None:
    await decide(meetings, await one_item(meetings), 7, 3)
    with pytest.raises(DBAPIError, match="appended to only"):
        async with meetings.db.begin() as session:
            await session.execute(text(act))
    assert await numbers(meetings) == ["2026-001"]


async def test_anybody_can_check_the_published_file_and_finds_every_change(
    meetings: Service, person: NewPerson
) -> None:
    item_id = await one_item(meetings)
    for yes, no in ((7, 3), (3, 7), (6, 5)):
        await decide(meetings, item_id, yes, no)
    answer = await person().get("/sitzungen/beschluesse.json")
    published = answer.json()
    assert len(published["resolutions"]) == 3
    assert checks(published)
    for n in range(3):
        for name, value in (("title", "Anders"), ("verdict", "tied"), ("amount_cents", 1)):
            forged = deepcopy(published)
            forged["resolutions"][n]["facts"][name] = value
            assert not checks(forged)
    shorter = deepcopy(published)
    del shorter["resolutions"][1]
    assert not checks(shorter)
    swapped = deepcopy(published)
    swapped["resolutions"][0], swapped["resolutions"][1] = swapped["resolutions"][1::-1]
    assert not checks(swapped)


async def test_a_forged_resolution_breaks_the_chain_even_with_a_hash_of_its_own(
    meetings: Service,
) -> None:
    item_id = await one_item(meetings)
    for yes, no in ((7, 3), (3, 7)):
        await decide(meetings, item_id, yes, no)
    async with meetings.db.read() as session:
        found = list(await chain(session))
        assert is_whole(found)
        assert not is_whole(reversed(found))
        assert not is_whole(found[1:])
        session.expunge_all()
    found[0].title = "Anders"
    assert not is_whole(found)


async def test_the_register_shows_counts_reason_and_what_became_of_it(
    meetings: Service, person: NewPerson
) -> None:
    empty = await person().get("/sitzungen/beschluesse")
    assert "Noch gibt es hier keine Beschlüsse" in empty.text
    item_id = await one_item(meetings)
    await decide(meetings, item_id, 7, 3)
    page = await person().get("/sitzungen/beschluesse")
    assert page.status_code == 200
    assert "2026-001" in page.text
    assert "Angenommen mit 7 Ja bei 3 Nein." in page.text
    assert "Wir prüfen, ob das Geld reicht." in page.text
    one = await person().get("/sitzungen/beschluesse/2026-001")
    assert "Sommerfest" in one.text
    assert "650,00" in one.text
    for nonsense in ("2026-002", "x", "2026-1", "9999999-001"):
        assert (await person().get(f"/sitzungen/beschluesse/{nonsense}")).status_code == 404
    other = await person().get("/sitzungen/beschluesse", jahr="2025")
    assert "2026-001" not in other.text.split("<main")[1].split("sb-tabs")[-1]
    assert (await person().get("/sitzungen/beschluesse", jahr="x", weg="y")).status_code == 200
    written = await person().get("/sitzungen/beschluesse/pruefen")
    assert "RFC 8785" in written.text


async def test_the_register_filters_by_way(meetings: Service, person: NewPerson) -> None:
    await decide(meetings, await one_item(meetings), 7, 3)
    found = await person().get("/sitzungen/beschluesse", jahr="2026", weg="circular")
    assert "Angenommen" not in found.text
    answer = await person().get("/api/v1/meetings/resolutions", year="2026", way="meeting")
    [one] = answer.json()["resolutions"]
    assert (one["number"], one["reason_text"], one["fate"]) == (
        "2026-001",
        "Angenommen mit 7 Ja bei 3 Nein.",
        "awaited",
    )
    assert (await person().get("/api/v1/meetings/resolutions", way="circular")).json() == {
        "resolutions": []
    }
    assert (await person().get("/api/v1/meetings/resolutions/2026/1")).json() == one
    assert (await person().get("/api/v1/meetings/resolutions/2026/2")).status_code == 404


async def test_the_table_opens_in_a_spreadsheet_and_runs_no_formula(
    meetings: Service, person: NewPerson, clock: SetClock
) -> None:
    item_id = await one_item(meetings)
    async with meetings.db.begin() as session:
        item = await session.get_one(AgendaItem, item_id)
        rules = Rules.model_validate((await session.get_one(Session, item.session_id)).rules)
        ballots = Ballots(
            motion=Motion.GRANT, amount_cents=65050, yes=7, no=3, members=14, present=11
        )
        vote, _told = Vote.close(item, ballots, vote_id=uuid7(), rules=rules, at=clock.now())
        session.add(vote)
        await record_resolution(session, vote, item, title="=1+1", at=clock.now())
    answer = await person().get("/sitzungen/beschluesse.csv", jahr="2026")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    head, line = answer.text.removeprefix("\ufeff").splitlines()
    assert head.startswith("Nummer;Entschieden am")
    cells = line.split(";")
    assert cells[0] == "2026-001"
    assert cells[3] == "'=1+1"
    assert cells[6] == "650,50"
