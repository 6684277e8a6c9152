"""The whole case as one document, to keep, to hand on or to audit."""

from collections.abc import Iterator
from datetime import datetime
from textwrap import shorten

from shared.clock import BERLIN
from shared.print import blocks
from shared.print.blocks import Block
from shared.print.facts import CaseFile
from shared.print.press import document, press
from shared.print.voice import Voice, known, words
from shared.web import formats
from shared.web.brand import Brand


def case_file(facts: CaseFile, *, brand: Brand, language: str) -> bytes:
    """The case as PDF, in one language; raises ValueError if neither date nor trail dates it."""
    language = known(language)
    voice = Voice(language)
    at = _as_of(facts)
    made = document(
        brand=brand,
        language=language,
        title=voice.gettext(
            "Akte %(number)s: %(title)s",
            number=voice.number(facts.number),
            title=voice.said(facts.public_title),
        ),
        number=facts.number,
        dated=at.astimezone(BERLIN).date(),
        parts=[blocks.part(language, _case(facts, voice, at))],
    )
    made["running"].append(voice.said(shorten(facts.public_title, 60, placeholder=" …")))
    return press(made, dated=at.astimezone(BERLIN).date())


def _as_of(facts: CaseFile) -> datetime:
    moments = [facts.as_of] if facts.as_of else [at for at, *_rest in facts.trail]
    if not moments:
        raise ValueError("a case file needs a date: as_of, or a trail")
    return max(moments)


def _case(facts: CaseFile, voice: Voice, at: datetime) -> Iterator[Block]:
    _ = voice.gettext
    yield blocks.title(words(facts.title))
    yield blocks.facts(
        [
            (_("Nummer"), voice.number(facts.number)),
            (_("Öffentlicher Titel"), voice.said(facts.public_title)),
            (_("Stand"), voice.moment(at)),
        ]
    )
    if facts.money:
        yield blocks.heading(_("Geld"))
        yield blocks.sums([(voice.said(what), voice.euros(cents)) for what, cents in facts.money])
    yield blocks.heading(_("Wer den Antrag stellt"))
    yield blocks.answers(voice, facts.applicant)
    for heading, rows in facts.sections:
        yield blocks.heading(words(heading))
        yield blocks.answers(voice, rows)
    yield from _lists(facts, voice)


def _lists(facts: CaseFile, voice: Voice) -> Iterator[Block]:
    _ = voice.gettext
    if facts.checklist:
        yield blocks.heading(_("Formale Prüfung"))
        rows = [[voice.said(text) for text in line] for line in facts.checklist]
        head = [_("Was"), _("Ergebnis"), _("Bemerkung")]
        yield blocks.table(head, rows, widths=("wide", "narrow", "wide"))
    if facts.trail:
        yield blocks.heading(_("Verlauf"))
        yield _trail(facts, voice)
    if facts.files:
        yield blocks.heading(_("Dateien"))
        sizes = [
            [voice.said(name), voice.number(formats.filesize(size, voice.language))]
            for name, size in facts.files
        ]
        yield blocks.table([_("Datei"), _("Größe")], sizes, widths=("wide", "sum"))


def _trail(facts: CaseFile, voice: Voice) -> Block:
    _ = voice.gettext
    rows = [
        [
            voice.moment(at),
            voice.said(who),
            voice.said(what),
            "" if cents is None else voice.euros(cents),
        ]
        for at, who, what, cents in facts.trail
    ]
    head = [_("Wann"), _("Wer"), _("Was"), _("Summe")]
    return blocks.table(head, rows, widths=("date", "narrow", "wide", "sum"))
