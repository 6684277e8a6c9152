"""What every page and act about one case begins with: the case, the click, each form counting once."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from uuid_utils.compat import uuid7

from services.applications.commands.held import AlreadyHeld
from services.applications.commands.money import locked_application, locked_year
from services.applications.domain import Application, Grant, Held, IllegalMove, Status, year_of
from services.applications.queries.whole import Whole, whole_case
from services.applications.web.orders import Ordered, first_time, order_of
from services.applications.web.visit import now, service_of
from shared.once import Order, unchanged
from shared.web.pages import page

LIST: Final = "/buero/antraege"
CASE: Final = LIST + "/{application_id}"
HERE: Final = "antraege"

Act = Callable[[AsyncSession, Application, Order], Awaitable[object]]
"""What a form does once it counts: in the transaction, with the locked application."""


async def handed_in(session: AsyncSession, application_id: UUID) -> Application:
    """Drafts are the applicant's own: the office sees what was handed in."""
    application = await session.get(Application, application_id)
    if application is None or application.number is None:
        raise HTTPException(404)
    return application


def case_path(application_id: UUID, more: str = "") -> str:
    """The case's address, or that of one of its pages."""
    return f"{LIST}/{application_id}{more}"


def ordered(application: Application) -> dict[str, Any]:
    """The hidden fields of a new form about this application as it is now."""
    return {"command_id": str(uuid7()), "version": application.version}


def act_page(
    request: Request,
    template: str,
    application: Application,
    *,
    title: str,
    status: int = 200,
    **context: Any,
) -> Response:
    """A small page about one act; the case is one link away."""
    return page(
        request,
        f"office/case/{template}.html",
        status=status,
        title=title,
        here=HERE,
        application=application,
        back=case_path(application.id),
        **context,
    )


async def opened(request: Request, application_id: UUID) -> Whole:
    """The case with everything about it, as it is now."""
    async with service_of(request).db.read() as session:
        application = await handed_in(session, application_id)
        return await whole_case(session, application, at=now(request))


async def opened_for(request: Request, application_id: UUID, *may: Status) -> Whole:
    """The same for a form; raises IllegalMove or AlreadyHeld where the act makes no sense now."""
    whole = await opened(request, application_id)
    status = whole.application.status
    if status not in may:
        raise IllegalMove(status, may[0])
    if whole.held is not None:
        raise AlreadyHeld
    return whole


class AnsweredBefore(Exception):
    """This very form was carried out already: the answer is the same, and nothing happens twice."""


async def begin(
    request: Request,
    session: AsyncSession,
    application_id: UUID,
    sent: Ordered,
    *,
    name: str,
    while_held: bool = False,
    moves_money: bool = False,
) -> tuple[Application, Order]:
    """The locked application as the form showed it, and the order to act by.

    Raises AnsweredBefore, CommandConflict, ChangedMeanwhile, and AlreadyHeld while a result waits.
    """
    await handed_in(session, application_id)
    order = await order_of(request, session, sent)
    content = sent.model_dump(mode="json", exclude={"command_id", "version", "turn"})
    if not await first_time(session, order, name, application_id, content):
        raise AnsweredBefore
    if moves_money:
        await _lock_year(session, application_id, order)
    application = await locked_application(session, application_id)
    unchanged("application", order, now=application.version)
    if not while_held and await session.get(Held, application_id) is not None:
        raise AlreadyHeld
    return application, order


async def once(
    request: Request,
    application_id: UUID,
    sent: Ordered,
    act: Act,
    *,
    name: str,
    while_held: bool = False,
    moves_money: bool = False,
) -> None:
    """Carry the form out in a transaction of its own; nothing more if it was carried out before."""
    with suppress(AnsweredBefore):
        async with service_of(request).db.begin() as session:
            application, order = await begin(
                request,
                session,
                application_id,
                sent,
                name=name,
                while_held=while_held,
                moves_money=moves_money,
            )
            await act(session, application, order)


async def _lock_year(session: AsyncSession, application_id: UUID, order: Order) -> None:
    """The year the money lies in, before the application: everybody locks in this order."""
    grant = await session.get(Grant, application_id)
    if grant is not None:
        await locked_year(session, grant.fund, grant.year)
        return
    application = await session.get_one(Application, application_id)
    await locked_year(session, application.fund, year_of(order.at))
