"""The papers of a session as one file: golden in German, tagged, with nothing of anybody erased."""

import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pdfua
import pytest

from shared.print import Idea, Opinion, PaperItem, SessionPapers, session_papers
from tests.print.samples import BRAND
from tests.print.test_documents import GOLDEN, pages, root, text

BEGINS = datetime(2026, 12, 9, 17, tzinfo=UTC)
FEAST = Idea(
    title="Sommerfest im Innenhof der Laagbergstraße",
    applicant="Ada Lovelace",
    aim="Nachbarinnen und Nachbarn lernen sich kennen.",
    plan="Wir grillen.\n\nDanach spielt eine Band.",
    target_group="Alle im Hof",
    benefit="Man grüßt sich wieder.",
    place="Innenhof",
    starts_on=date(2027, 6, 5),
    ends_on=date(2027, 6, 5),
    costs=[("Zelt", 60_000, False), ("Bier", 9_000, True)],
    funding=[("Spende", 1_000)],
    files=2,
)
PAPERS = SessionPapers(
    board="Freunde Westhagens",
    dated_on=date(2026, 11, 25),
    starts_at=BEGINS,
    ends_at=BEGINS + timedelta(hours=2),
    place="Stadtteilbüro",
    left_cents=100_000,
    items=[
        PaperItem(
            position=1,
            starts_at=BEGINS,
            title="Was aus der letzten Sitzung noch offen ist",
            text="Offene Aufgaben: 2. Beschlüsse, die noch laufen: 1.",
        ),
        PaperItem(
            position=2,
            starts_at=BEGINS + timedelta(minutes=10),
            title="Sommerfest im Innenhof",
            number="2026-021",
            asked_cents=68_000,
            eligible_cents=60_000,
            second_call=True,
            paper="here",
            idea=FEAST,
            opinions=[
                Opinion(department="Grünflächen", verdict="Bedenken", text="Der Rasen leidet."),
                Opinion(department="Ordnungsamt", verdict="Keine Einwände", text=""),
            ],
        ),
        PaperItem(
            position=3,
            starts_at=BEGINS + timedelta(minutes=20),
            title="Nähkurs",
            number="2026-022",
            asked_cents=50_000,
            supplementary=True,
            paper="erased",
            opinions=[Opinion(department="Soziales", verdict="Dagegen", text=None)],
        ),
    ],
)


def test_papers_read_as_agreed() -> None:
    said = "\n\f\n".join(pages(session_papers(PAPERS, brand=BRAND, language="de"))) + "\n"
    file = GOLDEN / "papers.de.txt"
    if os.environ.get("WRITE_GOLDEN"):
        file.write_text(said, "utf-8")
    assert said == file.read_text("utf-8")


@pytest.mark.parametrize("language", ["de", "ar"])
def test_papers_are_accessible_and_fit_for_the_archive(language: str, tmp_path: Path) -> None:
    pdf = session_papers(PAPERS, brand=BRAND, language=language)
    file = tmp_path / "papers.pdf"
    file.write_bytes(pdf)
    assert pdfua.validate(str(file)).findings == ()
    xmp = root(pdf)["/Metadata"].get_object().get_data().decode()
    assert "<pdfuaid:part>1</pdfuaid:part>" in xmp
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in xmp


def test_too_little_money_is_said_and_what_is_not_known_is_not() -> None:
    assert "Das Geld reicht nicht" in text(session_papers(PAPERS, brand=BRAND, language="de"))
    rich = replace(PAPERS, left_cents=118_000)
    assert "Das Geld reicht nicht" not in text(session_papers(rich, brand=BRAND, language="de"))
    unknown = replace(PAPERS, left_cents=None)
    said = text(session_papers(unknown, brand=BRAND, language="de"))
    assert "1.180,00" in said
    assert "Noch im Fonds" not in said
    assert "Das Geld reicht nicht" not in said


def test_each_application_begins_on_a_page_of_its_own() -> None:
    leaves = pages(session_papers(PAPERS, brand=BRAND, language="de"))
    assert [leaf.count("Nummer") for leaf in leaves if "Nummer" in leaf] == [1, 1]
    assert "(gelöscht)" in leaves[-1]
