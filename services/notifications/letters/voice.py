"""How one language speaks in letters: its translations, and its dates, sums and numbers."""

import gettext
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from markupsafe import Markup

from shared.web import formats
from shared.web.brand import Brand
from shared.web.i18n import BINDING, direction

CATALOGUES: Final = Path(__file__).parent.parent / "locale"

LEFT_TO_RIGHT, AS_IT_STARTS, POP = "\u2066", "\u2068", "\u2069"
"""Unicode's isolates: what `<bdi>` is in HTML."""


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """The letters' translations; what is missing in them is said in German, never left out."""
    file = CATALOGUES / language / "LC_MESSAGES" / "letters.po"
    if not file.exists():
        return gettext.NullTranslations()
    compiled = BytesIO()
    with file.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@cache
def languages() -> tuple[str, ...]:
    """German, and every language that has a catalogue of letters."""
    folders = CATALOGUES.glob("*/LC_MESSAGES/letters.po")
    return (BINDING, *sorted(file.parent.parent.name for file in folders))


@dataclass(frozen=True)
class Voice:
    """The functions a template calls; numbers keep their direction inside any sentence."""

    language: str
    markup: bool

    def day(self, at: date) -> str:
        """Mittwoch, 9. Dezember 2026, as it is in Berlin."""
        said = formats.date_long(at, self.language)
        return Markup("<bdi>{}</bdi>").format(said) if self.markup else said

    def clock(self, at: datetime) -> str:
        """18:00, as it is in Berlin."""
        return self.number(formats.clock(at, self.language))

    def euros(self, cents: int) -> str:
        """1.100,00 €"""
        return self.number(formats.money(cents, self.language))

    def phone(self, brand: Brand) -> str:
        """The office's own, as people dial it, never torn apart at the end of a line."""
        number = formats.phone(brand.phone)
        if self.markup:
            return Markup('<bdi dir="ltr" style="white-space:nowrap">{}</bdi>').format(number)
        return self.number(number)

    def hours(self, brand: Brand) -> str:
        """Dienstag 10 bis 12 Uhr, Donnerstag 15 bis 18 Uhr"""
        days = formats.opening_hours(brand, self.language)
        return ("، " if direction(self.language) == "rtl" else ", ").join(days)

    def number(self, written: str) -> str:
        """Numbers, codes, addresses: left to right even in an Arabic sentence."""
        if self.markup:
            return Markup('<bdi dir="ltr">{}</bdi>').format(written)
        return self._isolated(LEFT_TO_RIGHT, written)

    def said(self, text: str) -> str:
        """What people wrote themselves: in the direction of its own first letter."""
        if self.markup:
            return Markup("<bdi>{}</bdi>").format(text)
        return self._isolated(AS_IT_STARTS, text)

    def words(self, text: str) -> str:
        """Somebody's longer text, line by line, each in its own direction."""
        if self.markup:
            return formats.paragraphs(text)
        return "\n".join(
            self.said(line.strip()) if line.strip() else "" for line in text.strip().splitlines()
        )

    def _isolated(self, mark: str, text: str) -> str:
        return f"{mark}{text}{POP}" if direction(self.language) == "rtl" else text
