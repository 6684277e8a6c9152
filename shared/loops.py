"""Running loops together: one fails, all end; none is ended in the middle of a transaction."""

import asyncio
from collections.abc import Coroutine, Iterable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Any, Final
from weakref import WeakSet

GRACE: Final = 5.0
"""Seconds a loop may take to come to rest before it is cancelled wherever it is."""
LOOK: Final = 0.05

_resting: WeakSet[asyncio.Task[Any]] = WeakSet()


@contextmanager
def resting() -> Iterator[None]:
    """Whatever the loop waits for inside, it may be ended while it does.

    Cancelling a driver in the middle of a statement leaves its connection in no known state
    (aiosqlite's then never closes), so loops say where nothing is under way.
    """
    task = asyncio.current_task()
    assert task is not None
    _resting.add(task)
    try:
        yield
    finally:
        _resting.discard(task)


async def rest(seconds: float, rung: asyncio.Event | None = None) -> None:
    """Sleep, or less when the bell rings; a loop's pause is the moment to end it."""
    with resting(), suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await (rung or asyncio.Event()).wait()


async def together(
    loops: Iterable[Coroutine[Any, Any, None]],
    stop: asyncio.Event,
    *,
    beside: Iterable[Coroutine[Any, Any, None]] = (),
) -> None:
    """Run until `stop` is set or one of them ends; what they raised is raised as a group.

    Those `beside` hold no transaction: they are cancelled at once when the others end.
    """
    tasks = [asyncio.create_task(loop) for loop in loops]
    others = [asyncio.create_task(one) for one in (stop.wait(), *beside)]
    try:
        await asyncio.wait([*tasks, *others], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for other in others:
            other.cancel()
        await end(*tasks)
        await asyncio.wait(others, timeout=GRACE)
    over = [task for task in (*tasks, *others) if task.done() and not task.cancelled()]
    if errors := [error for task in over if (error := task.exception()) is not None]:
        raise BaseExceptionGroup("a loop failed", errors)


async def end(*tasks: asyncio.Task[Any]) -> None:
    """Cancel each as soon as it rests, after a while wherever it is; return when all are over.

    Asked for again and again: in Python 3.11 `wait_for`, which redis-py uses, can swallow it.
    """
    patience = monotonic() + GRACE
    while pending := [task for task in tasks if not task.done()]:
        for task in pending:
            if task in _resting or monotonic() > patience:
                task.cancel()
        if monotonic() > patience:
            patience += GRACE
        await asyncio.wait(pending, timeout=LOOK)
