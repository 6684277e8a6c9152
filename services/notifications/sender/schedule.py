"""What a server's answer means for a letter, and when to try again."""

import re
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Final

from services.notifications.domain.letter import Outcome

RETRIES: Final = tuple(
    timedelta(minutes=minutes) for minutes in (5, 15, 60, 3 * 60, 6 * 60, 12 * 60)
)
"""The pauses after the first, second, ... refusal; the last one repeats until the letter expires."""

SPREAD: Final = 0.2
"""Each pause is made this much shorter or longer, so that letters do not come back as one crowd."""

LOSSES_AT_ONCE: Final = 8
"""So many losses in a row are retried without counting; then they count like a refusal."""

NO_SUCH_ADDRESS: Final = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"})
"""Enhanced status codes that say the address itself takes nothing."""

NOT_OUR_SERVER: Final = frozenset({421, 530, 535})
"""Closing, or refusing us before it looked at the letter: the letter is not at fault."""

_ENHANCED: Final = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")


@dataclass(frozen=True)
class Answer:
    """What the server said, or, with code None, how we lost it."""

    outcome: Outcome
    code: int | None
    text: str

    @property
    def no_such_address(self) -> bool:
        """The recipient's fault for good: later letters to this address are held back."""
        enhanced = _ENHANCED.search(self.text)
        return (
            self.outcome is Outcome.FAILED
            and enhanced is not None
            and enhanced[1] in NO_SUCH_ADDRESS
        )


def understand(code: int, text: str) -> Answer:
    """The meaning of a reply to MAIL, RCPT, DATA or the final dot."""
    if code in NOT_OUR_SERVER:
        return Answer(Outcome.LOST, code, text)
    if 200 <= code < 300:
        return Answer(Outcome.SENT, code, text)
    if 500 <= code < 600:
        return Answer(Outcome.FAILED, code, text)
    return Answer(Outcome.DEFERRED, code, text)


def pause(*, tries: int, random: Random) -> timedelta:
    """How long to wait after the `tries`-th refusal."""
    planned = RETRIES[min(tries, len(RETRIES)) - 1]
    return planned * random.uniform(1 - SPREAD, 1 + SPREAD)


def short_pause(*, losses: int) -> timedelta:
    """How long a letter steps back after its connection was lost, so that others get ahead."""
    return timedelta(seconds=min(2 ** (losses - 1), 60))
