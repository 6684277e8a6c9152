"""Letters to one person go before a mass in the same process: while one is in hand, the mass waits."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Final

LONGEST_WAIT: Final = 0.1
"""Seconds a mass gives way at a time: a mail server that is slow to answer a letter stops nobody."""
LOOK: Final = 0.002

_in_hand: Counter[str] = Counter()


@contextmanager
def in_hand(database_url: str) -> Iterator[None]:
    """Somebody waits for what is done inside."""
    _in_hand[database_url] += 1
    try:
        yield
    finally:
        _in_hand[database_url] -= 1


async def give_way(database_url: str) -> None:
    """Returns once nothing urgent is in hand, or it took too long."""
    if not _in_hand[database_url]:
        return
    until = monotonic() + LONGEST_WAIT
    while _in_hand[database_url] and monotonic() < until:
        await asyncio.sleep(LOOK)
