"""A piece of news as people read it, whatever it is about."""

from dataclasses import dataclass
from typing import Final

from shared.web.i18n import Lazy, lazy

DATE: Final = lazy("Alles zu diesem Termin")
FUND: Final = lazy("Zum Fonds")


@dataclass(frozen=True)
class Headline:
    """A piece of news: `quote` is the office's own text, in German, whatever the reader's language."""

    kicker: str
    title: str
    text: str
    path: str
    quote: str = ""
    more: Lazy = DATE
    """What the link to `path` says."""
