"""A bell per database: rung after a commit that left something to tell, heard within this process."""

import asyncio
from collections import defaultdict

CHANNEL = "stadtteilbote_outbox"
"""The same bell between processes, as PostgreSQL's NOTIFY carries it."""


class Bell:
    """Wakes whoever waits in this process, from any thread or loop; rings unheard are remembered."""

    def __init__(self) -> None:
        self._listeners: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}

    def listen(self) -> asyncio.Event:
        """An event that every ring sets; its owner clears it."""
        rung = asyncio.Event()
        self._listeners[rung] = asyncio.get_running_loop()
        return rung

    def leave(self, rung: asyncio.Event) -> None:
        """Stop listening."""
        self._listeners.pop(rung, None)

    def ring(self) -> None:
        """Wake all listeners; those whose loop has ended are forgotten."""
        for rung, loop in list(self._listeners.items()):
            if loop.is_closed():
                self.leave(rung)
            else:
                loop.call_soon_threadsafe(rung.set)


_bells: defaultdict[str, Bell] = defaultdict(Bell)


def bell_of(database_url: str) -> Bell:
    """The one bell of a database in this process, however often it is opened."""
    return _bells[database_url]
