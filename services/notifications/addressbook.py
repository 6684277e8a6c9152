"""Whom a letter goes to: opened from a seal, looked up by person, or the office itself."""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.domain.addressbook import BoardMember, Case, Person
from services.notifications.domain.subscription import (
    Frequency,
    Status,
    Subscription,
    SubscriptionTopic,
    wants,
)
from shared.events.applications import ApplicationSubmitted
from shared.events.people import Contact
from shared.sealed import Sealed
from shared.service import Service
from shared.store import insert
from shared.web.i18n import BINDING

AT_A_TIME: Final = 1_000
"""Subscribers in memory at once."""

READ: Final = (
    Subscription.id,
    Subscription.person_id,
    Subscription.name,
    Subscription.address,
    Subscription.language,
    Subscription.topics,
    Subscription.fields,
    Subscription.occasion_kinds,
)


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """One addressee; `key` says who it is, whatever the address is at the moment."""

    key: str
    name: str
    address: str
    language: str
    person_id: UUID | None = None
    subscription_id: UUID | None = None
    street: str = ""
    postcode: str = ""
    city: str = ""

    @property
    def postal(self) -> tuple[str, ...]:
        """The lines on an envelope."""
        lines = (self.name, self.street, f"{self.postcode} {self.city}")
        return tuple(line.strip() for line in lines if line.strip())


class NotYetKnown(Exception):
    """The event about the person is still on its way: answered again once it is here."""


async def opened(service: Service, contact: Sealed, language: str) -> Recipient | None:
    """Who is sealed in an event; None once they are erased."""
    person = await service.seals.open(contact, Contact)
    if person is None:
        return None
    return Recipient(
        key=str(contact.person_id),
        name=person.name,
        address=person.email,
        language=language,
        person_id=contact.person_id,
        street=person.street or "",
        postcode=person.postcode or "",
        city=person.city or "",
    )


def office(service: Service) -> Recipient:
    """The people who do the work; they read German."""
    address = service.settings.office_email
    return Recipient(key="office", name="", address=address, language=BINDING)


async def remember(
    session: AsyncSession, person_id: UUID, contact: Contact | None, language: str, at: datetime
) -> None:
    """Write down how to reach somebody; no contact means erased, and that never changes back."""
    known = {
        "name": contact and contact.name,
        "address": contact and contact.email,
        "street": contact and contact.street,
        "postcode": contact and contact.postcode,
        "city": contact and contact.city,
        "language": language,
        "erased_at": None if contact else at,
    }
    new = insert(session, Person).values(id=person_id, **known)
    again = new.on_conflict_do_update(
        index_elements=["id"], set_=known, where=Person.erased_at.is_(None)
    )
    await session.execute(again)


async def reader(session: AsyncSession, person_id: UUID) -> Recipient | None:
    """How to reach somebody; None once erased, NotYetKnown before their event came."""
    person = await session.get(Person, person_id)
    if person is None:
        raise NotYetKnown(person_id)
    return _recipient(person)


async def known_case(session: AsyncSession, application_id: UUID) -> Case:
    """The case, ours to change until the commit; NotYetKnown before its application came."""
    case = await session.get(Case, application_id, with_for_update=True)
    if case is None:
        raise NotYetKnown(application_id)
    return case


async def open_case(session: AsyncSession, event: ApplicationSubmitted) -> None:
    """Remember whose application it is and where it is due."""
    case = {
        "person_id": event.person_id,
        "number": event.number,
        "session_id": event.session_id,
    }
    new = insert(session, Case).values(application_id=event.application_id, **case)
    await session.execute(new.on_conflict_do_update(index_elements=["application_id"], set_=case))


async def applicants_at(
    session: AsyncSession, session_id: UUID
) -> Sequence[tuple[Case, Recipient]]:
    """Those whose applications are due at this session and still wait for it."""
    due = (
        select(Case, Person)
        .join(Person, Person.id == Case.person_id)
        .where(Case.session_id == session_id, Case.ended_at.is_(None))
        .order_by(Case.number)
    )
    found = ((case, _recipient(person)) for case, person in await session.execute(due))
    return [(case, recipient) for case, recipient in found if recipient is not None]


async def on_the_board(
    session: AsyncSession,
    member_id: UUID,
    person_id: UUID,
    *,
    belongs: bool = False,
    left: bool = False,
) -> None:
    """Write down who is known to the board, and from when they belong to it until they leave."""
    new = insert(session, BoardMember).values(
        member_id=member_id, person_id=person_id, belongs=belongs, left=left
    )
    known = {name: True for name, said in (("belongs", belongs), ("left", left)) if said}
    if known:
        await session.execute(new.on_conflict_do_update(index_elements=["member_id"], set_=known))
    else:
        await session.execute(new.on_conflict_do_nothing(index_elements=["member_id"]))


async def board_members(session: AsyncSession) -> list[Recipient]:
    """Everyone who is invited to the board's sessions, each person once; guests are not."""
    on_it = select(BoardMember.person_id).where(
        BoardMember.belongs.is_(True), BoardMember.left.is_(False)
    )
    people = select(Person).where(Person.id.in_(on_it)).order_by(Person.id)
    found = (_recipient(person) for person in await session.scalars(people))
    return [recipient for recipient in found if recipient is not None]


async def subscribers(
    session: AsyncSession,
    topic: str,
    *,
    hearing: Collection[Frequency] = (Frequency.AT_ONCE,),
    field: str | None = None,
    occasion_kind: str | None = None,
) -> AsyncIterator[list[Recipient]]:
    """Everyone who said yes to this topic and hears of it now, so many at a time; never none at a time."""
    mine = (
        select(*READ)
        .join(SubscriptionTopic, SubscriptionTopic.subscription_id == Subscription.id)
        .where(
            SubscriptionTopic.topic == topic,
            Subscription.status == Status.CONFIRMED,
            Subscription.frequency.in_(hearing),
        )
        .order_by(SubscriptionTopic.subscription_id)
        .limit(AT_A_TIME)
    )
    rows: Sequence[Any] = (await session.execute(mine)).all()
    while rows:
        wanted = (
            as_recipient(row)
            for row in rows
            if wants(row, topic, field=field, occasion_kind=occasion_kind)
        )
        if found := [to for to in wanted if to is not None]:
            yield found
        last = rows[-1].id
        after = mine.where(SubscriptionTopic.subscription_id > last, Subscription.id > last)
        rows = (await session.execute(after)).all()


def as_recipient(row: Any) -> Recipient | None:
    """A subscription, or a row of the columns in READ; None once its address is gone."""
    if row.address is None:
        return None
    return Recipient(
        key=str(row.id),
        name=row.name,
        address=row.address,
        language=row.language,
        person_id=row.person_id,
        subscription_id=row.id,
    )


async def forget(session: AsyncSession, person_ids: Sequence[UUID], at: datetime) -> None:
    """Drop names and addresses, with them every subscription; the ids stay, empty."""
    for person_id in person_ids:
        await remember(session, person_id, None, "", at)
    theirs = Person.id.in_(person_ids)
    await session.execute(update(Person).where(theirs).values(language=None))
    cases = update(Case).where(Case.person_id.in_(person_ids))
    await session.execute(cases.values(explanation=None))
    await session.execute(delete(Subscription).where(Subscription.person_id.in_(person_ids)))


def _recipient(person: Person) -> Recipient | None:
    if person.address is None:
        return None
    return Recipient(
        key=str(person.id),
        name=person.name or "",
        address=person.address,
        language=person.language or BINDING,
        person_id=person.id,
        street=person.street or "",
        postcode=person.postcode or "",
        city=person.city or "",
    )
