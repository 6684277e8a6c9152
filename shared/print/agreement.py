"""The agreement about a grant, to sign on paper or to keep after it was accepted online."""

from collections.abc import Iterator

from shared.print import blocks
from shared.print.blocks import Block
from shared.print.facts import Agreement
from shared.print.press import document, press
from shared.print.voice import Voice, known, words
from shared.web.brand import Brand
from shared.web.i18n import BINDING


def agreement(facts: Agreement, *, brand: Brand, language: str) -> bytes:
    """The agreement as PDF; signed once, below the German text, which binds."""
    language = known(language)
    voice = Voice(language)
    made = document(
        brand=brand,
        language=language,
        title=_title(facts, voice),
        number=facts.number,
        dated=facts.dated_on,
        parts=[
            blocks.part(spoken, _text(facts, Voice(spoken), brand, reader=language))
            for spoken in blocks.in_languages(language)
        ],
    )
    return press(made, dated=facts.dated_on)


def _title(facts: Agreement, voice: Voice) -> str:
    return voice.gettext(
        "Vereinbarung zum Antrag %(number)s (Fördervereinbarung)", number=voice.number(facts.number)
    )


def _text(facts: Agreement, voice: Voice, brand: Brand, *, reader: str) -> Iterator[Block]:
    _ = voice.gettext
    if voice.language != reader:
        yield blocks.binding_note(_("Deutscher Text (dieser Text ist verbindlich)"))
    yield blocks.title(_title(facts, voice))
    yield blocks.facts(_who(facts, voice, brand))
    sections = (_about(facts, voice), _money(facts, voice), _duties(facts, voice, reader))
    for number, section in enumerate(sections, 1):
        head, *rest = section
        yield head | {"text": f"{voice.number(str(number))}. {head['text']}"}
        yield from rest
    yield from _signing(facts, voice, brand)


def _who(facts: Agreement, voice: Voice, brand: Brand) -> list[tuple[str, str]]:
    _ = voice.gettext
    to = facts.addressee
    town = f"{to.postcode or ''} {to.city or ''}".strip()
    office = voice.listed([brand.named(voice.language), voice.said(", ".join(brand.address))])
    return [
        (_("Zwischen"), office),
        (_("und"), voice.said(", ".join(filter(None, (to.name, to.street, town))))),
        (_("Datum"), voice.date(facts.dated_on)),
    ]


def _about(facts: Agreement, voice: Voice) -> Iterator[Block]:
    _ = voice.gettext
    yield blocks.heading(_("Worum es geht"))
    yield blocks.para(
        _(
            "Das Geld ist für die Idee „%(title)s“. Sie beginnt am %(starts)s und endet am %(ends)s.",
            title=voice.said(facts.title),
            starts=voice.date(facts.starts_on),
            ends=voice.date(facts.ends_on),
        )
    )


def _money(facts: Agreement, voice: Voice) -> Iterator[Block]:
    _ = voice.gettext
    yield blocks.heading(_("Wie viel Geld es gibt"))
    yield blocks.sums(
        [
            (_("Beantragt"), voice.euros(facts.asked_cents)),
            (_("Davon kann bezahlt werden"), voice.euros(facts.eligible_cents)),
            (_("Zugesagt"), voice.euros(facts.amount_cents)),
        ]
    )
    yield blocks.lead(_("Diese Kosten stehen im Antrag:"))
    yield _costs(facts, voice)
    if facts.funding:
        yield blocks.lead(_("So werden die Kosten bezahlt:"))
        rows = [[voice.said(what), voice.euros(cents)] for what, cents in facts.funding]
        total = voice.euros(sum(cents for _what, cents in facts.funding))
        head = [_("Woher"), _("Summe")]
        yield blocks.table(
            head, [*rows, [_("Zusammen"), total]], widths=("wide", "sum"), total=True
        )


def _costs(facts: Agreement, voice: Voice) -> Block:
    _ = voice.gettext
    rows = [
        [voice.said(what), _("nein") if not_paid else _("ja"), voice.euros(cents)]
        for what, cents, not_paid in facts.costs
    ]
    total = voice.euros(sum(cents for _what, cents, _not_paid in facts.costs))
    head = [_("Wofür"), _("Kann bezahlt werden"), _("Summe")]
    return blocks.table(
        head, [*rows, [_("Zusammen"), "", total]], widths=("wide", "narrow", "sum"), total=True
    )


def _duties(facts: Agreement, voice: Voice, reader: str) -> Iterator[Block]:
    _ = voice.gettext
    yield blocks.heading(_("Was dafür gilt"))
    if facts.conditions:
        yield blocks.lead(_("Zu der Zusage gehören Bedingungen:"))
        yield blocks.bullets(
            [
                _("Bis %(day)s: %(text)s", day=voice.day(due), text=voice.said(text))
                for text, due in facts.conditions
            ]
        )
    rules = facts.rules
    if voice.language == BINDING and reader != BINDING:
        rules = facts.rules_in_german or facts.rules
    if rules:
        yield blocks.lead(_("Es gelten diese Regeln:"))
        yield blocks.bullets([voice.said(rule) for rule in rules])
    if not (rules or facts.conditions):
        yield blocks.para(_("Es gibt keine weiteren Bedingungen."))


def _signing(facts: Agreement, voice: Voice, brand: Brand) -> Iterator[Block]:
    _ = voice.gettext
    if facts.signed:
        way, on = facts.signed
        said = (
            _("Online angenommen am %(day)s. Eine Unterschrift ist nicht nötig.", day=voice.day(on))
            if way == "online"
            else _("Auf Papier unterschrieben am %(day)s.", day=voice.day(on))
        )
        yield blocks.heading(_("Unterschriften"))
        yield blocks.para(said)
    elif voice.language != BINDING:
        yield blocks.para(_("Unterschreiben Sie bitte am Ende des deutschen Textes."))
    else:
        yield blocks.heading(_("Unterschriften"))
        sum_ = voice.euros(facts.amount_cents)
        yield blocks.lead(_("Beide Seiten sind einverstanden: Es gibt %(sum)s.", sum=sum_))
        yield blocks.signatures(
            [
                (_("Für das Stadtteilbüro"), brand.name),
                (_("Wer das Geld bekommt"), words(facts.addressee.name)),
            ],
            place=_("Ort und Datum"),
            sign=_("Unterschrift"),
        )
