"""What people type: kept, cleaned, understood, or refused next to its field."""

import html
import re
from typing import Annotated, Any, get_args

import pytest
from pydantic import BaseModel
from pydantic_core._pydantic_core import list_all_errors
from pydantic_core.core_schema import ErrorType

from shared.web.complaints import GENERIC, SENTENCES, sentence_for
from shared.web.fields import Cents, Day
from shared.web.forms import Form, blank
from shared.web.i18n import LANGUAGES, translations
from tests.support.browser import Browser

FORM = "/antraege/idee"
GOOD = {
    "title": "Chor",
    "aim": "Wir singen.\nAlle zusammen.",
    "field": "culture",
    "way": "post",
    "asked": "1.100",
    "begins": "9.12.2026",
    "email": "ada@example.org",
}


async def errors_of(browser: Browser, **changes: Any) -> dict[str, str]:
    """What the page says next to which field."""
    answer = await browser.submit(FORM, GOOD | changes)
    if answer.status_code == 303:
        return {}
    assert answer.status_code == 422, answer.text
    found = re.findall(r'<p class="error" data-field="([^"]*)">([^<]*)</p>', answer.text)
    return {name: html.unescape(sentence) for name, sentence in found}


async def kept(browser: Browser, **changes: Any) -> dict[str, str]:
    """What the refused page shows in its fields again."""
    answer = await browser.submit(FORM, GOOD | changes | {"asked": "viel"})
    found = re.findall(r'<textarea name="([^"]*)">([^<]*)</textarea>', answer.text)
    return {name: html.unescape(value) for name, value in found}


async def test_a_good_form_has_nothing_to_complain_about(browser: Browser) -> None:
    assert await errors_of(browser) == {}


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("title", "", "Bitte füllen Sie dieses Feld aus."),
        ("title", "   \n ", "Bitte füllen Sie dieses Feld aus."),
        ("title", "x" * 201, "Das ist zu lang. Möglich sind höchstens 200 Zeichen."),
        ("title", "a\nb", "Bitte schreiben Sie hier nur eine Zeile."),
        (
            "title",
            "a\x00b",
            "Darin ist ein Zeichen, das wir nicht lesen können. Bitte löschen Sie es.",
        ),
        (
            "title",
            "a\x1b[31m",
            "Darin ist ein Zeichen, das wir nicht lesen können. Bitte löschen Sie es.",
        ),
        ("aim", "x" * 2001, "Das ist zu lang. Möglich sind höchstens 2.000 Zeichen."),
        ("note", "x" * 2001, "Das ist zu lang. Möglich sind höchstens 2.000 Zeichen."),
        ("field", "music", "Bitte wählen Sie eine der Möglichkeiten."),
        ("field", "", "Bitte füllen Sie dieses Feld aus."),
        ("way", "pigeon", "Bitte wählen Sie eine der Möglichkeiten."),
        ("asked", "ca. hundert", "Schreiben Sie eine Zahl, zum Beispiel 150."),
        ("asked", "-5", "Schreiben Sie eine Zahl, zum Beispiel 150."),
        ("asked", "9" * 1999, "Der Betrag ist zu hoch."),
        ("asked", "9" * 5000, "Das ist zu lang. Möglich sind höchstens 2.000 Zeichen."),
        ("asked", "1000000000", "Der Betrag ist zu hoch."),
        ("people", "viele", "Schreiben Sie eine Zahl, zum Beispiel 150."),
        ("people", "0", "Die Zahl muss mindestens 1 sein."),
        ("people", "5001", "Die Zahl darf höchstens 5.000 sein."),
        ("people", "1.5", "Schreiben Sie eine Zahl, zum Beispiel 150."),
        ("begins", "bald", "Schreiben Sie ein Datum, zum Beispiel 9.12.2026."),
        ("begins", "31.2.2026", "Diesen Tag gibt es nicht. Bitte prüfen Sie das Datum."),
        ("at", "abends", "Schreiben Sie eine Uhrzeit, zum Beispiel 18:30."),
        ("at", "25:00", "Schreiben Sie eine Uhrzeit, zum Beispiel 18:30."),
        ("email", "ada", "Schreiben Sie eine E-Mail-Adresse, zum Beispiel name@beispiel.de."),
        ("email", "a@b@c.de", "Schreiben Sie eine E-Mail-Adresse, zum Beispiel name@beispiel.de."),
        (
            "email",
            "ada@localhost",
            "Schreiben Sie eine E-Mail-Adresse, zum Beispiel name@beispiel.de.",
        ),
        ("email", "a@b.de\nBcc: x@y.de", "Bitte schreiben Sie hier nur eine Zeile."),
        ("phone", "12", "Schreiben Sie eine Telefonnummer, zum Beispiel 05361 123456."),
        ("agreed", "vielleicht", "Bitte wählen Sie eine der Möglichkeiten."),
    ],
)
async def test_a_wrong_field_is_told_apart_and_said_in_a_sentence(
    browser: Browser, field: str, typed: str, sentence: str
) -> None:
    assert await errors_of(browser, **{field: typed}) == {field: sentence}


async def test_errors_speak_the_readers_language(browser: Browser) -> None:
    browser.headers["Accept-Language"] = "en"
    [said] = (await errors_of(browser, title="x" * 201)).values()
    german = str(SENTENCES["string_too_long"])
    assert said == translations("en").gettext(german) % {"max_length": "200"}


async def test_a_missing_field_is_the_same_as_an_empty_one(browser: Browser) -> None:
    assert (await errors_of(browser, title=[])) == (await errors_of(browser, title=""))


async def test_everything_typed_stands_there_again(browser: Browser) -> None:
    typed = {"title": "<b>&\"'", "aim": "أهلا وسهلا\n\nzwei", "note": "100 %", "phone": "12"}
    again = await kept(browser, **typed)
    assert {name: again[name] for name in typed} == typed
    assert again["asked"] == "viel"


async def test_what_is_stored_is_normalised(browser: Browser) -> None:
    again = await kept(browser, title="  Cafe\u0301 \u202everdreht\ufeff ", aim="a\r\nb\rc")
    assert again["title"] == "Caf\u00e9 verdreht"
    assert again["aim"] == "a\nb\nc"


LINES = {
    "costs-0-purpose": "Noten",
    "costs-0-amount": "100",
    "costs-1-purpose": "",
    "costs-1-amount": "  ",
    "costs-7-purpose": "Raum",
    "costs-7-amount": "viel",
}


async def test_lines_left_empty_are_dropped_and_errors_point_at_what_is_shown(
    browser: Browser,
) -> None:
    errors = await errors_of(browser, **LINES)
    assert errors == {"costs-1-amount": "Schreiben Sie eine Zahl, zum Beispiel 150."}
    again = await kept(browser, **LINES)
    assert (again["costs-1-purpose"], again["costs-1-amount"]) == ("Raum", "viel")
    assert "costs-2-purpose" not in again


async def test_a_line_half_filled_says_what_is_missing(browser: Browser) -> None:
    errors = await errors_of(browser, **{"costs-0-purpose": "Noten"})
    assert errors == {"costs-0-amount": "Bitte füllen Sie dieses Feld aus."}


async def test_a_line_has_its_own_limits(browser: Browser) -> None:
    errors = await errors_of(browser, **{"costs-0-purpose": "x" * 201, "costs-0-amount": "1"})
    assert errors == {"costs-0-purpose": "Das ist zu lang. Möglich sind höchstens 200 Zeichen."}


async def test_more_lines_than_anyone_needs_are_refused(browser: Browser) -> None:
    lines = {f"costs-{n}-{part}": "1" for n in range(150) for part in ("purpose", "amount")}
    assert await errors_of(browser, **lines) == {
        "costs": "Das ist zu viel. Möglich sind höchstens 100."
    }


async def test_a_rule_of_the_form_as_a_whole_stands_on_top(browser: Browser) -> None:
    assert await errors_of(browser, begins="1.1.2020") == {
        "": "Ihr Antrag ist da. Nummer 2026-001."
    }


async def test_several_ticks_arrive_together(browser: Browser) -> None:
    assert await errors_of(browser, days=["mo", "tu"]) == {}
    assert list(await errors_of(browser, days=["mo", "su"])) == ["days-1"]


async def test_hostile_names_change_nothing(browser: Browser) -> None:
    names = {
        "costs-99999-purpose": "x",
        "costs-0-__class__": "x",
        "__proto__": "x",
        "costs--purpose": "x",
    }
    errors = await errors_of(browser, **names)
    assert set(errors) <= {"costs-0-purpose", "costs-0-amount"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_error_of_pydantic_is_shown_in_its_own_words(lang: str) -> None:
    """Every kind of error it knows gets one of our sentences, with all its facts filled in."""
    ours = {translations(lang).gettext(str(s)) for s in [GENERIC, *SENTENCES.values()]}
    for error in list_all_errors():
        said = sentence_for(error["type"], error["example_context"] or {}, lang)
        assert said != error["example_message_python"]
        assert "%(" not in said
        pattern = [re.escape(s).replace(r"%\(", "%(") for s in ours]
        assert any(re.fullmatch(re.sub(r"%\(\w+\\?\)s", ".*", p), said) for p in pattern), said


def test_the_test_above_knows_every_kind_of_error() -> None:
    assert {error["type"] for error in list_all_errors()} == set(get_args(ErrorType))


def test_a_form_to_change_starts_with_what_is_known() -> None:
    class Cost(BaseModel):
        purpose: str
        amount: Cents

    class Plan(BaseModel):
        begins: Day
        note: str | None = None
        costs: Annotated[list[Cost], "lines"]

    plan = Plan.model_validate(
        {"begins": "2026-12-09", "costs": [{"purpose": "Noten", "amount": "1"}]}
    )
    form = blank(plan)
    assert form.values["begins"] == "2026-12-09"
    assert form.values["costs-0-amount"] == 100
    assert form.data is None
    assert "note" not in form.values


def test_what_only_the_endpoint_knows_takes_the_data_away() -> None:
    class Titled(BaseModel):
        title: str

    form = Form(data=Titled(title="Chor"))
    form.refuse("title", "Den Titel gibt es schon.")
    form.refuse("title", "Zu spät.")
    assert form.data is None
    assert form.errors == {"title": "Den Titel gibt es schon."}
