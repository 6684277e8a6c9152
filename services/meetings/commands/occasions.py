"""Planning, announcing, changing, cancelling and documenting occasions."""

from dataclasses import asdict
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.meetings.commands.occasion_clocks import set_clocks
from services.meetings.commands.once import Order, earlier, trail, unchanged
from services.meetings.commands.registrations import (
    active_registrations,
    end_all,
    lock_occasion,
    promote,
    tell_moved,
)
from services.meetings.domain.occasions import Occasion, Plan
from services.meetings.queries.occasions import taken_places
from services.meetings.store import record
from shared.service import Service


async def plan_occasion(session: AsyncSession, plan: Plan, order: Order) -> UUID:
    """Write an occasion down; the same command again answers with the same one."""
    new, content = uuid7(), asdict(plan)
    if first := await earlier(session, order, name="occasion.plan", content=content, subject=new):
        return first
    session.add(Occasion.plan(plan, occasion_id=new, at=order.at))
    trail(session, "occasion.plan", new, order)
    return new


async def change_occasion(
    session: AsyncSession, service: Service, occasion_id: UUID, plan: Plan, order: Order
) -> UUID:
    """Take another plan; everybody registered hears of another date or place."""
    content = {"id": occasion_id, **asdict(plan)}
    if first := await earlier(
        session, order, name="occasion.change", content=content, subject=occasion_id
    ):
        return first
    occasion = await _opened(session, occasion_id, order)
    began, where = occasion.starts_at, occasion.place
    told = occasion.change(
        plan,
        taken=await taken_places(session, occasion_id),
        registered=bool(await active_registrations(session, occasion_id)),
        at=order.at,
    )
    if told:
        changed = occasion.changed(previous_starts_at=began, previous_place=where, at=order.at)
        record(session, changed)
        await set_clocks(session, occasion, at=order.at)
    if told and (began, where) != (plan.starts_at, plan.place):
        await tell_moved(
            session,
            service,
            occasion,
            previous_starts_at=began,
            previous_place=where,
            at=order.at,
        )
    await promote(session, service, occasion, at=order.at)
    trail(session, "occasion.change", occasion_id, order)
    return occasion_id


async def announce_occasion(session: AsyncSession, occasion_id: UUID, order: Order) -> UUID:
    """Invite everybody: page, calendar, news, and those with a subscription."""
    if first := await earlier(
        session, order, name="occasion.announce", content=occasion_id, subject=occasion_id
    ):
        return first
    occasion = await _opened(session, occasion_id, order)
    record(session, occasion.announce(at=order.at))
    await set_clocks(session, occasion, at=order.at)
    trail(session, "occasion.announce", occasion_id, order)
    return occasion_id


async def cancel_occasion(
    session: AsyncSession, service: Service, occasion_id: UUID, order: Order, *, reason: str
) -> UUID:
    """Do not hold it: the public is told once, everybody registered by a letter of their own."""
    content = {"id": occasion_id, "reason": reason}
    if first := await earlier(
        session, order, name="occasion.cancel", content=content, subject=occasion_id
    ):
        return first
    occasion = await _opened(session, occasion_id, order)
    if cancelled := occasion.cancel(reason=reason, at=order.at):
        record(session, cancelled)
    await end_all(session, service, occasion, at=order.at)
    await set_clocks(session, occasion, at=order.at)
    trail(session, "occasion.cancel", occasion_id, order)
    return occasion_id


async def document_occasion(
    session: AsyncSession,
    occasion_id: UUID,
    order: Order,
    *,
    text: str,
    visitors: int | None,
    link: str | None,
) -> UUID:
    """Tell everybody how it was, or correct that."""
    content = {"id": occasion_id, "text": text, "visitors": visitors, "link": link}
    if first := await earlier(
        session, order, name="occasion.document", content=content, subject=occasion_id
    ):
        return first
    occasion = await _opened(session, occasion_id, order)
    record(session, occasion.document(text=text, visitors=visitors, link=link, at=order.at))
    trail(session, "occasion.document", occasion_id, order)
    return occasion_id


async def _opened(session: AsyncSession, occasion_id: UUID, order: Order) -> Occasion:
    """The occasion as the form showed it; raises ChangedMeanwhile."""
    occasion = await lock_occasion(session, occasion_id)
    unchanged("occasion", order, now=occasion.version)
    return occasion
