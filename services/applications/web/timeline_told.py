"""What an applicant reads of each event that was told about their case."""

from collections.abc import Callable, Mapping
from typing import Final

from markupsafe import Markup

from services.applications.domain import Application, Decision
from services.applications.queries.mine import Story
from services.applications.web.case_voice import Voice
from services.applications.web.fields import label_of
from services.applications.web.mine_words import (
    DEFERRED,
    FORBIDS,
    LAPSED,
    MISSING,
    PLACED,
    REJECTED,
    REVOKED,
)
from shared.events import applications as told
from shared.events.applications import Tier
from shared.events.base import Event

Said = tuple[Markup, Markup | str]


def verdict(decision: Decision | None, voice: Voice) -> Markup:
    """5 Ja, 6 Nein; "" without a vote, or where nobody voted because it was urgent."""
    if decision is None or not decision.by_vote or decision.reason == "urgent":
        return Markup()
    _, ngettext, counts = voice.gettext, voice.ngettext, decision.counts
    yes, no, abstain = (int(counts.get(name, 0)) for name in ("yes", "no", "abstain"))
    parts = [
        _("%(num)s Ja", num=voice.number(yes)),
        _("%(num)s Nein", num=voice.number(no)),
        ngettext("%(num)s Enthaltung", "%(num)s Enthaltungen", abstain) if abstain else "",
    ]
    return voice.listed(part for part in parts if part)


def short_by(decision: Decision | None, voice: Voice) -> Markup:
    """How many votes were missing; "" if it was not about votes."""
    if decision is None or decision.margin is None or decision.margin >= 0:
        return Markup()
    ngettext = voice.ngettext
    return ngettext("Es fehlte %(num)s Stimme.", "Es fehlten %(num)s Stimmen.", -decision.margin)


def no_date(voice: Voice) -> Markup:
    """Said wherever a session is still to be planned."""
    return voice.gettext("Der nächste Termin steht noch nicht fest.")


def _arrived(
    event: told.ApplicationSubmitted, application: Application, story: Story, voice: Voice
) -> Said:
    _ = voice.gettext
    title = _("Antrag auf Papier angekommen") if application.on_paper else _("Antrag angekommen")
    if event.session_at is None:
        return title, _("Der nächste Termin stand noch nicht fest.")
    day = voice.date(event.session_at)
    if event.late:
        return title, _("Er kam nach dem letzten Abgabetag. Er ist am %(date)s dran.", date=day)
    return title, _("Rechtzeitig für die Sitzung am %(date)s.", date=day)


def _asked(
    event: told.CorrectionRequested, application: Application, story: Story, voice: Voice
) -> Said:
    _ = voice.gettext
    asked = [_(MISSING[item]) for item in event.items if item in MISSING]
    until = _("Bis %(day)s.", day=voice.day(event.due_at))
    return _("Uns fehlt noch etwas"), voice.together((*asked, until))


def _completed(
    event: told.CorrectionReceived, application: Application, story: Story, voice: Voice
) -> Said:
    return voice.gettext("Ihre Ergänzung ist da"), ""


def _not_needed(
    event: told.CorrectionWithdrawn, application: Application, story: Story, voice: Voice
) -> Said:
    _ = voice.gettext
    return _("Es fehlt doch nichts"), _("Sie müssen nichts ergänzen.")


def _changed(
    event: told.ApplicationChanged, application: Application, story: Story, voice: Voice
) -> Said:
    _ = voice.gettext
    fields = voice.listed(_(label_of(name)) for name in event.fields)
    return _("Wir haben Angaben geändert"), fields


def _admitted(
    event: told.ApplicationAdmitted, application: Application, story: Story, voice: Voice
) -> Said:
    _ = voice.gettext
    return _("Geprüft"), _("Alles ist vollständig.")


def _placed(
    event: told.ApplicationPlaced, application: Application, story: Story, voice: Voice
) -> Said:
    _ = voice.gettext
    because = _(PLACED[event.because])
    if event.session_at is None:
        return _("Neuer Termin"), voice.together((because, no_date(voice)))
    day = _("Ihre Idee ist am %(date)s dran.", date=voice.date(event.session_at))
    return _("Neuer Termin"), voice.together((because, day))


def _deferred(
    event: told.ApplicationDeferred, application: Application, story: Story, voice: Voice
) -> Said:
    _ = voice.gettext
    because = _(DEFERRED[event.because])
    if event.next_session_at is None:
        return _("Verschoben"), voice.together((because, no_date(voice)))
    day = _(
        "Am %(date)s ist sie wieder dran, vor neueren Anträgen.",
        date=voice.date(event.next_session_at),
    )
    return _("Verschoben"), voice.together((because, day))


def _rejected(
    event: told.ApplicationRejected, application: Application, story: Story, voice: Voice
) -> Said:
    _ = voice.gettext
    decision = story.decisions.get(event.vote_id) if event.vote_id else None
    votes = verdict(decision, voice)
    parts = (votes + "." if votes else "", _(REJECTED[event.because]), short_by(decision, voice))
    return _("Kein Geld für diese Idee"), voice.together(parts)


def _granted(
    event: told.GrantReserved, application: Application, story: Story, voice: Voice
) -> Said:
    _, ngettext = voice.gettext, voice.ngettext
    title = _("Zugesagt: %(sum)s", sum=voice.euros(event.amount_cents))
    votes = verdict(story.decisions.get(event.vote_id) if event.vote_id else None, voice)
    if event.decided_by is Tier.OFFICE:
        votes = _("Das Büro hat entschieden")
    n = len(event.conditions)
    conditions = ngettext("Dazu gehört %(num)s Bedingung.", "Dazu gehören %(num)s Bedingungen.", n)
    return title, voice.together((votes + "." if votes else "", conditions if n else ""))


def _effective(
    event: told.GrantBecameEffective, application: Application, story: Story, voice: Voice
) -> Said:
    _ = voice.gettext
    return _("Die Zusage gilt"), _("Alles, worauf sie gewartet hat, ist da.")


def _met(event: told.ConditionMet, application: Application, story: Story, voice: Voice) -> Said:
    met = next((one for one in story.conditions if one.id == event.condition_id), None)
    return voice.gettext("Bedingung erfüllt"), voice.said(met.text) if met else ""


def _signed(
    event: told.AgreementSigned, application: Application, story: Story, voice: Voice
) -> Said:
    _ = voice.gettext
    if event.signed is told.Signed.PAPER:
        day = voice.date(event.signed_on)
        return _("Vereinbarung unterschrieben"), _("Auf Papier, am %(day)s.", day=day)
    return _("Zusage angenommen"), _("Online, mit Ihrem Namen.")


def _inadmissible(
    event: told.ApplicationFoundInadmissible, application: Application, story: Story, voice: Voice
) -> Said:
    _ = voice.gettext
    reasons = [_(FORBIDS[code]) for code in event.reasons if code in FORBIDS]
    return _("Der Fonds darf dafür kein Geld geben"), voice.together(reasons)


def _lapsed(
    event: told.ApplicationLapsed | told.GrantLapsed,
    application: Application,
    story: Story,
    voice: Voice,
) -> Said:
    _ = voice.gettext
    matter = event.matter if isinstance(event, told.GrantLapsed) else told.Matter.CORRECTION
    return _("Abgelaufen"), _(LAPSED[matter])


def _withdrawn(
    event: told.ApplicationWithdrawn, application: Application, story: Story, voice: Voice
) -> Said:
    return voice.gettext("Antrag zurückgezogen"), ""


def _declined(
    event: told.GrantDeclined, application: Application, story: Story, voice: Voice
) -> Said:
    _ = voice.gettext
    return _("Zusage nicht angenommen"), _("Das Geld steht nun anderen Ideen zur Verfügung.")


def _revoked(
    event: told.GrantRevoked, application: Application, story: Story, voice: Voice
) -> Said:
    _ = voice.gettext
    return _("Zusage zurückgenommen"), _(REVOKED[event.because])


STEPS: Final[Mapping[type[Event], Callable[..., Said]]] = {
    told.ApplicationSubmitted: _arrived,
    told.CorrectionRequested: _asked,
    told.CorrectionReceived: _completed,
    told.CorrectionWithdrawn: _not_needed,
    told.ApplicationChanged: _changed,
    told.ApplicationAdmitted: _admitted,
    told.ApplicationPlaced: _placed,
    told.ApplicationDeferred: _deferred,
    told.ApplicationRejected: _rejected,
    told.GrantReserved: _granted,
    told.GrantBecameEffective: _effective,
    told.ConditionMet: _met,
    told.AgreementSigned: _signed,
    told.ApplicationFoundInadmissible: _inadmissible,
    told.ApplicationLapsed: _lapsed,
    told.GrantLapsed: _lapsed,
    told.ApplicationWithdrawn: _withdrawn,
    told.GrantDeclined: _declined,
    told.GrantRevoked: _revoked,
}
"""What an applicant reads of each event; reminders, papers and departments are not their way."""
