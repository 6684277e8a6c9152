"""The board's invitation as a letter: when, where, what about, and how to say whether one comes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from shared.print import blocks
from shared.print.blocks import Block, Part
from shared.print.facts import Addressee
from shared.print.press import document, letterhead, press
from shared.print.voice import Voice, known
from shared.web.brand import Brand
from shared.web.i18n import BINDING

WIDTHS: Final = ("date", "date", "wide")


@dataclass(frozen=True, kw_only=True)
class AgendaRow:
    """A line of the agenda, as everybody may read it."""

    position: int
    starts_at: datetime | None
    title: str
    number: str = ""
    second_call: bool = False


@dataclass(frozen=True, kw_only=True)
class InvitationLetter:
    """What one member is invited to; without `reply_url` they answer by phone or in person."""

    board: str
    addressee: Addressee
    dated_on: date
    starts_at: datetime
    ends_at: datetime | None
    place: str
    note: str | None = None
    agenda: Sequence[AgendaRow]
    may_vote: bool = True
    urgent_because: str | None = None
    again: bool = False
    reply_url: str | None = None


def invitation_letter(facts: InvitationLetter, *, brand: Brand, language: str) -> bytes:
    """The letter as PDF; in another language than German the German text follows."""
    language = known(language)
    made = _document(facts, brand, language)
    made["parts"] = _parts(facts, brand, language)
    made["letter"] = made["parts"][0].pop("letter")
    return press(made, dated=facts.dated_on)


def invitation_letters(letters: Sequence[tuple[InvitationLetter, str]], *, brand: Brand) -> bytes:
    """All of these in one file, each with a window and pages of its own; (facts, language)."""
    first, _language = letters[0]
    made = _document(first, brand, BINDING)
    made["parts"] = [
        part for facts, language in letters for part in _parts(facts, brand, known(language))
    ]
    made["page"] = Voice(BINDING).gettext("Seite %(page)s", page="{page}")
    return press(made, dated=first.dated_on)


def _document(facts: InvitationLetter, brand: Brand, language: str) -> dict[str, Any]:
    voice = Voice(language)
    made = document(
        brand=brand,
        language=language,
        title=_title(facts, voice),
        number="",
        dated=facts.dated_on,
        parts=[],
    )
    made["running"] = [voice.phrase(_title(facts, voice))]
    return made


def _parts(facts: InvitationLetter, brand: Brand, language: str) -> list[Part]:
    voice = Voice(language)
    parts = [
        blocks.part(spoken, _letter(facts, Voice(spoken), brand, reader=language))
        for spoken in blocks.in_languages(language)
    ]
    parts[0]["letter"] = letterhead(
        addressee=_address(facts.addressee), info=_info(facts, voice, brand), brand=brand
    )
    return parts


def _address(to: Addressee) -> list[str]:
    town = f"{to.postcode or ''} {to.city or ''}".strip()
    return [line for line in (to.name, to.street, town) if line]


def _info(facts: InvitationLetter, voice: Voice, brand: Brand) -> list[tuple[str, str]]:
    _ = voice.gettext
    return [
        (_("Datum"), voice.date(facts.dated_on)),
        (_("Telefon"), voice.phone(brand)),
        (_("E-Mail"), voice.number(brand.email)),
    ]


def _title(facts: InvitationLetter, voice: Voice) -> str:
    _, day = voice.gettext, voice.date(facts.starts_at)
    if facts.again:
        return _("Neue Tagesordnung für die Sitzung am %(day)s", day=day)
    if facts.urgent_because:
        return _("Dringende Einladung zur Sitzung am %(day)s", day=day)
    return _("Einladung zur Sitzung am %(day)s", day=day)


def _letter(facts: InvitationLetter, voice: Voice, brand: Brand, *, reader: str) -> Iterator[Block]:
    _ = voice.gettext
    if voice.language != reader:
        yield blocks.binding_note(_("Deutscher Text (dieser Text ist verbindlich)"))
    yield blocks.title(_title(facts, voice))
    yield blocks.para(_("Guten Tag %(name)s,", name=voice.said(facts.addressee.name)))
    if facts.again:
        yield blocks.para(_("die Tagesordnung hat sich geändert. Es gilt diese hier."))
    else:
        yield blocks.para(_("wir laden Sie zur nächsten Sitzung ein."))
    yield blocks.facts(_when_and_where(facts, voice))
    if facts.note:
        yield blocks.answers(voice, [(_("Gut zu wissen"), facts.note)])
    if facts.urgent_because:
        yield blocks.heading(_("Warum die Einladung so spät kommt"))
        yield blocks.quoted(facts.urgent_because)
    yield blocks.heading(_("Tagesordnung"))
    yield _agenda(facts, voice)
    if any(row.second_call for row in facts.agenda):
        yield from _second_call(facts, voice)
    yield from _answer(facts, voice, brand)
    yield blocks.closing(
        _("Mit freundlichen Grüßen"),
        brand.named(voice.language),
        _("Dieser Brief kommt aus dem Computer. Er gilt ohne Unterschrift."),
    )


def _when_and_where(facts: InvitationLetter, voice: Voice) -> list[tuple[str, str]]:
    _, start = voice.gettext, voice.clock(facts.starts_at)
    clock = _("%(start)s Uhr", start=start)
    if facts.ends_at:
        clock = _("%(start)s bis %(end)s Uhr", start=start, end=voice.clock(facts.ends_at))
    return [
        (_("Gremium"), voice.said(facts.board)),
        (_("Tag"), voice.day(facts.starts_at)),
        (_("Uhrzeit"), clock),
        (_("Ort"), voice.said(facts.place)),
    ]


def _agenda(facts: InvitationLetter, voice: Voice) -> Block:
    _ = voice.gettext
    rows = [
        [
            voice.number(str(row.position)),
            voice.clock(row.starts_at) if row.starts_at else "",
            _named(row, voice),
        ]
        for row in facts.agenda
    ]
    return blocks.table([_("Punkt"), _("Beginn"), _("Worum es geht")], rows, widths=WIDTHS)


def _named(row: AgendaRow, voice: Voice) -> str:
    number = voice.gettext("Antrag %(number)s", number=voice.number(row.number))
    return f"{voice.said(row.title)} ({number})" if row.number else voice.said(row.title)


def _second_call(facts: InvitationLetter, voice: Voice) -> Iterator[Block]:
    _ = voice.gettext
    again = [voice.number(str(row.position)) for row in facts.agenda if row.second_call]
    yield blocks.heading(_("Zweiter Aufruf"))
    yield blocks.para(
        _(
            "Beim letzten Mal waren zu wenige Mitglieder da. Über diese Punkte entscheidet jetzt,"
            " wer kommt, auch wenn es wenige sind: %(points)s.",
            points=voice.listed(again),
        )
    )


def _answer(facts: InvitationLetter, voice: Voice, brand: Brand) -> Iterator[Block]:
    _ = voice.gettext
    here = _("Wir sind da: %(hours)s.", hours=voice.hours(brand)) if brand.hours else ""
    yield blocks.heading(_("Kommen Sie?"))
    if facts.reply_url:
        yield blocks.link(
            _("Hier sagen Sie es uns, und hier sind die Unterlagen:"), facts.reply_url
        )
        call = _("Oder rufen Sie an: %(phone)s.", phone=voice.phone(brand))
    else:
        call = _("Sagen Sie uns Bescheid: %(phone)s.", phone=voice.phone(brand))
    yield blocks.para(f"{call} {here}".strip())
    if not facts.may_vote:
        yield blocks.para(
            _("Sie haben im Moment kein Stimmrecht. Mitreden können Sie wie alle anderen.")
        )
