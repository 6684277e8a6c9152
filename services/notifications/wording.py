"""One reader's language for texts made outside templates: feeds, calendars, headlines."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from babel.dates import format_date
from starlette.requests import Request

from shared.clock import BERLIN
from shared.web import formats
from shared.web.i18n import BINDING, LANGUAGES, direction, locale_of, translations


@dataclass(frozen=True)
class Wording:
    """Sentences and dates in `lang`; dates are those of Berlin."""

    lang: str

    @property
    def gettext(self) -> Callable[[str], str]:
        """The `_` of this language."""
        return translations(self.lang).gettext

    def name(self, text: str) -> str:
        """Somebody's own words in a sentence of ours: they keep their direction, and it its own."""
        return f"\u2068{text}\u2069" if direction(self.lang) == "rtl" else text

    def number(self, written: str) -> str:
        """A number or code: left to right in any sentence."""
        return f"\u2066{written}\u2069" if direction(self.lang) == "rtl" else written

    def money(self, cents: int) -> str:
        """650 €; cents are said where there are any."""
        return self.number(formats.money(cents, self.lang, decimals=0))

    def day(self, moment: datetime) -> str:
        """9. Dezember 2026."""
        return formats.date_medium(moment, self.lang)

    def weekday(self, moment: datetime) -> str:
        """Mittwoch, 9. Dezember 2026."""
        return formats.date_long(moment, self.lang)

    def month(self, moment: datetime) -> str:
        """Dezember 2026."""
        return format_date(moment.astimezone(BERLIN), "LLLL y", locale=locale_of(self.lang))

    def time(self, moment: datetime) -> str:
        """18:00."""
        return formats.clock(moment, self.lang)


def wording_of_address(request: Request) -> Wording:
    """By `?lang=` alone: what programs fetch says the same to everybody."""
    asked = request.query_params.get("lang", "")
    return Wording(asked if asked in LANGUAGES else BINDING)
