"""Kills the bus at named steps and counts what is left: one loaded process that only forks.

`python -m tests.faults.harness` reads a Job as JSON and writes one Run as JSON a line. It never
opens a database itself, so its children start clean; they are killed by the crash points, and
restarted as a supervisor would. `variant` takes a mechanism away: then the count must be wrong.
"""

import asyncio
import json
import os
import random
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from redis.exceptions import ResponseError
from sqlalchemy import func, select

from deploy.valkey import Valkey
from shared import crashpoints
from tests.faults.variants import VARIANTS, Variant
from tests.support import bus as kit

WORKER_POINTS: Final = tuple(
    sorted(p for p in crashpoints.POINTS if p.split(".")[0] in ("relay", "consume"))
)
COMMAND_POINTS: Final = ("command.before_commit", "command.after_commit")
SUBJECTS: Final = ("Bank", "Bücherschrank", "شجرة")
PACE: Final = replace(kit.HASTE, lease=0.2, beat=0.03, reclaim_every=0.15, reclaim_idle=0.2)
COMMANDS: Final = 8
PATIENCE: Final = 60.0
"""Seconds a run may take; one that hangs is a failure."""


@dataclass(frozen=True)
class Job:
    """What to run where."""

    teller_url: str
    answerer_url: str
    keys_url: str
    redis_folder: str
    seeds: list[int]
    variant: str = "ours"
    patience: float = PATIENCE
    until_wrong: bool = False
    """Stop at the first run with a complaint."""


@dataclass
class Run:
    """One seed's outcome: where it died, what Redis suffered, what was wrong afterwards."""

    seed: int
    deaths: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    seconds: float = 0.0


@dataclass
class Child:
    """A forked process, the crash point it was armed with, and how it ended."""

    pid: int
    point: str | None
    status: int | None = None

    def ended(self) -> bool:
        """Whether it is over, without waiting."""
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.status = status if pid else None
        return self.status is not None

    @property
    def was_killed(self) -> bool:
        return self.status is not None and os.WIFSIGNALED(self.status)

    def complain_and_die(self) -> None:
        """Let it say to stderr where it hangs, then end it."""
        if not self.ended():
            os.kill(self.pid, signal.SIGUSR1)
            time.sleep(0.5)
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self.status = signal.SIGKILL


@dataclass
class Plan:
    """What one seed decides; consecutive seeds take turns at the points, so that none is left out."""

    worker_deaths: list[tuple[str, int]]
    command_death: tuple[str, int] | None
    commands: list[list[str]]
    fault: str
    fault_after: float

    @classmethod
    def of(cls, seed: int, variant: Variant) -> "Plan":
        chance = random.Random(seed)
        first = (WORKER_POINTS[seed % len(WORKER_POINTS)], 1)
        more = [chance.choice(WORKER_POINTS) for _ in range(chance.randint(0, 2))]
        slips = [None, *((point, chance.randint(1, COMMANDS)) for point in COMMAND_POINTS)]
        return cls(
            worker_deaths=[first, *((point, chance.randint(1, 2)) for point in more)],
            command_death=slips[seed % len(slips)],
            commands=[chance.choices(SUBJECTS, k=chance.randint(1, 3)) for _ in range(COMMANDS)],
            fault=chance.choices(variant.redis_faults, variant.redis_weights)[0],
            fault_after=chance.uniform(0.05, 0.3),
        )


def main() -> None:
    job = Job(**json.loads(sys.stdin.readline()))
    redis = Valkey(Path(job.redis_folder)).start()
    harness = Harness(job, VARIANTS[job.variant], redis)
    harness.in_child(harness.create_tables)
    for seed in job.seeds:
        started = time.monotonic()
        run = harness.run(seed)
        run.seconds = round(time.monotonic() - started, 2)
        sys.stdout.write(json.dumps(asdict(run), ensure_ascii=False) + "\n")
        sys.stdout.flush()
        if run.complaints and job.until_wrong:
            break
    redis.stop()


@dataclass
class Harness:
    """One pair of databases and one Redis, through many runs."""

    job: Job
    variant: Variant
    redis: Valkey

    def run(self, seed: int) -> Run:
        """Commands in one child, both workers in another, each dying as the seed says."""
        plan, run = Plan.of(seed, self.variant), Run(seed)
        snapshot = self._snapshot() if plan.fault == "older" else None
        self._telling.touch()
        started = time.monotonic()
        commands = self._fork(lambda: self._tell(plan.commands), plan.command_death)
        worker = None if self.variant.late_worker else self._next_worker(plan)
        while worker is None or not worker.ended() or worker.status:
            time.sleep(0.005)
            if plan.fault != "none" and time.monotonic() - started > plan.fault_after:
                self._hurt(plan.fault, snapshot)
                run.faults.append(plan.fault)
                plan.fault = "none"
            commands = self._see_to_commands(commands, plan, run)
            if self._telling.exists() and self.variant.late_worker:
                continue
            if worker is None or worker.ended():
                worker = self._restart(worker, plan, run)
            if time.monotonic() - started > self.job.patience:
                whose = "commands" if self._telling.exists() else "workers"
                run.complaints.append(f"did not settle: {whose}")
                for child in (worker, commands):
                    child.complain_and_die()
                break
        run.complaints += self.in_child(self._complaints)
        return run

    @property
    def _telling(self) -> Path:
        """There while commands are still to come."""
        return self.redis.folder / "telling"

    def _see_to_commands(self, child: Child, plan: Plan, run: Run) -> Child:
        """A killed one is followed by one that carries out what is left."""
        if not self._telling.exists() or not child.ended():
            return child
        if not child.was_killed:
            self._telling.unlink()
            if child.status:
                run.complaints.append(f"commands ended with {child.status}")
            return child
        assert plan.command_death is not None
        run.deaths.append(str(child.point))
        left = plan.commands[plan.command_death[1] :]
        return self._fork(lambda: self._tell(left), None)

    def _restart(self, worker: Child | None, plan: Plan, run: Run) -> Child:
        """As a supervisor does: whatever ended it, it comes again; an end in peace is kept."""
        if worker is not None:
            if not worker.status:
                return worker
            run.deaths.append(str(worker.point) if worker.was_killed else "ended loudly")
        return self._next_worker(plan)

    def _next_worker(self, plan: Plan) -> Child:
        return self._fork(self._work, plan.worker_deaths.pop(0) if plan.worker_deaths else None)

    def _hurt(self, fault: str, snapshot: Path | None) -> None:
        if fault == "flushall":
            with self.redis.client() as client:
                client.flushall()
        elif fault == "destroyed group":
            with self.redis.client() as client, suppress(ResponseError):
                client.xgroup_destroy("stadtteilbote:applications", "notifications")
        elif fault in ("killed", "older"):
            self.redis.kill()
            if snapshot is not None:
                shutil.rmtree(self.redis.folder / "appendonlydir")
                shutil.copytree(snapshot, self.redis.folder / "appendonlydir")
            self.redis.start()

    def _snapshot(self) -> Path:
        """What a backup of Redis would be: its append-only files while it runs."""
        snapshot = self.redis.folder / "snapshot"
        shutil.rmtree(snapshot, ignore_errors=True)
        shutil.copytree(self.redis.folder / "appendonlydir", snapshot)
        return snapshot

    def _fork(
        self, work: Callable[[], Coroutine[Any, Any, None]], death: tuple[str, int] | None
    ) -> Child:
        point, hit = death or (None, 1)
        pid = os.fork()
        if pid:
            return Child(pid, point)
        code = 1
        try:
            if point is not None:
                crashpoints.arm(point, hit=hit)
            asyncio.run(work())
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)

    def in_child(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """What a coroutine returns when run in a process of its own."""
        reading, writing = os.pipe()

        async def tell_parent() -> None:
            os.write(writing, json.dumps(await work(), ensure_ascii=False)[:60_000].encode())

        child = self._fork(tell_parent, None)
        os.close(writing)
        with os.fdopen(reading, "rb") as answer:
            said = answer.read()
        os.waitpid(child.pid, 0)
        return json.loads(said or b'["the check itself failed"]')

    def _open(self) -> kit.Bus:
        keys, redis = self.job.keys_url, self.redis.url
        return kit.Bus(
            kit.open_service("applications", self.job.teller_url, keys, redis),
            kit.open_service("notifications", self.job.answerer_url, keys, redis),
        )

    async def create_tables(self) -> None:
        bus = self._open()
        for service in (bus.teller, bus.answerer):
            await kit.create_tables(service)

    async def _tell(self, commands: list[list[str]]) -> None:
        """Carry out commands one after the other, going on where a dead child ended."""
        bus = self._open()
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, say_where_it_hangs)
        for row in await bus.told():
            bus.places[row.subject] = max(bus.places[row.subject], row.place)
        for subjects in commands:
            await bus.tell(*subjects)
            await asyncio.sleep(0.01)

    async def _work(self) -> None:
        """Both workers until everything told is answered and nobody tells any more."""
        bus = self._open()
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, say_where_it_hangs)
        stop = asyncio.Event()
        running = [asyncio.create_task(one.run(stop)) for one in self.variant.workers(bus, PACE)]
        watching = asyncio.create_task(self._until_settled(bus))
        await asyncio.wait([*running, watching], return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        await asyncio.gather(*running)
        watching.result()

    async def _until_settled(self, bus: kit.Bus) -> None:
        """Everything answered, twice in a row: what comes twice gets its chance to."""
        calm = 0
        while calm < 3:
            told, effects, parked = await self._state(bus)
            answered = effects >= told and not parked and not self._telling.exists()
            calm = calm + 1 if answered else 0
            await asyncio.sleep(0.03)

    async def _state(self, bus: kit.Bus) -> tuple[int, int, int]:
        async with bus.teller.db.read() as session:
            told = await session.scalar(select(func.count()).select_from(kit.Told))
        async with bus.answerer.db.read() as session:
            effects = await session.scalar(select(func.count(kit.Effect.event_id.distinct())))
            parked = await session.scalar(select(func.count()).select_from(kit.Parked))
        return told or 0, effects or 0, parked or 0

    async def _complaints(self) -> list[str]:
        bus = self._open()
        found = await bus.complaints()
        async with bus.teller.db.read() as session:
            events = set(await session.scalars(select(kit.Outbox.event_id)))
        told = {row.event_id for row in await bus.told()}
        found += [f"event and command differ: {event_id}" for event_id in events ^ told]
        return found[:20]


def say_where_it_hangs() -> None:
    """To stderr: what every task of this process waits for."""
    for task in asyncio.all_tasks():
        task.print_stack(file=sys.stderr)


if __name__ == "__main__":
    main()
