"""What people type into fields, and the values it stands for."""

import re
import unicodedata
from datetime import date, time
from typing import Annotated, Any, Final

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

MOST_CENTS: Final = 99_999_999_99
LONGEST_LINE: Final = 200
LONGEST_TEXT: Final = 2_000

_SPACES: Final = re.compile(r"[\s'’_]+")
_MONEY: Final = re.compile(
    r"\d{1,3}(?P<mark>[.,])\d{3}(?:(?P=mark)\d{3})*(?:(?!(?P=mark))[.,]\d{1,2})?"
    r"|\d+(?:[.,]\d{1,2})?"
)
_GERMAN_DATE: Final = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})")
_ISO_DATE: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_TIME: Final = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?(?::\d{2})?(?:uhr|h)?")
_PHONE: Final = re.compile(r"\+?\d{5,15}")
_UNSEEN: Final = re.compile("[\u202a-\u202e\u2066-\u2069\ufeff]")


def refusal(kind: str, **facts: Any) -> PydanticCustomError:
    """An error that `complaints` has a sentence for; `kind` is one of its keys."""
    return PydanticCustomError(kind, kind, facts or None)


def clean(text: str) -> str:
    """As stored: NFC, plain line ends, no marks that turn the reading direction, no outer blanks."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    return _UNSEEN.sub("", text).strip()


def has_control_characters(text: str) -> bool:
    """NUL, escape sequences, what is no character at all: no keyboard types them, XML refuses them."""
    return any(
        (unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t") or _is_no_character(c)
        for c in text
    )


def _is_no_character(c: str) -> bool:
    return ord(c) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(c) <= 0xFDEF


def readable(value: Any) -> Any:
    """The same text whether a form or a program sent it; anything but text as it is."""
    if isinstance(value, str) and has_control_characters(value):
        raise refusal("control_characters")
    return clean(value) if isinstance(value, str) else value


def western_digits(text: str) -> str:
    """Digits of any script as 0 to 9, with the Arabic separators as comma and dot."""
    text = text.replace("\u066b", ",").replace("\u066c", ".")
    return "".join(str(unicodedata.digit(c)) if c.isdigit() and c.isdecimal() else c for c in text)


def cents(value: Any) -> Any:
    """`1.100`, `1100,00`, `1 100,5 €` → 110000, 110000, 110050."""
    if not isinstance(value, str):
        return value
    text = re.sub("(?i)€|eur(o)?", "", _SPACES.sub("", western_digits(value)))
    if not _MONEY.fullmatch(text) or re.fullmatch(r"\d{1,3},\d{3}", text):
        raise refusal("money")
    whole, point, fraction = _split_money(text)
    amount = int(whole) * 100 + int(fraction.ljust(2, "0")) if point else int(whole) * 100
    if amount > MOST_CENTS:
        raise refusal("money_too_much")
    return amount


def _split_money(text: str) -> tuple[str, str, str]:
    """Whole euros, the decimal mark if there is one, and its digits."""
    last = max(text.rfind(","), text.rfind("."))
    digits_behind = len(text) - last - 1
    if last < 0 or digits_behind == 3:
        return re.sub("[.,]", "", text), "", ""
    return re.sub("[.,]", "", text[:last]), text[last], text[last + 1 :]


def day(value: Any) -> Any:
    """`2026-12-09`, `9.12.2026`, `9.12.26` → the date."""
    if not isinstance(value, str):
        return value
    text = _SPACES.sub("", western_digits(value))
    if iso := _ISO_DATE.fullmatch(text):
        year, month, of_month = iso.groups()
    elif german := _GERMAN_DATE.fullmatch(text):
        of_month, month, year = german.groups()
        year = year if len(year) == 4 else f"20{year}"
    else:
        raise refusal("date")
    try:
        return date(int(year), int(month), int(of_month))
    except ValueError:
        raise refusal("no_such_date") from None


def time_of_day(value: Any) -> Any:
    """`18:30`, `18.30 Uhr`, `18` → the time."""
    if not isinstance(value, str):
        return value
    typed = _TIME.fullmatch(_SPACES.sub("", western_digits(value)).lower())
    if typed is None:
        raise refusal("time")
    hour, minute = int(typed[1]), int(typed[2] or 0)
    if hour > 23 or minute > 59:
        raise refusal("time")
    return time(hour, minute)


def email(value: str) -> str:
    """The address in its usual spelling; nothing is asked of the network."""
    try:
        checked = validate_email(value, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise refusal("email") from None
    return checked.normalized


def phone(value: str) -> str:
    """`05361 12 34-5` → `+49536112345`: the country is Germany unless the number says."""
    number = re.sub(r"[\s()/.\-–]+", "", western_digits(value))
    if not _PHONE.fullmatch(number):
        raise refusal("phone")
    if number.startswith("00"):
        return f"+{number[2:]}"
    return f"+49{number[1:]}" if number.startswith("0") else number


def one_line(value: str) -> str:
    if "\n" in value:
        raise refusal("one_line")
    return value


Cents = Annotated[int, BeforeValidator(cents), Field(ge=0, le=MOST_CENTS)]
"""Money as typed → integer cents, not negative."""

Day = Annotated[date, BeforeValidator(day)]
TimeOfDay = Annotated[time, BeforeValidator(time_of_day)]

Line = Annotated[
    str, StringConstraints(min_length=1, max_length=LONGEST_LINE), AfterValidator(one_line)
]
"""One line of text: a name, a title."""

Text = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TEXT)]
"""Several lines of text."""

Email = Annotated[
    str, StringConstraints(max_length=254), AfterValidator(one_line), AfterValidator(email)
]
Phone = Annotated[str, StringConstraints(max_length=40), AfterValidator(phone)]
