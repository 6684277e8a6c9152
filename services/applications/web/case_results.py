"""Results of the office: admit, refuse, decide about small sums; each can be taken back for minutes."""

from typing import Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from services.applications.commands.decide import NotForTheOffice, TooMuch
from services.applications.commands.held import (
    Admit,
    DecideOwn,
    Refuse,
    Result,
    settle_result,
    take_back,
    tell_now,
)
from services.applications.commands.money import NoBudget
from services.applications.domain import Application, Status
from services.applications.domain.asked import NothingAskedFor
from services.applications.domain.checklist import NotChecked, PublicTitleMissing
from services.applications.domain.ledger import NotCovered
from services.applications.queries.whole import Whole
from services.applications.web.case_asks import NOTHING, PAST
from services.applications.web.case_desk import (
    CASE,
    act_page,
    case_path,
    once,
    opened,
    opened_for,
    ordered,
)
from services.applications.web.case_shown import letter_line, voice_of
from services.applications.web.case_words import CHECKS
from services.applications.web.orders import Ordered
from services.applications.web.visit import now, service_of
from shared.days import local_day
from shared.events.applications import CheckItem, Tier
from shared.once import Order
from shared.web.access import Guarded
from shared.web.formats import money
from shared.web.forms import Cents, Day, Form, Line, Text, blank, read_form
from shared.web.i18n import lazy
from shared.web.pages import gettext_of, language_of, see_other

Turn = Literal["check", "change", "save"]
TOO_MUCH: Final = lazy("Möglich sind höchstens %(most)s.")
TOO_LITTLE_LEFT: Final = lazy("Im Fonds sind nur noch %(left)s.")
NO_BUDGET: Final = lazy("Der Fonds hat für dieses Jahr noch kein Budget.")
NO_SUM: Final = lazy("Schreiben Sie, wie viel Geld es geben soll.")
NO_CONDITION: Final = lazy("Zu einer Auflage gehören der Text und der Tag.")
CONDITIONS_SHOWN: Final = 3

router = Guarded()


class RefuseForm(Ordered):
    reasons: list[CheckItem] = Field(default=[])
    text: Text | None = None
    turn: Turn = "check"


class ConditionForm(BaseModel):
    text: Line | None = None
    due_on: Day | None = None


class DecideForm(Ordered):
    verdict: Literal["yes", "no"]
    cents: Cents | None = None
    conditions: list[ConditionForm] = Field(default=[])
    text: Text | None = None
    turn: Turn = "check"

    def result(self) -> DecideOwn:
        if self.verdict == "no":
            return DecideOwn(text=self.text or "")
        listed = [(one.text or "", one.due_on) for one in self.conditions if one.due_on]
        return DecideOwn(cents=self.cents, conditions=listed, text=self.text or "")


@router.get(CASE + "/zulassen", action="office.decide")
async def admit_form(request: Request, application_id: UUID) -> Response:
    """What follows, or what still stands against it."""
    whole = await opened_for(request, application_id, Status.SUBMITTED)
    return _admit_page(request, whole)


@router.post(CASE + "/zulassen", action="office.decide")
async def admit(request: Request, application_id: UUID) -> Response:
    """Formally in order; refused with the lines that are not."""
    form = await read_form(request, Ordered)
    try:
        return await _settle(request, application_id, form.data or Ordered(), Admit())
    except (NotChecked, PublicTitleMissing):
        return _admit_page(request, await opened(request, application_id), status=409)


@router.get(CASE + "/unzulaessig", action="office.decide")
async def refuse_form(request: Request, application_id: UUID) -> Response:
    """Broken lines are ticked."""
    whole = await opened_for(request, application_id, Status.SUBMITTED)
    broken = [line.item.value for line in whole.check if line.broken]
    return _refuse_page(request, whole, blank(ordered(whole.application) | {"reasons": broken}))


@router.post(CASE + "/unzulaessig", action="office.decide")
async def refuse(request: Request, application_id: UUID) -> Response:
    """First the check page with the letter, then the result, which waits for its minute."""
    form = await read_form(request, RefuseForm)
    sent, _ = form.data, gettext_of(request)
    if sent is not None and sent.turn == "save":
        try:
            result = Refuse(reasons=sent.reasons, text=sent.text or "")
            return await _settle(request, application_id, sent, result)
        except NothingAskedFor:
            form.refuse("reasons", _(NOTHING))
    whole = await opened_for(request, application_id, Status.SUBMITTED)
    if sent is not None and (
        not sent.reasons or (CheckItem.OTHER in sent.reasons and not sent.text)
    ):
        form.refuse("reasons", _(NOTHING))
    if form.data is None or form.data.turn == "change":
        return _refuse_page(request, whole, form, status=422 if form.data is None else 200)
    return act_page(
        request,
        "refuse_check",
        whole.application,
        title=_("Wirklich nicht zulassen?"),
        form=form,
        chosen=[CHECKS[item] for item in form.data.reasons],
        minutes=whole.rules.undo_minutes,
        letter=letter_line(whole, voice_of(request)),
    )


@router.get(CASE + "/entscheiden", action="office.decide")
async def decide_form(request: Request, application_id: UUID) -> Response:
    """The most that can be granted is filled in."""
    whole = await _decidable(request, application_id)
    return _decide_page(request, whole, blank(ordered(whole.application) | {"cents": whole.most}))


@router.post(CASE + "/entscheiden", action="office.decide")
async def decide(request: Request, application_id: UUID) -> Response:
    """First the check page with letter, money and dates, then the result."""
    form = await read_form(request, DecideForm)
    sent = form.data
    if sent is not None:
        _refuse_decision(request, form, sent)
    if form.data is not None and form.data.turn == "save":
        try:
            return await _settle(request, application_id, form.data, form.data.result())
        except (TooMuch, NotCovered, NoBudget) as error:
            form.refuse("cents", _money_sentence(request, error))
    whole = await _decidable(request, application_id)
    if form.data is not None and form.data.turn == "check":
        _refuse_sum(request, form, form.data, whole)
    if form.data is None or form.data.turn == "change":
        return _decide_page(request, whole, form, status=422 if form.data is None else 200)
    return act_page(
        request,
        "decide_check",
        whole.application,
        title=gettext_of(request)("Entscheidung prüfen"),
        form=form,
        sent=form.data,
        whole=whole,
        minutes=whole.rules.undo_minutes,
        letter=letter_line(whole, voice_of(request)),
    )


@router.post(CASE + "/rueckgaengig", action="office.decide")
async def undo(request: Request, application_id: UUID) -> Response:
    """As if it had not been decided, while nobody was told."""
    form = await read_form(request, Ordered)

    async def act(session: AsyncSession, application: Application, order: Order) -> None:
        await take_back(session, application.id, order)

    sent = form.data or Ordered()
    await once(request, application_id, sent, act, name="hold.undo", while_held=True)
    note = gettext_of(request)("Rückgängig gemacht. Niemand hat etwas erfahren.")
    return see_other(case_path(application_id), note=note)


@router.post(CASE + "/mitteilen", action="office.decide")
async def tell(request: Request, application_id: UUID) -> Response:
    """The office does not want to wait."""
    form, seals = await read_form(request, Ordered), service_of(request).seals

    async def act(session: AsyncSession, application: Application, order: Order) -> None:
        await tell_now(session, application.id, seals=seals, at=order.at)

    sent = form.data or Ordered()
    await once(
        request, application_id, sent, act, name="hold.tell", while_held=True, moves_money=True
    )
    note = gettext_of(request)("Mitgeteilt. Die Schreiben gehen jetzt hinaus.")
    return see_other(case_path(application_id), note=note)


async def _settle(
    request: Request, application_id: UUID, sent: Ordered, result: Result
) -> Response:
    """Hold the result, or carry it out at once where the fund has no minutes for it."""
    seals = service_of(request).seals

    async def act(session: AsyncSession, application: Application, order: Order) -> None:
        await settle_result(session, application.id, result, order, seals=seals)

    name = f"result.{result.act}"
    await once(request, application_id, sent, act, name=name, moves_money=True)
    return see_other(case_path(application_id))


async def _decidable(request: Request, application_id: UUID) -> Whole:
    whole = await opened_for(request, application_id, Status.ADMISSIBLE)
    if whole.rules.decides(whole.application.asked_cents or 0) is not Tier.OFFICE:
        raise NotForTheOffice
    return whole


def _refuse_decision(request: Request, form: Form[DecideForm], sent: DecideForm) -> None:
    """What does not fit together in the form itself."""
    _, today = gettext_of(request), local_day(now(request))
    if sent.verdict == "no":
        return
    if not sent.cents:
        form.refuse("cents", _(NO_SUM))
    for place, one in enumerate(sent.conditions):
        if not (one.text and one.due_on):
            form.refuse(f"conditions-{place}-{'due_on' if one.text else 'text'}", _(NO_CONDITION))
        elif one.due_on < today:
            form.refuse(f"conditions-{place}-due_on", _(PAST))


def _refuse_sum(request: Request, form: Form[DecideForm], sent: DecideForm, whole: Whole) -> None:
    """The same the command says, before the check page."""
    cents = sent.cents or 0
    if sent.verdict == "no":
        return
    if cents > whole.most:
        form.refuse("cents", _money_sentence(request, TooMuch(whole.most)))
    elif not whole.year.budget_cents:
        year = whole.year
        form.refuse("cents", _money_sentence(request, NoBudget(year.fund, year.year)))
    elif cents > whole.year.available_cents:
        left = NotCovered(cents, whole.year.available_cents)
        form.refuse("cents", _money_sentence(request, left))


def _money_sentence(request: Request, error: TooMuch | NotCovered | NoBudget) -> str:
    _, lang = gettext_of(request), language_of(request)
    if isinstance(error, TooMuch):
        return _(TOO_MUCH) % {"most": money(error.most, lang)}
    if isinstance(error, NotCovered):
        return _(TOO_LITTLE_LEFT) % {"left": money(error.left, lang)}
    return _(NO_BUDGET)


def _admit_page(request: Request, whole: Whole, *, status: int = 200) -> Response:
    by_office = whole.rules.decides(whole.application.asked_cents or 0) is Tier.OFFICE
    return act_page(
        request,
        "admit",
        whole.application,
        title=gettext_of(request)("Antrag zulassen"),
        status=status,
        form=blank(ordered(whole.application)),
        missing=[(line.item.value, CHECKS[line.item]) for line in whole.open_lines],
        by_office=by_office,
        session=whole.case.session,
        minutes=whole.rules.undo_minutes,
    )


def _refuse_page(request: Request, whole: Whole, form: Form[Any], *, status: int = 200) -> Response:
    asked = [line.item for line in whole.check if line.finding != "not_asked" or line.mark]
    return act_page(
        request,
        "refuse",
        whole.application,
        title=gettext_of(request)("Nicht zulassen"),
        status=status,
        form=form,
        reasons=[(item.value, CHECKS[item]) for item in [*asked, CheckItem.OTHER]],
    )


def _decide_page(request: Request, whole: Whole, form: Form[Any], *, status: int = 200) -> Response:
    title = gettext_of(request)("Entscheidung des Büros")
    filled = len(form.values.get("conditions") or [])
    return act_page(
        request,
        "decide",
        whole.application,
        title=title,
        status=status,
        form=form,
        whole=whole,
        rows=max(CONDITIONS_SHOWN, filled + 1),
        opened=filled > 0,
    )
