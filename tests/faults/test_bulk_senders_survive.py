"""L1 and L2 for issues: 10,000 readers, senders killed, servers that misbehave, an office that pauses.

Nobody gets it twice, nobody is skipped, and at most one copy a connection of a killed process is unknown.
"""

import asyncio
import json
import random
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any, Final

import asyncpg
import pytest
from sqlalchemy import make_url

from tests.faults.bulk_harness import CONNECTIONS, Job, Run
from tests.support.databases import Databases, PostgresDatabases
from tests.support.migrations import migrate
from tests.support.postgres import Postgres
from tests.support.services import SECRET_KEY
from tests.support.sink import Fault, Sink

FreshDatabase = Callable[[str], Awaitable[str]]

ANSWERS: Final = {
    "rcpt 421 4.3.2 busy": 8,
    "dot 421 4.3.2 busy": 8,
    "rcpt 451 4.3.0 later": 8,
    "dot 451 4.3.0 later": 8,
    "dot 452 4.3.1 disk full": 8,
    "data 451 4.3.0 later": 8,
    "rcpt 550 5.5.0 no": 8,
    "dot 550 5.6.0 no": 8,
    "drop before dot": 8,
    "250 then drop": 8,
    "drop after dot": 3,
    "hang": 2,
    "half-open": 2,
}
"""What a server may do, and how often in comparison."""

UNANSWERED: Final = ("drop after dot", "hang", "half-open")


class Moody:
    """One reader in a hundred meets a fault at the first try; the same ones for the same seed."""

    def __init__(self, seed: int, share: float = 0.01) -> None:
        self.chance, self.share = random.Random(seed), share
        self.met: dict[str, str] = {}

    def __call__(self, recipient: str, nth: int) -> str | None:
        if nth > 1 or self.chance.random() > self.share:
            return None
        fault = self.chance.choices([*ANSWERS], [*ANSWERS.values()])[0]
        self.met[recipient] = fault
        return fault


async def _runs(job: Job, *, meanwhile: Callable[[], Awaitable[None]] | None = None) -> list[Run]:
    harness = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.faults.bulk_harness",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    disturbing = asyncio.ensure_future(meanwhile()) if meanwhile else None
    said, errors = await harness.communicate(json.dumps(asdict(job)).encode() + b"\n")
    if disturbing is not None:
        await disturbing
    assert harness.returncode == 0, errors.decode()[-3000:]
    return [Run(**json.loads(line)) for line in said.splitlines()]


async def _one_run(
    fresh_database: FreshDatabase,
    seed: int,
    *,
    pipelining: bool = True,
    fault: Fault | None = None,
    **job: Any,
) -> tuple[Run, Sink]:
    async with Sink(pipelining=pipelining, fault=fault).listening() as sink:
        [run] = await _runs(
            Job(
                database_url=await fresh_database("notifications"),
                keys_url=await fresh_database("keys"),
                smtp_port=sink.port,
                secret=SECRET_KEY.get_secret_value(),
                seeds=[seed],
                **{"recipients": 10_000, **job},
            )
        )
    return run, sink


def _complaints(run: Run, sink: Sink, *, recipients: int, met: dict[str, str]) -> list[str]:
    """What broke the promise, by what really lies in the mailboxes."""
    found = [f"seed {run.seed}: {complaint}" for complaint in run.complaints]
    numbers = {f"r{n}@example.org": n for n in range(1, recipients + 1)}
    doubled = [to for to, count in sink.arrived.items() if count > 1]
    found += [f"{to} arrived {sink.arrived[to]} times" for to in doubled]
    unknown = set(run.unknown)
    refused = {to for to, fault in met.items() if " 550 " in fault}
    for to, number in numbers.items():
        if to not in sink.arrived and number not in unknown and to not in refused:
            found.append(f"{to} was skipped")
    if set(run.states) - {"sent", "failed", "unknown"} or sum(run.states.values()) != recipients:
        found.append(f"left as {run.states}")
    if run.states.get("sent", 0) > len(sink.arrived):
        found.append(f"{run.states['sent']} sent, {len(sink.arrived)} arrived")
    by_kills = unknown - {numbers[to] for to, fault in met.items() if fault in UNANSWERED}
    if len(by_kills) > len(run.deaths) * CONNECTIONS:
        found.append(f"{len(by_kills)} unknown after {len(run.deaths)} deaths")
    if run.status != "sent":
        found.append(f"the issue is {run.status}")
    return found[:10]


async def test_ten_thousand_readers_two_senders_kills_a_pause_and_a_moody_server(
    fresh_database: FreshDatabase,
) -> None:
    moody = Moody(1)
    run, sink = await _one_run(fresh_database, 1, fault=moody)
    assert _complaints(run, sink, recipients=10_000, met=moody.met) == []
    assert len(run.deaths) >= 3
    assert run.pauses == 1
    assert len(moody.met) > 50


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 6))
async def test_the_same_with_other_seeds(fresh_database: FreshDatabase, seed: int) -> None:
    moody = Moody(seed, share=0.02)
    run, sink = await _one_run(
        fresh_database,
        seed,
        fault=moody,
        deaths=6,
        kills=3,
        pauses=2,
        senders=2 + seed % 2,
        pipelining=seed % 3 != 0,
    )
    assert _complaints(run, sink, recipients=10_000, met=moody.met) == []
    assert len(run.deaths) >= 5


async def test_without_the_journal_killed_senders_double_letters(
    sqlite_databases: Databases,
) -> None:
    run, sink = await _one_run(
        sqlite_databases.fresh, 3, recipients=1500, deaths=6, kills=6, variant="without the journal"
    )
    assert any("arrived 2 times" in one for one in _complaints(run, sink, recipients=1500, met={}))


@asynccontextmanager
async def _own_postgres() -> AsyncIterator[Postgres]:
    server = Postgres().start()
    try:
        yield server
    finally:
        server.remove()


@pytest.mark.parametrize(
    "how",
    [
        pytest.param(signal.SIGQUIT, id="crashed"),
        pytest.param(signal.SIGINT, id="stopped", marks=pytest.mark.long),
    ],
)
async def test_a_database_that_is_restarted_doubles_and_skips_nobody(how: signal.Signals) -> None:
    """Senders keep the answers they have and write them down when it is back."""
    async with _own_postgres() as server, Sink().listening() as sink:
        databases = PostgresDatabases(server.url(), "restart", migrate)
        url = await databases.fresh("notifications")
        await _keep_every_commit(url)

        async def restart() -> None:
            for share in (500, 1500):
                while sink.arrived.total() < share:
                    await asyncio.sleep(0.02)
                await asyncio.to_thread(server.stop, how)
                await asyncio.sleep(0.5)
                await asyncio.to_thread(server.start)

        job = Job(
            database_url=url,
            keys_url=await databases.fresh("keys"),
            smtp_port=sink.port,
            secret=SECRET_KEY.get_secret_value(),
            seeds=[1],
            recipients=3000,
            deaths=0,
            kills=0,
            pauses=0,
        )
        [run] = await _runs(job, meanwhile=restart)
    assert _complaints(run, sink, recipients=3000, met={}) == []
    assert run.states == {"sent": 3000}


async def _keep_every_commit(url: str) -> None:
    """As in production; the tests' server may forget the last moments when it crashes."""
    parts = make_url(url)
    plain = parts.set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(plain)
    await connection.execute(f'ALTER DATABASE "{parts.database}" SET synchronous_commit = on')
    await connection.close()
