"""The books, cases and letters as they really are, in the words of the model."""

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.domain import (
    Application,
    BudgetYear,
    Grant,
    GrantCondition,
    Held,
    LedgerBooking,
    LedgerEntry,
)
from services.applications.domain.ledger import Account
from services.applications.store import Outbox, Parked, Timer
from shared.events.base import registry

FACTS: Final[Mapping[str, tuple[str, ...]]] = {
    "ApplicationPlaced": ("session_id", "late", "because"),
    "ApplicationDeferred": ("because", "session_id", "next_session_id"),
    "DeadlineApproaches": ("matter", "due_at"),
    "GrantReserved": ("amount_cents", "effective", "accept_by"),
    "GrantNotCovered": ("amount_cents",),
    "GrantBecameEffective": ("amount_cents", "accept_by"),
    "ConditionMet": ("still_open", "accept_by"),
    "GrantDeclined": ("amount_cents",),
    "GrantLapsed": ("amount_cents", "matter"),
    "GrantRevoked": ("amount_cents", "because"),
}
SILENT: Final = {"ApplicationSubmitted", "ApplicantRecorded", "ApplicationPaperPrepared"}
"""Told whenever anything is handed in or admitted: others look after these."""


async def told(session: AsyncSession) -> tuple[dict[int, list[Any]], list[Any]]:
    """What was told of each application, in order; and of the years."""
    cases, years = defaultdict[int, list[Any]](list), list[Any]()
    for row in await session.scalars(select(Outbox).order_by(Outbox.id)):
        event = registry()[row.type].from_cloudevent(json.loads(row.body))
        name = type(event).__name__
        if name.startswith("Budget"):
            years.append(_of_year(event))
        elif name not in SILENT and hasattr(event, "application_id"):
            facts = (getattr(event, fact) for fact in FACTS.get(name, ()))
            cases[event.application_id.int - 1].append((name, *facts))
    return cases, years


def _of_year(event: Any) -> tuple[Any, ...]:
    cents = {"BudgetSet": "budget_cents", "BudgetReleased": "released_cents"}
    name = type(event).__name__
    amounts = (getattr(event.budget, cents[name]),) if name in cents else ()
    return (name, event.budget.year, *amounts)


async def cases(session: AsyncSession) -> dict[int, tuple[Any, ...]]:
    """Where each application stands."""
    held = set(await session.scalars(select(Held.application_id)))
    return {
        one.id.int - 1: (
            one.status.value,
            one.session_id,
            one.late,
            one.due_at,
            one.item_id if one.status == "scheduled" else None,
            one.id in held,
            one.erased_at is not None,
        )
        for one in await session.scalars(select(Application))
    }


async def grants(session: AsyncSession) -> dict[int, tuple[Any, ...]]:
    """What was granted, and what each grant still waits for."""
    unmet = defaultdict[Any, int](int)
    for one in await session.scalars(select(GrantCondition).where(GrantCondition.met_at.is_(None))):
        unmet[one.application_id] += 1
    return {
        one.application_id.int - 1: (
            one.year,
            one.amount_cents,
            one.waits_for_release,
            one.needs_city and one.city_agreed_at is None,
            one.effective_at is not None,
            one.accept_by,
            unmet[one.application_id],
        )
        for one in await session.scalars(select(Grant))
    }


async def timers(session: AsyncSession) -> dict[tuple[str, int], Any]:
    """Every date that will act; one that failed shows as None."""
    return {
        (one.kind, int(one.subject.replace("-", ""), 16) - 1): None if one.attempts else one.due_at
        for one in await session.scalars(select(Timer))
    }


async def parked(session: AsyncSession) -> list[Any]:
    return list(await session.scalars(select(Parked.event_id).order_by(Parked.id)))


async def years(session: AsyncSession) -> dict[int, tuple[int, ...]]:
    """Budget, released, reserved and available, as the columns say."""
    return {
        one.year: (one.budget_cents, one.released_cents, one.reserved_cents, one.available_cents)
        for one in await session.scalars(select(BudgetYear))
    }


async def books(session: AsyncSession) -> list[tuple[str, int | None, int]]:
    """Every booking in order: its kind, for whom, and the sum; each adds up to zero."""
    sums = defaultdict[Any, dict[Account, int]](dict)
    for entry in await session.scalars(select(LedgerEntry)):
        sums[entry.booking_id][entry.account] = entry.cents
    found = []
    for one in await session.scalars(select(LedgerBooking).order_by(LedgerBooking.id)):
        assert sum(sums[one.id].values()) == 0, "M2: every booking adds up to zero"
        case = None if one.application_id is None else one.application_id.int - 1
        account = Account.AVAILABLE if case is None else Account.RESERVED
        found.append((one.kind.value, case, sums[one.id][account]))
    return found


async def check_money(session: AsyncSession, fund: str) -> None:
    """M1 and M2: nothing over the budget, and the entries say what the columns say."""
    sums = defaultdict[int, dict[Account, int]](lambda: dict.fromkeys(Account, 0))
    by_booking = defaultdict[Any, int](int)
    entries = (
        select(LedgerEntry, LedgerBooking).join(LedgerBooking).where(LedgerBooking.fund == fund)
    )
    for entry, booking in await session.execute(entries):
        sums[booking.year][entry.account] += entry.cents
        by_booking[booking.id] += entry.cents
    assert not any(by_booking.values())
    promised = defaultdict[int, int](int)
    for grant in await session.scalars(select(Grant).where(Grant.fund == fund)):
        promised[grant.year] += 0 if grant.ended_at else grant.amount_cents
        assert grant.effective_at is None or not grant.waits_for
    for year in await session.scalars(select(BudgetYear).where(BudgetYear.fund == fund)):
        booked = sums[year.year]
        assert booked[Account.BUDGET] == -year.budget_cents
        assert booked[Account.AVAILABLE] == year.available_cents >= 0
        assert booked[Account.RESERVED] == year.reserved_cents == promised[year.year]
        assert year.reserved_cents <= year.budget_cents >= year.released_cents
