"""When a grant takes effect, and which of its dates runs."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.commands.clocks import set_clock, stop_clocks
from services.applications.domain import (
    Application,
    BudgetYear,
    Grant,
    GrantCondition,
    Rules,
)
from services.applications.store import note, record
from shared.events.applications import (
    GrantBecameEffective,
    Matter,
)


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
        await take_effect(session, applications[grant.application_id], grant, at=at)
    return sum(grant.effective_at is not None for grant in grants)


async def take_effect(
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
    await watch(session, application, grant, conditions, at=at)


async def watch(
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


async def locked_grant(session: AsyncSession, application_id: UUID) -> Grant:
    """The grant as it is now, locked."""
    chosen = select(Grant).where(Grant.application_id == application_id).with_for_update()
    locked = chosen.execution_options(populate_existing=True)
    return (await session.execute(locked)).scalar_one()


async def conditions_of(session: AsyncSession, application_id: UUID) -> Sequence[GrantCondition]:
    """All conditions of a grant, in the order they were decided."""
    chosen = select(GrantCondition).where(GrantCondition.application_id == application_id)
    return (await session.scalars(chosen.order_by(GrantCondition.position))).all()


async def _locked_applications(
    session: AsyncSession, ids: Sequence[UUID]
) -> dict[UUID, Application]:
    chosen = select(Application).where(Application.id.in_(ids)).order_by(Application.id)
    locked = chosen.with_for_update().execution_options(populate_existing=True)
    return {one.id: one for one in await session.scalars(locked)}
