"""Why a vote came out as it did, in one or two whole sentences with its own numbers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from services.meetings.domain.board import VoteBase
from services.meetings.domain.votes import Decision, Reason, Vote
from shared.events.meetings import Counts
from shared.web.formats import number
from shared.web.i18n import Lazy, lazy, translations


@dataclass(frozen=True)
class Tongue:
    """One reader's language: whole sentences, plural forms, numbers as written there."""

    lang: str

    def gettext(self, sentence: str | Lazy, /, **facts: Any) -> str:
        """The sentence, filled with facts."""
        return translations(self.lang).gettext(str(sentence)) % self._written(facts)

    def ngettext(self, one: str, many: str, n: int, /, **facts: Any) -> str:
        """The form this language uses for n, with n in it as `num`."""
        said = translations(self.lang).ngettext(one, many, n)
        return said % self._written({"num": n, **facts})

    def _written(self, facts: dict[str, Any]) -> dict[str, Any]:
        numbers = {key: fact for key, fact in facts.items() if isinstance(fact, int)}
        return facts | {key: number(fact, self.lang) for key, fact in numbers.items()}


SHARE: Final[dict[Reason, Lazy]] = {
    Reason.ABSOLUTE_MAJORITY: lazy("mehr als der Hälfte von %(whole)s"),
    Reason.TWO_THIRDS: lazy("zwei Dritteln von %(whole)s"),
    Reason.THREE_QUARTERS: lazy("drei Vierteln von %(whole)s"),
}
"""How much had to say yes; stands behind *zu*."""

SHORT_OF: Final[dict[Reason, Reason]] = {
    Reason.NO_ABSOLUTE_MAJORITY: Reason.ABSOLUTE_MAJORITY,
    Reason.NO_TWO_THIRDS: Reason.TWO_THIRDS,
    Reason.NO_THREE_QUARTERS: Reason.THREE_QUARTERS,
}


def why_of(vote: Vote, lang: str) -> str:
    """The sentence of a vote that is recorded, for people of this language."""
    base = VoteBase(vote.rules.get("base", VoteBase.CAST))
    return why(vote.decision, Counts.model_validate(vote.counts), base=base, lang=lang)


def why(decision: Decision, counts: Counts, *, base: VoteBase, lang: str) -> str:
    """Verdict, counts, and by how much it was reached or missed."""
    tongue = Tongue(lang)
    if decision.reason in _BETWEEN:
        return _between(decision, counts, tongue)
    said = _verdict(decision, counts, base, tongue)
    if not decision.by_second_call:
        return said
    return said + " " + tongue.gettext("Beim zweiten Aufruf entscheidet, wer da ist.")


def _verdict(decision: Decision, counts: Counts, base: VoteBase, tongue: Tongue) -> str:
    _, ngettext, reason = tongue.gettext, tongue.ngettext, decision.reason
    votes = {"yes": counts.yes, "no": counts.no}
    if reason is Reason.QUORUM_MISSED:
        return _too_few(decision, counts, tongue)
    if reason is Reason.NOBODY_DECIDED:
        return _("Abgelehnt: Niemand hat mit Ja oder Nein gestimmt.")
    if reason is Reason.TIE:
        return _("Abgelehnt: %(yes)s Ja und %(no)s Nein sind gleich viele.", **votes)
    if reason is Reason.NO_MAJORITY:
        return _("Abgelehnt mit %(yes)s Ja bei %(no)s Nein.", **votes)
    if reason in SHORT_OF:
        share = _(SHARE[SHORT_OF[reason]], whole=_whole(decision, counts, base, tongue))
        return ngettext(
            "Abgelehnt: %(num)s Stimme fehlt zu %(share)s.",
            "Abgelehnt: %(num)s Stimmen fehlen zu %(share)s.",
            -decision.margin,
            share=share,
        )
    return _accepted(decision, counts, base, tongue)


_BETWEEN: Final = {Reason.CIRCULAR_MAJORITY, Reason.NO_CIRCULAR_MAJORITY, Reason.URGENT}
"""Decided outside a session."""


def _between(decision: Decision, counts: Counts, tongue: Tongue) -> str:
    _, ngettext = tongue.gettext, tongue.ngettext
    if decision.reason is Reason.URGENT:
        return _("Es war eilig: Das ist ohne Abstimmung entschieden worden.")
    if decision.reason is Reason.NO_CIRCULAR_MAJORITY:
        return ngettext(
            "Schriftlich abgelehnt: %(no)s von %(num)s Mitglied sagt Nein.",
            "Schriftlich abgelehnt: %(no)s von %(num)s Mitgliedern sagen Nein.",
            counts.members,
            no=counts.no,
        )
    said = ngettext(
        "Schriftlich angenommen: %(yes)s von %(num)s Mitglied sagt Ja.",
        "Schriftlich angenommen: %(yes)s von %(num)s Mitgliedern sagen Ja.",
        counts.members,
        yes=counts.yes,
    )
    return said + " " + _("Nötig sind %(needed)s, mehr als die Hälfte.", needed=decision.needed)


def _accepted(decision: Decision, counts: Counts, base: VoteBase, tongue: Tongue) -> str:
    _, ngettext = tongue.gettext, tongue.ngettext
    said = _("Angenommen mit %(yes)s Ja bei %(no)s Nein.", yes=counts.yes, no=counts.no)
    if decision.reason not in SHARE:
        return said
    share = _(SHARE[decision.reason], whole=_whole(decision, counts, base, tongue))
    enough = ngettext(
        "Zu %(share)s reicht %(num)s Ja.",
        "Zu %(share)s reichen %(num)s Ja.",
        decision.needed,
        share=share,
    )
    return f"{said} {enough}"


def _too_few(decision: Decision, counts: Counts, tongue: Tongue) -> str:
    _, ngettext = tongue.gettext, tongue.ngettext
    if decision.at_opening:
        there = ngettext(
            "Bei der Eröffnung war %(num)s Mitglied da.",
            "Bei der Eröffnung waren %(num)s Mitglieder da.",
            decision.there,
        )
    elif decision.there < counts.present:
        there = ngettext(
            "%(num)s Mitglied ist da, ohne die Befangenen.",
            "%(num)s Mitglieder sind da, ohne die Befangenen.",
            decision.there,
        )
    else:
        there = ngettext("%(num)s Mitglied ist da.", "%(num)s Mitglieder sind da.", decision.there)
    return there + " " + _("Für Beschlüsse brauchen wir %(quorum)s.", quorum=decision.quorum)


def _whole(decision: Decision, counts: Counts, base: VoteBase, tongue: Tongue) -> str:
    return _WHOLE[base](decision.base_votes, counts.abstain > 0, tongue.ngettext)


Plural = Callable[[str, str, int], str]


def _valid(n: int, abstained: bool, ngettext: Plural) -> str:
    if abstained:
        return ngettext(
            "%(num)s gültigen ohne Enthaltungen", "%(num)s gültigen ohne Enthaltungen", n
        )
    return ngettext("%(num)s gültigen", "%(num)s gültigen", n)


def _valid_and_abstained(n: int, abstained: bool, ngettext: Plural) -> str:
    if abstained:
        return ngettext("%(num)s gültigen mit Enthaltungen", "%(num)s gültigen mit Enthaltungen", n)
    return ngettext("%(num)s gültigen", "%(num)s gültigen", n)


def _present(n: int, _abstained: bool, ngettext: Plural) -> str:
    return ngettext("%(num)s Anwesenden mit Stimmrecht", "%(num)s Anwesenden mit Stimmrecht", n)


def _members(n: int, _abstained: bool, ngettext: Plural) -> str:
    return ngettext("%(num)s Mitglied", "%(num)s Mitgliedern", n)


_WHOLE: Final[dict[VoteBase, Callable[[int, bool, Plural], str]]] = {
    VoteBase.CAST: _valid,
    VoteBase.CAST_WITH_ABSTENTIONS: _valid_and_abstained,
    VoteBase.PRESENT: _present,
    VoteBase.MEMBERS: _members,
}
