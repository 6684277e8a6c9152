"""Answers as a page shows them: the same rows for a draft, a case and the office."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import phonenumbers
from pydantic_core import PydanticCustomError

from services.applications.domain import Rules
from services.applications.domain.answers import Answers
from services.applications.domain.check import PARTS
from services.applications.web.fields import LABELS, STEPS, Step
from services.applications.web.words import APPLICANTS, FUNDING, OTHERS
from shared.web.fields import cents, day
from shared.web.i18n import LANGUAGES, lazy

READERS: Final[Mapping[str, tuple[Any, str]]] = {
    "starts_on": (day, "date"),
    "ends_on": (day, "date"),
    "asked_cents": (cents, "money"),
}
"""What reads the typed text, and the format of what it read."""

TICKS: Final = frozenset({"not_begun", "privacy", "newsletter"})
LONG: Final = ("aim", "plan", "target_group", "benefit", "other_applications_text")
FORMATS: Final = dict.fromkeys(LONG, "long") | {
    "email": "code",
    "postcode": "code",
    "iban": "iban",
}


@dataclass(frozen=True)
class Shown:
    """One row: `how` says which format the template uses for `value`; "" means not filled in."""

    name: str
    label: str
    how: str
    value: Any


@dataclass(frozen=True)
class Section:
    """The rows of one step."""

    step: Step
    rows: list[Shown]


@dataclass(frozen=True)
class Sums:
    """What the typed lines add up to, in cents; unreadable amounts count as nothing."""

    total: int
    others: int
    asked: int

    @property
    def deficit(self) -> int:
        return self.total - self.others


def sections(values: Mapping[str, Any], rules: Rules, lang: str) -> list[Section]:
    """What was typed, or what `as_typed` made of answers, step by step; without the declarations."""
    return [
        Section(step, [_shown(name, values.get(name, ""), rules, lang) for name in _names(step)])
        for step in STEPS
        if step.part is not None and step.slug != "pruefen"
    ]


def as_typed(answers: Answers) -> dict[str, Any]:
    """Checked answers in the shape of a draft."""
    whole = answers.model_dump(mode="json")
    return {
        name: value for part in PARTS for name, value in whole[part].items() if value is not None
    }


def kept(name: str, text: str, rules: Rules, lang: str) -> Shown:
    """A value as the list of changes keeps it: one text, lists line by line."""
    value: Any = text
    if name in ("costs", "funding"):
        keys = ("what", "cents") if name == "costs" else ("kind", "what", "cents")
        value = [_kept_line(line, keys) for line in text.splitlines()]
    elif name == "asked_cents" and text.isdigit():
        value = int(text)
    elif name in TICKS and text == "False":
        value = ""
    return Shown(name, LABELS.get(name, name), *_formatted(name, value, rules, lang))


def _kept_line(line: str, keys: tuple[str, ...]) -> dict[str, Any]:
    """`own_work, Aufbau, mit Hilfe, 12000`: only the words may hold commas."""
    rest, _, cents_text = line.rpartition(", ")
    kind, _, what = rest.partition(", ") if "kind" in keys else ("", "", rest)
    amount = int(cents_text) if cents_text.isdigit() else cents_text
    return {"kind": kind, "what": what, "cents": amount}


def sums(values: Mapping[str, Any]) -> Sums:
    """For the running total beside the form."""
    return Sums(
        total=sum(map(_cents, _amounts(values, "costs"))),
        others=sum(map(_cents, _amounts(values, "funding"))),
        asked=_cents(values.get("asked_cents", "")),
    )


def readable_phone(value: str) -> str:
    """`+495361123456` → `05361 123456`: with the area code where people look for it."""
    try:
        number = phonenumbers.parse(value, "DE")
    except phonenumbers.NumberParseException:
        return value
    german = number.country_code == 49
    form = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(number, form.NATIONAL if german else form.INTERNATIONAL)


def _names(step: Step) -> Iterator[str]:
    assert step.part is not None
    yield from step.part.model_fields


def _shown(name: str, value: Any, rules: Rules, lang: str) -> Shown:
    return Shown(name, LABELS[name], *_formatted(name, value, rules, lang))


def _formatted(name: str, value: Any, rules: Rules, lang: str) -> tuple[str, Any]:
    if value in ("", [], None):
        return "", ""
    if name in READERS:
        return _read(*READERS[name], value)
    if name in ("costs", "funding"):
        return "lines", [_line(line) for line in value]
    if words := _word(name, value, rules, lang):
        return "word", words
    if name == "phone":
        return "phone", readable_phone(value)
    return FORMATS.get(name, "text"), value


def _word(name: str, value: Any, rules: Rules, lang: str) -> str | None:
    if name in TICKS:
        return lazy("Ja")
    if name == "field_of_action":
        field = rules.field(str(value))
        return field.name.in_(lang) if field else None
    if name == "language":
        return LANGUAGES.get(str(value))
    table: Mapping[str, Mapping[str, str]] = {"kind": APPLICANTS, "other_applications": OTHERS}
    return table.get(name, {}).get(str(value))


def _line(line: Mapping[str, Any]) -> dict[str, Any]:
    how, amount = _read(cents, "money", line.get("cents", ""))
    return {
        "kind": FUNDING.get(str(line.get("kind", "")), ""),
        "what": line.get("what", ""),
        "how": how,
        "amount": amount,
    }


def _read(reader: Any, how: str, value: Any) -> tuple[str, Any]:
    """The value with its format, or the text as typed where it cannot be read."""
    if value == "":
        return "", ""
    try:
        return how, reader(value)
    except PydanticCustomError:
        return "text", value


def _amounts(values: Mapping[str, Any], name: str) -> Iterator[Any]:
    for line in values.get(name) or ():
        yield line.get("cents", "")


def _cents(value: Any) -> int:
    how, amount = _read(cents, "money", value)
    return amount if how == "money" and isinstance(amount, int) else 0
