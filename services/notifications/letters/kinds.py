"""Every letter we write: how urgent it is, how long it holds, what its headers promise."""

from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from typing import Final


class Priority(IntEnum):
    """Lower goes out first, at every claim."""

    URGENT = 0
    CASE = 1
    OFFICE = 2
    SUBSCRIBED = 3


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One letter's rules; its texts are in the folder of the same name."""

    name: str
    priority: Priority
    lives: timedelta = timedelta(days=14)
    """How long it may wait at most; what its event says earlier than that wins."""
    topic: str | None = None
    """Set on subscribed letters: they carry the list headers and need a living subscription."""
    secret: bool = False
    """Holds a link that opens something for whoever has it: its text is for the recipient alone."""

    @property
    def subscribed(self) -> bool:
        return self.topic is not None


KINDS: Final = {
    kind.name: kind
    for kind in (
        Kind(name="sign_in", priority=Priority.URGENT, secret=True),
        Kind(name="case_link", priority=Priority.URGENT, secret=True),
        Kind(name="account_invited", priority=Priority.URGENT, secret=True),
        Kind(name="draft_saved", priority=Priority.CASE, secret=True),
        Kind(name="application_received", priority=Priority.CASE),
        Kind(name="application_withdrawn", priority=Priority.CASE),
        Kind(name="case_session_postponed", priority=Priority.CASE),
        Kind(name="case_session_cancelled", priority=Priority.CASE),
        Kind(name="subscription_confirm", priority=Priority.CASE, secret=True),
        Kind(name="subscription_ended", priority=Priority.CASE, lives=timedelta(days=3)),
        Kind(name="office_new_application", priority=Priority.OFFICE),
        Kind(name="session_scheduled", priority=Priority.SUBSCRIBED, topic="sessions"),
        Kind(name="session_postponed", priority=Priority.SUBSCRIBED, topic="sessions"),
        Kind(name="session_cancelled", priority=Priority.SUBSCRIBED, topic="sessions"),
    )
}
