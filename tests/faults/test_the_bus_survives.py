"""kill -9 at every step, Redis emptied, killed or older: every event once and in order (E1 to E3).

The negative controls take one mechanism away each; the same count must then be wrong.
"""

import asyncio
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pytest

from tests.faults.harness import COMMAND_POINTS, WORKER_POINTS, Job
from tests.support.databases import Databases

RUNS: Final = 20
BLOCKS: Final = 5
"""Times two databases: 200 runs in `make test`."""
LONG_BLOCKS: Final = 50


@pytest.fixture
def redis_folder() -> Iterator[str]:
    """Short enough for a socket, and a Redis of its own that may be killed."""
    with TemporaryDirectory(prefix="sb-f-") as folder:
        yield str(Path(folder) / "redis")


async def run(databases: Databases, redis_folder: str, **job: Any) -> list[dict[str, Any]]:
    """What the harness found, one dict a run."""
    telling, answering = await databases.empty(), await databases.empty()
    whole = Job(telling, answering, telling, redis_folder, **job)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.faults.harness",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, errors = await process.communicate(json.dumps(asdict(whole)).encode() + b"\n")
    assert process.returncode == 0, errors.decode()[-4000:]
    runs = [json.loads(line) for line in said.splitlines()]
    for one in runs:
        if one["complaints"]:
            one["stderr"] = errors.decode()[-8000:]
    return runs


async def survive(databases: Databases, redis_folder: str, block: int) -> None:
    seeds = list(range(block * RUNS, (block + 1) * RUNS))
    runs = await run(databases, redis_folder, seeds=seeds)
    wrong = [json.dumps(one, ensure_ascii=False) for one in runs if one["complaints"]]
    assert not wrong, "\n".join(wrong)
    assert [one["seed"] for one in runs] == seeds
    died_at = {point for one in runs for point in one["deaths"]}
    assert died_at >= {*WORKER_POINTS, *COMMAND_POINTS}, "every step was died at"


@pytest.mark.parametrize("block", range(BLOCKS))
async def test_nothing_is_lost_doubled_or_disordered_by_a_kill_at_any_step(
    databases: Databases, redis_folder: str, block: int
) -> None:
    await survive(databases, redis_folder, block)


@pytest.mark.long
@pytest.mark.parametrize("block", range(BLOCKS, BLOCKS + LONG_BLOCKS))
async def test_the_same_over_two_thousand_runs(
    databases: Databases, redis_folder: str, block: int
) -> None:
    await survive(databases, redis_folder, block)


@pytest.mark.parametrize(
    ("variant", "wrong"),
    [
        ("plain relay", "lost"),
        ("no inbox", "times"),
        ("ack first", "lost"),
        ("group at the end", "lost"),
        ("order left to Redis", "order"),
    ],
)
async def test_without_the_mechanism_the_same_count_is_wrong(
    sqlite_databases: Databases, redis_folder: str, variant: str, wrong: str
) -> None:
    runs = await run(
        sqlite_databases,
        redis_folder,
        seeds=list(range(RUNS)),
        variant=variant,
        patience=8.0,
        until_wrong=True,
    )
    assert any(wrong in complaint for complaint in runs[-1]["complaints"]), runs
