"""What the office reads for the codes of the check, of decisions and of what is waited for."""

from collections.abc import Mapping
from typing import Final

from services.applications.domain.checklist import Check, Finding, Judgement
from services.applications.domain.record import Outcome
from services.applications.web.words import Badge
from shared.events.applications import CheckItem, StatementVerdict
from shared.web.i18n import lazy

C = CheckItem
CHECKS: Final[Mapping[str, str]] = {
    C.WHO_MAY_APPLY: lazy("Wer den Antrag stellt"),
    C.FUNDING_PLAN: lazy("Finanzierungsplan"),
    C.QUOTES: lazy("Angebote"),
    C.NOT_BEGUN: lazy("Noch nicht begonnen"),
    C.LEAD_TIME: lazy("Zeit bis zum Beginn"),
    C.ENDS_IN_TIME: lazy("Rechtzeitig fertig"),
    C.CAP: lazy("Höchste Summe"),
    C.OWN_SHARE: lazy("Eigener Beitrag"),
    C.NOT_FUNDABLE: lazy("Kosten, die nicht bezahlt werden"),
    C.REPEAT: lazy("Nicht schon abgelehnt"),
    C.ONE_PER_SPONSOR: lazy("Ein Antrag im Jahr"),
    C.OTHER: lazy("Etwas anderes (steht im Text)"),
}

MARKED: Final[Mapping[Judgement, Badge]] = {
    Judgement.YES: Badge(lazy("In Ordnung"), "success"),
    Judgement.NO: Badge(lazy("Nicht in Ordnung"), "danger"),
}
FOUND: Final[Mapping[Finding, Badge]] = {
    Finding.FULFILLED: Badge(lazy("Erfüllt"), "success"),
    Finding.BROKEN: Badge(lazy("Nicht erfüllt"), "danger"),
    Finding.ASK: Badge(lazy("Bitte ansehen"), "warning"),
    Finding.NOT_ASKED: Badge(lazy("Nicht verlangt"), ""),
}


def verdict_of(line: Check) -> Badge:
    """How a line stands: a person's word counts more than what the rules found."""
    return MARKED[line.mark.judgement] if line.mark else FOUND[line.finding]


OUTCOMES: Final[Mapping[Outcome, Badge]] = {
    Outcome.GRANTED: Badge(lazy("Bewilligt"), "success"),
    Outcome.NOT_COVERED: Badge(lazy("Ja, aber das Geld reicht nicht"), "warning"),
    Outcome.REJECTED: Badge(lazy("Abgelehnt"), "danger"),
    Outcome.DEFERRED: Badge(lazy("Verschoben"), "info"),
    Outcome.NOTHING: Badge(lazy("Nichts entschieden"), ""),
}

STATEMENTS: Final[Mapping[StatementVerdict, Badge]] = {
    StatementVerdict.NO_OBJECTION: Badge(lazy("Keine Einwände"), "success"),
    StatementVerdict.CONCERNS: Badge(lazy("Bedenken"), "warning"),
    StatementVerdict.OBJECTION: Badge(lazy("Dagegen"), "danger"),
}

HOLDS: Final[Mapping[str, str]] = {
    "admit": lazy("Zugelassen"),
    "refuse": lazy("Nicht zugelassen"),
    "decide": lazy("Entscheidung des Büros"),
}

ENDED: Final[Mapping[str, str]] = {
    "NotCovered": lazy("Das Geld reichte nicht mehr."),
    "NotChecked": lazy("Ein Punkt der Prüfung war wieder offen."),
    "TooMuch": lazy("Die Summe war höher als möglich."),
    "IllegalMove": lazy("Der Antrag war inzwischen weiter."),
}
"""Why a result that waited was not told after all."""

REASONS: Final[Mapping[str, str]] = {
    "simple_majority": lazy("Das ist die Mehrheit."),
    "no_majority": lazy("Das ist keine Mehrheit."),
    "absolute_majority": lazy("Das ist mehr als die Hälfte."),
    "no_absolute_majority": lazy("Das ist nicht mehr als die Hälfte."),
    "two_thirds": lazy("Das sind zwei Drittel."),
    "no_two_thirds": lazy("Das sind keine zwei Drittel."),
    "three_quarters": lazy("Das sind drei Viertel."),
    "no_three_quarters": lazy("Das sind keine drei Viertel."),
    "tie": lazy("Gleich viele Stimmen sind keine Mehrheit."),
    "nobody_decided": lazy("Niemand hat mit Ja oder Nein gestimmt."),
    "quorum_missed": lazy("Es waren nicht genug Mitglieder da."),
    "circular_majority": lazy("Mehr als die Hälfte aller Mitglieder hat schriftlich Ja gesagt."),
    "no_circular_majority": lazy(
        "Mindestens die Hälfte aller Mitglieder hat schriftlich Nein gesagt."
    ),
    "urgent": lazy("Es war eilig: Das ist ohne Abstimmung entschieden worden."),
}
"""What a vote's verdict rests on; a code we do not know is shown as it came."""

BETWEEN_SESSIONS: Final = frozenset({"circular_majority", "no_circular_majority", "urgent"})
"""Decided in writing, or by somebody alone: no session met for it."""

SOMEBODY: Final = lazy("jemand aus dem Büro")
"""A colleague whose name we never heard."""
