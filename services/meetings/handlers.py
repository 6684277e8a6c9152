"""Events of others that meetings answers: one table a teller, one function an event."""

from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.commands.accounts import forget_traces
from services.meetings.domain.account import Account
from services.meetings.store import PERSONAL
from shared.events.people import (
    PersonErased,
    PersonErasedByApplications,
    PersonErasedByNotifications,
)
from shared.service import Service
from shared.store import scrub_after
from shared.streams import Handlers
from shared.web.sessions import revoke_all


async def forget_person(event: PersonErased, session: AsyncSession, service: Service) -> None:
    """Wipe the accounts of an erased human, even the office's last: the command line can open one."""
    theirs = select(Account).where(Account.person_id.in_(event.person_ids))
    for account in await session.scalars(theirs.with_for_update()):
        account.erase(others_run_the_office=True)
        await forget_traces(session, account.id)
        await revoke_all(service, account.id)
        scrub_after(session, *PERSONAL)


APPLICATIONS: Final[Handlers] = {PersonErasedByApplications: forget_person}
NOTIFICATIONS: Final[Handlers] = {PersonErasedByNotifications: forget_person}

ANSWERS: Final = {"applications": APPLICATIONS, "notifications": NOTIFICATIONS}
