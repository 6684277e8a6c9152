"""The form that holds every rule of a fund, as typed and as rules."""

import re
from collections.abc import Collection, Iterable
from datetime import date
from string import ascii_lowercase
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, Field, ValidationError, create_model

from services.applications.domain import FieldOfAction, Rules, Uploads, Words
from services.applications.domain.fund import NO_LEAP_YEAR, Begun, NotPaid
from services.applications.web.orders import Ordered
from shared.days import LANDS
from shared.web.complaints import Complaint, sentence_for
from shared.web.fields import Cents, Day, Line, western_digits
from shared.web.forms import Form
from shared.web.i18n import BINDING, LANGUAGES, lazy

MEGABYTE: Final = 1024 * 1024
MEGAPIXEL: Final = 1_000_000
LISTS: Final = ("fields", "who_may_apply", "not_paid")

_LETTERS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def _digits(value: Any) -> Any:
    return western_digits(value) if isinstance(value, str) else value


def _day_of_year(value: Any) -> Any:
    """`31.1.` → `01-31`; 29 February is no day of every year."""
    found = re.fullmatch(r"(\d{1,2})\.\s*(\d{1,2})\.?", western_digits(str(value)).strip())
    try:
        day = date(NO_LEAP_YEAR, int(found[2]), int(found[1])) if found else None
    except ValueError:
        day = None
    if day is None:
        raise Complaint(lazy("Schreiben Sie Tag und Monat, zum Beispiel 31.1."))
    return f"{day:%m-%d}"


Whole = Annotated[int, BeforeValidator(_digits)]
DayOfYear = Annotated[str, BeforeValidator(_day_of_year)]
OTHERS: Final = tuple(lang for lang in LANGUAGES if lang != BINDING)
_TEXTS: Final[dict[str, Any]] = {BINDING: (Line, ...)} | dict.fromkeys(OTHERS, (Line | None, None))
WordsLine = create_model("WordsLine", **_TEXTS)
CodedLine = create_model("CodedLine", code=(str, ""), **_TEXTS)


class RulesForm(Ordered):
    """All a fund sets; a name or a list is lines of one text in several languages."""

    name: Annotated[list[WordsLine], Field(min_length=1, max_length=1)]
    board: Line
    land: Literal[LANDS]  # type: ignore[valid-type]
    year_cents: Cents
    low_cents: Cents = 0
    cap_cents: Cents | None = None
    office_up_to_cents: Cents = 0
    city_above_cents: Cents | None = None
    fields: Annotated[list[CodedLine], Field(min_length=1)]
    who_may_apply: list[WordsLine]
    not_paid: list[CodedLine]
    quotes_from_cents: Cents | None = None
    quotes_needed: Whole = 3
    begun: Begun
    lead_days: Whole = 0
    ends_by: DayOfYear | None = None
    own_share_percent: Whole = 0
    own_share_may_be_work: bool = False
    rejected_may_return: bool = False
    one_per_sponsor: bool = False
    correction_days: Whole
    statement_days: Whole
    acceptance_days: Whole
    remind_days: Whole = 0
    undo_minutes: Whole = 0
    draft_days: Whole
    minutes_needed: Whole
    uploads_count: Annotated[Whole, Field(ge=1, le=50)]
    uploads_megabytes: Annotated[Whole, Field(ge=1, le=50)]
    uploads_megapixels: Annotated[Whole, Field(ge=1, le=500)]
    uploads_pages: Annotated[Whole, Field(ge=1, le=2000)]
    holds_from: Day

    def plain(self) -> dict[str, Any]:
        """The rules whose field is the rule itself."""
        return self.model_dump(include=set(Rules.model_fields) - {"name", *LISTS})


def read_rules(form: Form[RulesForm], known: Iterable[Rules], lang: str) -> Rules | None:
    """The rules as typed, codes kept or made anew; None with the reason beside the field."""
    sent = form.data
    if sent is None:
        return None
    fields, kinds = _codes(known)
    uploads = Uploads(
        count=sent.uploads_count,
        bytes_each=sent.uploads_megabytes * MEGABYTE,
        pixels_each=sent.uploads_megapixels * MEGAPIXEL,
        pages_each=sent.uploads_pages,
    )
    try:
        return Rules(
            name=_words(sent.name[0]),
            fields=[FieldOfAction(code=c, name=n) for c, n in _coded(sent.fields, fields)],
            who_may_apply=[_words(line) for line in sent.who_may_apply],
            not_paid=[NotPaid(code=c, name=n) for c, n in _coded(sent.not_paid, kinds)],
            uploads=uploads,
            **sent.plain(),
        )
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_input=False):
            sentence = sentence_for(detail["type"], detail.get("ctx", {}), lang)
            form.refuse("-".join(map(str, detail["loc"])), sentence)
        return None


def typed_rules(rules: Rules) -> dict[str, Any]:
    """What the form shows of rules that exist."""
    known = rules.model_dump(mode="json", exclude={"uploads"}, exclude_none=True)
    uploads = rules.uploads
    if rules.ends_by:
        month, day = map(int, rules.ends_by.split("-"))
        known["ends_by"] = f"{day}.{month}."
    return known | {
        "name": [known["name"]],
        "fields": [{"code": one.code, **one.name.root} for one in rules.fields],
        "not_paid": [{"code": one.code, **one.name.root} for one in rules.not_paid],
        "uploads_count": uploads.count,
        "uploads_megabytes": uploads.bytes_each // MEGABYTE,
        "uploads_megapixels": uploads.pixels_each // MEGAPIXEL,
        "uploads_pages": uploads.pages_each,
    }


def _words(line: BaseModel) -> Words:
    texts = line.model_dump(include={BINDING, *OTHERS}, exclude_none=True)
    return Words(texts)


def _coded(lines: Iterable[Any], known: Collection[str]) -> list[tuple[str, Words]]:
    """Lines that had a code keep it; new ones get one nobody used before."""
    kept = {line.code for line in lines if line.code in known}
    given: set[str] = set()
    found = []
    for line in lines:
        code = line.code
        if code not in known or code in given:
            code = _code(line.de, {*known, *kept, *given})
        given.add(code)
        found.append((code, _words(line)))
    return found


def _code(name: str, taken: Collection[str]) -> str:
    """`Wohnen und Grün` → `wohnen_und_gruen`, unlike all that were ever taken."""
    plain = re.sub(r"[^a-z]+", "_", name.casefold().translate(_LETTERS)).strip("_")[:30]
    first = plain if len(plain) >= 2 else "neu"
    others = (f"{first}_{a}{b}" for a in ascii_lowercase for b in ascii_lowercase)
    return next(code for code in (first, *others) if code not in taken)


def _codes(known: Iterable[Rules]) -> tuple[set[str], set[str]]:
    """Codes of fields of action and of kinds of cost that the fund ever had."""
    rules = list(known)
    fields = {field.code for one in rules for field in one.fields}
    return fields, {kind.code for one in rules for kind in one.not_paid}
