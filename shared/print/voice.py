"""How one language speaks on paper: its sentences, dates and sums, each number in its own direction."""

import gettext as standard
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from shared.web import formats
from shared.web.brand import Brand
from shared.web.i18n import BINDING, direction

CATALOGUES: Final = Path(__file__).parent / "locale"

LEFT_TO_RIGHT, RIGHT_TO_LEFT, POP = "\u2066", "\u2067", "\u2069"
"""Unicode's isolates, what `<bdi>` is in HTML; the template makes nested directions of them."""

BREAK: Final = "\u200b"
LONGEST_WORD: Final = 40
PIECE: Final = 15

_TURNING: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
_BLANK_LINES: Final = re.compile(r"\n[ \t]*\n\s*")
_TOO_LONG: Final = re.compile(rf"[^\s{BREAK}]{{{LONGEST_WORD + 1},}}")
_JOINTS: Final = re.compile(r"(?<=\w[@._/])(?=\w)")
_LETTERS: Final = re.compile(r"\S*[^\W\d]\S*")
_PIECES: Final = re.compile(rf".{{{PIECE}}}(?=.)")


@cache
def catalogue(language: str) -> standard.NullTranslations:
    """The documents' translations; what is missing in them is said in German, never left out."""
    file = CATALOGUES / language / "LC_MESSAGES" / "print.po"
    if language not in languages() or language == BINDING:
        return standard.NullTranslations()
    compiled = BytesIO()
    with file.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return standard.GNUTranslations(compiled)


@cache
def languages() -> tuple[str, ...]:
    """German, and every language that has a catalogue of documents."""
    folders = CATALOGUES.glob("*/LC_MESSAGES/print.po")
    return (BINDING, *sorted(file.parent.parent.name for file in folders))


def known(language: str) -> str:
    """The language itself if documents speak it, else German."""
    return language if language in languages() else BINDING


def words(text: str) -> str:
    """Somebody's few words on one line; characters that would turn ours around are left out."""
    return breakable(" ".join(_TURNING.sub("", text).split()))


def passages(text: str) -> list[str]:
    """Somebody's longer text: blank lines part the paragraphs, lines stay lines."""
    plain = _TURNING.sub("", "\n".join(text.splitlines()))
    parts = [part.strip() for part in _BLANK_LINES.split(plain) if part.strip()]
    return [breakable(part) for part in parts]


def breakable(text: str) -> str:
    """Addresses may be broken at their joints, longer words anywhere: else they run off the paper."""
    text = _LETTERS.sub(lambda word: _JOINTS.sub(BREAK, word[0]), text)
    return _TOO_LONG.sub(lambda word: _PIECES.sub(rf"\g<0>{BREAK}", word[0]), text)


def starts(text: str) -> str:
    """`rtl` or `ltr`, by the first letter: what `dir=auto` is in HTML."""
    for letter in text:
        kind = unicodedata.bidirectional(letter)
        if kind in {"L", "R", "AL"}:
            return "ltr" if kind == "L" else "rtl"
    return "ltr"


@dataclass(frozen=True)
class Voice:
    """Sentences and formats in one language."""

    language: str

    @property
    def direction(self) -> str:
        return direction(self.language)

    def gettext(self, text: str, /, **facts: str) -> str:
        """Our own sentence, with facts that were formatted before."""
        return catalogue(self.language).gettext(text) % facts

    def ngettext(self, one: str, many: str, n: int, /) -> str:
        """The form this language uses for n, with n in it."""
        said = catalogue(self.language).ngettext(one, many, n)
        return said % {"num": self.number(str(n))}

    def day(self, on: date) -> str:
        """Mittwoch, 9. Dezember 2026, as it is in Berlin."""
        return formats.date_long(on, self.language)

    def date(self, on: date) -> str:
        """9. Dezember 2026."""
        return formats.date_medium(on, self.language)

    def moment(self, at: datetime) -> str:
        """9. Dezember 2026, 18:00."""
        joint = "، " if self.direction == "rtl" else ", "
        return f"{self.date(at)}{joint}{self.clock(at)}"

    def clock(self, at: datetime) -> str:
        """18:00, as it is in Berlin."""
        return self.number(formats.clock(at, self.language))

    def euros(self, cents: int) -> str:
        """1.100,00 €."""
        return self.number(formats.money(cents, self.language))

    def phone(self, brand: Brand) -> str:
        """The office's own, as people dial it."""
        return self.number(formats.phone(brand.phone).replace(" ", "\u00a0"))

    def hours(self, brand: Brand) -> str:
        """Dienstag 10 bis 12 Uhr, Donnerstag 15 bis 18 Uhr."""
        return self.listed(formats.opening_hours(brand, self.language))

    def listed(self, parts: Sequence[str]) -> str:
        """Parts of a sentence, one after the other."""
        return ("، " if self.direction == "rtl" else ", ").join(parts)

    def number(self, written: str) -> str:
        """Numbers, codes, addresses: left to right even in an Arabic sentence."""
        return self._isolated(LEFT_TO_RIGHT, written)

    def said(self, text: str) -> str:
        """What people wrote themselves, on one line: in the direction of its own first letter."""
        return self._isolated(_mark(text), words(text))

    def phrase(self, text: str) -> str:
        """Words of ours that stand on a line with others, in the direction of this language."""
        return self._isolated(_mark(text), text)

    def _isolated(self, mark: str, text: str) -> str:
        return f"{mark}{text}{POP}" if self.direction == "rtl" else text


def _mark(text: str) -> str:
    return RIGHT_TO_LEFT if starts(text) == "rtl" else LEFT_TO_RIGHT
