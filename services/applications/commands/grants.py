"""Grants from the reserved sum to the signed agreement, or back into the fund."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.applications.commands.clocks import set_clock, stop_clocks
from services.applications.commands.money import (
    NoBudget,
    free,
    locked_application,
    locked_year,
    reserve,
    tell_if_low,
)
from services.applications.domain import (
    Application,
    BudgetYear,
    Grant,
    GrantCondition,
    IllegalMove,
    Rules,
    Status,
)
from services.applications.domain.fund import year_of
from services.applications.domain.grant import ConditionClosed, NotYetEffective
from services.applications.store import note, record
from shared.events.applications import (
    AgreementSigned,
    ConditionMet,
    GrantBecameEffective,
    GrantDeclined,
    GrantEnded,
    GrantKind,
    GrantLapsed,
    GrantReserved,
    GrantRevoked,
    Matter,
    RevokedBecause,
    Signed,
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
    await _watch(session, application, grant, conditions, at=at)
    tell_if_low(session, year, rules, at=at)
    return grant


async def accept(
    session: AsyncSession,
    application: Application,
    *,
    signed: Signed,
    signed_on: date,
    actor: str,
    at: datetime,
) -> Grant:
    """The applicant signs the agreement; raises NotYetEffective while something is missing."""
    application.accept()
    grant = await locked_grant(session, application.id)
    if grant.accept_by is None:
        raise NotYetEffective
    grant.signed, grant.signed_on = signed, signed_on
    told = AgreementSigned(
        at=at,
        **application.told(),
        amount_cents=grant.amount_cents,
        signed=signed,
        signed_on=signed_on,
    )
    record(session, told)
    note(
        session,
        at=at,
        actor=actor,
        action="grant.accept",
        subject=str(application.id),
        signed=signed,
    )
    await stop_clocks(session, application)
    return grant


async def meet_condition(
    session: AsyncSession, application: Application, condition_id: UUID, *, actor: str, at: datetime
) -> Grant:
    """A condition is met; the last one opens the way to the agreement. Raises ConditionClosed."""
    if application.status is not Status.GRANTED:
        raise ConditionClosed
    grant = await locked_grant(session, application.id)
    conditions = await conditions_of(session, application.id)
    condition = next((one for one in conditions if one.id == condition_id), None)
    if condition is None or condition.met_at:
        raise ConditionClosed
    condition.met_at = at
    accept_by = grant.open_for_acceptance(conditions, at=at)
    told = ConditionMet(
        at=at,
        **application.told(),
        condition_id=condition_id,
        still_open=sum(one.met_at is None for one in conditions),
        accept_by=accept_by,
    )
    record(session, told)
    note(session, at=at, actor=actor, action="condition.meet", subject=str(application.id))
    await _watch(session, application, grant, conditions, at=at)
    return grant


async def city_agrees(
    session: AsyncSession, application: Application, *, actor: str, at: datetime
) -> Grant:
    """The city says yes to a sum of this size."""
    if application.status is not Status.GRANTED:
        raise ConditionClosed
    grant = await locked_grant(session, application.id)
    if not grant.needs_city or grant.city_agreed_at:
        raise ConditionClosed
    grant.city_agreed_at = at
    note(session, at=at, actor=actor, action="grant.city_agrees", subject=str(application.id))
    await _take_effect(session, application, grant, at=at)
    return grant


async def end(
    session: AsyncSession,
    application_id: UUID,
    as_: Status,
    *,
    actor: str,
    at: datetime,
    matter: Matter = Matter.ACCEPTANCE,
    because: RevokedBecause = RevokedBecause.OFFICE,
) -> Application:
    """Declined, lapsed or revoked: the sum is free at once, and may let waiting grants take effect."""
    plain = await session.get(Grant, application_id)
    if plain is None:
        raise IllegalMove((await locked_application(session, application_id)).status, as_)
    year = await locked_year(session, plain.fund, plain.year)
    if year is None:
        raise NoBudget(plain.fund, plain.year)
    application = await locked_application(session, application_id)
    grant = await locked_grant(session, application_id)
    application.end_grant(as_)
    grant.ended_at, grant.waits_for_release, grant.accept_by = at, False, None
    await free(session, year, application_id, actor=actor, at=at)
    record(session, _ended(application, grant, year, as_, matter=matter, because=because, at=at))
    note(session, at=at, actor=actor, action=f"grant.{as_}", subject=str(application_id))
    await stop_clocks(session, application)
    await settle_release(session, year, at=at)
    tell_if_low(session, year, Rules.model_validate(grant.rules), at=at)
    return application


async def settle_release(session: AsyncSession, year: BudgetYear, *, at: datetime) -> int:
    """If everything promised is released, all that waited for it take effect; else none does.

    Returns how many did. The year is locked by the caller.
    """
    if year.gap_cents:
        return 0
    waits = Grant.fund == year.fund, Grant.year == year.year, Grant.waits_for_release
    ids = (await session.scalars(select(Grant.application_id).where(*waits))).all()
    applications = await _locked_applications(session, ids)
    waiting = select(Grant).where(Grant.application_id.in_(ids)).with_for_update()
    in_order = waiting.order_by(Grant.decided_at, Grant.application_id)
    grants = (await session.scalars(in_order.execution_options(populate_existing=True))).all()
    for grant in grants:
        grant.waits_for_release = False
        await _take_effect(session, applications[grant.application_id], grant, at=at)
    return sum(grant.effective_at is not None for grant in grants)


async def locked_grant(session: AsyncSession, application_id: UUID) -> Grant:
    """The grant as it is now, locked."""
    chosen = select(Grant).where(Grant.application_id == application_id).with_for_update()
    locked = chosen.execution_options(populate_existing=True)
    return (await session.execute(locked)).scalar_one()


async def conditions_of(session: AsyncSession, application_id: UUID) -> Sequence[GrantCondition]:
    """All conditions of a grant, in the order they were decided."""
    chosen = select(GrantCondition).where(GrantCondition.application_id == application_id)
    return (await session.scalars(chosen.order_by(GrantCondition.position))).all()


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


def _ended(
    application: Application,
    grant: Grant,
    year: BudgetYear,
    as_: Status,
    *,
    matter: Matter,
    because: RevokedBecause,
    at: datetime,
) -> GrantEnded:
    told: dict[str, Any] = {
        "at": at,
        **application.told(),
        "amount_cents": grant.amount_cents,
        "budget": year.as_told(),
    }
    if as_ is Status.DECLINED:
        return GrantDeclined(**told)
    if as_ is Status.LAPSED:
        return GrantLapsed(**told, matter=matter)
    return GrantRevoked(**told, because=because)


async def _take_effect(
    session: AsyncSession, application: Application, grant: Grant, *, at: datetime
) -> None:
    """Tell it once, with the date by which the applicant may accept, if nothing else is open."""
    if not grant.take_effect(at=at):
        return
    conditions = await conditions_of(session, application.id)
    accept_by = grant.open_for_acceptance(conditions, at=at)
    told = GrantBecameEffective(
        at=at, **application.told(), amount_cents=grant.amount_cents, accept_by=accept_by
    )
    record(session, told)
    note(session, at=at, actor="system", action="grant.effective", subject=str(application.id))
    await _watch(session, application, grant, conditions, at=at)


async def _watch(
    session: AsyncSession,
    application: Application,
    grant: Grant,
    conditions: Sequence[GrantCondition],
    *,
    at: datetime,
) -> None:
    """Let the next date run: the earliest open condition, else the answer of the applicant."""
    rules = Rules.model_validate(grant.rules)
    missing = [one for one in conditions if one.met_at is None]
    if missing:
        first = min(missing, key=lambda one: one.due_on)
        await set_clock(session, application, Matter.CONDITION, first.due_at, rules=rules, at=at)
    elif grant.accept_by is not None:
        await set_clock(
            session, application, Matter.ACCEPTANCE, grant.accept_by, rules=rules, at=at
        )
    else:
        await stop_clocks(session, application)


async def _locked_applications(
    session: AsyncSession, ids: Sequence[UUID]
) -> dict[UUID, Application]:
    chosen = select(Application).where(Application.id.in_(ids)).order_by(Application.id)
    locked = chosen.with_for_update().execution_options(populate_existing=True)
    return {one.id: one for one in await session.scalars(locked)}
