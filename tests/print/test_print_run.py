"""Letters on paper, and many of them bound into one. After a wanted change: `WRITE_GOLDEN=1 pytest tests/print`."""

import gc
import os
import tracemalloc
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pdfua
import pytest
from pypdf import PdfReader, PdfWriter

from shared.print import (
    Binder,
    PostLetter,
    Unbindable,
    bindable,
    decision_letter,
    pile,
    post_letter,
)
from shared.print.blocks import bullets, facts, link, para, quoted, title
from shared.print.invitation import invitation_letter
from tests.print.samples import BRAND, GRANTED, URL
from tests.print.test_documents import GOLDEN, pages, root, text
from tests.print.test_invitation import INVITED

ENVELOPE = ("Ada Lovelace", "Laagbergstraße 12", "38440 Wolfsburg")
SAID = [
    title("Uns fehlt noch etwas"),
    para("Guten Tag Ada Lovelace,"),
    para("zu Ihrem Antrag 2026-021 fehlt uns noch etwas."),
    facts([("Wann", "Mittwoch, 9. Dezember 2026"), ("Wo", "Hallesche Straße 30")]),
    bullets(["Angebote, mit denen wir Preise vergleichen können.", "Wer was bezahlt."]),
    quoted("Das Angebot für das Zelt ist vom letzten Jahr."),
    link("Mein Antrag", URL),
    para("Sie bekommen diesen Brief, weil Sie einen Antrag gestellt haben."),
]
LETTER = PostLetter(
    subject="Antrag 2026-021: Uns fehlt noch etwas",
    envelope=ENVELOPE,
    language="de",
    dated_on=date(2026, 12, 10),
    parts=[("de", SAID)],
)
ARABIC = PostLetter(
    subject="الطلب 2026-021: ينقصنا شيء",
    envelope=ENVELOPE,
    language="ar",
    dated_on=date(2026, 12, 10),
    parts=[("ar", [title("ينقصنا شيء"), para("مرحبًا \u2066Ada Lovelace\u2069،")]), ("de", SAID)],
)
DAY = date(2026, 12, 10)


def bound(*documents: bytes, own_sheet: bool = False) -> bytes:
    binder, written = pile(dated=DAY), b""
    for document in documents:
        binder.add(document, own_sheet=own_sheet)
        written += binder.take()
    return written + binder.close()


def kinds(node: Any) -> list[str]:
    """What each element below is, by its own name."""
    node = node.get_object()
    if isinstance(node, list):
        return [kind for kid in node for kind in kinds(kid)]
    if not isinstance(node, dict):
        return []
    own = [node["/S"]] if "/S" in node else []
    return own + (kinds(node["/K"]) if "/K" in node else [])


def findings(pdf: bytes, folder: Path) -> Any:
    file = folder / "run.pdf"
    file.write_bytes(pdf)
    return pdfua.validate(str(file)).findings


@pytest.mark.parametrize(("name", "letter"), [("post.de", LETTER), ("post.ar", ARABIC)])
def test_letters_on_paper_read_as_agreed(name: str, letter: PostLetter, tmp_path: Path) -> None:
    pdf = post_letter(letter, brand=BRAND)
    said = "\n\f\n".join(pages(pdf)) + "\n"
    file = GOLDEN / f"{name}.txt"
    if os.environ.get("WRITE_GOLDEN"):
        file.write_text(said, "utf-8")
    assert said == file.read_text("utf-8")
    assert findings(pdf, tmp_path) == ()
    assert root(pdf)["/Lang"] == letter.language


def test_the_address_stands_in_the_window_of_the_envelope() -> None:
    """DIN 5008, form B: 45 mm from the top, 80 by 45 mm, 20 mm from the left; with the sender's line."""
    millimetre = 72 / 25.4
    places: list[tuple[str, float, float]] = []

    def seen(said: str, on: Any, at: Any, _font: Any, _size: Any) -> None:
        left = at[4] * on[0] + at[5] * on[2] + on[4]
        below = at[4] * on[1] + at[5] * on[3] + on[5]
        places.append((said, left / millimetre, 297 - below / millimetre))

    page = PdfReader(BytesIO(post_letter(LETTER, brand=BRAND))).pages[0]
    page.extract_text(visitor_text=seen)
    found = {said.strip(): (left, top) for said, left, top in places if said.strip()}
    for line in ENVELOPE:
        left, top = found[line]
        assert 20 <= left <= 30, line
        assert 45 + 17.7 <= top <= 90, line
    [sender] = [place for said, place in found.items() if said.startswith(f"{BRAND.name} ·")]
    assert 45 <= sender[1] <= 45 + 17.7


def test_what_is_bound_stays_tagged_titled_and_whole(tmp_path: Path) -> None:
    documents = [
        post_letter(LETTER, brand=BRAND),
        decision_letter(GRANTED, brand=BRAND, language="de"),
        post_letter(ARABIC, brand=BRAND),
        invitation_letter(INVITED, brand=BRAND, language="de"),
        invitation_letter(INVITED, brand=BRAND, language="ar"),
    ]
    pdf = bound(*documents)
    assert findings(pdf, tmp_path) == ()
    assert text(pdf) == "\n".join(text(document) for document in documents)
    assert root(pdf)["/StructTreeRoot"]["/K"][0].get_object()["/S"] == "/Document"
    parts = [part.get_object() for part in root(pdf)["/StructTreeRoot"]["/K"][0].get_object()["/K"]]
    assert [part["/S"] for part in parts] == ["/Part"] * 5
    assert [part["/Lang"] for part in parts] == ["de", "de", "ar", "de", "ar"]
    whole = kinds(root(pdf)["/StructTreeRoot"])
    for kind in ("/H1", "/P", "/Table", "/TH", "/LI", "/Link", "/BlockQuote", "/Figure"):
        each = sum(kinds(root(document)["/StructTreeRoot"]).count(kind) for document in documents)
        assert whole.count(kind) == each, kind


def test_every_marked_page_and_link_finds_its_own_element() -> None:
    pdf = bound(*[invitation_letter(INVITED, brand=BRAND, language="de")] * 3)
    tree = root(pdf)["/StructTreeRoot"]
    parents = dict(_numbers(tree["/ParentTree"]))
    assert sorted(parents) == list(range(tree["/ParentTreeNextKey"]))
    leaves: list[Any] = list(PdfReader(BytesIO(pdf)).pages)
    for page in leaves:
        elements = [one.get_object() for one in parents[page["/StructParents"]] if one]
        on = {one.raw_get("/Pg").idnum for one in elements if "/Pg" in one}
        assert on == {page.indirect_reference.idnum}
    ids = [key for leaf in tree["/IDTree"]["/Kids"] for key in leaf.get_object()["/Names"][::2]]
    assert len(set(ids)) == len(ids) == 9, "three tables with three heads each"
    assert ids == sorted(ids)


def _numbers(tree: Any) -> Iterator[tuple[int, Any]]:
    for leaf in tree["/Kids"]:
        flat = leaf.get_object()["/Nums"]
        yield from zip(flat[::2], (value.get_object() for value in flat[1::2]), strict=True)


def test_each_letter_begins_on_a_sheet_of_its_own_if_both_sides_are_printed(tmp_path: Path) -> None:
    one = post_letter(LETTER, brand=BRAND)
    assert len(pages(one)) == 1
    both = bound(one, one, one, own_sheet=True)
    said = pages(both)
    assert ["Guten Tag" in leaf for leaf in said] == [True, False, True, False, True]
    assert said[1].strip() == ""
    assert findings(both, tmp_path) == ()
    assert len(pages(bound(one, one, one))) == 3


def test_what_occurs_again_is_written_once() -> None:
    one = post_letter(LETTER, brand=BRAND)
    twenty = bound(*[one] * 20)
    assert len(twenty) < 8 * len(one)
    assert text(twenty).count("Uns fehlt noch etwas") == 20 * text(one).count(
        "Uns fehlt noch etwas"
    )


def test_memory_does_not_grow_with_the_run() -> None:
    """A few numbers a letter are kept: less than a tenth of what the letter itself takes."""
    one, binder = post_letter(LETTER, brand=BRAND), pile(dated=DAY)
    for _ in range(20):
        binder.add(one)
        binder.take()
    tracemalloc.start()
    try:
        for _ in range(200):
            binder.add(one)
            binder.take()
        gc.collect()
        kept, _peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept / 200 < len(one) / 10


def _locked() -> bytes:
    writer, made = PdfWriter(BytesIO(post_letter(LETTER, brand=BRAND))), BytesIO()
    writer.encrypt("geheim")
    writer.write(made)
    return made.getvalue()


def test_what_is_no_sound_pdf_is_refused_and_the_others_are_bound(tmp_path: Path) -> None:
    whole = post_letter(LETTER, brand=BRAND)
    for broken in (b"", b"no pdf", whole[: len(whole) // 2], _locked()):
        assert not bindable(broken)
        binder = Binder(title="x", language="de", dated=DAY)
        with pytest.raises(Unbindable):
            binder.add(broken)
        binder.add(whole)
        assert findings(binder.close(), tmp_path) == ()
    assert bindable(whole)


def test_a_foreign_pdf_without_tags_is_bound_as_it_is() -> None:
    writer, made = PdfWriter(), BytesIO()
    writer.add_blank_page(width=200, height=300)
    writer.write(made)
    pdf = bound(post_letter(LETTER, brand=BRAND), made.getvalue())
    last = PdfReader(BytesIO(pdf), strict=True).pages[-1]
    assert (last.mediabox.width, last.mediabox.height) == (200, 300)
