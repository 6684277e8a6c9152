"""The formal check, line by line: judged, costs marked, and the title that names nobody."""

from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.applications.commands.formal import IN_CHECK, judge, mark_costs, name_in_public
from services.applications.domain import Application, IllegalMove, Status
from services.applications.domain.answers import Answers, ApplicantKind, Title
from services.applications.domain.checklist import Check, Judgement, ReasonMissing
from services.applications.queries.whole import Whole
from services.applications.web.case_desk import (
    CASE,
    act_page,
    case_path,
    once,
    opened,
    opened_for,
    ordered,
)
from services.applications.web.case_shown import line_context
from services.applications.web.orders import Ordered
from shared.events.applications import CheckItem
from shared.once import Order
from shared.web.access import Guarded
from shared.web.complaints import CHOOSE
from shared.web.forms import Form, Text, blank, read_form
from shared.web.i18n import lazy
from shared.web.pages import gettext_of, language_of, page, see_other

WHY = lazy("Schreiben Sie, warum das trotzdem in Ordnung ist.")
NAMES_SOMEBODY = lazy("In diesem Titel steht ein Name. Diesen Titel lesen alle.")

router = Guarded()


class JudgeForm(Ordered):
    judgement: Literal["yes", "no", "none"]
    note: Text | None = None


class CostLineForm(BaseModel):
    number: int
    kind: str = ""


class CostsForm(Ordered):
    lines: list[CostLineForm] = Field(default=[])


class TitleForm(Ordered):
    title: Title


@router.get(CASE + "/pruefung/{item}", action="office.check")
async def line_form(request: Request, application_id: UUID, item: CheckItem) -> Response:
    """One line with its rule, to be judged with words."""
    whole = await opened_for(request, application_id, *IN_CHECK)
    line = _line(whole, item)
    said = {"judgement": line.mark.judgement, "note": line.mark.note} if line.mark else {}
    return _line_page(request, whole, line, blank(ordered(whole.application) | said))


@router.post(CASE + "/pruefung/{item}", action="office.check")
async def judge_line(request: Request, application_id: UUID, item: CheckItem) -> Response:
    """Yes, no, or the judgement taken back; the line answers by itself where a script asks."""
    form = await read_form(request, JudgeForm)
    sent = form.data
    if sent is not None:
        said = None if sent.judgement == "none" else Judgement(sent.judgement)

        async def act(session: AsyncSession, application: Application, order: Order) -> None:
            await judge(
                session, application, item, said, text=sent.note or "", actor=order.by, at=order.at
            )

        try:
            await once(request, application_id, sent, act, name=f"check.judge.{item}")
        except ReasonMissing:
            form.refuse("note", gettext_of(request)(WHY))
    if form.data is None:
        whole = await opened_for(request, application_id, *IN_CHECK)
        return _line_page(request, whole, _line(whole, item), form, status=422)
    if "hx-request" in request.headers:
        return _line_alone(request, await opened(request, application_id), item)
    return see_other(case_path(application_id, f"#check-{item}"))


@router.get(CASE + "/kosten", action="office.check")
async def costs_form(request: Request, application_id: UUID) -> Response:
    """Every line of the plan, and what is not paid of it."""
    whole = await opened_for(request, application_id, *IN_CHECK)
    lines = [{"number": str(n), "kind": whole.marked.get(n, "")} for n in range(len(_costs(whole)))]
    return _costs_page(request, whole, blank(ordered(whole.application) | {"lines": lines}))


@router.post(CASE + "/kosten", action="office.check")
async def save_costs(request: Request, application_id: UUID) -> Response:
    """The marks as a whole replace those before."""
    form = await read_form(request, CostsForm)
    whole = await opened(request, application_id)
    if form.data is not None:
        _refuse_unknown(request, form, form.data, whole)
    if form.data is None:
        return _costs_page(request, whole, form, status=422)
    kinds = {line.number: line.kind for line in form.data.lines if line.kind}

    async def act(session: AsyncSession, application: Application, order: Order) -> None:
        await mark_costs(session, application, kinds, actor=order.by, at=order.at)

    await once(request, application_id, form.data, act, name="check.costs")
    note = gettext_of(request)("Die Kosten sind markiert.")
    return see_other(case_path(application_id), note=note)


@router.get(CASE + "/titel", action="office.check")
async def title_form(request: Request, application_id: UUID) -> Response:
    """The title as it is, or a field to write it."""
    whole = await opened_for(request, application_id, *IN_CHECK)
    known = ordered(whole.application) | {"title": whole.application.public_title}
    return _title_page(request, whole, blank(known))


@router.post(CASE + "/titel", action="office.check")
async def save_title(request: Request, application_id: UUID) -> Response:
    """What everybody reads; refused with the applicant's own name in it."""
    form = await read_form(request, TitleForm)
    whole = await opened(request, application_id)
    if form.data is not None and names_somebody(whole.case.answers, form.data.title):
        form.refuse("title", gettext_of(request)(NAMES_SOMEBODY))
    if form.data is None:
        return _title_page(request, whole, form, status=422)
    title = form.data.title

    async def act(session: AsyncSession, application: Application, order: Order) -> None:
        if application.status not in IN_CHECK:
            raise IllegalMove(application.status, Status.SUBMITTED)
        await name_in_public(session, application, title, actor=order.by, at=order.at)

    await once(request, application_id, form.data, act, name="check.title")
    note = gettext_of(request)("Der öffentliche Titel ist gespeichert.")
    return see_other(case_path(application_id), note=note)


def _line(whole: Whole, item: CheckItem) -> Check:
    found = next((line for line in whole.check if line.item is item), None)
    if found is None:
        raise HTTPException(404)
    return found


def _line_page(
    request: Request, whole: Whole, line: Check, form: Form[Any], *, status: int = 200
) -> Response:
    """The whole page, or only the line with its form for a script that puts it into the case."""
    shown = line_context(request, whole, line) | {"shown": _of_line(form, line)}
    if "hx-request" in request.headers:
        template, title = "office/case/line_form.html", whole.application.title
        about = {"application": whole.application, **shown}
        return page(request, template, status=status, title=title, form=form, **about)
    title = gettext_of(request)("Punkt der Prüfung")
    return act_page(
        request, "line", whole.application, title=title, status=status, form=form, **shown
    )


def _of_line(form: Form[Any], line: Check) -> Form[Any]:
    """The same form with the line's name in each id: several can stand on one page."""
    ids = {name: f"{name}-{line.item}" for name in ("judgement", "note")}
    shown = blank({ids[name]: form.values.get(name, "") for name in ids})
    shown.errors = {ids.get(name, name): sentence for name, sentence in form.errors.items()}
    return shown


def _line_alone(request: Request, whole: Whole, item: CheckItem) -> Response:
    shown = line_context(request, whole, _line(whole, item))
    return page(
        request,
        "office/case/line_alone.html",
        title=whole.application.title,
        application=whole.application,
        **shown,
    )


def _costs(whole: Whole) -> list[Any]:
    return list(whole.case.answers.costs.costs) if whole.case.answers else []


def _refuse_unknown(request: Request, form: Form[CostsForm], sent: CostsForm, whole: Whole) -> None:
    for place, line in enumerate(sent.lines):
        known = line.number in range(len(_costs(whole)))
        if not known or (line.kind and whole.rules.kind_not_paid(line.kind) is None):
            form.refuse(f"lines-{place}-kind", gettext_of(request)(CHOOSE))


def _costs_page(request: Request, whole: Whole, form: Form[Any], *, status: int = 200) -> Response:
    return act_page(
        request,
        "costs",
        whole.application,
        title=gettext_of(request)("Kosten prüfen"),
        status=status,
        form=form,
        whole=whole,
        lines=_costs(whole),
        kinds=[(kind.code, kind.name.in_(language_of(request))) for kind in whole.rules.not_paid],
    )


def _title_page(request: Request, whole: Whole, form: Form[Any], *, status: int = 200) -> Response:
    title = gettext_of(request)("Öffentlicher Titel")
    return act_page(request, "title", whole.application, title=title, status=status, form=form)


def names_somebody(answers: Answers | None, title: str) -> bool:
    """Whether a private person's name stands in it as they wrote it."""
    if answers is None:
        return False
    people = [answers.applicant.contact_name]
    if answers.applicant.kind is ApplicantKind.PERSON:
        people.append(answers.applicant.name)
    return any(name.casefold() in title.casefold() for name in people if name)
