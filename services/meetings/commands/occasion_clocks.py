"""What happens to an occasion by itself: people are reminded, it is over, addresses are forgotten."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.commands.registrations import lock_occasion, reach_of
from services.meetings.domain.occasions import (
    Occasion,
    OccasionStatus,
    Registration,
    RegistrationStatus,
)
from services.meetings.store import Timer, record
from shared.due import TimerHandlers
from shared.events.people import PersonErasedByMeetings
from shared.rows import TimerRow
from shared.service import Service
from shared.store import scrub_after
from shared.timers import cancel_timer, set_timer

REMINDER: Final = "occasion.reminder"
OVER: Final = "occasion.over"
FORGET: Final = "occasion.forget"


async def set_clocks(session: AsyncSession, occasion: Occasion, *, at: datetime) -> None:
    """Everything due at the dates that hold now; a reminder whose hour is past is not sent late."""
    announced, subject = occasion.status is OccasionStatus.ANNOUNCED, str(occasion.id)
    due = {
        REMINDER: announced and occasion.reminders and occasion.remind_at > at,
        OVER: announced,
        FORGET: True,
    }
    times = {REMINDER: occasion.remind_at, OVER: occasion.over_at, FORGET: occasion.forget_at}
    for kind, wanted in due.items():
        if wanted:
            await set_timer(session, Timer, kind=kind, subject=subject, due_at=times[kind])
        else:
            await cancel_timer(session, Timer, kind=kind, subject=subject)


async def remind(timer: TimerRow, session: AsyncSession, service: Service) -> None:
    """Everybody with a place hears that it is tomorrow."""
    occasion, at = await lock_occasion(session, UUID(timer.subject)), service.clock.now()
    if not occasion.expects_people(at):
        return
    for registration in await session.scalars(_of(occasion, RegistrationStatus.CONFIRMED)):
        if reach := await reach_of(service, registration):
            record(session, registration.remind(occasion, reach, at=at))


async def hold(timer: TimerRow, session: AsyncSession, service: Service) -> None:
    """Its end has come."""
    occasion = await lock_occasion(session, UUID(timer.subject))
    if occasion.may(OccasionStatus.HELD):
        occasion.hold()


async def forget(timer: TimerRow, session: AsyncSession, service: Service) -> None:
    """Names, addresses and numbers go, with every sealed copy; how many came stays."""
    occasion, at = await lock_occasion(session, UUID(timer.subject)), service.clock.now()
    kept = select(Registration.person_id).where(
        Registration.occasion_id == occasion.id, Registration.wiped.is_(False)
    )
    person_ids = (await session.scalars(kept)).all()
    await service.seals.replay((person_id, at) for person_id in person_ids)
    wiped = {"name": "", "email": None, "phone": None, "needs": ""}
    theirs = update(Registration).where(Registration.occasion_id == occasion.id)
    await session.execute(
        theirs.values(
            **wiped, address_hash=None, to_call=None, wiped=True, version=Registration.version + 1
        ).execution_options(synchronize_session=False)
    )
    occasion.contacts_wiped_at = at
    for person_id in person_ids:
        gone = PersonErasedByMeetings(at=at, person_id=person_id, person_ids=[person_id])
        record(session, gone)
    scrub_after(session, Registration.__tablename__)


def _of(occasion: Occasion, status: RegistrationStatus) -> Select[Registration]:
    found = select(Registration).where(
        Registration.occasion_id == occasion.id, Registration.status == status
    )
    return found.order_by(Registration.number)


OCCASION_TIMERS: Final[TimerHandlers] = {REMINDER: remind, OVER: hold, FORGET: forget}
