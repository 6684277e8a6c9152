"""Who comes to an occasion: every act holds the occasion's row, so that no place is given twice."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.meetings import registration_links
from services.meetings.commands.once import Order, earlier, trail, unchanged
from services.meetings.domain.occasions import (
    NoPlaces,
    Occasion,
    Reach,
    Registration,
    RegistrationClosed,
    RegistrationStatus,
    Wish,
    fits,
    promotable,
)
from services.meetings.queries.occasions import last_number, position_of, same_person, taken_places
from services.meetings.store import record
from shared.events.meetings import EndedBecause
from shared.events.people import Link as MailedLink
from shared.sealed import UnknownPerson
from shared.service import Service
from shared.store import scrub_after


async def lock_occasion(session: AsyncSession, occasion_id: UUID) -> Occasion:
    """The occasion, its places ours to count until the commit."""
    return await session.get_one(
        Occasion, occasion_id, with_for_update=True, populate_existing=True
    )


async def register(
    session: AsyncSession,
    service: Service,
    occasion_id: UUID,
    wish: Wish,
    order: Order,
    *,
    by_office: bool = False,
) -> UUID:
    """Give places or a place on the waiting list; who is registered already only hears so again."""
    known, new = service.seals.address_hash(wish.address), uuid7()
    content = {"id": occasion_id, "who": known, "people": wish.people}
    if first := await earlier(
        session, order, name="registration.take", content=content, subject=new
    ):
        return first
    occasion = await lock_occasion(session, occasion_id)
    _check_open(occasion, by_office=by_office, at=order.at)
    free = occasion.free(await taken_places(session, occasion_id))
    if not fits(wish.people, free) and not occasion.waiting_list:
        raise NoPlaces(free or 0)
    if already := await same_person(session, occasion_id, known):
        await _say_again(session, service, occasion, already, at=order.at)
        return already.id
    registration = Registration.take(
        occasion,
        wish,
        registration_id=new,
        person_id=await service.seals.person(email=wish.address),
        number=await last_number(session, occasion_id) + 1,
        address_hash=known,
        by_office=by_office,
        at=order.at,
    )
    session.add(registration)
    await _answer(session, service, occasion, registration, free=free, at=order.at)
    trail(session, "registration.take", occasion_id, order, people=wish.people)
    return new


def _check_open(occasion: Occasion, *, by_office: bool, at: datetime) -> None:
    """The office may still enter somebody after the last day for it, until it begins."""
    open_now = occasion.expects_people(at) if by_office else occasion.takes_registrations(at)
    if not open_now:
        raise RegistrationClosed


async def _answer(
    session: AsyncSession,
    service: Service,
    occasion: Occasion,
    registration: Registration,
    *,
    free: int | None,
    at: datetime,
) -> None:
    reach, called = await reach_of(service, registration), registration.by_office
    if reach is None:
        raise UnknownPerson(registration.person_id)
    await session.flush()
    if fits(registration.people, free):
        record(session, registration.confirm(occasion, reach, called=called, at=at))
        return
    position = await position_of(session, registration)
    record(session, registration.queue(occasion, reach, position=position, called=called, at=at))


async def _say_again(
    session: AsyncSession,
    service: Service,
    occasion: Occasion,
    registration: Registration,
    *,
    at: datetime,
) -> None:
    position = await position_of(session, registration)
    if reach := await reach_of(service, registration):
        record(session, registration.asked_again(occasion, reach, position=position, at=at))


async def change_people(
    session: AsyncSession, service: Service, registration_id: UUID, people: int, order: Order
) -> UUID:
    """Come with more or fewer; what that frees goes to the waiting list at once."""
    content = {"id": registration_id, "people": people}
    if first := await earlier(
        session, order, name="registration.people", content=content, subject=registration_id
    ):
        return first
    occasion, registration = await _both(session, registration_id)
    _check_expected(occasion, order.at)
    free = occasion.free(await taken_places(session, occasion.id))
    registration.bring(people, free=free)
    await promote(session, service, occasion, at=order.at)
    trail(session, "registration.people", registration_id, order, people=people)
    return registration_id


async def end_registration(
    session: AsyncSession,
    service: Service,
    registration_id: UUID,
    order: Order,
    *,
    because: EndedBecause,
    called: bool = False,
) -> UUID:
    """Nobody comes under it any more; its places go to the waiting list at once."""
    content = {"id": registration_id, "because": because}
    if first := await earlier(
        session, order, name="registration.end", content=content, subject=registration_id
    ):
        return first
    occasion, registration = await _both(session, registration_id)
    _check_expected(occasion, order.at)
    await _end(
        session, service, occasion, [registration], because=because, called=called, at=order.at
    )
    await promote(session, service, occasion, at=order.at)
    trail(session, "registration.end", registration_id, order, because=because)
    return registration_id


async def tick_arrivals(
    session: AsyncSession, occasion_id: UUID, here: Sequence[UUID], order: Order
) -> None:
    """At the door: exactly these have come so far."""
    await lock_occasion(session, occasion_id)
    for registration in await _with_status(session, occasion_id, RegistrationStatus.CONFIRMED):
        registration.tick(arrived=registration.id in here)
    trail(session, "registration.arrivals", occasion_id, order, here=len(here))


async def called(session: AsyncSession, registration_id: UUID, order: Order) -> None:
    """Somebody without e-mail was told on the phone."""
    registration = await session.get_one(Registration, registration_id, with_for_update=True)
    unchanged("registration", order, now=registration.version)
    registration.to_call = None
    trail(session, "registration.called", registration_id, order)


async def promote(
    session: AsyncSession, service: Service, occasion: Occasion, *, at: datetime
) -> None:
    """Whoever of the waiting list fits now gets a place, in its order; none once it has begun."""
    if not occasion.expects_people(at):
        return
    await session.flush()
    waiting = await _with_status(session, occasion.id, RegistrationStatus.WAITING)
    free = occasion.free(await taken_places(session, occasion.id))
    chosen = set(promotable([(one.id, one.people) for one in waiting], free))
    for registration in waiting:
        if registration.id in chosen and (reach := await reach_of(service, registration)):
            record(session, registration.promote(occasion, reach, at=at))


async def tell_moved(
    session: AsyncSession,
    service: Service,
    occasion: Occasion,
    *,
    previous_starts_at: datetime,
    previous_place: str,
    at: datetime,
) -> None:
    """Everybody who wants to come hears of the other date or place."""
    for registration in await active_registrations(session, occasion.id):
        if reach := await reach_of(service, registration):
            told = registration.moved(
                occasion,
                reach,
                previous_starts_at=previous_starts_at,
                previous_place=previous_place,
                at=at,
            )
            record(session, told)


async def end_all(
    session: AsyncSession, service: Service, occasion: Occasion, *, at: datetime
) -> None:
    """It does not take place: nobody is expected."""
    everybody = await active_registrations(session, occasion.id)
    because = EndedBecause.CANCELLED
    await _end(session, service, occasion, everybody, because=because, called=False, at=at)


async def forget_registrations(
    session: AsyncSession, service: Service, person_ids: Sequence[UUID], *, at: datetime
) -> None:
    """An erased human is not expected any more; who waits for their places gets them."""
    theirs = select(Registration).where(Registration.person_id.in_(person_ids))
    found = (await session.scalars(theirs.order_by(Registration.occasion_id))).all()
    for occasion_id in sorted({registration.occasion_id for registration in found}):
        occasion = await lock_occasion(session, occasion_id)
        here = theirs.where(Registration.occasion_id == occasion_id)
        again = await session.scalars(here.execution_options(populate_existing=True))
        for registration in again:
            registration.erase(expected=occasion.expects_people(at))
        await promote(session, service, occasion, at=at)
    if found:
        scrub_after(session, Registration.__tablename__)


async def active_registrations(session: AsyncSession, occasion_id: UUID) -> Sequence[Registration]:
    """Everybody who has a place or waits for one, in the order in which they came."""
    return await _with_status(
        session, occasion_id, RegistrationStatus.CONFIRMED, RegistrationStatus.WAITING
    )


async def _end(
    session: AsyncSession,
    service: Service,
    occasion: Occasion,
    registrations: Sequence[Registration],
    *,
    because: EndedBecause,
    called: bool,
    at: datetime,
) -> None:
    for registration in registrations:
        if reach := await reach_of(service, registration):
            ended = registration.end(occasion, reach, because=because, called=called, at=at)
            record(session, ended)
        else:
            registration.erase(expected=True)


async def _both(session: AsyncSession, registration_id: UUID) -> tuple[Occasion, Registration]:
    """Always the occasion's row first: two acts at once wait and never lock each other out."""
    of = select(Registration.occasion_id).where(Registration.id == registration_id)
    occasion = await lock_occasion(session, (await session.scalars(of)).one())
    registration = await session.get_one(Registration, registration_id, populate_existing=True)
    return occasion, registration


def _check_expected(occasion: Occasion, at: datetime) -> None:
    if not occasion.expects_people(at):
        raise RegistrationClosed


async def _with_status(
    session: AsyncSession, occasion_id: UUID, *statuses: RegistrationStatus
) -> Sequence[Registration]:
    found = select(Registration).where(
        Registration.occasion_id == occasion_id, Registration.status.in_(statuses)
    )
    return (await session.scalars(found.order_by(Registration.number))).all()


async def reach_of(service: Service, registration: Registration) -> Reach | None:
    """What a letter to them needs, sealed; None once they are erased."""
    link = MailedLink(url=registration_links.url(service.settings, registration.id))
    person_id = registration.person_id
    try:
        return Reach(
            contact=await service.seals.seal(person_id, registration.contact),
            link=await service.seals.seal(person_id, link),
        )
    except UnknownPerson:
        return None
