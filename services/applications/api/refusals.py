"""Why a program's request is refused: problem details (RFC 9457) with a code that never changes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, Field
from sqlalchemy.orm.exc import StaleDataError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from services.applications.commands.decide import NotForTheOffice, TooMuch
from services.applications.commands.entry import FromTheFuture
from services.applications.commands.funds import (
    FieldInUse,
    FundExists,
    NoSuchFund,
    RulesOfThePast,
)
from services.applications.commands.held import AlreadyHeld, NothingHeld
from services.applications.commands.money import NoBudget
from services.applications.domain import IllegalMove
from services.applications.domain.asked import DateInThePast, NothingAskedFor
from services.applications.domain.checklist import NotChecked, PublicTitleMissing, ReasonMissing
from services.applications.domain.grant import ConditionClosed, NotYetEffective
from services.applications.domain.ledger import BudgetTooSmall, NotCovered, ReleasedTooMuch
from services.applications.queries.fund import NoRules
from shared.once import ChangedMeanwhile, CommandConflict
from shared.web.i18n import lazy
from shared.web.pages import gettext_of
from shared.web.problems import WORDS

TYPE: Final = "urn:stadtteilbote:problem:"


class NameInTitle(Exception):
    """A private person's name stands in the title that everybody reads."""


class Unusable(Exception):
    """What fits the schema and still cannot be: each place as JSON pointer, with a sentence."""

    def __init__(self, *errors: Mapping[str, str]) -> None:
        super().__init__(", ".join(error["pointer"] for error in errors))
        self.errors = errors


class Problem(BaseModel):
    """Problem details; `type` and `code` stay the same for ever, sentences follow Accept-Language."""

    type: str = Field(examples=[f"{TYPE}not_checked"])
    code: str = Field("", examples=["not_checked"])
    title: str
    status: int
    detail: str
    instance: str
    errors: list[dict[str, str]] = Field([], description="each with `pointer` or `parameter`")


Facts = Callable[[Any], Mapping[str, Any]]


@dataclass(frozen=True)
class Refusal:
    """How one broken rule is told: status, code, sentence, and the numbers that explain it."""

    status: int
    code: str
    sentence: str
    facts: Facts = lambda error: {}


R = Refusal
REFUSALS: Final[Mapping[type[Exception], Refusal]] = {
    IllegalMove: R(
        409,
        "illegal_move",
        lazy("Das geht bei diesem Antrag nicht mehr. Sehen Sie den neuen Stand an."),
        lambda error: {"from": error.status.value, "to": error.to.value},
    ),
    AlreadyHeld: R(
        409, "result_held", lazy("Ein Ergebnis wartet noch darauf, verschickt zu werden.")
    ),
    NothingHeld: R(409, "nothing_held", lazy("Es wartet kein Ergebnis mehr.")),
    NotChecked: R(
        409,
        "not_checked",
        lazy("Die Prüfung ist noch nicht fertig."),
        lambda error: {"items": [item.value for item in error.items]},
    ),
    PublicTitleMissing: R(409, "public_title_missing", lazy("Der öffentliche Titel fehlt.")),
    ReasonMissing: R(
        422, "reason_missing", lazy("Schreiben Sie, warum das trotzdem in Ordnung ist.")
    ),
    NothingAskedFor: R(422, "nothing_asked_for", lazy("Nennen Sie mindestens einen Punkt.")),
    FromTheFuture: R(422, "from_the_future", lazy("Dieser Tag kommt erst noch.")),
    DateInThePast: R(422, "date_in_the_past", lazy("Dieser Tag ist schon vorbei.")),
    NameInTitle: R(
        422, "name_in_title", lazy("In diesem Titel steht ein Name. Diesen Titel lesen alle.")
    ),
    NotForTheOffice: R(
        409, "not_for_the_office", lazy("Über diese Summe entscheidet das Gremium.")
    ),
    TooMuch: R(
        409,
        "too_much",
        lazy("Das ist mehr, als möglich ist."),
        lambda error: {"most_cents": error.most},
    ),
    NotCovered: R(
        409,
        "not_covered",
        lazy("So viel ist im Fonds nicht mehr da."),
        lambda error: {"left_cents": error.left},
    ),
    NoBudget: R(409, "no_budget", lazy("Der Fonds hat für dieses Jahr noch kein Budget.")),
    BudgetTooSmall: R(
        409,
        "budget_too_small",
        lazy("Zugesagt ist schon mehr."),
        lambda error: {"promised_cents": error.promised},
    ),
    ReleasedTooMuch: R(
        409, "released_too_much", lazy("Freigeben kann der Rat höchstens das ganze Budget.")
    ),
    ConditionClosed: R(
        409, "nothing_open", lazy("Hier ist nichts mehr offen. Sehen Sie den neuen Stand an.")
    ),
    NotYetEffective: R(
        409, "not_yet_effective", lazy("Die Zusage gilt noch nicht. Annehmen geht erst danach.")
    ),
    FundExists: R(409, "fund_exists", lazy("Einen Fonds mit diesem Namen gibt es schon.")),
    NoSuchFund: R(404, "no_such_fund", lazy("Diesen Fonds gibt es nicht.")),
    NoRules: R(404, "no_such_fund", lazy("An diesem Tag gibt es keine Regeln dieses Fonds.")),
    RulesOfThePast: R(409, "rules_of_the_past", lazy("Regeln können ab heute gelten oder später.")),
    FieldInUse: R(
        409,
        "field_in_use",
        lazy("Zu diesen Themen gibt es Anträge. Sie können nicht entfernt werden."),
        lambda error: {"fields": sorted(error.codes)},
    ),
    CommandConflict: R(
        409, "command_conflict", lazy("Diese Nummer gab es schon, mit anderem Inhalt.")
    ),
    ChangedMeanwhile: R(
        412, "changed_meanwhile", lazy("Jemand hat das inzwischen geändert. Lesen Sie es neu.")
    ),
    StaleDataError: R(
        409, "changed_meanwhile", lazy("Jemand hat das inzwischen geändert. Lesen Sie es neu.")
    ),
}


def refused(request: Request, error: Exception) -> Response:
    """The problem details of a broken rule."""
    refusal = next(REFUSALS[kind] for kind in type(error).__mro__ if kind in REFUSALS)
    return _answer(request, refusal.status, refusal.code, refusal.sentence, **refusal.facts(error))


def unusable(request: Request, error: Exception) -> Response:
    """The same form as for what the schema refuses."""
    assert isinstance(error, Unusable)
    _ = gettext_of(request)
    said = [one["detail"] for one in error.errors]
    wrong = [{**one, "detail": _(text)} for one, text in zip(error.errors, said, strict=True)]
    return _answer(request, 422, "fields", WORDS[422][1], errors=wrong)


def _answer(request: Request, status: int, code: str, sentence: str, **facts: Any) -> Response:
    _ = gettext_of(request)
    body = {
        "type": f"{TYPE}{code}",
        "code": code,
        "title": _(WORDS.get(status, WORDS[400])[0]),
        "status": status,
        "detail": _(sentence),
        "instance": f"urn:stadtteilbote:request:{request.state.request_id}",
    }
    return JSONResponse(body | facts, status, media_type="application/problem+json")


MEANING: Final[Mapping[int, str]] = {
    401: "Nobody is signed in",
    403: "This role may not do that, or the CSRF token is missing",
    404: "There is no such thing",
    409: "A rule stands against it, or the `Idempotency-Key` came with other content; see `code`",
    412: "Somebody changed it since the version in `If-Match`",
    422: "Problem details naming each field or header that is wrong",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The refusals of a route for the OpenAPI document; 401, 403 and 422 are everywhere."""
    return {status: _described(status) for status in sorted({401, 403, 422, *statuses})}


def _described(status: int) -> dict[str, Any]:
    examples = [one for one in REFUSALS.values() if one.status == status]
    code = examples[0].code if examples else "about:blank"
    example = {
        "type": f"{TYPE}{code}" if examples else "about:blank",
        "code": code if examples else "",
        "title": str(WORDS.get(status, WORDS[400])[0]),
        "status": status,
        "detail": str(examples[0].sentence if examples else WORDS.get(status, WORDS[400])[1]),
        "instance": "urn:stadtteilbote:request:K7PM2XQD",
    }
    body = {"schema": Problem.model_json_schema(), "example": example}
    return {"description": MEANING[status], "content": {"application/problem+json": body}}
