"""After the grant: conditions met, the city's answer, acceptance on paper, and the ends it can come to."""

from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.applications.commands.grants import accept, city_agrees, end, meet_condition
from services.applications.commands.papers import explain
from services.applications.domain import Application, Grant, Status
from services.applications.domain.grant import ConditionClosed, NotYetEffective
from services.applications.queries.whole import Whole
from services.applications.store import record
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
from services.applications.web.orders import Ordered
from services.applications.web.visit import now, service_of
from shared.days import local_day
from shared.events.applications import RevokedBecause, Signed
from shared.once import Order
from shared.web.access import Guarded
from shared.web.forms import Day, Form, Text, blank, read_form
from shared.web.i18n import lazy
from shared.web.pages import gettext_of, see_other

Turn = Literal["check", "change", "save"]
NOT_YET: Final = lazy("Dieser Tag kommt erst noch.")
BEFORE_GRANT: Final = lazy("An diesem Tag gab es die Zusage noch nicht.")

router = Guarded()


class CityForm(Ordered):
    answer: Literal["yes", "no"]
    turn: Turn = "check"


class RevokeForm(Ordered):
    text: Text
    turn: Turn = "check"


class AcceptForm(Ordered):
    signed_on: Day
    turn: Turn = "check"


@router.get(CASE + "/auflagen/{condition_id}", action="office.grant")
async def condition_form(request: Request, application_id: UUID, condition_id: UUID) -> Response:
    """What follows once it is met."""
    whole = await opened_for(request, application_id, Status.GRANTED)
    condition = next((one for one in whole.conditions if one.id == condition_id), None)
    if condition is None:
        raise HTTPException(404)
    if condition.met_at is not None:
        raise ConditionClosed
    return _check_page(request, whole, "condition", _CONDITION, condition=condition)


@router.post(CASE + "/auflagen/{condition_id}", action="office.grant")
async def condition_met(request: Request, application_id: UUID, condition_id: UUID) -> Response:
    """Met; the last one opens the way to the agreement."""
    form = await read_form(request, Ordered)

    async def act(session: AsyncSession, application: Application, order: Order) -> None:
        await _of_a_grant(session, application)
        await meet_condition(session, application, condition_id, actor=order.by, at=order.at)

    name = f"condition.meet.{condition_id}"
    await once(request, application_id, form.data or Ordered(), act, name=name)
    note = gettext_of(request)("Die Auflage ist erfüllt.")
    return see_other(case_path(application_id, "#auflagen"), note=note)


@router.get(CASE + "/stadt", action="office.grant")
async def city_form(request: Request, application_id: UUID) -> Response:
    """What the city said."""
    whole = await _asked_of_city(request, application_id)
    return _city_page(request, whole, blank(ordered(whole.application)))


@router.post(CASE + "/stadt", action="office.grant")
async def city(request: Request, application_id: UUID) -> Response:
    """Yes lets the grant take effect, no takes it back; first what either brings."""
    form = await read_form(request, CityForm)
    sent = form.data
    if sent is not None and sent.turn == "save":
        act = city_yes if sent.answer == "yes" else city_no
        await once(request, application_id, sent, act, name="grant.city", moves_money=True)
        note = gettext_of(request)("Die Antwort der Stadt ist eingetragen.")
        return see_other(case_path(application_id), note=note)
    whole = await _asked_of_city(request, application_id)
    if sent is None or sent.turn == "change":
        return _city_page(request, whole, form, status=422 if sent is None else 200)
    return _check_page(request, whole, "city_check", _CITY, form=form, sent=sent)


@router.get(CASE + "/widerruf", action="office.grant")
async def revoke_form(request: Request, application_id: UUID) -> Response:
    """Why, in words the applicant reads."""
    whole = await opened_for(request, application_id, *ENDABLE)
    return _revoke_page(request, whole, blank(ordered(whole.application)))


@router.post(CASE + "/widerruf", action="office.grant")
async def revoke(request: Request, application_id: UUID) -> Response:
    """First the check page with the letter and the sum that is free again."""
    form = await read_form(request, RevokeForm)
    sent, seals = form.data, service_of(request).seals
    if sent is not None and sent.turn == "save":
        words = sent.text

        async def act(session: AsyncSession, application: Application, order: Order) -> None:
            await _of_a_grant(session, application)
            explained = await explain(application, words, seals=seals, at=order.at)
            record(session, *explained)
            revoked = Status.REVOKED
            await end(session, application.id, revoked, actor=order.by, at=order.at)

        await once(request, application_id, sent, act, name="grant.revoke", moves_money=True)
        note = gettext_of(request)("Die Zusage ist zurückgenommen. Das Geld ist wieder im Fonds.")
        return see_other(case_path(application_id), note=note)
    whole = await opened_for(request, application_id, *ENDABLE)
    if sent is None or sent.turn == "change":
        return _revoke_page(request, whole, form, status=422 if sent is None else 200)
    return _check_page(request, whole, "revoke_check", _REVOKE, form=form)


@router.get(CASE + "/verzicht", action="office.grant")
async def decline_form(request: Request, application_id: UUID) -> Response:
    """Somebody told us that they do not want the money."""
    whole = await opened_for(request, application_id, *ENDABLE)
    return _check_page(request, whole, "decline", _DECLINE)


@router.post(CASE + "/verzicht", action="office.grant")
async def decline(request: Request, application_id: UUID) -> Response:
    """On the applicant's behalf; the sum is free at once."""
    form = await read_form(request, Ordered)

    async def act(session: AsyncSession, application: Application, order: Order) -> None:
        await _of_a_grant(session, application)
        await end(session, application.id, Status.DECLINED, actor=order.by, at=order.at)

    sent = form.data or Ordered()
    await once(request, application_id, sent, act, name="grant.decline", moves_money=True)
    note = gettext_of(request)("Der Verzicht ist eingetragen. Das Geld ist wieder im Fonds.")
    return see_other(case_path(application_id), note=note)


@router.get(CASE + "/annahme", action="office.grant")
async def accept_form(request: Request, application_id: UUID) -> Response:
    """The day that stands on the signed paper."""
    whole = await _acceptable(request, application_id)
    known = ordered(whole.application) | {"signed_on": local_day(now(request))}
    return _accept_page(request, whole, blank(known))


@router.post(CASE + "/annahme", action="office.grant")
async def accept_on_paper(request: Request, application_id: UUID) -> Response:
    """First the check page, then the agreement counts as signed."""
    form = await read_form(request, AcceptForm)
    if form.data is not None:
        _refuse_day(request, form, form.data, await opened(request, application_id))
    sent = form.data
    if sent is not None and sent.turn == "save":
        signed_on = sent.signed_on

        async def act(session: AsyncSession, application: Application, order: Order) -> None:
            await _of_a_grant(session, application)
            await accept(
                session,
                application,
                signed=Signed.PAPER,
                signed_on=signed_on,
                actor=order.by,
                at=order.at,
            )

        await once(request, application_id, sent, act, name="grant.accept")
        note = gettext_of(request)("Die Vereinbarung ist angenommen.")
        return see_other(case_path(application_id), note=note)
    whole = await _acceptable(request, application_id)
    if sent is None or sent.turn == "change":
        return _accept_page(request, whole, form, status=422 if sent is None else 200)
    return _check_page(request, whole, "accept_check", _ACCEPT, form=form, sent=sent)


ENDABLE: Final = (Status.GRANTED, Status.ACCEPTED)
_CONDITION: Final = lazy("Auflage erfüllt?")
_CITY: Final = lazy("Antwort der Stadt prüfen")
_REVOKE: Final = lazy("Zusage wirklich zurücknehmen?")
_DECLINE: Final = lazy("Verzicht eintragen?")
_ACCEPT: Final = lazy("Annahme prüfen")


async def city_yes(session: AsyncSession, application: Application, order: Order) -> None:
    """The city agrees to a sum of this size."""
    await _of_a_grant(session, application)
    await city_agrees(session, application, actor=order.by, at=order.at)


async def city_no(session: AsyncSession, application: Application, order: Order) -> None:
    """The city can only refuse what still waits for it."""
    grant = await _of_a_grant(session, application)
    waits = application.status is Status.GRANTED and grant.needs_city
    if not waits or grant.city_agreed_at is not None:
        raise ConditionClosed
    no = RevokedBecause.CITY
    actor, at = order.by, order.at
    await end(session, application.id, Status.REVOKED, actor=actor, at=at, because=no)


async def _of_a_grant(session: AsyncSession, application: Application) -> Grant:
    """The grant; raises ConditionClosed where there is none."""
    grant: Grant | None = await session.get(Grant, application.id)
    if grant is None:
        raise ConditionClosed
    return grant


async def _asked_of_city(request: Request, application_id: UUID) -> Whole:
    whole = await opened_for(request, application_id, Status.GRANTED)
    if not whole.standing.for_city:
        raise ConditionClosed
    return whole


async def _acceptable(request: Request, application_id: UUID) -> Whole:
    whole = await opened_for(request, application_id, Status.GRANTED)
    if whole.grant is None or whole.grant.accept_by is None:
        raise NotYetEffective
    return whole


def _refuse_day(request: Request, form: Form[AcceptForm], sent: AcceptForm, whole: Whole) -> None:
    _ = gettext_of(request)
    if sent.signed_on > local_day(now(request)):
        form.refuse("signed_on", _(NOT_YET))
    elif whole.grant and sent.signed_on < local_day(whole.grant.decided_at):
        form.refuse("signed_on", _(BEFORE_GRANT))


def _check_page(
    request: Request, whole: Whole, template: str, title: str, **context: Any
) -> Response:
    """The last page before a letter goes out or money is moved."""
    assert whole.grant is not None
    context.setdefault("form", blank(ordered(whole.application)))
    return act_page(
        request,
        template,
        whole.application,
        title=gettext_of(request)(title),
        whole=whole,
        letter=letter_line(whole, voice_of(request)),
        left_after=whole.year.available_cents + whole.grant.amount_cents,
        **context,
    )


def _city_page(request: Request, whole: Whole, form: Form[Any], *, status: int = 200) -> Response:
    title = gettext_of(request)("Antwort der Stadt")
    about = {"form": form, "whole": whole}
    return act_page(request, "city", whole.application, title=title, status=status, **about)


def _revoke_page(request: Request, whole: Whole, form: Form[Any], *, status: int = 200) -> Response:
    title = gettext_of(request)("Zusage zurücknehmen")
    about = {"form": form, "whole": whole}
    return act_page(request, "revoke", whole.application, title=title, status=status, **about)


def _accept_page(request: Request, whole: Whole, form: Form[Any], *, status: int = 200) -> Response:
    title = gettext_of(request)("Unterschrift auf Papier")
    about = {"form": form, "whole": whole}
    return act_page(request, "acceptance", whole.application, title=title, status=status, **about)
