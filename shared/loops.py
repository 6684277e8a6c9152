"""Running loops together: one fails, all end; an end that was asked for really comes."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, Final

ASK_AGAIN: Final = 4.0
"""Seconds: in Python 3.11 `wait_for`, which redis-py uses, can swallow a cancellation."""


async def together(loops: Iterable[Coroutine[Any, Any, None]], stop: asyncio.Event) -> None:
    """Run until `stop` is set or one of them ends; what they raised is raised as a group."""
    tasks = [asyncio.create_task(loop) for loop in loops]
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([*tasks, stopping], return_when=asyncio.FIRST_COMPLETED)
    finally:
        await end(*tasks, stopping)
    raised = [task.exception() for task in tasks if not task.cancelled()]
    if errors := [error for error in raised if error is not None]:
        raise BaseExceptionGroup("a loop failed", errors)


async def end(*tasks: asyncio.Task[Any]) -> None:
    """Cancel these and return when they are over, however often that has to be asked for."""
    while pending := [task for task in tasks if not task.done()]:
        for task in pending:
            task.cancel()
        await asyncio.wait(pending, timeout=ASK_AGAIN)
