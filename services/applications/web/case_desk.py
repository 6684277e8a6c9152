"""What every page and act about one case begins with: the case, the click, each form counting once."""

from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.exceptions import HTTPException
from starlette.requests import Request
from uuid_utils.compat import uuid7

from services.applications.commands.held import AlreadyHeld
from services.applications.commands.money import locked_application
from services.applications.domain import Application, Held
from services.applications.store import Command
from services.applications.web.staff import acting
from services.applications.web.visit import now
from shared.once import Order, earlier, unchanged

LIST: Final = "/buero/antraege"
CASE: Final = LIST + "/{application_id}"
HERE: Final = "antraege"


class Ordered(BaseModel):
    """The hidden fields of every form that changes something."""

    command_id: UUID = Field(default_factory=uuid7)
    version: int = 0


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
) -> tuple[Application, Order]:
    """The locked application as the form showed it, and the order to act by.

    Raises AnsweredBefore, CommandConflict, ChangedMeanwhile, and AlreadyHeld while a result waits.
    """
    await handed_in(session, application_id)
    order = Order(
        command_id=sent.command_id,
        by=await acting(request, session),
        at=now(request),
        version=sent.version,
    )
    content = sent.model_dump(mode="json", exclude={"command_id", "version", "turn"})
    before = await earlier(
        session, Command, order, name=name, content=content, subject=application_id
    )
    if before is not None:
        raise AnsweredBefore
    application = await locked_application(session, application_id)
    unchanged("application", order, now=application.version)
    if not while_held and await session.get(Held, application_id) is not None:
        raise AlreadyHeld
    return application, order
