"""A teller and an answerer whose only business is to count: what the bus's tests observe."""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import MetaData, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared import outbox
from shared.clock import Clock, SystemClock
from shared.events.base import Audience, Event
from shared.inbox import Answers, Handlers
from shared.pace import Pace
from shared.relay import Relay
from shared.rows import (
    AuditRow,
    InboxRow,
    LeaseRow,
    OutboxRow,
    ParkedRow,
    StreamStateRow,
    Tables,
    TimerRow,
)
from shared.service import Service
from shared.settings import Settings
from shared.store import NAMING, TYPES
from shared.streams import read_all
from shared.worker import Worker
from tests.support.databases import Databases
from tests.support.services import SECRET_KEY

HASTE = Pace(
    poll=0.1,
    lease=0.5,
    beat=0.05,
    reclaim_every=0.2,
    reclaim_idle=0.3,
    tidy_every=0.1,
    redis_away=0.05,
)


class Base(DeclarativeBase):
    type_annotation_map = TYPES
    metadata = MetaData(naming_convention=NAMING)


class Outbox(OutboxRow, Base): ...


class Inbox(InboxRow, Base): ...


class Parked(ParkedRow, Base): ...


class Timer(TimerRow, Base): ...


class Lease(LeaseRow, Base): ...


class StreamState(StreamStateRow, Base): ...


class Audit(AuditRow, Base): ...


class Effect(Base):
    """What answering an event leaves behind; nothing but the bus keeps it single and in order."""

    __tablename__ = "effects"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[UUID]
    subject: Mapped[str]
    place: Mapped[int]
    words: Mapped[str] = mapped_column(default="")


class Told(Base):
    """What a command did: there is one of these exactly when there is an event."""

    __tablename__ = "told"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[UUID] = mapped_column(unique=True)
    subject: Mapped[str]
    place: Mapped[int]


TABLES = Tables(Outbox, Inbox, Parked, Timer, Lease, StreamState, Audit)


class Counted(Event):
    """The next one of a subject."""

    teller: ClassVar = "applications"
    type: ClassVar = "stadtteilbote.test.counted.v1"
    audience: ClassVar = Audience.INTERNAL
    about: ClassVar = "subject_id"

    subject_id: str
    place: int
    words: Any = ""


async def count(event: Counted, session: AsyncSession, _: Service) -> None:
    words = event.words if isinstance(event.words, str) else repr(event.words)
    session.add(
        Effect(event_id=event.event_id, subject=event.subject_id, place=event.place, words=words)
    )


COUNT: Handlers = {Counted: count}


@dataclass
class Bus:
    """A service that tells and one that answers, each with a database of its own."""

    teller: Service
    answerer: Service
    handlers: Handlers = field(default_factory=lambda: dict(COUNT))
    places: Counter[str] = field(default_factory=Counter)

    @property
    def relay(self) -> Relay:
        return Relay(self.teller, TABLES, HASTE)

    @property
    def answers(self) -> Answers:
        return Answers(self.answerer, TABLES, "applications", self.handlers)

    @property
    def workers(self) -> list[Worker]:
        return [
            Worker(self.teller, TABLES, {}, pace=HASTE),
            Worker(self.answerer, TABLES, {"applications": self.handlers}, pace=HASTE),
        ]

    async def tell(self, *subjects: str, words: Any = "") -> list[Counted]:
        """One command: an event for each subject named, committed together."""
        events = []
        for subject in subjects:
            self.places[subject] += 1
            events.append(
                Counted(
                    at=datetime.now(UTC),
                    subject_id=subject,
                    place=self.places[subject],
                    words=words,
                )
            )
        async with self.teller.db.begin() as session:
            for event in events:
                session.add(
                    Told(event_id=event.event_id, subject=event.subject_id, place=event.place)
                )
            outbox.record(session, Outbox, *events)
        return events

    async def relay_all(self) -> int:
        relay, total = self.relay, 0
        while done := await relay.tell():
            total += done
        return total

    async def read_all(self, name: str = "a reader") -> int:
        return await read_all(self.answers, name)

    async def effects(self) -> Sequence[Effect]:
        async with self.answerer.db.read() as session:
            return (await session.scalars(select(Effect).order_by(Effect.id))).all()

    async def told(self) -> Sequence[Told]:
        async with self.teller.db.read() as session:
            return (await session.scalars(select(Told).order_by(Told.id))).all()

    async def complaints(self) -> list[str]:
        """What was lost, doubled, invented or put out of order."""
        told = {row.event_id for row in await self.told()}
        effects = await self.effects()
        times = Counter(effect.event_id for effect in effects)
        found = [f"lost {event_id}" for event_id in told - times.keys()]
        found += [f"invented {event_id}" for event_id in times.keys() - told]
        found += [f"{n} times {event_id}" for event_id, n in times.items() if n > 1]
        order = defaultdict[str, list[int]](list)
        for effect in effects:
            order[effect.subject].append(effect.place)
        found += [f"order of {subject}: {p}" for subject, p in order.items() if p != sorted(p)]
        return found


def open_service(
    name: Any, database_url: str, keys_url: str, redis_url: str, clock: Clock | None = None
) -> Service:
    settings = Settings(
        database_url=database_url,
        keys_database_url=keys_url,
        redis_url=redis_url,
        secret_key=SECRET_KEY,
        files_dir=Path("var/none"),
    )
    return Service.open(name, settings, clock or SystemClock())


async def create_tables(service: Service) -> None:
    async with service.db.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)


@asynccontextmanager
async def open_bus(
    databases: Databases, redis_url: str, clock: Clock | None = None
) -> AsyncIterator[Bus]:
    telling, answering = await databases.empty(), await databases.empty()
    bus = Bus(
        open_service("applications", telling, telling, redis_url, clock),
        open_service("notifications", answering, answering, redis_url, clock),
    )
    try:
        for service in (bus.teller, bus.answerer):
            await create_tables(service)
        yield bus
    finally:
        await bus.teller.close()
        await bus.answerer.close()
