"""Kills bulk senders: one loaded process that only forks; each child is a sender at one issue.

`python -m tests.faults.bulk_harness` reads a Job as JSON and writes one Run as JSON a line; what
really arrived, only the mail server's side knows. `variant` takes the mechanism away.
"""

import asyncio
import json
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable, Coroutine
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import func, select

from services.notifications.bulk import crew, holding, journal, sending, shift
from services.notifications.bulk.journal import Journal, Leave, Round
from services.notifications.bulk.outages import AWAY, is_away
from services.notifications.bulk.sending import Bulk
from services.notifications.domain.issue import Issue, IssueLetter
from services.notifications.domain.issue import Status as IssueStatus
from services.notifications.domain.sending import BulkSender
from services.notifications.issues import commands
from services.notifications.sender import schedule
from services.notifications.sender.conversation import Patience
from shared import crashpoints
from shared.clock import SystemClock
from shared.service import Service
from shared.settings import Settings
from tests.notifications.bulk.kit import an_issue, states

POINTS: Final = (
    "smtp.connect",
    "bulk.before_leave",
    "bulk.after_leave",
    "bulk.after_dot",
    "bulk.after_answer",
    "command.before_commit",
    "command.after_commit",
)
LEASE: Final = timedelta(seconds=3)
PATIENCE: Final = Patience(connect=5, command=2, final=2)
CONNECTIONS: Final = 8


@dataclass(frozen=True)
class Job:
    """What to run where; `deaths` by crash point, `kills` from outside at any moment."""

    database_url: str
    keys_url: str
    smtp_port: int
    secret: str
    seeds: list[int]
    recipients: int
    deaths: int = 3
    kills: int = 2
    senders: int = 2
    pauses: int = 1
    variant: str = "ours"
    patience: float = 100.0


@dataclass
class Run:
    """One seed's outcome."""

    seed: int
    issue: str = ""
    deaths: list[str] = field(default_factory=list)
    pauses: int = 0
    states: dict[str, int] = field(default_factory=dict)
    unknown: list[int] = field(default_factory=list)
    status: str = ""
    seconds: float = 0.0
    complaints: list[str] = field(default_factory=list)


@dataclass
class Child:
    """A sender's process, and the crash point it was armed with."""

    pid: int
    point: str
    status: int | None = None

    def ended(self) -> bool:
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.status = status if pid else None
        return self.status is not None

    def kill(self) -> None:
        if not self.ended():
            os.kill(self.pid, signal.SIGKILL)
            _, self.status = os.waitpid(self.pid, 0)


async def _without_journal(self: Journal, round_: Round, *, at: Any) -> Leave:
    """The mechanism taken away: what leaves is written down with its answer only, if at all."""
    bare = Round(sent=round_.sent, asking=round_.asking)
    leave = await WITH_JOURNAL(self, bare, at=at)
    async with self.db.begin() as session:
        sender = await session.get(BulkSender, self.sender_id)
        if sender is not None:
            sender.in_flight = []
    return leave


WITH_JOURNAL: Final = Journal.record


def main() -> None:
    job = Job(**json.loads(sys.stdin.readline()))
    if job.variant == "without the journal":
        Journal.record = _without_journal  # type: ignore[method-assign]
    journal.LEASE = LEASE  # type: ignore[misc]
    holding.LEASE = LEASE  # type: ignore[attr-defined]
    shift.BEAT_SECONDS = LEASE.total_seconds() / 4  # type: ignore[misc]
    sending.RECOVER_SECONDS = 0.5  # type: ignore[misc]
    sending.POLL_SECONDS = 0.2  # type: ignore[misc]
    crew.LONGEST_PAUSE = 0.5  # type: ignore[misc]
    schedule.RETRIES = (timedelta(seconds=1),)  # type: ignore[misc]
    for seed in job.seeds:
        sys.stdout.write(json.dumps(asdict(_run(job, seed))) + "\n")
        sys.stdout.flush()


def _run(job: Job, seed: int) -> Run:
    """An issue, senders that die and are started again, an office that pauses; then a count."""
    chance, run = random.Random(seed), Run(seed)
    began = time.monotonic()
    run.issue = _in_child(partial(_fill, job))
    plan = _plan(job, chance)
    children = [_fork(job, run.issue, *_next(plan)) for _ in range(job.senders)]
    kills = sorted(chance.uniform(0.05, 0.6) for _ in range(job.kills))
    pauses = sorted(chance.uniform(0.1, 0.5) for _ in range(job.pauses))
    while True:
        time.sleep(0.05)
        share, over = _in_child(partial(_share, job, run.issue))
        if over:
            break
        if time.monotonic() - began > job.patience:
            run.complaints.append("did not come to an end")
            break
        if kills and share >= kills[0]:
            kills.pop(0)
            victim = chance.choice(children)
            if not victim.ended():
                victim.kill()
                victim.point = "from outside"
        if pauses and share >= pauses[0]:
            pauses.pop(0)
            run.pauses += _in_child(partial(_pause_a_little, job, run.issue))
        children = [_again(job, run, child, plan) for child in children]
    for child in children:
        child.kill()
    found = _in_child(partial(_look, job, run.issue))
    run.states, run.unknown, run.status = found["states"], found["unknown"], found["status"]
    run.seconds = round(time.monotonic() - began, 1)
    return run


def _plan(job: Job, chance: random.Random) -> list[tuple[str, int]]:
    """Where the next processes die; each step comes often, so that it is reached in time."""
    rare = {"smtp.connect": 8, "command.before_commit": 3, "command.after_commit": 3}
    points = [chance.choice(POINTS) for _ in range(job.deaths)]
    most = max(job.recipients // 8, 1)
    return [(point, chance.randint(1, rare.get(point, most))) for point in points]


def _next(plan: list[tuple[str, int]]) -> tuple[str, int]:
    return plan.pop(0) if plan else ("", 1)


def _again(job: Job, run: Run, child: Child, plan: list[tuple[str, int]]) -> Child:
    """As a supervisor does: whatever ended it, it comes again."""
    if not child.ended():
        return child
    assert child.status is not None
    run.deaths.append(child.point if os.WIFSIGNALED(child.status) else "ended loudly")
    return _fork(job, run.issue, *_next(plan))


def _fork(job: Job, issue: str, point: str, hit: int) -> Child:
    pid = os.fork()
    if pid:
        return Child(pid, point)
    try:
        if point:
            crashpoints.arm(point, hit=hit)
        asyncio.run(_send(job))
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)


def _in_child(work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """What the work returns in a process of its own: this one never opens a database."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        code = 1
        try:
            os.write(writing, json.dumps(asyncio.run(work())).encode())
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        said = answer.read()
    _, status = os.waitpid(pid, 0)
    if status:
        raise RuntimeError("a child failed, see stderr")
    return json.loads(said)


def _open(job: Job) -> Service:
    settings = Settings(
        redis_url="redis://127.0.0.1:1",
        database_url=job.database_url,
        keys_database_url=job.keys_url,
        secret_key=SecretStr(job.secret),
        smtp_port=job.smtp_port,
    )
    return Service.open("notifications", settings, SystemClock())


async def _fill(job: Job) -> str:
    service = _open(job)
    issue_id = await an_issue(service, job.recipients, at=service.clock.now())
    await service.close()
    return str(issue_id)


async def _send(job: Job) -> None:
    """Until killed."""
    await Bulk(_open(job), patience=PATIENCE, connections=CONNECTIONS).run()


async def _share(job: Job, issue: str) -> tuple[float, bool]:
    """How much was sent, and whether there is nothing more to do; a database away is no answer."""
    service = _open(job)
    try:
        found = await states(service, UUID(issue))
        async with service.db.read() as session:
            status = await session.scalar(select(Issue.status).where(Issue.id == UUID(issue)))
    except AWAY as error:
        if not is_away(error):
            raise
        return 0.0, False
    finally:
        await service.close()
    return found.get("sent", 0) / job.recipients, status == IssueStatus.SENT  # type: ignore[call-overload]


async def _pause_a_little(job: Job, issue: str) -> int:
    service = _open(job)
    for command in (commands.pause, commands.resume):
        async with service.db.begin() as session:
            row = await session.get_one(Issue, UUID(issue))
            if row.status in (IssueStatus.SENDING, IssueStatus.PAUSED):
                await command(session, row.id, by="test", at=service.clock.now())
        await asyncio.sleep(0.3)
    await service.close()
    return 1


async def _look(job: Job, issue: str) -> dict[str, Any]:
    service = _open(job)
    async with service.db.read() as session:
        mine = IssueLetter.issue_id == UUID(issue)
        unknown = select(IssueLetter.number).where(mine, IssueLetter.state == "unknown")
        numbers = (await session.scalars(unknown)).all()
        rows = await session.execute(
            select(IssueLetter.state, func.count()).where(mine).group_by(IssueLetter.state)
        )
        counted = {state.value: count for state, count in rows}
        status = await session.scalar(select(Issue.status).where(Issue.id == UUID(issue)))
    await service.close()
    return {"states": counted, "unknown": list(numbers), "status": str(status)}


if __name__ == "__main__":
    main()
