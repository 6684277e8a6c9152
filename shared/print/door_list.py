"""The list for the door: who is expected at an occasion, by name, with a box to tick for each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from textwrap import shorten
from typing import Final
from unicodedata import combining, normalize

from shared.clock import BERLIN
from shared.print import blocks
from shared.print.blocks import Block, Part
from shared.print.press import document, press
from shared.print.voice import Voice, known, words
from shared.web.brand import Brand

FIRST_PAGE: Final = 18
A_PAGE: Final = 24
"""Names on a page, so that each page has a total of its own."""

LONGEST_NAME: Final = 60
BOX: Final = "[ ]"
"""What the template draws as a box to tick."""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """One registration with a place."""

    name: str
    number: int
    people: int
    arrived: bool = False


@dataclass(frozen=True, kw_only=True)
class DoorList:
    """Everything that stands on the list; nobody's address or needs, for it lies on a table."""

    title: str
    starts_at: datetime
    ends_at: datetime | None
    place: str
    as_of: datetime
    expected: Sequence[Expected]
    note: str = ""
    reserved: int = 0
    reserved_for: str = ""


def door_list(facts: DoorList, *, brand: Brand, language: str) -> bytes:
    """The list as PDF: tagged, one total a page and one of all."""
    language = known(language)
    voice, dated = Voice(language), facts.as_of.astimezone(BERLIN).date()
    title = voice.gettext("Türliste: %(title)s", title=voice.said(facts.title))
    made = document(
        brand=brand,
        language=language,
        title=title,
        number="",
        dated=dated,
        parts=list(_parts(facts, voice, title)),
    )
    made["running"] = [voice.phrase(voice.gettext("Türliste")), voice.said(_short(facts.title))]
    return press(made, dated=dated)


def _parts(facts: DoorList, voice: Voice, title: str) -> Iterator[Part]:
    """A part is a page: names never run on without their total."""
    everybody = sorted(facts.expected, key=lambda one: (_sorted_as(one.name), one.number))
    pages = [everybody[:FIRST_PAGE]]
    rest = everybody[FIRST_PAGE:]
    pages += [rest[at : at + A_PAGE] for at in range(0, len(rest), A_PAGE)]
    for at, page in enumerate(pages):
        content = list(_head(facts, voice, title)) if at == 0 else []
        content += [_table(page, voice)] if page else [_nobody(voice)]
        if at == len(pages) - 1:
            content += _end(facts, voice)
        yield blocks.part(voice.language, content)


def _head(facts: DoorList, voice: Voice, title: str) -> Iterator[Block]:
    _ = voice.gettext
    until = f" – {voice.clock(facts.ends_at)}" if facts.ends_at else ""
    rows = [
        (_("Wann"), f"{voice.day(_there(facts.starts_at))}, {voice.clock(facts.starts_at)}{until}"),
        (_("Wo"), voice.said(facts.place)),
        (_("Stand"), voice.moment(facts.as_of)),
    ]
    yield blocks.title(words(title))
    yield blocks.facts(rows)
    if facts.note:
        yield blocks.quoted(facts.note)


def _table(page: Sequence[Expected], voice: Voice) -> Block:
    """Tick, name, number, people; the last row counts this page."""
    _ = voice.gettext
    head = [_("Da"), _("Name"), _("Nummer"), _("Personen")]
    rows = [
        [
            _("Ja") if one.arrived else BOX,
            voice.said(_short(one.name or "–")),
            voice.number(str(one.number)),
            voice.number(str(one.people)),
        ]
        for one in page
    ]
    total = ["", _("Auf dieser Seite"), "", voice.number(str(sum(one.people for one in page)))]
    return blocks.table(head, [*rows, total], widths=("date", "wide", "sum", "sum"), total=True)


def _nobody(voice: Voice) -> Block:
    return blocks.para(voice.gettext("Noch hat sich niemand angemeldet."))


def _end(facts: DoorList, voice: Voice) -> list[Block]:
    _ = voice.gettext
    people = sum(one.people for one in facts.expected)
    rows = [
        (_("Anmeldungen"), voice.number(str(len(facts.expected)))),
        (_("Personen zusammen"), voice.number(str(people))),
    ]
    if facts.reserved:
        rows.append((_("Dazu reserviert"), voice.number(str(facts.reserved))))
    if facts.reserved and facts.reserved_for:
        rows.append((_("Reserviert für"), voice.said(facts.reserved_for)))
    return [blocks.heading(_("Alle zusammen")), blocks.facts(rows)]


def _there(at: datetime) -> datetime:
    return at.astimezone(BERLIN)


def _short(text: str) -> str:
    return shorten(text, LONGEST_NAME, placeholder=" …")


def _sorted_as(name: str) -> str:
    """Ä beside A, small beside large: as people look for a name."""
    return "".join(c for c in normalize("NFKD", name.casefold()) if not combining(c))
