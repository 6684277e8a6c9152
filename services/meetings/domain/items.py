"""What an item of an agenda can be, where it may go, and what stands against it."""

from collections.abc import Set
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class ItemStatus(StrEnum):
    OPEN = "open"
    RESOLVED = "resolved"
    REMOVED = "removed"


class Outcome(StrEnum):
    """How an application left an agenda."""

    GRANTED = "granted"
    REJECTED = "rejected"
    DEFERRED = "deferred"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    INADMISSIBLE = "inadmissible"
    SESSION_CANCELLED = "session_cancelled"
    NOT_FOR_BOARD = "not_for_board"
    DECIDED = "decided"
    """A sentence that is about no application was accepted."""
    DONE = "done"
    """Dealt with, without a decision."""


class ItemKind(StrEnum):
    """What an item of an agenda is about."""

    APPLICATION = "application"
    DISCUSSION = "discussion"
    REPORT = "report"
    FOLLOW_UP = "follow_up"
    """What was decided and is still to be done."""
    OTHER = "other"


ITEM_MOVES: Final[dict[ItemStatus, Set[ItemStatus]]] = {
    ItemStatus.OPEN: {ItemStatus.RESOLVED, ItemStatus.REMOVED}
}
"""Where each status may lead; one that is missing here is final."""


class ItemClosed(Exception):
    """Nothing can be done about this item any more."""

    def __init__(self, status: ItemStatus, to: ItemStatus) -> None:
        super().__init__(f"agenda item: {status} → {to}")
        self.status, self.to = status, to


USUAL_MINUTES: Final[dict[ItemKind, int]] = {
    ItemKind.APPLICATION: 10,
    ItemKind.DISCUSSION: 15,
    ItemKind.REPORT: 5,
    ItemKind.FOLLOW_UP: 10,
    ItemKind.OTHER: 5,
}
"""How long an item takes as long as the office planned nothing else."""

AFTERWARDS: Final = 1000
"""Places from here on lie behind the applications: who is admitted later comes before them."""


class NotOurOwn(Exception):
    """An application comes and goes by its own rules; the office cannot write or remove it here."""


class NotYetMeeting(Exception):
    """Votes are recorded on the session's day or after it."""


class AskedInWriting(Exception):
    """The members are deciding about it in writing; no session votes meanwhile."""


class AwaitsAnswer(Exception):
    """The last vote is not answered yet: another one would be about money nobody knows of."""


@dataclass(frozen=True, kw_only=True)
class OwnWords:
    """What the office writes about an item that is about no application."""

    kind: ItemKind
    title: str
    text: str = ""
    minutes: int | None = None

    def __post_init__(self) -> None:
        if self.kind is ItemKind.APPLICATION:
            raise NotOurOwn
