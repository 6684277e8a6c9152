"""What applicants read about their case: sentences for every code, German first."""

from collections.abc import Mapping
from typing import Final

from shared.events.applications import (
    CheckItem,
    DeferredBecause,
    Matter,
    PlacedBecause,
    RejectedBecause,
    RevokedBecause,
    WaitsFor,
)
from shared.web.i18n import lazy

C = CheckItem
MISSING: Final[Mapping[str, str]] = {
    C.WHO_MAY_APPLY: lazy(
        "Bitte schreiben Sie uns, wer den Antrag stellt und was Sie mit dem Stadtteil verbindet."
    ),
    C.FUNDING_PLAN: lazy("Bitte schreiben Sie uns, was alles kostet und wer was bezahlt."),
    C.QUOTES: lazy("Uns fehlen noch Angebote, mit denen wir Preise vergleichen können."),
    C.NOT_BEGUN: lazy(
        "Bitte bestätigen Sie: Sie haben noch nicht angefangen und noch nichts bestellt oder"
        " bezahlt."
    ),
    C.LEAD_TIME: lazy("Bis zum Anfang ist zu wenig Zeit. Bitte nennen Sie einen späteren Tag."),
    C.ENDS_IN_TIME: lazy("Das Ende ist zu spät. Bitte nennen Sie einen früheren Tag."),
    C.CAP: lazy("Die Summe ist höher, als der Fonds geben darf. Bitte nennen Sie eine kleinere."),
    C.OWN_SHARE: lazy(
        "Ihr eigener Beitrag fehlt oder ist zu klein. Das kann Geld sein, Arbeit oder ein Raum."
    ),
    C.NOT_FUNDABLE: lazy(
        "Manche Ausgaben darf der Fonds nicht bezahlen. Bitte nehmen Sie sie heraus, oder schreiben"
        " Sie, wer sie bezahlt."
    ),
    C.REPEAT: lazy(
        "Für diese Idee gab es schon Geld. Bitte schreiben Sie uns, was diesmal anders ist."
    ),
    C.ONE_PER_SPONSOR: lazy(
        "Von Ihrer Einrichtung gibt es schon einen Antrag. Bitte schreiben Sie uns, welcher gelten"
        " soll."
    ),
}
"""What is asked for; `other` speaks in the office's own words only."""

FORBIDS: Final[Mapping[str, str]] = {
    C.WHO_MAY_APPLY: lazy("Wer diesen Antrag stellt, darf vom Fonds kein Geld bekommen."),
    C.FUNDING_PLAN: lazy("Wir wissen nicht, was alles kostet und wer was bezahlt."),
    C.QUOTES: lazy("Es fehlen Angebote, mit denen wir Preise vergleichen können."),
    C.NOT_BEGUN: lazy(
        "Sie haben schon angefangen. Der Fonds darf nur bezahlen, was noch nicht begonnen hat."
    ),
    C.LEAD_TIME: lazy("Der Antrag kam zu kurz vor dem Anfang."),
    C.ENDS_IN_TIME: lazy("Die Idee endet später, als der Fonds erlaubt."),
    C.CAP: lazy("Die Summe ist höher, als der Fonds geben darf."),
    C.OWN_SHARE: lazy("Ihr eigener Beitrag ist zu klein."),
    C.NOT_FUNDABLE: lazy("Der Fonds darf diese Ausgaben nicht bezahlen."),
    C.REPEAT: lazy("Für dieselbe Idee gab es schon Geld vom Fonds."),
    C.ONE_PER_SPONSOR: lazy("Von Ihrer Einrichtung gibt es schon einen Antrag."),
}

DEFERRED: Final[Mapping[str, str]] = {
    DeferredBecause.VOTE: lazy("Das Gremium will später über Ihre Idee abstimmen."),
    DeferredBecause.NO_QUORUM: lazy("Es waren nicht genug Mitglieder da, um abzustimmen."),
    DeferredBecause.SESSION_CANCELLED: lazy("Die Sitzung ist ausgefallen."),
    DeferredBecause.TAKEN_OFF: lazy("Ihre Idee stand nicht mehr auf der Tagesordnung."),
}

REJECTED: Final[Mapping[str, str]] = {
    RejectedBecause.VOTE: lazy("Es gab nicht genug Ja-Stimmen."),
    RejectedBecause.TIE: lazy("Es gab so viele Ja-Stimmen wie Nein-Stimmen. Das reicht nicht."),
    RejectedBecause.OFFICE: lazy("Über Summen dieser Höhe entscheidet das Büro."),
}

PLACED: Final[Mapping[str, str]] = {
    PlacedBecause.SESSION_PLANNED: lazy("Jetzt steht ein Termin fest."),
    PlacedBecause.SESSION_POSTPONED: lazy("Eine Sitzung hat einen neuen Tag."),
    PlacedBecause.SESSION_CANCELLED: lazy("Die Sitzung ist ausgefallen."),
    PlacedBecause.DEFERRED: lazy("Ihre Idee kommt noch einmal dran."),
}

WAITS: Final[Mapping[str, str]] = {
    WaitsFor.RELEASE: lazy("Der Rat der Stadt muss das Geld für dieses Jahr noch freigeben."),
    WaitsFor.CITY: lazy("Bei einer so hohen Summe muss die Stadt noch zustimmen."),
}

LAPSED: Final[Mapping[str, str]] = {
    Matter.CORRECTION: lazy("Was gefehlt hat, kam nicht rechtzeitig."),
    Matter.ACCEPTANCE: lazy("Sie haben die Zusage nicht rechtzeitig angenommen."),
    Matter.CONDITION: lazy("Eine Bedingung war nicht rechtzeitig erfüllt."),
}

REVOKED: Final[Mapping[str, str]] = {
    RevokedBecause.OFFICE: lazy("Das Büro hat die Zusage zurückgenommen."),
    RevokedBecause.CITY: lazy("Die Stadt hat nicht zugestimmt."),
}
