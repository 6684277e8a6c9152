"""What letters, states and topics are called on pages."""

from typing import Final

from services.notifications.domain.bounce import Severity
from services.notifications.domain.letter import Outcome, Reason, State
from services.notifications.domain.print_run import Order, Trouble
from services.notifications.letters.voice import languages
from shared.web.i18n import LANGUAGES, lazy

KIND: Final = {
    "sign_in": lazy("Link zum Anmelden"),
    "case_link": lazy("Link zu „Mein Antrag“"),
    "account_invited": lazy("Zugang eingerichtet"),
    "draft_saved": lazy("Entwurf gespeichert"),
    "application_received": lazy("Antrag angekommen"),
    "application_withdrawn": lazy("Antrag zurückgezogen"),
    "case_session_postponed": lazy("Sitzung verschoben, an Antragstellende"),
    "case_session_cancelled": lazy("Sitzung fällt aus, an Antragstellende"),
    "correction_requested": lazy("Es fehlt etwas"),
    "correction_withdrawn": lazy("Es fehlt nichts mehr"),
    "deadline_approaches": lazy("Erinnerung an eine Frist"),
    "application_inadmissible": lazy("Der Fonds darf kein Geld geben"),
    "application_lapsed": lazy("Antrag abgelaufen"),
    "application_changed": lazy("Antrag vom Büro geändert"),
    "application_placed": lazy("Andere Sitzung"),
    "agenda_item_placed": lazy("Einladung, die Idee vorzustellen"),
    "grant_reserved": lazy("Zusage"),
    "application_rejected": lazy("Ablehnung"),
    "application_deferred": lazy("Noch nicht entschieden"),
    "grant_became_effective": lazy("Zusage gilt"),
    "condition_met": lazy("Bedingung erfüllt"),
    "grant_lapsed": lazy("Zusage abgelaufen"),
    "grant_revoked": lazy("Zusage zurückgenommen"),
    "grant_declined": lazy("Geld nicht angenommen"),
    "agreement_signed": lazy("Geld angenommen"),
    "statement_requested": lazy("Bitte um Stellungnahme, an einen Fachbereich"),
    "subscription_confirm": lazy("Abo bestätigen"),
    "subscription_ended": lazy("Abo beendet"),
    "office_new_application": lazy("Neuer Antrag, an das Büro"),
    "office_correction_received": lazy("Antrag ergänzt, an das Büro"),
    "office_statement_given": lazy("Stellungnahme da, an das Büro"),
    "office_grant_not_covered": lazy("Geld reicht nicht, an das Büro"),
    "office_budget_runs_low": lazy("Wenig Geld übrig, an das Büro"),
    "office_budget_released": lazy("Geld freigegeben, an das Büro"),
    "session_scheduled": lazy("Sitzung geplant"),
    "session_postponed": lazy("Sitzung verschoben"),
    "session_cancelled": lazy("Sitzung fällt aus"),
    "session_invited": lazy("Tagesordnung"),
    "minutes_published": lazy("Protokoll"),
    "accession_declared": lazy("Beitrittserklärung angekommen"),
    "office_accession_declared": lazy("Neue Beitrittserklärung, an das Büro"),
    "issue_test": lazy("Test eines Rundbriefs"),
    "office_issue_paused": lazy("Versand angehalten, an das Büro"),
    "office_issue_held_back": lazy("Geplanter Versand fiel aus, an das Büro"),
    "member_joined": lazy("Stimmrecht bekommen"),
    "member_suspended": lazy("Stimmrecht ruht"),
    "member_left": lazy("Mitglied gegangen"),
    "member_invited": lazy("Einladung zur Sitzung, an Mitglieder"),
    "member_session_postponed": lazy("Sitzung verschoben, an Mitglieder"),
    "member_session_cancelled": lazy("Sitzung fällt aus, an Mitglieder"),
    "circular_vote_requested": lazy("Bitte um schriftliche Abstimmung"),
    "minutes_circulated": lazy("Entwurf des Protokolls"),
    "office_amendment_proposed": lazy("Änderung am Protokoll, an das Büro"),
    "member_minutes_approved": lazy("Protokoll, an Mitglieder"),
    "minutes_reported": lazy("Protokoll, an die Stadt"),
    "task_assigned": lazy("Neue Aufgabe"),
    "task_falls_due": lazy("Erinnerung an eine Aufgabe"),
    "registration_confirmed": lazy("Anmeldung bestätigt"),
    "registration_waitlisted": lazy("Warteliste"),
    "registration_promoted": lazy("Platz frei geworden"),
    "registration_changed": lazy("Veranstaltung geändert, an Angemeldete"),
    "registration_reminded": lazy("Erinnerung an eine Veranstaltung"),
    "registration_ended": lazy("Anmeldung beendet"),
    "registration_cancelled": lazy("Veranstaltung fällt aus, an Angemeldete"),
    "occasion_announced": lazy("Einladung zu einer Veranstaltung"),
    "occasion_changed": lazy("Veranstaltung geändert"),
    "occasion_cancelled": lazy("Veranstaltung fällt aus"),
    "occasion_documented": lazy("Bericht über eine Veranstaltung"),
    "decision_granted": lazy("Geld für eine Idee, an alle"),
    "decision_rejected": lazy("Kein Geld für eine Idee, an alle"),
    "decision_resolved": lazy("Beschluss des Gremiums"),
    "subscription_welcome": lazy("Abo aus einer Liste übernommen"),
    "digest_daily": lazy("Tagesübersicht"),
    "digest_weekly": lazy("Wochenübersicht"),
}

VIEW: Final = {
    "unklar": lazy("Unklar"),
    "gescheitert": lazy("Gescheitert"),
    "drucken": lazy("Zum Ausdrucken"),
    "wartet": lazy("Wartet"),
    "gesendet": lazy("Versendet"),
    "nicht-gesendet": lazy("Nicht versendet"),
}

EMPTY: Final = {
    "unklar": lazy("Kein Schreiben ist unklar. Hier steht eines, wenn der Server nicht antwortet."),
    "gescheitert": lazy(
        "Kein Schreiben ist gescheitert. Hier steht eines, wenn ein Server ablehnt."
    ),
    "drucken": lazy(
        "Nichts ist auszudrucken. Hier stehen Schreiben an Menschen ohne E-Mail-Adresse."
    ),
    "wartet": lazy("Nichts wartet. Schreiben gehen meist in wenigen Sekunden hinaus."),
    "gesendet": lazy(
        "Noch kein Schreiben ist versendet. Das erste entsteht mit dem ersten Antrag."
    ),
    "nicht-gesendet": lazy("Jedes Schreiben ging hinaus. Hier stehen überholte und gestoppte."),
}

STATE: Final = {
    State.QUEUED: lazy("Wartet"),
    State.CLAIMED: lazy("Wird gleich versendet"),
    State.SENDING: lazy("Wird gerade versendet"),
    State.SENT: lazy("Versendet"),
    State.DEFERRED: lazy("Später noch einmal"),
    State.FAILED: lazy("Gescheitert"),
    State.UNKNOWN: lazy("Unklar"),
    State.SUPPRESSED: lazy("Zurückgehalten"),
    State.EXPIRED: lazy("Abgelaufen"),
    State.OVERTAKEN: lazy("Überholt"),
}

STATE_KIND: Final = {
    State.QUEUED: "info",
    State.CLAIMED: "info",
    State.SENDING: "info",
    State.SENT: "success",
    State.DEFERRED: "warning",
    State.FAILED: "danger",
    State.UNKNOWN: "warning",
    State.SUPPRESSED: "",
    State.EXPIRED: "",
    State.OVERTAKEN: "",
}

STATE_MEANS: Final = {
    State.QUEUED: lazy("Das Schreiben geht als Nächstes hinaus."),
    State.CLAIMED: lazy("Das Schreiben geht in diesem Moment hinaus."),
    State.SENDING: lazy("Das Schreiben geht in diesem Moment hinaus."),
    State.SENT: lazy("Der Mailserver hat das Schreiben angenommen."),
    State.DEFERRED: lazy(
        "Der Mailserver will es später noch einmal hören. Wir versuchen es von selbst."
    ),
    State.FAILED: lazy(
        "Der Mailserver hat das Schreiben abgelehnt. Bitte entscheiden Sie, was nun geschieht."
    ),
    State.UNKNOWN: lazy(
        "Wir haben das Schreiben übergeben, aber keine Antwort bekommen. Vielleicht ist es da, "
        "vielleicht nicht. Fragen Sie nach, bevor Sie es noch einmal senden."
    ),
    State.SUPPRESSED: lazy("Das Schreiben geht nicht hinaus."),
    State.EXPIRED: lazy(
        "Das Schreiben kam nicht rechtzeitig hinaus. Was darin steht, gilt nicht mehr."
    ),
    State.OVERTAKEN: lazy("Inzwischen gilt etwas anderes. Dazu gibt es ein neues Schreiben."),
}

REASON: Final = {
    Reason.ADDRESS: lazy(
        "An diese Adresse geht nichts mehr: Sie nimmt nichts an, oder das Büro hat sie gesperrt."
    ),
    Reason.UNSUBSCRIBED: lazy("Das Abo wurde vorher beendet."),
    Reason.OFFICE: lazy("Das Büro hat es gestoppt."),
    Reason.ERASED: lazy("Die Daten der Person wurden gelöscht."),
    Reason.PAPER: lazy("Diese Person hat keine E-Mail-Adresse und bekommt es auf Papier."),
    Reason.NEWER: lazy("Ein neueres Ereignis hat es überholt."),
}

OUTCOME: Final = {
    Outcome.SENT: lazy("angenommen"),
    Outcome.DEFERRED: lazy("vorerst abgelehnt"),
    Outcome.LOST: lazy("Verbindung verloren, nichts übergeben"),
    Outcome.FAILED: lazy("abgelehnt"),
    Outcome.UNKNOWN: lazy("übergeben, keine Antwort"),
}

TROUBLE: Final = {
    Trouble.ADDRESS: lazy("Die Anschrift ist nicht vollständig."),
    Trouble.FILE: lazy("Eine Datei fehlt im Druck. Drucken Sie sie auf der Seite des Schreibens."),
    Trouble.UNREADABLE: lazy("Dieses Schreiben ließ sich nicht drucken. Es fehlt im Druck."),
}

ORDER: Final = {
    Order.POSTCODE: lazy("Nach der Postleitzahl"),
    Order.NAME: lazy("Nach dem Namen"),
}

CAME_BACK: Final = {
    Severity.HARD: lazy("kam zurück"),
    Severity.SOFT: lazy("kam vorerst zurück"),
    Severity.NOTICE: lazy("Hinweis"),
}
"""What a mail server reported after it had taken a letter."""

TOPIC: Final = {
    "sessions": lazy("Sitzungen: Termine, Tagesordnungen, Protokolle"),
    "occasions": lazy("Veranstaltungen: Feste, Rundgänge, Werkstätten"),
    "decisions": lazy("Entscheidungen: Geld für Ideen, Beschlüsse des Gremiums"),
    "newsletter": lazy("Rundbrief des Büros"),
    "press": lazy("Mitteilungen für die Presse"),
}
"""Every topic there is, in the order of the form."""

FIELD: Final = {
    "encounter": lazy("Begegnung"),
    "education": lazy("Bildung"),
    "image": lazy("Image"),
    "building": lazy("Wohnen und Grün"),
    "economy": lazy("Lokale Wirtschaft"),
    "qualification": lazy("Qualifizierung"),
    "employment": lazy("Beschäftigung"),
}
"""Fields of action; one without a word here is called by its code."""

OCCASION_KIND: Final = {
    "festival": lazy("Feste"),
    "walk": lazy("Rundgänge"),
    "workshop": lazy("Werkstätten"),
    "consultation": lazy("Beratungen"),
    "other": lazy("Andere Termine"),
}

FREQUENCY: Final = {
    "at_once": lazy("Sobald etwas passiert"),
    "daily": lazy("Einmal am Tag, um 17 Uhr"),
    "weekly": lazy("Einmal in der Woche, am Donnerstag um 17 Uhr"),
}

CONSENT: Final = lazy(
    "Ja, ich will E-Mails zu den angekreuzten Themen. Ich kann sie jederzeit wieder abbestellen."
)


def letter_languages() -> list[tuple[str, str]]:
    """The languages letters are written in, named in themselves."""
    return [(code, LANGUAGES.get(code, code)) for code in languages()]
