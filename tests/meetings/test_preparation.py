"""Putting an agenda in order: own items, places, minutes, and what the usual agenda proposes."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from uuid_utils.compat import uuid7

from services.meetings.commands.agenda_items import Arranged, add_usual, arrange
from services.meetings.commands.once import ChangedMeanwhile
from services.meetings.domain.items import AFTERWARDS, ItemKind, NotOurOwn, OwnWords
from services.meetings.domain.session import Session, Status
from services.meetings.domain.tasks import Task, TaskStatus
from services.meetings.domain.usual_agenda import Place, Since, next_place, places_of, usual
from shared.migrate import differences
from shared.roles import Role
from shared.service import Service
from tests.meetings.agendas import Told, cancel, order, plan, tell
from tests.meetings.people import Person, told
from tests.meetings.preparation import (
    GARDEN,
    evening,
    lines_of,
    own_item,
    put_in_order,
    titles,
)
from tests.meetings.preparation import usual as propose

NewPerson = Callable[[], Person]
LONG_AGO = datetime(2026, 2, 1, tzinfo=UTC)


def at(place: int | None, *, number: str = "", carried: bool = False, day: int = 1) -> Place:
    since = LONG_AGO + timedelta(days=day)
    return Place(
        is_application=bool(number), place=place, carried=carried, kept_since=since, number=number
    )


@pytest.mark.parametrize(
    ("wanted", "places"),
    [
        ([], []),
        ([at(1), at(2)], [1, 2]),
        ([at(1), at(AFTERWARDS + 1)], [1, AFTERWARDS + 1]),
        ([at(1), at(None, number="a"), at(None, number="b"), at(9)], [1, None, None, 1003]),
        ([at(None, number="b"), at(None, number="a")], [1, 2]),
        ([at(None, number="a"), at(1), at(None, number="b")], [1, 2, 3]),
        ([at(1), at(None, number="b", carried=True), at(None, number="a")], [1, None, None]),
        ([at(None, number="b", day=1), at(None, number="a", day=2), at(1)], [None, None, 1002]),
    ],
)
def test_applications_in_their_usual_order_keep_no_place_and_others_stand_around_them(
    wanted: list[Place], places: list[int | None]
) -> None:
    assert places_of(wanted) == places


def test_a_new_item_stands_at_the_end_of_its_half() -> None:
    assert next_place([], behind=False) == 1
    assert next_place([1, 2, None, AFTERWARDS + 4], behind=False) == 3
    assert next_place([1, 2, None, AFTERWARDS + 4], behind=True) == AFTERWARDS + 5
    assert next_place([1], behind=True) == AFTERWARDS + 1


def test_the_usual_agenda_has_only_what_there_is_to_tell() -> None:
    first = [words.kind for words, _behind in usual(Since(met_before=False))]
    assert first == [ItemKind.OTHER, ItemKind.OTHER]
    all_of_it = usual(Since(met_before=True, open_tasks=2, followed=1, in_writing=1, urgent=3))
    assert [(words.kind, behind) for words, behind in all_of_it] == [
        (ItemKind.OTHER, False),
        (ItemKind.OTHER, False),
        (ItemKind.FOLLOW_UP, False),
        (ItemKind.REPORT, False),
        (ItemKind.OTHER, True),
    ]
    assert "2" in all_of_it[2][0].text
    assert "1" in all_of_it[3][0].text
    assert "3" in all_of_it[3][0].text


def test_an_application_is_no_item_of_the_offices_own() -> None:
    with pytest.raises(NotOurOwn):
        OwnWords(kind=ItemKind.APPLICATION, title="Geld")


async def test_the_tables_are_those_of_the_classes(meetings: Service) -> None:
    found = await differences("meetings", meetings.settings.database_url)
    ours = [one for one in found if "agenda_items" in str(one) or "sessions" in str(one)]
    assert ours == []


async def test_own_items_stand_behind_applications_and_tell_nobody_outside(
    meetings: Service,
) -> None:
    may, case = await evening(meetings), Told(meetings)
    await own_item(meetings, may)
    await tell(meetings, case.admitted(may))
    assert await titles(meetings, may) == ["Sommerfest im Innenhof", GARDEN.title]
    [event] = await told(meetings, "agenda_item")
    assert event["data"]["application_id"] == str(case.application_id)
    assert event["data"]["position"] == 1


async def test_times_follow_from_the_minutes_before(meetings: Service) -> None:
    may = await evening(meetings)
    await own_item(meetings, may)
    await tell(meetings, Told(meetings).admitted(may))
    first, second = await lines_of(meetings, may)
    begins = datetime(2026, 5, 6, 16, tzinfo=UTC)
    assert (first.starts_at, second.starts_at) == (begins, begins + timedelta(minutes=10))
    assert second.ends_at == begins + timedelta(minutes=30)
    await put_in_order(meetings, may, [second, first], minutes=25)
    assert await titles(meetings, may) == [GARDEN.title, "Sommerfest im Innenhof"]
    assert [line.starts_at for line in await lines_of(meetings, may)] == [
        begins,
        begins + timedelta(minutes=25),
    ]


async def test_a_deferred_application_still_comes_first_among_ordered_items(
    meetings: Service,
) -> None:
    march, may = await plan(meetings, "2026-04-08"), await evening(meetings)
    old, new = Told(meetings, number="2026-001"), Told(meetings, number="2026-002")
    await tell(meetings, new.admitted(may), old.admitted(march))
    await own_item(meetings, may)
    application, garden = await lines_of(meetings, may)
    await put_in_order(meetings, may, [application, garden], minutes=5)
    await cancel(meetings, march)
    await tell(meetings, old.placed(may))
    assert [line.number for line in await lines_of(meetings, may)] == ["2026-001", "2026-002", ""]


async def test_who_comes_while_the_office_orders_stands_behind_the_applications(
    meetings: Service,
) -> None:
    may = await evening(meetings)
    one, two = Told(meetings, number="2026-001"), Told(meetings, number="2026-002")
    await own_item(meetings, may)
    await tell(meetings, one.admitted(may))
    seen = await lines_of(meetings, may)
    await tell(meetings, two.admitted(may))
    await put_in_order(meetings, may, seen[::-1])
    assert [line.number for line in await lines_of(meetings, may)] == ["", "2026-001", "2026-002"]


async def test_an_order_of_what_somebody_changed_meanwhile_is_refused(meetings: Service) -> None:
    may = await evening(meetings)
    await own_item(meetings, may)
    [line] = await lines_of(meetings, may)
    await put_in_order(meetings, may, [line], minutes=1)
    with pytest.raises(ChangedMeanwhile):
        await put_in_order(meetings, may, [line], minutes=2)
    [line] = await lines_of(meetings, may)
    assert line.item.planned_minutes == 1


async def test_the_same_order_counts_once(meetings: Service) -> None:
    may, click = await evening(meetings), order(meetings)
    await own_item(meetings, may)
    [line] = await lines_of(meetings, may)
    wanted = [Arranged(item_id=line.item.id, version=line.item.version, minutes=7)]
    for _again in range(2):
        async with meetings.db.begin() as session:
            await arrange(session, may, wanted, click)
    [line] = await lines_of(meetings, may)
    assert (line.item.planned_minutes, line.item.version) == (7, 2)


async def test_the_usual_agenda_is_proposed_once_and_counts_what_is_open(meetings: Service) -> None:
    before, may = await evening(meetings, "2026-03-20"), await evening(meetings)
    async with meetings.db.begin() as session:
        held = await session.get_one(Session, before)
        held.status = Status.CLOSED
        session.add(task_of(meetings))
    await tell(meetings, Told(meetings).admitted(may))
    assert await propose(meetings, may) == 4
    assert await titles(meetings, may) == [
        "Eröffnung und Begrüßung",
        "Protokoll der letzten Sitzung",
        "Was aus der letzten Sitzung noch offen ist",
        "Sommerfest im Innenhof",
        "Verschiedenes",
    ]
    follow_up = (await lines_of(meetings, may))[2].item
    assert follow_up.text == "Offene Aufgaben: 1. Beschlüsse, die noch laufen: 0."
    assert "Zettel" not in follow_up.text, "an agenda is public"
    assert await propose(meetings, may) == 0
    click = order(meetings)
    for expected in (1, 0):
        async with meetings.db.begin() as session:
            assert await add_usual(session, may, "report", click) == expected
    assert len(await titles(meetings, may)) == 6


def task_of(service: Service) -> Task:
    return Task(
        id=uuid7(),
        title="Zettel aushängen",
        text="",
        due_on=date(2026, 4, 1),
        status=TaskStatus.OPEN,
        person_id=uuid7(),
        owner_name="Jana",
        owner_email="jana@example.org",
        language="de",
        assigned_at=service.clock.now(),
    )


async def test_a_cancelled_session_takes_own_items_with_it(meetings: Service) -> None:
    may = await evening(meetings)
    await own_item(meetings, may)
    await tell(meetings, Told(meetings).admitted(may))
    await cancel(meetings, may)
    assert await lines_of(meetings, may) == []
    assert len(await told(meetings, "agenda_item.removed")) == 1


async def test_an_item_without_an_application_has_its_page_and_is_not_voted_on_before_its_day(
    person: NewPerson, meetings: Service
) -> None:
    may = await evening(meetings)
    item = await own_item(meetings, may)
    office = await person().enter(Role.OFFICE)
    path = f"/buero/sitzungen/{may}/punkte/{item}"
    assert GARDEN.title in (await office.get(path)).text
    assert (await office.get(f"{path}/abstimmung")).status_code == 409
    public = (await person().get(f"/sitzungen/{may}")).text
    assert GARDEN.title in public
