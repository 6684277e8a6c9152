"""L1 under kill -9: no letter twice, none skipped, at most one unknown for a killed connection."""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Awaitable, Callable

import pytest

from tests.faults.smtp_harness import POINTS, Job, Run
from tests.support.databases import Databases
from tests.support.mailbox import Mailbox
from tests.support.services import SECRET_KEY

FreshDatabase = Callable[[str], Awaitable[str]]


async def _runs(
    fresh_database: FreshDatabase, mailbox: Mailbox, seeds: range, variant: str = "ours"
) -> list[Run]:
    job = Job(
        database_url=await fresh_database("notifications"),
        keys_url=await fresh_database("keys"),
        smtp_port=mailbox.port,
        secret=SECRET_KEY.get_secret_value(),
        seeds=list(seeds),
        variant=variant,
    )
    harness = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.faults.smtp_harness",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await harness.communicate(json.dumps(vars(job)).encode() + b"\n")
    assert harness.returncode == 0
    return [Run(**json.loads(line)) for line in said.splitlines()]


def _complaints(run: Run, arrived: Counter[str]) -> list[str]:
    """What broke the promise, by what really lies in the mailbox."""
    found = []
    for letter, state in run.states.items():
        count = arrived[f"<{letter}@example.org>"]
        if state == "sent" and count != 1:
            found.append(f"seed {run.seed}: sent, arrived {count} times")
        elif state == "unknown" and count > 1:
            found.append(f"seed {run.seed}: unknown, arrived {count} times")
        elif state not in ("sent", "unknown"):
            found.append(f"seed {run.seed}: left {state}")
    unknown = list(run.states.values()).count("unknown")
    if unknown > len(run.deaths) * run.connections:
        found.append(f"seed {run.seed}: {unknown} unknown after {len(run.deaths)} deaths")
    return found


async def _all_complaints(
    fresh_database: FreshDatabase, mailbox: Mailbox, seeds: range, variant: str = "ours"
) -> tuple[list[Run], list[str]]:
    runs = await _runs(fresh_database, mailbox, seeds, variant)
    arrived = Counter(str(mail["Message-ID"]) for mail in mailbox.mails)
    return runs, [complaint for run in runs for complaint in _complaints(run, arrived)]


async def test_killed_senders_double_and_skip_nothing(
    fresh_database: FreshDatabase, mailbox: Mailbox
) -> None:
    runs, complaints = await _all_complaints(fresh_database, mailbox, range(20))
    assert complaints == []
    assert {point for run in runs for point in run.deaths} == set(POINTS)
    assert any("unknown" in run.states.values() for run in runs)


@pytest.mark.long
async def test_killed_senders_double_and_skip_nothing_in_many_more_runs(
    fresh_database: FreshDatabase, mailbox: Mailbox
) -> None:
    _, complaints = await _all_complaints(fresh_database, mailbox, range(200))
    assert complaints == []


async def test_without_the_sending_commit_letters_are_doubled(
    sqlite_databases: Databases, mailbox: Mailbox
) -> None:
    _, complaints = await _all_complaints(
        sqlite_databases.fresh, mailbox, range(8), "without the sending commit"
    )
    assert any("arrived 2 times" in complaint for complaint in complaints)
