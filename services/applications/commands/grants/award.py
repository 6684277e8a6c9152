"""Granting: the reserved sum with its conditions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.applications.commands.grants.effect import watch
from services.applications.commands.money import (
    reserve,
    tell_if_low,
)
from services.applications.domain import (
    Application,
    BudgetYear,
    Grant,
    GrantCondition,
    Rules,
    Status,
)
from services.applications.domain.fund import year_of
from services.applications.store import note, record
from shared.events.applications import (
    GrantKind,
    GrantReserved,
    Tier,
)


@dataclass(frozen=True, kw_only=True)
class Award:
    """What was decided: a sum in cents, conditions, by whom."""

    cents: int
    decided_by: Tier
    conditions: Sequence[tuple[str, date]] = ()
    """Text, and the day by which it has to be met."""
    session_id: UUID | None = None
    vote_id: UUID | None = None


async def award(
    session: AsyncSession,
    application: Application,
    year: BudgetYear,
    given: Award,
    *,
    rules: Rules,
    actor: str,
    at: datetime,
) -> Grant:
    """Reserve the sum in the locked year and grant it; raises NotCovered if less is left."""
    if not application.may(Status.GRANTED):
        application.grant()
    await reserve(session, year, application.id, given.cents, actor=actor, at=at)
    grant = _new(application, year, given, rules=rules, at=at)
    session.add(grant)
    await session.flush()
    conditions = [_condition(grant, n, text, day) for n, (text, day) in enumerate(given.conditions)]
    session.add_all(conditions)
    application.grant()
    grant.take_effect(at=at)
    grant.open_for_acceptance(conditions, at=at)
    record(session, _reserved(application, grant, conditions, year, at=at))
    note(
        session,
        at=at,
        actor=actor,
        action="grant.reserve",
        subject=str(application.id),
        cents=given.cents,
    )
    await watch(session, application, grant, conditions, at=at)
    tell_if_low(session, year, rules, at=at)
    return grant


def _new(
    application: Application, year: BudgetYear, given: Award, *, rules: Rules, at: datetime
) -> Grant:
    asked = application.asked_cents or 0
    assert year_of(at) == year.year
    return Grant(
        application_id=application.id,
        fund=year.fund,
        year=year.year,
        amount_cents=given.cents,
        asked_cents=asked,
        kind=GrantKind.FULL if given.cents == asked else GrantKind.PARTIAL,
        decided_by=given.decided_by,
        decided_at=at,
        session_id=given.session_id,
        vote_id=given.vote_id,
        waits_for_release=year.gap_cents > 0,
        needs_city=rules.needs_city(given.cents),
        rules=rules.model_dump(mode="json"),
    )


def _condition(grant: Grant, position: int, text: str, day: date) -> GrantCondition:
    return GrantCondition(
        id=uuid7(),
        application_id=grant.application_id,
        position=position,
        text=text,
        due_on=day,
    )


def _reserved(
    application: Application,
    grant: Grant,
    conditions: Sequence[GrantCondition],
    year: BudgetYear,
    *,
    at: datetime,
) -> GrantReserved:
    return GrantReserved(
        at=at,
        **application.told_in_public(),
        amount_cents=grant.amount_cents,
        kind=grant.kind,
        conditions=[condition.as_told() for condition in conditions],
        effective=grant.effective_at is not None,
        waits_for=grant.waits_for,
        decided_by=grant.decided_by,
        session_id=grant.session_id,
        vote_id=grant.vote_id,
        accept_by=grant.accept_by,
        budget=year.as_told(),
    )
