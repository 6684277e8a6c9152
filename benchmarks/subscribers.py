"""A hundred thousand subscribers on PostgreSQL: counted, listed, found, read in, and a digest for all.

`python -m benchmarks.subscribers [--subscribers 100000] [--rounds 60] [--without-letters]`
"""

import argparse
import asyncio
import gc
import io
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from tempfile import TemporaryDirectory
from typing import Any, Final

from httpx import ASGITransport, AsyncClient
from sqlalchemy import func, select, text, update
from uuid_utils.compat import uuid7

from benchmarks.board import ORIGIN, shown, signed_in, timed
from deploy.valkey import Valkey
from services.notifications.addressbook import subscribers
from services.notifications.commands.imports import Source, take_in
from services.notifications.digests.loop import tell_due
from services.notifications.domain.letter import Letter
from services.notifications.domain.subscription import Frequency, Subscription
from services.notifications.handlers import ANSWERS
from services.notifications.queries import subscribers as queries
from services.notifications.queries.subscribers import Which
from services.notifications.subscriber_lists.reading import MOST_LINES, read_list
from services.notifications.web import create_web
from shared.clock import SetClock, SystemClock
from shared.days import local_day
from shared.events.meetings import SessionScheduled
from shared.service import Service
from shared.settings import Settings
from tests.support.databases import PostgresDatabases
from tests.support.migrations import migrate
from tests.support.postgres import Postgres

GOAL_MS: Final = 300
SEARCHED: Final = "p4711@example.org"
NOON: Final = datetime(2026, 3, 2, 11, tzinfo=UTC)
EVENING: Final = datetime(2026, 3, 2, 18, tzinfo=UTC)

FILLED: Final = (
    """INSERT INTO subscriptions (id, person_id, address, address_hash, name, language, topics, fields,
  occasion_kinds, frequency, digest_cursor, status, requested_at, confirmed_at, version)
SELECT gen_random_uuid(), gen_random_uuid(), 'p' || n || '@example.org', md5(n::text), 'Person ' || n,
  (ARRAY['de', 'de', 'de', 'en', 'ar', 'ru', 'tr', 'pl'])[1 + n % 8],
  CASE n % 4 WHEN 0 THEN '["newsletter", "occasions", "sessions"]' WHEN 1 THEN '["newsletter"]'
    WHEN 2 THEN '["decisions", "newsletter", "press"]' ELSE '["newsletter", "sessions"]' END::jsonb,
  '[]', '[]', (ARRAY['at_once', 'daily', 'weekly'])[1 + n % 3], 0, 'confirmed',
  now() - (n % 700) * interval '1 day', now() - (n % 700) * interval '1 day', 1
FROM generate_series(1, :count) n""",
    """INSERT INTO subscription_topics (topic, subscription_id)
SELECT t.value, s.id FROM subscriptions s, jsonb_array_elements_text(s.topics) AS t(value)""",
    "ANALYZE",
)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subscribers", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--without-letters", action="store_true")
    chosen = parser.parse_args()
    postgres = Postgres().start()
    with TemporaryDirectory(prefix="sb-b-") as folder:
        redis = Valkey(Path(folder) / "redis").start()
        databases = PostgresDatabases(postgres.url(), "subscribers", migrate)
        try:
            service = await opened(databases, redis, Path(folder), chosen.subscribers)
            await pages(service, chosen.subscribers, chosen.rounds)
            if not chosen.without_letters:
                await letters(service)
            await service.close()
            await databases.remove_all()
        finally:
            redis.stop()
            postgres.remove()


async def opened(databases: PostgresDatabases, redis: Valkey, folder: Path, count: int) -> Service:
    """A service with so many subscribers, written by the database itself."""
    settings = Settings(
        redis_url=redis.url,
        database_url=await databases.fresh("notifications"),
        keys_database_url=await databases.fresh("keys"),
        secret_key="only for a benchmark, at least 32 bytes long",
        origin=ORIGIN,
        files_dir=folder,
        office_email="office@stadtteil.example",
        mail_from="post@stadtteil.example",
        mail_domain="stadtteil.example",
    )
    service = Service.open("notifications", settings, SystemClock())
    async with service.db.begin() as session:
        for sql in FILLED:
            await session.execute(text(sql), {"count": count} if ":count" in sql else {})
        found = service.seals.address_hash(SEARCHED)
        one = update(Subscription).where(Subscription.address == SEARCHED)
        await session.execute(one.values(address_hash=found))
    return service


async def pages(service: Service, count: int, rounds: int) -> None:
    """Each query by itself, then the whole page through the application, signed in.

    What was imported to run this is frozen first: Python would look through all of it now and then.
    """
    gc.collect()
    gc.freeze()
    print(f"{count:,} subscribers, PostgreSQL, {rounds} times each, in ms")
    print(f"{'':<40}{'p50':>8}{'p95':>8}")
    newsletter = Which(topic="newsletter")
    middle = await deep(service, newsletter, count // 2)
    asked: dict[str, Callable[[], Awaitable[Any]]] = {
        "count by topic and language": partial(read, service, queries.tallies),
        "count one topic": partial(read, service, queries.count, newsletter),
        "growth of a year": partial(read, service, queries.growth, service.clock.now()),
        "list of a topic, first page": partial(read, service, queries.listed, newsletter),
        "list of a topic, a page in the middle": partial(
            read, service, queries.listed, newsletter, before=middle
        ),
        "list of a topic and language": partial(
            read, service, queries.listed, Which(topic="press", language="ru")
        ),
        "a thousand recipients of a topic": partial(recipients, service),
    }
    for name, work in asked.items():
        row(name, await timed(work, rounds))
    async with AsyncClient(transport=ASGITransport(create_web(service)), base_url=ORIGIN) as office:
        office.cookies.set(*await signed_in(service))
        found = service.seals.address_hash(SEARCHED)
        for name, path in {
            "page of one address": f"/buero/abos/adresse/{found}",
            "whole page": "/buero/abos",
            "whole page, one topic": f"/buero/abos?thema=newsletter&vor={middle}",
        }.items():
            row(name, await timed(partial(shown, office, path), rounds))


async def read(
    service: Service, query: Callable[..., Awaitable[Any]], *given: Any, **more: Any
) -> None:
    async with service.db.read() as session:
        await query(session, *given, **more)


async def recipients(service: Service) -> None:
    """The first piece of what a letter goes to."""
    async with service.db.read() as session:
        async for some in subscribers(session, "newsletter", hearing=tuple(Frequency)):
            assert len(some) == 1_000
            return


async def deep(service: Service, which: Which, place: int) -> Any:
    """The id in the middle of a topic's list."""
    chosen = which.of(Subscription.id).order_by(which.place.desc()).offset(place).limit(1)
    async with service.db.read() as session:
        return await session.scalar(chosen)


def row(name: str, figures: tuple[float, float]) -> None:
    mark = "" if figures[1] < GOAL_MS else f"   above {GOAL_MS} ms"
    print(f"{name:<40}{figures[0]:>8.1f}{figures[1]:>8.1f}{mark}")


async def letters(service: Service) -> None:
    """A digest for everybody who wants one today, and the longest list there may be."""
    clock = SetClock(NOON)
    later = Service(
        name=service.name,
        settings=service.settings,
        db=service.db,
        redis=service.redis,
        seals=service.seals,
        clock=clock,
    )
    event = SessionScheduled(
        at=NOON,
        session_id=uuid7(),
        board="Freunde Westhagens",
        starts_at=datetime(2026, 4, 1, 16, tzinfo=UTC),
        place="Stadtteilbüro",
        submission_deadline=datetime(2026, 3, 18, 22, tzinfo=UTC),
    )

    async def at_once() -> int:
        async with service.db.begin("consume") as session:
            await ANSWERS["meetings"][SessionScheduled](event, session, later)
        return await counted(service, "session_scheduled")

    async def digest() -> int:
        clock.set(EVENING)
        await tell_due(later)
        return await counted(service, "digest_daily")

    print(f"{'':<40}{'number':>8}{'seconds':>9}{'more MB':>9}")
    await measured("letters at once, one transaction", at_once)
    await measured("digests", digest)
    await measured("longest list read in", partial(read_in, later, EVENING))


async def counted(service: Service, kind: str) -> int:
    async with service.db.read() as session:
        return await session.scalar(select(func.count()).where(Letter.kind == kind)) or 0


async def read_in(service: Service, at: datetime) -> int:
    heading = "E-Mail;Themen;Zugestimmt am;Nachweis\n"
    lines = "".join(f"n{n}@example.net;Rundbrief;1.2.2026;Liste\n" for n in range(MOST_LINES))
    file = io.BytesIO((heading + lines).encode())
    found = read_list(file, today=local_day(at), lang="de")
    source = Source(file="liste.csv", text="Liste vom Fest", by="office", take_over=True)
    async with service.db.begin() as session:
        counts = await take_in(session, service, found.entries, source, at=at)
    return sum(counts.values())


async def measured(name: str, work: Callable[[], Awaitable[int]]) -> None:
    """How many, how long, and by how much the process's largest size has grown meanwhile."""
    before, begin = largest(), time.perf_counter()
    count = await work()
    seconds = time.perf_counter() - begin
    print(f"{name:<40}{count:>8,}{seconds:>9.1f}{largest() - before:>9.1f}")


def largest() -> float:
    """The most memory this process ever had, in MB."""
    return getrusage(RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    asyncio.run(main())
