"""The books: both sides of every booking, balances that can be recomputed, and nothing rewritten."""

import csv
import io
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any, Final
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from services.applications.commands.budget import set_budget
from services.applications.commands.money import free, locked_year, reserve
from services.applications.domain import BudgetYear, LedgerBooking, LedgerEntry
from services.applications.domain.ledger import Account, Booking, BudgetTooSmall, NotCovered
from services.applications.queries.fund import rules_at
from services.applications.queries.money import ROWS, balances, every_line, ledger
from shared.service import Service
from tests.applications import stages
from tests.applications.people import Resident

Staff = Callable[..., Awaitable[Resident]]
sqlite = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)

FUND: Final = "buergerfonds"
YEAR: Final = f"/buero/fonds/{FUND}/2026"


async def play(service: Service, chance: Random, steps: int) -> dict[UUID, int]:
    """Money given, reserved and freed by chance; what is still reserved at the end."""
    open_sums: dict[UUID, int] = {}
    for _ in range(steps):
        async with service.db.begin() as session:
            year = await locked_year(session, FUND, 2026)
            assert year is not None
            how = chance.choice(["reserve", "reserve", "free", "budget"])
            one, cents, at = uuid4(), chance.randrange(1, 90_000), service.clock.now()
            try:
                if how == "reserve":
                    await reserve(session, year, one, cents, actor="system", at=at)
                    open_sums[one] = cents
                elif how == "free" and open_sums:
                    one = chance.choice(sorted(open_sums))
                    await free(session, year, one, actor="system", at=at)
                    del open_sums[one]
                elif how == "budget":
                    rules = await rules_at(session, at, FUND)
                    order = stages.order(service)
                    await set_budget(session, FUND, 2026, cents * 5, order, rules=rules)
            except (NotCovered, BudgetTooSmall):
                pass
    return open_sums


@pytest.mark.parametrize("seed", range(4))
async def test_balances_recomputed_from_the_entries_are_the_years_own(
    applications: Service, seed: int
) -> None:
    await stages.give_budget(applications, 300_000, released=0)
    chance = Random(seed)
    for _ in range(4):
        await play(applications, chance, 12)
        async with applications.db.read() as session:
            year = await session.get_one(BudgetYear, (FUND, 2026))
            sums = await balances(session, FUND, 2026)
            entries = (await session.scalars(select(LedgerEntry))).all()
            lines = [line async for line in every_line(session, FUND, 2026)]
        assert sums.agree_with(year) and sums.budget + sums.available + sums.reserved == 0
        assert year.available_cents >= 0 and 0 <= year.reserved_cents <= year.budget_cents
        assert sum(entry.cents for entry in entries) == 0
        assert all(sum(line.moved.values()) == 0 and len(line.moved) == 2 for line in lines)
        assert all(line.available >= 0 and line.reserved >= 0 for line in lines)
        assert (lines[-1].available, lines[-1].reserved) == (sums.available, sums.reserved)


async def test_what_is_reserved_is_what_was_not_freed(applications: Service) -> None:
    await stages.give_budget(applications)
    open_sums = await play(applications, Random(7), 40)
    async with applications.db.read() as session:
        assert (await balances(session, FUND, 2026)).reserved == sum(open_sums.values()) > 0


async def test_the_database_itself_refuses_to_rewrite_the_books(applications: Service) -> None:
    await stages.give_budget(applications)
    await play(applications, Random(1), 10)
    attempts = [
        update(LedgerEntry).values(cents=LedgerEntry.cents + 1),
        update(LedgerBooking).values(actor="somebody"),
        delete(LedgerEntry),
        delete(LedgerBooking),
    ]
    before = await written(applications)
    for attempt in attempts:
        with pytest.raises(DBAPIError):
            async with applications.db.begin() as session:
                await session.execute(attempt)
    assert await written(applications) == before


@pytest.mark.parametrize(
    "wrong",
    [
        {"available_cents": -1, "reserved_cents": 500_001},
        {"available_cents": 500_001, "reserved_cents": -1},
        {"available_cents": 500_001},
        {"released_cents": 500_001},
        {"released_cents": -1},
    ],
)
async def test_the_database_itself_refuses_balances_that_cannot_be(
    applications: Service, wrong: dict[str, int]
) -> None:
    await stages.give_budget(applications)
    with pytest.raises(DBAPIError):
        async with applications.db.begin() as session:
            await session.execute(update(BudgetYear).values(**wrong))


async def test_a_page_of_bookings_leads_to_the_older_ones_and_shows_each_once(
    applications: Service, staff: Staff
) -> None:
    await stages.give_budget(applications, 9_000_000)
    await play(applications, Random(3), 70)
    seen: list[UUID] = []
    before: UUID | None = None
    while True:
        async with applications.db.read() as session:
            page = await ledger(session, FUND, 2026, before=before)
            every = [line async for line in every_line(session, FUND, 2026)]
        assert len(page.lines) <= ROWS
        seen += [line.id for line in page.lines]
        if (before := page.older) is None:
            break
    assert seen == [line.id for line in reversed(every)] and len(seen) > 2 * ROWS
    office = await staff("office")
    shown = (await office.get(YEAR)).text
    assert "Die Summe der Buchungen stimmt" in shown
    older = shown.split(f'href="{YEAR}?vor=')[1].split('"')[0].split("#")[0]
    assert older == str(seen[ROWS - 1])
    assert (await office.get(f"{YEAR}?vor={older}")).text.count("<tr") == ROWS + 1
    assert (await office.get(f"{YEAR}?vor=quatsch")).status_code == 200


@sqlite
async def test_books_that_do_not_add_up_are_said_out_loud(
    applications: Service, staff: Staff
) -> None:
    await stages.give_budget(applications)
    wrong = {"available_cents": 400_000, "reserved_cents": 100_000}
    async with applications.db.begin() as session:
        await session.execute(update(BudgetYear).values(**wrong))
    shown = (await (await staff("office")).get(YEAR)).text
    assert "stimmt nicht" in shown


async def test_the_table_to_take_away_has_every_booking_and_adds_up(
    applications: Service, staff: Staff
) -> None:
    await stages.give_budget(applications, 9_000_000)
    await play(applications, Random(5), 40)
    answer = await (await staff("auditor")).get(f"{YEAR}/buchungen.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="buergerfonds-2026.csv"'
    head, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";")
    assert head[:3] == ["Zeit", "Buchung", "Antrag"] and len(head) == 8
    moved = [[_cents(cell) for cell in row[3:6]] for row in rows]
    assert all(sum(line) == 0 for line in moved)
    async with applications.db.read() as session:
        sums = await balances(session, FUND, 2026)
    columns = [sum(line[n] for line in moved) for n in range(3)]
    assert columns == [sums.budget, sums.available, sums.reserved]
    assert [_cents(cell) for cell in rows[-1][6:]] == [sums.available, sums.reserved]


async def test_every_kind_of_booking_moves_between_its_accounts(applications: Service) -> None:
    await stages.give_budget(applications, 9_000_000)
    await play(applications, Random(2), 40)
    async with applications.db.read() as session:
        lines = [line async for line in every_line(session, FUND, 2026)]
    accounts = {
        Booking.ALLOTMENT: {Account.BUDGET, Account.AVAILABLE},
        Booking.RESERVATION: {Account.AVAILABLE, Account.RESERVED},
        Booking.REVERSAL: {Account.AVAILABLE, Account.RESERVED},
    }
    assert {line.kind for line in lines} == set(Booking)
    assert all(set(line.moved) == accounts[line.kind] for line in lines)


async def written(service: Service) -> list[Any]:
    async with service.db.read() as session:
        return [
            tuple(row)
            for kind in (LedgerBooking, LedgerEntry)
            for row in await session.execute(select(*kind.__table__.columns))
        ]


def _cents(cell: str) -> int:
    return int(cell.replace(",", ""))
