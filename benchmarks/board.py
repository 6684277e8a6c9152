"""The office's list with ten thousand applications on PostgreSQL: pages, search, and tables.

`python -m benchmarks.board [--applications 10000] [--rounds 60]`
"""

import argparse
import asyncio
import gc
import time
import tracemalloc
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Any, Final
from uuid import uuid4

from httpx import ASGITransport, AsyncClient
from jinja2 import Template
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from deploy.valkey import Valkey
from services.applications.queries.board import Filter, board
from services.applications.queries.turn import Tab
from services.applications.web import create_web
from services.applications.web.choosing import address, chosen_from
from shared.clock import SystemClock
from shared.service import Service
from shared.settings import Settings
from shared.web.access import Actor, Role
from shared.web.sessions import sign_in
from tests.support.databases import PostgresDatabases
from tests.support.migrations import migrate
from tests.support.postgres import Postgres

ORIGIN: Final = "https://stadtteil.example"
LIST: Final = "/buero/antraege"
GOAL_MS: Final = 150
CONSTANT: Final = Template("{{ rows | length }} rows")

FILL: Final = """
INSERT INTO applications (
  id, status, fund, language, typed, answers, rules, touched_at, number, submitted_at, person_id,
  title, public_title, applicant, search_text, field_of_action, asked_cents, session_id, late,
  due_at, on_paper, version
)
SELECT
  gen_random_uuid(), s.status, 'buergerfonds', 'de', '{}',
  jsonb_build_object(
    'applicant', jsonb_build_object('name', 'Person ' || n, 'email', 'p' || n || '@example.org'),
    'idea', jsonb_build_object('plan', repeat(md5(n::text) || ' ', 40))
  ),
  (SELECT rules::jsonb FROM funds ORDER BY holds_from LIMIT 1), a.at, to_char(a.at, 'YYYY-') || lpad(n::text, 5, '0'), a.at,
  gen_random_uuid(), 'Idee ' || n || ' für den Hof', 'Projekt ' || n, 'Person ' || n,
  'idee ' || n || ' für den hof projekt ' || n || ' person ' || n || ' p' || n || '@example.org'
    || CASE WHEN n % 2500 = 0 THEN ' bienenweide' ELSE '' END,
  (ARRAY['encounter', 'education', 'economy', 'image'])[1 + n % 4], 5000 + n % 90000,
  d.session_id, n % 5 = 0,
  CASE WHEN s.open THEN d.starts_at END, n % 7 = 0, 1
FROM generate_series(1, :count) n
CROSS JOIN LATERAL (SELECT now() - (:count - n) * interval '3 hours' AS at) a
CROSS JOIN LATERAL (SELECT * FROM (VALUES
  (0, 'submitted', true), (1, 'admissible', true), (2, 'scheduled', true),
  (3, 'correction_requested', true), (4, 'granted', true), (5, 'accepted', false),
  (6, 'granted', true), (7, 'rejected', false), (8, 'settled', false), (9, 'settled', false)
) AS v (place, status, open) WHERE place = CASE WHEN n > :count * 0.6 THEN n % 10 ELSE 8 END) s
JOIN session_dates d ON d.place = 'Saal ' || (n % 40)
"""

FILLED: Final = (
    """INSERT INTO session_dates (session_id, board, starts_at, place, submission_deadline,
  cancelled, told_version)
SELECT gen_random_uuid(), 'Freunde Westhagens', now() + (n - 30) * interval '30 days',
  'Saal ' || n, now() + (n - 30) * interval '30 days' - interval '14 days', false, 1
FROM generate_series(0, 39) n""",
    FILL,
    """INSERT INTO grants (application_id, fund, year, amount_cents, asked_cents, kind, decided_by,
  decided_at, waits_for_release, needs_city, rules, version)
SELECT id, fund, 2026, asked_cents, asked_cents, 'full', 'board', submitted_at,
  right(number, 1) = '4', right(number, 1) = '6', '{}', 1
FROM applications WHERE status IN ('granted', 'accepted', 'settled')""",
    """INSERT INTO grant_conditions (id, application_id, position, text, due_on)
SELECT gen_random_uuid(), application_id, 1, 'Plan', current_date + 20
FROM grants WHERE waits_for_release""",
    """INSERT INTO statements (id, application_id, department, contact_name, contact_email, person_id,
  question, asked_at, due_at, text)
SELECT gen_random_uuid(), id, 'Amt', '', 'a@example.org', gen_random_uuid(), '', submitted_at,
  now() + interval '9 days', ''
FROM applications WHERE status IN ('submitted', 'scheduled')""",
    "ANALYZE",
)

PAGES: Final = {
    "Zu tun": "liste=zu-tun",
    "Wartet auf andere": "liste=andere",
    "Zur Sitzung": "liste=sitzung",
    "Abgeschlossen": "liste=abgeschlossen",
    "field and year": "liste=abgeschlossen&feld=education&jahr=2026",
    "overdue": "liste=andere&ueberfaellig=1",
    "search, a word in all": "liste=abgeschlossen&q=hof",
    "search, a word in four": "liste=alle&q=bienenweide",
    "search, two words, none": "liste=zu-tun&q=person+unauffindbar",
}


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--applications", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=60)
    chosen = parser.parse_args()
    postgres = Postgres().start()
    with TemporaryDirectory(prefix="sb-b-") as folder:
        redis = Valkey(Path(folder) / "redis").start()
        databases = PostgresDatabases(postgres.url(), "board", migrate)
        try:
            few = await opened(databases, redis, Path(folder), chosen.applications // 10)
            many = await opened(databases, redis, Path(folder), chosen.applications)
            await pages(many, chosen.applications, chosen.rounds)
            await tables(few, many, chosen.applications)
            await few.close()
            await many.close()
            await databases.remove_all()
        finally:
            redis.stop()
            postgres.remove()


async def opened(databases: PostgresDatabases, redis: Valkey, folder: Path, count: int) -> Service:
    """A service with so many applications, written by the database itself."""
    settings = Settings(
        redis_url=redis.url,
        database_url=await databases.fresh("applications"),
        keys_database_url=await databases.fresh("keys"),
        secret_key="only for a benchmark, at least 32 bytes long",
        origin=ORIGIN,
        files_dir=folder / str(count),
    )
    service = Service.open("applications", settings, SystemClock())
    async with service.db.begin() as session:
        for sql in FILLED:
            await session.execute(text(sql), {"count": count} if ":count" in sql else {})
    return service


async def pages(service: Service, count: int, rounds: int) -> None:
    """Each page through the app, signed in; beside it the bare query and a template of one word."""
    print(f"{count:,} applications, PostgreSQL, {rounds} requests each, in ms")
    print(f"{'':<26}{'p50':>8}{'p95':>8}{'query p50':>12}{'ratio':>8}")
    asked = {name: f"{LIST}?{query}" for name, query in PAGES.items()}
    asked["page 40"] = await page_forty(service)
    async with AsyncClient(transport=ASGITransport(create_web(service)), base_url=ORIGIN) as office:
        office.cookies.set(*await signed_in(service))
        for name, path in asked.items():
            page = await timed(partial(shown, office, path), rounds)
            bare = await timed(partial(peer, service, chosen_in(path)), rounds)
            row(name, page, f"{bare[0]:>12.1f}{page[0] / bare[0]:>8.1f}")
        row("Heute", await timed(partial(shown, office, "/buero"), rounds))


def row(name: str, figures: tuple[float, float], more: str = "") -> None:
    mark = "" if figures[1] < GOAL_MS else f"   above {GOAL_MS} ms"
    print(f"{name:<26}{figures[0]:>8.1f}{figures[1]:>8.1f}{more}{mark}")


async def shown(office: AsyncClient, path: str) -> None:
    answer = await office.get(path)
    if answer.status_code != 200:
        raise SystemExit(f"{path}: {answer.status_code}")


async def peer(service: Service, chosen: Filter) -> None:
    async with service.db.read() as session:
        found = await board(session, chosen)
    CONSTANT.render(rows=found.rows)


async def timed(work: Callable[[], Awaitable[None]], rounds: int) -> tuple[float, float]:
    """p50 and p95 in milliseconds, after three rounds nobody counts."""
    taken = []
    for turn in range(rounds + 3):
        begin = time.perf_counter()
        await work()
        if turn >= 3:
            taken.append((time.perf_counter() - begin) * 1000)
    cuts = quantiles(taken, n=20)
    return cuts[9], cuts[18]


async def page_forty(service: Service) -> str:
    """The address of the fortieth page of what is over."""
    chosen = Filter(tab=Tab.CLOSED)
    for _ in range(39):
        async with service.db.read() as session:
            after = (await board(session, chosen)).after
        chosen = replace(chosen, after=after or "")
    return address(LIST, chosen, after=chosen.after)


def chosen_in(path: str) -> Filter:
    """The filters of an address, as the page reads them."""
    scope = {"type": "http", "query_string": path.partition("?")[2].encode(), "app": App()}
    return chosen_from(Request(scope))


class App:
    """Just enough of an app to ask the hour."""

    class state:  # noqa: N801 - as Starlette names it
        class service:  # noqa: N801
            clock = SystemClock()


async def signed_in(service: Service) -> tuple[str, str]:
    """The cookie of somebody of the office."""
    actor = Actor(kind="account", roles=frozenset({Role.OFFICE}), account_id=uuid4(), name="Bench")
    answer = PlainTextResponse()
    await sign_in(service, answer, actor)
    name, _, value = answer.headers["set-cookie"].partition(";")[0].partition("=")
    return name, value


async def tables(few: Service, many: Service, count: int) -> None:
    """Every row as a table: seconds, bytes, and the most memory Python held for it at once."""
    print(f"\n{'all rows as a table':<26}{'seconds':>8}{'MB':>8}{'peak MB, a tenth':>18}{'all':>8}")
    for ending in ("csv", "xlsx"):
        seconds, size = await sent(many, ending)
        peaks = [await peak(service, ending) for service in (few, many)]
        print(f"{ending:<26}{seconds:>8.2f}{size / 1e6:>8.2f}{peaks[0]:>18.2f}{peaks[1]:>8.2f}")


async def peak(service: Service, ending: str) -> float:
    """MB above what was there before; the first run only warms up."""
    await sent(service, ending)
    tracemalloc.start()
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    await sent(service, ending)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return (most - before) / 1e6


async def sent(service: Service, ending: str) -> tuple[float, int]:
    """The app's own answer, thrown away part by part as a slow reader would take it."""
    name, value = await signed_in(service)
    scope = {
        "type": "http", "method": "GET", "path": f"{LIST}/export.{ending}", "raw_path": b"",
        "query_string": b"liste=alle", "scheme": "https", "http_version": "1.1", "root_path": "",
        "headers": [(b"host", b"stadtteil.example"), (b"cookie", f"{name}={value}".encode())],
        "client": ("127.0.0.1", 1), "server": ("stadtteil.example", 443), "state": {},
    }  # fmt: skip
    size, status = 0, 0

    async def receive() -> Any:
        await asyncio.sleep(3600)

    async def send(message: Any) -> None:
        nonlocal size, status
        size += len(message.get("body", b""))
        status = message.get("status", status)

    begin = time.perf_counter()
    await create_web(service)(scope, receive, send)
    if status != 200:
        raise SystemExit(f"{ending}: {status}")
    return time.perf_counter() - begin, size


if __name__ == "__main__":
    asyncio.run(main())
