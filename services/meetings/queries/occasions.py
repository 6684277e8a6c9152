"""Reads about occasions and who comes: always counted in the database, never row by row."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.domain.occasions import (
    Occasion,
    Registration,
    RegistrationStatus,
)
from services.meetings.queries.sessions import Period
from shared.days import local_day, start_of_day
from shared.events.meetings import OccasionKind

CONFIRMED = RegistrationStatus.CONFIRMED
WAITING = RegistrationStatus.WAITING


@dataclass(frozen=True)
class Tally:
    """How many registrations and people there are, and how many came."""

    confirmed: int = 0
    people: int = 0
    waiting: int = 0
    waiting_people: int = 0
    arrived: int = 0
    to_call: int = 0

    @property
    def active(self) -> int:
        """Registrations under which somebody wants to come."""
        return self.confirmed + self.waiting


async def occasions(
    session: AsyncSession,
    period: Period,
    *,
    at: datetime,
    public: bool,
    kind: OccasionKind | None = None,
    limit: int = 100,
) -> Sequence[Occasion]:
    """Coming ones, next first, or past ones, latest first; the public sees none that is only planned."""
    today = start_of_day(local_day(at))
    found = select(Occasion).limit(limit)
    if kind is not None:
        found = found.where(Occasion.kind == kind)
    if public:
        found = found.where(Occasion.revision > 0)
    last = func.coalesce(Occasion.ends_at, Occasion.starts_at)
    if period == "coming":
        found = found.where(last >= today)
        found = found.order_by(Occasion.starts_at, Occasion.id)
    else:
        found = found.where(last < today)
        found = found.order_by(Occasion.starts_at.desc(), Occasion.id)
    return (await session.scalars(found)).all()


async def public_occasion(session: AsyncSession, occasion_id: UUID) -> Occasion:
    """One that was announced; raises NoResultFound for what is only planned."""
    known = select(Occasion).where(Occasion.id == occasion_id, Occasion.revision > 0)
    return (await session.scalars(known)).one()


async def kinds_there(session: AsyncSession) -> list[OccasionKind]:
    """The kinds that were ever announced, in the order of their names: what a filter can offer."""
    there = set(
        await session.scalars(select(Occasion.kind).where(Occasion.revision > 0).distinct())
    )
    return [kind for kind in OccasionKind if kind in there]


async def tallies(session: AsyncSession, ids: Collection[UUID]) -> Mapping[UUID, Tally]:
    """The counts of each of these occasions, in one read."""
    of = Registration.status
    counted = select(
        Registration.occasion_id,
        func.count().filter(of == CONFIRMED),
        _sum(Registration.people, of == CONFIRMED),
        func.count().filter(of == WAITING),
        _sum(Registration.people, of == WAITING),
        _sum(Registration.people, Registration.arrived.is_(True)),
        func.count().filter(Registration.to_call.is_not(None)),
    )
    rows = await session.execute(
        counted.where(Registration.occasion_id.in_(ids)).group_by(Registration.occasion_id)
    )
    found = {row[0]: Tally(*(int(one) for one in row[1:])) for row in rows}
    return {one: found.get(one, Tally()) for one in ids}


def _sum(column: ColumnElement[int] | object, where: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(column).filter(where), 0)


async def tally(session: AsyncSession, occasion_id: UUID) -> Tally:
    """The counts of one occasion."""
    return (await tallies(session, [occasion_id]))[occasion_id]


async def taken_places(session: AsyncSession, occasion_id: UUID) -> int:
    """How many people have a place; true until the commit only under the occasion's lock."""
    return (await tally(session, occasion_id)).people


async def last_number(session: AsyncSession, occasion_id: UUID) -> int:
    """The highest number given to a registration of this occasion."""
    highest = select(func.max(Registration.number)).where(Registration.occasion_id == occasion_id)
    return await session.scalar(highest) or 0


async def same_person(
    session: AsyncSession, occasion_id: UUID, address_hash: str
) -> Registration | None:
    """Who is registered under this address already."""
    theirs = select(Registration).where(
        Registration.occasion_id == occasion_id,
        Registration.address_hash == address_hash,
        Registration.status != RegistrationStatus.ENDED,
    )
    found: Registration | None = await session.scalar(theirs.limit(1))
    return found


async def position_of(session: AsyncSession, registration: Registration) -> int:
    """The place on the waiting list, from 1; 0 for whoever does not wait."""
    if registration.status is not WAITING:
        return 0
    before = select(func.count()).where(
        Registration.occasion_id == registration.occasion_id,
        Registration.status == WAITING,
        Registration.number <= registration.number,
    )
    return await session.scalar(before) or 0


async def registrations_of(session: AsyncSession, occasion_id: UUID) -> Sequence[Registration]:
    """Everybody who ever registered: with a place, waiting, ended, each in order of arrival."""
    theirs = select(Registration).where(Registration.occasion_id == occasion_id)
    found = (await session.scalars(theirs.order_by(Registration.number))).all()
    order = {CONFIRMED: 0, WAITING: 1, RegistrationStatus.ENDED: 2}
    return sorted(found, key=lambda one: order[one.status])


async def own_registration(
    session: AsyncSession, registration_id: UUID | None
) -> tuple[Occasion, Registration] | None:
    """What the link in a letter shows; None once the address is forgotten."""
    theirs = (
        select(Occasion, Registration)
        .join(Registration, Registration.occasion_id == Occasion.id)
        .where(Registration.id == registration_id, Registration.wiped.is_(False))
    )
    row = (await session.execute(theirs)).one_or_none()
    return None if row is None else (row[0], row[1])
