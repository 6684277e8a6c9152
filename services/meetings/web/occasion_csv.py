"""Who comes as a table that a spreadsheet opens: names and numbers, never how to reach anybody."""

import csv
import io
from collections.abc import Callable, Sequence
from typing import Final

from services.meetings.domain.occasions import Registration
from services.meetings.occasion_words import REGISTERED
from shared.web.i18n import lazy

BOM: Final = b"\xef\xbb\xbf"
"""Without it Excel reads umlauts wrong."""

FORMULA: Final = tuple("=+-@\t\r\n＝＋－＠")
"""What a spreadsheet takes for the beginning of a formula, full-width forms too."""

HEADS: Final = (
    lazy("Nummer"),
    lazy("Name"),
    lazy("Personen"),
    lazy("Stand"),
    lazy("Braucht"),
    lazy("Gekommen"),
)


def as_csv(registrations: Sequence[Registration], gettext: Callable[[str], str]) -> bytes:
    """One line each, in the order of the page."""
    written = io.StringIO()
    lines = csv.writer(written, delimiter=";", lineterminator="\r\n")
    lines.writerow([gettext(str(head)) for head in HEADS])
    yes = gettext("Ja")
    for one in registrations:
        standing = gettext(str(REGISTERED[one.status]))
        came = yes if one.arrived else ""
        lines.writerow(
            [one.number, harmless(one.name), one.people, standing, harmless(one.needs), came]
        )
    return BOM + written.getvalue().encode()


def harmless(text: str) -> str:
    """People's words as words: what would be a formula gets a quote before it."""
    begins = any(bare.startswith(FORMULA) for bare in (text.lstrip(" "), text.lstrip()))
    return f"'{text}" if begins else text
