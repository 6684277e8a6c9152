"""Copies in memory: fetched block by block before they run out."""

import asyncio
from collections import deque
from collections.abc import Set
from functools import partial
from typing import Final

from services.notifications.bulk.contents import Contents
from services.notifications.bulk.copies import Block, Copy
from services.notifications.bulk.outages import until_done
from services.notifications.bulk.taking import Taken, Taker
from shared.service import Service

LOW: Final = 250
"""With fewer copies in memory the next block is fetched."""

LONG_ENOUGH: Final = 10_000
"""After so many another issue gets its turn."""

LIMITED_SECONDS: Final = 0.5


class Supply:
    """One issue's copies for one sender; `changed` rings when there is something new to know."""

    def __init__(
        self, service: Service, *, taker: Taker, contents: Contents, changed: asyncio.Event
    ) -> None:
        self._service, self._taker, self._contents = service, taker, contents
        self._changed, self._hungry = changed, asyncio.Event()
        self._waiting: deque[Copy] = deque()
        self._seen, self._closing = 0, False
        self.blocks: list[Block] = []
        self.dry = False
        """There is nothing more to fetch for now."""

    def __len__(self) -> int:
        return len(self._waiting)

    def next(self) -> Copy | None:
        """The next one; None does not mean that none will come."""
        if len(self._waiting) < LOW:
            self._hungry.set()
        return self._waiting.popleft() if self._waiting else None

    def back(self, copy: Copy) -> None:
        """Untouched: it goes first."""
        self._waiting.appendleft(copy)

    def without(self, ways: Set[str]) -> list[Copy]:
        """Take out what would go these ways."""
        out = [copy for copy in self._waiting if copy.way in ways]
        if out:
            self._waiting = deque(copy for copy in self._waiting if copy.way not in ways)
        return out

    async def run(self) -> None:
        """Until there is nothing more, or another issue's turn has come."""
        self._hungry.set()
        while self._seen < LONG_ENOUGH:
            await self._hungry.wait()
            self._hungry.clear()
            if self._closing:
                return
            taken = await until_done(self._take)
            self._seen += taken.seen
            self._waiting.extend(taken.copies)
            self._changed.set()
            if taken.limited:
                await asyncio.sleep(LIMITED_SECONDS)
            elif not taken.seen:
                break
            if len(self._waiting) < LOW:
                self._hungry.set()
        self.dry = True
        self._changed.set()

    async def close(self, running: asyncio.Task[None]) -> None:
        """No more; a statement under way is not cut off."""
        self._closing = True
        self._hungry.set()
        await asyncio.wait([running])

    async def begin(self, *, strays: bool) -> None:
        """What nobody's block holds, where that is all there is left."""
        if strays:
            taken = await until_done(partial(self._take, strays=True))
            self._waiting.extend(taken.copies)

    async def _take(self, *, strays: bool = False) -> Taken:
        at = self._service.clock.now()
        async with self._service.db.begin() as session:
            take = self._taker.strays if strays else self._taker.take
            taken = await take(session, at=at)
        if taken.block is not None:
            self.blocks.append(taken.block)
        missing = {copy.language for copy in taken.copies} - set(self._contents.compiled)
        if missing:
            async with self._service.db.read() as session:
                await self._contents.prepare(session, missing)
        return taken

    async def put_off(self, copies: list[Copy]) -> None:
        """Their provider wants less: they wait for their turn there."""
        at = self._service.clock.now()
        async with self._service.db.begin() as session:
            for way in sorted({copy.way for copy in copies}):
                numbers = [copy.number for copy in copies if copy.way == way]
                await self._taker.put_off(session, way, numbers, at=at)
