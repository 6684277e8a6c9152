"""From a verdict to reserved money to a queued letter, across three services in processes of their own.

`python -m benchmarks.verdict [--votes 200] [--pause 0.05]`
"""

import argparse
import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Any, Final
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import func, select, text
from uuid_utils.compat import uuid7

from deploy.valkey import Valkey
from services.applications.commands import budget
from services.applications.commands.submit import submit
from services.applications.domain import Application, Grant
from services.applications.domain.answers import Answers
from services.applications.queries.fund import rules_at
from services.meetings.commands import sessions, votes
from services.meetings.commands.once import Order
from services.meetings.domain.agenda import AgendaItem
from services.meetings.domain.ballots import Ballots
from services.meetings.domain.session import Appointment
from services.meetings.queries import the_board
from services.notifications.domain.letter import Letter
from shared.clock import SystemClock
from shared.days import local_day
from shared.events.meetings import Motion
from shared.service import Service
from shared.settings import SERVICES, Settings
from tests.applications.stages import admit
from tests.support.databases import PostgresDatabases
from tests.support.mailbox import Mailbox
from tests.support.migrations import migrate
from tests.support.postgres import Postgres

FUND: Final = "buergerfonds"
GOAL_MS: Final = 1000
PATIENCE: Final = 60.0
LOOK_EVERY: Final = 0.002


class Town:
    """One office: its three services, each with a worker in a process of its own."""

    def __init__(self, settings: Settings) -> None:
        clock = SystemClock()
        self.applications, self.meetings, self.notifications = (
            Service.open(name, settings, clock) for name in SERVICES
        )
        self.items: dict[UUID, UUID] = {}

    @property
    def order(self) -> Order:
        return Order(command_id=uuid7(), by="operator", at=self.meetings.clock.now())

    async def prepare(self, count: int) -> None:
        """A session tonight, a budget, and so many applications on its agenda."""
        await self._open_for_today()
        starts_at = self.meetings.clock.now() + timedelta(seconds=90)
        tonight = Appointment(starts_at=starts_at, ends_at=None, place="Saal", note=None)
        async with self.meetings.db.begin() as session:
            await sessions.plan(session, tonight, self.order)
        at = self.applications.clock.now()
        async with self.applications.db.begin() as session:
            rules = await rules_at(session, at, FUND)
            sum_ = count * 1_000
            await budget.set_budget(session, FUND, at.year, sum_, self.order, rules=rules)
            await budget.release(session, FUND, at.year, sum_, self.order)
        await _until(self._knows_the_session, "applications does not know the session")
        for number in range(count):
            await self._apply(number)
        await _until(lambda: self._placed(count), "not every application is on the agenda")

    async def _open_for_today(self) -> None:
        """Ideas handed in today are decided today."""
        async with self.meetings.db.begin() as session:
            board, rules = await the_board(session)
            today = local_day(self.meetings.clock.now())
            same_day = rules[-1].model_copy(
                update={"holds_from": today, "submission_days_before": 0, "fixed_dates": ()}
            )
            order = Order(
                command_id=uuid7(),
                by="operator",
                at=self.meetings.clock.now(),
                version=board.version,
            )
            await sessions.change_board(
                session, order, name=board.name, place="Saal", rules=same_day
            )

    async def _apply(self, number: int) -> None:
        service, at = self.applications, self.applications.clock.now()
        async with service.db.begin() as session:
            rules = await rules_at(session, at, FUND)
            draft = Application.start(fund=FUND, language="de", at=at)
            session.add(draft)
            await submit(
                session, draft, an_idea(number, at.date()), rules=rules, seals=service.seals, at=at
            )
            application_id = draft.id
        await admit(service, application_id, f"Idee {number}")

    async def _knows_the_session(self) -> bool:
        async with self.applications.db.read() as session:
            return bool(await session.scalar(text("SELECT count(*) FROM session_dates")))

    async def _placed(self, count: int) -> bool:
        scheduled = select(func.count()).where(Application.status == "scheduled")
        async with self.applications.db.read() as session:
            there = await session.scalar(scheduled) == count
        if there:
            async with self.meetings.db.read() as session:
                rows = await session.execute(select(AgendaItem.application_id, AgendaItem.id))
                self.items = {one: item for one, item in rows if one is not None}
        return there

    async def decide(self, application_id: UUID) -> tuple[float, float]:
        """Milliseconds from the click to the reserved money, and to the queued letter."""
        began = time.perf_counter()
        async with self.meetings.db.begin() as session:
            item = await session.get_one(AgendaItem, self.items[application_id])
            ballots = Ballots(
                motion=Motion.GRANT, amount_cents=1_000, members=14, present=11, yes=8, no=2
            )
            order = Order(
                command_id=uuid7(),
                by="operator",
                at=self.meetings.clock.now(),
                version=item.version,
            )
            await votes.record_vote(session, item.id, ballots, order=order)
        granted = select(Grant.application_id).where(Grant.application_id == application_id)
        letter = select(Letter.id).where(
            Letter.application_id == application_id, Letter.kind == "grant_reserved"
        )
        reserved = await _seen(self.applications, granted, began)
        return reserved, await _seen(self.notifications, letter, began)

    async def close(self) -> None:
        for service in (self.applications, self.meetings, self.notifications):
            await service.close()


def an_idea(number: int, today: date) -> Answers:
    """A small idea of the n-th neighbour."""
    starts = today + timedelta(days=60)
    return Answers.model_validate(
        {
            "idea": {
                "title": f"Idee {number}",
                "aim": "Nachbarn lernen sich kennen.",
                "plan": "Wir treffen uns und fangen an.",
                "target_group": "Alle im Haus",
                "benefit": "Man kennt sich danach.",
                "field_of_action": "encounter",
                "place": "Hallesche Straße 30",
                "starts_on": starts.isoformat(),
                "ends_on": starts.isoformat(),
                "not_begun": True,
            },
            "applicant": {
                "kind": "person",
                "name": f"Person {number}",
                "email": f"person{number}@example.org",
                "street": "Dessauer Straße 12",
                "postcode": "38444",
                "city": "Wolfsburg",
                "language": "de",
                "account_holder": f"Person {number}",
                "iban": "DE89370400440532013000",
            },
            "costs": {
                "costs": [{"what": "Material", "cents": 1_000}],
                "funding": [],
                "asked_cents": 1_000,
                "other_applications": "no",
            },
            "declarations": {"privacy": True},
        }
    )


async def _seen(service: Service, query: Any, began: float) -> float:
    """When a reader of that service's database first sees it, in ms since `began`."""
    while time.perf_counter() - began < PATIENCE:
        async with service.db.read() as session:
            if await session.scalar(query) is not None:
                return (time.perf_counter() - began) * 1000
        await asyncio.sleep(LOOK_EVERY)
    raise SystemExit(f"{service.name} never showed it")


async def _until(true: Callable[[], Awaitable[bool]], complaint: str) -> None:
    ends = time.monotonic() + 10 * PATIENCE
    while not await true():
        if time.monotonic() > ends:
            raise SystemExit(complaint)
        await asyncio.sleep(0.1)


@contextmanager
def workers(environment: dict[str, str]) -> Iterator[None]:
    """The three workers, as an installation runs them."""
    running = [
        subprocess.Popen(
            [sys.executable, "-m", f"services.{name}.worker"],
            env=os.environ | environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for name in SERVICES
    ]
    try:
        yield
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(timeout=30)


async def measure(postgres: Postgres, redis: Valkey, mailbox: Mailbox, folder: Path) -> None:
    chosen = arguments()
    databases = PostgresDatabases(postgres.url(), "verdict", migrate)
    urls = {
        f"{schema}_database_url": await databases.fresh(schema) for schema in (*SERVICES, "keys")
    }
    common = {
        "redis_url": redis.url,
        "secret_key": "only for a benchmark, at least 32 bytes long",
        "files_dir": str(folder),
        "smtp_host": mailbox.host,
        "smtp_port": str(mailbox.port),
        **urls,
    }
    settings = Settings(**{**common, "secret_key": SecretStr(common["secret_key"])})  # type: ignore[arg-type]
    town = Town(settings)
    with workers({name.upper(): value for name, value in common.items()}):
        await town.prepare(chosen.votes)
        figures = []
        for application_id in list(town.items):
            figures.append(await town.decide(application_id))
            await asyncio.sleep(chosen.pause)
    await town.close()
    await databases.remove_all()
    print(f"{chosen.votes} votes one after the other, three workers, PostgreSQL, in ms")
    print(f"{'':<34}{'p50':>8}{'p95':>8}{'most':>8}")
    row("verdict → money reserved", [one for one, _two in figures])
    row("verdict → letter queued", [two for _one, two in figures])


def row(name: str, taken: list[float]) -> None:
    cuts = quantiles(taken, n=20)
    mark = "" if cuts[18] < GOAL_MS else f"   above {GOAL_MS} ms"
    print(f"{name:<34}{cuts[9]:>8.0f}{cuts[18]:>8.0f}{max(taken):>8.0f}{mark}")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--votes", type=int, default=200)
    parser.add_argument("--pause", type=float, default=0.05, help="seconds between two votes")
    return parser.parse_args()


def main() -> None:
    arguments()
    postgres, mailbox = Postgres().start(), Mailbox()
    mailbox.controller.start()
    with TemporaryDirectory(prefix="sb-b-") as folder:
        redis = Valkey(Path(folder) / "redis").start()
        try:
            asyncio.run(measure(postgres, redis, mailbox, Path(folder) / "files"))
        finally:
            redis.stop()
            mailbox.controller.stop()
            postgres.remove()


if __name__ == "__main__":
    main()
