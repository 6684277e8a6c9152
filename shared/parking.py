"""Events that could not be answered: they wait with the later ones of their subject.

The head of a subject is tried again with growing pauses; when those are used up it is dead and a
person decides: `redrive` once the cause is gone, or `discard`. Either way the order is kept.
"""

import argparse
import asyncio
import sys
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.entries import Entry, Unreadable
from shared.outages import next_attempt, place
from shared.service import Service, tables_of
from shared.settings import SERVICES, ServiceName, Settings
from shared.store import AuditRow, ParkedRow, Tables, insert


async def subjects(session: AsyncSession, tables: Tables, stream: str) -> set[str]:
    """The subjects of which something waits: their later events have to wait too."""
    parked = tables.parked
    waiting = select(parked.subject).where(parked.stream == stream).distinct()
    return set(await session.scalars(waiting))


async def park(
    session: AsyncSession,
    tables: Tables,
    stream: str,
    entry: Entry,
    *,
    error: Exception | None,
    now: datetime,
) -> None:
    """Put an event aside: with its error when it failed, without when it only waits its turn."""
    row = tables.parked()
    row.stream, row.event_id, row.type = stream, entry.event_id, entry.type
    row.subject, row.body, row.parked_at = entry.subject, entry.text, now
    row.attempts, row.error = (0, "") if error is None else (1, place(error))
    row.try_at = now if error is None else next_attempt(1, now)
    session.add(row)
    await session.flush()


async def park_unreadable(
    session: AsyncSession, tables: Tables, stream: str, entry: Unreadable, now: datetime
) -> None:
    """Keep what is no event, dead from the start, under a subject nothing else has."""
    new = insert(session, tables.parked).values(
        stream=stream,
        event_id=entry.event_id,
        type="unreadable",
        subject=f"{entry.epoch}-{entry.number}",
        body=entry.text,
        parked_at=now,
        attempts=1,
        try_at=None,
        error="not a CloudEvent",
    )
    await session.execute(new.on_conflict_do_nothing())


async def due_heads(
    session: AsyncSession,
    tables: Tables,
    stream: str,
    now: datetime,
    *,
    impatient: Collection[str] = (),
    limit: int = 50,
) -> Sequence[ParkedRow]:
    """The first event of each waiting subject, if its time has come; of `impatient` types any."""
    parked = tables.parked
    first = select(func.min(parked.id)).where(parked.stream == stream).group_by(parked.subject)
    in_turn = or_(parked.id.in_(first), parked.type.in_(impatient))
    chosen = select(parked).where(parked.stream == stream, in_turn, parked.try_at <= now)
    return (await session.scalars(chosen.order_by(parked.id).limit(limit))).all()


def failed_again(row: ParkedRow, error: Exception, now: datetime) -> None:
    """Note the attempt and when the next is due; dead when the pauses are used up."""
    row.attempts += 1
    row.error = place(error)
    row.try_at = next_attempt(row.attempts, now)


class NotParked(Exception):
    """There is no parked event of this id: it was answered or discarded meanwhile."""


async def redrive(
    session: AsyncSession, tables: Tables, event_id: UUID, *, at: datetime, actor: str
) -> None:
    """Try this event again now, with all its attempts before it; written into the trail."""
    row = await _parked(session, tables, event_id)
    row.attempts, row.try_at = 0, at
    session.add(_note(tables, row, at=at, actor=actor, action="event.redriven"))


async def discard(
    session: AsyncSession, tables: Tables, event_id: UUID, *, at: datetime, actor: str
) -> None:
    """Never answer this event; the later ones of its subject go on. Written into the trail."""
    row = await _parked(session, tables, event_id)
    session.add(_note(tables, row, at=at, actor=actor, action="event.discarded"))
    await session.execute(delete(tables.parked).where(tables.parked.id == row.id))


async def _parked(session: AsyncSession, tables: Tables, event_id: UUID) -> ParkedRow:
    parked = tables.parked
    row = await session.scalar(select(parked).where(parked.event_id == event_id).with_for_update())
    if row is None:
        raise NotParked(event_id)
    return row


def _note(tables: Tables, row: ParkedRow, *, at: datetime, actor: str, action: str) -> AuditRow:
    note = tables.audit()
    note.at, note.actor, note.action, note.subject = at, actor, action, row.subject
    note.details = {"event_id": str(row.event_id), "type": row.type, "error": row.error}
    return note


async def _command(name: ServiceName, command: str, event_id: UUID | None, actor: str) -> None:
    service, tables = Service.open(name, Settings.load()), tables_of(name)
    try:
        if event_id is None:
            async with service.db.read() as session:
                for row in await session.scalars(select(tables.parked).order_by(tables.parked.id)):
                    state = "dead" if row.try_at is None else f"again {row.try_at:%Y-%m-%d %H:%M}"
                    sys.stdout.write(
                        f"{row.event_id} {row.type} {row.subject} {state} {row.error}\n"
                    )
            return
        do = redrive if command == "redrive" else discard
        async with service.db.begin() as session:
            await do(session, tables, event_id, at=service.clock.now(), actor=actor)
    finally:
        await service.close()


def main() -> None:
    """`python -m shared.parking list meetings`, `… redrive meetings <event id>`, `… discard …`."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("command", choices=["list", "redrive", "discard"])
    parser.add_argument("service", choices=SERVICES)
    parser.add_argument("event_id", type=UUID, nargs="?")
    parser.add_argument("--actor", default="system", help="who decided this, for the trail")
    chosen = parser.parse_args()
    if (chosen.command == "list") != (chosen.event_id is None):
        parser.error("list takes no event id, the others need one")
    asyncio.run(_command(chosen.service, chosen.command, chosen.event_id, chosen.actor))


if __name__ == "__main__":
    main()
