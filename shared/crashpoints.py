"""Named places where a fault test may kill the process; in production they do nothing."""

import os
import signal
from collections.abc import Callable
from typing import Final

POINTS: Final = frozenset(
    {
        "command.before_commit",
        "command.after_commit",
        "relay.before_commit",
        "relay.after_commit",
        "relay.before_publish",
        "relay.after_publish",
        "relay.after_mark",
        "consume.before_commit",
        "consume.after_commit",
        "consume.after_ack",
        "timer.before_commit",
        "timer.after_commit",
        "smtp.connect",
        "smtp.before_body",
        "smtp.after_body",
        "smtp.after_answer",
        "bulk.before_leave",
        "bulk.after_leave",
        "bulk.after_dot",
        "bulk.after_answer",
    }
)
"""Every step at which a lost process could lose or double something."""

_armed: dict[str, tuple[int, Callable[[], object]]] = {}


def die() -> None:
    """End this process as a power cut would: no handler, no flush, no goodbye."""
    os.kill(os.getpid(), signal.SIGKILL)


def arm(name: str, *, hit: int = 1, then: Callable[[], object] = die) -> None:
    """Do `then` when the point is reached for the `hit`-th time from now."""
    if name not in POINTS:
        raise ValueError(f"no crash point is called {name!r}")
    _armed[name] = (hit, then)


def reached(name: str) -> None:
    """Mark a step; costs one lookup in an empty dict unless a test armed it."""
    if not _armed or name not in _armed:
        return
    left, then = _armed[name]
    if left > 1:
        _armed[name] = (left - 1, then)
        return
    del _armed[name]
    then()
