"""Words the public does not get to read: between double square brackets."""

import re
from typing import Final

from services.meetings.domain.minutes.refusals import UnclosedBlank

BLANK: Final = re.compile(r"\[\[(.*?)\]\]", re.DOTALL)
"""Words the public does not get to read."""

MARK: Final = "▒▒▒"
"""What stands in their place."""


def written(text: str) -> str:
    """The text with every blank's words."""
    return BLANK.sub(r"\1", text)


def public(text: str) -> str:
    """The text as everybody may read it."""
    return BLANK.sub(MARK, text)


def check_blanks(part: str, text: str) -> None:
    """Raises UnclosedBlank for a bracket without its partner."""
    left = BLANK.sub("", text)
    if "[[" in left or "]]" in left:
        raise UnclosedBlank(part)
