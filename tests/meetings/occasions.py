"""Occasions and registrations for tests, made with the commands the pages use."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from uuid_utils.compat import uuid7

from services.meetings.commands import occasions as commands
from services.meetings.commands import registrations
from services.meetings.commands.once import Order
from services.meetings.domain.occasions import Occasion, Plan, Registration, Wish
from services.meetings.queries.occasions import registrations_of
from shared.events.meetings import EndedBecause, OccasionKind
from shared.service import Service

WALK = Plan(
    kind=OccasionKind.WALK,
    title="Rundgang durch das Quartier",
    text="Wir schauen uns die neuen Hochbeete an.",
    place="Treffpunkt Marktplatz",
    starts_at=datetime(2026, 4, 25, 12, tzinfo=UTC),
    ends_at=datetime(2026, 4, 25, 14, tzinfo=UTC),
    registration=True,
    places=10,
    waiting_list=True,
    reminders=True,
)


def walk(**facts: Any) -> Plan:
    return Plan(**{name: getattr(WALK, name) for name in Plan.__dataclass_fields__} | facts)


def acting(service: Service, version: int = 0) -> Order:
    return Order(command_id=uuid7(), by="test", at=service.clock.now(), version=version)


def wish(name: str = "Ada Lovelace", people: int = 1, **facts: Any) -> Wish:
    known: dict[str, Any] = {
        "name": name,
        "people": people,
        "needs": "",
        "language": "de",
        "email": f"{name.split(maxsplit=1)[0].lower()}@example.org",
        "phone": None,
    }
    return Wish(**known | facts)


async def planned(service: Service, plan: Plan = WALK) -> UUID:
    async with service.db.begin() as session:
        return await commands.plan_occasion(session, plan, acting(service))


async def announced(service: Service, plan: Plan = WALK) -> UUID:
    occasion_id = await planned(service, plan)
    async with service.db.begin() as session:
        await commands.announce_occasion(session, occasion_id, acting(service, 1))
    return occasion_id


async def the_occasion(service: Service, occasion_id: UUID) -> Occasion:
    async with service.db.read() as session:
        return await session.get_one(Occasion, occasion_id)


async def changed(service: Service, occasion_id: UUID, **facts: Any) -> None:
    occasion = await the_occasion(service, occasion_id)
    before = occasion.as_planned
    plan = Plan(**{n: getattr(before, n) for n in Plan.__dataclass_fields__} | facts)
    async with service.db.begin() as session:
        order = acting(service, occasion.version)
        await commands.change_occasion(session, service, occasion_id, plan, order)


async def cancelled(service: Service, occasion_id: UUID, reason: str = "Es stürmt.") -> None:
    version = (await the_occasion(service, occasion_id)).version
    async with service.db.begin() as session:
        order = acting(service, version)
        await commands.cancel_occasion(session, service, occasion_id, order, reason=reason)


async def registered(
    service: Service, occasion_id: UUID, who: Wish, *, by_office: bool = False
) -> UUID:
    async with service.db.begin() as session:
        return await registrations.register(
            session, service, occasion_id, who, acting(service), by_office=by_office
        )


async def brings(service: Service, registration_id: UUID, people: int) -> None:
    async with service.db.begin() as session:
        await registrations.change_people(
            session, service, registration_id, people, acting(service)
        )


async def ends(
    service: Service, registration_id: UUID, because: EndedBecause = EndedBecause.WITHDRAWN
) -> None:
    async with service.db.begin() as session:
        await registrations.end_registration(
            session, service, registration_id, acting(service), because=because
        )


async def everybody(service: Service, occasion_id: UUID) -> Sequence[Registration]:
    async with service.db.read() as session:
        return await registrations_of(session, occasion_id)


async def one(service: Service, registration_id: UUID) -> Registration:
    async with service.db.read() as session:
        found = select(Registration).where(Registration.id == registration_id)
        return (await session.scalars(found)).one()
