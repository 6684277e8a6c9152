"""After somebody is erased, the words of their case are gone from the rows and from the files."""

from typing import Any, Final
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from services.applications.commands.entry import change_answers
from services.applications.commands.erase import erase_person
from services.applications.commands.formal import correction_done, judge, request_correction
from services.applications.commands.held import Refuse, settle_result
from services.applications.commands.statements import (
    Request,
    ask_department,
    give_statement,
    remind_department,
)
from services.applications.domain import (
    Application,
    Change,
    CheckMark,
    Correction,
    Held,
    IllegalMove,
    Statement,
)
from services.applications.domain.checklist import Judgement
from shared.clock import SetClock
from shared.events.applications import CheckItem, StatementVerdict
from shared.events.people import Contact
from shared.service import Service
from tests.applications.model import seen
from tests.applications.model.driver import RULES, START, House, answers, uid
from tests.applications.test_forgetting_people import everything, on_disk

WORD: Final = "Quittenwort"
"""Stands in everything anybody writes about this case."""


@pytest.fixture
async def house(applications: Service, clock: SetClock) -> House:
    """A case in which everybody wrote something, and a refusal is on hold."""
    clock.set(START)
    house = House(applications, clock)
    await house.submit(0, 25_000)
    await house.on(0, lambda session, one: _written(house, session, one))
    async with applications.db.begin() as session:
        result = Refuse(reasons=[CheckItem.OTHER], text=f"{WORD} der Absage")
        order, seals = house.order(uuid4()), applications.seals
        await settle_result(session, uid("application", 0), result, order, seals=seals)
    return house


async def _written(house: House, session: Any, one: Application) -> None:
    seals, at, by = house.service.seals, START, {"actor": "office", "at": START}
    item = CheckItem.WHO_MAY_APPLY
    await judge(session, one, item, Judgement.YES, text=f"{WORD} der Prüfung", **by)  # type: ignore[arg-type]
    due = RULES.due(at, 14)
    text = f"{WORD} der Nachforderung"
    await request_correction(
        session, one, [item], text=text, due_at=due, seals=seals, actor="office", at=at
    )
    await correction_done(session, one, actor="applicant", at=at)
    renamed = answers(25_000, idea={"title": f"{WORD} im Titel"})
    await change_answers(session, one, renamed, house.order(uuid4()), seals=seals)
    asked = Request(
        department="Grünflächenamt",
        contact=Contact(name="Frau Amt", email="amt@example.org"),
        question=f"{WORD} der Frage",
        due_at=due,
        url="https://stadtteil.example/stellungnahme/",
    )
    first = await ask_department(session, one, asked, seals=seals, actor="office", at=at)
    words = f"{WORD} der Stellungnahme"
    verdict = StatementVerdict.CONCERNS
    await give_statement(session, first, one, verdict=verdict, text=words, seals=seals, at=at)
    await ask_department(session, one, asked, seals=seals, actor="office", at=at)


async def erase(house: House) -> None:
    async with house.service.db.begin() as session:
        one = await session.get_one(Application, uid("application", 0))
        assert one.person_id is not None
        await erase_person(
            session, person_id=one.person_id, person_ids=[one.person_id], actor="office", at=START
        )


async def test_every_word_about_the_case_goes_from_rows_and_files(house: House) -> None:
    before = await everything(house.service)
    assert before.count(WORD) >= 6, "the test would find nothing even if it were there"
    await erase(house)
    assert WORD not in await everything(house.service)
    if house.service.db.dialect == "sqlite":
        assert WORD.encode() not in on_disk(house.service)


async def test_what_was_checked_and_asked_stays_for_the_books(house: House) -> None:
    await erase(house)
    async with house.service.db.read() as session:
        left = [
            await session.scalar(select(func.count()).select_from(table))
            for table in (CheckMark, Correction, Statement, Change, Held)
        ]
    assert left == [1, 1, 2, 0, 0]


async def test_after_that_nothing_new_is_written_about_them(house: House) -> None:
    await erase(house)

    async def give(session: Any, one: Application) -> None:
        unanswered = select(Statement).where(Statement.given_at.is_(None))
        [statement] = await session.scalars(unanswered)
        verdict, seals = StatementVerdict.CONCERNS, house.service.seals
        await give_statement(
            session, statement, one, verdict=verdict, text=WORD, seals=seals, at=START
        )

    async def mark(session: Any, one: Application) -> None:
        item = CheckItem.WHO_MAY_APPLY
        await judge(session, one, item, Judgement.NO, text=WORD, actor="office", at=START)

    async def ask(session: Any, one: Application) -> None:
        due, seals = RULES.due(START, 14), house.service.seals
        await request_correction(
            session,
            one,
            [CheckItem.OTHER],
            text=WORD,
            due_at=due,
            seals=seals,
            actor="office",
            at=START,
        )

    await house.on(0, ask)
    for writing in (give, mark):
        with pytest.raises(IllegalMove):
            await house.on(0, writing)
    house.clock.set(RULES.due(START, 30))
    while await house.timers.fire():
        pass
    assert WORD not in await everything(house.service)
    async with house.service.db.read() as session:
        told, _years = await seen.told(session)
        assert [words[0] for words in told[0]].count("StatementRequested") == 2
        assert not await session.scalar(select(func.count()).where(Statement.reminded_at > START))


async def test_a_department_that_was_forgotten_is_not_reminded(house: House) -> None:
    async def remind(session: Any, one: Application) -> None:
        [statement] = await session.scalars(select(Statement).where(Statement.given_at.is_(None)))
        statement.contact_name = statement.contact_email = ""
        url, seals = "https://stadtteil.example/stellungnahme/", house.service.seals
        await remind_department(session, statement, one, url=url, seals=seals, at=START)
        assert statement.reminded_at is None

    await house.on(0, remind)
