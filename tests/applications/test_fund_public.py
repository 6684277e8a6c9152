"""The fund's page for everybody: the money, the next day, what it went to, and never a person."""

from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import pytest
from sqlalchemy import event as sql_event

from services.applications.commands.budget import set_budget
from services.applications.commands.funds import found_fund
from services.applications.commands.grants import end
from services.applications.commands.money import locked_year, reserve
from services.applications.domain import Application, BudgetYear, Status, Words
from services.applications.queries.fund import rules_at
from services.applications.queries.public import PublicFund, public_year
from shared.clock import SetClock
from shared.service import Service
from tests.applications import stages
from tests.applications.cases import grant, many
from tests.applications.forms import error_of
from tests.applications.people import JUNE, Resident, plan_session, stored

New = Callable[..., Resident]
Staff = Callable[..., Awaitable[Resident]]
sqlite = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)

FUND: Final = "buergerfonds"
YEAR: Final = "/buero/fonds/buergerfonds/2026"


@pytest.fixture
def asked(applications: Service) -> Iterator[list[str]]:
    """Every SELECT the pages send while this list is looked at."""
    engine, seen = applications.db._reading.sync_engine, list[str]()

    def note(*call: object) -> None:
        if str(call[2]).lstrip().upper().startswith(("SELECT", "WITH")):
            seen.append(str(call[2]))

    sql_event.listen(engine, "before_cursor_execute", note)
    yield seen
    sql_event.remove(engine, "before_cursor_execute", note)


async def given(service: Service, ids: list[UUID], cents: int, **more: object) -> None:
    """Grants for these applications, with the money reserved."""
    async with service.db.begin() as session:
        for one in ids:
            application = await session.get_one(Application, one)
            application.status = Status.GRANTED
            application.public_title = f"Projekt {application.number}"
            year = await locked_year(session, FUND, 2026)
            assert year is not None
            at = service.clock.now()
            await reserve(session, year, one, cents, actor="board", at=at)
            session.add(grant(one, amount_cents=cents, effective_at=at, **more))


async def second_fund(service: Service, name: str = "Jugendfonds") -> None:
    async with service.db.begin() as session:
        rules = await rules_at(session, service.clock.now(), FUND)
        own = rules.model_copy(update={"name": Words({"de": name}), "cap_cents": 50_000})
        await found_fund(session, "jugendfonds", own, stages.order(service))


async def shown(service: Service, asked: str = "") -> list[PublicFund]:
    async with service.db.read() as session:
        return (await public_year(session, service.clock.now(), "de", asked=asked)).funds


async def test_everybody_sees_the_money_the_next_day_and_the_projects_without_a_person(
    applications: Service, resident: New
) -> None:
    await plan_session(applications, JUNE)
    await stages.give_budget(applications, 500_000)
    someone = resident()
    await someone.apply(name="Ayşe Yıldız", title="Ayşes Sommerfest")
    [one] = await stored(applications)
    await stages.admit(applications, one.id, "Sommerfest im Innenhof")
    await stages.schedule(applications, one.id)
    await stages.vote(applications, one.id, yes=8, no=1, cents=65_000)
    page = (await resident().get("/antraege")).text
    for words in ("5.000\xa0€", "4.350\xa0€", "Mittwoch, 27. Mai 2026", "Sommerfest im Innenhof"):
        assert words in page, words
    for words in ("650,00\xa0€", "800,00\xa0€", str(one.number), "Begegnung", "/antraege/neu"):
        assert words in page, words
    assert "Am meisten Geld ging in" in page
    for personal in ("Ayşe", "Yıldız", "ayse@example.org", "Dessauer", "05361 123456"):
        assert personal not in page, personal


async def test_fields_count_what_was_asked_for_and_granted_in_their_year(
    applications: Service, clock: SetClock
) -> None:
    await stages.give_budget(applications, 900_000)
    ids = await many(applications, 4)
    await given(applications, ids[:2], 700)
    await many(applications, 1, first=10, status=Status.WITHDRAWN)
    await many(applications, 1, first=11, status=Status.DRAFT, number=None)
    await many(applications, 1, first=12, submitted_at=datetime(2025, 12, 31, 22, 59, tzinfo=UTC))
    await many(applications, 1, first=14, submitted_at=datetime(2025, 12, 31, 23, 0, tzinfo=UTC))
    late = await many(applications, 1, first=16, submitted_at=datetime(2025, 5, 1, tzinfo=UTC))
    await given(applications, late, 500)
    [next_year] = await many(applications, 1, first=18)
    async with applications.db.begin() as session:
        session.add(grant(next_year, year=2027))
    clock.set(datetime(2026, 12, 31, 22, tzinfo=UTC))
    [fund] = await shown(applications)
    sums = {field.name: (field.asked, field.granted) for field in fund.fields}
    assert sums == {
        "Bildung": (1000 + 3000, 700),
        "Begegnung": (2000 + 4000 + 14_000 + 16_000, 700 + 500),
    }
    assert fund.fields[0].name == "Begegnung" == fund.first.name  # type: ignore[union-attr]
    assert fund.most == 36_000


async def test_a_grant_that_came_to_nothing_is_no_project_and_its_money_is_left(
    applications: Service, resident: New
) -> None:
    await stages.give_budget(applications, 500_000)
    await resident().apply()
    [one] = await stored(applications)
    await stages.admit(applications, one.id, "Sommerfest im Innenhof")
    await stages.schedule(applications, one.id)
    await stages.vote(applications, one.id, yes=8, no=1)
    assert "Sommerfest im Innenhof" in (await resident().get("/antraege")).text
    async with applications.db.begin() as session:
        at = applications.clock.now()
        await end(session, one.id, Status.DECLINED, actor="applicant", at=at)
    page = (await resident().get("/antraege")).text
    assert "Sommerfest im Innenhof" not in page and "Noch ist nichts zugesagt" in page
    [fund] = await shown(applications)
    assert (fund.year.available_cents, fund.projects) == (500_000, [])


async def test_while_a_year_has_no_project_the_last_one_with_some_is_shown(
    applications: Service, resident: New, clock: SetClock
) -> None:
    await stages.give_budget(applications, 500_000)
    await given(applications, await many(applications, 1), 900)
    clock.set(datetime(2027, 1, 2, tzinfo=UTC))
    page = (await resident().get("/antraege")).text
    assert "Projekt 2026-001" in page and "Das war" in page
    async with applications.db.begin() as session:
        rules = await rules_at(session, clock.now(), FUND)
        order = stages.order(applications)
        await set_budget(session, FUND, 2027, 600_000, order, rules=rules)
    page = (await resident().get("/antraege")).text
    assert "6.000\xa0€" in page and "Projekt 2026-001" in page and "Das war" in page
    chosen = (await resident().get("/antraege?jahr=2026")).text
    assert "Projekt 2026-001" in chosen and "Das war" not in chosen
    empty = (await resident().get("/antraege?jahr=2027")).text
    assert "Projekt 2026-001" not in empty and "Hier stehen bald" in empty


@sqlite
async def test_a_made_up_or_coming_year_is_this_year(applications: Service, resident: New) -> None:
    async with applications.db.begin() as session:
        session.add(BudgetYear.empty(FUND, 2027))
    for year in ("2027", "0", "x", "-1", "２０２６", "2026'--"):
        page = await resident().get("/antraege", params={"jahr": year})
        assert page.status_code == 200 and ">2027<" not in page.text


@sqlite
async def test_a_house_without_any_money_yet_says_what_will_stand_here(resident: New) -> None:
    page = (await resident().get("/antraege")).text
    assert "Hier stehen bald" in page and "sb-bar__a" not in page.split("<main")[1]


async def test_with_several_funds_one_is_chosen_and_the_draft_is_for_that_one(
    applications: Service, resident: New
) -> None:
    await second_fund(applications)
    someone = resident()
    page = (await someone.get("/antraege")).text
    assert page.count("<h1") == 1 and "Geld für Ihre Idee" in page and "Jugendfonds" in page
    start = (await someone.get("/antraege/neu")).text
    assert start.count('name="fonds"') == 2 and "500\xa0€" in start and "checked" not in start
    for wrong in ({}, {"fonds": "x"}, {"fonds": ""}):
        answer = await someone.submit("/antraege/neu", wrong)
        assert answer.status_code == 422 and error_of(answer.text, "fonds")
    assert await stored(applications) == []
    answer = await someone.submit("/antraege/neu", {"fonds": "jugendfonds"})
    assert answer.headers["location"] == "/antraege/entwurf/idee"
    assert [one.fund for one in await stored(applications)] == ["jugendfonds"]


@sqlite
async def test_with_one_fund_nobody_is_asked_which(applications: Service, resident: New) -> None:
    someone = resident()
    assert 'name="fonds"' not in (await someone.get("/antraege/neu")).text
    await someone.submit("/antraege/neu", {"fonds": "something else"})
    assert [one.fund for one in await stored(applications)] == [FUND]


@sqlite
async def test_what_people_wrote_is_shown_as_words_only(
    applications: Service, resident: New
) -> None:
    await stages.give_budget(applications)
    [one] = await many(applications, 1)
    await given(applications, [one], 900)
    await second_fund(applications, "<b>&Fonds")
    async with applications.db.begin() as session:
        (await session.get_one(Application, one)).public_title = "<script>alert(1)</script>"
    for path in ("/antraege", "/antraege/neu"):
        page = (await resident().get(path)).text
        assert "<script>alert" not in page and "<b>&F" not in page


async def test_pages_cost_the_same_queries_with_1_grant_and_with_60(
    applications: Service, staff: Staff, asked: list[str]
) -> None:
    await stages.give_budget(applications)
    office, counts = await staff("office"), []
    for first, number in ((1, 1), (2, 59)):
        ids = await many(applications, number, first=first)
        await given(applications, ids, 500, waits_for_release=True)
        for path in ("/antraege", YEAR, "/buero/fonds", "/buero/fonds/buergerfonds"):
            asked.clear()
            assert (await office.get(path)).status_code == 200
            counts.append((path, len(asked)))
    assert counts[:4] == counts[4:], counts
    assert all(0 < number < 12 for _, number in counts)


@sqlite
async def test_a_grants_year_and_not_its_applications_decides_where_it_is_listed(
    applications: Service,
) -> None:
    [one] = await many(applications, 1, submitted_at=datetime(2025, 11, 1, tzinfo=UTC))
    await stages.give_budget(applications)
    await given(applications, [one], 900)
    [fund] = await shown(applications)
    assert [project.number for project in fund.projects] == ["2026-001"]
    assert [(field.asked, field.granted) for field in fund.fields] == [(1000, 900)]
