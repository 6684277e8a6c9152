"""What sessions do to the right to vote: told once, the same however often it is carried out."""

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import event

from services.meetings.commands.once import CommandConflict
from services.meetings.commands.rights import arrived, excuse, session_closed
from services.meetings.domain.member import Member, MemberStatus
from services.meetings.domain.session import Session
from shared.clock import SetClock
from shared.service import Service
from tests.meetings.agendas import order, plan
from tests.meetings.boards import held, hold, member_of, recorded, rule
from tests.meetings.people import told

MARCH = date(2026, 3, 2)


async def again(service: Service, session_id: UUID, *members: UUID) -> None:
    async with service.db.begin() as session:
        meeting = await session.get_one(Session, session_id)
        for member_id in members:
            member = await session.get_one(Member, member_id)
            await arrived(session, member, meeting, at=meeting.starts_at)
        await session_closed(session, meeting, at=meeting.starts_at)


async def test_the_third_session_brings_the_vote_and_it_is_told_once(meetings: Service) -> None:
    await rule(meetings, earned_after=3)
    ayse = await recorded(meetings, "Ayşe Demir", declared=MARCH)
    for day in ("2026-03-11", "2026-04-08"):
        await held(meetings, day, there=[ayse])
        assert (await member_of(meetings, ayse)).status is MemberStatus.DECLARED
    third = await held(meetings, "2026-05-13", there=[ayse])
    member = await member_of(meetings, ayse)
    assert (member.status, member.active_since) == (MemberStatus.ACTIVE, date(2026, 5, 13))
    await again(meetings, third, ayse)
    [joined] = await told(meetings, "member.joined")
    assert joined["data"]["because"] == "attended"
    assert joined["data"]["attendances"] == 3
    [declared] = await told(meetings, "accession.declared")
    assert (declared["data"]["online"], declared["data"]["attendances"]) == (False, 3)


async def test_it_is_there_at_the_arrival_before_the_session_ends(meetings: Service) -> None:
    ayse = await recorded(meetings, "Ayşe Demir", declared=MARCH)
    session_id = await plan(meetings, "2026-03-11")
    async with meetings.db.begin() as session:
        meeting = await session.get_one(Session, session_id)
        member = await session.get_one(Member, ayse)
        await arrived(session, member, meeting, at=meeting.starts_at)
        assert member.may_vote


async def test_two_unexcused_absences_lose_it_and_two_attendances_regain_it(
    meetings: Service,
) -> None:
    await rule(meetings, lost_after=2, regained_after=2)
    ayse = await recorded(meetings, "Ayşe Demir", declared=MARCH)
    ben = await recorded(meetings, "Ben Kruse", declared=MARCH)
    await held(meetings, "2026-03-11", there=[ayse, ben])
    await held(meetings, "2026-04-08", there=[ben])
    second = await held(meetings, "2026-05-13", there=[ben])
    member = await member_of(meetings, ayse)
    assert (member.status, member.suspended_since) == (MemberStatus.SUSPENDED, date(2026, 5, 13))
    assert (await member_of(meetings, ben)).status is MemberStatus.ACTIVE
    await again(meetings, second)
    [lost] = await told(meetings, "member.suspended")
    assert lost["data"] | {"member_id": str(ayse), "because": "absent", "missed": 2} == lost["data"]
    assert lost["data"]["regained_after"] == 2
    await held(meetings, "2026-06-10", there=[ayse])
    assert (await member_of(meetings, ayse)).status is MemberStatus.SUSPENDED
    await held(meetings, "2026-07-08", there=[ayse])
    assert (await member_of(meetings, ayse)).status is MemberStatus.ACTIVE
    assert (await told(meetings, "member.joined"))[-1]["data"]["because"] == "regained"


async def test_who_says_no_is_excused(meetings: Service) -> None:
    await rule(meetings, lost_after=1)
    ayse = await recorded(meetings, "Ayşe Demir", declared=MARCH)
    await held(meetings, "2026-03-11", there=[ayse])
    await held(meetings, "2026-04-08", excused=[ayse])
    assert (await member_of(meetings, ayse)).status is MemberStatus.ACTIVE
    await held(meetings, "2026-05-13")
    assert (await member_of(meetings, ayse)).status is MemberStatus.SUSPENDED


async def test_a_session_that_was_planned_and_never_opened_counts_for_nobody(
    meetings: Service,
) -> None:
    await rule(meetings, lost_after=2)
    ayse = await recorded(meetings, "Ayşe Demir", declared=MARCH)
    await held(meetings, "2026-03-11", there=[ayse])
    await plan(meetings, "2026-04-08")
    await held(meetings, "2026-05-13")
    assert (await member_of(meetings, ayse)).status is MemberStatus.ACTIVE


async def test_a_rule_counts_from_the_day_it_holds(meetings: Service) -> None:
    ayse = await recorded(meetings, "Ayşe Demir", declared=MARCH)
    await held(meetings, "2026-03-11", there=[ayse])
    await rule(meetings, lost_after=1, holds_from=date(2026, 5, 1))
    await held(meetings, "2026-04-08")
    assert (await member_of(meetings, ayse)).status is MemberStatus.ACTIVE
    await held(meetings, "2026-05-13")
    assert (await member_of(meetings, ayse)).status is MemberStatus.SUSPENDED


async def test_an_excuse_that_came_late_gives_the_vote_back(
    meetings: Service, clock: SetClock
) -> None:
    await rule(meetings, lost_after=2)
    ayse = await recorded(meetings, "Ayşe Demir", declared=MARCH)
    await held(meetings, "2026-03-11", there=[ayse])
    first = await held(meetings, "2026-04-08")
    await held(meetings, "2026-05-13")
    assert (await member_of(meetings, ayse)).status is MemberStatus.SUSPENDED
    clicked = order(meetings)
    for _click in range(2):
        async with meetings.db.begin() as session:
            await excuse(session, ayse, first, clicked, excused=True)
    assert (await member_of(meetings, ayse)).status is MemberStatus.ACTIVE
    assert len(await told(meetings, "member.joined")) == 2
    with pytest.raises(CommandConflict):
        async with meetings.db.begin() as session:
            await excuse(session, ayse, first, clicked, excused=False)


async def test_closing_asks_the_database_as_often_for_two_hundred_as_for_two(
    meetings: Service,
) -> None:
    await rule(meetings, lost_after=1)
    many = [await recorded(meetings, f"M{n} Muster", declared=MARCH) for n in range(2)]
    few = await _statements(meetings, "2026-03-11", many)
    many += [await recorded(meetings, f"N{n} Muster", declared=MARCH) for n in range(40)]
    assert await _statements(meetings, "2026-04-08", many) <= few + 2


async def _statements(service: Service, day: str, there: list[UUID]) -> int:
    """How many statements closing takes after all of these were there."""
    session_id = await plan(service, day)
    await hold(service, session_id, there=there)
    counted: list[str] = []

    def note(_c: object, _cur: object, statement: str, *_more: object) -> None:
        counted.append(statement)

    engine = service.db.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        await again(service, session_id)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(counted)
