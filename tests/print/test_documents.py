"""What paper says. After a wanted change: `WRITE_GOLDEN=1 pytest tests/print`, and look at the diff.

Every document passes `pdfua` without a finding. That covers tags, marked content, document
language and title, text for figures, empty headings, heads of tables, descriptions of links and the
PDF/UA mark: 16 of the 106 rules machines can check. Fonts, contrast, colour profiles and nesting it does
not look at; those typst's own checks for `ua-1` and `a-2a` refuse, and the order of reading is what
the golden files show.
"""

import os
import re
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import pdfua
import pytest
from pypdf import PdfReader

from shared.print import agreement, case_file, decision_letter
from shared.print.voice import languages
from tests.print.samples import AGREED, BRAND, CASE, GRANTED, NAMES, URL, varied, written

GOLDEN = Path(__file__).parent / "golden"
EVERY = pytest.mark.parametrize(
    ("name", "language"), [(name, language) for name in NAMES for language in ("de", "ar", "en")]
)
BINDING = "Deutscher Text (dieser Text ist verbindlich)"


def pages(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]


def text(pdf: bytes) -> str:
    return "\n".join(pages(pdf))


def root(pdf: bytes) -> dict[str, Any]:
    found: Any = PdfReader(BytesIO(pdf)).trailer["/Root"]
    return cast(dict[str, Any], found)


@pytest.mark.parametrize("language", ["de", "ar"])
@pytest.mark.parametrize("name", NAMES)
def test_documents_read_as_agreed(name: str, language: str) -> None:
    said = "\n\f\n".join(pages(written(name, language))) + "\n"
    file = GOLDEN / f"{name.replace(' ', '-')}.{language}.txt"
    if os.environ.get("WRITE_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(said, "utf-8")
    assert said == file.read_text("utf-8")


@EVERY
def test_every_document_is_accessible_and_fit_for_the_archive(
    name: str, language: str, tmp_path: Path
) -> None:
    pdf = written(name, language)
    file = tmp_path / "document.pdf"
    file.write_bytes(pdf)
    assert pdfua.validate(str(file)).findings == ()
    catalogue = root(pdf)
    xmp = catalogue["/Metadata"].get_object().get_data().decode()
    assert "<pdfuaid:part>1</pdfuaid:part>" in xmp
    assert "<pdfaid:part>2</pdfaid:part>" in xmp
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in xmp
    assert catalogue["/Lang"] == language
    assert catalogue["/MarkInfo"]["/Marked"]
    assert catalogue["/StructTreeRoot"]["/K"]
    assert catalogue["/ViewerPreferences"]["/DisplayDocTitle"]
    title = PdfReader(BytesIO(pdf)).metadata.title  # type: ignore[union-attr]
    assert title
    assert re.search(r"2026-02[12]", title)


def test_an_untagged_file_would_be_found_out(tmp_path: Path) -> None:
    file = tmp_path / "document.pdf"
    file.write_bytes(written("granted full", "de").replace(b"/StructTreeRoot", b"/StructTreeHole"))
    assert pdfua.validate(str(file)).findings


def test_what_is_said_about_the_reach_of_these_checks_is_true() -> None:
    assert (pdfua.coverage().covered, pdfua.coverage().total) == (16, 106)


@EVERY
def test_the_same_facts_give_the_same_bytes(name: str, language: str) -> None:
    assert written(name, language) == written(name, language)


@EVERY
def test_no_slot_stays_open(name: str, language: str) -> None:
    said = text(written(name, language))
    assert not re.search(r"%\(|\{page|None|▯", said)


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize("name", ["granted full", "rejected vote", "agreement"])
def test_german_follows_and_binds(name: str, language: str) -> None:
    first, *rest = pages(written(name, language))
    assert BINDING not in first
    below = "\n".join(rest)
    assert below.index(BINDING) < below.index("Antrag 2026-021", below.index(BINDING))
    assert BINDING not in text(written(name, "de"))
    assert BINDING not in text(written("case file short", language))


def test_an_unknown_language_is_answered_in_german() -> None:
    assert set(languages()) == {"de", "en", "ru", "ar", "tr", "pl"}
    assert written("granted full", "tlh") == written("granted full", "de")
    assert written("granted full", "../ar") == written("granted full", "de")


def test_arabic_letters_are_in_the_text_once_and_numbers_keep_their_direction() -> None:
    said = text(written("granted partial", "ar"))
    for word in ("طلبكم", "المطلوب", "لفكرتكم", "الموافقة", "صفحة"):
        assert word in said
    assert "650,00\u00a0€" in said
    assert "05361\u00a012\u00a034\u00a05" in said
    assert not set(said) & set("\u2066\u2067\u2068\u2069\u202a\u202b\u202c")


def test_parts_of_a_page_are_tagged_as_what_they_are() -> None:
    def kinds(node: Any) -> list[str]:
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            return [kind for child in node for kind in kinds(child)]
        if not isinstance(node, dict):
            return []
        return [str(node.get("/S", "")), *kinds(node.get("/K", []))]

    found = kinds(root(written("agreement", "de"))["/StructTreeRoot"])
    for kind in ("/H1", "/H2", "/P", "/L", "/LI", "/Table", "/TH", "/TD", "/Figure"):
        assert kind in found
    letter = kinds(root(written("granted partial", "de"))["/StructTreeRoot"])
    assert {"/Link", "/BlockQuote"} <= set(letter)


def test_the_link_of_a_letter_leads_to_the_case() -> None:
    notes: Any = PdfReader(BytesIO(written("granted full", "ar"))).pages[0]["/Annots"]
    targets = [note.get_object()["/A"]["/URI"] for note in notes]
    assert URL in targets


def test_a_long_case_flows_over_pages_that_say_where_they_belong() -> None:
    leaves = pages(written("case file long", "de"))
    assert len(leaves) > 2
    for at, leaf in enumerate(leaves, 1):
        assert f"Seite {at} von {len(leaves)}" in leaf
        assert at == 1 or "Antrag 2026-021 · Sommerfest im Innenhof" in leaf
    assert sum(leaf.count("Wann Wer Was Summe") for leaf in leaves) == len(leaves)
    assert "Eintrag 90: Antrag geändert" in leaves[-1]


def test_an_agreement_is_signed_once_and_only_where_nobody_has_accepted_it() -> None:
    for language in ("de", "ar"):
        assert text(written("agreement", language)).count("Ort und Datum") == 2
    said = text(written("agreement signed online", "de"))
    assert "Online angenommen am Dienstag, 15. Dezember 2026." in said
    assert "Ort und Datum" not in said


def test_the_binding_text_of_an_agreement_has_the_rules_in_german() -> None:
    said = text(written("agreement", "ar"))
    assert "Geld, das übrig bleibt, geben Sie zurück." in said.split(BINDING)[1]
    assert "Geld, das übrig bleibt" not in said.split(BINDING)[0]


def test_a_case_file_without_any_date_is_refused() -> None:
    facts = type(CASE)(**(vars(CASE) | {"trail": (), "as_of": None}))
    with pytest.raises(ValueError, match="date"):
        case_file(facts, brand=BRAND, language="de")


def test_nobody_but_the_applicant_and_the_office_has_to_be_told_the_street() -> None:
    facts = varied(addressee=type(GRANTED.addressee)(name="Ada Lovelace"))
    said = text(decision_letter(facts, brand=BRAND, language="de"))
    assert "Guten Tag Ada Lovelace," in said
    assert "None" not in said


def test_the_office_is_the_one_of_the_brand() -> None:
    other = BRAND.model_copy(update={"name": "Stadtteilbüro Nord", "phone": "030 55", "hours": ()})
    for pdf in (
        decision_letter(GRANTED, brand=other, language="de"),
        agreement(AGREED, brand=other, language="de"),
    ):
        said = text(pdf)
        assert "Stadtteilbüro Nord" in said
        assert "Westhagen" not in said.replace("Sommerfest", "").replace("westhagen.example", "")
