"""Fifty decisions at the same moment: not a cent over the budget, and nobody waits for ever."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from services.applications.commands.budget import release, set_budget
from services.applications.commands.decide import OwnDecision, decide_by_office, vote_closed
from services.applications.commands.grants import accept, city_agrees, end
from services.applications.commands.money import locked_application
from services.applications.domain import Application, IllegalMove, Status
from services.applications.domain.grant import ConditionClosed, NotYetEffective
from services.applications.domain.ledger import BudgetTooSmall, NotCovered
from shared.clock import SetClock
from shared.days import local_day
from shared.events.applications import Signed
from shared.events.meetings import Motion, Verdict, VoteClosed, VotedCondition
from shared.once import Order
from shared.service import Service
from shared.store import Database, connect
from tests.applications.model import seen
from tests.applications.model.driver import COUNTS, RULES, START, answers

YEAR: Final = 2026
LOST: Final = (NotCovered, IllegalMove, ConditionClosed, NotYetEffective, BudgetTooSmall)
"""What a decision may run into when another one was faster; anything else is a fault."""

Step = Coroutine[Any, Any, Any]


class Round:
    """One fund of its own, fifty things that happen to it at once."""

    def __init__(self, number: int, service: Service, databases: list[Database]) -> None:
        self.fund, self.service, self.databases = f"fund-{number}", service, databases
        self.chance = random.Random(number)
        self.at = service.clock.now()

    def order(self) -> Order:
        return Order(command_id=uuid4(), by="account:office", at=self.at)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Any]:
        async with self.chance.choice(self.databases).begin() as session:
            yield session

    async def prepare(self, budget: int, released: int) -> None:
        async with self.service.db.begin() as session:
            await set_budget(session, self.fund, YEAR, budget, self.order(), rules=RULES)
            await release(session, self.fund, YEAR, released, self.order())

    async def cases(self, many: int, status: Status) -> list[UUID]:
        """Applications as they stand before their decision."""
        person, found = await self.service.seals.person(email=None), []
        async with self.service.db.begin() as session:
            for _ in range(many):
                asked = self.chance.choice([5_000, 10_000, 25_000, 30_000, 90_000])
                asked = min(asked, 30_000) if status is Status.ADMISSIBLE else asked
                found.append(_case(self.fund, asked, status, person, self.at))
            session.add_all(found)
        return [one.id for one in found]

    async def vote(self, case: UUID) -> None:
        async with self.begin() as session:
            await vote_closed(session, self.yes(case))

    def yes(self, case: UUID) -> VoteClosed:
        day = local_day(self.at) + timedelta(days=5)
        conditions = [VotedCondition(text="Ein Plakat", due_on=day)] * self.chance.choice([0, 0, 1])
        return VoteClosed(
            at=self.at,
            vote_id=uuid4(),
            item_id=case,
            session_id=case,
            application_id=case,
            motion=Motion.GRANT,
            verdict=self.chance.choices([Verdict.ACCEPTED, Verdict.REJECTED], [9, 1])[0],
            reason="simple_majority",
            margin=1,
            counts=COUNTS,
            rules={},
            amount_cents=self.chance.choice([None, 5_000]),
            conditions=conditions,
        )

    async def decide(self, case: UUID) -> None:
        own = OwnDecision(decision_id=uuid4(), cents=self.chance.choice([5_000, 2_500]))
        seals = self.service.seals
        async with self.begin() as session:
            await decide_by_office(session, case, own, seals=seals, actor="office", at=self.at)

    async def free(self, case: UUID) -> None:
        how = self.chance.choice([Status.DECLINED, Status.REVOKED, Status.LAPSED])
        async with self.begin() as session:
            await end(session, case, how, actor="office", at=self.at)

    async def sign(self, case: UUID) -> None:
        day = local_day(self.at)
        async with self.begin() as session:
            one = await locked_application(session, case)
            await accept(
                session, one, signed=Signed.PAPER, signed_on=day, actor="office", at=self.at
            )

    async def city(self, case: UUID) -> None:
        async with self.begin() as session:
            one = await locked_application(session, case)
            await city_agrees(session, one, actor="office", at=self.at)

    async def free_by_council(self, cents: int) -> None:
        async with self.begin() as session:
            await release(session, self.fund, YEAR, cents, self.order())

    async def give(self, cents: int) -> None:
        async with self.begin() as session:
            await set_budget(session, self.fund, YEAR, cents, self.order(), rules=RULES)

    async def play(self) -> Counter[str]:
        """All at once; returns what the decisions came to."""
        budget = self.chance.choice([200_000, 350_000])
        await self.prepare(budget, 120_000)
        granted = await self.cases(9, Status.SCHEDULED)
        for one in granted:
            await self.vote(one)
        voted = await self.cases(32, Status.SCHEDULED)
        own = await self.cases(9, Status.ADMISSIBLE)
        steps: list[Step] = [self.vote(one) for one in voted] + [self.decide(one) for one in own]
        steps += [self.free(one) for one in granted[:6]]
        steps += [self.sign(one) for one in granted[3:]]
        steps += [self.city(one) for one in granted]
        steps += [self.free_by_council(budget), self.give(budget + 10_000)]
        self.chance.shuffle(steps)
        async with asyncio.timeout(120):
            ended = await asyncio.gather(*steps, return_exceptions=True)
        for end_ in ended:
            if isinstance(end_, BaseException) and not isinstance(end_, LOST):
                raise end_
        return Counter(type(end_).__name__ for end_ in ended)


def _case(fund: str, asked: int, status: Status, person: UUID, at: Any) -> Application:
    one = Application.start(fund=fund, language="de", at=at)
    one.number, one.status, one.submitted_at = one.id.hex[-16:], status, at
    one.person_id, one.asked_cents, one.field_of_action = person, asked, "encounter"
    one.answers = answers(asked).model_dump(mode="json")
    one.rules, one.public_title = RULES.model_dump(mode="json"), "Sommerfest"
    one.item_id = one.id if status is Status.SCHEDULED else None
    return one


@pytest.fixture
async def many(applications: Service, clock: SetClock) -> AsyncIterator[list[Database]]:
    """Several processes' worth of connections, each with a pool of its own."""
    clock.set(START)
    opened = [connect(applications.db.url) for _ in range(4)]
    yield opened
    for one in opened:
        await one.dispose()


async def rounds(service: Service, databases: list[Database], numbers: range) -> None:
    seen_so_far = Counter[str]()
    for number in numbers:
        seen_so_far += await Round(number, service, databases).play()
        async with service.db.read() as session:
            await seen.check_money(session, f"fund-{number}")
            found = select(Application.status).where(Application.fund == f"fund-{number}")
            statuses = Counter(await session.scalars(found))
            seen_so_far += Counter(f"status {one}" for one in statuses.elements())
    wanted = {"NoneType", "status granted", "status scheduled", "status accepted", "NotCovered"}
    assert wanted <= seen_so_far.keys(), "the rounds have to be worth playing"


async def test_twenty_rounds_of_fifty_awards_leave_nothing_over_the_budget(
    applications: Service, many: list[Database]
) -> None:
    await rounds(applications, many, range(20))


@pytest.mark.long
@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
async def test_five_hundred_rounds_of_fifty_awards_leave_nothing_over_the_budget(
    applications: Service, many: list[Database]
) -> None:
    await rounds(applications, many, range(500))
