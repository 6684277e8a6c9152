"""Subscribers as a table to take away, piece by piece as it is read."""

import csv
import io
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import Any, Final

from services.notifications.pages import words
from shared.clock import BERLIN
from shared.web.i18n import lazy

FORMULA: Final = tuple("=+-@\t\r\n＝＋－＠")
"""What a spreadsheet takes for the beginning of a formula, full-width forms too."""

Say = Callable[[str], str]
HEADING: Final = (
    lazy("E-Mail"),
    lazy("Name"),
    lazy("Sprache"),
    lazy("Themen"),
    lazy("Handlungsfelder"),
    lazy("Veranstaltungen"),
    lazy("Wie oft"),
    lazy("Zugestimmt am"),
)


async def as_csv(pieces: AsyncIterator[Sequence[Any]], say: Say) -> AsyncIterator[bytes]:
    """As Excel opens it in Germany; the heading comes first, also when nobody is there."""
    yield b"\xef\xbb\xbf" + _joined([[say(title) for title in HEADING]])
    async for rows in pieces:
        yield _joined(_line(row, say) for row in rows)


def harmless(text: str) -> str:
    """People's words as words: what a spreadsheet would take for a formula gets a quote before it."""
    begins = any(bare.startswith(FORMULA) for bare in (text.lstrip(" "), text.lstrip()))
    return f"'{text}" if begins else text


def _line(row: Any, say: Say) -> list[str]:
    cells = (
        row.address or "",
        row.name,
        row.language,
        ", ".join(row.topics),
        ", ".join(say(words.FIELD.get(code, code)) for code in row.fields),
        ", ".join(say(words.OCCASION_KIND.get(kind, kind)) for kind in row.occasion_kinds),
        say(words.FREQUENCY[row.frequency]),
        f"{row.confirmed_at.astimezone(BERLIN):%d.%m.%Y %H:%M}" if row.confirmed_at else "",
    )
    return [harmless(cell) for cell in cells]


def _joined(lines: Iterable[Sequence[str]]) -> bytes:
    written = io.StringIO()
    csv.writer(written, delimiter=";", lineterminator="\r\n").writerows(lines)
    return written.getvalue().encode()
