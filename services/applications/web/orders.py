"""The office's forms: sent twice they count once, and nothing is overwritten unseen."""

from typing import Any, Final
from uuid import UUID, uuid5

from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from uuid_utils.compat import uuid7

from services.applications.store import Command
from services.applications.web.staff import acting
from services.applications.web.visit import now
from shared.once import CommandConflict, Order, earlier

NAMED: Final = UUID("3f6a1a62-6f0e-4c0b-9d4e-0b1f3a3f5a10")
"""Things without an id of their own (a fund, a budget year) get one from their code."""


class Ordered(BaseModel):
    """The hidden fields of every form that changes something."""

    command_id: UUID = Field(default_factory=uuid7)
    version: int = 0


async def order_of(request: Request, session: AsyncSession, sent: Ordered) -> Order:
    """The click of whoever is signed in."""
    by = await acting(request, session)
    return Order(command_id=sent.command_id, version=sent.version, by=by, at=now(request))


async def first_time(
    session: AsyncSession, order: Order, name: str, subject: UUID | str, content: Any
) -> bool:
    """Whether this click was not carried out yet; raises CommandConflict for other content or another thing."""
    about = id_of(subject) if isinstance(subject, str) else subject
    first = await earlier(session, Command, order, name=name, content=content, subject=about)
    if first not in (None, about):
        raise CommandConflict(name)
    return first is None


async def sent_before(session: AsyncSession, sent: Ordered) -> bool:
    """Whether this very form was carried out: what stood against it since does not matter."""
    return await session.get(Command, sent.command_id) is not None


def id_of(code: str) -> UUID:
    """What the list of commands calls a thing that has a code only."""
    return uuid5(NAMED, code)
