"""The applicant's answer to a grant: accepted with a name under the agreement, or declined."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response
from uuid_utils.compat import uuid7

from services.applications.commands.grants import conditions_of, end
from services.applications.commands.sign import accept_online, open_to_accept
from services.applications.domain import Application, Grant, IllegalMove, Rules, Status
from services.applications.domain.answers import Confirmed
from services.applications.store import Command
from services.applications.web.mine_own import own_case
from services.applications.web.orders import Ordered
from services.applications.web.visit import now, service_of
from shared.days import local_day
from shared.once import Order, earlier
from shared.web.access import Guarded
from shared.web.forms import Form, Line, blank, read_form
from shared.web.i18n import lazy
from shared.web.limits import limit
from shared.web.pages import gettext_of, language_of, page, see_other

ACCEPT = "/mein/{application_id}/annehmen"
DECLINE = "/mein/{application_id}/ablehnen"
ACCEPTED = lazy("Sie haben die Zusage angenommen. Viel Erfolg mit Ihrer Idee!")
DECLINED = lazy("Sie haben auf das Geld verzichtet.")

router = Guarded()


class Signature(Ordered):
    """A tick and a name: what a signature on paper is."""

    agreed: Confirmed
    name: Line


@router.get(ACCEPT, action="case.write")
async def ask_to_accept(request: Request, application_id: UUID) -> Response:
    """The sum, what goes with it, and the agreement, before anything is signed."""
    async with service_of(request).db.read() as session:
        application = await own_case(request, session, application_id, "case.write")
        return await _accept_page(request, session, application, blank())


@router.post(ACCEPT, action="case.write", dependencies=[limit("60/hour")])
async def accept_it(request: Request, application_id: UUID) -> Response:
    """Accepted; a second click finds it accepted."""
    form = await read_form(request, Signature)
    case, at = f"/mein/{application_id}", now(request)
    async with service_of(request).db.begin() as session:
        application = await own_case(request, session, application_id, "case.write", lock=True)
        if application.status is Status.ACCEPTED:
            return see_other(case, note=gettext_of(request)(ACCEPTED))
        if form.data is None:
            return await _accept_page(request, session, application, form, status=422)
        order = _order(request, form.data)
        if await _new(session, order, "grant.accept", application_id, form.data.name):
            await accept_online(session, application, name=form.data.name, at=at)
    return see_other(case, note=gettext_of(request)(ACCEPTED))


@router.get(DECLINE, action="case.write")
async def ask_to_decline(request: Request, application_id: UUID) -> Response:
    """What happens then, before it happens."""
    async with service_of(request).db.read() as session:
        application = await own_case(request, session, application_id, "case.write")
        grant = await session.get(Grant, application_id)
    if grant is None or not application.may(Status.DECLINED):
        return see_other(f"/mein/{application_id}")
    return page(
        request,
        "mine/decline.html",
        title=gettext_of(request)("Auf das Geld verzichten?"),
        here="mein",
        application=application,
        grant=grant,
        command_id=str(uuid7()),
    )


@router.post(DECLINE, action="case.write", dependencies=[limit("60/hour")])
async def decline_it(request: Request, application_id: UUID) -> Response:
    """The sum is free at once; a second click changes nothing. The year is locked first."""
    form = await read_form(request, Ordered)
    case, at = f"/mein/{application_id}", now(request)
    async with service_of(request).db.begin() as session:
        application = await own_case(request, session, application_id, "case.write")
        if application.number is None:
            return see_other("/mein")
        order = _order(request, form.data or Ordered())
        new = await _new(session, order, "grant.decline", application_id, "")
        if new and application.status is not Status.DECLINED:
            if await session.get(Grant, application_id) is None:
                raise IllegalMove(application.status, Status.DECLINED)
            await end(session, application_id, Status.DECLINED, actor="applicant", at=at)
    return see_other(case, note=gettext_of(request)(DECLINED))


async def _accept_page(
    request: Request,
    session: AsyncSession,
    application: Application,
    form: Form[Any],
    *,
    status: int = 200,
) -> Response:
    grant, at = await session.get(Grant, application.id), now(request)
    if grant is None or application.status is not Status.GRANTED:
        return see_other(f"/mein/{application.id}")
    if not open_to_accept(grant, at=at):
        return see_other(f"/mein/{application.id}")
    rules, lang = Rules.model_validate(grant.rules), language_of(request)
    return page(
        request,
        "mine/accept.html",
        status=status,
        title=gettext_of(request)("Zusage annehmen"),
        here="mein",
        form=form,
        application=application,
        grant=grant,
        conditions=await conditions_of(session, application.id),
        not_paid=[kind.name.in_(lang) for kind in rules.not_paid],
        last_day=rules.last_day(local_day(grant.decided_at)),
        command_id=form.values.get("command_id") or str(uuid7()),
    )


def _order(request: Request, sent: Ordered) -> Order:
    return Order(command_id=sent.command_id, by="applicant", at=now(request))


async def _new(
    session: AsyncSession, order: Order, name: str, application_id: UUID, content: str
) -> bool:
    """Whether this click counts for the first time; raises CommandConflict for another content."""
    before = await earlier(
        session, Command, order, name=name, content=content, subject=application_id
    )
    return before is None
