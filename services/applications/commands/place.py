"""Which session an application goes to, when the board's dates change."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.domain import Application, Place, SessionDate, Status, place_for
from services.applications.store import record
from shared.events.applications import DeferredBecause, PlacedBecause

WAITING = (Status.SUBMITTED, Status.CORRECTION_REQUESTED, Status.ADMISSIBLE)
"""Not yet on an agenda: the session is still only the one it is in time for."""

MEANT_FOR_A_SESSION = (*WAITING, Status.SCHEDULED, Status.DEFERRED)


async def dates(session: AsyncSession) -> list[SessionDate]:
    """Every date meetings ever told, cancelled ones included."""
    return list(await session.scalars(select(SessionDate)))


async def following_place(
    session: AsyncSession, application: Application, *, at: datetime
) -> Place:
    """The next session after the one it is on: who waits already needs no deadline again."""
    here = await session.get(SessionDate, application.session_id)
    after = max(at, here.starts_at) if here is not None and not here.cancelled else at
    coming = [
        date
        for date in await dates(session)
        if date.starts_at > after
        and not date.cancelled
        and date.session_id != application.session_id
    ]
    first = min(coming, key=lambda date: (date.starts_at, date.session_id), default=None)
    return Place() if first is None else _at(first, late=False)


async def follow(session: AsyncSession, date: SessionDate) -> None:
    """Who waits for this session waits until its new date."""
    waiting = select(Application).where(
        Application.session_id == date.session_id,
        Application.status.in_(MEANT_FOR_A_SESSION),
        Application.status != Status.CORRECTION_REQUESTED,
    )
    in_order = waiting.order_by(Application.id).with_for_update()
    for application in await session.scalars(in_order):
        application.due_at = date.starts_at


async def place_again(session: AsyncSession, because: PlacedBecause, *, at: datetime) -> None:
    """Give applications whose session is gone, or that never had one, the next they reach.

    Who is in time for an earlier session after all moves forward; nobody is put back by somebody
    else's date, and whoever waited before stays ahead of newer ones by the date of arrival.
    """
    await session.flush()
    told = await dates(session)
    meant = select(Application).where(
        Application.status.in_(MEANT_FOR_A_SESSION), Application.submitted_at.is_not(None)
    )
    standing = {date.session_id: date for date in told if not date.cancelled}
    affected = meant.where(
        or_(
            Application.session_id.is_(None),
            Application.session_id.not_in(list(standing)),
            Application.late,
        )
    )
    in_order = affected.order_by(Application.id).with_for_update()
    for application in await session.scalars(in_order):
        _move(session, application, told, standing, because, at=at)


def _move(
    session: AsyncSession,
    application: Application,
    told: list[SessionDate],
    standing: Mapping[UUID, SessionDate],
    because: PlacedBecause,
    *,
    at: datetime,
) -> None:
    here = standing.get(application.session_id) if application.session_id else None
    if here is not None and application.status not in WAITING:
        return
    upcoming = [date for date in told if date.starts_at > at]
    place = _place(application, upcoming)
    if here is not None and (place.session_at is None or place.session_at >= here.starts_at):
        return
    if application.status is Status.SCHEDULED:
        cancelled = DeferredBecause.SESSION_CANCELLED
        record(session, application.defer(cancelled, following=place, at=at))
    elif place.session_id != application.session_id:
        record(session, application.place(place, because, at=at))


def _place(application: Application, upcoming: list[SessionDate]) -> Place:
    """Whoever was meant for a session that fell away needs no deadline again."""
    assert application.submitted_at is not None
    if application.status in WAITING:
        return place_for(upcoming, arrival=application.submitted_at)
    coming = [date for date in upcoming if not date.cancelled]
    first = min(coming, key=lambda date: (date.starts_at, date.session_id), default=None)
    return Place() if first is None else _at(first, late=application.late)


def _at(date: SessionDate, *, late: bool) -> Place:
    return Place(
        session_id=date.session_id,
        session_at=date.starts_at,
        submission_deadline=date.submission_deadline,
        late=late,
    )
