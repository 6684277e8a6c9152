"""An urgent letter during a newsletter: from the event's commit to the mail server's 250.

`python -m benchmarks.urgent [--readers 100000] [--letters 100] [--sqlite]`

Applications tells of links somebody asked for, over Redis; the notifications worker, a process of its
own with all its loops, answers them while it sends an issue. Once before the mass, once during it.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Any, Final
from uuid import uuid4

import uvloop
from pydantic import SecretStr

from deploy.processes import die_with_parent
from deploy.valkey import Valkey
from services.applications.store import TABLES as APPLICATIONS
from services.applications.store import record
from services.notifications.worker import create_worker
from shared.clock import SystemClock
from shared.events.applications import CaseLinkRequested
from shared.events.people import Contact, Link
from shared.service import Service
from shared.settings import Settings
from shared.worker import Worker
from tests.notifications.bulk.kit import an_issue, states
from tests.support.databases import Databases, PostgresDatabases, SqliteDatabases
from tests.support.migrations import migrate
from tests.support.postgres import Postgres
from tests.support.sink import Sink

GOAL_MS: Final = 1000
EVERY: Final = 0.1
BODY: Final = "Im Stadtteil wird gefeiert: Kommen Sie vorbei, bringen Sie Ihre Nachbarn mit. " * 60


class Stamped(Counter[str]):
    """When each mail was taken, beside how many."""

    def __init__(self) -> None:
        super().__init__()
        self.at: dict[str, float] = {}

    def __setitem__(self, recipient: str, count: int) -> None:
        self.at[recipient] = time.perf_counter()
        super().__setitem__(recipient, count)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=100_000)
    parser.add_argument("--letters", type=int, default=100)
    parser.add_argument("--sqlite", action="store_true")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        uvloop.run(_work(json.loads(options.worker)))
        return
    with TemporaryDirectory(prefix="sb-urgent-") as folder, _databases(options, folder) as ours:
        redis = Valkey(Path(folder) / "redis", appendfsync="always").start()
        try:
            uvloop.run(_measure(ours, redis.url, options))
        finally:
            redis.stop()


@contextmanager
def _databases(options: argparse.Namespace, folder: str) -> Iterator[Databases]:
    if options.sqlite:
        yield SqliteDatabases(Path(folder), migrate)
        return
    server = Postgres().start()
    try:
        yield PostgresDatabases(server.url(), "urgent", migrate)
    finally:
        server.remove()


async def _measure(databases: Databases, redis_url: str, options: argparse.Namespace) -> None:
    async with Sink().listening() as sink:
        stamped = Stamped()
        sink.arrived = stamped
        common = {
            "redis_url": redis_url,
            "keys_database_url": await databases.fresh("keys"),
            "secret_key": "only for a benchmark, at least 32 bytes long",
            "smtp_port": sink.port,
        }
        ours = {**common, "database_url": await databases.fresh("notifications")}
        theirs = {**common, "database_url": await databases.fresh("applications")}
        notifications, applications = _open("notifications", ours), _open("applications", theirs)
        stop = asyncio.Event()
        telling = asyncio.create_task(Worker(applications, APPLICATIONS, {}).run(stop))
        with _worker(ours):
            await _letters(applications, stamped, "warm", 10)
            calm = await _letters(applications, stamped, "calm", options.letters)
            issue = await an_issue(
                notifications, options.readers, at=notifications.clock.now(), body=BODY
            )
            while not any(to.startswith("r") for to in stamped):
                await asyncio.sleep(0.05)
            began, before = time.perf_counter(), stamped.total()
            busy = await _letters(applications, stamped, "busy", options.letters)
            seconds, sent = time.perf_counter() - began, stamped.total() - before
            left = options.readers - (await states(notifications, issue)).get("sent", 0)  # type: ignore[call-overload]
        _say("before", calm)
        _say("during", busy)
        over = "the mass lasted" if left else "THE MASS WAS OVER BEFORE THE LETTERS"
        print(f"meanwhile {sent / seconds:,.0f} copies/s; {left:,} copies left: {over}")
        stop.set()
        await telling
        await notifications.close()
        await applications.close()
    await databases.remove_all()


def _say(when: str, took: list[float]) -> None:
    cuts = quantiles([1000 * one for one in took], n=100)
    goal = "reached" if cuts[98] <= GOAL_MS else "MISSED"
    print(
        f"{when} the mass: p50 {cuts[49]:7.1f} ms   p99 {cuts[98]:7.1f} ms   "
        f"worst {1000 * max(took):7.1f} ms   (goal: p99 {GOAL_MS} ms, {goal})"
    )


async def _letters(service: Service, stamped: Stamped, name: str, count: int) -> list[float]:
    """One after the other at a steady pace, whatever became of those before."""
    asked = {}
    for number in range(count):
        address = f"{name}{number}@urgent.example"
        event = await _event(service, address)
        async with service.db.begin() as session:
            record(session, event)
        asked[address] = time.perf_counter()
        await asyncio.sleep(EVERY)
    until = time.perf_counter() + 60
    while any(address not in stamped.at for address in asked):
        if time.perf_counter() > until:
            raise SystemExit(f"{name}: a letter did not arrive within a minute")
        await asyncio.sleep(0.01)
    return [stamped.at[address] - at for address, at in asked.items()]


async def _event(service: Service, address: str) -> CaseLinkRequested:
    person = await service.seals.person(email=address)
    contact, link = Contact(name="Ada", email=address), Link(url="https://a.example/t", code="K7PM")
    return CaseLinkRequested(
        at=service.clock.now(),
        contact=await service.seals.seal(person, contact),
        link=await service.seals.seal(person, link),
        expires_at=service.clock.now().replace(year=service.clock.now().year + 1),
        language="de",
        person_id=person,
        application_id=uuid4(),
    )


def _open(name: Any, job: dict[str, Any]) -> Service:
    settings = Settings(**{**job, "secret_key": SecretStr(job["secret_key"])})
    return Service.open(name, settings, SystemClock())


@contextmanager
def _worker(job: dict[str, Any]) -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.urgent", "--worker", json.dumps(job)],
        preexec_fn=die_with_parent,  # noqa: PLW1509 - no threads here yet
        env=os.environ,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait()


async def _work(job: dict[str, Any]) -> None:
    """The whole worker, as in production."""
    await create_worker(_open("notifications", job)).run(asyncio.Event())


if __name__ == "__main__":
    main()
