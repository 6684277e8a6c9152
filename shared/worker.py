"""A service's second process: tells, answers, fires timers; ends loudly when it cannot."""

import asyncio
import gc
import logging
import signal
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from time import monotonic
from typing import Any, Final

from redis.exceptions import ResponseError

from shared.due import TimerHandlers, Timers
from shared.inbox import Answers, Handlers
from shared.loops import rest, together
from shared.outages import REDIS_AWAY
from shared.pace import STEADY, Pace
from shared.pulse import answer_health
from shared.relay import Relay
from shared.service import Service
from shared.settings import ServiceName, Settings
from shared.store import Tables
from shared.streams import Reader, forget_readers, read_all
from shared.trimming import Trimming

Loop = Callable[[Service], Awaitable[None]]
MOST_ROUNDS: Final = 200


@dataclass(frozen=True)
class Worker:
    """Everything one service does by itself; `run` for a process, `settle` for a test."""

    service: Service
    tables: Tables
    answers: Mapping[str, Handlers]
    timers: TimerHandlers = field(default_factory=dict)
    loops: Sequence[Loop] = ()
    pace: Pace = STEADY

    @cached_property
    def relay(self) -> Relay:
        return Relay(self.service, self.tables, self.pace)

    @cached_property
    def readers(self) -> list[Reader]:
        return [
            Reader(Answers(self.service, self.tables, teller, handlers), self.pace)
            for teller, handlers in self.answers.items()
        ]

    @cached_property
    def due(self) -> Timers:
        return Timers(self.service, self.tables, self.timers, self.pace)

    async def run(self, stop: asyncio.Event, *beside: Coroutine[Any, Any, None]) -> None:
        """Work until `stop` is set; any loop's error ends all of them and is raised."""
        work = [self.relay.run(), self.due.run(), self._tidy()]
        work += [reader.run() for reader in self.readers]
        work += [_for_ever(loop, self.service) for loop in self.loops]
        await together(work, stop, beside=beside)

    def silent_for(self) -> float:
        """Seconds since the reader that looked longest ago looked."""
        now = monotonic()
        return max((now - reader.looked_at for reader in self.readers), default=0.0)

    async def settle_once(self) -> int:
        """Do what can be done now, without waiting; how much that was."""
        done = 0
        while told := await self.relay.tell():
            done += told
        for reader in self.readers:
            done += await read_all(reader.answers, reader.name)
            done += await reader.answers.retry_due()
        while await self.due.fire():
            done += 1
        return done

    async def _tidy(self) -> None:
        trimming = Trimming(self.service, self.tables, self.pace)
        while True:
            await rest(self.pace.tidy_every)
            with suppress(*REDIS_AWAY, ResponseError):
                await trimming.trim()
                for reader in self.readers:
                    await forget_readers(reader.answers)
            await trimming.prune()


async def _for_ever(loop: Loop, service: Service) -> None:
    """A loop that returns has failed, too."""
    await loop(service)
    raise RuntimeError(f"{getattr(loop, '__qualname__', loop)} ended by itself")


async def settle(*workers: Worker) -> int:
    """Until nothing is left to tell, answer, retry or fire; how much was done. For tests."""
    total = 0
    for _ in range(MOST_ROUNDS):
        done = [await worker.settle_once() for worker in workers]
        if not any(done):
            return total
        total += sum(done)
    raise RuntimeError(f"not settled after {MOST_ROUNDS} rounds")


def main(
    name: ServiceName,
    tables: Tables,
    *,
    answers: Mapping[str, Handlers],
    timers: TimerHandlers,
    loops: Sequence[Loop] = (),
) -> None:
    """`python -m services.<name>.worker`: run until SIGTERM, answer health checks on HEALTH_PORT."""
    import uvloop

    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    settings = Settings.for_service(name)

    async def process() -> None:
        service, stop = Service.open(name, settings), asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        worker = Worker(service, tables, answers, timers, loops)
        gc.collect()
        gc.freeze()  # what is loaded by now stays, and need not be looked through again
        try:
            port = settings.health_port
            await worker.run(stop, *([answer_health(worker, port)] if port else []))
        finally:
            await service.close()

    uvloop.run(process())
