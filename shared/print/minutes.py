"""The minutes of a session: the whole for the board and the city, or the public version."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from shared.print import blocks
from shared.print.blocks import Block
from shared.print.press import document, press
from shared.print.voice import Voice
from shared.web.brand import Brand
from shared.web.i18n import BINDING

MARK = "▒▒▒"
"""Stands for words the public does not get to read; no font of ours has it."""


@dataclass(frozen=True, kw_only=True)
class PaperVote:
    """One vote: what was asked, what was counted, how it came out; names in the whole version only."""

    question: str
    counts: Sequence[str]
    """Yes, no, abstained, invalid."""
    verdict: str
    notes: Sequence[str] = ()
    named: Sequence[tuple[str, str]] = ()

    @property
    def row(self) -> tuple[str, ...]:
        """As a line of a table."""
        return self.question, *self.counts


@dataclass(frozen=True, kw_only=True)
class PaperItem:
    """One item: what was recorded, and the text beside it."""

    part: str
    heading: str
    rows: Sequence[tuple[str, str]] = ()
    notes: Sequence[str] = ()
    votes: Sequence[PaperVote] = ()
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class MinutesPaper:
    """Minutes as they are read, on a page or on paper; every sentence is in the reader's language."""

    title: str
    whole: bool
    dated_on: date
    standing: str
    rows: Sequence[tuple[str, str]]
    notes: Sequence[str]
    presence: Sequence[tuple[str, str, str]] = ()
    """Name, member or guest, from when to when; empty in the public version."""
    opening: str
    items: Sequence[PaperItem]
    closing: str


def minutes(facts: MinutesPaper, *, brand: Brand) -> bytes:
    """The minutes as PDF, in German: that text binds."""
    voice = Voice(BINDING)
    made = document(
        brand=brand,
        language=BINDING,
        title=facts.title,
        number="",
        dated=facts.dated_on,
        parts=[blocks.part(BINDING, _minutes(facts, voice))],
    )
    made["running"] = [facts.title]
    return press(made, dated=facts.dated_on)


def _minutes(facts: MinutesPaper, voice: Voice) -> Iterator[Block]:
    _ = voice.gettext
    yield blocks.title(facts.title)
    whole = _("Vollständiges Protokoll, nur für das Gremium, das Büro und die Stadt.")
    public = _("Öffentliche Fassung, ohne Namen.")
    yield blocks.binding_note(f"{whole if facts.whole else public} {facts.standing}")
    yield blocks.facts([(label, voice.said(value)) for label, value in facts.rows])
    yield blocks.heading(_("Wer da war"))
    if facts.presence:
        head = [_("Name"), _("Als"), _("Von wann bis wann")]
        rows = [[voice.said(cell) for cell in line] for line in facts.presence]
        yield blocks.table(head, rows, widths=("wide", "narrow", "half"))
    for note in facts.notes:
        yield blocks.para(voice.said(note))
    yield from _text(facts.opening, _("Beginn"))
    for item in facts.items:
        yield from _item(item, voice)
    yield from _text(facts.closing, _("Ende"))


def _item(item: PaperItem, voice: Voice) -> Iterator[Block]:
    yield blocks.heading(voice.said(item.heading))
    if item.rows:
        yield blocks.facts([(label, voice.said(value)) for label, value in item.rows])
    if item.text:
        yield blocks.quoted(_spoken(item.text))
    if item.notes:
        yield blocks.bullets([voice.said(note) for note in item.notes])
    if item.votes:
        yield _votes(item.votes, voice)
    for vote in item.votes:
        yield from _vote(vote, voice, several=len(item.votes) > 1)


def _votes(votes: Sequence[PaperVote], voice: Voice) -> Block:
    _ = voice.gettext
    head = [_("Frage"), _("Ja"), _("Nein"), _("Enthaltung"), _("Ungültig")]
    rows = [[voice.said(cell) for cell in vote.row] for vote in votes]
    return blocks.table(head, rows, widths=("wide", "sum", "sum", "sum", "sum"))


def _vote(vote: PaperVote, voice: Voice, *, several: bool) -> Iterator[Block]:
    _ = voice.gettext
    verdict = f"{vote.question}: {vote.verdict}" if several else vote.verdict
    yield blocks.lead(voice.said(verdict))
    if vote.notes:
        yield blocks.bullets([voice.said(note) for note in vote.notes])
    if vote.named:
        head = [_("Name"), _("Stimme")]
        rows = [[voice.said(name), choice] for name, choice in vote.named]
        yield blocks.table(head, rows, widths=("wide", "narrow"))


def _text(text: str, heading: str) -> Iterator[Block]:
    if text:
        yield blocks.heading(heading)
        yield blocks.quoted(_spoken(text))


def _spoken(text: str) -> str:
    """A screen reader should say that words are missing, not read signs."""
    return text.replace(MARK, "[geschwärzt]")
