"""What the parts of an issue, its states, and what is wrong with it are called on the office's pages."""

from typing import Any, Final

from services.notifications.domain.issue import IssueKind, Status
from services.notifications.issues import pictures
from services.notifications.issues.blocks import Trouble
from services.notifications.issues.checks import Check, Fault
from shared.web.i18n import lazy

KIND: Final = {
    IssueKind.NEWSLETTER: lazy("Rundbrief"),
    IssueKind.PRESS: lazy("Pressemitteilung"),
}

STATUS: Final = {
    Status.DRAFT: lazy("Entwurf"),
    Status.SCHEDULED: lazy("Geplant"),
    Status.SENDING: lazy("Wird versendet"),
    Status.PAUSED: lazy("Angehalten"),
    Status.SENT: lazy("Versendet"),
    Status.STOPPED: lazy("Gestoppt"),
}
STATUS_KIND: Final = {
    Status.DRAFT: "",
    Status.SCHEDULED: "info",
    Status.SENDING: "info",
    Status.PAUSED: "warning",
    Status.SENT: "success",
    Status.STOPPED: "danger",
}

VIEW: Final = {
    "handy": lazy("Handy"),
    "computer": lazy("Computer"),
    "dunkel": lazy("Dunkel"),
    "text": lazy("Nur Text"),
    "papier": lazy("Papier"),
}

TITLE: Final = {
    "check": lazy("Prüfen"),
    "test": lazy("Test senden"),
    "picture": lazy("Bild einfügen"),
}

TOO_LATE: Final = lazy(
    "Das wird schon versendet oder ist dafür geplant. Der Text bleibt, wie er ist."
)

TROUBLE: Final = {
    Trouble.OVERTAKEN: lazy("Inzwischen gilt etwas anderes. Nehmen Sie die neuere Nachricht."),
    Trouble.REMOVED: lazy("Diese Nachricht gibt es nicht mehr. Nehmen Sie den Haken weg."),
    Trouble.OVER: lazy("Der Termin ist schon vorbei."),
}
"""Why a ticked piece of news should not stand there."""

CHECK: Final = {
    Check.TEXT: lazy("Text"),
    Check.SUBJECT: lazy("Betreff"),
    Check.FIRST_LINE: lazy("Erster Satz im Postfach"),
    Check.LANGUAGES: lazy("Sprachen"),
    Check.LINKS: lazy("Links"),
    Check.PICTURES: lazy("Bilder"),
    Check.NEWS: lazy("Neuigkeiten"),
    Check.SPAM: lazy("Wörter, die nach Werbung klingen"),
    Check.SIZE: lazy("Größe"),
    Check.SLOTS: lazy("Unsichtbare Zeichen"),
    Check.READERS: lazy("Empfängerinnen und Empfänger"),
}

FAULT: Final[dict[Fault, Any]] = {
    Fault.NO_GERMAN: lazy(
        "Auf Deutsch steht noch nichts da. Deutsch bekommen alle, deren Sprache fehlt."
    ),
    Fault.EMPTY: lazy("Es gibt keinen Text und keine Neuigkeit."),
    Fault.NO_SUBJECT: lazy("Der Betreff fehlt."),
    Fault.LONG_SUBJECT: lazy(
        "Der Betreff hat %(length)s Zeichen. Handys zeigen etwa %(most)s davon."
    ),
    Fault.NO_FIRST_LINE: lazy(
        "Der erste Satz fehlt. Dann zeigt das Postfach den Namen des Büros und die Anrede."
    ),
    Fault.LONG_FIRST_LINE: lazy(
        "Der erste Satz hat %(length)s Zeichen. Postfächer zeigen höchstens %(most)s davon."
    ),
    Fault.MISSING_LANGUAGE: lazy(
        "Diese Sprache fehlt. So viele Personen wünschen sie und bekommen Deutsch: %(count)s."
    ),
    Fault.LINK_REFUSED: lazy(
        "Dieser Link geht nicht: %(link)s. Möglich sind https, mailto, tel und unsere eigenen Seiten."
    ),
    Fault.LINK_HTTP: lazy("Schreiben Sie https:// vor den Link %(link)s."),
    Fault.LINK_GONE: lazy("Diese Seite gibt es bei uns nicht: %(link)s."),
    Fault.LINK_SIGN_IN: lazy("Diese Seite sieht nur, wer sich anmeldet: %(link)s."),
    Fault.LINK_UNKNOWN: lazy("Wir konnten nicht prüfen, ob es diese Seite gibt: %(link)s."),
    Fault.LINK_WITHOUT_WORDS: lazy("Der Link %(link)s hat keinen Text."),
    Fault.PICTURE_FOREIGN: lazy(
        "Dieses Bild liegt bei anderen: %(picture)s. Fügen Sie es als eigenes Bild ein."
    ),
    Fault.PICTURE_UNKNOWN: lazy("Dieses Bild haben wir nicht: %(picture)s."),
    Fault.PICTURE_WITHOUT_ALT: lazy(
        "Ein Bild hat keine Beschreibung. Schreiben Sie in die eckigen Klammern, was zu sehen ist."
    ),
    Fault.NEWS_OVERTAKEN: lazy("%(title)s: Inzwischen gilt etwas anderes."),
    Fault.NEWS_REMOVED: lazy("Eine Neuigkeit wurde zurückgenommen. Nehmen Sie den Haken weg."),
    Fault.NEWS_OVER: lazy("%(title)s: Der Termin ist schon vorbei."),
    Fault.SPAM_WORDS: lazy("Filter halten das vielleicht für Werbung: %(words)s."),
    Fault.SHOUTING: lazy("Der Betreff klingt laut: %(words)s."),
    Fault.TOO_LARGE: lazy(
        "Der Text ist zu lang: %(size)s. Ab %(most)s schneiden manche Postfächer ihn ab."
    ),
    Fault.STRANGE_CHARACTERS: lazy(
        "Im Text stehen Zeichen, die niemand lesen kann. Wir lassen sie weg. Speichern Sie noch einmal."
    ),
    Fault.NO_READERS: lazy("Noch hat das niemand bestellt. Es ginge an 0 Personen."),
}

REFUSED: Final = {
    pictures.Empty: lazy("Die Datei ist leer. Bitte wählen Sie sie noch einmal."),
    pictures.TooLarge: lazy("Das Bild ist zu groß. Möglich sind höchstens %(size)s."),
    pictures.WrongKind: lazy("Das ist kein Bild, das wir annehmen: JPEG, PNG oder WebP."),
    pictures.Broken: lazy("Das Bild lässt sich nicht öffnen. Ist die Datei beschädigt?"),
    pictures.TooManyPixels: lazy("Das Bild hat zu viele Bildpunkte."),
}
