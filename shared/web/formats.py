"""Sums, numbers, dates as each language writes them; digits keep their direction in any sentence."""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from functools import wraps
from typing import Any, Final

from babel.dates import format_date, format_time, get_day_names
from babel.numbers import format_decimal, format_percent
from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from shared.clock import BERLIN
from shared.web.brand import Brand, Hours
from shared.web.i18n import BINDING, locale_of, translations

LIKE_GERMAN: Final = {"ar": "de"}
"""Readers of Arabic meet the same sums on German receipts: digits and marks stay as they are there."""

OFFICE_DATES: Final = {
    "de": "EEE, d. MMM",
    "en": "EEE d MMM",
    "ar": "EEEE d MMM",
    "pl": "EEE, d MMM",
    "ru": "EEE, d MMM",
    "tr": "d MMM EEE",
}
_UNITS: Final = ("kB", "MB", "GB")
_KEPT_PHONE: Final = re.compile(r"\+\d{7,15}")
_THREE_DIGITS: Final = re.compile(r"\d{3}(?=\d)")
_PARAGRAPHS: Final = re.compile(r"\n[ \t]*\n\s*")


def isolated(written: object) -> Markup:
    """Numbers, codes, addresses: left to right even in an Arabic sentence."""
    return Markup('<bdi dir="ltr" class="sb-num">{}</bdi>').format(written)


def money(cents: int, lang: str, *, decimals: int = 2) -> str:
    """110000 → "1.100,00 €"; `decimals=0` where whole euros are said, never to round a sum away."""
    amount = Decimal(cents) / 100
    digits = decimals if amount == amount.to_integral() else 2
    pattern = "#,##0.00" if digits else "#,##0"
    written = format_decimal(amount, pattern, locale=_numbers(lang))
    return f"€{written}" if lang == "en" else f"{written}\u00a0€"


def number(value: Decimal | float, lang: str, *, decimals: int | None = None) -> str:
    """1100 → "1.100"."""
    pattern = None if decimals is None else "#,##0" + ("." + "0" * decimals) * bool(decimals)
    return format_decimal(value, pattern, locale=_numbers(lang))


def percent(share: float, lang: str) -> str:
    """0.375 → "38 %"."""
    return format_percent(share, locale=_numbers(lang))


def filesize(size: int, lang: str) -> str:
    """1_234_567 → "1,2 MB"; anything at all is at least 0,1 kB."""
    amount, unit = max(size / 1000, 0.1 if size else 0.0), 0
    while amount >= 999.5 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    pattern = "0.#" if amount < 10 else "0"
    written = format_decimal(Decimal(str(round(amount, 1))), pattern, locale=_numbers(lang))
    return f"{written}\u00a0{_UNITS[unit]}"


def date_long(value: date, lang: str) -> str:
    """Donnerstag, 17. Dezember 2026, as it is in Berlin."""
    return format_date(_in_berlin(value), "full", locale=locale_of(lang))


def date_medium(value: date, lang: str) -> str:
    """17. Dezember 2026."""
    return format_date(_in_berlin(value), "long", locale=locale_of(lang))


def date_short(value: date, lang: str) -> str:
    """Do, 17. Dez.: how the office's lists say it."""
    text = format_date(_in_berlin(value), OFFICE_DATES.get(lang, "medium"), locale=locale_of(lang))
    return text.replace(".,", ",")


def clock(value: datetime | time, lang: str) -> str:
    """18:00, as it is in Berlin, in every language; the day's last second is said as 24:00."""
    there = value if isinstance(value, time) else _in_berlin(value)
    if (there.hour, there.minute, there.second) == (23, 59, 59):
        return "24:00"
    return format_time(there, "HH:mm", locale=_numbers(lang))


def date_time(value: datetime, lang: str) -> str:
    """17. Dezember 2026, 18:00."""
    joint = "، " if lang == "ar" else ", "
    return f"{date_medium(value, lang)}{joint}{clock(value, lang)}"


def month(value: date, lang: str) -> str:
    """Dez: the short month on a calendar leaf."""
    return format_date(_in_berlin(value), "LLL", locale=locale_of(lang)).rstrip(".")


def phone(written: str, lang: str = BINDING) -> str:
    """As the office wrote it; a number kept as +49… gets gaps to be read by."""
    if not _KEPT_PHONE.fullmatch(written):
        return written
    known = f"0{written[3:]}" if written.startswith("+49") else f"00{written[1:]}"
    return _THREE_DIGITS.sub(r"\g<0> ", known)


def iban_masked(iban: str, lang: str = BINDING) -> str:
    """DE•• •••• •••• 4711."""
    plain = "".join(iban.split())
    return f"{plain[:2]}•• •••• •••• {plain[-4:]}"


def hours_of(day: Hours, lang: str) -> str:
    """Dienstag 10 bis 12 Uhr."""
    name = get_day_names("wide", locale=locale_of(lang))[day.weekday]
    sentence = translations(lang).gettext("%(day)s %(opens)s bis %(closes)s Uhr")
    return sentence % {"day": name, "opens": _hour(day.opens), "closes": _hour(day.closes)}


def opening_hours(brand: Brand, lang: str) -> list[str]:
    """One line for each day the office is open."""
    return [hours_of(day, lang) for day in brand.hours]


def days_until(value: date, now: datetime) -> int:
    """Whole days of the calendar in Berlin from now; negative once it is past."""
    return (_as_day(value) - _as_day(now)).days


def typed_money(value: object) -> str:
    """What a money field shows again: what was typed, or cents as "1.100,00"."""
    if isinstance(value, int) and not isinstance(value, bool):
        return format_decimal(Decimal(value) / 100, "#,##0.00", locale=BINDING)
    return "" if value is None else str(value)


def typed_date(value: object) -> str:
    """What a date field shows again: what was typed, a date as 9.12.2026."""
    text = value.isoformat() if isinstance(value, date) else "" if value is None else str(value)
    iso = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", text[:10])
    return f"{int(iso[3])}.{int(iso[2])}.{iso[1]}" if iso else text


def typed_time(value: object) -> str:
    """What a time field shows again: 18:30, without seconds nobody typed."""
    text = value.isoformat() if isinstance(value, time) else "" if value is None else str(value)
    return text[:5] if re.fullmatch(r"\d\d:\d\d:\d\d", text) else text


def text(value: str) -> Markup:
    """A few words of somebody's own, in the direction of their script."""
    return Markup("<bdi>{}</bdi>").format(value)


def paragraphs(value: str) -> Markup:
    """Somebody's longer text: blank lines part paragraphs, each in its own direction."""
    parts = [part.strip() for part in _PARAGRAPHS.split(value.strip()) if part.strip()]
    lines = [Markup("<br>").join(escape(line) for line in part.splitlines()) for part in parts]
    return Markup("").join(Markup('<p dir="auto">{}</p>').format(part) for part in lines)


def install(environment: Environment) -> None:
    """Every format as a function and as a filter of the templates, in the page's language."""
    for name, function in _for_pages():
        environment.globals[name] = function
        environment.filters[name] = function
    environment.globals["opening_hours"] = _opening_hours
    environment.globals["days_until"] = _days_until
    for plain in (typed_money, typed_date, typed_time, text, paragraphs, isolated):
        environment.globals[plain.__name__] = plain
        environment.filters[plain.__name__] = plain


def _for_pages() -> Iterator[tuple[str, Callable[..., Markup]]]:
    numeric = (money, number, percent, filesize, phone, iban_masked)
    for function in numeric:
        yield function.__name__, _spoken(function, lambda _value, said: isolated(said))
        yield (
            f"{function.__name__}_plain",
            _spoken(function, lambda _value, said: Markup.escape(said)),
        )
    for name in ("time", "clock"):
        yield name, _spoken(clock, lambda _value, said: isolated(said))
    for name, in_words in _DATES.items():
        yield name, _spoken(in_words, _dated)
        yield f"{name}_plain", _spoken(in_words, lambda _value, said: Markup.escape(said))


def _spoken(
    function: Callable[..., str], shown: Callable[[Any, str], Markup]
) -> Callable[..., Markup]:
    @wraps(function)
    def in_page(context: Context, value: Any, /, *options: Any, **named: Any) -> Markup:
        if options:
            named["decimals"] = options[0]
        return shown(value, function(value, _lang(context), **named))

    return pass_context(in_page)


def _dated(value: date, said: str) -> Markup:
    moment = _in_berlin(value).isoformat() if isinstance(value, datetime) else value.isoformat()
    return Markup('<time datetime="{}">{}</time>').format(moment, said)


@pass_context
def _opening_hours(context: Context) -> list[str]:
    return opening_hours(context["brand"], _lang(context))


@pass_context
def _days_until(context: Context, value: date) -> int:
    return days_until(value, context["now"])


def _lang(context: Context) -> str:
    return str(context.get("lang", BINDING))


def _numbers(lang: str) -> str:
    return LIKE_GERMAN.get(lang, locale_of(lang))


def _hour(at: time) -> str:
    return at.strftime("%H:%M") if at.minute else str(at.hour)


def _in_berlin(value: Any) -> Any:
    return value.astimezone(BERLIN) if isinstance(value, datetime) and value.tzinfo else value


def _as_day(value: date) -> date:
    there = _in_berlin(value)
    return there.date() if isinstance(there, datetime) else value


_DATES: Final[dict[str, Callable[..., str]]] = {
    "date_long": date_long,
    "date_medium": date_medium,
    "date_short": date_short,
    "date_time": date_time,
    "datetime": date_time,
    "month": month,
}
