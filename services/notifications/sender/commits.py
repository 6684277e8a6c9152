"""One commit for what several connections have to say at the same moment."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from shared.outages import again_if_unlucky
from shared.store import Database

T = TypeVar("T")
Write = Callable[[AsyncSession], Awaitable[T]]


class _Waiting(Generic[T]):
    def __init__(self, write: Write[T]) -> None:
        self.write = write
        self.done: asyncio.Future[T] = asyncio.get_running_loop().create_future()


class GroupCommit:
    """Collects writes while a commit is under way and commits them together in the next one."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._waiting: list[_Waiting[object]] = []
        self._turn = asyncio.Lock()

    async def write(self, write: Write[T]) -> T:
        """Returns once the write is committed; raises what made the commit fail, to all in it."""
        mine: _Waiting[object] = _Waiting(write)
        self._waiting.append(mine)
        async with self._turn:
            if not mine.done.done():
                await self._commit()
        return mine.done.result()  # type: ignore[return-value]

    async def _commit(self) -> None:
        group, self._waiting = self._waiting, []
        results: list[object] = []

        async def once() -> None:
            nonlocal results
            async with self._db.begin() as session:
                results = [await waiting.write(session) for waiting in group]

        try:
            await again_if_unlucky(once)
        except BaseException as error:
            for waiting in group:
                _fail(waiting.done, error)
            raise
        for waiting, result in zip(group, results, strict=True):
            waiting.done.set_result(result)


def _fail(done: asyncio.Future[object], error: BaseException) -> None:
    """Everybody in the group hears why; who does not listen any more leaves no warning behind."""
    if isinstance(error, asyncio.CancelledError):
        done.cancel()
    else:
        done.set_exception(error)
        done.exception()
