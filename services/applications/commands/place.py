"""Which session an application goes to, when the board's dates change."""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.domain import Application, SessionDate, Status, place_for

WAITING = (Status.SUBMITTED, Status.CORRECTION_REQUESTED, Status.ADMISSIBLE)
"""Not yet on an agenda: the session is still only the one it is in time for."""


async def dates(session: AsyncSession) -> list[SessionDate]:
    """Every date meetings ever told, cancelled ones included."""
    return list(await session.scalars(select(SessionDate)))


async def place_again(session: AsyncSession, *, at: datetime) -> None:
    """Give applications whose session is gone, or that never had one, the next they reach.

    Who has a session keeps it, even if it moved: nobody is put back by somebody else's date.
    """
    await session.flush()
    told = await dates(session)
    standing = [date.session_id for date in told if not date.cancelled]
    homeless = (
        select(Application)
        .where(Application.status.in_(WAITING))
        .where(or_(Application.session_id.is_(None), Application.session_id.not_in(standing)))
        .with_for_update()
    )
    for application in await session.scalars(homeless):
        if application.submitted_at is None:
            continue
        upcoming = [date for date in told if date.starts_at > at]
        place = place_for(upcoming, arrival=application.submitted_at)
        application.session_id, application.late = place.session_id, place.late
