"""The words of preparing a session, and what to say where something stands against it."""

from collections.abc import Mapping
from typing import Any, Final

from services.meetings.commands.agenda_items import AgendaIsFixed
from services.meetings.commands.invitations import AnotherAgenda
from services.meetings.domain.attendance import Coming
from services.meetings.domain.invitation import (
    AlreadyBegun,
    NotAMember,
    NothingToInviteTo,
    NotInvited,
    TooLate,
)
from services.meetings.domain.items import ItemKind, NotOurOwn
from shared.web.i18n import lazy

KIND: Final[Mapping[ItemKind, Any]] = {
    ItemKind.APPLICATION: lazy("Antrag"),
    ItemKind.DISCUSSION: lazy("Aussprache"),
    ItemKind.REPORT: lazy("Bericht"),
    ItemKind.FOLLOW_UP: lazy("Offenes aus früheren Sitzungen"),
    ItemKind.OTHER: lazy("Sonstiges"),
}

OWN_KINDS: Final = tuple(kind for kind in ItemKind if kind is not ItemKind.APPLICATION)
"""What the office puts on an agenda itself."""

COMING: Final[Mapping[Coming | None, Any]] = {
    Coming.YES: lazy("Kommt"),
    Coming.NO: lazy("Kommt nicht"),
    None: lazy("Noch keine Antwort"),
}

COMING_KIND: Final[Mapping[Coming | None, str]] = {
    Coming.YES: "success",
    Coming.NO: "danger",
    None: "",
}

REFUSED: Final[Mapping[type[Exception], tuple[str, Any]]] = {
    TooLate: (
        "urgent_because",
        lazy("Die Ladungsfrist ist vorbei. Schreiben Sie, warum die Sitzung trotzdem sein muss."),
    ),
    AnotherAgenda: (
        "",
        lazy("Die Tagesordnung hat sich gerade geändert. Sehen Sie sie bitte noch einmal an."),
    ),
    NothingToInviteTo: (
        "",
        lazy("Auf der Tagesordnung steht noch nichts. Legen Sie zuerst einen Punkt an."),
    ),
}
"""The field a refusal belongs to, and what to say there."""

PREPARATION_CONFLICTS: Final[dict[type[Exception], Any]] = {
    AgendaIsFixed: lazy(
        "Zu dieser Tagesordnung ist schon eingeladen. Wählen Sie auf der Seite der Sitzung"
        " „Tagesordnung nachträglich ändern“."
    ),
    AlreadyBegun: lazy("Diese Sitzung hat schon begonnen."),
    NotInvited: lazy("Zu dieser Sitzung ist noch nicht eingeladen."),
    NotAMember: lazy("Diese Person wird nicht eingeladen. Sie ist kein Mitglied mehr oder Gast."),
    NotOurOwn: lazy(
        "Anträge kommen von selbst auf die Tagesordnung und gehen von selbst. Hier können Sie nur"
        " eigene Punkte ändern."
    ),
    NothingToInviteTo: REFUSED[NothingToInviteTo][1],
    AnotherAgenda: REFUSED[AnotherAgenda][1],
    TooLate: REFUSED[TooLate][1],
}
"""Refusals that no field can explain: status 409 and a sentence."""
