"""The office sees what was handed in: listed, found, read, with a trail; others do not."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event as sql_event

from services.applications.domain import Application, Status
from services.applications.queries.board import Filter, Tab, board, neighbours
from shared.clock import SetClock
from shared.service import Service
from tests.applications.people import FORM, JUNE, Resident, pdf, plan_session, stored

New = Callable[..., Resident]
Staff = Callable[..., Awaitable[Resident]]
sqlite = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


async def many(applications: Service, count: int, **more: Any) -> None:
    """Applications as they lie in the table after handing in."""
    begin = datetime(2026, 3, 2, 9, tzinfo=UTC)
    async with applications.db.begin() as session:
        for n in range(1, count + 1):
            one = Application.start(fund="buergerfonds", language="de", at=begin)
            one.status, one.number = Status.SUBMITTED, f"2026-{n:03d}"
            one.submitted_at = begin + timedelta(minutes=n // 3)
            one.title, one.applicant = f"Idee {n}", f"Person {n}"
            one.search_text = f"idee {n} person {n}"
            one.field_of_action = "education" if n % 2 else "encounter"
            one.asked_cents = n * 1000
            for name, value in more.items():
                setattr(one, name, value)
            session.add(one)


async def test_search_finds_umlauts_scripts_numbers_and_no_wildcards(
    applications: Service, resident: New
) -> None:
    await resident().apply(name="Иван Петров", title="Übergrößen-TANZ 100%")
    await resident().apply()
    for search, found in {
        "петров": 1,
        "ÜBERGRÖSSEN tanz": 1,
        "2026-002": 1,
        "2026": 2,
        "ayse@example": 2,
        "100%": 1,
        "_": 0,
        "'; drop": 0,
        "x" * 5000: 0,
    }.items():
        async with applications.db.read() as session:
            page = await board(session, Filter(search=search))
        assert len(page.rows) == found, search
        assert page.counts[Tab.TODO] == found


async def test_filters_narrow_the_rows_and_the_counts(applications: Service) -> None:
    await many(applications, 7)
    async with applications.db.read() as session:
        page = await board(session, Filter(field="education"))
        empty = await board(session, Filter(status=Status.ADMISSIBLE))
    assert len(page.rows) == page.counts[Tab.TODO] == 4
    assert empty.rows == [] and empty.counts[Tab.TODO] == 7


@sqlite
async def test_a_made_up_cursor_begins_at_the_top(applications: Service) -> None:
    await many(applications, 3)
    for cursor in ("x", "bnVsbA", "W10", "WyIyMDI2LTAxLTAxIiwgIngiXQ", "ü", "'"):
        async with applications.db.read() as session:
            assert len((await board(session, Filter(after=cursor))).rows) == 3


async def test_a_page_of_rows_costs_the_same_queries_whatever_its_length(
    applications: Service, staff: Staff
) -> None:
    office, asked = await staff("office"), list[str]()
    engine = applications.db._reading.sync_engine
    sql_event.listen(engine, "before_cursor_execute", lambda *call: asked.append(call[2]))

    async def queries(path: str) -> int:
        asked.clear()
        assert (await office.get(path)).status_code == 200
        return len([sql for sql in asked if sql.lstrip().upper().startswith("SELECT")])

    for path in ("/buero", "/buero/antraege"):
        few = await queries(path)
        await many(applications, 20) if path == "/buero" else None
        assert await queries(path) == few


async def test_the_case_page_shows_answers_money_files_and_who_did_what(
    applications: Service, resident: New, staff: Staff
) -> None:
    await plan_session(applications, JUNE)
    someone = resident()
    await someone.begin()
    await someone.upload(("Angebot.pdf", pdf()))
    for slug in ("idee", "wer", "kosten"):
        await someone.fill(slug)
    await someone.hand_in()
    [application] = await stored(applications)
    office = await staff("office")
    shown = await office.get(f"/buero/antraege/{application.id}")
    for words in (
        "Sommerfest im Innenhof",
        "Ayşe Yıldız",
        "Bühne und Ton",
        "800,00",
        "920,00",
        "Angebot.pdf",
        "Antrag abgeschickt",
        "Mitgeteilt: Antrag ist da",
        "Link zum Entwurf verschickt",
        "05361 123456",
    ):
        assert words in shown.text, words
    path = f"/buero/antraege/{application.id}/dateien/"
    href = shown.text.split(f'href="{path}')[1].split('"')[0]
    assert (await office.get(path + href)).content == pdf()


async def test_neighbours_lead_through_the_whole_list_both_ways(applications: Service) -> None:
    await many(applications, 5)
    async with applications.db.read() as session:
        newest_first = (await board(session, Filter(tab=None))).rows
        one = await session.get_one(Application, newest_first[2].id)
        assert await neighbours(session, one) == (newest_first[1].id, newest_first[3].id)
        last = await session.get_one(Application, newest_first[-1].id)
        assert await neighbours(session, last) == (newest_first[-2].id, None)


@sqlite
async def test_drafts_are_not_the_offices_business(
    applications: Service, resident: New, staff: Staff
) -> None:
    someone = resident()
    await someone.begin()
    await someone.fill("idee")
    [draft] = await stored(applications)
    office = await staff("office")
    assert "Sommerfest" not in (await office.get("/buero/antraege")).text
    assert (await office.get(f"/buero/antraege/{draft.id}")).status_code == 404


@sqlite
async def test_auditors_read_payers_and_members_do_not(
    applications: Service, resident: New, staff: Staff
) -> None:
    await resident().apply()
    [application] = await stored(applications)
    case = f"/buero/antraege/{application.id}"
    auditor = await staff("auditor")
    shown = await auditor.get(case)
    assert shown.status_code == 200 and "loeschen" not in shown.text
    assert (await auditor.get(f"{case}/loeschen")).status_code == 403
    for role in ("payer", "member"):
        someone = await staff(role)
        for path in ("/buero", "/buero/antraege", case):
            assert (await someone.get(path)).status_code == 403
    assert (await resident().get(case)).headers["location"].startswith("/anmelden?weiter=")


@sqlite
async def test_an_empty_house_says_what_to_do_first(staff: Staff, clock: SetClock) -> None:
    office = await staff("office")
    assert "/buero/sitzungen/neu" in (await office.get("/buero")).text
    assert "Nichts zu tun" in (await office.get("/buero/antraege")).text


@sqlite
async def test_a_refused_form_does_not_reach_the_office(
    applications: Service, resident: New, staff: Staff
) -> None:
    someone = resident()
    await someone.fill_all()
    await someone.submit(f"{FORM}/pruefen", {"aktion": "weiter"})
    assert "Sommerfest" not in (await (await staff("office")).get("/buero/antraege")).text
