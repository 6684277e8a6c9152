"""Funds and their years in the office: founded, given money, released, and the books beside them."""

from collections.abc import Awaitable, Callable
from typing import Final

import pytest
from sqlalchemy import select

from services.applications.domain import Application, BudgetYear, Grant
from services.applications.queries.fund import funds_at
from shared.events.applications import BudgetReleased, BudgetSet, GrantBecameEffective
from shared.service import Service
from tests.applications import stages
from tests.applications.forms import error_of, fields_of
from tests.applications.people import Resident, told

New = Callable[..., Resident]
Staff = Callable[..., Awaitable[Resident]]
sqlite = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)

FUNDS: Final = "/buero/fonds"
YEAR: Final = f"{FUNDS}/buergerfonds/2026"


async def sent(office: Resident, path: str, **typed: str) -> str:
    """Fill in the form of this page and send it; where it leads, or the page it answers with."""
    form = fields_of((await office.get(path)).text)
    answer = await office.post(path, data=form | typed)
    assert answer.status_code in (200, 303, 422), answer.text
    return answer.headers.get("location") or answer.text


async def year(service: Service) -> BudgetYear:
    async with service.db.read() as session:
        return await session.get_one(BudgetYear, ("buergerfonds", 2026))


async def granted(service: Service, resident: Resident, cents: str, title: str) -> None:
    """Applied for, admitted and voted."""
    number = await resident.apply(asked_cents=cents, name=title)
    async with service.db.read() as session:
        [one] = await session.scalars(select(Application).where(Application.number == number))
    await stages.admit(service, one.id, title)
    await stages.schedule(service, one.id)
    await stages.vote(service, one.id, yes=8, no=1)


async def test_a_new_fund_has_a_code_of_its_own_and_the_rules_of_another(
    applications: Service, staff: Staff
) -> None:
    office = await staff("office")
    form = fields_of((await office.get(f"{FUNDS}/neu")).text) | {"name-0-de": "Bürgerfonds"}
    first, again = [await office.post(f"{FUNDS}/neu", data=form) for _ in range(2)]
    assert first.headers["location"] == again.headers["location"]
    other = await office.post(f"{FUNDS}/neu", data=form | {"name-0-de": "Anderer"})
    assert other.status_code == 409
    assert await sent(office, f"{FUNDS}/neu", **{"name-0-de": "Neu"}) == f"{FUNDS}/neu-2"
    async with applications.db.read() as session:
        found = await funds_at(session, applications.clock.now())
    assert len(found) == 3
    model, new = found["buergerfonds"], found[first.headers["location"].rsplit("/", 1)[1]]
    assert new == model.model_copy(update={"name": new.name})
    listed = (await office.get(FUNDS)).text
    assert "noch kein Budget" in listed and listed.count("<h2") == 3


@sqlite
async def test_a_fund_needs_a_german_name(staff: Staff) -> None:
    office = await staff("office")
    without = await sent(office, f"{FUNDS}/neu", **{"name-0-en": "Youth fund"})
    assert error_of(without, "name-0-de") and fields_of(without)["name-0-en"] == "Youth fund"
    assert error_of(await sent(office, f"{FUNDS}/neu"), "name")


async def test_a_budget_is_set_once_and_never_below_what_is_promised(
    applications: Service, resident: New, staff: Staff
) -> None:
    office = await staff("office")
    assert fields_of((await office.get(f"{YEAR}/budget")).text)["budget_cents"] == "5.000,00"
    form = fields_of((await office.get(f"{YEAR}/budget")).text) | {"budget_cents": "4.000"}
    for _ in range(2):
        assert (await office.post(f"{YEAR}/budget", data=form)).headers["location"] == YEAR
    assert (
        await office.post(f"{YEAR}/budget", data=form | {"budget_cents": "1"})
    ).status_code == 409
    assert len(await told(applications, BudgetSet)) == 1
    await granted(applications, resident(), "800,00", "Sommerfest")
    refused = await sent(office, f"{YEAR}/budget", budget_cents="799,99")
    assert "800,00" in error_of(refused, "budget_cents")
    assert fields_of(refused)["budget_cents"] == "799,99"
    assert await sent(office, f"{YEAR}/budget", budget_cents="800") == YEAR
    after = await year(applications)
    assert (after.budget_cents, after.reserved_cents, after.available_cents) == (80_000, 80_000, 0)


@sqlite
async def test_somebody_elses_newer_figures_are_not_overwritten(
    applications: Service, staff: Staff
) -> None:
    await stages.give_budget(applications)
    office = await staff("office")
    stale = fields_of((await office.get(f"{YEAR}/budget")).text) | {"budget_cents": "9"}
    await sent(office, f"{YEAR}/budget", budget_cents="6.000")
    answer = await office.post(f"{YEAR}/budget", data=stale)
    assert answer.status_code == 409 and "inzwischen geändert" in answer.text
    assert (await year(applications)).budget_cents == 600_000


async def test_a_release_says_first_what_it_brings_and_then_does_just_that(
    applications: Service, resident: New, staff: Staff
) -> None:
    await stages.give_budget(applications, 200_000, released=0)
    await granted(applications, resident(), "800,00", "Sommerfest")
    await granted(applications, resident(), "300,00", "Wandbild")
    office, path = await staff("office"), f"{YEAR}/freigabe"
    assert "2 Zusagen warten" in (await office.get(YEAR)).text
    short = await sent(office, path, how="part", part_cents="1.000", turn="check")
    assert "Das reicht nicht" in short and "100\xa0€" in short
    assert "Sommerfest" in short and "Wandbild" in short
    assert (await year(applications)).released_cents == 0, "nothing happens by looking"
    form = fields_of(short) | {"turn": "save"}
    for _ in range(2):
        assert (await office.post(path, data=form)).headers["location"] == YEAR
    assert len(await told(applications, BudgetReleased)) == 2
    assert not await told(applications, GrantBecameEffective)
    enough = await sent(office, path, how="all", turn="check")
    assert "Es reicht für alles" in enough
    await office.post(path, data=fields_of(enough) | {"turn": "save"})
    assert len(await told(applications, GrantBecameEffective)) == 2
    async with applications.db.read() as session:
        grants = (await session.scalars(select(Grant))).all()
    assert all(one.effective_at and not one.waits_for_release for one in grants)
    assert "wartet auf die Freigabe" not in (await office.get(YEAR)).text


@sqlite
async def test_a_part_is_a_sum_within_the_budget(applications: Service, staff: Staff) -> None:
    await stages.give_budget(applications, 200_000, released=0)
    office, path = await staff("office"), f"{YEAR}/freigabe"
    assert error_of(await sent(office, path, how="part", part_cents=""), "part_cents")
    much = await sent(office, path, how="part", part_cents="2.000,01")
    assert "2.000,00" in error_of(much, "part_cents")
    back = await sent(office, path, how="part", part_cents="500", turn="change")
    assert fields_of(back)["part_cents"] == "500" and fields_of(back)["how"] == "part"


@sqlite
async def test_a_year_without_money_says_so_and_years_that_are_none_are_no_page(
    staff: Staff,
) -> None:
    office, auditor = await staff("office"), await staff("auditor")
    assert "noch kein Budget" in (await office.get(f"{FUNDS}/buergerfonds/2027")).text
    seen = (await auditor.get(YEAR)).text
    assert "Nur lesen" in seen and "/budget" not in seen and "/freigabe" not in seen
    for path in ("buergerfonds/1999", "buergerfonds/x", "buergerfonds/٢٠٢٦", "none", "none/2026"):
        assert (await office.get(f"{FUNDS}/{path}")).status_code == 404, path
        assert (await office.get(f"{FUNDS}/{path}/buchungen.csv")).status_code == 404, path
