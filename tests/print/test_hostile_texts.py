"""People type what they like: it stands on paper as they typed it, and never becomes markup."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import typst
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps
from pypdf import PdfReader

from shared.print import Addressee, CaseFile, agreement, case_file, decision_letter
from shared.print import press as printing
from shared.print.fonts import MISSING, printable
from shared.print.voice import CATALOGUES, passages, words
from tests.print.samples import AGREED, BRAND, CASE, CONDITIONS, varied, written

MARKUP = r'#read("/etc/passwd") $x^2$ [a](b) \ @ref <label> */ /* // `raw` *b* _i_ = H - - -- ~'
MARKS = "%(number)s {page} {{ x }} {% if %} 100 % & <b>b</b> &amp; \u201e\u201c \"'"


def flat(pdf: bytes) -> str:
    said = "".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)
    return "".join(said.replace("\u200b", "").split())


def stands(typed: str, pdf: bytes) -> bool:
    return "".join(typed.split()) in flat(pdf)


@pytest.mark.parametrize("typed", [MARKUP, MARKS])
def test_what_was_typed_is_what_is_read(typed: str) -> None:
    letter = varied(title=typed, explanation=typed, conditions=((typed, CONDITIONS[0][1]),))
    said = flat(decision_letter(letter, brand=BRAND, language="de"))
    assert said.count("".join(typed.split())) == 3
    in_arabic = flat(decision_letter(letter, brand=BRAND, language="ar"))
    assert in_arabic.count("".join(typed.split())) >= 3, "in the German text below"


@pytest.mark.parametrize(("typed", "word"), [("x" * 5000, "x"), ("Käse " * 1000, "Käse")])
@pytest.mark.parametrize("language", ["de", "ar"])
def test_however_much_is_typed_all_of_it_is_there(typed: str, word: str, language: str) -> None:
    letter = varied(title=typed, explanation=typed)
    said = flat(decision_letter(letter, brand=BRAND, language=language))
    assert said.count(word) >= 2 * typed.count(word) * (1 if language == "de" else 2)


def test_every_place_for_somebodys_words_takes_any() -> None:
    paper = replace(
        AGREED,
        title=MARKUP,
        addressee=Addressee(name=MARKS, street=MARKUP, postcode="#", city="$"),
        costs=((MARKUP, 100, True),),
        funding=((MARKS, 100),),
        rules=(MARKUP,),
    )
    assert flat(agreement(paper, brand=BRAND, language="de")).count("".join(MARKUP.split())) >= 4
    case = replace(
        CASE,
        title=MARKUP,
        public_title=MARKS,
        applicant=((MARKS, MARKUP),),
        sections=((MARKUP, ((MARKS, [MARKUP, MARKS]),)),),
        checklist=((MARKUP, "ja", MARKS),),
        files=((MARKUP, 1),),
    )
    made = case_file(case, brand=BRAND, language="de")
    assert flat(made).count("".join(MARKS.split())) >= 4


def test_lines_and_paragraphs_of_a_longer_text_stay() -> None:
    assert passages("Eins\r\nzwei\n\n \n\tdrei  \n") == ["Eins\nzwei", "drei"]
    letter = varied(explanation="Erste Zeile\nZweite Zeile\n\nNeuer Absatz")
    said = PdfReader(BytesIO(decision_letter(letter, brand=BRAND, language="de"))).pages[0]
    assert "Erste Zeile\nZweite Zeile\nNeuer Absatz" in said.extract_text()


def test_words_cannot_turn_ours_around() -> None:
    assert words("a\u202eb\u2066c\u2069 \n d") == "abc d"
    assert words("شكرا\u200f!") == "شكرا\u200f!", "marks that belong to a word stay"
    letter = varied(title="\u202e\u2069\u2069Fest\u2067")
    assert stands(
        "„Fest“ bekommen Sie 900,00 €", decision_letter(letter, brand=BRAND, language="de")
    )
    decision_letter(letter, brand=BRAND, language="ar")


def test_a_character_without_a_glyph_is_seen_to_be_missing() -> None:
    letter = varied(title="Fest 🎉 中 \ue000\x00\x07 ок Şükrü مرحبا")
    said = decision_letter(letter, brand=BRAND, language="de")
    assert stands(f"Fest {MISSING} {MISSING} {MISSING} ок Şükrü", said)
    assert printable({"a": ["e\u0301\t", 1, None]}) == {"a": ["é ", 1, None]}


def drawn(case: CaseFile, monkeypatch: pytest.MonkeyPatch, language: str) -> list[Image.Image]:
    """The pages as pictures, in grey."""
    caught: list[dict[str, Any]] = []
    with monkeypatch.context() as patch:
        module = import_module("shared.print.case_file")
        patch.setattr(module, "press", lambda document, dated: caught.append(document))
        case_file(case, brand=BRAND, language=language)
    made = printing.compiler().compile(
        input=printing.TEMPLATES / "document.typ",
        format="png",
        ppi=40,
        sys_inputs={"document": json.dumps(printable(caught[0]))},
    )
    pictures = made if isinstance(made, list) else [made or b""]
    return [Image.open(BytesIO(picture)).convert("L") for picture in pictures]


@pytest.mark.parametrize("language", ["de", "ar"])
def test_a_word_longer_than_the_page_is_broken_and_not_cut_off(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CaseFile(
        number="2026-021",
        title="D" * 200,
        public_title="E" * 200,
        applicant=(("L" * 90, "V" * 300),),
        checklist=(("C" * 90, "R" * 90, "N" * 90),),
        trail=((CASE.trail[0][0], "W" * 90, "A" * 90, 9_999_900),),
        files=(("f" * 200 + ".pdf", 1),),
    )
    said = flat(case_file(case, brand=BRAND, language=language))
    for letter, count in (("D", 200), ("V", 300), ("R", 90), ("W", 90)):
        assert said.count(letter) >= count
    for page in drawn(case, monkeypatch, language):
        width, height = page.size
        below_the_band = (0, height // 30, width, height)
        left, _top, right, _bottom = (
            ImageOps.invert(page.crop(below_the_band)).getbbox() or (0,) * 4
        )
        assert left >= width * 24 / 210
        assert width / 2 < right <= width * 191 / 210


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(st.characters(codec="utf-8"), max_size=200), st.sampled_from(["de", "ar"]))
def test_no_text_stops_the_press(typed: str, language: str) -> None:
    letter = varied(title=typed, explanation=typed, conditions=((typed, CONDITIONS[0][1]),))
    assert decision_letter(letter, brand=BRAND, language=language).startswith(b"%PDF-1.7")


def test_the_press_reads_no_file_outside_its_folder(tmp_path: Path) -> None:
    outside = tmp_path / "secret.txt"
    outside.write_text("secret", "utf-8")
    assert printing.compiler().compile(input=b'#read("document.typ")', format="pdf")
    for path in (str(outside), "/etc/passwd", "../press.py", "../" * 9 + str(outside)):
        with pytest.raises(typst.TypstError):
            printing.compiler().compile(input=f'#read("{path}")'.encode(), format="pdf")


def test_several_are_printed_at_once_without_mixing() -> None:
    alone = {
        n: decision_letter(varied(title=f"Nr. {n}"), brand=BRAND, language="de") for n in range(8)
    }
    with ThreadPoolExecutor(4) as pool:
        together = pool.map(
            lambda n: decision_letter(varied(title=f"Nr. {n}"), brand=BRAND, language="de"),
            [*range(8)] * 4,
        )
    assert list(together) == [alone[n] for n in range(8)] * 4
    assert stands("Nr. 3", alone[3])


def test_our_arabic_has_no_vowel_signs() -> None:
    """Typst writes a letter and its sign twice into the text people copy or hear."""
    said = (CATALOGUES / "ar/LC_MESSAGES/print.po").read_text("utf-8")
    assert not set(said) & {chr(code) for code in range(0x64B, 0x653)}
    assert "طلبكم" in flat(written("granted full", "ar"))
