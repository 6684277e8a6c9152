"""What holds for every letter there is, however it was written: what letters.md promises, read back."""

import re
from collections import Counter
from html import unescape
from typing import Final

import pytest

from services.notifications.letters.kinds import KINDS
from services.notifications.letters.rendering import Written
from shared.web import formats
from tests.letters.samples import BRAND, NAME, ORIGIN, SAMPLES, written
from tests.letters.test_letters import Words

LANGUAGES: Final = ("de", "ar")
GREETING: Final = {"de": f"Guten Tag {NAME},", "ar": "مرحبًا"}
EVERY = pytest.mark.parametrize(
    ("sample", "language"), [(sample, language) for sample in SAMPLES for language in LANGUAGES]
)
ISOLATES: Final = re.compile("[\u2066-\u2069\u200b]")
DIGITS: Final = re.compile(r"\d[\d.,:]*\d|\d")
URL: Final = re.compile(r"https?://\S+")


def _plain(text: str) -> str:
    return " ".join(ISOLATES.sub("", text).split())


def _own_part(said: str, language: str) -> str:
    """In the reader's language, from the greeting to the telephone."""
    start = said.index(GREETING[language].split(",", maxsplit=1)[0].removesuffix(f" {NAME}"))
    return said[start : said.index(formats.phone(BRAND.phone), start)]


def _forms(letter: Written) -> tuple[str, str]:
    """Plain text, and the HTML with a blank wherever a tag is."""
    shown = unescape(re.sub(r"<style.*?</style>|<[^>]+>", " ", letter.html, flags=re.DOTALL))
    return _plain(URL.sub(" ", letter.text)), _plain(URL.sub(" ", shown))


@EVERY
def test_both_forms_say_the_same_numbers_days_and_sums(sample: str, language: str) -> None:
    text, html = (_own_part(form, language) for form in _forms(written(sample, language)))
    assert text
    assert Counter(DIGITS.findall(text)) == Counter(DIGITS.findall(html))


@EVERY
def test_every_whole_sentence_of_one_form_stands_in_the_other(sample: str, language: str) -> None:
    """What leads to a link differs, there it is a line, here a button; and labels stand in a table."""
    letter = written(sample, language)
    html = _plain(Words(letter.html).text)
    lines = [_plain(line) for line in letter.text.split("\n")]
    whole = [line.removeprefix("– ") for line in lines if line.endswith((".", "!", "؟", "。"))]
    assert whole
    for line in whole:
        _label, _, sentence = line.partition(": ")
        assert line in html or (sentence and sentence in html), line


@EVERY
def test_what_happened_comes_right_after_the_greeting(sample: str, language: str) -> None:
    letter = written(sample, language)
    body = ISOLATES.sub("", letter.text)
    body = body[body.index(GREETING[language]) :]
    first = [part.strip() for part in body.split("\n\n") if part.strip()][1]
    assert "http" not in first.split("\n")[0]
    assert first.split("\n")[0].rstrip().endswith((".", ":", "!")), first
    paragraphs = re.findall(r"<p[^>]*>(.*?)</p>", letter.html, re.DOTALL)
    greeted = next(at for at, one in enumerate(paragraphs) if GREETING[language] in _bare(one))
    assert _plain(first.split("\n")[0]) in _bare(" ".join(paragraphs[greeted + 1 :]))


def _bare(html: str) -> str:
    return _plain(Words(f"<p>{html}</p>").text)


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_letter_leads_to_a_page_that_says_more(sample: str) -> None:
    links = [link for link in Words(written(sample, "de").html).links if link.startswith(ORIGIN)]
    body = [link for link in links if link != f"{ORIGIN}/impressum"]
    assert body or sample.endswith("on paper"), "on paper there may be no page of one's own"


@pytest.mark.parametrize("sample", SAMPLES)
def test_only_what_was_ordered_can_be_unsubscribed(sample: str) -> None:
    """Case letters carry no unsubscribe and no advertising; the question and the goodbye neither."""
    kind = KINDS[sample.split(maxsplit=1)[0]]
    letter = written(sample, "de")
    ends = {"/abo/abmelden", "/abo/verwalten"}
    both = letter.text + letter.html
    assert {end for end in ends if end in both} == (ends if kind.subscribed else set())
    if not kind.subscribed:
        assert "Abbestellen" not in both
    assert not re.search(r"utm_|pixel|width=.1. height=.1.", both)


@EVERY
def test_whom_to_ask_and_whose_it_is_stand_at_the_end(sample: str, language: str) -> None:
    letter = written(sample, language)
    for said in (_plain(letter.text), _plain(Words(letter.html).text)):
        after = said[said.rindex(GREETING["de"]) :]
        asked = after.index(formats.phone(BRAND.phone))
        hours = after.index("Wir sind da: Dienstag 10 bis 12 Uhr")
        why = re.search(r"Sie bekommen dies\w+ (E-Mail|Brief)", after)
        assert why is not None
        imprint = after.index("Hallesche Straße 30, 38444 Wolfsburg", why.start())
        assert asked < hours < why.start() < imprint
