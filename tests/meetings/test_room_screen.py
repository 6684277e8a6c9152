"""The screen and the wall: one read for everything, quick with years of sessions behind it."""

from datetime import datetime, timedelta
from time import process_time
from typing import Any

import pytest
from sqlalchemy import event, insert
from uuid_utils.compat import uuid7

from services.meetings.commands import passes, room
from services.meetings.commands.passes import enter, enter_signed_in, holder, issue_pass
from services.meetings.domain.agenda import AgendaItem, ItemKind, ItemStatus
from services.meetings.domain.member import Member
from services.meetings.domain.polls import Elector, NamedBallot, Poll, PollStatus
from services.meetings.domain.recusal import RecusedBecause
from services.meetings.domain.room import NotOpen, WrongCode
from services.meetings.domain.session import Session
from services.meetings.domain.votes import Vote
from services.meetings.handlers import APPLICATIONS
from services.meetings.queries.devices import wall
from services.meetings.queries.people import votes_of_board
from shared.clock import SetClock
from shared.events.applications import (
    Budget,
    BudgetReleased,
    BudgetRunsLow,
    BudgetSet,
    GrantDeclined,
    GrantNotCovered,
)
from shared.events.meetings import Manner, Motion
from shared.roles import Role
from shared.service import Service
from tests.meetings.agendas import tell
from tests.meetings.people import Person
from tests.meetings.rooms import Hall, opened

MOST_STATEMENTS = 18


async def years_of(hall: Hall) -> None:
    """Two hundred members in the room, forty sessions, two thousand votes."""
    service, at = hall.service, hall.service.clock.now()
    async with service.db.begin() as session:
        first = await session.get_one(Member, hall.members[0])
        meeting = await session.get_one(Session, hall.session_id)
        person, plain = _row(first), _row(meeting)
        members = [person | {"id": uuid7(), "name": f"Mitglied {n}"} for n in range(200)]
        sessions = [
            plain | {"id": uuid7(), "status": "closed", "starts_at": at - timedelta(days=90 * n)}
            for n in range(1, 40)
        ]
        await session.execute(insert(Member), members)
        await session.execute(insert(Session), sessions)
        places = [hall.session_id, *(one["id"] for one in sessions)]
        items = [_item(place, at) for place in places for _item_of_it in range(25)]
        await session.execute(insert(AgendaItem), items)
        await session.execute(
            insert(Vote), [_vote(one["id"], at) for one in items for _two in "12"]
        )
        polls = [_poll(one, at) for one in items[:25]]
        await session.execute(insert(Poll), polls)
        lists = [
            {"poll_id": poll["id"], "member_id": one["id"], "barred": None, "because": ""}
            for poll in polls
            for one in members
        ]
        await session.execute(insert(Elector), lists)
        said = [
            {
                "poll_id": one["poll_id"],
                "member_id": one["member_id"],
                "choice": "yes",
                "cast_at": at,
            }
            for one in lists
        ]
        await session.execute(insert(NamedBallot), said)
    hall.members += [one["id"] for one in members]


def _row(one: Any) -> dict[str, Any]:
    return {column.key: getattr(one, column.key) for column in one.__table__.columns}


def _item(place: Any, at: datetime) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "session_id": place,
        "kind": ItemKind.DISCUSSION,
        "title": "Ein Punkt",
        "text": "",
        "supplementary": False,
        "status": ItemStatus.OPEN,
        "carried": False,
        "kept_since": at,
        "votes": 2,
        "missed_quorum": False,
        "second_call": False,
        "in_writing": False,
        "version": 1,
    }


def _vote(item_id: Any, at: datetime) -> dict[str, Any]:
    counts = dict.fromkeys(
        ("members", "eligible", "present", "recused", "cast", "valid", "invalid", "yes", "no"), 1
    )
    return {
        "id": uuid7(),
        "item_id": item_id,
        "motion": Motion.RESOLVE,
        "verdict": "accepted",
        "reason": "simple_majority",
        "margin": 0,
        "counts": counts | {"abstain": 0},
        "rules": {},
        "conditions": [],
        "recorded_at": at,
        "answer": "none",
        "manner": Manner.HANDS,
        "way": "meeting",
        "text": "",
    }


def _poll(item: dict[str, Any], at: datetime) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "session_id": item["session_id"],
        "item_id": item["id"],
        "status": PollStatus.CLOSED,
        "motion": Motion.RESOLVE,
        "manner": Manner.NAMED,
        "conditions": [],
        "text": "",
        "members": 200,
        "present": 200,
        "recused": 0,
        "opened_at": at,
        "version": 1,
    }


async def test_with_two_hundred_members_forty_sessions_and_two_thousand_votes_it_is_quick(
    meetings: Service,
) -> None:
    """Measured in the time of our own processor, whatever else this machine is doing."""
    hall = await opened(meetings, there=1, absent=0)
    await years_of(hall)
    item = (await hall.view()).lines[0].item.id
    await hall.call(item)
    poll = await hall.ask(item, Manner.NAMED)
    await hall.say(poll, hall.members[0])
    statements = 0

    def count(*_args: Any) -> None:
        nonlocal statements
        statements += 1

    engine = meetings.db._reading.sync_engine
    event.listen(engine, "before_cursor_execute", count)
    took, view = [], await hall.view()
    for _look in range(10):
        statements, begun = 0, process_time()
        view = await hall.view()
        took.append(process_time() - begun)
    event.remove(engine, "before_cursor_execute", count)
    assert len(view.people) == 201
    assert len(view.lines) == 25
    assert statements <= MOST_STATEMENTS
    assert sorted(took)[len(took) // 2] < 0.15, took


async def test_the_number_of_statements_does_not_grow_with_the_room(meetings: Service) -> None:
    hall = await opened(meetings, there=2, absent=0)
    few = await _statements(hall)
    for _more in range(10):
        await hall.arrive(await hall.member())
        await hall.item()
    assert await _statements(hall) == few


async def _statements(hall: Hall) -> int:
    found = 0

    def count(*_args: Any) -> None:
        nonlocal found
        found += 1

    engine = hall.service.db._reading.sync_engine
    event.listen(engine, "before_cursor_execute", count)
    await hall.view()
    event.remove(engine, "before_cursor_execute", count)
    return found


async def test_every_change_has_another_number_and_no_change_the_same(meetings: Service) -> None:
    hall = await opened(meetings, there=5, absent=1, cases=1)
    seen = [(await hall.view()).revision]

    async def changed() -> None:
        now = (await hall.view()).revision
        assert now not in seen
        assert (await hall.view()).revision == now
        seen.append(now)

    item, new = await hall.case_item(), hall.members[5]
    await hall.arrive(new)
    await changed()
    await hall.depart(new)
    await changed()
    await hall.call(item)
    await changed()
    other = RecusedBecause.OTHER
    where = (hall.session_id, item, hall.members[0])
    await hall.do(lambda s: room.recuse(s, *where, hall.order(), because=other))
    await changed()
    await hall.do(lambda s: room.count_guests(s, hall.session_id, hall.order(), guests=2))
    await changed()
    await hall.item()
    await changed()
    await tell_budget(meetings, 70000)
    await changed()
    poll = await hall.ask(item, Manner.NAMED, motion=Motion.GRANT, text="", amount_cents=65000)
    await changed()
    await hall.say(poll, hall.members[1])
    await changed()
    await hall.count(poll)
    await changed()
    await tell(meetings, hall.cases[0].not_covered(poll, 3))
    await changed()
    await hall.do(lambda s: issue_pass(s, hall.vault, hall.session_id, new, hall.order()))
    await changed()
    await hall.close()
    await changed()


async def tell_budget(service: Service, left: int, sequence: int | None = None) -> None:
    told = BudgetSet(
        at=service.clock.now(), budget_id="buergerfonds-2026", budget=of(left), sequence=sequence
    )
    await tell(service, told)


def of(left: int, fund: str = "buergerfonds", year: int = 2026) -> Budget:
    return Budget(fund=fund, year=year, budget_cents=500000, released_cents=500000, left_cents=left)


async def left_on(hall: Hall) -> int | None:
    money = (await hall.view()).money
    return money.left_cents if money else None


async def test_what_is_left_is_what_was_told_last_in_the_order_of_the_teller(
    meetings: Service, clock: SetClock
) -> None:
    hall = await opened(meetings, there=3, cases=1)
    await hall.call(await hall.case_item())
    assert await left_on(hall) is None
    budget_id, at = "buergerfonds-2026", clock.now()
    case = {"application_id": uuid7(), "number": "2026-001", "amount_cents": 5}
    for sequence, kind, left in [
        (4, BudgetSet, 400),
        (6, BudgetReleased, 600),
        (5, BudgetRunsLow, 500),
    ]:
        told = kind(at=at, budget_id=budget_id, budget=of(left), sequence=sequence)
        await tell(meetings, told)
    assert await left_on(hall) == 600
    await tell(meetings, GrantDeclined(at=at, **case, budget=of(900), sequence=9))
    await tell(meetings, GrantNotCovered(at=at, **case, budget=of(800), sequence=8))
    assert await left_on(hall) == 900
    await tell(meetings, BudgetSet(at=at, budget_id="x", budget=of(1, year=2027), sequence=10))
    await tell(meetings, BudgetSet(at=at, budget_id="x", budget=of(2, "anderer"), sequence=11))
    assert await left_on(hall) == 900


def test_every_word_about_a_budget_is_answered() -> None:
    from shared.events.base import registry

    carrying = {kind for kind in registry().values() if "budget" in kind.model_fields}
    assert carrying <= set(APPLICATIONS)


async def test_the_wall_shows_the_last_result_and_nobodys_name(meetings: Service) -> None:
    hall = await opened(meetings, there=3, absent=0)
    item = await hall.item("Neue Bänke")
    poll = await hall.ask(item)
    async with meetings.db.read() as session:
        assert (await wall(session, hall.session_id)).vote is None
    await hall.count(poll, 2, 1)
    async with meetings.db.read() as session:
        shown = await wall(session, hall.session_id)
    assert shown.vote is not None
    assert shown.newest is not None
    assert (shown.newest.title, shown.vote.counts["yes"]) == ("Neue Bänke", 2)


async def test_a_pass_opens_the_room_with_the_code_on_the_wall_until_it_is_taken_back(
    meetings: Service,
) -> None:
    hall = await opened(meetings, there=2, absent=0)
    member, other = hall.members
    own = await hall.do(lambda s: issue_pass(s, hall.vault, hall.session_id, member, hall.order()))

    async def try_it(room_code: str, own_code: str) -> Any:
        return await hall.do(
            lambda s: enter(s, hall.vault, hall.session_id, room_code=room_code, own_code=own_code)
        )

    found = await try_it("abc def", f"{own[:4].lower()}-{own[4:]}")
    assert found.member_id == member
    async with meetings.db.read() as session:
        assert own not in str((await session.get_one(type(found), found.id)).code_hash)
        assert (await holder(session, found.id)) is not None
    for wrong in (("ABCDEG", own), ("", own), ("ABCDEF", ""), ("ABCDEF", own[:-1]), ("ÄÖÜ", own)):
        with pytest.raises(WrongCode):
            await try_it(*wrong)
    again = await hall.do(
        lambda s: issue_pass(s, hall.vault, hall.session_id, member, hall.order())
    )
    with pytest.raises(WrongCode):
        await try_it("ABCDEF", own)
    found = await try_it("ABCDEF", again)
    await hall.do(lambda s: passes.revoke_pass(s, hall.session_id, member, hall.order()))
    async with meetings.db.read() as session:
        assert await holder(session, found.id) is None
    with pytest.raises(WrongCode):
        await try_it("ABCDEF", again)
    last = await hall.do(lambda s: issue_pass(s, hall.vault, hall.session_id, other, hall.order()))
    await hall.close()
    with pytest.raises(WrongCode):
        await try_it("ABCDEF", last)
    with pytest.raises(NotOpen):
        await hall.do(lambda s: issue_pass(s, hall.vault, hall.session_id, other, hall.order()))


async def test_who_is_signed_in_needs_only_the_code_on_the_wall(
    meetings: Service, person: Any
) -> None:
    hall = await opened(meetings, there=1, absent=0)
    someone: Person = await person().become(Role.MEMBER)
    stranger: Person = await person().become(Role.MEMBER, email="fremd@example.org")
    async with meetings.db.begin() as session:
        member = await session.get_one(Member, hall.members[0])
        member.account_id = someone.account_id

    async def try_it(account: Any, code: str) -> Any:
        return await hall.do(lambda s: enter_signed_in(s, hall.session_id, account, room_code=code))

    assert await try_it(someone.account_id, "abcdef") == hall.members[0]
    for account, code in ((someone.account_id, "ABCDEG"), (stranger.account_id, "ABCDEF")):
        with pytest.raises(WrongCode):
            await try_it(account, code)


async def test_the_votes_of_the_board_are_those_of_the_list(meetings: Service) -> None:
    hall = await opened(meetings, there=2, absent=1, one_vote_per="institution")
    school = await hall.unit("Grundschule")
    for _two in range(2):
        await hall.member(unit_id=school)
    view = await hall.view()
    async with meetings.db.read() as session:
        assert await votes_of_board(session, view.rules) == view.counted.members == 4
