"""What becomes of a grant: signed, or back into the fund."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.commands.clocks import stop_clocks
from services.applications.commands.grants.effect import (
    conditions_of,
    locked_grant,
    settle_release,
    take_effect,
    watch,
)
from services.applications.commands.money import (
    NoBudget,
    free,
    locked_application,
    locked_year,
    tell_if_low,
)
from services.applications.domain import (
    Application,
    BudgetYear,
    Grant,
    IllegalMove,
    Rules,
    Status,
)
from services.applications.domain.grant import ConditionClosed, NotYetEffective
from services.applications.store import note, record
from shared.events.applications import (
    AgreementSigned,
    ConditionMet,
    GrantDeclined,
    GrantEnded,
    GrantLapsed,
    GrantRevoked,
    Matter,
    RevokedBecause,
    Signed,
)


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
    await watch(session, application, grant, conditions, at=at)
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
    await take_effect(session, application, grant, at=at)
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
