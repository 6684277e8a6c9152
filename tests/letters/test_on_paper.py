"""Every letter as it comes out of the printer: each word of it, and no other."""

from pathlib import Path
from typing import Any, Final

import pdfua
import pytest

from services.notifications.domain.letter import Letter
from services.notifications.letters.kinds import KINDS
from services.notifications.letters.rendering import write
from services.notifications.printing.on_paper import Reader, can_be_posted, on_paper
from shared.clock import BERLIN
from shared.print import post_letter
from tests.letters.samples import BRAND, DECEMBER, NAME, ORIGIN, SAMPLES
from tests.letters.test_letters import Words

ENVELOPE: Final = ("Ada Lovelace", "Hallesche Straße 12", "38444 Wolfsburg")
ON_PAPER: Final = [
    sample
    for sample in SAMPLES
    if not (kind := KINDS[sample.split(maxsplit=1)[0]]).hides("") and not kind.subscribed
]
"""What somebody without an e-mail address may get."""


def printed(sample: str, language: str, **facts: Any) -> Letter:
    said = {name: fact for name, fact in SAMPLES[sample].items() if name != "paper"} | facts
    kind = sample.split(maxsplit=1)[0]
    letter = write(
        kind,
        language=language,
        name=NAME,
        brand=BRAND,
        origin=ORIGIN,
        facts=said,
        paper=ENVELOPE,
    )
    return Letter(
        kind=kind, name=NAME, address="", language=language, subject=letter.subject,
        text=letter.text, html=letter.html, queued_at=DECEMBER,
    )  # fmt: skip


def _words(block: Any) -> list[str]:
    """Every word of a block, without its marks of direction."""
    if isinstance(block, str):
        plain = "".join(c for c in block if c not in "\u2066\u2067\u2068\u2069\u200b")
        return plain.split()
    if isinstance(block, dict):
        shown = {"text", "items", "rows", "paragraphs", "url"}
        return [word for name, said in block.items() if name in shown for word in _words(said)]
    return (
        [word for one in block for word in _words(one)] if isinstance(block, list | tuple) else []
    )


@pytest.mark.parametrize("language", ["de", "ar"])
@pytest.mark.parametrize("sample", ON_PAPER)
def test_each_word_of_the_letter_is_on_paper_in_its_order(sample: str, language: str) -> None:
    letter = printed(sample, language)
    paper = on_paper(letter)
    assert tuple(paper.envelope) == ENVELOPE
    assert [spoken for spoken, _ in paper.parts] == list(dict.fromkeys((language, "de")))
    body = Words(letter.html).text.split("verbindlich)")
    for (_spoken, blocks), part in zip(paper.parts, body, strict=True):
        said = [word for word in _words(blocks) if not word.strip("()").startswith("http")]
        there = [word for word in part.split() if not word.startswith("http")]
        assert "".join(said) in "".join(there), sample
        assert blocks[0]["is"] == "heading"


@pytest.mark.parametrize("language", ["de", "ar"])
@pytest.mark.parametrize("sample", ON_PAPER)
def test_where_it_leads_can_be_typed_from_paper(sample: str, language: str) -> None:
    letter = printed(sample, language)
    links = {link for link in Words(letter.html).links if not link.endswith("/impressum")}
    said = " ".join(_words([blocks for _, blocks in on_paper(letter).parts]))
    for link in links:
        assert link.removeprefix("mailto:") in said


@pytest.mark.parametrize("sample", ["grant_reserved everything", "member_invited", "task_assigned"])
@pytest.mark.parametrize("language", ["de", "ar", "en"])
def test_letters_of_every_shape_print_accessibly(
    sample: str, language: str, tmp_path: Path
) -> None:
    file = tmp_path / "letter.pdf"
    file.write_bytes(post_letter(on_paper(printed(sample, language)), brand=BRAND))
    assert pdfua.validate(str(file)).findings == ()


def test_what_people_typed_stays_text_and_turns_nothing() -> None:
    nasty = "#set page(fill: red) $x$ <b>*x*</b> \u202egnp.exe"
    letter = printed("task_assigned", "de", title=nasty, text=f"{nasty}\n\n{nasty}")
    blocks = on_paper(letter).parts[0][1]
    said = " ".join(_words(blocks))
    assert "#set page(fill: red) $x$ <b>*x*</b> gnp.exe" in said
    assert "\u202e" not in said
    assert post_letter(on_paper(letter), brand=BRAND).startswith(b"%PDF")


def test_a_letter_is_dated_by_the_day_it_was_written_in_berlin() -> None:
    letter = printed("application_lapsed", "de")
    letter.queued_at = DECEMBER.replace(hour=23, minute=30)
    assert on_paper(letter).dated_on == letter.queued_at.astimezone(BERLIN).date()


@pytest.mark.parametrize(
    ("envelope", "whole"),
    [
        (ENVELOPE, True),
        (("Ada Lovelace",), False),
        (("Ada Lovelace", "Wolfsburg"), False),
        ((), False),
    ],
)
def test_only_a_whole_address_can_be_posted(envelope: tuple[str, ...], *, whole: bool) -> None:
    assert can_be_posted(envelope) is whole


def test_mail_without_an_envelope_has_none() -> None:
    letter = write(
        "application_lapsed", language="de", name=NAME, brand=BRAND, origin=ORIGIN,
        facts=SAMPLES["application_lapsed"],
    )  # fmt: skip
    assert Reader(letter.html).envelope == []
