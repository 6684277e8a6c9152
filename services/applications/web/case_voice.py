"""Sentences with sums and dates in the reader's language, safe to stand in a page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from markupsafe import Markup, escape

from shared.web import formats
from shared.web.i18n import translations


@dataclass(frozen=True)
class Voice:
    """How one reader is spoken to."""

    lang: str

    def gettext(self, sentence: str, /, **facts: Any) -> Markup:
        """Our sentence, filled with facts; those that are not markup are escaped."""
        return Markup(translations(self.lang).gettext(str(sentence))) % facts  # noqa: S704 - ours

    def ngettext(self, one: str, many: str, n: int, /, **facts: Any) -> Markup:
        """The form this language uses for n, with n in it as `num`."""
        said = translations(self.lang).ngettext(one, many, n)
        return Markup(said) % {"num": self.number(n), **facts}  # noqa: S704 - ours

    def euros(self, cents: int) -> Markup:
        return formats.isolated(formats.money(cents, self.lang))

    def number(self, value: int) -> Markup:
        return formats.isolated(formats.number(value, self.lang))

    def day(self, on: date) -> Markup:
        """Donnerstag, 17. Dezember 2026."""
        return escape(formats.date_long(on, self.lang))

    def date(self, on: date) -> Markup:
        """17. Dezember 2026."""
        return escape(formats.date_medium(on, self.lang))

    def clock(self, at: datetime) -> Markup:
        """18:00, as it is in Berlin."""
        return formats.isolated(formats.clock(at, self.lang))

    def said(self, text: str) -> Markup:
        """Somebody's own few words."""
        return formats.text(text)

    def code(self, text: str) -> Markup:
        """Numbers and codes, left to right."""
        return formats.isolated(text)

    def listed(self, parts: Iterable[Any]) -> Markup:
        """Parts of a sentence, one after the other."""
        joint = "، " if self.lang == "ar" else ", "
        return Markup(joint).join(escape(part) for part in parts)  # noqa: S704 - ours

    def together(self, sentences: Iterable[Any]) -> Markup:
        """Whole sentences, one after the other; empty ones are left out."""
        return Markup(" ").join(escape(one) for one in sentences if one)
