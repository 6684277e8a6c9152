"""The invitation on paper. After a wanted change: `WRITE_GOLDEN=1 pytest tests/print`, see the diff."""

import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pdfua
import pytest

from shared.print import (
    Addressee,
    AgendaRow,
    InvitationLetter,
    invitation_letter,
    invitation_letters,
)
from tests.print.samples import ADA, BRAND
from tests.print.test_documents import GOLDEN, pages, root, text

BEGINS = datetime(2026, 12, 9, 17, tzinfo=UTC)
TITLES = (
    ("Eröffnung und Begrüßung", "", 0, False),
    ("Was aus der letzten Sitzung noch offen ist", "", 5, False),
    ("Nachbarschaftsgarten am Hallenbad", "2026-018", 15, True),
    ("Sommerfest im Innenhof", "2026-021", 25, False),
    ("Verschiedenes", "", 35, False),
)
INVITED = InvitationLetter(
    board="Freunde Westhagens",
    addressee=ADA,
    dated_on=date(2026, 11, 25),
    starts_at=BEGINS,
    ends_at=BEGINS + timedelta(hours=2),
    place="Stadtteilbüro, Hallesche Straße 30",
    note="Der Eingang ist im Hof. Es gibt Tee.",
    agenda=[
        AgendaRow(
            position=at,
            starts_at=BEGINS + timedelta(minutes=minutes),
            title=title,
            number=number,
            second_call=again,
        )
        for at, (title, number, minutes, again) in enumerate(TITLES, start=1)
    ],
)
SAMPLES: dict[str, InvitationLetter] = {
    "invitation": INVITED,
    "invitation-urgent-by-link": replace(
        INVITED,
        urgent_because="Der Fonds muss vor dem Jahresende entscheiden.",
        reply_url="https://stadtteil.example/sitzungen/1/antwort/geheim",
        may_vote=False,
        note=None,
    ),
    "invitation-again": replace(INVITED, again=True, ends_at=None, agenda=INVITED.agenda[:2]),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_invitations_read_as_agreed(name: str) -> None:
    pdf = invitation_letter(SAMPLES[name], brand=BRAND, language="de")
    said = "\n\f\n".join(pages(pdf)) + "\n"
    file = GOLDEN / f"{name}.de.txt"
    if os.environ.get("WRITE_GOLDEN"):
        file.write_text(said, "utf-8")
    assert said == file.read_text("utf-8")


@pytest.mark.parametrize("language", ["de", "ar", "en"])
@pytest.mark.parametrize("name", SAMPLES)
def test_every_invitation_is_accessible_and_fit_for_the_archive(
    name: str, language: str, tmp_path: Path
) -> None:
    file = tmp_path / "invitation.pdf"
    pdf = invitation_letter(SAMPLES[name], brand=BRAND, language=language)
    file.write_bytes(pdf)
    assert pdfua.validate(str(file)).findings == ()
    catalogue = root(pdf)
    xmp = catalogue["/Metadata"].get_object().get_data().decode()
    assert "<pdfuaid:part>1</pdfuaid:part>" in xmp
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in xmp
    assert catalogue["/Lang"] == language


def test_the_print_run_is_one_accessible_file_of_letters_that_count_their_own_pages(
    tmp_path: Path,
) -> None:
    long = replace(INVITED, agenda=list(INVITED.agenda) * 8)
    other = replace(INVITED, addressee=Addressee(name="Ibrahim Yılmaz", street="Weg 1", city="Ort"))
    pdf = invitation_letters([(long, "de"), (other, "de"), (INVITED, "ar")], brand=BRAND)
    file = tmp_path / "run.pdf"
    file.write_bytes(pdf)
    assert pdfua.validate(str(file)).findings == ()
    leaves = pages(pdf)
    starts = [at for at, leaf in enumerate(leaves) if "Seite 1" in leaf.splitlines()[0]]
    assert len(starts) == 3
    assert "Ada Lovelace" in leaves[starts[0]]
    assert "Ibrahim Yılmaz" in leaves[starts[1]]
    assert "Ada Lovelace" not in leaves[starts[1]]
    assert "Seite 2" in leaves[starts[0] + 1]


def test_only_who_has_a_link_is_pointed_to_one() -> None:
    annotations: Any = root(invitation_letter(INVITED, brand=BRAND, language="de"))
    assert annotations
    assert "https://" not in text(invitation_letter(INVITED, brand=BRAND, language="de"))
    linked = invitation_letter(SAMPLES["invitation-urgent-by-link"], brand=BRAND, language="de")
    assert "sitzungen/1/antwort" in text(linked).replace("\n", "").replace("\u200b", "")


def test_a_second_call_is_explained_only_where_there_is_one() -> None:
    assert "Zweiter Aufruf" in text(invitation_letter(INVITED, brand=BRAND, language="de"))
    calm = replace(INVITED, agenda=[replace(row, second_call=False) for row in INVITED.agenda])
    assert "Zweiter Aufruf" not in text(invitation_letter(calm, brand=BRAND, language="de"))
