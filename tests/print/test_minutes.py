"""Minutes on paper, in both versions. After a wanted change: `WRITE_GOLDEN=1 pytest tests/print/test_minutes.py`."""

import os
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

import pdfua
import pytest
from pypdf import PdfReader

from shared.print.minutes import MARK, MinutesPaper, PaperItem, PaperVote, minutes
from tests.print.samples import BRAND
from tests.print.test_documents import GOLDEN, pages, root, text

MONEY: Final = PaperVote(
    question="650,00\u00a0€ bewilligen",
    counts=("7", "2", "1", "0"),
    verdict="Angenommen mit 7 Ja bei 2 Nein.",
    notes=(
        "Abgestimmt wurde mit Handzeichen.",
        "Da waren 11 von 14, abstimmen durften 10. Nötig waren 8.",
        "Regel: Einfache Mehrheit: mehr Ja als Nein.",
        "Beschluss Nummer 2026-007.",
        "Auflage: Die Erlaubnis liegt vor. Bis 30. Juni 2026.",
        "Das Geld ist zurückgelegt.",
    ),
)
BY_NAME: Final = PaperVote(
    question="Wir stellen drei Bänke auf.",
    counts=("2", "1", "0", "0"),
    verdict="Angenommen mit 2 Ja bei 1 Nein.",
    notes=("Abgestimmt wurde mit Namen.",),
    named=(("Ayşe Yıldız", "Ja"), ("Bodo Kirchner", "Ja"), ("(gelöscht)", "Nein")),
)
PUBLIC: Final = MinutesPaper(
    title="Protokoll der Sitzung am Mittwoch, 6. Mai 2026",
    whole=False,
    dated_on=date(2026, 5, 7),
    standing="Genehmigt am 21. Mai 2026.",
    rows=(
        ("Gremium", "Freunde Westhagens"),
        ("Tag", "Mittwoch, 6. Mai 2026"),
        ("Ort", "Saal"),
        ("Beginn", "18:00 Uhr"),
        ("Ende", "20:10 Uhr"),
        (
            "Bei der Eröffnung",
            "11 von 14 Stimmen da. Nötig sind 8. Das Gremium war beschlussfähig.",
        ),
    ),
    notes=("11 Mitglieder mit Stimmrecht waren da.", "3 Gäste waren da."),
    opening="Die Sitzung begann um 18:00 Uhr.",
    items=(
        PaperItem(
            part="1",
            heading="Punkt 1: Sommerfest im Innenhof",
            rows=(("Antrag", "2026-021"), ("Beantragt", "900,00\u00a0€")),
            notes=("1 Mitglied hat nicht mitgestimmt: arbeitet beim Antragsteller.",),
            votes=(MONEY, replace(MONEY, question="500,00\u00a0€ bewilligen")),
            text=f"Das Gremium dankt {MARK} für die Idee.\n\nEin zweiter Absatz.",
        ),
        PaperItem(
            part="2",
            heading="Punkt 2: Neue Bänke",
            notes=("Daraus folgt 1 Aufgabe.",),
            votes=(replace(BY_NAME, named=()),),
            text="Das Gremium hat über „Neue Bänke“ gesprochen.",
        ),
    ),
    closing="Die Sitzung endete um 20:10 Uhr.",
)
WHOLE: Final = replace(
    PUBLIC,
    whole=True,
    presence=(
        ("Ayşe Yıldız", "Mitglied", "18:00 bis 20:10 Uhr"),
        ("Bodo Kirchner", "Mitglied", "18:20 bis 19:00 Uhr, 19:10 bis 20:10 Uhr"),
        ("(gelöscht)", "Mitglied", "18:00 bis 20:10 Uhr"),
        ("محمد علي", "Gast", "18:00 bis 20:10 Uhr"),
    ),
    notes=("11 Mitglieder mit Stimmrecht waren da.", "Entschuldigt: Frauke Hansen."),
    items=(
        replace(
            PUBLIC.items[0],
            notes=("Emil Wagner hat nicht mitgestimmt: arbeitet beim Antragsteller.",),
            text="Das Gremium dankt Ada Lovelace für die Idee.",
        ),
        replace(
            PUBLIC.items[1],
            notes=("Aufgabe: Angebote holen. Wer: Bodo Kirchner. Bis 1. Juni 2026.",),
            votes=(BY_NAME,),
        ),
    ),
)
LONG: Final = replace(WHOLE, items=list(WHOLE.items) * 20)
EVERY = pytest.mark.parametrize(
    ("name", "facts"), [("public", PUBLIC), ("whole", WHOLE), ("long", LONG)]
)


@pytest.mark.parametrize(("name", "facts"), [("public", PUBLIC), ("whole", WHOLE)])
def test_minutes_read_as_agreed(name: str, facts: MinutesPaper) -> None:
    said = "\n\f\n".join(pages(minutes(facts, brand=BRAND))) + "\n"
    file = GOLDEN / f"minutes-{name}.de.txt"
    if os.environ.get("WRITE_GOLDEN"):
        file.write_text(said, "utf-8")
    assert said == file.read_text("utf-8")


@EVERY
def test_minutes_are_accessible_and_fit_for_the_archive(
    name: str, facts: MinutesPaper, tmp_path: Path
) -> None:
    pdf = minutes(facts, brand=BRAND)
    file = tmp_path / f"{name}.pdf"
    file.write_bytes(pdf)
    assert pdfua.validate(str(file)).findings == ()
    catalogue = root(pdf)
    xmp = catalogue["/Metadata"].get_object().get_data().decode()
    assert "<pdfuaid:part>1</pdfuaid:part>" in xmp
    assert "<pdfaid:part>2</pdfaid:part>" in xmp
    assert catalogue["/Lang"] == "de"
    assert PdfReader(file).metadata.title == facts.title  # type: ignore[union-attr]


def test_blanked_words_are_said_to_be_missing() -> None:
    said = text(minutes(PUBLIC, brand=BRAND))
    assert "Das Gremium dankt [geschwärzt] für die Idee." in said
    assert MARK not in said
    assert "▯" not in said


def test_each_version_says_whom_it_is_for() -> None:
    assert "Öffentliche Fassung, ohne Namen." in text(minutes(PUBLIC, brand=BRAND))
    assert "nur für das Gremium, das Büro und die Stadt" in text(minutes(WHOLE, brand=BRAND))


def test_long_minutes_say_on_each_page_whose_they_are() -> None:
    leaves = pages(minutes(LONG, brand=BRAND))
    assert len(leaves) > 10
    assert all(PUBLIC.title in leaf for leaf in leaves[1:])


def test_the_same_minutes_give_the_same_bytes() -> None:
    assert minutes(WHOLE, brand=BRAND) == minutes(WHOLE, brand=BRAND)
