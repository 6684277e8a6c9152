"""Decided between two sessions: the vote, the money and the agenda meet again, across the services."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from services.applications.commands import budget
from services.applications.commands.funds import change_rules
from services.applications.domain import Application, BudgetYear, Status
from services.applications.queries.fund import rules_at
from services.applications.worker import create_worker as applications_worker
from services.meetings.commands.circular import (
    answer_circular,
    start_circular,
)
from services.meetings.commands.circular_question import Question
from services.meetings.commands.sessions import change_board
from services.meetings.commands.urgent import decide_urgently
from services.meetings.domain.agenda import AgendaItem, ItemStatus, Outcome
from services.meetings.domain.followed import Followed, Stage
from services.meetings.domain.polls import Choice
from services.meetings.domain.resolutions import Resolution
from services.meetings.queries import the_board
from services.meetings.worker import create_worker as meetings_worker
from services.notifications.sender.loop import Sender
from services.notifications.worker import create_worker as notifications_worker
from shared.clock import SetClock
from shared.events.meetings import Way
from tests.journeys.test_a_fund_year import FUND, Year, at
from tests.meetings.circulars import seat_members, sign
from tests.support.services import Services


@pytest.fixture
async def year(services: Services, clock: SetClock) -> Year:
    """A fund with 1,000 euros, one admitted application, a session in June, a board of five."""
    clock.set(at(1, 2))
    workers = [
        applications_worker(services.applications),
        meetings_worker(services.meetings),
        notifications_worker(services.notifications),
    ]
    made = Year(services, clock, workers, Sender(services.notifications))
    async with services.applications.db.begin() as session:
        rules = await rules_at(session, made.now, FUND)
        new = rules.model_copy(update={"office_up_to_cents": 0, "quotes_from_cents": None})
        await change_rules(session, FUND, new, date(2026, 1, 2), made.order)
        await budget.set_budget(session, FUND, 2026, 100_000, made.order, rules=new)
    await made.plan("summer", at(6, 10, 18))
    await made.until(at(1, 12))
    await made.apply("Sommerfest", 800, date(2026, 8, 1))
    await made.admit("Sommerfest")
    return made


async def item_of(year: Year) -> AgendaItem:
    async with year.services.meetings.db.read() as session:
        chosen = select(AgendaItem).where(AgendaItem.application_id == year.ids["Sommerfest"])
        return (await session.scalars(chosen)).one()


async def answer(year: Year, circular_id: UUID, choice: Choice, *members: UUID) -> None:
    meetings = year.services.meetings
    for member_id in members:
        async with meetings.db.begin() as session:
            await answer_circular(session, circular_id, member_id, choice, sign(meetings))
    await year.settle()


async def ask(year: Year, euros: int) -> UUID:
    meetings, item = year.services.meetings, await item_of(year)
    question = Question(text="Die Bühne muss bestellt werden.", amount_cents=euros * 100)
    async with meetings.db.begin() as session:
        order = sign(meetings, item.version)
        asked = await start_circular(session, meetings, item.id, question, order)
    await year.settle()
    return asked


async def decided(year: Year) -> tuple[Any, ...]:
    """Where the application, its item, its money and its resolution stand."""
    async with year.services.applications.db.read() as session:
        application = await session.get_one(Application, year.ids["Sommerfest"])
        money = await session.get_one(BudgetYear, (FUND, 2026))
    async with year.services.meetings.db.read() as session:
        ways = (await session.scalars(select(Resolution.way).order_by(Resolution.position))).all()
    item = await item_of(year)
    return application.status, item.status, item.outcome, money.reserved_cents, list(ways)


async def test_a_yes_in_writing_reserves_the_money_before_the_session(year: Year) -> None:
    members = await seat_members(year.services.meetings, 5)
    circular_id = await ask(year, 650)
    await answer(year, circular_id, Choice.YES, *members[:2])
    assert (await decided(year))[0] is Status.SCHEDULED
    await answer(year, circular_id, Choice.YES, members[2])
    assert await decided(year) == (
        Status.GRANTED,
        ItemStatus.RESOLVED,
        Outcome.GRANTED,
        65_000,
        [Way.CIRCULAR],
    )
    assert (await year.letters())["Sommerfest"].count("grant_reserved") == 1
    async with year.services.meetings.db.read() as session:
        followed = await session.get_one(Followed, year.ids["Sommerfest"])
    assert (followed.by_board, followed.amount_cents) == (True, 65_000)
    assert followed.stage in {Stage.PROMISED, Stage.EFFECTIVE}


async def test_a_no_in_writing_rejects_the_application(year: Year) -> None:
    members = await seat_members(year.services.meetings, 4)
    circular_id = await ask(year, 650)
    await answer(year, circular_id, Choice.NO, *members[:2])
    assert await decided(year) == (
        Status.REJECTED,
        ItemStatus.RESOLVED,
        Outcome.REJECTED,
        0,
        [Way.CIRCULAR],
    )


async def test_a_term_without_an_answer_leaves_it_to_the_session_that_then_votes(
    year: Year,
) -> None:
    await seat_members(year.services.meetings, 5)
    await ask(year, 650)
    year.clock.set(year.now + timedelta(days=30))
    await year.settle()
    assert (await decided(year))[:2] == (Status.SCHEDULED, ItemStatus.OPEN)
    await year.until(at(6, 10, 19))
    await year.vote("Sommerfest", 800, (8, 2))
    assert (await decided(year))[0] is Status.GRANTED
    assert (await decided(year))[3] == 80_000


async def test_withdrawing_ends_the_question_in_writing(year: Year) -> None:
    await seat_members(year.services.meetings, 5)
    await ask(year, 650)
    await year.withdraw("Sommerfest")
    status, item, outcome, reserved, ways = await decided(year)
    assert (status, item, outcome) == (Status.WITHDRAWN, ItemStatus.REMOVED, Outcome.WITHDRAWN)
    assert (reserved, ways) == (0, [])


async def test_deciding_alone_reserves_the_money_and_only_once(year: Year) -> None:
    meetings = year.services.meetings
    async with meetings.db.begin() as session:
        board, [rules] = await the_board(session)
        await change_board(
            session,
            sign(meetings, board.version),
            name=board.name,
            place=board.place,
            rules=rules.model_copy(update={"urgent_limit_cents": 20_000}),
        )
    item = await item_of(year)
    order = sign(meetings, item.version)
    for _again in range(2):
        async with meetings.db.begin() as session:
            await decide_urgently(
                session, item.id, amount_cents=20_000, why="Der Zug fährt morgen.", order=order
            )
        await year.settle()
    assert await decided(year) == (
        Status.GRANTED,
        ItemStatus.RESOLVED,
        Outcome.GRANTED,
        20_000,
        [Way.URGENT],
    )
