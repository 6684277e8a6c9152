"""The office's list: whose turn each case is, most urgent first, found by words and filters."""

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event as sql_event

from services.applications.domain import Application, BudgetYear, Status
from services.applications.queries.board import Filter, board, counts, everything
from services.applications.queries.turn import TABS, Act, Standing, Tab, Waits, turn_of
from services.applications.web.words import BADGES, NEXT_ACTS, WAITS
from shared.clock import SetClock
from shared.service import Service
from tests.applications.cases import (
    condition,
    grant,
    held,
    many,
    one,
    rules_of,
    statement,
)
from tests.applications.people import JUNE, Resident, plan_session

Staff = Callable[..., Awaitable[Resident]]
New = Callable[..., Resident]
S = Status
sqlite = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


async def numbers(service: Service, **chosen: Any) -> list[str]:
    async with service.db.read() as session:
        return [row.number for row in (await board(session, Filter(**chosen))).rows]


async def acts(service: Service, tab: Tab) -> dict[str, tuple[Act, Waits | None]]:
    async with service.db.read() as session:
        found = await board(session, Filter(tab=tab))
    return {row.number: (row.act, row.waits) for row in found.rows}


async def test_the_most_urgent_comes_first_and_what_has_no_date_last(
    applications: Service, clock: SetClock
) -> None:
    at = clock.now()
    for n, due in ((1, None), (2, at + timedelta(days=9)), (3, at - timedelta(days=2)), (4, at)):
        await one(applications, n, S.SUBMITTED, due_at=due)
    assert await numbers(applications) == ["2026-003", "2026-004", "2026-002", "2026-001"]


async def test_what_is_over_is_shown_newest_first(applications: Service) -> None:
    await many(applications, 9, status=S.REJECTED)
    assert (await numbers(applications, tab=Tab.CLOSED))[0] == "2026-009"


async def test_every_status_stands_in_the_list_it_is_counted_in(applications: Service) -> None:
    handed_in = [status for status in Status if status is not S.DRAFT]
    for n, status in enumerate(handed_in, 1):
        await one(applications, n, status, session_id=uuid4())
    async with applications.db.read() as session:
        counted = await counts(session, Filter())
        listed = {tab: (await board(session, Filter(tab=tab))).rows for tab in Tab}
    assert sum(counted.values()) == len(handed_in)
    for tab, rows in listed.items():
        assert len(rows) == counted[tab], tab
        assert {row.status for row in rows} <= set(TABS[tab])
    assert {row.status for rows in listed.values() for row in rows} == set(handed_in)


async def test_what_is_found_in_order_is_ours_if_we_decide_or_no_session_takes_it(
    applications: Service,
) -> None:
    rules = await rules_of(applications, office_up_to_cents=50_000)
    placed = {"session_id": uuid4(), "rules": rules}
    await one(applications, 1, S.ADMISSIBLE, asked_cents=50_000, **placed)
    await one(applications, 2, S.ADMISSIBLE, asked_cents=50_001, **placed)
    await one(applications, 3, S.ADMISSIBLE, asked_cents=50_001, rules=rules)
    assert await acts(applications, Tab.TODO) == {
        "2026-001": (Act.DECIDE, None),
        "2026-003": (Act.PLAN, None),
    }
    assert await acts(applications, Tab.SESSION) == {"2026-002": (Act.AGENDA, Waits.BOARD)}


async def test_a_grant_says_whom_it_waits_for(applications: Service) -> None:
    ids = [await one(applications, n, S.GRANTED) for n in range(1, 5)]
    at = datetime(2026, 5, 1, tzinfo=UTC)
    async with applications.db.begin() as session:
        session.add(grant(ids[0], waits_for_release=True, needs_city=True))
        session.add(grant(ids[1], needs_city=True))
        session.add(grant(ids[2], effective_at=at))
        session.add(grant(ids[3], effective_at=at, accept_by=at))
        await session.flush()
        session.add(condition(ids[2], date(2026, 6, 1)))
        session.add(condition(ids[3], date(2026, 6, 1), met_at=at))
    assert list((await acts(applications, Tab.OTHERS)).values()) == [
        (Act.RELEASE, Waits.COUNCIL),
        (Act.CITY, Waits.CITY),
        (Act.CONDITION, Waits.CONDITION),
        (Act.SIGNATURE, Waits.SIGNATURE),
    ]


async def test_a_statement_that_is_out_and_a_result_on_hold_are_shown(
    applications: Service, staff: Staff, clock: SetClock
) -> None:
    asked, decided = [await one(applications, n, S.SUBMITTED) for n in (1, 2)]
    async with applications.db.begin() as session:
        session.add(statement(asked, datetime(2026, 5, 4, 21, 59, tzinfo=UTC)))
        session.add(held(decided, clock.now() + timedelta(minutes=10)))
    assert await acts(applications, Tab.TODO) == {
        "2026-001": (Act.CHECK, Waits.DEPARTMENT),
        "2026-002": (Act.TAKE_BACK, None),
    }
    office = await staff("office")
    for path in ("/buero", "/buero/antraege"):
        shown = (await office.get(path)).text
        assert re.search(r"wird um .*\d\d:\d\d.* mitgeteilt", shown), path
        assert "Wartet auf einen Fachbereich" in shown and "Mo, 4. Mai" in shown, path


def test_every_status_act_and_wait_has_words() -> None:
    assert set(BADGES) == set(Status)
    assert set(NEXT_ACTS) == set(Act) and set(WAITS) == set(Waits)
    for status in Status:
        act, _waits = turn_of(Standing(status=status))
        assert act in Act


async def test_pages_show_once_what_stays_while_others_come_go_and_are_put_off(
    applications: Service,
) -> None:
    due = datetime(2026, 6, 1, 16, tzinfo=UTC)
    ids = await many(applications, 60, due_at=due)
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        async with applications.db.read() as session:
            found = await board(session, Filter(after=after))
        seen += [row.number for row in found.rows]
        if not after:
            await many(applications, 1, first=900, due_at=due - timedelta(days=1))
            async with applications.db.begin() as session:
                (await session.get_one(Application, ids[3])).status = S.WITHDRAWN
                (await session.get_one(Application, ids[40])).status = S.INADMISSIBLE
                (await session.get_one(Application, ids[50])).due_at = None
        after = found.after
    assert len(seen) == len(set(seen))
    assert set(seen) == {f"2026-{n:03d}" for n in range(1, 61)} - {"2026-041"}
    assert seen[-1] == "2026-051"


async def test_exports_walk_through_all_rows_in_batches(applications: Service) -> None:
    await many(applications, 7, status=S.SETTLED)
    await many(applications, 504, first=100)
    batches = [len(rows) async for rows in everything(applications.db, Filter(tab=None))]
    assert batches == [500, 11]


async def test_filters_live_in_the_address_and_narrow_rows_and_counts(
    applications: Service, staff: Staff, clock: SetClock
) -> None:
    june = await plan_session(applications, JUNE)
    clock.set(datetime(2026, 7, 1, tzinfo=UTC))
    await one(applications, 1, S.SUBMITTED, session_id=june, due_at=JUNE)
    await one(applications, 2, S.SUBMITTED, fund="anderer", due_at=datetime(2026, 9, 1, tzinfo=UTC))
    new_year = datetime(2025, 12, 31, 22, 59, 59, tzinfo=UTC)
    await one(applications, 3, S.SUBMITTED, submitted_at=new_year)
    await one(applications, 4, S.ADMISSIBLE, submitted_at=new_year + timedelta(seconds=1))
    office = await staff("office")
    for asked, found in {
        "": 4,
        "fonds=anderer": 1,
        "feld=education": 2,
        "status=admissible": 1,
        "status=settled": 4,
        "jahr=2025": 1,
        "jahr=2026": 3,
        f"sitzung={june}": 1,
        "sitzung=unsinn": 4,
        "ueberfaellig=1": 1,
        "jahr=99999&feld=encounter&ueberfaellig=1": 0,
        "liste=alle": 4,
        "liste=abgeschlossen": 0,
        "nach=unsinn": 4,
        "q=%00": 4,
    }.items():
        shown = await office.get(f"/buero/antraege?{asked}")
        assert shown.status_code == 200
        assert shown.text.count("<small><bdi") == found, asked


async def test_search_finds_the_public_title_as_soon_as_the_office_wrote_it(
    applications: Service,
) -> None:
    new = await one(applications, 1, S.SUBMITTED)
    async with applications.db.begin() as session:
        kept = await session.get_one(Application, new)
        kept.answers = {"applicant": {"email": "ayse@example.org", "contact_name": "Ömer Ünal"}}
        kept.public_title = "STRAẞENFEST"
        kept.be_found()
    for word in ("strassenfest", "ömer", "AYSE@", "idee 1", "person", "2026-001"):
        assert await numbers(applications, search=word) == ["2026-001"], word


async def test_pages_ask_as_many_queries_for_sixty_applications_as_for_one(
    applications: Service, staff: Staff
) -> None:
    office, asked = await staff("office"), list[str]()
    engine = applications.db._reading.sync_engine
    sql_event.listen(engine, "before_cursor_execute", lambda *call: asked.append(call[2]))

    async def queries(path: str) -> int:
        asked.clear()
        assert (await office.get(path)).status_code == 200
        return len([sql for sql in asked if sql.lstrip().upper().startswith("SELECT")])

    async def some(count: int, first: int) -> None:
        for status in (S.SUBMITTED, S.GRANTED, S.SCHEDULED, S.REJECTED):
            ids = await many(applications, count, first=first, status=status)
            async with applications.db.begin() as session:
                for application_id in ids:
                    session.add(statement(application_id, JUNE))
                    if status is S.GRANTED:
                        session.add(grant(application_id))
            first += count

    paths = ["/buero", "/buero/antraege/export?liste=alle"]
    paths += [f"/buero/antraege?liste={tab.value}" for tab in Tab]
    paths += ["/buero/antraege?liste=alle&q=idee&jahr=2026", "/buero/antraege/neu"]
    await some(1, 1)
    few = {path: await queries(path) for path in paths}
    await some(60, 10)
    assert {path: await queries(path) for path in paths} == few


@sqlite
async def test_the_first_row_is_the_primary_act_and_auditors_only_look(
    applications: Service, staff: Staff
) -> None:
    await many(applications, 3)
    shown = (await (await staff("office")).get("/buero/antraege")).text
    assert shown.count("kern-btn--primary") == 1 and shown.count(">Prüfen<") == 3
    assert "/buero/antraege/neu" in shown
    read = (await (await staff("auditor")).get("/buero/antraege")).text
    assert "kern-btn--primary" not in read and ">Prüfen<" not in read
    assert "/buero/antraege/neu" not in read


@sqlite
async def test_empty_lists_say_what_to_do(applications: Service, staff: Staff) -> None:
    office = await staff("office")
    assert "sobald jemand einen abschickt" in (await office.get("/buero/antraege")).text
    await many(applications, 7, status=S.CORRECTION_REQUESTED)
    shown = (await office.get("/buero/antraege")).text
    assert "Nichts zu tun. 7 Anträge warten auf andere." in shown
    shown = (await office.get("/buero/antraege?q=Person")).text
    assert "Dazu gibt es hier keinen Antrag." in shown
    assert "7 Anträge unter „Wartet auf andere“" in shown


@sqlite
async def test_overdue_today_this_week_and_later_are_told_apart(
    applications: Service, staff: Staff, clock: SetClock
) -> None:
    clock.set(datetime(2026, 5, 6, 10, tzinfo=UTC))
    for n, due in (
        (1, datetime(2026, 5, 4, 21, 59, 59, tzinfo=UTC)),
        (2, datetime(2026, 5, 6, 21, 59, 59, tzinfo=UTC)),
        (3, datetime(2026, 5, 10, 21, 59, 59, tzinfo=UTC)),
        (4, datetime(2026, 5, 10, 22, 0, 0, tzinfo=UTC)),
    ):
        await one(applications, n, S.SUBMITTED, due_at=due)
    shown = (await (await staff("office")).get("/buero")).text
    places = [
        shown.index(words)
        for words in (
            ">Überfällig<", "Idee 1", "seit 2 Tagen überfällig", ">Heute fällig<", "Idee 2",
            ">Diese Woche<", "Idee 3", ">Danach<", "Idee 4",
        )
    ]  # fmt: skip
    assert places == sorted(places)
    assert shown.count("kern-btn--primary") == 1


@sqlite
async def test_a_result_on_hold_stands_on_top_however_much_is_due_before_it(
    applications: Service, staff: Staff, clock: SetClock
) -> None:
    await many(applications, 60, due_at=clock.now() - timedelta(days=1))
    decided = await one(applications, 100, S.SUBMITTED, due_at=JUNE)
    async with applications.db.begin() as session:
        session.add(held(decided, clock.now() + timedelta(minutes=10)))
    shown = (await (await staff("office")).get("/buero")).text
    assert shown.index("Gleich mitgeteilt") < shown.index("Idee 100") < shown.index(">Überfällig<")
    assert shown.count("Idee 100") == 1


@sqlite
async def test_grants_that_wait_for_the_council_and_a_low_budget_stand_on_top(
    applications: Service, staff: Staff, clock: SetClock
) -> None:
    waiting = await one(applications, 1, S.GRANTED)
    async with applications.db.begin() as session:
        session.add(grant(waiting, waits_for_release=True))
        year = BudgetYear.empty("buergerfonds", 2026)
        year.budget_cents, year.available_cents, year.reserved_cents = 100_000, 40_000, 60_000
        year.released_cents = 25_000
        session.add(year)
    office = await staff("office")
    shown = re.sub(r"<[^>]+>", "", (await office.get("/buero")).text).replace("\xa0", " ")
    assert "1 Zusage wartet auf die Freigabe durch den Rat. Es fehlen 350,00 €" in shown
    assert "Nur noch 400,00 € sind frei" in shown
    shown = re.sub(r"<[^>]+>", "", (await office.get("/buero/antraege")).text)
    assert "Noch frei 2026400,00" in shown and "Zugesagt600,00" in shown
