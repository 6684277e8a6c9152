"""A sender's connections: opened as they are needed, with growing pauses while it goes badly."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from ssl import SSLContext
from time import monotonic
from typing import Final

import aiosmtplib

from services.notifications.bulk.lane import Lane
from services.notifications.sender.conversation import Patience, Unreachable, greeted
from services.notifications.sender.schedule import Answer
from shared.service import Service

LETTERS_A_CONNECTION: Final = 1000
LONGEST_PAUSE: Final = 60.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Tools:
    """What every shift of a process works with."""

    service: Service
    patience: Patience
    random: Random
    connections: int
    tls: SSLContext | None
    stop: asyncio.Event


class Crew:
    """The lanes of one shift; `heard` is called with every answer that concerns the relay itself."""

    def __init__(self, tools: Tools, changed: asyncio.Event) -> None:
        self._tools, self._changed = tools, changed
        self.lanes: set[Lane] = set()
        self.shut_out: Answer | None = None
        """The relay does not let us in: why."""
        self._opening: set[asyncio.Task[None]] = set()
        self._troubles, self._not_before = 0, 0.0

    @property
    def busy(self) -> int:
        return sum(lane.busy for lane in self.lanes)

    @property
    def flying(self) -> list[Lane]:
        return [lane for lane in self.lanes if lane.flying is not None]

    def staff(self, waiting: int, make: Callable[[aiosmtplib.SMTP], Lane]) -> None:
        """Put idle lanes to work and open as many as there is work for."""
        for lane in [lane for lane in self.lanes if not lane.busy]:
            if lane.announced >= LETTERS_A_CONNECTION:
                self.lanes.discard(lane)
                lane.goodbye()
            elif waiting:
                lane.go_on()
        free = self._tools.connections - len(self.lanes)
        more = min(waiting, free) - len(self._opening)
        if monotonic() >= self._not_before:
            for _ in range(min(more, 1) if self._troubles else more):
                opening = asyncio.create_task(self._open(make))
                self._opening.add(opening)
                opening.add_done_callback(self._opening.discard)

    def watch(self) -> None:
        """Whoever keeps us waiting for too long is given up."""
        now = monotonic()
        for lane in list(self.lanes):
            if lane.deadline is not None and now > lane.deadline:
                lane.late()

    def went_well(self) -> None:
        self._troubles, self._not_before = 0, 0.0

    def gone(self, lane: Lane, answer: Answer) -> None:
        """A connection ended by itself."""
        self.lanes.discard(lane)
        self._trouble(answer)

    def dismiss(self, lane: Lane) -> None:
        """A connection we ended."""
        self.lanes.discard(lane)

    async def go_home(self) -> None:
        """No connection is opened any more, and those without an awaited answer are closed."""
        for opening in list(self._opening):
            opening.cancel()
        if self._opening:
            await asyncio.wait(self._opening)
        for lane in [lane for lane in self.lanes if lane.flying is None]:
            self.lanes.discard(lane)
            lane.goodbye() if lane.coming is None else lane.abort()

    async def _open(self, make: Callable[[aiosmtplib.SMTP], Lane]) -> None:
        tools = self._tools
        try:
            client = await greeted(tools.service.settings, tools.patience, tls=tools.tls)
        except Unreachable as error:
            log.warning("mail server not reachable, copies wait: %s", error)
            self._trouble(error.answer)
            return
        lane = make(client)
        self.lanes.add(lane)
        lane.take_over(client)
        lane.go_on()

    def _trouble(self, answer: Answer) -> None:
        """Nothing after the first; then 0.5, 1, 2, … seconds until the next connection."""
        if answer.shut_out:
            self.shut_out = answer
        self._troubles += 1
        if self._troubles > 1:
            pause = min(2.0 ** (self._troubles - 3), LONGEST_PAUSE)
            self._not_before = monotonic() + pause
        self._changed.set()
