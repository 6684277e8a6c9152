"""How the way of an event is doing: for readiness, for metrics, for the office's page."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, cast

from redis.exceptions import RedisError
from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.events.base import stream_of
from shared.service import Service
from shared.store import Tables

LONGEST_UNTOLD: Final = 30.0
LONGEST_UNREAD: Final = 15.0


@dataclass(frozen=True)
class Reading:
    """How far one teller's stream is answered; `lag` None means Redis cannot tell: an alarm."""

    teller: str
    lag: int | None
    pending: int
    oldest_pending: float
    parked: int
    dead: int
    missing: int
    """Events whose numbers were passed over and never found in the stream."""


@dataclass(frozen=True)
class Measures:
    """One moment of one service; ages in seconds."""

    untold: int
    oldest_untold: float
    numbered_not_told: int
    forgotten: int
    """How often Redis had lost what was told to it."""
    overdue_timers: int
    dead_timers: int
    redis: bool
    readings: list[Reading] = field(default_factory=list)

    def complaints(self, *, since_last_look: float = 0.0) -> list[str]:
        """Why this service is not ready; empty when it is."""
        found = []
        if self.oldest_untold > LONGEST_UNTOLD:
            found.append(f"an event waits to be told for {self.oldest_untold:.0f} s")
        if since_last_look > LONGEST_UNREAD:
            found.append(f"a reader is silent for {since_last_look:.0f} s")
        return found

    def as_metrics(self) -> str:
        """The same as Prometheus text."""
        whole = {
            "outbox_untold": self.untold,
            "outbox_oldest_untold_seconds": self.oldest_untold,
            "outbox_numbered_not_told": self.numbered_not_told,
            "stream_forgotten_total": self.forgotten,
            "timers_overdue": self.overdue_timers,
            "timers_dead": self.dead_timers,
            "redis_up": int(self.redis),
        }
        lines = [f"stadtteilbote_{name} {value:g}" for name, value in whole.items()]
        for one in self.readings:
            values = {
                "lag": -1 if one.lag is None else one.lag,
                "pending": one.pending,
                "oldest_pending_seconds": one.oldest_pending,
                "parked": one.parked,
                "dead": one.dead,
                "missing_total": one.missing,
            }
            label = f'{{teller="{one.teller}"}}'
            lines += [f"stadtteilbote_answers_{name}{label} {v:g}" for name, v in values.items()]
        return "\n".join(lines) + "\n"


async def measure(service: Service, tables: Tables, tellers: Iterable[str] = ()) -> Measures:
    """Look at database and Redis once; raises what the database raises, bears Redis being away."""
    now = datetime.now(UTC)
    async with service.db.read() as session:
        untold, oldest = await _untold(session, service, tables)
        told = await _state(session, tables, service.name, "tells")
        parked = {teller: await _parked(session, tables, teller) for teller in tellers}
        passed = {
            teller: (await _state(session, tables, teller, "answers"))[2] for teller in tellers
        }
        overdue, dead = await _timers(session, service, tables)
    groups = {teller: await _group(service, teller) for teller in tellers}
    try:
        redis = bool(await service.redis.ping())
    except RedisError:
        redis = False
    return Measures(
        untold=untold,
        oldest_untold=(now - oldest).total_seconds() if oldest else 0.0,
        numbered_not_told=told[0] - told[1],
        forgotten=told[2],
        overdue_timers=overdue,
        dead_timers=dead,
        redis=redis,
        readings=[
            Reading(teller, *groups[teller], *parked[teller], missing=passed[teller])
            for teller in tellers
        ],
    )


async def _untold(
    session: AsyncSession, service: Service, tables: Tables
) -> tuple[int, datetime | None]:
    outbox, state = tables.outbox, tables.stream_state
    told = select(state.told).where(state.stream == stream_of(service.name), state.role == "tells")
    waiting = or_(outbox.number.is_(None), outbox.number > told.scalar_subquery())
    found = await session.execute(select(func.count(), func.min(outbox.recorded_at)).where(waiting))
    count, oldest = found.one()
    return count, oldest


async def _state(
    session: AsyncSession, tables: Tables, teller: str, role: str
) -> tuple[int, int, int]:
    row = await session.get(tables.stream_state, {"stream": stream_of(teller), "role": role})
    return (0, 0, 0) if row is None else (row.number, row.told, row.gaps)


async def _parked(session: AsyncSession, tables: Tables, teller: str) -> tuple[int, int]:
    parked = tables.parked
    chosen = select(func.count(), func.count().filter(parked.try_at.is_(None)))
    row = await session.execute(chosen.where(parked.stream == stream_of(teller)))
    every, dead = row.one()
    return every, dead


async def _timers(session: AsyncSession, service: Service, tables: Tables) -> tuple[int, int]:
    timer, now = tables.timer, service.clock.now()
    overdue = func.count().filter(timer.try_at <= now)
    row = await session.execute(select(overdue, func.count().filter(timer.try_at.is_(None))))
    late, dead = row.one()
    return late, dead


async def _group(service: Service, teller: str) -> tuple[int | None, int, float]:
    """Lag, pending, and the idle time of the oldest pending entry."""
    stream = stream_of(teller)
    try:
        groups = await service.redis.xinfo_groups(stream)
        ours = [group for group in groups if group["name"].decode() == service.name]
        oldest = cast(
            "list[dict[str, int]]",
            await service.redis.xpending_range(stream, service.name, "-", "+", 1),
        )
    except RedisError:
        return None, 0, 0.0
    if not ours:
        return None, 0, 0.0
    idle = oldest[0]["time_since_delivered"] / 1000 if oldest else 0.0
    return ours[0].get("lag"), ours[0]["pending"], idle
