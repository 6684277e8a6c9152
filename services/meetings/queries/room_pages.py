"""Reads that only pages of the room ask for."""

import hmac

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.domain.codes import as_typed
from services.meetings.domain.session import Session, Status


async def session_by_code(session: AsyncSession, typed: str) -> Session | None:
    """The open session with this code on its wall; which one is wrong takes no time to tell."""
    code = as_typed(typed).encode()
    open_now = select(Session).where(Session.status == Status.OPEN, Session.room_code != "")
    found = [
        meeting
        for meeting in await session.scalars(open_now)
        if hmac.compare_digest(meeting.room_code.encode(), code)
    ]
    return found[0] if found else None
