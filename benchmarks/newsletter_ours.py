"""Our side: readers and an issue in PostgreSQL, and one sender a process.

`python -m benchmarks.newsletter_ours '{"…": …}'` says "ready", sends from the first line it hears on,
and ends with its input.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, cast
from uuid import UUID

import uvloop
from pydantic import SecretStr
from sqlalchemy import func, select, text
from uuid_utils.compat import uuid7

from deploy.processes import die_with_parent
from services.notifications.bulk.contents import Contents
from services.notifications.bulk.copies import Copy
from services.notifications.bulk.sending import Bulk
from services.notifications.domain.issue import Issue, IssueKind, IssueLetter, IssueText, Status
from services.notifications.domain.letter import State
from services.notifications.domain.plan import Plan
from services.notifications.issues import commands
from services.notifications.issues.gathering import gather
from shared.clock import SystemClock
from shared.service import Service
from shared.settings import Settings

WORDS: Final = (
    "Im Stadtteil wird gefeiert: Am Marktplatz gibt es Musik, Kuchen und Spiele für alle. "
    "Kommen Sie vorbei, bringen Sie Ihre Nachbarn mit, und erzählen Sie es weiter. "
)
EVERY: Final = 10
"""Every tenth reader also gets press releases: the issue for senders that take long."""

READERS: Final = (
    """INSERT INTO subscriptions (id, person_id, address, address_hash, name, language, topics, fields,
  occasion_kinds, frequency, digest_cursor, status, requested_at, confirmed_at, version)
SELECT gen_random_uuid(), gen_random_uuid(), 'p' || n || '@post' || n % 50 || '.example',
  md5(n::text) || md5((-n)::text), (ARRAY['Ada Lovelace', 'Jörg Müller', '', 'Ayşe Yılmaz'])[1 + n % 4],
  'de', CASE WHEN n % :every = 0 THEN '["newsletter", "press"]'::jsonb ELSE '["newsletter"]'::jsonb END,
  '[]', '[]', 'at_once', 0, 'confirmed', now(), now(), 1
FROM generate_series(1, :count) n""",
    """INSERT INTO subscription_topics (topic, subscription_id)
SELECT jsonb_array_elements_text(topics::jsonb), id FROM subscriptions""",
)


def settings(job: dict[str, Any]) -> Settings:
    """The same for the harness and every sender."""
    return Settings(
        redis_url="redis://127.0.0.1:1",
        database_url=job["database_url"],
        keys_database_url=job["database_url"],
        secret_key=SecretStr("only for a benchmark, at least 32 bytes long"),
        origin="https://stadtteil.example",
        office_email="buero@stadtteil.example",
        mail_from="post@stadtteil.example",
        mail_domain="stadtteil.example",
        bounce_address="rueck@stadtteil.example",
        smtp_host="127.0.0.1",
        smtp_port=job.get("port", 1),
        dkim_selector="bench" if job.get("key") else "",
        dkim_private_key=SecretStr(job.get("key") or ""),
    )


def opened(job: dict[str, Any]) -> Service:
    return Service.open("notifications", settings(job), SystemClock())


async def enrol(service: Service, count: int) -> None:
    """Readers who said yes, written by the database itself."""
    async with service.db.begin() as session:
        for sql in READERS:
            asked = {"count": count, "every": EVERY}
            await session.execute(text(sql), {n: v for n, v in asked.items() if f":{n}" in sql})
    await _analyze(service)


async def begin(service: Service, kind: IssueKind, body: str) -> tuple[UUID, int, float]:
    """A fresh issue under way, its recipients and the seconds it took to gather them."""
    async with service.db.begin() as session:
        await session.execute(text("TRUNCATE issues CASCADE"))
    issue_id, at = uuid7(), service.clock.now()
    async with service.db.begin() as session:
        await commands.create(session, issue_id, kind, by="bench", at=at)
        words = {"subject": "Winterfest und neue Bänke", "first_line": "Wir feiern.", "body": body}
        session.add(IssueText(issue_id=issue_id, language="de", changed_at=at, **words))
    async with service.db.begin() as session:
        checked = commands.Checked(issue_id=issue_id, version=1)
        plan = Plan(expires_at=at + timedelta(days=1))
        await commands.start(session, checked, plan, by="bench", at=at)
    started = time.perf_counter()
    while await gather(service):
        pass
    seconds = time.perf_counter() - started
    async with service.db.read() as session:
        recipients = (await session.get_one(Issue, issue_id)).recipients
    await _analyze(service)
    return issue_id, recipients, seconds


async def _analyze(service: Service) -> None:
    """The database's own housekeeping, which would otherwise come at any moment."""
    async with service.db.begin() as session:
        await session.execute(text("ANALYZE"))


async def a_mail(service: Service, issue_id: UUID) -> bytes:
    """What one reader gets, unsigned: the very bytes the other senders send."""
    at = service.clock.now()
    contents = Contents(service, issue_id, IssueKind.NEWSLETTER, at, None)
    async with service.db.read() as session:
        await contents.prepare(session, ["de"])
        copy = (await session.scalars(select(IssueLetter).limit(1))).one()
    reader = {"name": "Ada Lovelace", "address": "ada@post1.example", "address_hash": ""}
    more = {"language": "de", "way": "", "tries": 0, "block": None}
    about = {"number": 1, "subscription_id": copy.subscription_id}
    return contents.envelope(Copy(**cast(Any, about | reader | more))).content


@dataclass
class Senders:
    """Processes that wait for the word."""

    processes: Sequence[subprocess.Popen[str]]

    def go(self) -> None:
        for process in self.processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()

    def peak_mb(self) -> float:
        """The most memory the largest of them ever held."""
        return max(peak_of(process.pid) for process in self.processes)

    def cpu_seconds(self) -> float:
        """Of all of them, in themselves and in the kernel."""
        return sum(cpu_of(process.pid) for process in self.processes)


def cpu_of(pid: int) -> float:
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


def peak_of(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


@contextmanager
def senders(job: dict[str, Any], count: int) -> Iterator[Senders]:
    """So many of them, connected to nothing yet."""
    command = [sys.executable, "-m", "benchmarks.newsletter_ours", json.dumps(job)]
    processes = [
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - no threads here
        )
        for _ in range(count)
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            if process.stdout.readline().strip() != "ready":
                raise SystemExit("a sender did not start")
        yield Senders(processes)
    finally:
        for process in processes:
            assert process.stdin is not None
            process.stdin.close()
        for process in processes:
            process.wait(timeout=60)


async def until_sent(service: Service, issue_id: UUID) -> None:
    """Until the issue is over; fails unless every copy was sent."""
    while True:
        async with service.db.read() as session:
            status = await session.scalar(select(Issue.status).where(Issue.id == issue_id))
        if status != Status.SENDING:
            break
        await asyncio.sleep(0.02)
    async with service.db.read() as session:
        counted = select(IssueLetter.state, func.count()).group_by(IssueLetter.state)
        states = {str(state): number for state, number in await session.execute(counted)}
    if status != Status.SENT or set(states) != {State.SENT}:
        raise SystemExit(f"the issue is {status}: {states}")


async def send(job: dict[str, Any]) -> None:
    """One sender, as the worker runs it."""
    service = opened(job)
    bulk = Bulk(service)
    loop = asyncio.get_running_loop()
    print("ready", flush=True)
    await loop.run_in_executor(None, sys.stdin.readline)
    running = asyncio.create_task(bulk.run())
    await loop.run_in_executor(None, sys.stdin.read)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    await service.close()


def profiled(job: dict[str, Any]) -> None:
    """With "profile" in the job: where the time goes, into that file."""
    import cProfile

    profile = cProfile.Profile()
    try:
        profile.runcall(uvloop.run, send(job))
    finally:
        profile.dump_stats(f"{job['profile']}.{os.getpid()}")


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    if asked.get("profile"):
        profiled(asked)
    else:
        uvloop.run(send(asked))
