"""Resolutions, votes in writing, tasks and what became of decisions, in the office's words."""

from collections.abc import Mapping
from typing import Any, Final

from services.meetings.domain.circular import (
    AboveAsked,
    AlreadyAnswered,
    CircularStatus,
    MayNotAnswer,
    NoSum,
    NothingToAsk,
    NotInWriting,
    TermOver,
    TooFewToDecide,
)
from services.meetings.domain.circular import IllegalMove as CircularOver
from services.meetings.domain.followed import Stage
from services.meetings.domain.items import AskedInWriting
from services.meetings.domain.tasks import DueBeforeToday, NobodyToAsk, TaskStatus
from services.meetings.domain.tasks import IllegalMove as TaskMove
from services.meetings.domain.urgent import AboveUrgentLimit, NoMoneyAsked, NoUrgentDecisions
from shared.events.meetings import Motion, Way
from shared.web.i18n import lazy

WAY: Final[Mapping[Way, Any]] = {
    Way.MEETING: lazy("In einer Sitzung"),
    Way.CIRCULAR: lazy("Schriftlich (Umlaufbeschluss)"),
    Way.URGENT: lazy("Eilentscheidung"),
}

MOTION: Final[Mapping[Motion, Any]] = {
    Motion.GRANT: lazy("Geld bewilligen"),
    Motion.DEFER: lazy("Vertagen"),
    Motion.RESOLVE: lazy("Beschluss"),
}

FATE: Final[Mapping[str, Any]] = {
    "none": "",
    "awaited": lazy("Wir prüfen, ob das Geld reicht."),
    "not_covered": lazy("So viel Geld war nicht mehr da."),
    "no_money": lazy("Es gibt kein Geld."),
    "later": lazy("Darüber wird später entschieden."),
    "promised": lazy("Das Geld ist zurückgelegt."),
    "effective": lazy("Die Zusage gilt. Die Vereinbarung ist noch nicht unterschrieben."),
    "accepted": lazy("Die Vereinbarung ist unterschrieben."),
    "lapsed": lazy("Die Zusage ist verfallen."),
    "declined": lazy("Die Zusage wurde nicht angenommen."),
    "revoked": lazy("Die Zusage ist zurückgenommen."),
    "withdrawn": lazy("Der Antrag ist zurückgezogen."),
}
"""What became of a resolution (see `queries.resolutions.Fate`)."""

STAGE: Final[Mapping[Stage, Any]] = {
    Stage.DEFERRED: lazy("Vertagt"),
    Stage.PROMISED: lazy("Zugesagt, gilt noch nicht"),
    Stage.EFFECTIVE: lazy("Zugesagt, Unterschrift fehlt"),
    Stage.ACCEPTED: lazy("Unterschrieben"),
    Stage.LAPSED: lazy("Verfallen"),
    Stage.DECLINED: lazy("Nicht angenommen"),
    Stage.REVOKED: lazy("Zurückgenommen"),
    Stage.REJECTED: lazy("Abgelehnt"),
    Stage.WITHDRAWN: lazy("Zurückgezogen"),
}

STAGE_KIND: Final[Mapping[Stage, str]] = {
    Stage.DEFERRED: "info",
    Stage.PROMISED: "info",
    Stage.EFFECTIVE: "warning",
    Stage.ACCEPTED: "success",
}
"""The badge's colour; neutral for what is over."""

STAGE_NEXT: Final[Mapping[Stage, Any]] = {
    Stage.DEFERRED: lazy("Das Gremium entscheidet in einer späteren Sitzung."),
    Stage.PROMISED: lazy("Der Rat, die Stadt oder eine Auflage fehlt noch."),
    Stage.EFFECTIVE: lazy("Wer den Antrag gestellt hat, muss die Vereinbarung unterschreiben."),
    Stage.ACCEPTED: lazy("Das Geld wird ausgezahlt. Danach kommen die Quittungen."),
}
"""What is still to come; nothing once it is over."""

CIRCULAR: Final[Mapping[CircularStatus, Any]] = {
    CircularStatus.OPEN: lazy("Läuft"),
    CircularStatus.DECIDED: lazy("Entschieden"),
    CircularStatus.UNDECIDED: lazy("Nicht entschieden"),
    CircularStatus.ENDED: lazy("Abgebrochen"),
}

CIRCULAR_KIND: Final[Mapping[CircularStatus, str]] = {
    CircularStatus.OPEN: "info",
    CircularStatus.DECIDED: "success",
    CircularStatus.UNDECIDED: "warning",
}

TASK: Final[Mapping[TaskStatus, Any]] = {
    TaskStatus.OPEN: lazy("Offen"),
    TaskStatus.DONE: lazy("Erledigt"),
    TaskStatus.DROPPED: lazy("Nicht mehr nötig"),
}

TASK_KIND: Final[Mapping[TaskStatus, str]] = {
    TaskStatus.OPEN: "info",
    TaskStatus.DONE: "success",
}

BROKEN: Final[Mapping[type[Exception], tuple[str, Any]]] = {
    NoSum: ("amount_cents", lazy("Schreiben Sie, wie viel Geld es geben soll.")),
    AboveAsked: ("amount_cents", lazy("Das ist mehr, als beantragt ist.")),
    NothingToAsk: ("text", lazy("Schreiben Sie den Satz, über den entschieden wird.")),
    AboveUrgentLimit: (
        "amount_cents",
        lazy("Das ist mehr, als Sie allein bewilligen dürfen oder als beantragt ist."),
    ),
    DueBeforeToday: ("due_on", lazy("Dieser Tag ist schon vorbei.")),
    NobodyToAsk: (
        "owner",
        lazy("Wählen Sie eine Person, oder schreiben Sie Name und E-Mail-Adresse."),
    ),
}
"""The field a broken rule belongs to, and what to say there."""

REFUSED: Final[dict[type[Exception], Any]] = {
    AskedInWriting: lazy(
        "Darüber entscheiden die Mitglieder gerade schriftlich. Warten Sie das Ergebnis ab, oder"
        " brechen Sie die Umfrage ab."
    ),
    NotInWriting: lazy("Die Regeln des Gremiums erlauben keine schriftlichen Beschlüsse."),
    TooFewToDecide: lazy(
        "Zu wenige Mitglieder dürfen hier abstimmen. Auch wenn alle Ja sagen, ist das nicht mehr"
        " als die Hälfte. Das muss die Sitzung entscheiden."
    ),
    NoUrgentDecisions: lazy("Die Regeln des Gremiums erlauben keine Eilentscheidungen."),
    NoMoneyAsked: lazy("Eilentscheidungen gibt es nur über Anträge."),
    CircularOver: lazy("Diese Umfrage ist schon zu Ende."),
    TermOver: lazy("Die Frist ist vorbei. Diese Stimme zählt nicht mehr."),
    AlreadyAnswered: lazy("Dieses Mitglied hat schon geantwortet. Jede Stimme zählt einmal."),
    MayNotAnswer: lazy("Diese Person darf hier nicht abstimmen."),
    TaskMove: lazy("Diese Aufgabe ist schon abgeschlossen oder wieder offen."),
}
"""Refusals that no field can explain: status 409 and a sentence."""
