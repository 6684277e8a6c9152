"""What the board reads before it meets: the agenda and every application, as one file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from shared.print import blocks
from shared.print.blocks import Block
from shared.print.press import document, press
from shared.print.voice import Voice, known
from shared.web.brand import Brand
from shared.web.i18n import lazy

MISSING: Final = {
    "erased": lazy("Der Antrag ist gelöscht, weil die Person das verlangt hat. (gelöscht)"),
    "missing": lazy("Die Unterlagen zu diesem Antrag sind noch nicht da."),
}
"""Why there is nothing to read."""


@dataclass(frozen=True, kw_only=True)
class Opinion:
    """What a department says; None where its words are erased."""

    department: str
    verdict: str
    """In words."""
    text: str | None


@dataclass(frozen=True, kw_only=True)
class Idea:
    """An application as the board reads it; `costs` are (what, cents, not paid by the fund)."""

    title: str
    applicant: str
    aim: str
    plan: str
    target_group: str
    benefit: str
    place: str
    starts_on: date
    ends_on: date
    costs: Sequence[tuple[str, int, bool]]
    funding: Sequence[tuple[str, int]]
    files: int
    """How many are enclosed with the office."""


@dataclass(frozen=True, kw_only=True)
class PaperItem:
    """One item; `paper` says why an application has no `idea`."""

    position: int
    starts_at: datetime
    title: str
    number: str = ""
    text: str = ""
    asked_cents: int | None = None
    eligible_cents: int | None = None
    second_call: bool = False
    supplementary: bool = False
    idea: Idea | None = None
    paper: Literal["here", "erased", "missing", "none"] = "none"
    opinions: Sequence[Opinion] = ()


@dataclass(frozen=True, kw_only=True)
class SessionPapers:
    """All there is to read for one session; `left_cents` is what the fund still has, if known."""

    board: str
    dated_on: date
    starts_at: datetime
    ends_at: datetime | None
    place: str
    left_cents: int | None
    items: Sequence[PaperItem]


def session_papers(facts: SessionPapers, *, brand: Brand, language: str) -> bytes:
    """The papers as PDF; people's own words stay in the language they were written in."""
    language = known(language)
    voice = Voice(language)
    title = voice.gettext("Unterlagen zur Sitzung am %(day)s", day=voice.date(facts.starts_at))
    made = document(
        brand=brand,
        language=language,
        title=title,
        number="",
        dated=facts.dated_on,
        parts=[blocks.part(language, _overview(facts, voice, title))],
    )
    made["running"] = [voice.phrase(title)]
    made["parts"] += [
        blocks.part(language, _item(item, voice)) for item in facts.items if item.number
    ]
    return press(made, dated=facts.dated_on)


def _overview(facts: SessionPapers, voice: Voice, title: str) -> Iterator[Block]:
    _ = voice.gettext
    yield blocks.title(title)
    start = voice.clock(facts.starts_at)
    clock = _("%(start)s Uhr", start=start)
    if facts.ends_at:
        clock = _("%(start)s bis %(end)s Uhr", start=start, end=voice.clock(facts.ends_at))
    yield blocks.facts(
        [
            (_("Gremium"), voice.said(facts.board)),
            (_("Tag"), voice.day(facts.starts_at)),
            (_("Uhrzeit"), clock),
            (_("Ort"), voice.said(facts.place)),
        ]
    )
    yield blocks.heading(_("Tagesordnung"))
    yield blocks.table(
        [_("Punkt"), _("Beginn"), _("Worum es geht"), _("Beantragt")],
        [_line(item, voice) for item in facts.items],
        widths=("date", "date", "wide", "sum"),
    )
    yield from _money(facts, voice)
    for item in facts.items:
        if item.text:
            yield blocks.heading(_numbered(item, voice))
            yield blocks.quoted(item.text)


def _line(item: PaperItem, voice: Voice) -> list[str]:
    _, more = voice.gettext, []
    if item.second_call:
        more.append(_("zweiter Aufruf"))
    if item.supplementary:
        more.append(_("nachträglich dazugekommen"))
    said = voice.said(item.title) + (f" ({voice.listed(more)})" if more else "")
    asked = "" if item.asked_cents is None else voice.euros(item.asked_cents)
    return [voice.number(str(item.position)), voice.clock(item.starts_at), said, asked]


def _money(facts: SessionPapers, voice: Voice) -> Iterator[Block]:
    _ = voice.gettext
    asked = [item.asked_cents for item in facts.items if item.asked_cents is not None]
    if not asked:
        return
    rows = [(_("Zusammen beantragt"), voice.euros(sum(asked)))]
    if facts.left_cents is not None:
        rows.append((_("Noch im Fonds"), voice.euros(facts.left_cents)))
    yield blocks.sums(rows)
    if facts.left_cents is not None and sum(asked) > facts.left_cents:
        yield blocks.para(_("Das Geld reicht nicht für alle Anträge."))


def _item(item: PaperItem, voice: Voice) -> Iterator[Block]:
    _ = voice.gettext
    yield blocks.title(_numbered(item, voice))
    rows = [(_("Nummer"), voice.number(item.number))]
    if item.asked_cents is not None:
        rows.append((_("Beantragt"), voice.euros(item.asked_cents)))
    if item.eligible_cents is not None:
        rows.append((_("Davon zahlt der Fonds"), voice.euros(item.eligible_cents)))
    yield blocks.facts(rows)
    if item.second_call:
        yield blocks.para(
            _("Zweiter Aufruf: In dieser Sitzung entscheidet, wer kommt, auch wenn es wenige sind.")
        )
    if item.idea is not None:
        yield from _idea(item.idea, voice)
    elif item.paper in MISSING:
        yield blocks.para(voice.gettext(MISSING[item.paper]))
    for opinion in item.opinions:
        yield blocks.heading(
            _("Stellungnahme: %(department)s", department=voice.said(opinion.department))
        )
        yield blocks.answers(voice, [(_("Ergebnis"), opinion.verdict), *_reason(opinion, voice)])


def _reason(opinion: Opinion, voice: Voice) -> list[tuple[str, str]]:
    _ = voice.gettext
    if opinion.text == "":
        return []
    return [(_("Begründung"), _("(gelöscht)") if opinion.text is None else opinion.text)]


def _idea(idea: Idea, voice: Voice) -> Iterator[Block]:
    _ = voice.gettext
    when = _(
        "%(start)s bis %(end)s", start=voice.date(idea.starts_on), end=voice.date(idea.ends_on)
    )
    yield blocks.heading(_("Der Antrag"))
    yield blocks.answers(
        voice,
        [
            (_("Titel"), idea.title),
            (_("Von"), idea.applicant),
            (_("Ziel"), idea.aim),
            (_("Was passiert"), idea.plan),
            (_("Für wen"), idea.target_group),
            (_("Was der Stadtteil davon hat"), idea.benefit),
            (_("Wo"), idea.place),
            (_("Wann"), when),
        ],
    )
    yield from _sums(idea, voice)
    if idea.files:
        yield blocks.para(
            voice.ngettext(
                "Dazu gehört %(num)s Datei. Sie liegt im Büro.",
                "Dazu gehören %(num)s Dateien. Sie liegen im Büro.",
                idea.files,
            )
        )


def _sums(idea: Idea, voice: Voice) -> Iterator[Block]:
    _ = voice.gettext
    yield blocks.heading(_("Ausgaben"))
    costs = [
        [
            voice.said(what) + (f" {_('(zahlt der Fonds nicht)')}" if not_paid else ""),
            voice.euros(cents),
        ]
        for what, cents, not_paid in idea.costs
    ]
    total = [_("Zusammen"), voice.euros(sum(cents for _what, cents, _not in idea.costs))]
    head = [_("Was"), _("Summe")]
    yield blocks.table(head, [*costs, total], widths=("wide", "sum"), total=True)
    if idea.funding:
        yield blocks.heading(_("Geld von anderer Seite"))
        rows = [[voice.said(what), voice.euros(cents)] for what, cents in idea.funding]
        yield blocks.table(head, rows, widths=("wide", "sum"))


def _numbered(item: PaperItem, voice: Voice) -> str:
    return voice.gettext(
        "Punkt %(position)s: %(title)s",
        position=voice.number(str(item.position)),
        title=voice.said(item.title),
    )
