"""Applications as they lie in the tables after some of their way, written without walking it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from uuid_utils.compat import uuid7

from services.applications.domain import (
    Application,
    Grant,
    GrantCondition,
    Held,
    Rules,
    Statement,
    Status,
)
from services.applications.queries.fund import first_fund
from shared.events.applications import GrantKind, Tier
from shared.service import Service

BEGIN: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)


async def rules_of(service: Service, **more: Any) -> dict[str, Any]:
    """The first fund's rules as an application keeps them."""
    async with service.db.read() as session:
        _code, rules = await first_fund(session, BEGIN)
    return Rules.model_validate(rules.model_dump() | more).model_dump(mode="json")


def application(n: int, **more: Any) -> Application:
    """The n-th of the year, handed in some minutes after the one before."""
    one = Application.start(fund="buergerfonds", language="de", at=BEGIN)
    one.status, one.number = Status.SUBMITTED, f"2026-{n:03d}"
    one.submitted_at = BEGIN + timedelta(minutes=n // 3)
    one.title, one.applicant = f"Idee {n}", f"Person {n}"
    one.search_text = f"idee {n} person {n}"
    one.field_of_action = "education" if n % 2 else "encounter"
    one.asked_cents = n * 1000
    for name, value in more.items():
        setattr(one, name, value)
    return one


async def many(service: Service, count: int, *, first: int = 1, **more: Any) -> list[UUID]:
    """So many in a row; `more` is the same for all of them."""
    new = [application(n, **more) for n in range(first, first + count)]
    async with service.db.begin() as session:
        session.add_all(new)
    return [one.id for one in new]


async def one(service: Service, n: int, status: Status, **more: Any) -> UUID:
    """A single one with this status."""
    [application_id] = await many(service, 1, first=n, status=status, **more)
    return application_id


def grant(application_id: UUID, **more: Any) -> Grant:
    """Effective and without conditions, unless `more` says else."""
    known = {
        "fund": "buergerfonds",
        "year": 2026,
        "amount_cents": 60_000,
        "asked_cents": 80_000,
        "kind": GrantKind.PARTIAL,
        "decided_by": Tier.BOARD,
        "decided_at": BEGIN,
        "waits_for_release": False,
        "needs_city": False,
        "rules": {},
    }
    return Grant(application_id=application_id, **known | more)


def condition(application_id: UUID, due_on: date, **more: Any) -> GrantCondition:
    return GrantCondition(
        id=uuid7(), application_id=application_id, position=1, text="Plan", due_on=due_on, **more
    )


def statement(application_id: UUID, due_at: datetime) -> Statement:
    return Statement(
        id=uuid7(),
        application_id=application_id,
        department="Grünflächenamt",
        contact_name="",
        contact_email="gruen@example.org",
        person_id=uuid4(),
        question="Passt das?",
        asked_at=BEGIN,
        due_at=due_at,
        text="",
    )


def held(application_id: UUID, due_at: datetime) -> Held:
    return Held(
        application_id=application_id,
        command_id=uuid4(),
        act="admit",
        arguments={"act": "admit"},
        actor=f"account:{uuid4()}",
        held_at=due_at - timedelta(minutes=10),
        due_at=due_at,
    )
