"""The letter about a decision: granted, rejected or deferred."""

from collections.abc import Iterator
from typing import Final

from shared.print import blocks
from shared.print.blocks import Block
from shared.print.facts import Addressee, DecisionLetter
from shared.print.press import document, letterhead, press
from shared.print.voice import Voice, known
from shared.web.brand import Brand
from shared.web.i18n import lazy

WAITS: Final = {
    "release": lazy("Die Stadt hat das Geld für dieses Jahr noch nicht ganz freigegeben."),
    "city": lazy("Bei einer so hohen Summe muss die Stadt noch zustimmen."),
}
REJECTED: Final = {
    "vote": lazy("Es gab nicht genug Ja-Stimmen."),
    "tie": lazy("Es gab so viele Ja-Stimmen wie Nein-Stimmen. Das reicht nicht."),
    "office": lazy("Über Summen dieser Höhe entscheidet das Büro."),
}
DEFERRED: Final = {
    "vote": lazy("Das Gremium will später über Ihre Idee abstimmen."),
    "no_quorum": lazy("Es waren nicht genug Mitglieder da, um abzustimmen."),
    "session_cancelled": lazy("Die Sitzung ist ausgefallen."),
    "taken_off": lazy("Ihre Idee stand nicht mehr auf der Tagesordnung."),
}


def decision_letter(facts: DecisionLetter, *, brand: Brand, language: str) -> bytes:
    """The letter as PDF; in another language than German the binding German text follows."""
    language = known(language)
    voice = Voice(language)
    made = document(
        brand=brand,
        language=language,
        title=_title(facts, voice),
        number=facts.number,
        dated=facts.dated_on,
        parts=[
            blocks.part(spoken, _letter(facts, Voice(spoken), brand, reader=language))
            for spoken in blocks.in_languages(language)
        ],
    )
    made["letter"] = letterhead(
        addressee=_address(facts.addressee), info=_info(facts, voice, brand), brand=brand
    )
    return press(made, dated=facts.dated_on)


def _address(to: Addressee) -> list[str]:
    town = f"{to.postcode or ''} {to.city or ''}".strip()
    return [line for line in (to.name, to.street, town) if line]


def _info(facts: DecisionLetter, voice: Voice, brand: Brand) -> list[tuple[str, str]]:
    _ = voice.gettext
    return [
        (_("Nummer"), voice.number(facts.number)),
        (_("Datum"), voice.date(facts.dated_on)),
        (_("Telefon"), voice.phone(brand)),
        (_("E-Mail"), voice.number(brand.email)),
    ]


def _title(facts: DecisionLetter, voice: Voice) -> str:
    _, number = voice.gettext, voice.number(facts.number)
    if facts.kind == "rejected":
        return _("Absage zu Ihrem Antrag %(number)s", number=number)
    if facts.kind == "deferred":
        return _("Ihr Antrag %(number)s ist verschoben", number=number)
    if facts.waits_for:
        return _("Zusage unter Vorbehalt für Ihren Antrag %(number)s", number=number)
    return _("Zusage für Ihren Antrag %(number)s", number=number)


def _letter(facts: DecisionLetter, voice: Voice, brand: Brand, *, reader: str) -> Iterator[Block]:
    _ = voice.gettext
    if voice.language != reader:
        yield blocks.binding_note(_("Deutscher Text (dieser Text ist verbindlich)"))
    yield blocks.title(_title(facts, voice))
    yield blocks.para(_("Guten Tag %(name)s,", name=voice.said(facts.addressee.name)))
    yield from {"granted": _granted, "rejected": _rejected, "deferred": _deferred}[facts.kind](
        facts, voice
    )
    if facts.explanation:
        yield blocks.heading(_("Das schreibt Ihnen das Büro dazu"))
        yield blocks.quoted(facts.explanation)
    yield from _farewell(facts, voice, brand)


def _granted(facts: DecisionLetter, voice: Voice) -> Iterator[Block]:
    _ = voice.gettext
    sum_, idea = voice.euros(facts.amount_cents or 0), _idea(facts, voice)
    if facts.waits_for:
        said = _("Für Ihre Idee „%(title)s“ sind %(sum)s vorgemerkt.", title=idea, sum=sum_)
        label = _("Vorgemerkt")
    else:
        said = _("Für Ihre Idee „%(title)s“ bekommen Sie %(sum)s.", title=idea, sum=sum_)
        label = _("Zugesagt")
    yield blocks.para(f"{said} {_decided(facts, voice)}".strip())
    yield blocks.sums([(_("Beantragt"), voice.euros(facts.asked_cents)), (label, sum_)])
    if facts.partial:
        yield blocks.para(
            _("Das ist weniger, als Sie beantragt haben. Rechnen Sie mit dieser Summe.")
        )
    if facts.waits_for:
        yield blocks.heading(_("Die Zusage gilt noch nicht"))
        yield blocks.bullets([_(WAITS[code]) for code in facts.waits_for])
        yield blocks.para(
            _("Sobald das geklärt ist, schreiben wir Ihnen. Beginnen Sie bis dahin nicht.")
        )
    yield from _to_do(facts, voice)


def _to_do(facts: DecisionLetter, voice: Voice) -> Iterator[Block]:
    _ = voice.gettext
    if facts.conditions or facts.accept_by:
        yield blocks.heading(_("Das ist jetzt zu tun"))
    if facts.conditions:
        yield blocks.lead(_("Zu der Zusage gehören Bedingungen:"))
        yield blocks.bullets(
            [
                _("Bis %(day)s: %(text)s", day=voice.day(due), text=voice.said(text))
                for text, due in facts.conditions
            ]
        )
    if facts.accept_by:
        until = {"day": voice.day(facts.accept_by), "clock": voice.clock(facts.accept_by)}
        yield blocks.para(
            _("Nehmen Sie die Zusage an: bis %(day)s, %(clock)s Uhr. Danach verfällt sie.", **until)
        )
        yield blocks.link(_("Das geht unter „Mein Antrag“:"), facts.case_url)
        yield blocks.para(
            _("Oder unterschreiben Sie die Vereinbarung auf Papier und geben Sie sie bei uns ab.")
        )
    elif facts.conditions:
        yield blocks.para(_("Danach schreiben wir Ihnen, bis wann Sie die Zusage annehmen können."))


def _rejected(facts: DecisionLetter, voice: Voice) -> Iterator[Block]:
    _ = voice.gettext
    said = _("Ihre Idee „%(title)s“ bekommt leider kein Geld.", title=_idea(facts, voice))
    why = _(REJECTED[facts.because]) if facts.because in REJECTED else ""
    yield blocks.para(" ".join(filter(None, (said, _decided(facts, voice), why))))
    yield blocks.sums([(_("Beantragt"), voice.euros(facts.asked_cents))])
    yield blocks.para(_("Rufen Sie uns an. Wir suchen mit Ihnen einen anderen Weg."))


def _deferred(facts: DecisionLetter, voice: Voice) -> Iterator[Block]:
    _ = voice.gettext
    said = _("Über Ihre Idee „%(title)s“ ist noch nicht entschieden.", title=_idea(facts, voice))
    why = _(DEFERRED[facts.because]) if facts.because in DEFERRED else ""
    yield blocks.para(f"{said} {why}".strip())
    yield blocks.sums([(_("Beantragt"), voice.euros(facts.asked_cents))])
    if facts.next_session_on:
        when = _(
            "Am %(day)s ist sie wieder dran, vor neueren Anträgen.",
            day=voice.day(facts.next_session_on),
        )
    else:
        when = _("Sobald der neue Tag feststeht, schreiben wir Ihnen.")
    yield blocks.para(f"{when} {_('Sie müssen nichts tun.')}")


def _decided(facts: DecisionLetter, voice: Voice) -> str:
    """When, and with how many votes."""
    _ = voice.gettext
    day = voice.day(facts.session_on) if facts.session_on else ""
    if facts.counts is None:
        return _undisclosed(facts, voice, day)
    yes, no, abstain = facts.counts
    votes = voice.listed(
        [
            _("%(num)s Ja", num=voice.number(str(yes))),
            _("%(num)s Nein", num=voice.number(str(no))),
            voice.ngettext("%(num)s Enthaltung", "%(num)s Enthaltungen", abstain),
        ]
    )
    if not day:
        return _("So wurde abgestimmt: %(votes)s.", votes=votes)
    if facts.way == "circular":
        return _("Schriftlich abgestimmt bis zum %(day)s: %(votes)s.", day=day, votes=votes)
    return _("Abgestimmt am %(day)s: %(votes)s.", day=day, votes=votes)


def _undisclosed(facts: DecisionLetter, voice: Voice, day: str) -> str:
    """Only when, where no votes are told."""
    _ = voice.gettext
    if not day:
        return ""
    if facts.way == "circular":
        return _("Entschieden durch eine schriftliche Abstimmung, am %(day)s.", day=day)
    if facts.way == "urgent":
        return _("Entschieden am %(day)s, ohne Sitzung, weil es eilig war.", day=day)
    return _("Entschieden am %(day)s.", day=day)


def _farewell(facts: DecisionLetter, voice: Voice, brand: Brand) -> Iterator[Block]:
    _ = voice.gettext
    yield blocks.para(
        " ".join(
            filter(
                None,
                (
                    _("Fragen? Rufen Sie uns an: %(phone)s.", phone=voice.phone(brand)),
                    _("Wir sind da: %(hours)s.", hours=voice.hours(brand)) if brand.hours else "",
                ),
            )
        )
    )
    if not facts.accept_by:
        yield blocks.link(_("So steht es um Ihren Antrag:"), facts.case_url)
    yield blocks.closing(
        _("Mit freundlichen Grüßen"),
        brand.named(voice.language),
        _("Dieser Brief kommt aus dem Computer. Er gilt ohne Unterschrift."),
    )


def _idea(facts: DecisionLetter, voice: Voice) -> str:
    return voice.said(facts.title or facts.public_title)
