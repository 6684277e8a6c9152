"""Gathering an issue's recipients on PostgreSQL: rows a second, memory, and the pages that count and list them.

`python -m benchmarks.gathering [--readers 1000 100000 1000000]`
"""

import argparse
import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Final
from uuid import UUID

from sqlalchemy import select, text
from uuid_utils.compat import uuid7

from benchmarks.memory import memory_of
from services.notifications.domain.issue import Issue, IssueKind, IssueLetter, IssueText
from services.notifications.domain.plan import Plan
from services.notifications.issues import commands, queries
from services.notifications.issues.gathering import gather
from services.notifications.issues.progress import progress
from shared.clock import SystemClock
from shared.service import Service
from shared.settings import Settings
from tests.support.databases import PostgresDatabases
from tests.support.migrations import migrate
from tests.support.postgres import Postgres

GOAL_SECONDS: Final = 5.0
GOAL_MS: Final = 300.0
OF: Final = 100_000
"""The goals are for so many."""
ROUNDS: Final = 30

PEOPLE: Final = """
INSERT INTO subscriptions (
  id, person_id, address, address_hash, name, language, topics, fields, occasion_kinds, frequency,
  digest_cursor, status, requested_at, confirmed_at, version
)
SELECT ('018f' || lpad(to_hex(n), 12, '0') || left(md5(n::text), 16))::uuid, gen_random_uuid(), 'leserin' || n || '@post' || n % 50 || '.example',
  md5(n::text), 'Leserin ' || n, (ARRAY['de', 'de', 'de', 'ar', 'en', 'tr', 'ru', 'pl'])[1 + n % 8],
  '["newsletter"]', '[]', '[]', 'at_once', 0, 'confirmed', now(), now(), 1
FROM generate_series(1, :count) n
"""
"""Ids rise with time, as ours do."""

FILLED: Final = (
    PEOPLE,
    """INSERT INTO subscription_topics (topic, subscription_id)
SELECT 'newsletter', id FROM subscriptions""",
    """INSERT INTO suppressions (address_hash, at, reason)
SELECT md5(n::text), now(), 'address' FROM generate_series(1, :count, 100) n""",
    "ANALYZE",
)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, nargs="+", default=[1_000, 100_000, 1_000_000])
    chosen = parser.parse_args()
    postgres = Postgres().start()
    print(f"{'readers':>10}{'rows':>10}{'start ms':>10}{'seconds':>10}{'rows/s':>10}{'RSS MB':>10}")
    with TemporaryDirectory(prefix="sb-b-") as folder:
        databases = PostgresDatabases(postgres.url(), "gather", migrate)
        try:
            for count in chosen.readers:
                service = await opened(databases, Path(folder), count)
                issue_id = await gathered(service, count)
                if count == OF:
                    await pages(service, issue_id)
                await service.close()
            await databases.remove_all()
        finally:
            postgres.remove()


async def opened(databases: PostgresDatabases, folder: Path, count: int) -> Service:
    """So many confirmed readers, every hundredth with an address that takes nothing."""
    settings = Settings(
        database_url=await databases.fresh("notifications"),
        keys_database_url=await databases.fresh("keys"),
        redis_url="redis://127.0.0.1:1",
        secret_key="only for a benchmark, at least 32 bytes long",
        origin="https://stadtteil.example",
        files_dir=folder / str(count),
    )
    service = Service.open("notifications", settings, SystemClock())
    for sql in FILLED:
        async with service.db.begin() as session:
            await session.execute(text(sql), {"count": count} if ":count" in sql else {})
    return service


async def gathered(service: Service, count: int) -> UUID:
    """From the click to the last row."""
    issue_id = await written(service)
    checked = await commands.check(service, issue_id, version=1)
    begin = time.perf_counter()
    async with service.db.begin() as session:
        at = service.clock.now()
        plan = Plan(expires_at=at + timedelta(days=7))
        await commands.start(session, checked, plan, by="benchmark", at=at)
    started = time.perf_counter()
    while await gather(service):
        pass
    seconds = time.perf_counter() - started
    rows = await numbered(service, issue_id)
    memory = memory_of(os.getpid())["rss_mb"]
    mark = "" if count != OF or seconds <= GOAL_SECONDS else f"   above {GOAL_SECONDS} s"
    print(
        f"{count:>10,}{rows:>10,}{(started - begin) * 1000:>10.1f}{seconds:>10.2f}"
        f"{rows / seconds:>10,.0f}{memory:>10.1f}{mark}"
    )
    return issue_id


async def written(service: Service) -> UUID:
    issue_id, at = uuid7(), service.clock.now()
    async with service.db.begin() as session:
        await commands.create(session, issue_id, IssueKind.NEWSLETTER, by="benchmark", at=at)
        text_ = IssueText(
            issue_id=issue_id,
            language="de",
            subject="Hallo",
            first_line="",
            body="Text",
            changed_at=at,
        )
        session.add(text_)
    return issue_id


async def numbered(service: Service, issue_id: UUID) -> int:
    """How many rows there are; raises unless they are numbered 1, 2, 3, … and nobody is there twice."""
    sql = text(
        "SELECT count(*), coalesce(max(number), 0), count(DISTINCT subscription_id)"
        " FROM issue_letters WHERE issue_id = :issue"
    )
    async with service.db.read() as session:
        rows, last, people = (await session.execute(sql, {"issue": issue_id})).one()
        issue = await session.get_one(Issue, issue_id)
        expected = await queries.reach(session, IssueKind.NEWSLETTER)
    if not rows == last == people == issue.recipients == expected:
        raise SystemExit(f"{rows} rows up to number {last} for {people} people of {expected}")
    return int(rows)


async def pages(service: Service, issue_id: UUID) -> None:
    """What the office's pages ask, at the goal's size."""
    kind = IssueKind.NEWSLETTER
    async with service.db.read() as session:
        issue = await session.get_one(Issue, issue_id)
        ids = select(IssueLetter.subscription_id).where(IssueLetter.issue_id == issue_id)
        middle = await session.scalar(ids.order_by(IssueLetter.number).offset(OF // 2).limit(1))

    async def count() -> None:
        async with service.db.read() as session:
            await queries.audience(session, kind)

    async def rare() -> None:
        async with service.db.read() as session:
            await queries.readers(session, kind, language="pl", after=middle)

    async def page() -> None:
        async with service.db.read() as session:
            await queries.readers(session, kind, after=middle)

    async def look() -> None:
        async with service.db.read() as session:
            await progress(session, issue, at=service.clock.now())

    async def failed() -> None:
        async with service.db.read() as session:
            await queries.copies(session, issue_id, "gescheitert")

    asked = {
        "count by language": count,
        "a page of readers": page,
        "a page of one language": rare,
        "progress": look,
        "list of failures": failed,
    }
    for name, work in asked.items():
        p50, p95 = await timed(work)
        mark = "" if p95 <= GOAL_MS else f"   above {GOAL_MS} ms"
        print(f"{'':>10}{name:<30}p50 {p50:>7.1f} ms   p95 {p95:>7.1f} ms{mark}")


async def timed(work: Callable[[], Awaitable[None]]) -> tuple[float, float]:
    """p50 and p95 in milliseconds, after three rounds nobody counts."""
    taken = []
    for turn in range(ROUNDS + 3):
        begin = time.perf_counter()
        await work()
        if turn >= 3:
            taken.append((time.perf_counter() - begin) * 1000)
    cuts = quantiles(taken, n=20)
    return cuts[9], cuts[18]


if __name__ == "__main__":
    asyncio.run(main())
