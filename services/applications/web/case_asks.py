"""What the office asks of others: corrections of the applicant, statements of departments."""

from typing import Any, Final, Literal
from uuid import UUID

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from services.applications.commands.formal import (
    request_correction,
    withdraw_correction,
)
from services.applications.commands.statements import OPEN, ask_department
from services.applications.commands.statements import Request as Asked
from services.applications.domain import Application, Status
from services.applications.domain.asked import DateInThePast, NothingAskedFor
from services.applications.queries.whole import Whole
from services.applications.web.case_desk import (
    CASE,
    Act,
    act_page,
    case_path,
    once,
    opened_for,
    ordered,
)
from services.applications.web.case_shown import letter_line, voice_of
from services.applications.web.case_words import CHECKS
from services.applications.web.orders import Ordered
from services.applications.web.visit import now, service_of
from shared.days import end_of_day, local_day
from shared.events.applications import CheckItem
from shared.events.people import Contact
from shared.once import Order
from shared.web.access import Guarded
from shared.web.forms import Day, Email, Form, Line, Text, blank, read_form
from shared.web.i18n import lazy
from shared.web.pages import gettext_of, see_other

Turn = Literal["check", "change", "save"]
PAST: Final = lazy("Dieser Tag ist schon vorbei.")
NOTHING: Final = lazy("Wählen Sie mindestens einen Punkt. „Etwas anderes“ braucht Ihre Worte.")
STATEMENT_PAGE: Final = "/antraege/stellungnahme/"

router = Guarded()


class CorrectionForm(Ordered):
    items: list[CheckItem] = Field(default=[])
    note: Text | None = None
    due_on: Day
    turn: Turn = "check"


class StatementForm(Ordered):
    department: Line
    contact_name: Line
    email: Email
    question: Text
    due_on: Day
    turn: Turn = "check"


@router.get(CASE + "/nachforderung", action="office.check")
async def correction_form(request: Request, application_id: UUID) -> Response:
    """What is open is ticked, and the date is the one the rules give."""
    whole = await opened_for(request, application_id, Status.SUBMITTED)
    known = ordered(whole.application) | {
        "items": [line.item.value for line in whole.open_lines],
        "due_on": local_day(whole.rules.due(now(request), whole.rules.correction_days)),
    }
    return _correction_page(request, whole, blank(known))


@router.post(CASE + "/nachforderung", action="office.check")
async def ask_for_correction(request: Request, application_id: UUID) -> Response:
    """First the check page with the letter and the date, then the request itself."""
    form = await read_form(request, CorrectionForm)
    sent, _ = form.data, gettext_of(request)
    if sent is not None and sent.turn == "save":
        try:
            await once(request, application_id, sent, _correct(request, sent), name="correction")
        except NothingAskedFor:
            form.refuse("items", _(NOTHING))
        except DateInThePast:
            form.refuse("due_on", _(PAST))
        else:
            note = _("Die Nachforderung ist geschrieben. Das Schreiben geht jetzt hinaus.")
            return see_other(case_path(application_id), note=note)
    whole = await opened_for(request, application_id, Status.SUBMITTED)
    if sent is not None:
        _refuse_correction(request, form, sent)
    if form.data is None or form.data.turn == "change":
        return _correction_page(request, whole, form, status=422 if form.data is None else 200)
    return act_page(
        request,
        "correction_check",
        whole.application,
        title=_("Nachforderung prüfen"),
        form=form,
        due_at=end_of_day(form.data.due_on),
        chosen=[CHECKS[item] for item in form.data.items],
        letter=letter_line(whole, voice_of(request)),
    )


@router.get(CASE + "/nachforderung/zuruecknehmen", action="office.check")
async def ask_before_undo(request: Request, application_id: UUID) -> Response:
    """The applicant is told that nothing is missing any more."""
    whole = await opened_for(request, application_id, Status.CORRECTION_REQUESTED)
    return act_page(
        request,
        "correction_undo",
        whole.application,
        title=gettext_of(request)("Nachforderung zurücknehmen?"),
        form=blank(ordered(whole.application)),
        letter=letter_line(whole, voice_of(request)),
        due_at=whole.correction.due_at if whole.correction else None,
    )


@router.post(CASE + "/nachforderung/zuruecknehmen", action="office.check")
async def undo_correction(request: Request, application_id: UUID) -> Response:
    """Nothing is missing after all, while nobody has answered."""
    form = await read_form(request, Ordered)

    async def act(session: AsyncSession, application: Application, order: Order) -> None:
        await withdraw_correction(session, application, actor=order.by, at=order.at)

    await once(request, application_id, form.data or Ordered(), act, name="correction.undo")
    note = gettext_of(request)("Die Nachforderung ist zurückgenommen.")
    return see_other(case_path(application_id), note=note)


@router.get(CASE + "/stellungnahme", action="office.check")
async def statement_form(request: Request, application_id: UUID) -> Response:
    """Whom to ask what; the date is the one the rules give."""
    whole = await opened_for(request, application_id, *OPEN)
    due = local_day(whole.rules.due(now(request), whole.rules.statement_days))
    return _statement_page(request, whole, blank(ordered(whole.application) | {"due_on": due}))


@router.post(CASE + "/stellungnahme", action="office.check")
async def ask_for_statement(request: Request, application_id: UUID) -> Response:
    """First the check page with the letter, then the mailed link."""
    form = await read_form(request, StatementForm)
    sent, _ = form.data, gettext_of(request)
    if sent is not None and sent.turn == "save":
        try:
            await once(request, application_id, sent, _ask(request, sent), name="statement")
        except DateInThePast:
            form.refuse("due_on", _(PAST))
        else:
            note = _("Der Fachbereich ist gefragt. Das Schreiben geht jetzt hinaus.")
            return see_other(case_path(application_id, "#stellungnahmen"), note=note)
    whole = await opened_for(request, application_id, *OPEN)
    if sent is not None and end_of_day(sent.due_on) <= now(request):
        form.refuse("due_on", _(PAST))
    if form.data is None or form.data.turn == "change":
        return _statement_page(request, whole, form, status=422 if form.data is None else 200)
    title, due_at = _("Frage an den Fachbereich prüfen"), end_of_day(form.data.due_on)
    return act_page(
        request, "statement_check", whole.application, title=title, form=form, due_at=due_at
    )


def _correct(request: Request, sent: CorrectionForm) -> Act:
    async def act(session: AsyncSession, application: Application, order: Order) -> None:
        await request_correction(
            session,
            application,
            sent.items,
            text=sent.note or "",
            due_at=end_of_day(sent.due_on),
            seals=service_of(request).seals,
            actor=order.by,
            at=order.at,
        )

    return act


def _ask(request: Request, sent: StatementForm) -> Act:
    service = service_of(request)
    asked = Asked(
        department=sent.department,
        contact=Contact(name=sent.contact_name, email=sent.email),
        question=sent.question,
        due_at=end_of_day(sent.due_on),
        url=f"{service.settings.origin}{STATEMENT_PAGE}",
    )

    async def act(session: AsyncSession, application: Application, order: Order) -> None:
        await ask_department(
            session, application, asked, seals=service.seals, actor=order.by, at=order.at
        )

    return act


def _refuse_correction(request: Request, form: Form[CorrectionForm], sent: CorrectionForm) -> None:
    """What the command would refuse, before anybody presses the last button."""
    _ = gettext_of(request)
    if not sent.items or (CheckItem.OTHER in sent.items and not sent.note):
        form.refuse("items", _(NOTHING))
    if end_of_day(sent.due_on) <= now(request):
        form.refuse("due_on", _(PAST))


def _correction_page(
    request: Request, whole: Whole, form: Form[Any], *, status: int = 200
) -> Response:
    asked = [line.item for line in whole.check if line.finding != "not_asked" or line.mark]
    return act_page(
        request,
        "correction",
        whole.application,
        title=gettext_of(request)("Nachforderung"),
        status=status,
        form=form,
        items=[(item.value, CHECKS[item]) for item in [*asked, CheckItem.OTHER]],
    )


def _statement_page(
    request: Request, whole: Whole, form: Form[Any], *, status: int = 200
) -> Response:
    title = gettext_of(request)("Fachbereich fragen")
    return act_page(request, "statement", whole.application, title=title, status=status, form=form)
