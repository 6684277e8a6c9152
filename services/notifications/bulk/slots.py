"""Places in an issue that differ from reader to reader.

Each is one character of Unicode's private use area; `without_slots` takes them out of everything
people typed, so that nobody can write one.
"""

import re
from typing import Final

SALUTATION: Final = "\ue000"
"""The greeting with the name, or without one where we know none: never empty."""
MANAGE_URL: Final = "\ue001"
UNSUBSCRIBE_URL: Final = "\ue002"

SLOTS: Final = (SALUTATION, MANAGE_URL, UNSUBSCRIBE_URL)

_PRIVATE: Final = re.compile("[\ue000-\uf8ff]")


def without_slots(text: str) -> str:
    """What somebody typed, unable to fill or fake a slot."""
    return _PRIVATE.sub("", text)
