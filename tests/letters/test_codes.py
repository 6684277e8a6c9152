"""Every code an event may carry is said in a sentence, in every language: a new one fails here."""

from enum import StrEnum
from typing import Any, Final

import pytest

from services.applications.domain.answers import Costs, Idea, Who
from services.notifications.letters.kinds import KINDS
from services.notifications.letters.rendering import _template
from services.notifications.letters.voice import languages
from services.notifications.pages.words import KIND
from shared.events import applications as a
from shared.events import meetings as m
from tests.letters.samples import SAMPLES, written

SAID: Final[dict[str, tuple[str, type[StrEnum]]]] = {
    "application_placed": ("because", a.PlacedBecause),
    "application_deferred": ("because", a.DeferredBecause),
    "application_rejected": ("because", a.RejectedBecause),
    "grant_revoked": ("because", a.RevokedBecause),
    "deadline_approaches": ("matter", a.Matter),
    "office_statement_given": ("verdict", a.StatementVerdict),
    "agreement_signed": ("signed", a.Signed),
    "member_joined": ("because", m.JoinedBecause),
    "member_suspended": ("because", m.SuspendedBecause),
}
CHECKS: Final = set(a.CheckItem) - {a.CheckItem.OTHER}


@pytest.mark.parametrize("kind", SAID)
def test_every_code_has_its_own_letter_among_the_samples(kind: str) -> None:
    slot, codes = SAID[kind]
    shown = {facts[slot]: name for name, facts in SAMPLES.items() if name.split()[0] == kind}
    assert set(shown) == set(codes)
    texts = {written(name, "de").text for name in shown.values()}
    assert len(texts) == len(codes), "each reads differently"


def _called(template: str, macro: str, code: str, language: str) -> str:
    module: Any = _template(language, template).module
    return str(getattr(module, macro)(code)).strip()


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("macro", ["missing", "forbids"])
def test_every_line_of_the_check_has_a_sentence(language: str, macro: str) -> None:
    said = {_called("_checks.txt", macro, code, language) for code in CHECKS}
    assert len(said) == len(CHECKS)
    assert "" not in said
    assert _called("_checks.txt", macro, a.CheckItem.OTHER, language) == ""


@pytest.mark.parametrize("language", languages())
def test_every_answer_of_the_form_has_a_name(language: str) -> None:
    fields = {*Idea.model_fields, *Who.model_fields, *Costs.model_fields}
    unnamed = _called("_fields.txt", "answer", "unheard_of", language)
    assert {
        name for name in fields if _called("_fields.txt", "answer", name, language) == unnamed
    } == set()


def test_the_office_reads_what_each_letter_is() -> None:
    assert set(KIND) == set(KINDS)
