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

SHUT_OUT: Final = frozenset({530, 535})
"""The relay wants another password, or none of us at all: it is left alone for a while."""

MAILBOX_FULL: Final = "5.2.2"
TOO_BIG_FOR_THEM: Final = "5.3.4"

_ENHANCED: Final = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b")
"""Only where a server puts it, right behind the code: the rest of the line may hold anything."""

_ADDRESS: Final = re.compile(r"\S+@\S+")


@dataclass(frozen=True)
class Answer:
    """What the server said, or, with code None, how we lost it."""

    outcome: Outcome
    code: int | None
    text: str

    @property
    def status(self) -> str:
        """The enhanced status code, such as 5.1.1, or "" where the server gave none."""
        enhanced = _ENHANCED.match(self.text)
        return enhanced[1] if enhanced is not None else ""

    @property
    def no_such_address(self) -> bool:
        """The recipient's fault for good: later letters to this address are held back."""
        return self.outcome is Outcome.FAILED and self.status in NO_SUCH_ADDRESS

    @property
    def mailbox_full(self) -> bool:
        """The recipient's fault for now: three such answers hold later letters back."""
        failed = self.outcome is Outcome.FAILED
        return failed and (
            self.status == MAILBOX_FULL or (self.code == 552 and self.status in ("", "5.0.0"))
        )

    @property
    def refuses_us(self) -> bool:
        """Never the recipient's fault: what we send, or that we send it, is not wanted there."""
        failed = self.outcome is Outcome.FAILED
        return failed and (self.status.startswith("5.7.") or self.status == TOO_BIG_FOR_THEM)

    @property
    def too_fast(self) -> bool:
        """That domain wants less from us."""
        return self.outcome is Outcome.DEFERRED and self.status.startswith("4.7.")

    @property
    def shut_out(self) -> bool:
        """The relay does not let us in."""
        return self.code in SHUT_OUT


def understand(code: int, text: str) -> Answer:
    """The meaning of a reply to MAIL, RCPT, DATA or the final dot."""
    if code in NOT_OUR_SERVER:
        return Answer(Outcome.LOST, code, text)
    if 200 <= code < 300:
        return Answer(Outcome.SENT, code, text)
    if 500 <= code < 600:
        return Answer(Outcome.FAILED, code, text)
    return Answer(Outcome.DEFERRED, code, text)


def without_addresses(text: str) -> str:
    """What a server said, fit to be kept after the person is forgotten."""
    return _ADDRESS.sub("…", text)


def pause(*, tries: int, random: Random) -> timedelta:
    """How long to wait after the `tries`-th refusal."""
    planned = RETRIES[min(tries, len(RETRIES)) - 1]
    return planned * random.uniform(1 - SPREAD, 1 + SPREAD)


def short_pause(*, losses: int) -> timedelta:
    """How long a letter steps back after its connection was lost, so that others get ahead."""
    return timedelta(seconds=min(2 ** (losses - 1), 60))
