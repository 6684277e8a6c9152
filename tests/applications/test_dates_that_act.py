"""Dates that act by themselves: to the second, once, whoever looks after them."""

import asyncio
import signal
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import pytest
from sqlalchemy import select

from services.applications.commands.budget import release, set_budget
from services.applications.commands.decide import vote_closed
from services.applications.commands.formal import correction_done, judge, request_correction
from services.applications.commands.held import Admit, Refuse, settle_result, take_back
from services.applications.commands.statements import Request, ask_department, give_statement
from services.applications.domain import Application, Statement, Status
from services.applications.domain.checklist import Judgement
from services.applications.store import TABLES, Timer
from services.applications.worker import TIMERS
from shared.clock import SetClock
from shared.due import Timers
from shared.events.applications import CheckItem, StatementVerdict
from shared.events.meetings import Motion, Verdict, VoteClosed, VotedCondition
from shared.events.people import Contact
from shared.service import Service
from shared.store import connect
from tests.applications.model import seen
from tests.applications.model.driver import COUNTS, FUND, RULES, START, House, uid

SECOND: Final = timedelta(seconds=1)
DUE: Final = RULES.due(START, 14)
"""Fourteen days after the start; the agreement's date as well as the correction's."""


@pytest.fixture
def house(applications: Service, clock: SetClock) -> House:
    clock.set(START)
    return House(applications, clock)


async def told(house: House) -> list[str]:
    """Names of what was told of application 0."""
    async with house.service.db.read() as session:
        cases, _years = await seen.told(session)
    return [words[0] for words in cases[0]]


async def until(house: House, at: datetime) -> list[str]:
    """Let everything fire that is due then; what was told by then."""
    house.clock.set(at)
    while await house.timers.fire():
        pass
    return await told(house)


async def asked_for_something(house: House) -> None:
    await house.submit(0, 25_000)

    async def ask(session: Any, one: Application) -> None:
        await request_correction(
            session,
            one,
            [CheckItem.QUOTES],
            text="",
            due_at=DUE,
            seals=house.service.seals,
            actor="office",
            at=START,
        )

    await house.on(0, ask)


async def granted(house: House, *, condition: bool = False) -> None:
    """Effective at once; with a condition until the same evening."""
    await house.submit(0, 60_000)
    async with house.service.db.begin() as session:
        order = house.order(uuid4())
        await set_budget(session, FUND, 2026, 100_000, order, rules=RULES)
        await release(session, FUND, 2026, 100_000, order)

    async def vote(session: Any, one: Application) -> None:
        one.status, one.item_id = Status.SCHEDULED, one.id
        await session.flush()
        day = DUE.date()
        await vote_closed(
            session,
            VoteClosed(
                at=START,
                vote_id=uuid4(),
                item_id=one.id,
                session_id=one.id,
                application_id=one.id,
                motion=Motion.GRANT,
                verdict=Verdict.ACCEPTED,
                reason="simple_majority",
                margin=1,
                counts=COUNTS,
                rules={},
                conditions=[VotedCondition(text="Ein Plakat", due_on=day)] * condition,
            ),
        )

    async with house.service.db.begin() as session:
        await vote(session, await session.get_one(Application, uid("application", 0)))


async def held(house: House) -> None:
    await house.submit(0, 25_000)
    async with house.service.db.begin() as session:
        result = Refuse(reasons=[CheckItem.CAP])
        seals = house.service.seals
        await settle_result(
            session, uid("application", 0), result, house.order(uuid4()), seals=seals
        )


Begin = Callable[[House], Awaitable[None]]


async def with_a_condition(house: House) -> None:
    await granted(house, condition=True)


WEEK_BEFORE: Final = DUE - timedelta(days=7)
LAPSES: Final = [
    (asked_for_something, ["CorrectionRequested"], "ApplicationLapsed"),
    (granted, ["GrantReserved"], "GrantLapsed"),
    (with_a_condition, ["GrantReserved"], "GrantLapsed"),
]


@pytest.mark.parametrize(("begin", "before", "ended"), LAPSES)
async def test_it_is_reminded_a_week_before_and_lapses_when_the_last_second_is_over(
    house: House, begin: Begin, before: list[str], ended: str
) -> None:
    await begin(house)
    assert await until(house, WEEK_BEFORE - SECOND) == before
    assert await until(house, WEEK_BEFORE) == [*before, "DeadlineApproaches"]
    assert await until(house, DUE + timedelta(microseconds=999_999)) == [
        *before,
        "DeadlineApproaches",
    ]
    assert await until(house, DUE + SECOND) == [*before, "DeadlineApproaches", ended]
    assert await until(house, DUE + timedelta(days=90)) == [*before, "DeadlineApproaches", ended]
    async with house.service.db.read() as session:
        await seen.check_money(session, FUND)
        [(status, *_rest)] = (await seen.cases(session)).values()
    assert status == "lapsed"


async def test_who_answers_in_time_hears_nothing_more(house: House) -> None:
    await asked_for_something(house)
    house.clock.set(DUE)

    async def done(session: Any, one: Application) -> None:
        await correction_done(session, one, actor="applicant", at=DUE)

    await house.on(0, done)
    after = await until(house, DUE + timedelta(days=90))
    assert after == ["CorrectionRequested", "CorrectionReceived"]


async def test_a_result_is_told_in_its_minute_and_not_before(house: House) -> None:
    await held(house)
    ends = START + timedelta(minutes=RULES.undo_minutes)
    assert await until(house, ends - SECOND) == []
    assert await until(house, ends) == ["ApplicationFoundInadmissible"]
    assert await until(house, ends + timedelta(days=1)) == ["ApplicationFoundInadmissible"]


async def test_a_result_taken_back_in_its_last_second_is_never_told(house: House) -> None:
    await held(house)
    house.clock.set(START + timedelta(minutes=RULES.undo_minutes) - SECOND)
    async with house.service.db.begin() as session:
        await take_back(session, uid("application", 0), house.order(uuid4()))
    assert await until(house, START + timedelta(days=1)) == []


async def test_an_admission_that_became_impossible_is_dropped_with_a_note(house: House) -> None:
    await house.submit(0, 25_000)

    async def check(session: Any, one: Application, yes: Judgement) -> None:
        for item in (CheckItem.WHO_MAY_APPLY, CheckItem.NOT_BEGUN):
            await judge(session, one, item, yes, actor="office", at=START)

    await house.on(0, lambda session, one: check(session, one, Judgement.YES))
    async with house.service.db.begin() as session:
        order, seals = house.order(uuid4()), house.service.seals
        await settle_result(session, uid("application", 0), Admit(), order, seals=seals)
    await house.on(0, lambda session, one: check(session, one, Judgement.NO))
    assert await until(house, START + timedelta(days=1)) == []
    async with house.service.db.read() as session:
        [(status, *_rest)] = (await seen.cases(session)).values()
        noted = list(await session.scalars(select(TABLES.audit.action)))
    assert (status, noted[-1]) == ("submitted", "hold.dropped")


@pytest.mark.parametrize("answers", [False, True])
async def test_a_department_is_reminded_once_unless_it_answered(
    house: House, answers: bool
) -> None:
    await house.submit(0, 25_000)
    contact = Contact(name="Frau Amt", email="amt@example.org")

    async def ask(session: Any, one: Application) -> None:
        asked = Request(
            department="Grünflächenamt",
            contact=contact,
            question="Steht dort ein Baum?",
            due_at=DUE,
            url="https://stadtteil.example/stellungnahme/",
        )
        seals = house.service.seals
        await ask_department(session, one, asked, seals=seals, actor="office", at=START)

    async def answer(session: Any, one: Application) -> None:
        [statement] = await session.scalars(select(Statement))
        verdict, seals = StatementVerdict.NO_OBJECTION, house.service.seals
        await give_statement(
            session, statement, one, verdict=verdict, text="Nein.", seals=seals, at=START
        )

    await house.on(0, ask)
    if answers:
        await house.on(0, answer)
    reminded = [] if answers else ["StatementRequested"]
    first = ["StatementRequested", *(["StatementGiven"] if answers else [])]
    assert await until(house, WEEK_BEFORE - SECOND) == first
    assert await until(house, WEEK_BEFORE) == first + reminded
    assert await until(house, DUE + timedelta(days=30)) == first + reminded


@pytest.mark.parametrize("begin", [asked_for_something, granted, held])
async def test_two_workers_at_the_same_moment_do_it_once(house: House, begin: Begin) -> None:
    await begin(house)
    other = connect(house.service.db.url)
    parts = {name: getattr(house.service, name) for name in ("name", "settings", "redis", "seals")}
    second = Service(db=other, clock=house.clock, **parts)
    house.clock.set(DUE + SECOND)
    workers = [house.timers, Timers(second, TABLES, TIMERS)] * 3
    for _ in range(3):
        await asyncio.gather(*(one.fire() for one in workers))
    await other.dispose()
    assert max(Counter(await told(house)).values()) == 1
    async with house.service.db.read() as session:
        assert not list(await session.scalars(select(Timer)))


CHILD: Final = """
import asyncio, sys
from datetime import datetime
from pathlib import Path
from services.applications.store import TABLES
from services.applications.worker import TIMERS
from shared import crashpoints
from shared.clock import SetClock
from shared.due import Timers
from shared.service import Service
from tests.applications.conftest import settings_for

database, keys, at, point = sys.argv[1:]
crashpoints.arm(point)
where = settings_for(database, keys, "unix:///nowhere.sock", Path("/nowhere"))
service = Service.open("applications", where, SetClock(datetime.fromisoformat(at)))
asyncio.run(Timers(service, TABLES, TIMERS).fire())
"""
"""A worker in a process of its own, killed at the named point."""


@pytest.mark.parametrize("point", ["timer.before_commit", "timer.after_commit"])
@pytest.mark.parametrize("begin", [granted, held])
async def test_a_worker_killed_while_it_acts_has_acted_once(
    house: House, begin: Begin, point: str
) -> None:
    await begin(house)
    at = DUE + SECOND
    settings = house.service.settings
    where = [settings.database_url, settings.keys_database_url, at.isoformat(), point]
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", CHILD, *where)
    assert await child.wait() == -signal.SIGKILL
    found = await told(house)
    after = await until(house, at)
    assert max(Counter(after).values()) == 1
    assert len(after) > len(found) or point == "timer.after_commit"
    async with house.service.db.read() as session:
        await seen.check_money(session, FUND)
