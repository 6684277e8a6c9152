"""Our codes in the office's words, and broken rules as sentences next to the field."""

from collections.abc import Mapping
from typing import Any, Final

from services.meetings.domain.account import Standing
from services.meetings.domain.board import NoRulesYet, OnPostponement
from services.meetings.domain.passwords import TooEasy, TooLong, TooShort
from services.meetings.domain.session import (
    EndsBeforeItStarts,
    InThePast,
    SameAppointment,
    Status,
)
from shared.days import NoSuchTime
from shared.events.meetings import PostponeReason
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
