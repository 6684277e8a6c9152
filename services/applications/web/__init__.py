"""The pages of applications: the fund's, the form, the applicant's case, the office's."""

from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from sqlalchemy.orm.exc import StaleDataError

from services.applications.api import REFUSALS, Unusable, api, refused, unusable
from services.applications.commands.complete import TooLate
from services.applications.commands.decide import NotForTheOffice
from services.applications.commands.funds import FieldInUse, FundExists, RulesOfThePast
from services.applications.commands.held import AlreadyHeld, NothingHeld
from services.applications.commands.sign import AcceptanceOver
from services.applications.domain import IllegalMove
from services.applications.domain.grant import ConditionClosed, NotYetEffective
from services.applications.domain.ledger import BudgetTooSmall, ReleasedTooMuch
from services.applications.policy import POLICY
from services.applications.queries.fund import NoRules
from services.applications.store import TABLES
from services.applications.web import (
    case_asks,
    case_checks,
    case_grant,
    case_page,
    case_papers,
    case_results,
    changes,
    department,
    draft,
    entry,
    erase,
    exports,
    files,
    finish,
    fund,
    fund_rules,
    fund_year,
    funds,
    later,
    ledger_csv,
    mine,
    mine_completion,
    mine_doors,
    mine_grant,
    mine_papers,
    office,
)
from shared.once import ChangedMeanwhile, CommandConflict
from shared.service import Service
from shared.web.app import create_app
from shared.web.i18n import lazy
from shared.web.pages import gettext_of
from shared.web.problems import problem

TEMPLATES: Final = Path(__file__).parent.parent / "templates"
ROUTERS: Final = (
    fund.router,
    funds.router,
    fund_rules.router,
    ledger_csv.router,
    fund_year.router,
    later.router,
    finish.router,
    files.router,
    draft.router,
    department.router,
    mine_doors.router,
    mine.router,
    mine_completion.router,
    mine_grant.router,
    mine_papers.router,
    office.router,
    exports.router,
    entry.router,
    changes.router,
    case_page.router,
    case_checks.router,
    case_asks.router,
    case_results.router,
    case_grant.router,
    case_papers.router,
    erase.router,
    api,
)
"""The draft's own pages stand before `/antraege/entwurf/{slug}`, which would take them all."""

CONFLICTS: Final[dict[type[Exception], Any]] = {
    IllegalMove: lazy("Das geht bei diesem Antrag nicht mehr. Sehen Sie den neuen Stand an."),
    StaleDataError: lazy("Jemand hat das inzwischen geändert. Sehen Sie den neuen Stand an."),
    ChangedMeanwhile: lazy("Jemand hat das inzwischen geändert. Sehen Sie den neuen Stand an."),
    RulesOfThePast: lazy("Diese Regeln gelten schon. Ändern Sie sie für einen späteren Tag."),
    FieldInUse: lazy("Zu diesem Thema gibt es inzwischen Anträge. Es lässt sich nicht entfernen."),
    FundExists: lazy("Diesen Fonds gibt es schon. Sehen Sie die Liste der Fonds an."),
    BudgetTooSmall: lazy("Inzwischen ist mehr zugesagt. Sehen Sie den neuen Stand an."),
    ReleasedTooMuch: lazy("Das Budget ist inzwischen kleiner. Sehen Sie den neuen Stand an."),
    AlreadyHeld: lazy(
        "Ein Ergebnis wartet noch darauf, verschickt zu werden. Machen Sie es zuerst rückgängig."
    ),
    NothingHeld: lazy("Hier wartet nichts mehr. Es ist schon mitgeteilt oder zurückgenommen."),
    NotForTheOffice: lazy("Über eine Summe dieser Höhe entscheidet das Gremium."),
    ConditionClosed: lazy("Das ist schon eingetragen, oder die Zusage ist zu Ende."),
    NoRules: lazy("Für heute gibt es noch keine Regeln des Fonds."),
    TooLate: lazy("Die Zeit zum Ergänzen ist vorbei."),
    AcceptanceOver: lazy("Die Zeit zum Annehmen ist vorbei."),
    NotYetEffective: lazy("Die Zusage gilt noch nicht. Annehmen können Sie sie danach."),
    CommandConflict: lazy("Diese Seite war schon abgeschickt. Sehen Sie den neuen Stand an."),
}
"""Refusals that no field can explain: status 409 and a sentence."""


def create_web(service: Service) -> FastAPI:
    """The web application of applications over an opened service."""
    app = create_app(service, routers=ROUTERS, policy=POLICY, templates=TEMPLATES, tables=TABLES)
    for error in {*CONFLICTS, *REFUSALS}:
        app.add_exception_handler(error, _conflict)
    app.add_exception_handler(Unusable, unusable)
    return app


async def _conflict(request: Request, error: Exception) -> Response:
    """A program learns the code, a person a sentence; what no page should cause is a crash."""
    known = next((kind for kind in type(error).__mro__ if kind in CONFLICTS), None)
    if request.url.path.startswith("/api/"):
        return refused(request, error)
    if known is None:
        raise error
    return problem(request, 409, detail=gettext_of(request)(CONFLICTS[known]))
