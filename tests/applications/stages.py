"""Cases brought as far as a test needs them, by the same commands that the pages call."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from services.applications.commands import budget, formal, grants
from services.applications.commands.decide import OwnDecision, decide_by_office, vote_closed
from services.applications.commands.money import locked_application
from services.applications.domain import Application, Rules
from services.applications.domain.checklist import Finding, Judgement
from services.applications.queries.check import check_of
from services.applications.queries.fund import rules_at
from shared.events.applications import CheckItem
from shared.events.meetings import Counts, Motion, Verdict, VoteClosed, VotedCondition
from shared.once import Order
from shared.service import Service

OFFICE = "account:00000000-0000-0000-0000-000000000001"
FUND = "buergerfonds"


def order(service: Service, version: int = 0) -> Order:
    return Order(command_id=uuid4(), by=OFFICE, at=service.clock.now(), version=version)


async def with_rules(service: Service, application_id: UUID, **rules: Any) -> None:
    """As if it had been handed in under these rules."""
    async with service.db.begin() as session:
        one = await session.get_one(Application, application_id)
        changed = Rules.model_validate(one.rules | rules)
        one.rules = changed.model_dump(mode="json")


async def give_budget(service: Service, cents: int = 500_000, *, released: int = 500_000) -> None:
    """A budget for this year."""
    year, at = service.clock.now().year, service.clock.now()
    async with service.db.begin() as session:
        rules = await rules_at(session, at, FUND)
        await budget.set_budget(session, FUND, year, cents, order(service), rules=rules)
        await budget.release(session, FUND, year, released, order(service))


async def release(service: Service, cents: int) -> None:
    async with service.db.begin() as session:
        await budget.release(session, FUND, service.clock.now().year, cents, order(service))


async def ask_for(
    service: Service, application_id: UUID, *items: CheckItem, text: str = "", days: int = 14
) -> datetime:
    """Something is missing; returns until when."""
    at = service.clock.now()
    due_at = (at + timedelta(days=days)).replace(hour=22, minute=59, second=59)
    async with service.db.begin() as session:
        application = await locked_application(session, application_id)
        await formal.request_correction(
            session,
            application,
            items or [CheckItem.QUOTES],
            text=text,
            due_at=due_at,
            seals=service.seals,
            actor=OFFICE,
            at=at,
        )
    return due_at


async def admit(service: Service, application_id: UUID, title: str = "Sommerfest") -> None:
    """Every open line judged, the public title written, found in order."""
    at, who = service.clock.now(), {"actor": OFFICE}
    async with service.db.begin() as session:
        one = await locked_application(session, application_id)
        for line in await check_of(session, one):
            if line.finding in (Finding.ASK, Finding.BROKEN):
                yes = Judgement.YES
                await formal.judge(session, one, line.item, yes, text="geht", at=at, **who)
        await formal.name_in_public(session, one, title, at=at, **who)
        await formal.admit(session, one, seals=service.seals, at=at, **who)


async def schedule(service: Service, application_id: UUID, session_id: UUID | None = None) -> UUID:
    """It stands on the agenda of its session."""
    async with service.db.begin() as session:
        one = await locked_application(session, application_id)
        meets = session_id or one.session_id or uuid4()
        one.schedule(uuid4(), meets, starts_at=service.clock.now() + timedelta(days=30))
    return meets


async def vote(
    service: Service,
    application_id: UUID,
    *,
    yes: int,
    no: int,
    abstain: int = 0,
    cents: int | None = None,
    conditions: tuple[tuple[str, date], ...] = (),
    verdict: Verdict | None = None,
    motion: Motion = Motion.GRANT,
    session_id: UUID | None = None,
    reason: str = "majority",
) -> UUID:
    """The board votes; returns the vote's id."""
    cast, accepted = yes + no + abstain, yes > no
    counts = Counts(
        members=15, eligible=cast, present=cast, recused=0, cast=cast, valid=cast, invalid=0,
        yes=yes, no=no, abstain=abstain,
    )  # fmt: skip
    async with service.db.read() as session:
        item_id = (await session.get_one(Application, application_id)).item_id or uuid4()
    closed = VoteClosed(
        at=service.clock.now(),
        subject_version=1,
        vote_id=uuid4(),
        item_id=item_id,
        session_id=session_id or uuid4(),
        application_id=application_id,
        motion=motion,
        verdict=verdict or (Verdict.ACCEPTED if accepted else Verdict.REJECTED),
        reason=reason,
        margin=yes - no if accepted else yes - no - 1,
        counts=counts,
        rules={},
        amount_cents=cents,
        conditions=[VotedCondition(text=text, due_on=on) for text, on in conditions],
    )
    async with service.db.begin() as session:
        await vote_closed(session, closed)
    return closed.vote_id


async def granted(
    service: Service,
    application_id: UUID,
    *,
    cents: int | None = None,
    conditions: tuple[tuple[str, date], ...] = (),
    released: int = 500_000,
) -> None:
    """The whole way to a yes of the board."""
    await give_budget(service, released=released)
    await admit(service, application_id)
    await schedule(service, application_id)
    await vote(service, application_id, yes=9, no=2, cents=cents, conditions=conditions)


async def decided_by_office(
    service: Service, application_id: UUID, cents: int | None, text: str = ""
) -> None:
    async with service.db.begin() as session:
        decided = OwnDecision(decision_id=uuid4(), cents=cents, text=text)
        await decide_by_office(
            session,
            application_id,
            decided,
            seals=service.seals,
            actor=OFFICE,
            at=service.clock.now(),
        )


async def meet_conditions(service: Service, application_id: UUID) -> None:
    async with service.db.begin() as session:
        one = await locked_application(session, application_id)
        for condition in await grants.conditions_of(session, application_id):
            at = service.clock.now()
            await grants.meet_condition(session, one, condition.id, actor=OFFICE, at=at)
