"""The office corrects what an applicant wrote: first what would change, then it counts and is told."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from uuid_utils.compat import uuid7

from services.applications.commands.entry import OFFICE_MAY_CHANGE, change_answers
from services.applications.domain import Application, IllegalMove, Rules
from services.applications.domain.answers import Answers
from services.applications.domain.check import PARTS, PARTS_ON_PAPER, Checked, check_all
from services.applications.queries.changes import changes_of, differing
from services.applications.queries.fund import today
from services.applications.web.case_desk import (
    CASE,
    HERE,
    case_path,
    handed_in,
    once,
    opened_for,
    ordered,
)
from services.applications.web.entry_form import Filled, complain, questions
from services.applications.web.fields import LABELS
from services.applications.web.files import MOST_BYTES
from services.applications.web.orders import Ordered
from services.applications.web.shown import Shown, as_typed, kept, sections
from services.applications.web.visit import service_of
from services.applications.web.words import ACTORS
from shared.once import ChangedMeanwhile
from shared.web.access import Guarded, Role, actor_of
from shared.web.forms import Form, blank, read_form
from shared.web.pages import gettext_of, language_of, page, see_other

PATH: Final = CASE + "/bearbeiten"

router = Guarded()


class Edit(Filled, Ordered):
    """The answers as they should be; an IBAN left empty stays as it is."""

    iban: str = ""
    turn: Literal["check", "change", "save"] = "check"


@dataclass(frozen=True)
class Difference:
    """One field: what is saved, and what it would be."""

    label: str
    before: Shown
    after: Shown


@router.get(PATH, action="office.change")
async def show(request: Request, application_id: UUID) -> Response:
    """The answers as they are, to be corrected."""
    application = await _open(request, application_id)
    known = as_typed(Answers.model_validate(application.answers)) | {"iban": ""}
    return _form(request, application, blank(known | ordered(application)))


@router.post(PATH, action="office.change", max_body=MOST_BYTES)
async def write(request: Request, application_id: UUID) -> Response:
    """Say what is wrong, or show what would change, or change it."""
    application = await _open(request, application_id)
    form, act = await read_form(request, Edit), str((await request.form()).get("aktion", ""))
    whole = _whole(request, application, form)
    if act or form.values["turn"] == "change":
        form.errors = {}
        return _form(request, application, form)
    complain(form, whole.errors)
    if form.data is None or whole.data is None:
        return _form(request, application, form, status=422)
    if form.data.turn == "save":
        return await _save(request, application, form, whole.data)
    if form.data.version != application.version:
        return _check(request, application, form, whole.data, status=409)
    if not list(differing(application.answers, whole.data.model_dump(mode="json"))):
        form.refuse("", gettext_of(request)("Sie haben nichts geändert."))
        return _form(request, application, form, status=422)
    return _check(request, application, form, whole.data)


@router.get(CASE + "/aenderungen", action="office.read")
async def changes(request: Request, application_id: UUID) -> Response:
    """Everything the office changed of this case, before and after."""
    async with service_of(request).db.read() as session:
        application = await handed_in(session, application_id)
        found = await changes_of(session, application_id)
    rules, lang = Rules.model_validate(application.rules), language_of(request)
    return page(
        request,
        "office/changes.html",
        title=gettext_of(request)("Änderungen"),
        here=HERE,
        application=application,
        may_change=application.status in OFFICE_MAY_CHANGE and application.erased_at is None,
        may_act=actor_of(request).has(Role.OFFICE),
        actors=ACTORS,
        changes=[
            (
                one,
                LABELS.get(one.field, one.field),
                kept(one.field, one.before, rules, lang),
                kept(one.field, one.after, rules, lang),
            )
            for one in found
        ],
    )


async def _open(request: Request, application_id: UUID) -> Application:
    """The application if its answers can still be corrected; raises IllegalMove, AlreadyHeld."""
    application = (await opened_for(request, application_id, *OFFICE_MAY_CHANGE)).application
    if application.erased_at is not None:
        raise IllegalMove(application.status, application.status)
    return application


async def _save(
    request: Request, application: Application, form: Form[Edit], answers: Answers
) -> Response:
    """Changed once, however often it is sent; what somebody saved meanwhile is shown, not lost."""
    assert form.data is not None
    seals, changed = service_of(request).seals, list[str]()

    async def act(session: Any, locked: Application, order: Any) -> None:
        changed.extend(await change_answers(session, locked, answers, order, seals=seals))

    try:
        await once(request, application.id, form.data, act, name="change_answers")
    except ChangedMeanwhile:
        saved = await _open(request, application.id)
        return _check(request, saved, form, answers, status=409)
    note = gettext_of(request)(
        "Die Änderung ist gespeichert. Wir schreiben der Person, was anders ist."
    )
    return see_other(case_path(application.id, "/aenderungen"), note=note)


def _whole(request: Request, application: Application, form: Form[Edit]) -> Checked[Answers]:
    """Held against the rules and the day the application came under."""
    assert application.submitted_at is not None
    old = application.answers
    typed = form.values | old["declarations"]
    if not typed["iban"]:
        typed["iban"] = old["applicant"]["iban"]
    return check_all(
        typed,
        Rules.model_validate(application.rules),
        parts=PARTS_ON_PAPER if application.on_paper else PARTS,
        today=today(application.submitted_at),
        lang=language_of(request),
    )


def _form(
    request: Request, application: Application, form: Form[Any], *, status: int = 200
) -> Response:
    rules = Rules.model_validate(application.rules)
    return page(
        request,
        "office/change.html",
        status=status,
        title=gettext_of(request)("Antrag ändern"),
        here=HERE,
        application=application,
        path=case_path(application.id, "/bearbeiten"),
        iban=application.answers["applicant"]["iban"],
        **questions(request, form, {application.fund: rules}),
    )


def _check(
    request: Request,
    application: Application,
    form: Form[Edit],
    answers: Answers,
    *,
    status: int = 200,
) -> Response:
    """What is saved beside what it would be; a new click from here has seen both."""
    _ = gettext_of(request)
    sent = {name: value for name, value in form.values.items() if not isinstance(value, list)}
    fresh = {"version": application.version, "turn": "save"}
    return page(
        request,
        "office/change_check.html",
        status=status,
        title=_("Jemand hat das inzwischen geändert") if status == 409 else _("Stimmt das so?"),
        here=HERE,
        application=application,
        path=case_path(application.id, "/bearbeiten"),
        meanwhile=status == 409,
        differences=_differences(application, answers, language_of(request)),
        sent=sent | fresh | ({"command_id": str(uuid7())} if status == 409 else {}),
    )


def _differences(application: Application, answers: Answers, lang: str) -> list[Difference]:
    rules = Rules.model_validate(application.rules)
    old = Answers.model_validate(application.answers)
    before, after = (_by_name(as_typed(one), rules, lang) for one in (old, answers))
    names = differing(application.answers, answers.model_dump(mode="json"))
    return [Difference(LABELS[name], before[name], after[name]) for name in names if name in after]


def _by_name(typed: Mapping[str, Any], rules: Rules, lang: str) -> dict[str, Shown]:
    return {row.name: row for part in sections(typed, rules, lang) for row in part.rows}
