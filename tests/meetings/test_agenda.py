"""Applications come onto agendas, move, and leave: whatever the order in which we hear of it."""

import random
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import product
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from services.meetings.commands import sessions as calendar
from services.meetings.domain.agenda import AgendaItem, Case, ItemClosed, ItemStatus, Outcome
from services.meetings.domain.session import Appointment
from shared.clock import SetClock
from shared.events.applications import DeferredBecause, PlacedBecause, Tier
from shared.events.meetings import PostponeReason
from shared.service import Service
from tests.meetings.agendas import (
    Told,
    agenda,
    at_once,
    cancel,
    only_item,
    order,
    plan,
    standing,
    tell,
    tell_together,
)
from tests.meetings.people import Person, told

NewPerson = Callable[[], Person]


async def numbers(service: Service, session_id: UUID) -> list[str]:
    return [line.number for line in await agenda(service, session_id)]


async def test_what_is_admitted_stands_on_the_agenda_it_was_told(meetings: Service) -> None:
    may, june = await plan(meetings, "2026-05-06"), await plan(meetings, "2026-06-10")
    case = Told(meetings)
    await tell(meetings, case.admitted(june))
    assert await numbers(meetings, may) == []
    item = await only_item(meetings, june)
    [event] = await told(meetings, "agenda_item.placed")
    assert event["subject"] == str(item.id)
    assert event["subjectversion"] == 1
    assert event["data"] == {
        "item_id": str(item.id),
        "session_id": str(june),
        "application_id": str(case.application_id),
        "starts_at": "2026-06-10T16:00:00Z",
        "place": "Saal",
        "position": 1,
    }


async def test_what_the_office_decides_comes_onto_no_agenda(meetings: Service) -> None:
    may = await plan(meetings, "2026-05-06")
    await tell(meetings, Told(meetings).admitted(may, Tier.OFFICE))
    assert await numbers(meetings, may) == []
    assert await told(meetings, "agenda_item") == []


async def test_admitted_again_for_the_office_it_leaves_the_agenda(meetings: Service) -> None:
    may, case = await plan(meetings, "2026-05-06"), Told(meetings)
    await tell(meetings, case.admitted(may), case.admitted(may, Tier.OFFICE))
    assert await numbers(meetings, may) == []
    assert len(await told(meetings, "agenda_item.removed")) == 1


async def test_without_a_word_it_takes_the_first_session_it_was_in_time_for(
    meetings: Service,
) -> None:
    march, may = await plan(meetings, "2026-03-05"), await plan(meetings, "2026-05-06")
    await tell(meetings, Told(meetings).admitted(None))
    assert await numbers(meetings, march) == [], "its deadline was on 19 February"
    assert await numbers(meetings, may) == ["2026-021"]


@pytest.mark.parametrize(
    ("arrived", "in_time"),
    [("2026-02-19T22:59:59", True), ("2026-02-19T23:00:00", False)],
)
async def test_the_deadlines_last_second_is_in_time(
    meetings: Service, arrived: str, in_time: bool
) -> None:
    march = await plan(meetings, "2026-03-05")
    second = datetime.fromisoformat(arrived).replace(tzinfo=UTC)
    await tell(meetings, Told(meetings, arrived=second).admitted(None))
    assert bool(await numbers(meetings, march)) is in_time


async def test_without_a_session_it_waits_until_one_is_planned(meetings: Service) -> None:
    await tell(meetings, Told(meetings).admitted(None))
    assert await told(meetings, "agenda_item") == []
    may = await plan(meetings, "2026-05-06")
    assert await numbers(meetings, may) == ["2026-021"]
    assert len(await told(meetings, "agenda_item.placed")) == 1


async def test_a_session_that_is_cancelled_or_over_is_not_taken_at_its_word(
    meetings: Service, clock: SetClock
) -> None:
    gone, over, may = [
        await plan(meetings, day) for day in ("2026-04-01", "2026-03-20", "2026-05-06")
    ]
    await cancel(meetings, gone)
    clock.forward(days=20)
    one, two = Told(meetings), Told(meetings, number="2026-022")
    await tell(meetings, one.admitted(gone), two.admitted(over))
    assert await numbers(meetings, may) == ["2026-021", "2026-022"]


async def test_a_cancelled_session_gives_its_items_back_and_they_go_where_they_are_sent(
    meetings: Service,
) -> None:
    may, june, july = [await plan(meetings, f"2026-0{month}-10") for month in (5, 6, 7)]
    case, newer = (
        Told(meetings),
        Told(meetings, "2026-030", arrived=datetime(2026, 1, 5, tzinfo=UTC)),
    )
    await tell(meetings, newer.admitted(july), case.admitted(may))
    await cancel(meetings, may)
    assert await numbers(meetings, may) == []
    [removed] = await told(meetings, "agenda_item.removed")
    assert removed["data"]["session_id"] == str(may)
    assert removed["subjectversion"] == 2
    await tell(meetings, case.placed(july))
    assert await numbers(meetings, june) == []
    assert await numbers(meetings, july) == ["2026-021", "2026-030"], "handed on comes first"
    assert (await told(meetings, "agenda_item.placed"))[-1]["data"]["position"] == 1


async def test_a_postponed_session_keeps_its_items(meetings: Service) -> None:
    may = await plan(meetings, "2026-05-06")
    await tell(meetings, Told(meetings).admitted(may))
    later = Appointment(
        starts_at=datetime(2026, 9, 9, 16, tzinfo=UTC), ends_at=None, place="Saal", note=None
    )
    async with meetings.db.begin() as session:
        await calendar.postpone(session, may, later, order(meetings, 1), reason=PostponeReason.ROOM)
    assert await numbers(meetings, may) == ["2026-021"]
    assert await told(meetings, "agenda_item.removed") == []


async def test_deferred_it_leaves_that_session_and_comes_first_at_the_next(
    meetings: Service,
) -> None:
    may, june = await plan(meetings, "2026-05-06"), await plan(meetings, "2026-06-10")
    case, older = (
        Told(meetings),
        Told(meetings, "2026-001", arrived=datetime(2026, 1, 2, tzinfo=UTC)),
    )
    await tell(meetings, older.admitted(june), case.admitted(may))
    await tell(meetings, case.deferred(may, june, DeferredBecause.TAKEN_OFF))
    assert await numbers(meetings, may) == []
    assert await numbers(meetings, june) == ["2026-021", "2026-001"]


async def test_deferred_without_a_next_session_it_never_returns_to_the_same(
    meetings: Service,
) -> None:
    may, case = await plan(meetings, "2026-05-06"), Told(meetings)
    await tell(meetings, case.admitted(may), case.deferred(may, None, DeferredBecause.TAKEN_OFF))
    assert await numbers(meetings, may) == []
    june = await plan(meetings, "2026-06-10")
    assert (await numbers(meetings, may), await numbers(meetings, june)) == ([], ["2026-021"])


async def test_given_up_it_is_taken_off_and_told_once(meetings: Service) -> None:
    may = await plan(meetings, "2026-05-06")
    one, two = Told(meetings), Told(meetings, "2026-022")
    withdrawn, lapsed = one.withdrawn(), two.lapsed()
    await tell(meetings, one.admitted(may).model_copy(update={"subject_version": 2}))
    await tell(meetings, two.admitted(may).model_copy(update={"subject_version": 2}))
    await tell(meetings, withdrawn, withdrawn, lapsed, lapsed)
    assert await numbers(meetings, may) == []
    removed = await told(meetings, "agenda_item.removed")
    assert {event["data"]["application_id"] for event in removed} == {
        str(one.application_id),
        str(two.application_id),
    }
    assert len(removed) == 2


async def test_withdrawn_while_it_waits_it_is_never_placed(meetings: Service) -> None:
    case = Told(meetings)
    await tell(meetings, case.admitted(None), case.withdrawn())
    may = await plan(meetings, "2026-05-06")
    assert await numbers(meetings, may) == []


@pytest.mark.parametrize("seed", range(6))
async def test_any_order_and_any_number_of_times_leads_to_the_same_agendas(
    meetings: Service, seed: int
) -> None:
    person = await meetings.seals.person(email="frieda@example.org")
    april, may, june, july = [await plan(meetings, f"2026-0{month}-10") for month in (4, 5, 6, 7)]
    await cancel(meetings, april)
    twice, ending = Told(meetings, "2026-001"), Told(meetings, "2026-002")
    coming, far = Told(meetings, "2026-003"), Told(meetings, "2026-004")
    office, handed_on = Told(meetings, "2026-005"), Told(meetings, "2026-006")
    again = Told(meetings, "2026-007")
    events = [
        twice.admitted(may),
        await twice.paper(person),
        await twice.statement(person, "Bitte leise."),
        twice.deferred(may, june),
        await twice.paper(person),
        twice.deferred(june, july),
        ending.admitted(june),
        ending.deferred(june, None),
        ending.withdrawn(),
        coming.admitted(None),
        coming.placed(may, PlacedBecause.SESSION_PLANNED),
        far.admitted(may),
        far.deferred(may, july, DeferredBecause.TAKEN_OFF),
        office.admitted(may, Tier.OFFICE),
        office.rejected(None),
        handed_on.admitted(april),
        handed_on.deferred(april, may, DeferredBecause.SESSION_CANCELLED),
        again.admitted(may),
        again.deferred(may, None),
        again.placed(june, PlacedBecause.DEFERRED),
    ]
    await tell(meetings, *events)
    expected = await standing(meetings)
    assert [one for one in expected if len(one) == 4] == [
        (1, 1, "2026-006", "open"),
        (1, 2, "2026-003", "open"),
        (2, 1, "2026-007", "open"),
        (3, 1, "2026-001", "open"),
        (3, 2, "2026-004", "open"),
    ]
    told_so_far = await told(meetings, "agenda_item")
    await tell(meetings, *events)
    assert await told(meetings, "agenda_item") == told_so_far, "hearing it all again tells nothing"
    await forget(meetings)
    shuffled = random.Random(seed).sample(events * 2, k=2 * len(events))
    await (tell, tell_together)[seed % 2](meetings, *shuffled)
    assert await standing(meetings) == expected


async def forget(service: Service) -> None:
    async with service.db.begin() as session:
        for table in (AgendaItem, Case):
            for row in await session.scalars(select(table)):
                await session.delete(row)
            await session.flush()


async def test_planning_and_admitting_at_the_same_moment_leave_nobody_waiting(
    meetings: Service,
) -> None:
    cases = [Told(meetings, f"2026-{place:03}") for place in range(6)]
    done = await at_once(
        plan(meetings, "2026-05-06"), *(tell(meetings, case.admitted(None)) for case in cases)
    )
    assert len(await numbers(meetings, done[0])) == 6


async def test_cancelling_and_placing_at_the_same_moment_leave_nobody_on_a_cancelled_session(
    meetings: Service,
) -> None:
    may = await plan(meetings, "2026-05-06")
    cases = [Told(meetings, f"2026-{place:03}") for place in range(6)]
    await at_once(cancel(meetings, may), *(tell(meetings, one.admitted(may)) for one in cases))
    async with meetings.db.read() as session:
        on_it = select(func.count()).where(AgendaItem.status == ItemStatus.OPEN)
        assert await session.scalar(on_it) == 0


LEADS_TO = {
    ItemStatus.OPEN: {ItemStatus.RESOLVED, ItemStatus.REMOVED},
    ItemStatus.RESOLVED: set(),
    ItemStatus.REMOVED: set(),
}
"""The item's moves, written down a second time on purpose."""


@pytest.mark.parametrize(
    ("status", "to"), list(product(ItemStatus, (ItemStatus.RESOLVED, ItemStatus.REMOVED)))
)
def test_an_item_leads_only_where_it_may(status: ItemStatus, to: ItemStatus) -> None:
    item = AgendaItem(
        id=uuid4(), session_id=uuid4(), application_id=uuid4(), status=status, version=1, votes=0
    )

    def move() -> None:
        if to is ItemStatus.REMOVED:
            item.remove(Outcome.WITHDRAWN, at=datetime(2026, 5, 6, tzinfo=UTC))
        else:
            item.resolve(Outcome.GRANTED, amount_cents=1)

    if to in LEADS_TO[status]:
        move()
        assert item.status is to
    else:
        with pytest.raises(ItemClosed) as refused:
            move()
        assert (refused.value.status, refused.value.to) == (status, to)


async def test_the_public_sees_numbers_titles_and_sums_and_nobody(
    meetings: Service,
    person: NewPerson,
) -> None:
    frieda = await meetings.seals.person(email="frieda@example.org")
    may, case = await plan(meetings, "2026-05-06"), Told(meetings)
    await tell(meetings, case.admitted(may), await case.paper(frieda))
    resident = person()
    shown = (await resident.get(f"/sitzungen/{may}")).text
    for expected in ("Sommerfest im Innenhof", "2026-021", "800"):
        assert expected in shown
    answer = (await resident.get(f"/api/v1/meetings/sessions/{may}/agenda")).json()
    item = await only_item(meetings, may)
    assert answer == {
        "session_id": str(may),
        "items": [
            {
                "id": str(item.id),
                "position": 1,
                "kind": "application",
                "number": "2026-021",
                "public_title": "Sommerfest im Innenhof",
                "field_of_action": "encounter",
                "asked_cents": 80000,
                "amount_cents": None,
                "status": "open",
                "outcome": None,
                "second_call": False,
                "votes": [],
                "version": 1,
            }
        ],
    }
    for secret in ("Kruse", "Grillfest"):
        assert secret not in shown + str(answer)


async def test_an_agenda_that_does_not_exist_is_not_found(person: NewPerson) -> None:
    path = f"/api/v1/meetings/sessions/{uuid4()}/agenda"
    answer = await person().get(path)
    assert answer.status_code == 404
