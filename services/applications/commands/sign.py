"""The applicant's answer to a grant, given online: yes with a name, or no."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.applications.commands.clocks import ONE_SECOND
from services.applications.commands.grants import accept, locked_grant
from services.applications.domain import Application, Change, Grant
from services.applications.domain.grant import NotYetEffective
from shared.days import local_day
from shared.events.applications import Signed

SIGNED_BY = "signed_by"


class AcceptanceOver(Exception):
    """The date by which the grant could be accepted is past."""


def open_to_accept(grant: Grant, *, at: datetime) -> bool:
    """Whether the applicant's yes would count now."""
    return grant.accept_by is not None and at < grant.accept_by + ONE_SECOND


async def accept_online(
    session: AsyncSession, application: Application, *, name: str, at: datetime
) -> Grant:
    """Sign with a typed name, which goes with the person; raises AcceptanceOver, NotYetEffective."""
    grant = await locked_grant(session, application.id)
    if grant.accept_by is None and grant.ended_at is None:
        raise NotYetEffective
    if grant.accept_by is not None and not open_to_accept(grant, at=at):
        raise AcceptanceOver
    day = local_day(at)
    signed = await accept(
        session, application, signed=Signed.ONLINE, signed_on=day, actor="applicant", at=at
    )
    session.add(
        Change(
            id=uuid7(),
            application_id=application.id,
            at=at,
            actor="applicant",
            field=SIGNED_BY,
            before="",
            after=name,
        )
    )
    return signed
