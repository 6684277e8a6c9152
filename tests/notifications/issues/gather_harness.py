"""Kills the gathering of recipients at commits: one loaded process that only forks.

`python -m tests.notifications.issues.gather_harness` reads a Job as JSON. Each child gathers until
it is killed; the last one is left in peace.
"""

import asyncio
import json
import os
import random
import sys
import traceback
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

from services.notifications.issues import gathering
from shared import crashpoints
from shared.clock import SetClock
from shared.service import Service
from shared.settings import Settings

POINTS = ("command.before_commit", "command.after_commit")


@dataclass(frozen=True)
class Job:
    """Where an issue waits to be gathered."""

    database_url: str
    keys_url: str
    secret: str
    seed: int
    chunk: int
    deaths: int
    workers: int = 1


@dataclass
class Run:
    """Which points killed a child."""

    died: list[str] = field(default_factory=list)


def main() -> None:
    job = Job(**json.loads(sys.stdin.readline()))
    gathering.CHUNK = job.chunk  # type: ignore[misc]
    chance, run = random.Random(job.seed), Run()
    for _ in range(job.deaths):
        point, hit = chance.choice(POINTS), chance.randint(1, 3)
        if _wait(_child(job, (point, hit))):
            run.died.append(point)
    for child in [_child(job, None) for _ in range(job.workers)]:
        assert not _wait(child)
    sys.stdout.write(json.dumps(asdict(run)) + "\n")


def _child(job: Job, death: tuple[str, int] | None) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        if death is not None:
            crashpoints.arm(death[0], hit=death[1])
        asyncio.run(_gather(job))
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _wait(pid: int) -> bool:
    """Whether it was killed."""
    _, status = os.waitpid(pid, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise RuntimeError("a child failed, see stderr")
    return os.WIFSIGNALED(status)


async def _gather(job: Job) -> None:
    settings = Settings(
        redis_url="redis://127.0.0.1:1",
        database_url=job.database_url,
        keys_database_url=job.keys_url,
        secret_key=job.secret,
    )
    clock = SetClock(datetime(2026, 3, 2, 9, tzinfo=UTC))
    service = Service.open("notifications", settings, clock)
    while await gathering.gather(service):
        pass
    await service.close()


if __name__ == "__main__":
    main()
