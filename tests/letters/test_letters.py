"""What people read. After a wanted change: `WRITE_GOLDEN=1 pytest tests/letters`, and look at the diff."""

import os
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from services.notifications.letters import rendering, voice
from services.notifications.letters.kinds import KINDS
from services.notifications.letters.voice import languages
from tests.letters.samples import ORIGIN, SAMPLES, written

GOLDEN = Path(__file__).parent / "golden"
SPOKEN = ("de", "en", "ar")
EVERY = [(sample, language) for sample in SAMPLES for language in SPOKEN]
EVERY_SAMPLE = pytest.mark.parametrize(("sample", "language"), EVERY)


class Words(HTMLParser):
    """What a reader of the HTML sees, and the tags that are still open."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.links: list[str] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("br", "meta"):
            self.open.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.said.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.said).split())


def compare(name: str, said: str) -> None:
    """As it was agreed; what is written anew shows up as a difference."""
    file = GOLDEN / name
    if os.environ.get("WRITE_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(said, "utf-8")
    assert said == file.read_text("utf-8")


def test_every_kind_has_its_folder_its_texts_and_a_sample() -> None:
    folders = {path.parent.name for path in rendering.FOLDER.glob("*/subject.txt")}
    templated = {name for name, kind in KINDS.items() if not kind.untemplated}
    assert folders == templated == {sample.split()[0] for sample in SAMPLES}
    for folder in folders:
        files = {path.name for path in (rendering.FOLDER / folder).iterdir()}
        assert files == {"subject.txt", "body.txt", "body.html"}
    assert set(languages()) >= set(SPOKEN)


@EVERY_SAMPLE
def test_letters_read_as_agreed(sample: str, language: str) -> None:
    letter = written(sample, language)
    name = sample.replace(" ", "-")
    compare(f"{name}.{language}.txt", f"{letter.subject}\n\n{letter.text}")
    if language != "en":
        compare(f"{name}.{language}.html", letter.html)


@EVERY_SAMPLE
def test_no_slot_stays_open_and_everybody_is_greeted(sample: str, language: str) -> None:
    letter = written(sample, language)
    for said in (letter.subject, letter.text, Words(letter.html).text):
        assert not re.search(r"\{\{|\}\}|\{%|%\(|None|Undefined|Markup", said)
        assert said.strip()
    for said in (letter.text, Words(letter.html).text):
        assert "Guten Tag Ada Lovelace," in said
        assert "Ada Lovelace" in said.split("Guten Tag")[0] or language == "de"
        assert "05361 12 34 5" in said, "whom to ask"
        assert "Dienstag 10 bis 12 Uhr" in said, "and when"
        assert "Hallesche Straße 30, 38444 Wolfsburg" in said, "the imprint"
        why = "diesen Brief" if sample.endswith("on paper") else "diese E-Mail"
        assert f"Sie bekommen {why}" in said, "why they got it"
    assert "\n" not in letter.subject


@EVERY_SAMPLE
def test_both_forms_lead_to_the_same_places(sample: str, language: str) -> None:
    letter = written(sample, language)
    in_text = set(re.findall(rf"{ORIGIN}\S*", letter.text))
    in_html = {link for link in Words(letter.html).links if link.startswith(ORIGIN)}
    assert in_text <= in_html
    assert f"{ORIGIN}/impressum" in in_html


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_readers_language_comes_first_and_german_binds(sample: str) -> None:
    arabic, german = written(sample, "ar"), written(sample, "de")
    body = german.text.split("\n--\n")[0].strip()
    binding = body[body.index("Guten Tag") :]
    assert arabic.text.index("مرحبًا") < arabic.text.index("Guten Tag")
    assert "(dieser Text ist verbindlich)" in arabic.text
    assert binding in arabic.text
    assert "verbindlich" not in german.text
    assert '<html lang="ar" dir="rtl">' in arabic.html
    assert 'lang="de" dir="ltr"' in arabic.html


@EVERY_SAMPLE
def test_the_html_is_well_formed_and_asks_nobody_for_anything(sample: str, language: str) -> None:
    letter = written(sample, language)
    assert Words(letter.html).open == []
    assert 'role="presentation"' in letter.html
    assert not re.search(r"<img|<script|url\(|@import|http://", letter.html)


def test_numbers_keep_their_direction_in_arabic() -> None:
    letter = written("application_received", "ar")
    assert "\u20662026-021\u2069" in letter.subject
    assert "\u20662026-021\u2069" in letter.text
    assert '<bdi dir="ltr">2026-021</bdi>' in letter.html


@pytest.mark.parametrize("language", SPOKEN)
def test_without_a_name_the_greeting_is_whole(language: str) -> None:
    letter = written("subscription_ended", language, name="  ")
    assert "Guten Tag," in letter.text
    assert "Guten Tag ," not in letter.text
    assert " ،" not in letter.text


def test_a_name_cannot_become_markup_or_a_second_line() -> None:
    letter = written("application_received", "de", name="<b>Ada</b>\n\nGuten Tag %(x)s {{ y }}")
    assert "<b>" not in letter.html
    assert "&lt;b&gt;Ada&lt;/b&gt; Guten Tag %(x)s {{ y }}" in letter.html
    assert "Guten Tag <b>Ada</b> Guten Tag %(x)s {{ y }}," in letter.text


def test_a_forgotten_slot_is_an_error_and_never_a_gap() -> None:
    facts = dict(SAMPLES["application_received"])
    SAMPLES["application_received"].pop("application")
    try:
        with pytest.raises(UndefinedError):
            written("application_received", "de")
    finally:
        SAMPLES["application_received"].update(facts)


def test_a_missing_translation_is_said_in_german(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = voice.catalogue("ar")
    monkeypatch.setattr(whole, "gettext", _forgetting(whole.gettext, "Ihr Antrag ist da."))
    rendering._environment.cache_clear()
    try:
        letter = written("application_received", "ar")
    finally:
        rendering._environment.cache_clear()
    assert letter.text.count("Ihr Antrag ist da.") == 2


def _forgetting(gettext: Callable[[str], str], forgotten: str) -> Callable[[str], str]:
    return lambda text: text if text == forgotten else gettext(text)


def test_an_unknown_language_is_answered_in_german() -> None:
    assert written("sign_in", "tlh") == written("sign_in", "de")
