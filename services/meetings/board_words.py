"""The board's own rules in sentences: who votes, when the right rests, how long things take."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from services.meetings.domain.board import OneVotePer, QuorumAt, QuorumKind, Rules
from services.meetings.verdict_words import Tongue
from shared.web.formats import money
from shared.web.i18n import lazy

ONE_VOTE_PER: Final[Mapping[OneVotePer, Any]] = {
    OneVotePer.NOBODY: lazy("Jedes Mitglied hat eine Stimme."),
    OneVotePer.INSTITUTION: lazy("Jede Institution hat nur eine Stimme."),
    OneVotePer.HOUSEHOLD: lazy("Jeder Haushalt hat nur eine Stimme."),
    OneVotePer.BOTH: lazy("Jede Institution und jeder Haushalt hat nur eine Stimme."),
}

QUORUM_AT: Final[Mapping[QuorumAt, Any]] = {
    QuorumAt.EACH_VOTE: lazy("Bei jeder Abstimmung"),
    QuorumAt.OPENING: lazy("Nur am Anfang der Sitzung"),
}


def rules_in_words(rules: Rules, lang: str) -> str:
    """Everything a board sets about its members and its time limits."""
    tongue = Tongue(lang)
    return " ".join([*_voting(rules, tongue), *_limits(rules, tongue)])


def _voting(rules: Rules, tongue: Tongue) -> Iterator[str]:
    _, ngettext = tongue.gettext, tongue.ngettext
    if rules.quorum_kind is not QuorumKind.NONE and rules.quorum_at is QuorumAt.OPENING:
        yield _("Gezählt wird nur am Anfang der Sitzung.")
    if rules.earned_after == 0:
        yield _("Abstimmen darf, wer beigetreten ist.")
    else:
        yield ngettext(
            "Abstimmen darf, wer beigetreten ist, ab der %(num)s. Sitzung.",
            "Abstimmen darf, wer beigetreten ist, ab der %(num)s. Sitzung.",
            rules.earned_after,
        )
    yield from _losing(rules, tongue)
    yield _(ONE_VOTE_PER[rules.one_vote_per])


def _losing(rules: Rules, tongue: Tongue) -> Iterator[str]:
    _, ngettext = tongue.gettext, tongue.ngettext
    if rules.lost_after is None:
        yield _("Wer fehlt, behält das Stimmrecht.")
        return
    yield ngettext(
        "Das Stimmrecht ruht, wenn jemand %(num)s Mal fehlt und nicht absagt.",
        "Das Stimmrecht ruht, wenn jemand %(num)s Mal hintereinander fehlt und nicht absagt.",
        rules.lost_after,
    )
    if rules.regained_after is None:
        yield _("Nur das Büro kann es zurückgeben.")
        return
    yield ngettext(
        "Nach %(num)s weiteren Sitzung gilt es wieder.",
        "Nach %(num)s weiteren Sitzungen gilt es wieder.",
        rules.regained_after,
    )


def _limits(rules: Rules, tongue: Tongue) -> Iterator[str]:
    _, ngettext = tongue.gettext, tongue.ngettext
    yield ngettext(
        "Geheim abgestimmt wird ab %(num)s Stimme.",
        "Geheim abgestimmt wird ab %(num)s Stimmen.",
        rules.secret_minimum,
    )
    if rules.circular_days is None:
        yield _("Beschlüsse gibt es nur in Sitzungen.")
    else:
        yield ngettext(
            "Für einen Umlaufbeschluss ist %(num)s Tag Zeit.",
            "Für einen Umlaufbeschluss sind %(num)s Tage Zeit.",
            rules.circular_days,
        )
    if rules.urgent_limit_cents is None:
        yield _("Eilentscheidungen gibt es nicht.")
    else:
        limit = money(rules.urgent_limit_cents, tongue.lang)
        yield _("Eilentscheidungen gehen bis %(sum)s.", sum=limit)
    yield ngettext(
        "Einwände gegen das Protokoll sind %(num)s Tag lang möglich.",
        "Einwände gegen das Protokoll sind %(num)s Tage lang möglich.",
        rules.objection_days,
    )
