"""Our codes in the office's words, and broken rules as sentences next to the field."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from services.meetings.domain.account import Standing
from services.meetings.domain.ballots import Wrong
from services.meetings.domain.board import (
    Majority,
    NoRulesYet,
    OnPostponement,
    QuorumKind,
    VoteBase,
)
from services.meetings.domain.passwords import TooEasy, TooLong, TooShort
from services.meetings.domain.session import (
    EndsBeforeItStarts,
    InThePast,
    SameAppointment,
    Status,
)
from services.meetings.domain.votes import Answer
from shared.days import NoSuchTime
from shared.events.applications import StatementVerdict
from shared.events.meetings import Motion, PostponeReason, Verdict
from shared.web.access import Role
from shared.web.i18n import lazy

STATUS: Final[Mapping[Status, Any]] = {
    Status.PLANNED: lazy("Geplant"),
    Status.INVITED: lazy("Eingeladen"),
    Status.OPEN: lazy("Läuft"),
    Status.CLOSED: lazy("Beendet"),
    Status.MINUTED: lazy("Protokoll fertig"),
    Status.CANCELLED: lazy("Abgesagt"),
}

STATUS_KIND: Final[Mapping[Status, str]] = {
    Status.PLANNED: "info",
    Status.INVITED: "info",
    Status.OPEN: "success",
    Status.CANCELLED: "danger",
}
"""The badge's colour; neutral for what is over."""

REASON: Final[Mapping[PostponeReason, Any]] = {
    PostponeReason.ROOM: lazy("Der Raum ist nicht frei."),
    PostponeReason.PEOPLE: lazy("Zu viele können nicht kommen."),
    PostponeReason.SAFETY: lazy("Wetter oder Notfall."),
    PostponeReason.OTHER: lazy("Ein anderer Grund."),
}

ON_POSTPONEMENT: Final[Mapping[OnPostponement, Any]] = {
    OnPostponement.STAYS: lazy("Die Abgabefrist bleibt, wie sie ist."),
    OnPostponement.AGAIN: lazy("Die Abgabefrist wird neu berechnet."),
}

OUTCOME: Final[Mapping[str, Any]] = {
    "open": lazy("Noch offen"),
    "awaited": lazy("Abgestimmt"),
    "not_covered": lazy("Geld reicht nicht"),
    "granted": lazy("Bewilligt"),
    "rejected": lazy("Abgelehnt"),
    "deferred": lazy("Vertagt"),
    "decided": lazy("Beschlossen"),
    "done": lazy("Erledigt"),
}
"""How an item of the agenda stands (see `AgendaLine.standing`)."""

OUTCOME_KIND: Final[Mapping[str, str]] = {
    "open": "info",
    "awaited": "info",
    "not_covered": "warning",
    "granted": "success",
    "rejected": "danger",
    "decided": "success",
}

MOTION: Final[Mapping[Motion, Any]] = {
    Motion.GRANT: lazy("Bewilligen"),
    Motion.DEFER: lazy("Vertagen"),
    Motion.RESOLVE: lazy("Beschließen"),
}

VERDICT: Final[Mapping[Verdict, Any]] = {
    Verdict.ACCEPTED: lazy("Angenommen"),
    Verdict.REJECTED: lazy("Abgelehnt"),
    Verdict.TIED: lazy("Abgelehnt, gleich viele Stimmen"),
    Verdict.NO_QUORUM: lazy("Zu wenige da (nicht beschlussfähig)"),
    Verdict.VOID: lazy("Ungültig"),
}

VERDICT_KIND: Final[Mapping[Verdict, str]] = {
    Verdict.ACCEPTED: "success",
    Verdict.REJECTED: "danger",
    Verdict.TIED: "danger",
    Verdict.NO_QUORUM: "warning",
    Verdict.VOID: "warning",
}

MAJORITY: Final[Mapping[Majority, Any]] = {
    Majority.SIMPLE: lazy("Einfache Mehrheit: mehr Ja als Nein"),
    Majority.ABSOLUTE: lazy("Absolute Mehrheit: mehr als die Hälfte"),
    Majority.TWO_THIRDS: lazy("Zwei Drittel"),
    Majority.THREE_QUARTERS: lazy("Drei Viertel"),
}

VOTE_BASE: Final[Mapping[VoteBase, Any]] = {
    VoteBase.CAST: lazy("Ja und Nein"),
    VoteBase.CAST_WITH_ABSTENTIONS: lazy("Ja, Nein und Enthaltungen"),
    VoteBase.PRESENT: lazy("Alle, die da sind und abstimmen dürfen"),
    VoteBase.MEMBERS: lazy("Alle Mitglieder, auch wer fehlt"),
}
"""What every majority but the simple one is part of."""

QUORUM: Final[Mapping[QuorumKind, Any]] = {
    QuorumKind.NONE: lazy("Keine Mindestzahl"),
    QuorumKind.FIXED: lazy("Feste Zahl"),
    QuorumKind.HALF: lazy("Die Hälfte der Mitglieder"),
    QuorumKind.MORE_THAN_HALF: lazy("Mehr als die Hälfte der Mitglieder"),
    QuorumKind.TWO_THIRDS: lazy("Zwei Drittel der Mitglieder"),
}

ANSWER: Final[Mapping[Answer, Any]] = {
    Answer.AWAITED: lazy("Wir prüfen gerade, ob das Geld reicht. Laden Sie die Seite gleich neu."),
    Answer.RESERVED: lazy("Das Geld ist zurückgelegt."),
    Answer.NOT_COVERED: lazy("So viel Geld ist nicht mehr da."),
    Answer.REJECTED: lazy("Der Antrag bekommt kein Geld."),
    Answer.DEFERRED: lazy("Der Antrag kommt in eine spätere Sitzung."),
    Answer.NONE: lazy("Der Antrag bleibt auf der Tagesordnung."),
}

STATEMENT: Final[Mapping[StatementVerdict, Any]] = {
    StatementVerdict.NO_OBJECTION: lazy("Keine Einwände"),
    StatementVerdict.CONCERNS: lazy("Bedenken"),
    StatementVerdict.OBJECTION: lazy("Dagegen"),
}

WRONG: Final[Mapping[Wrong, Any]] = {
    Wrong.MORE_PRESENT_THAN_MEMBERS: lazy("Das sind mehr, als das Gremium Mitglieder hat."),
    Wrong.MORE_RECUSED_THAN_PRESENT: lazy("Das sind mehr, als da sind."),
    Wrong.MORE_VOTES_THAN_VOTERS: lazy(
        "Das sind mehr Stimmen, als Mitglieder abstimmen konnten. Bitte zählen Sie noch einmal."
    ),
    Wrong.NO_AMOUNT: lazy("Schreiben Sie, wie viel Geld es geben soll."),
    Wrong.ABOVE_ASKED: lazy("Das ist mehr, als beantragt ist."),
    Wrong.CONDITIONS_WITHOUT_GRANT: lazy("Auflagen gibt es nur zusammen mit Geld."),
    Wrong.DUE_BEFORE_SESSION: lazy("Dieser Tag liegt vor der Sitzung."),
    Wrong.WRONG_MOTION: lazy("Darüber kann das Gremium bei diesem Punkt nicht abstimmen."),
    Wrong.NO_TEXT: lazy("Schreiben Sie den Satz, über den das Gremium abstimmt."),
}
"""What does not add up on the sheet of a vote."""

ROLE: Final[Mapping[Role, Any]] = {
    Role.OFFICE: lazy("Büro"),
    Role.PAYER: lazy("Kasse"),
    Role.AUDITOR: lazy("Prüfung"),
    Role.MEMBER: lazy("Mitglied im Gremium"),
}

ROLE_HINT: Final[Mapping[Role, Any]] = {
    Role.OFFICE: lazy("Darf alles außer auszahlen, was die Person selbst freigegeben hat."),
    Role.PAYER: lazy("Gibt Zahlungen frei und bestätigt sie. Sonst nichts."),
    Role.AUDITOR: lazy("Darf alles lesen und nichts ändern."),
    Role.MEMBER: lazy("Bekommt Einladungen und stimmt ab. Anmelden geht auch per E-Mail-Link."),
}

STANDING: Final[Mapping[Standing, Any]] = {
    Standing.INVITED: lazy("Eingeladen"),
    Standing.ACTIVE: lazy("Aktiv"),
    Standing.DEACTIVATED: lazy("Gesperrt"),
}

STANDING_KIND: Final[Mapping[Standing, str]] = {
    Standing.INVITED: "warning",
    Standing.ACTIVE: "success",
}

BROKEN: Final[Mapping[type[Exception], tuple[str, Any]]] = {
    InThePast: ("day", lazy("Dieser Zeitpunkt ist schon vorbei.")),
    EndsBeforeItStarts: ("ends", lazy("Das Ende muss nach dem Beginn liegen.")),
    SameAppointment: ("day", lazy("Das ist der Termin, der schon gilt.")),
    NoSuchTime: ("starts", lazy("Diese Uhrzeit gibt es nicht: Da beginnt die Sommerzeit.")),
    NoRulesYet: ("day", lazy("Für diesen Tag hat das Gremium noch keine Regeln.")),
    TooShort: ("password", lazy("Das Passwort braucht mindestens 15 Zeichen.")),
    TooLong: ("password", lazy("Das Passwort darf höchstens 1.000 Zeichen haben.")),
    TooEasy: (
        "password",
        lazy("Das ist zu leicht zu erraten. Nehmen Sie zum Beispiel vier zufällige Wörter."),
    ),
}
"""The field a broken rule belongs to, and what to say there."""


def written(fixed_dates: Iterable[str]) -> str:
    """`02-15`, `05-15` as people here write days: `15.02., 15.05.`"""
    return ", ".join(f"{one[3:]}.{one[:2]}." for one in fixed_dates)
