"""What people read for the words of the code: one table each, German first."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from services.applications.domain import Status
from services.applications.domain.answers import ApplicantKind, FundingKind, OtherApplications
from services.applications.queries.turn import Act, Tab, Waits
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

NEXT_ACTS: Final[Mapping[Act, str]] = {
    Act.CHECK: lazy("Prüfen"),
    Act.DECIDE: lazy("Entscheiden"),
    Act.TAKE_BACK: lazy("Zurücknehmen"),
    Act.PLAN: lazy("Sitzung planen"),
    Act.CORRECTION: lazy("Noch einmal fragen"),
    Act.AGENDA: lazy("Tagesordnung"),
    Act.RELEASE: lazy("Freigabe eintragen"),
    Act.CITY: lazy("Stadt sagt Ja"),
    Act.CONDITION: lazy("Auflage erfüllt"),
    Act.SIGNATURE: lazy("Unterschrift da"),
    Act.PROOF: lazy("Quittungen prüfen"),
    Act.LOOK: lazy("Ansehen"),
}

WAITS: Final[Mapping[Waits, str]] = {
    Waits.CORRECTION: lazy("Wartet auf fehlende Unterlagen"),
    Waits.SIGNATURE: lazy("Wartet auf die Unterschrift"),
    Waits.CONDITION: lazy("Wartet auf eine Auflage"),
    Waits.PROOF: lazy("Wartet auf Quittungen"),
    Waits.DEPARTMENT: lazy("Wartet auf einen Fachbereich"),
    Waits.BOARD: lazy("Wartet auf die Sitzung"),
    Waits.COUNCIL: lazy("Wartet auf die Freigabe durch den Rat"),
    Waits.CITY: lazy("Wartet auf die Stadt"),
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
    "application.change": lazy("Angaben geändert"),
    "application.admit": lazy("Zugelassen"),
    "application.inadmissible": lazy("Nicht zugelassen"),
    "application.lapse": lazy("Abgelaufen: Es kam nichts nach"),
    "draft.discard": lazy("Entwurf gelöscht"),
    "person.erase": lazy("Person gelöscht"),
    "check.judge": lazy("Punkt der Prüfung beurteilt"),
    "check.mark_costs": lazy("Kosten markiert"),
    "check.public_title": lazy("Öffentlichen Titel geschrieben"),
    "correction.request": lazy("Nachforderung geschrieben"),
    "correction.withdraw": lazy("Nachforderung zurückgenommen"),
    "correction.complete": lazy("Fehlendes ergänzt"),
    "statement.request": lazy("Um Stellungnahme gebeten"),
    "statement.remind": lazy("An die Stellungnahme erinnert"),
    "statement.give": lazy("Stellungnahme abgegeben"),
    "hold.admit": lazy("Zugelassen, noch nicht verschickt"),
    "hold.refuse": lazy("Nicht zugelassen, noch nicht verschickt"),
    "hold.decide": lazy("Vom Büro entschieden, noch nicht verschickt"),
    "hold.undo": lazy("Vorgemerktes rückgängig gemacht"),
    "hold.dropped": lazy("Ergebnis nicht verschickt: Es ging nicht mehr"),
    "vote.granted": lazy("Abgestimmt: bewilligt"),
    "vote.not_covered": lazy("Abgestimmt: Ja, aber das Geld reicht nicht"),
    "vote.rejected": lazy("Abgestimmt: abgelehnt"),
    "vote.deferred": lazy("Abgestimmt: verschoben"),
    "vote.nothing": lazy("Abstimmung ohne Folgen"),
    "office.granted": lazy("Vom Büro bewilligt"),
    "office.rejected": lazy("Vom Büro abgelehnt"),
    "grant.reserve": lazy("Geld reserviert"),
    "grant.effective": lazy("Die Zusage gilt"),
    "grant.city_agrees": lazy("Die Stadt hat zugestimmt"),
    "grant.accept": lazy("Vereinbarung angenommen"),
    "grant.declined": lazy("Geld nicht angenommen"),
    "grant.lapsed": lazy("Zusage abgelaufen"),
    "grant.revoked": lazy("Zusage zurückgenommen"),
    "condition.meet": lazy("Bedingung erfüllt"),
}

TOLD: Final[Mapping[str, str]] = {
    f"stadtteilbote.{name}.v1": text
    for name, text in {
        "draft.saved": lazy("Link zum Entwurf verschickt"),
        "draft.discarded": lazy("Mitgeteilt: Entwurf gelöscht"),
        "application.submitted": lazy("Mitgeteilt: Antrag ist da"),
        "application.withdrawn": lazy("Mitgeteilt: Antrag zurückgezogen"),
        "application.changed": lazy("Mitgeteilt: Angaben geändert"),
        "application.placed": lazy("Mitgeteilt: andere Sitzung"),
        "application.admitted": lazy("Mitgeteilt: zugelassen"),
        "application.found_inadmissible": lazy("Mitgeteilt: nicht zugelassen"),
        "application.lapsed": lazy("Mitgeteilt: abgelaufen"),
        "application.rejected": lazy("Mitgeteilt: abgelehnt"),
        "application.deferred": lazy("Mitgeteilt: verschoben"),
        "application.paper_prepared": lazy("Unterlage für die Sitzung geschrieben"),
        "case_link.requested": lazy("Link zum Antrag verschickt"),
        "newsletter.requested": lazy("Rundbrief bestellt"),
        "explanation.written": lazy("Eigene Worte des Büros für das Schreiben"),
        "correction.requested": lazy("Mitgeteilt: Es fehlt etwas"),
        "correction.received": lazy("Mitgeteilt: Das Fehlende ist da"),
        "correction.withdrawn": lazy("Mitgeteilt: Es fehlt nichts mehr"),
        "deadline.approaches": lazy("An eine Frist erinnert"),
        "statement.requested": lazy("Link zur Stellungnahme verschickt"),
        "statement.given": lazy("Mitgeteilt: Stellungnahme ist da"),
        "grant.reserved": lazy("Mitgeteilt: Zusage"),
        "grant.not_covered": lazy("Mitgeteilt: Das Geld reicht nicht"),
        "grant.became_effective": lazy("Mitgeteilt: Die Zusage gilt"),
        "grant.declined": lazy("Mitgeteilt: Geld nicht angenommen"),
        "grant.lapsed": lazy("Mitgeteilt: Zusage abgelaufen"),
        "grant.revoked": lazy("Mitgeteilt: Zusage zurückgenommen"),
        "condition.met": lazy("Mitgeteilt: Bedingung erfüllt"),
        "agreement.signed": lazy("Mitgeteilt: Vereinbarung angenommen"),
    }.items()
}

ACTORS: Final[Mapping[str, str]] = {
    "applicant": lazy("Antragstellerin oder Antragsteller"),
    "system": lazy("das Programm"),
    "api": lazy("ein angeschlossenes Programm"),
    "board": lazy("das Gremium"),
    "department": lazy("ein Fachbereich der Stadt"),
}
