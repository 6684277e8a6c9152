"""What the office, the board and the city do about the year's applications."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from uuid_utils.compat import uuid7

from deploy.sample.people import SIGN_INS
from services.applications.commands import budget, entry, formal, grants, statements
from services.applications.commands.held import Admit, settle_result
from services.applications.commands.money import locked_application
from services.applications.domain import Colleague, Statement
from services.applications.domain.answers import Answers
from services.applications.domain.checklist import Judgement
from services.applications.queries.check import check_of
from services.applications.queries.fund import first_fund
from services.meetings.domain.account import Account
from shared.events.applications import CheckItem, Signed, StatementVerdict
from shared.events.people import Contact
from shared.once import Order

if TYPE_CHECKING:
    from deploy.sample.year import Year

Act = Callable[["Year"], Awaitable[None]]
GREEN: Final = Contact(name="Petra Wulf", email="petra.wulf@stadt.example")


async def introduce(year: "Year") -> None:
    """Whose acts these are: the office's own account, by name as the trail shows it."""
    person = next(one for one in SIGN_INS if one.key == "office")
    async with year.stack["meetings"].db.read() as session:
        chosen = select(Account).where(Account.email == person.email)
        account = (await session.execute(chosen)).scalar_one()
    async with year.stack["applications"].db.begin() as session:
        known = Colleague(account_id=account.id, person_id=account.person_id, name=person.name)
        session.add(known)
    year.office = f"account:{account.id}"


def give_budget(of: int, cents: int) -> Act:
    """The city's budget law names the fund's sum for the year."""

    async def act(year: "Year") -> None:
        async with year.stack["applications"].db.begin() as session:
            fund, rules = await first_fund(session, year.now)
            await budget.set_budget(session, fund, of, cents, _order(year), rules=rules)

    return act


def release_budget(of: int, cents: int) -> Act:
    """The council frees the money; what waited for it takes effect if all of it fits."""

    async def act(year: "Year") -> None:
        async with year.stack["applications"].db.begin() as session:
            fund, _rules = await first_fund(session, year.now)
            await budget.release(session, fund, of, cents, _order(year))

    return act


def admit(title: str, public_title: str) -> Act:
    """The formal check: yes to what only a person can tell, then ten minutes to think again."""

    async def act(year: "Year") -> None:
        service = year.stack["applications"]
        async with service.db.begin() as session:
            application = await locked_application(session, year.applications[title])
            for line in await check_of(session, application):
                if not line.passed:
                    await formal.judge(
                        session,
                        application,
                        line.item,
                        Judgement.YES,
                        text="Geprüft.",
                        actor=year.office,
                        at=year.now,
                    )
            await formal.name_in_public(
                session, application, public_title, actor=year.office, at=year.now
            )
        async with service.db.begin() as session:
            order = _order(year)
            await settle_result(session, application.id, Admit(), order, seals=service.seals)
        await year.until(year.now + timedelta(minutes=11))

    return act


def ask_for(title: str, item: CheckItem, text: str, *, days: int = 14) -> Act:
    """Something is missing; the applicant has two weeks."""

    async def act(year: "Year") -> None:
        service = year.stack["applications"]
        async with service.db.begin() as session:
            application = await locked_application(session, year.applications[title])
            _fund, rules = await first_fund(session, year.now)
            await formal.request_correction(
                session,
                application,
                [item],
                text=text,
                due_at=rules.due(year.now, days),
                seals=service.seals,
                actor=year.office,
                at=year.now,
            )

    return act


def complete(title: str, plan: str) -> Act:
    """The applicant writes what was missing."""

    async def act(year: "Year") -> None:
        service = year.stack["applications"]
        async with service.db.begin() as session:
            application = await locked_application(session, year.applications[title])
            given = Answers.model_validate(application.answers)
            idea = given.idea.model_copy(update={"plan": plan})
            better = given.model_copy(update={"idea": idea})
            await entry.rewrite(
                session,
                application,
                better,
                actor="applicant",
                seals=service.seals,
                at=year.now,
            )
            await formal.correction_done(session, application, actor="applicant", at=year.now)

    return act


def ask_city(title: str, department: str, contact: Contact, question: str) -> Act:
    """A department is asked by mail."""

    async def act(year: "Year") -> None:
        service = year.stack["applications"]
        async with service.db.begin() as session:
            application = await locked_application(session, year.applications[title])
            _fund, rules = await first_fund(session, year.now)
            asked = statements.Request(
                department=department,
                contact=contact,
                question=question,
                due_at=rules.due(year.now, rules.statement_days),
                url=f"{service.settings.origin}/antraege/stellungnahme/",
            )
            await statements.ask_department(
                session, application, asked, seals=service.seals, actor=year.office, at=year.now
            )

    return act


def city_answers(title: str, verdict: StatementVerdict, text: str) -> Act:
    """The department gives its word."""

    async def act(year: "Year") -> None:
        service = year.stack["applications"]
        async with service.db.begin() as session:
            application = await locked_application(session, year.applications[title])
            chosen = select(Statement).where(Statement.application_id == application.id)
            [statement] = await session.scalars(chosen)
            await statements.give_statement(
                session,
                statement,
                application,
                verdict=verdict,
                text=text,
                seals=service.seals,
                at=year.now,
            )

    return act


def accept(title: str, signed: Signed = Signed.ONLINE) -> Act:
    """The applicant signs the agreement."""

    async def act(year: "Year") -> None:
        async with year.stack["applications"].db.begin() as session:
            application = await locked_application(session, year.applications[title])
            await grants.accept(
                session,
                application,
                signed=signed,
                signed_on=year.now.date(),
                actor="applicant" if signed is Signed.ONLINE else year.office,
                at=year.now,
            )

    return act


def meet_conditions(title: str) -> Act:
    """What the board asked for is there."""

    async def act(year: "Year") -> None:
        async with year.stack["applications"].db.begin() as session:
            application = await locked_application(session, year.applications[title])
            for condition in await grants.conditions_of(session, application.id):
                await grants.meet_condition(
                    session, application, condition.id, actor=year.office, at=year.now
                )

    return act


def _order(year: "Year") -> Order:
    return Order(command_id=uuid7(), by=year.office, at=year.now)


def _day(year: "Year", days: int) -> date:
    return year.today + timedelta(days=days)
