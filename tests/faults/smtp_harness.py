"""Kills senders at named steps: one loaded process that only forks, each child a sender.

`python -m tests.faults.smtp_harness` reads a Job as JSON and writes one Run as JSON a line; what
really arrived, only the mail server's side knows. `variant` takes the mechanism away.
"""

import asyncio
import json
import os
import random
import sys
import traceback
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import exists, func, or_, select
from uuid_utils.compat import uuid7

from services.notifications.domain.letter import IS_WAITING, MOVES, Attempt, Letter, State
from services.notifications.sender import claims, loop
from services.notifications.sender.conversation import Patience
from services.notifications.sender.loop import LANES, Sender
from shared import crashpoints
from shared.clock import SetClock
from shared.service import Service
from shared.settings import Settings

POINTS: Final = ("smtp.connect", "smtp.before_body", "smtp.after_body", "smtp.after_answer")
START: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)
LEASE_OVER: Final = claims.LEASE + timedelta(seconds=1)
PATIENCE: Final = Patience(connect=5, command=5, final=5)


@dataclass(frozen=True)
class Job:
    """What to run where."""

    database_url: str
    keys_url: str
    smtp_port: int
    secret: str
    seeds: list[int]
    variant: str = "ours"


@dataclass
class Run:
    """One seed's outcome: where senders died, how each letter ended, how often it was tried."""

    seed: int
    connections: int = 0
    deaths: list[str] = field(default_factory=list)
    states: dict[str, str] = field(default_factory=dict)
    attempts: int = 0


async def never_marked(*_: Any, **__: Any) -> bool:
    """The mechanism taken away: the body leaves, and nothing says so beforehand."""
    return True


def main() -> None:
    job = Job(**json.loads(sys.stdin.readline()))
    if job.variant == "without the sending commit":
        claims.mark_sending = never_marked
        MOVES[State.CLAIMED] = {*MOVES[State.CLAIMED], State.SENT, State.UNKNOWN}
    loop.RECOVER_SECONDS = 0.05  # type: ignore[misc]
    loop.POLL_SECONDS = 0.05  # type: ignore[misc]
    for seed in job.seeds:
        sys.stdout.write(json.dumps(asdict(_run(job, seed))) + "\n")
        sys.stdout.flush()


def _run(job: Job, seed: int) -> Run:
    """Letters, senders that die, and one that lives; then the state of every letter."""
    chance, run = random.Random(seed), Run(seed)
    mine = [uuid7() for _ in range(chance.randint(2, 6))]
    run.connections = chance.choice([1, len(LANES)])
    at = START + timedelta(days=seed)
    _in_child(partial(_fill, job, mine, at))
    for _ in range(chance.randint(1, 3)):
        point, hit = chance.choice(POINTS), chance.randint(1, len(mine))
        if _in_child(partial(_send, job, run.connections, at), death=(point, hit)):
            run.deaths.append(point)
        at += LEASE_OVER
    _in_child(partial(_send, job, run.connections, at))
    found = _in_child(partial(_look, job, mine))
    run.states, run.attempts = found["states"], found["attempts"]
    return run


def _in_child(
    work: Callable[[], Coroutine[Any, Any, Any]], *, death: tuple[str, int] | None = None
) -> Any:
    """What the work returns in a process of its own; with `death`, whether it was killed."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        code = 1
        try:
            if death is not None:
                crashpoints.arm(death[0], hit=death[1])
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
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise RuntimeError("a child failed, see stderr")
    return os.WIFSIGNALED(status) if death is not None else json.loads(said)


def _open(job: Job, at: datetime) -> Service:
    settings = Settings(
        redis_url="redis://127.0.0.1:1",
        database_url=job.database_url,
        keys_database_url=job.keys_url,
        secret_key=SecretStr(job.secret),
        smtp_port=job.smtp_port,
    )
    return Service.open("notifications", settings, SetClock(at))


async def _fill(job: Job, ids: list[UUID], at: datetime) -> None:
    service = _open(job, at)
    async with service.db.begin() as session:
        session.add_all(_letter(letter_id, at) for letter_id in ids)
    await service.close()


def _letter(letter_id: UUID, at: datetime) -> Letter:
    return Letter(
        id=letter_id,
        event_id=letter_id,
        kind="case_link",
        cause="test",
        recipient="somebody",
        name="Ada",
        address="ada@example.org",
        address_hash="hash",
        language="de",
        subject="Hallo",
        text="Hallo\n",
        html="<p>Hallo</p>",
        state=State.QUEUED,
        priority=random.choice([0, 1]),
        queued_at=at,
        due_at=at,
        expires_at=at + timedelta(days=300),
    )


async def _send(job: Job, connections: int, at: datetime) -> None:
    """Until nothing waits and nobody holds anything."""
    service = _open(job, at)
    sender = Sender(service, patience=PATIENCE)
    if connections == 1:
        await sender.send_due()
    else:
        running = asyncio.create_task(sender.run())
        while not running.done() and await _busy(service):
            await asyncio.sleep(0.02)
        if running.done():
            running.result()
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    await service.close()


async def _busy(service: Service) -> bool:
    under_way = Letter.state.in_((State.CLAIMED, State.SENDING))
    async with service.db.read() as session:
        return bool(await session.scalar(select(exists().where(or_(IS_WAITING, under_way)))))


async def _look(job: Job, ids: list[UUID]) -> dict[str, Any]:
    service = _open(job, START)
    async with service.db.read() as session:
        rows = await session.execute(select(Letter.id, Letter.state).where(Letter.id.in_(ids)))
        states = {str(letter_id): state.value for letter_id, state in rows}
        count = select(func.count()).where(Attempt.letter_id.in_(ids))
        attempts = await session.scalar(count)
    await service.close()
    return {"states": states, "attempts": attempts or 0}


if __name__ == "__main__":
    main()
