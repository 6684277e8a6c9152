"""Whether a link to our own pages leads anywhere: asked as a reader without an account would ask.

Only our own origin is ever asked, and no redirect is followed: what the office types cannot make
this machine fetch an address of somebody's choosing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from enum import StrEnum
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Final
from urllib.parse import urlsplit

from services.notifications.issues.places import is_inside

ONE_SECONDS: Final = 3.0
ALL_SECONDS: Final = 6.0
AT_ONCE: Final = 4
MOST: Final = 60
"""More links than this nobody reads either; the rest goes unasked."""

SIGN_IN: Final = "/anmelden"


class Reached(StrEnum):
    """What our own server says about a page."""

    YES = "yes"
    GONE = "gone"
    """There is no such page."""
    SIGN_IN = "sign_in"
    """Only somebody with an account can open it."""
    UNKNOWN = "unknown"
    """Nobody answered in time."""


Ask = Callable[[str, Collection[str]], Awaitable[Mapping[str, Reached]]]


async def ask(origin: str, urls: Collection[str]) -> Mapping[str, Reached]:
    """What became of each of these pages of ours; what is not ours is left out unasked."""
    inside = [url for url in dict.fromkeys(urls) if is_inside(url, origin)]
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(url: str) -> Reached:
        async with turn:
            return await asyncio.to_thread(_ask, origin, url)

    tasks = {url: asyncio.create_task(one(url)) for url in inside[:MOST]}
    if tasks:
        await asyncio.wait(tasks.values(), timeout=ALL_SECONDS)
    for task in tasks.values():
        task.cancel()
    return dict.fromkeys(inside, Reached.UNKNOWN) | {
        url: task.result() for url, task in tasks.items() if task.done() and not task.cancelled()
    }


def _ask(origin: str, url: str) -> Reached:
    """One question without a cookie; the answer's body is not read."""
    home, rest = urlsplit(origin), urlsplit(url.removeprefix(origin) or "/")
    kind = HTTPSConnection if home.scheme == "https" else HTTPConnection
    path = (rest.path or "/") + (f"?{rest.query}" if rest.query else "")
    try:
        connection = kind(home.netloc, timeout=ONE_SECONDS)
        try:
            connection.request("HEAD", path, headers={"Accept": "text/html"})
            answer = connection.getresponse()
            return _meaning(answer.status, answer.getheader("Location") or "", origin)
        finally:
            connection.close()
    except (OSError, HTTPException, ValueError):
        return Reached.UNKNOWN


def _meaning(status: int, location: str, origin: str) -> Reached:
    if status in (401, 403) or location.removeprefix(origin).startswith(SIGN_IN):
        return Reached.SIGN_IN
    if status in (404, 410):
        return Reached.GONE
    return Reached.YES if status < 400 else Reached.UNKNOWN
