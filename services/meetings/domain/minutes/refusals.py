"""What speaks against a step of the minutes."""

from collections.abc import Set
from enum import StrEnum


class MinutesStatus(StrEnum):
    DRAFT = "draft"
    CIRCULATED = "circulated"
    """Those who were there may object."""
    APPROVED = "approved"
    """Holds, and is public."""


class IllegalMove(Exception):
    """The minutes cannot go where they were told to go."""

    def __init__(self, status: MinutesStatus, to: MinutesStatus) -> None:
        super().__init__(f"minutes: {status} → {to}")
        self.status, self.to = status, to


class NobodyToAsk(Exception):
    """Nobody is known to have been there: the minutes are approved without asking."""


class NotHeldYet(Exception):
    """There is nothing to write minutes of: the session is still to come, or still on."""


class AlreadyApproved(Exception):
    """Approved minutes are never changed."""


class AlreadyAnswered(Exception):
    """Somebody has objected or agreed: the draft is not taken back any more."""


class OpenAmendments(Exception):
    """Each amendment is taken over or refused before the minutes are approved."""


class NotYetApprovable(Exception):
    """The date is not over and not all agreed: approving now needs a reason."""


class NamesUnconfirmed(Exception):
    """Names stand in what will be public; somebody has to say that they may."""

    def __init__(self, found: Set[str]) -> None:
        super().__init__(f"{len(found)} names in the public text")
        self.found = found


class WordsChanged(Exception):
    """Once circulated, words change by an amendment only; blanks may be set at any time."""

    def __init__(self, part: str) -> None:
        super().__init__("words of a circulated draft")
        self.part = part


class UnclosedBlank(Exception):
    """A double bracket has no partner: what was to be blanked would be published."""

    def __init__(self, part: str) -> None:
        super().__init__("a blank has one end only")
        self.part = part


class WasNotThere(Exception):
    """Only members who were there may object or agree."""


class TermOver(Exception):
    """The days to object are over, or the minutes are not up for it."""


class AmendmentClosed(Exception):
    """It was answered before."""


class NoAnswer(Exception):
    """Refusing an amendment needs a reason."""
