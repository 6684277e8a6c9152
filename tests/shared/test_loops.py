"""Loops: they end together, loudly, and never in the middle of something."""

import asyncio
from time import monotonic

import pytest

from shared.loops import end, rest, together


async def test_one_that_fails_ends_all_and_is_raised() -> None:
    ended = []

    async def patient() -> None:
        try:
            await rest(60)
        finally:
            ended.append("patient")

    async def failing() -> None:
        await rest(0.01)
        raise ValueError("out of words")

    with pytest.raises(ExceptionGroup) as caught:
        await together([patient(), failing()], asyncio.Event())
    assert caught.group_contains(ValueError, match="out of words")
    assert ended == ["patient"]


async def test_a_loop_is_not_ended_in_the_middle_of_its_work() -> None:
    done, stop = [], asyncio.Event()

    async def working() -> None:
        while True:
            await asyncio.sleep(0.3)
            done.append("whole")
            await rest(60)

    running = asyncio.create_task(together([working()], stop))
    await asyncio.sleep(0.1)
    stop.set()
    await running
    assert done == ["whole"]


async def test_what_stands_beside_ends_at_once() -> None:
    stop, started = asyncio.Event(), monotonic()
    running = asyncio.create_task(together([], stop, beside=[asyncio.sleep(60)]))
    await asyncio.sleep(0.01)
    stop.set()
    await running
    assert monotonic() - started < 2


async def test_a_loop_that_swallows_its_end_is_asked_again() -> None:
    async def stubborn() -> None:
        for _ in range(3):
            try:
                await rest(60)
            except asyncio.CancelledError:
                continue

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await end(task)
    assert task.done()


async def test_a_ring_ends_the_rest() -> None:
    rung = asyncio.Event()
    asyncio.get_running_loop().call_later(0.05, rung.set)
    async with asyncio.timeout(5):
        await rest(60, rung)
