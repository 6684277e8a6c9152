"""A letter that was written as mail, on paper: in the window of an envelope."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from shared.print import blocks
from shared.print.blocks import Block
from shared.print.bound import Binder
from shared.print.press import document, letterhead, press
from shared.print.voice import Voice, known, words
from shared.web.brand import Brand
from shared.web.i18n import BINDING


@dataclass(frozen=True, kw_only=True)
class PostLetter:
    """What it says, in the reader's language and then in German; the words are kept as they were sent."""

    subject: str
    envelope: Sequence[str]
    language: str
    dated_on: date
    parts: Sequence[tuple[str, Sequence[Block]]]


def post_letter(letter: PostLetter, *, brand: Brand) -> bytes:
    """The letter as PDF, tagged like every other document."""
    language = known(letter.language)
    voice = Voice(language)
    made = document(
        brand=brand,
        language=language,
        title=words(letter.subject),
        number="",
        dated=letter.dated_on,
        parts=[
            blocks.part(spoken, _said(part, Voice(known(spoken)), brand, first=at == 0))
            for at, (spoken, part) in enumerate(letter.parts)
        ],
    )
    made["running"] = [voice.phrase(words(letter.subject))]
    made["letter"] = letterhead(
        addressee=[words(line) for line in letter.envelope],
        info=_info(letter, voice, brand),
        brand=brand,
    )
    return press(made, dated=letter.dated_on)


def pile(*, dated: date) -> Binder:
    """An empty file for the letters the office prints on this day; the office reads German."""
    voice = Voice(BINDING)
    title = voice.gettext("Schreiben zum Ausdrucken, %(day)s", day=voice.date(dated))
    return Binder(title=title, language=BINDING, dated=dated)


def _info(letter: PostLetter, voice: Voice, brand: Brand) -> list[tuple[str, str]]:
    _ = voice.gettext
    return [
        (_("Datum"), voice.date(letter.dated_on)),
        (_("Telefon"), voice.phone(brand)),
        (_("E-Mail"), voice.number(brand.email)),
    ]


def _said(part: Sequence[Block], voice: Voice, brand: Brand, *, first: bool) -> Iterator[Block]:
    _ = voice.gettext
    if not first and voice.language == BINDING:
        yield blocks.binding_note(_("Deutscher Text (dieser Text ist verbindlich)"))
    yield from part
    yield blocks.closing(
        _("Mit freundlichen Grüßen"),
        brand.named(voice.language),
        _("Dieser Brief kommt aus dem Computer. Er gilt ohne Unterschrift."),
    )
