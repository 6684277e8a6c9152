"""How fast mail may leave: buckets in the database, shared by every process, taken from per batch."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.domain.sending import Allowance
from shared.store import insert
from shared.web.outgoing import Outgoing

RELAY: Final = "relay"
BURST_SECONDS: Final = 10
"""So much of a minute's messages may go at once after a pause."""

SLOWEST: Final = 1.0
"""Messages a minute: a domain is never left alone altogether."""

RECOVERS_AFTER: Final = timedelta(minutes=15)
"""So long without a 4.7.x, and the domain gets twice as much again."""

NOT_AGAIN_WITHIN: Final = timedelta(seconds=30)
"""Answers to what was already under way halve the rate once."""

FORGOTTEN_AFTER: Final = timedelta(days=1)


@dataclass(frozen=True)
class Rates:
    """The office's own limits, by the names of their buckets."""

    outgoing: Outgoing

    def way(self, domain: str) -> str:
        """The bucket of mail to this domain."""
        provider = self.outgoing.provider_of.get(domain)
        return f"domain:{domain}" if provider is None else f"group:{provider}"

    def planned(self, name: str) -> float | None:
        """Messages a minute by the brand file; None for as many as you like."""
        sort, _, what = name.partition(":")
        if sort == RELAY:
            return self.outgoing.per_minute
        if sort == "kind":
            return self.outgoing.kinds.get(what)
        provider = self.outgoing.providers.get(what) if sort == "group" else None
        return provider.per_minute if provider is not None else None

    def now(self, name: str, row: Allowance | None, *, at: datetime) -> float | None:
        """What holds at this moment: the plan, or less where a server asked for it."""
        rates = [self.planned(name)]
        if row is not None and row.slowed_to is not None and row.slowed_at is not None:
            quiet = at - row.slowed_at
            if quiet < FORGOTTEN_AFTER:
                rates.append(row.slowed_to * 2.0 ** (quiet // RECOVERS_AFTER))
        return min((rate for rate in rates if rate is not None), default=None)


def kind(name: str) -> str:
    """The bucket of a kind of letter."""
    return f"kind:{name}"


async def take(
    session: AsyncSession, rates: Rates, wants: Mapping[str, int], *, at: datetime
) -> dict[str, int]:
    """How many of these may go now; what is granted is gone from the buckets."""
    rows = await _locked(session, rates, wants, at=at)
    granted = dict(wants)
    for name, want in wants.items():
        rate = rates.now(name, rows.get(name), at=at)
        if rate is not None:
            row = rows[name]
            _refill(row, rate, at=at)
            granted[name] = max(0, min(int(row.level), want))
            row.level -= granted[name]
    return granted


async def refund(session: AsyncSession, rates: Rates, unused: Mapping[str, int]) -> None:
    """Taken and not needed after all."""
    limited = {n: count for n, count in unused.items() if count and rates.planned(n) is not None}
    if limited:
        for row in await session.scalars(_rows(limited).with_for_update()):
            row.level += limited[row.name]


async def charge(
    session: AsyncSession, rates: Rates, spent: Mapping[str, int], *, at: datetime
) -> None:
    """What went without asking: urgent letters never wait, but others do after them."""
    limited = {name: count for name, count in spent.items() if rates.planned(name) is not None}
    if limited:
        for name, row in (await _locked(session, rates, limited, at=at)).items():
            rate = rates.now(name, row, at=at)
            if rate is not None:
                _refill(row, rate, at=at)
                row.level -= limited[name]


async def room(session: AsyncSession, rates: Rates, names: Iterable[str], *, at: datetime) -> float:
    """How many may go now by the tightest of these; nothing is taken."""
    limited = [name for name in names if rates.planned(name) is not None]
    rows = {row.name: row for row in await session.scalars(_rows(limited))} if limited else {}
    rooms = []
    for name in limited:
        row, rate = rows.get(name), rates.now(name, rows.get(name), at=at)
        assert rate is not None
        rooms.append(_burst(rate) if row is None else _level(row, rate, at=at))
    return min(rooms, default=float("inf"))


async def book(
    session: AsyncSession, rates: Rates, name: str, count: int, *, at: datetime
) -> list[datetime]:
    """When to try these again that found no room: one after the other at the bucket's own pace."""
    row = (await _locked(session, rates, {name: count}, at=at))[name]
    rate = rates.now(name, row, at=at)
    if rate is None:
        return [at] * count
    step, start = timedelta(minutes=1) / rate, max(at, row.booked_until)
    moments = [start + step * (number + 1) for number in range(count)]
    row.booked_until = moments[-1]
    return moments


async def slow_down(
    session: AsyncSession, rates: Rates, name: str, *, measured: float, at: datetime
) -> None:
    """4.7.x: half of what went there until now."""
    row = (await _locked(session, rates, {name: 1}, at=at, even_unlimited=True))[name]
    if row.slowed_at is not None and at - row.slowed_at < NOT_AGAIN_WITHIN:
        return
    before = rates.now(name, row, at=at)
    row.slowed_to = max((measured if before is None else before) / 2, SLOWEST)
    row.slowed_at, row.at, row.level, row.booked_until = at, at, 0.0, at


async def _locked(
    session: AsyncSession,
    rates: Rates,
    names: Mapping[str, int],
    *,
    at: datetime,
    even_unlimited: bool = False,
) -> dict[str, Allowance]:
    """Their rows, always in the same order; missing ones start full."""
    missing = [
        {"name": name, "level": _burst(rate), "at": at, "booked_until": at}
        for name in names
        if (rate := rates.planned(name) or (60.0 if even_unlimited else None)) is not None
    ]
    if missing:
        rows = sorted(missing, key=lambda row: str(row["name"]))
        await session.execute(insert(session, Allowance).values(rows).on_conflict_do_nothing())
    found = await session.scalars(_rows(names).with_for_update())
    return {row.name: row for row in found}


def _rows(names: Iterable[str]) -> Select[Allowance]:
    chosen: Sequence[str] = list(names)
    return (
        select(Allowance)
        .where(Allowance.name.in_(chosen))
        .order_by(Allowance.name)
        .execution_options(populate_existing=True)
    )


def _level(row: Allowance, rate: float, *, at: datetime) -> float:
    passed = max((at - row.at).total_seconds(), 0.0)
    return min(row.level + passed * rate / 60, _burst(rate))


def _refill(row: Allowance, rate: float, *, at: datetime) -> None:
    row.level, row.at = _level(row, rate, at=at), max(at, row.at)


def _burst(rate: float) -> float:
    return max(rate * BURST_SECONDS / 60, 1.0)
