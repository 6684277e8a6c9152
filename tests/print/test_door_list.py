"""The list for the door. After a wanted change: `WRITE_GOLDEN=1 pytest tests/print`, and look at the diff."""

import os
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pdfua
import pytest
from pypdf import PdfReader

from shared.print.door_list import A_PAGE, FIRST_PAGE, DoorList, Expected, door_list
from tests.print.samples import BRAND

GOLDEN = Path(__file__).parent / "golden"
NAMES = ("Özdemir, Elif", "anna Ähre", "Zoé Šimková", "مريم حسن", "Ada Lovelace", "Ärmel, Uwe")


def guests(count: int) -> tuple[Expected, ...]:
    names = [*NAMES, *(f"Familie {chr(65 + n % 26)}{n:02d}" for n in range(count))][:count]
    return tuple(
        Expected(name=name, number=n + 1, people=n % 4 + 1, arrived=n == 2)
        for n, name in enumerate(names)
    )


def listed(count: int, **facts: Any) -> DoorList:
    known: dict[str, Any] = {
        "title": "Werkstatt: Hochbeete bauen",
        "starts_at": datetime(2026, 5, 6, 14, tzinfo=UTC),
        "ends_at": datetime(2026, 5, 6, 16, tzinfo=UTC),
        "place": "Innenhof, Laagbergstraße 12",
        "as_of": datetime(2026, 5, 6, 8, tzinfo=UTC),
        "note": "Schlüssel bei der Hausverwaltung.\n\nErste Hilfe liegt im Flur.",
        "reserved": 4,
        "reserved_for": "Kita Regenbogen",
    }
    return DoorList(expected=guests(count), **known | facts)


def pages(facts: DoorList, language: str = "de") -> list[str]:
    pdf = door_list(facts, brand=BRAND, language=language)
    return [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]


def test_the_list_reads_as_agreed() -> None:
    said = "\n\f\n".join(pages(listed(30))) + "\n"
    file = GOLDEN / "door-list.de.txt"
    if os.environ.get("WRITE_GOLDEN"):
        file.write_text(said, "utf-8")
    assert said == file.read_text("utf-8")


@pytest.mark.parametrize("language", ["de", "en", "ar"])
@pytest.mark.parametrize("count", [0, 1, 30, 200])
def test_every_list_is_accessible_and_fit_for_the_archive(
    count: int, language: str, tmp_path: Path
) -> None:
    pdf = door_list(listed(count), brand=BRAND, language=language)
    file = tmp_path / "list.pdf"
    file.write_bytes(pdf)
    assert pdfua.validate(str(file)).findings == ()
    catalogue: Any = PdfReader(BytesIO(pdf)).trailer["/Root"]
    xmp = catalogue["/Metadata"].get_object().get_data().decode()
    for mark in ("<pdfuaid:part>1<", "<pdfaid:part>2<", "<pdfaid:conformance>A<"):
        assert mark in xmp
    assert catalogue["/Lang"] == language


def test_people_are_found_by_name_however_it_is_written() -> None:
    said = "\n".join(pages(listed(6)))
    order = ("Ada Lovelace", "anna Ähre", "Ärmel, Uwe", "Özdemir, Elif", "Zoé Šimková")
    places = [said.index(name) for name in order]
    assert places == sorted(places)


@pytest.mark.parametrize("count", [1, FIRST_PAGE, FIRST_PAGE + 1, FIRST_PAGE + A_PAGE + 1])
def test_each_page_has_its_own_total_and_they_add_up(count: int) -> None:
    facts = listed(count)
    leaves = pages(facts)
    totals = [
        int(line.rsplit(" ", 1)[1])
        for leaf in leaves
        for line in leaf.splitlines()
        if line.startswith("Auf dieser Seite")
    ]
    assert len(totals) == len(leaves)
    everybody = sum(one.people for one in facts.expected)
    assert sum(totals) == everybody
    assert f"Personen zusammen {everybody}" in leaves[-1].replace("\n", " ")


def test_an_empty_list_says_so_and_long_or_hostile_names_stay_on_the_page() -> None:
    assert "Noch hat sich niemand angemeldet." in pages(listed(0))[0]
    long = Expected(name="Donaudampfschifffahrt" * 20 + " #set text()", number=1, people=1)
    facts = listed(0)
    said = pages(DoorList(**vars(facts) | {"expected": (long,), "title": "x" * 200}))
    assert len(said) == 1
    assert "#set" not in said[0]


def test_the_same_facts_give_the_same_bytes() -> None:
    facts = listed(30)
    assert door_list(facts, brand=BRAND, language="de") == door_list(
        facts, brand=BRAND, language="de"
    )
