"""Occasions and registrations in the office's words, and what is wrong as sentences."""

from collections.abc import Mapping
from typing import Any, Final

from services.meetings.domain import occasions
from services.meetings.domain.occasions import CallBecause, OccasionStatus, RegistrationStatus
from services.meetings.words import BROKEN
from shared.events.meetings import EndedBecause, OccasionKind
from shared.web.i18n import lazy

KIND: Final[Mapping[OccasionKind, Any]] = {
    OccasionKind.FESTIVAL: lazy("Fest"),
    OccasionKind.WALK: lazy("Rundgang"),
    OccasionKind.WORKSHOP: lazy("Werkstatt"),
    OccasionKind.CONSULTATION: lazy("Beratung"),
    OccasionKind.OTHER: lazy("Anderes"),
}

KIND_MANY: Final[Mapping[OccasionKind, Any]] = {
    OccasionKind.FESTIVAL: lazy("Feste"),
    OccasionKind.WALK: lazy("Rundgänge"),
    OccasionKind.WORKSHOP: lazy("Werkstätten"),
    OccasionKind.CONSULTATION: lazy("Beratungen"),
    OccasionKind.OTHER: lazy("Andere Termine"),
}

KIND_PATH: Final[Mapping[str, OccasionKind]] = {
    "feste": OccasionKind.FESTIVAL,
    "rundgaenge": OccasionKind.WALK,
    "werkstaetten": OccasionKind.WORKSHOP,
    "beratungen": OccasionKind.CONSULTATION,
    "andere": OccasionKind.OTHER,
}
"""How a filter stands in the address."""

STATUS: Final[Mapping[OccasionStatus, Any]] = {
    OccasionStatus.PLANNED: lazy("Entwurf"),
    OccasionStatus.ANNOUNCED: lazy("Angekündigt"),
    OccasionStatus.HELD: lazy("Vorbei"),
    OccasionStatus.DOCUMENTED: lazy("Mit Bericht"),
    OccasionStatus.CANCELLED: lazy("Abgesagt"),
}

STATUS_KIND: Final[Mapping[OccasionStatus, str]] = {
    OccasionStatus.PLANNED: "warning",
    OccasionStatus.ANNOUNCED: "info",
    OccasionStatus.DOCUMENTED: "success",
    OccasionStatus.CANCELLED: "danger",
}

REGISTERED: Final[Mapping[RegistrationStatus, Any]] = {
    RegistrationStatus.CONFIRMED: lazy("Hat einen Platz"),
    RegistrationStatus.WAITING: lazy("Warteliste"),
    RegistrationStatus.ENDED: lazy("Kommt nicht"),
}

REGISTERED_KIND: Final[Mapping[RegistrationStatus, str]] = {
    RegistrationStatus.CONFIRMED: "success",
    RegistrationStatus.WAITING: "warning",
}

ENDED: Final[Mapping[EndedBecause, Any]] = {
    EndedBecause.WITHDRAWN: lazy("hat sich abgemeldet"),
    EndedBecause.OFFICE: lazy("vom Büro abgemeldet"),
    EndedBecause.CANCELLED: lazy("Termin abgesagt"),
}

CALL: Final[Mapping[CallBecause, Any]] = {
    CallBecause.CONFIRMED: lazy("Sagen Sie: Die Anmeldung ist da, es gibt einen Platz."),
    CallBecause.WAITLISTED: lazy("Sagen Sie: Alle Plätze sind vergeben, es gibt eine Warteliste."),
    CallBecause.PROMOTED: lazy("Sagen Sie: Jetzt ist ein Platz frei geworden."),
    CallBecause.CHANGED: lazy("Sagen Sie: Tag, Uhrzeit oder Ort sind anders."),
    CallBecause.CANCELLED: lazy("Sagen Sie: Der Termin fällt aus."),
    CallBecause.ENDED: lazy("Sagen Sie: Die Anmeldung gilt nicht mehr."),
}

PLAN_BROKEN: Final[Mapping[type[Exception], tuple[str, Any]]] = {
    **{kind: said for kind, said in BROKEN.items() if said[0] in ("day", "starts", "ends")},
    occasions.RegisterUntilAfterStart: (
        "register_until",
        lazy("Dieser Tag liegt nach dem Termin."),
    ),
    occasions.ReservedAbovePlaces: (
        "reserved",
        lazy("Das sind mehr Plätze, als es gibt."),
    ),
    occasions.TakenAlready: (
        "places",
        lazy(
            "%(taken)s Personen haben schon einen Platz. Zusammen mit den reservierten Plätzen"
            " reicht das nicht."
        ),
    ),
    occasions.HasRegistrations: (
        "registration",
        lazy("Es gibt schon Anmeldungen. Sie können sie nicht abschalten."),
    ),
}
"""The field a broken rule belongs to, and what to say there."""

NO_PLACES: Final = lazy("So viele Plätze sind nicht mehr frei. Frei sind noch %(free)s.")
FEW_PLACES: Final = lazy(
    "So viele Plätze sind nicht mehr frei. Sie können noch %(free)s Personen mehr mitbringen."
)

OCCASION_CONFLICTS: Final[dict[type[Exception], Any]] = {
    occasions.IllegalMove: lazy(
        "Das geht bei diesem Termin nicht mehr. Er ist abgesagt oder schon vorbei."
    ),
    occasions.AlreadyOver: lazy(
        "Dieser Termin ist vorbei. Man kann ihn nicht mehr ändern oder absagen."
    ),
    occasions.RegistrationClosed: lazy(
        "Hier kann man sich nicht mehr anmelden. Rufen Sie uns an, wenn Sie noch kommen wollen."
    ),
    occasions.NotRegistered: lazy("Diese Anmeldung gilt nicht mehr."),
    occasions.IllegalRegistrationMove: lazy("Diese Anmeldung gilt nicht mehr."),
}
"""Refusals that no field can explain."""
