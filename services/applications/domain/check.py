"""Answers held against the fund's rules: everything a model alone cannot know."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import singledispatch
from typing import Any, Final, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from services.applications.domain.answers import (
    Answers,
    ApplicantKind,
    Costs,
    Declarations,
    Idea,
    OtherApplications,
    Part,
    Who,
    WhoOnPaper,
)
from services.applications.domain.fund import Rules
from shared.web.complaints import CHOOSE, MISSING, Complaint, sentence_for
from shared.web.i18n import lazy

P = TypeVar("P", bound=Part)
Found = tuple[str, Complaint]

PARTS: Final[dict[str, type[Part]]] = {
    "idea": Idea,
    "applicant": Who,
    "costs": Costs,
    "declarations": Declarations,
}
"""The parts of `Answers` by name, in the order of the form."""

PARTS_ON_PAPER: Final = PARTS | {"applicant": WhoOnPaper}
"""The same for what came on paper."""


@dataclass
class Checked(Generic[P]):
    """A part of the answers or all of them, or what is wrong with it: sentences by field name."""

    data: P | None = None
    errors: dict[str, str] = field(default_factory=dict)


def check(
    part: type[P], typed: Mapping[str, Any], rules: Rules, *, today: date, lang: str
) -> Checked[P]:
    """Read what was typed as this part; sentences in the reader's language."""
    found: Checked[P] = Checked()
    try:
        data = part.model_validate(filled(typed, part))
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_input=False):
            name = "-".join(str(place) for place in detail["loc"])
            sentence = sentence_for(detail["type"], detail.get("ctx", {}), lang)
            found.errors.setdefault(name, sentence)
        return found
    for name, complaint in against(data, rules, today):
        found.errors.setdefault(name, sentence_for("", {"error": complaint}, lang))
    if not found.errors:
        found.data = data
    return found


def check_all(
    typed: Mapping[str, Any],
    rules: Rules,
    *,
    parts: Mapping[str, type[Part]] = PARTS,
    today: date,
    lang: str,
) -> Checked[Answers]:
    """All parts at once, every complaint with them."""
    whole: Checked[Answers] = Checked()
    data: dict[str, Any] = {}
    for name, part in parts.items():
        found = check(part, typed, rules, today=today, lang=lang)
        whole.errors |= found.errors
        data[name] = found.data
    if not whole.errors:
        whole.data = Answers(**data)
    return whole


def filled(typed: Mapping[str, Any], part: type[BaseModel]) -> dict[str, Any]:
    """This part's fields without those left empty: they take the default, or are missing."""
    return {
        name: [{k: v for k, v in line.items() if v != ""} for line in value]
        if isinstance(value, list)
        else value
        for name, value in typed.items()
        if name in part.model_fields and value != ""
    }


@singledispatch
def against(part: Part, rules: Rules, today: date) -> Iterator[Found]:
    """What the fund's rules say to a part that is valid in itself."""
    yield from ()


@against.register
def _(part: Idea, rules: Rules, today: date) -> Iterator[Found]:
    if rules.field(part.field_of_action) is None:
        yield "field_of_action", Complaint(CHOOSE)
    if part.starts_on < today:
        yield (
            "starts_on",
            Complaint(
                lazy("Dieser Tag ist vorbei. Wir dürfen nur Geld geben für das, was noch kommt.")
            ),
        )
    if part.ends_on < part.starts_on:
        yield (
            "ends_on",
            Complaint(lazy("Das Ende liegt vor dem Anfang. Bitte prüfen Sie beide Tage.")),
        )
    if part.starts_on.year > today.year + 5:
        yield "starts_on", Complaint(lazy("Das ist sehr weit weg. Bitte prüfen Sie das Jahr."))


@against.register
def _(part: Who, rules: Rules, today: date) -> Iterator[Found]:
    if part.email is None:
        yield "email", Complaint(MISSING)
    yield from _missing_of_organisations(part)


@against.register
def _(part: WhoOnPaper, rules: Rules, today: date) -> Iterator[Found]:
    yield from _missing_of_organisations(part)


def _missing_of_organisations(part: Who) -> Iterator[Found]:
    if part.kind is ApplicantKind.ORGANISATION:
        for name in ("legal_form", "contact_name"):
            if getattr(part, name) is None:
                yield name, Complaint(MISSING)


@against.register
def _(part: Costs, rules: Rules, today: date) -> Iterator[Found]:
    asked = part.asked_cents
    if part.deficit <= 0:
        yield (
            "asked_cents",
            Complaint(lazy("Alles ist schon bezahlt: Die anderen Gelder decken Ihre Ausgaben.")),
        )
    elif asked > part.deficit:
        yield (
            "asked_cents",
            Complaint(
                lazy(
                    "Es fehlen nur %(deficit)s Euro. Bitte fragen Sie höchstens nach dieser Summe."
                ),
                deficit=_euros(part.deficit),
            ),
        )
    most = rules.year_cents if rules.cap_cents is None else rules.cap_cents
    if asked > most:
        yield (
            "asked_cents",
            Complaint(
                lazy("Der Fonds gibt höchstens %(most)s Euro für eine Idee."), most=_euros(most)
            ),
        )
    if part.other_applications is OtherApplications.YES and not part.other_applications_text:
        yield "other_applications_text", Complaint(MISSING)


@against.register
def _(part: Answers, rules: Rules, today: date) -> Iterator[Found]:
    for name in PARTS:
        for place, complaint in against(getattr(part, name), rules, today):
            yield f"{name}.{place}", complaint


def _euros(cents: int) -> int | float:
    """For a sentence: whole euros without a comma."""
    return cents // 100 if cents % 100 == 0 else cents / 100
