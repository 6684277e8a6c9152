"""A newsletter to 100,000 readers, against smtp-source (the limit) and nodemailer's pool (the peer).

`python -m benchmarks.newsletter [--readers 100000] [--rounds 3] [--memory 1000,10000,100000] [--profile FILE]`
"""

import argparse
import asyncio
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from benchmarks import newsletter_ours as ours
from benchmarks import newsletter_peers as peers
from services.notifications.domain.issue import IssueKind
from shared.service import Service
from tests.support.databases import PostgresDatabases
from tests.support.migrations import migrate
from tests.support.postgres import Postgres

DURABLE: Final = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",
}
"""As an office runs it: what was answered as sent survives a power cut."""

FAR_MS: Final = 10
SIZE: Final = 10_000
"""Bytes of one mail, headers included."""

NODEMAILER: Final = {False: 30_000, True: 5_000}
"""The most mails of one run of the peer, unsigned and signed: its rate does not change with the number."""
FAR_AWAY: Final = 5_000
"""The most mails of one run of the others over the longer way."""


@dataclass
class Row:
    """One sender on one way: how it is measured, and what came of it."""

    name: str
    far: bool
    signed: bool
    run: Callable[[], Any]
    goal: str = ""
    rates: list[float] = field(default_factory=list)
    mails: int = 0
    cpu_us: list[float] = field(default_factory=list)
    """What one mail costs our own processes; known of ours only."""

    @property
    def rate(self) -> float:
        return median(self.rates)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Everything a run needs."""

    folder: Path
    service: Service
    url: str
    body: str
    message: Path
    key: Path
    modules: Path
    readers: int

    def job(self, port: int, *, signed: bool, profile: str = "") -> dict[str, Any]:
        key = self.key.read_text() if signed else ""
        return {"database_url": self.url, "port": port, "key": key, "profile": profile}


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--near-only", action="store_true", help="without the 10 ms round trip")
    parser.add_argument("--memory", default="1000,10000,100000,1000000", help="'' leaves it out")
    parser.add_argument(
        "--profile", default="", help="only ours, once, with cProfile, into this file"
    )
    chosen = parser.parse_args()
    postgres = Postgres(**DURABLE).start()
    databases = PostgresDatabases(postgres.url(), "newsletter", migrate)
    try:
        with TemporaryDirectory(prefix="sb-n-") as folder:
            Path(folder).chmod(0o755)
            stage = await prepared(Path(folder), databases, chosen.readers)
            if chosen.profile:
                await profile(stage, chosen.profile)
            else:
                await compare(stage, chosen.rounds, near_only=chosen.near_only)
            await stage.service.close()
            if chosen.memory and not chosen.profile:
                await memory(stage, databases, [int(n) for n in chosen.memory.split(",")])
        await databases.remove_all()
    finally:
        postgres.remove()


async def prepared(folder: Path, databases: PostgresDatabases, readers: int) -> Stage:
    """Readers, a body that makes a mail of the right size, a key, and nodemailer."""
    url = await databases.fresh("notifications")
    service = ours.opened({"database_url": url})
    await ours.enrol(service, readers)
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key").write_bytes(pem)
    body, mail = await of_size(service)
    (folder / "mail").write_bytes(mail)
    return Stage(
        folder=folder,
        service=service,
        url=url,
        body=body,
        message=folder / "mail",
        key=folder / "key",
        modules=peers.modules(folder),
        readers=readers,
    )


async def of_size(service: Service) -> tuple[str, bytes]:
    """As many paragraphs as make a whole mail of about `SIZE` bytes."""
    body, mail = ours.WORDS, b""
    while len(mail) < SIZE:
        issue_id, _, _ = await ours.begin(service, IssueKind.PRESS, body)
        mail = await ours.a_mail(service, issue_id)
        body += "\n\n" + ours.WORDS
    return body.removesuffix("\n\n" + ours.WORDS), mail


async def compare(stage: Stage, rounds: int, *, near_only: bool) -> None:
    """All rows in turn, then all again: every row saw the same machine."""
    rows = [row for far in ([False] if near_only else [False, True]) for row in rows_of(stage, far)]
    for turn in range(rounds):
        for row in rows:
            row.mails, seconds, cpu = await row.run()
            row.rates.append(row.mails / seconds)
            row.cpu_us += [cpu / row.mails * 1e6] if cpu else []
            print(
                f"  {turn + 1}/{rounds} {row.name}{' far' if row.far else ''}: {row.rates[-1]:,.0f}/s"
            )
    say(stage, rows, rounds)


def rows_of(stage: Stage, far: bool) -> list[Row]:
    rows = [Row("smtp-source -d -s 8", far, False, partial(limit, stage, far))]
    for signed in (False, True):
        dkim = ", RSA" if signed else ""
        run = partial(peer, stage, far, signed)
        rows.append(Row(f"nodemailer, pool of 10{dkim}", far, signed, run))
        for count in (1, 2):
            run = partial(own, stage, far, signed, count)
            goal = GOALS.get((far, signed, count), "")
            rows.append(Row(f"ours, {count} x 8 connections{dkim}", far, signed, run, goal))
    return rows


GOALS: Final = {
    (False, False, 1): "0.5 of the limit, 2.5 of the peer",
    (False, True, 2): "8 of the peer",
}


async def limit(stage: Stage, far: bool) -> tuple[int, float, float]:
    mails = min(stage.readers, FAR_AWAY if far else stage.readers)
    with peers.sink(stage.folder) as sink, peers.way(sink.port, FAR_MS if far else 0) as port:
        seconds = await asyncio.to_thread(
            peers.smtp_source, port, mails, stage.message.stat().st_size
        )
        peers.counted(sink, mails)
    return mails, seconds, 0


async def peer(stage: Stage, far: bool, signed: bool) -> tuple[int, float, float]:
    mails = min(stage.readers, NODEMAILER[signed], FAR_AWAY if far else stage.readers)
    key = stage.key if signed else None
    with peers.sink(stage.folder) as sink, peers.way(sink.port, FAR_MS if far else 0) as port:
        send = partial(peers.nodemailer, port, mails, message=stage.message, key=key)
        said = await asyncio.to_thread(send, modules=stage.modules)
        peers.counted(sink, mails)
    return mails, said["seconds"], 0


async def own(stage: Stage, far: bool, signed: bool, count: int) -> tuple[int, float, float]:
    """From the word to the commit that says all were sent; far away to every tenth reader."""
    kind = IssueKind.PRESS if far else IssueKind.NEWSLETTER
    issue_id, recipients, _ = await ours.begin(stage.service, kind, stage.body)
    with peers.sink(stage.folder) as sink, peers.way(sink.port, FAR_MS if far else 0) as port:
        with ours.senders(stage.job(port, signed=signed), count) as senders:
            before = senders.cpu_seconds()
            seconds = await timed(stage.service, senders, issue_id)
            cpu = senders.cpu_seconds() - before
        peers.counted(sink, recipients)
    return recipients, seconds, cpu


async def timed(service: Service, senders: ours.Senders, issue_id: UUID) -> float:
    started = perf_counter()
    senders.go()
    await ours.until_sent(service, issue_id)
    return perf_counter() - started


def say(stage: Stage, rows: Sequence[Row], rounds: int) -> None:
    size = stage.message.stat().st_size
    print(
        f"\nMails a second, median of {rounds}; {size:,} bytes a mail; {stage.readers:,} readers."
    )
    print(
        f"PostgreSQL with fsync={DURABLE['fsync']}, synchronous_commit={DURABLE['synchronous_commit']};"
    )
    print("ours claims, fills, sends and records; the others send bytes they hold in memory.")
    print(
        f"\n{'':<36}{'way':>7}{'mails':>10}{'a second':>10}{'of limit':>10}{'of peer':>9}{'CPU µs':>8}"
    )
    for row in rows:
        same = [other for other in rows if other.far == row.far]
        top = next(other for other in same if other.name.startswith("smtp-source"))
        other = next(o for o in same if o.name.startswith("nodemailer") and o.signed == row.signed)
        of_peer = "" if row is top else f"{row.rate / other.rate:.2f}"
        way = f"{FAR_MS} ms" if row.far else "0 ms"
        cpu = f"{median(row.cpu_us):,.0f}" if row.cpu_us else ""
        goal = f"   goal: {row.goal}" if row.goal else ""
        print(
            f"{row.name:<36}{way:>7}{row.mails:>10,}{row.rate:>10,.0f}{row.rate / top.rate:>10.2f}"
            f"{of_peer:>9}{cpu:>8}{goal}"
        )


async def memory(stage: Stage, databases: PostgresDatabases, sizes: Sequence[int]) -> None:
    """The most one sender ever held, by the number of readers; and how fast they were gathered."""
    print(
        f"\n{'one sender, unsigned':<24}{'gathered in s':>14}{'mails a second':>16}{'peak RSS, MB':>14}"
    )
    for size in sizes:
        url = await databases.fresh("notifications")
        service = ours.opened({"database_url": url})
        await ours.enrol(service, size)
        issue_id, recipients, gathered = await ours.begin(service, IssueKind.NEWSLETTER, stage.body)
        job = {"database_url": url, "key": ""}
        with peers.sink(stage.folder) as sink:
            with ours.senders(job | {"port": sink.port}, 1) as senders:
                seconds = await timed(service, senders, issue_id)
                peak = senders.peak_mb()
            peers.counted(sink, recipients)
        print(f"{recipients:>24,}{gathered:>14.2f}{recipients / seconds:>16,.0f}{peak:>14.1f}")
        await service.close()


async def profile(stage: Stage, file: str) -> None:
    """One sender, unsigned; read it with `python -m pstats`."""
    issue_id, recipients, _ = await ours.begin(stage.service, IssueKind.NEWSLETTER, stage.body)
    with peers.sink(stage.folder) as sink:
        job = stage.job(sink.port, signed=False, profile=file)
        with ours.senders(job, 1) as senders:
            seconds = await timed(stage.service, senders, issue_id)
    print(
        f"{recipients:,} mails, {recipients / seconds:,.0f} a second under the profiler: {file}.*"
    )


if __name__ == "__main__":
    print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}")
    asyncio.run(main())
