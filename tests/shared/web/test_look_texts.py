"""Every text exists in every language offered, with what it has to name."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from jinja2 import DictLoader, Environment

from scripts.lint_templates import findings_in as template_findings
from scripts.lint_translations import findings_in
from scripts.translations import DOMAINS, bring_up, load
from shared.web import i18n
from shared.web.templating import environment

PAGES = next(domain for domain in DOMAINS if domain.name == "pages")
ENGLISH = [path for domain in DOMAINS for path in domain.catalogues() if "/en/" in str(path)]
TEMPLATES = sorted(Path().glob("s*/**/templates/**/*.html"))
ARABIC = re.compile("[\u0600-\u06ff]")
WITHOUT_LETTERS = re.compile(r"%\(\w+\)s|[\W\d_]+|IBAN|DE")


def showing(template: str) -> Environment:
    env = environment(Path("shared/web/templates"))
    env.loader = DictLoader({"page": template})
    return env


@pytest.fixture(scope="module")
def wanted() -> Catalog:
    return PAGES.texts()


@pytest.mark.parametrize("path", PAGES.catalogues(), ids=lambda path: path.parts[-3])
def test_a_catalogue_is_complete(path: Path, wanted: Catalog) -> None:
    assert len(wanted) > 100
    assert list(findings_in(path.name, wanted, load(path))) == []


def test_a_missing_a_guessed_and_a_broken_translation_are_found() -> None:
    wanted, other = Catalog(), Catalog(locale="en")
    for text in ("Ja", "Nein", "%(sum)s frei"):
        wanted.add(text, locations=[("page.html", 1)])
    other.add("Nein", "No", flags=["fuzzy"])
    other.add("%(sum)s frei", "%(total)s free")
    found = list(findings_in("en.po", wanted, other))
    assert len(found) == 3
    assert "no translation of 'Ja'" in found[0]
    assert "only a guess for 'Nein'" in found[1]
    assert "other placeholders" in found[2]


def test_arabic_is_written_in_arabic_and_has_its_six_plurals() -> None:
    catalogue = load(i18n.FOLDER / "ar/LC_MESSAGES/messages.po")
    assert catalogue.num_plurals == 6
    for message in catalogue:
        forms = [message.string] if isinstance(message.string, str) else message.string or [""]
        if message.id and WITHOUT_LETTERS.sub("", str(message.id)) not in ("", "Uhr"):
            assert any(ARABIC.search(form) for form in forms), message.id


@pytest.mark.parametrize("path", ENGLISH, ids=lambda path: path.stem)
def test_english_has_no_arabic_letters(path: Path) -> None:
    assert [one.id for one in load(path) if one.id and ARABIC.search(str(one.string))] == []


def test_there_is_an_english_catalogue_for_pages_letters_and_documents() -> None:
    assert [path.stem for path in ENGLISH] == ["messages", "letters", "print"]


def test_a_translation_stays_in_the_catalogue_of_its_language() -> None:
    wanted, arabic, english = Catalog(), Catalog(locale="ar"), Catalog(locale="en")
    wanted.add("Ja")
    for catalogue in (arabic, english):
        bring_up(catalogue, wanted)
    arabic["Ja"].string = "نعم"
    assert not english["Ja"].string


@pytest.mark.parametrize(
    ("n", "said"),
    [
        (1, "بقي يوم واحد"),
        (2, "بقي يومان"),
        (5, "بقي 5 أيام"),
        (11, "بقي 11 يوماً"),
        (25, "بقي 25 يوماً"),
        (100, "بقي 100 يوم"),
    ],
)
def test_arabic_counts_as_arabic_does(n: int, said: str) -> None:
    page = showing("{{ ngettext('noch %(num)s Tag', 'noch %(num)s Tage', n) }}")
    assert page.get_template("page").render(lang="ar", n=n) == said


def test_the_switch_offers_german_and_every_language_with_a_catalogue() -> None:
    assert i18n.LANGUAGES == {
        "de": "Deutsch",
        "ar": "العربية",
        "en": "English",
        "pl": "Polski",
        "ru": "Русский",
        "tr": "Türkçe",
    }
    assert [lang for lang in i18n.LANGUAGES if i18n.direction(lang) == "rtl"] == ["ar"]


def test_a_text_without_translation_is_said_in_german() -> None:
    assert i18n.translations("en").gettext("Gibt es nicht im Katalog") == "Gibt es nicht im Katalog"
    assert i18n.translations("xx").gettext("Speichern") == "Speichern"


def test_a_lazy_text_is_translated_where_it_is_shown_and_inside_a_sentence() -> None:
    page = showing(
        "{{ label }}|{{ _(label) }}|{{ _('Sitzung: %(board)s', board=label) }}|{{ plain }}"
    )
    said = page.get_template("page").render(
        lang="en", label=i18n.lazy("Speichern"), plain="Speichern"
    )
    assert said == "Save|Save|Session: Save|Speichern"


def test_a_percent_sign_survives_in_both_ways_of_writing_a_text() -> None:
    page = showing(
        "{{ _('60 %') }}|{% trans %}100 %{% endtrans %}|{% trans n=5 %}{{ n }} %{% endtrans %}"
    )
    assert page.get_template("page").render(lang="de") == "60 %|100 %|5 %"


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_a_template_obeys_the_policy_and_leaves_no_german_outside_gettext(path: Path) -> None:
    assert template_findings(str(path), path.read_text("utf-8")) == []


def test_styles_handlers_and_untranslated_words_in_a_template_are_found() -> None:
    bad = '<p style="color:red" onclick="x()">{{ _("Gut") }}</p><img alt="Bild"><p>Nur so</p>'
    assert len(template_findings("services/x/templates/x.html", bad)) == 4
