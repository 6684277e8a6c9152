"""What people read for the words of the code: one table each, German first."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from services.applications.domain import Status
from services.applications.domain.answers import ApplicantKind, FundingKind, OtherApplications
from services.applications.queries.board import Tab
from shared.web.i18n import lazy

Kind = Literal["info", "warning", "success", "danger", ""]


@dataclass(frozen=True)
class Badge:
    """A status in the reader's words; `kind` gives icon and colour, "" is over and done."""

    text: str
    kind: Kind


S = Status
BADGES: Final[Mapping[Status, Badge]] = {
    S.DRAFT: Badge(lazy("Entwurf"), ""),
    S.SUBMITTED: Badge(lazy("Angekommen"), "info"),
    S.CORRECTION_REQUESTED: Badge(lazy("Es fehlt noch etwas"), "warning"),
    S.ADMISSIBLE: Badge(lazy("Geprüft"), "info"),
    S.INADMISSIBLE: Badge(lazy("Nicht möglich"), "danger"),
    S.SCHEDULED: Badge(lazy("Zur Abstimmung"), "info"),
    S.DEFERRED: Badge(lazy("Verschoben"), "info"),
    S.GRANTED: Badge(lazy("Zugesagt"), "success"),
    S.REJECTED: Badge(lazy("Abgelehnt"), "danger"),
    S.ACCEPTED: Badge(lazy("Zugesagt"), "success"),
    S.PROOF_SUBMITTED: Badge(lazy("Quittungen da"), "info"),
    S.PROOF_QUERIED: Badge(lazy("Rückfrage"), "warning"),
    S.SETTLED: Badge(lazy("Abgeschlossen"), ""),
    S.WITHDRAWN: Badge(lazy("Zurückgezogen"), ""),
    S.LAPSED: Badge(lazy("Abgelaufen"), ""),
    S.DECLINED: Badge(lazy("Nicht angenommen"), ""),
    S.REVOKED: Badge(lazy("Zurückgenommen"), "danger"),
}

TABS: Final[Mapping[Tab, str]] = {
    Tab.TODO: lazy("Zu tun"),
    Tab.OTHERS: lazy("Wartet auf andere"),
    Tab.SESSION: lazy("Zur Sitzung"),
    Tab.CLOSED: lazy("Abgeschlossen"),
}

APPLICANTS: Final[Mapping[str, str]] = {
    ApplicantKind.PERSON: lazy("Ich selbst, als einzelne Person"),
    ApplicantKind.ORGANISATION: lazy("Eine Initiative, ein Verein oder eine Einrichtung"),
}

FUNDING: Final[Mapping[str, str]] = {
    FundingKind.OWN_MONEY: lazy("Eigenes Geld"),
    FundingKind.OWN_WORK: lazy("Eigene Arbeit"),
    FundingKind.OWN_ROOMS: lazy("Eigener Raum oder eigenes Material"),
    FundingKind.THIRD_PARTY: lazy("Geld von anderen"),
    FundingKind.INCOME: lazy("Einnahmen, zum Beispiel Eintritt"),
}

OTHERS: Final[Mapping[str, str]] = {
    OtherApplications.NO: lazy("Nein"),
    OtherApplications.YES: lazy("Ja"),
}

ACTS: Final[Mapping[str, str]] = {
    "application.submit": lazy("Antrag abgeschickt"),
    "application.withdraw": lazy("Antrag zurückgezogen"),
    "draft.discard": lazy("Entwurf gelöscht"),
    "person.erase": lazy("Person gelöscht"),
}

TOLD: Final[Mapping[str, str]] = {
    "stadtteilbote.draft.saved.v1": lazy("Link zum Entwurf verschickt"),
    "stadtteilbote.draft.discarded.v1": lazy("Mitgeteilt: Entwurf gelöscht"),
    "stadtteilbote.application.submitted.v1": lazy("Mitgeteilt: Antrag ist da"),
    "stadtteilbote.application.withdrawn.v1": lazy("Mitgeteilt: Antrag zurückgezogen"),
}

ACTORS: Final[Mapping[str, str]] = {
    "applicant": lazy("Antragstellerin oder Antragsteller"),
    "system": lazy("das Programm"),
    "api": lazy("ein angeschlossenes Programm"),
}
