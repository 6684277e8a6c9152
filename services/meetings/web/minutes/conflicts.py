"""What speaks against a step of the minutes, where no field can say it."""

from typing import Any, Final

from services.meetings.domain import minutes as domain
from shared.web.i18n import lazy

MINUTES_CONFLICTS: Final[dict[type[Exception], Any]] = {
    domain.NotHeldYet: lazy(
        "Von dieser Sitzung gibt es noch kein Protokoll. Sie war noch nicht, oder sie läuft noch."
    ),
    domain.AlreadyApproved: lazy("Das Protokoll ist genehmigt. Niemand kann es mehr ändern."),
    domain.AlreadyAnswered: lazy(
        "Ein Mitglied hat schon geantwortet. Der Entwurf lässt sich nicht mehr zurücknehmen."
    ),
    domain.IllegalMove: lazy("Das geht mit diesem Protokoll im Moment nicht."),
    domain.NobodyToAsk: lazy(
        "Niemand ist als anwesend eingetragen. Genehmigen Sie das Protokoll ohne zu fragen."
    ),
    domain.OpenAmendments: lazy("Beantworten Sie zuerst alle Einwände."),
    domain.NotYetApprovable: lazy("Die Zeit für Einwände läuft noch. Schreiben Sie einen Grund."),
    domain.NamesUnconfirmed: lazy("Im Text stehen Namen. Bestätigen oder schwärzen Sie sie."),
    domain.WordsChanged: lazy(
        "Der Entwurf ist schon bei den Mitgliedern. Wörter ändern Sie nur noch über einen Einwand."
    ),
    domain.UnclosedBlank: lazy("Eine doppelte Klammer hat kein Gegenstück."),
    domain.TermOver: lazy("Die Zeit für Einwände ist vorbei."),
    domain.WasNotThere: lazy("Nur wer da war, kann dem Protokoll widersprechen oder zustimmen."),
    domain.AmendmentClosed: lazy("Dieser Einwand ist schon beantwortet."),
}
