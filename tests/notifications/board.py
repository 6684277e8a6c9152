"""The board as notifications hears of it: members, sessions, tasks and registrations, from the contracts' samples."""

import json
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from uuid_utils.compat import uuid7

from services.notifications.commands.subscriptions import Wish, confirm, order
from services.notifications.domain.subscription import Consent
from shared.events import meetings as m
from shared.events.base import Event
from shared.events.people import Contact, Link
from tests.notifications.office import CONTRACTS, HOME, Office
from tests.support.services import ORIGIN

AnyEvent = TypeVar("AnyEvent", bound=Event)


@dataclass(frozen=True)
class Someone:
    """A member of the board, or whoever else a sample is told about."""

    person_id: UUID
    member_id: UUID
    contact: Contact
    language: str


async def somebody(
    office: Office,
    email: str = "ada@example.org",
    *,
    name: str = "Ada Lovelace",
    language: str = "de",
) -> Someone:
    """A person with a key, of whom nothing is told yet."""
    person_id = await office.service.seals.person(email=email or None)
    contact = Contact(name=name, email=email, **HOME)
    return Someone(person_id, uuid7(), contact, language)


async def member(office: Office, email: str = "ada@example.org", **more: Any) -> Someone:
    """Somebody who belongs to the board, and whose letters about that are long out."""
    who = await somebody(office, email, **more)
    before = {letter.id for letter in await office.letters()}
    await office.answer(
        await told_about(office, m.MemberRecorded, who),
        await told_about(office, m.AccessionDeclared, who, online=False),
    )
    async with office.service.db.begin() as session:
        for letter in await office.letters():
            if letter.id not in before:
                await session.delete(letter)
    return who


async def told_about(
    office: Office, kind: type[AnyEvent], who: Someone, **changes: Any
) -> AnyEvent:
    """The contract's sample, as if told about this person now; what is sealed opens."""
    body = json.loads((CONTRACTS / f"{kind.type}.json").read_text("utf-8"))
    event = kind.from_cloudevent(body)
    url = f"{ORIGIN}/gremium/t0ken"
    task = m.TaskWords(title="Bühne mieten", text="Bitte zwei Firmen fragen.")
    news: dict[str, Any] = {
        "event_id": uuid7(),
        "at": office.clock.now(),
        "sequence": None,
        "person_id": who.person_id,
        "member_id": who.member_id,
        "language": who.language,
        "contact": await office.seal(who.contact, who.person_id),
        "link": await office.seal(Link(url=url), who.person_id),
        "words": await office.seal(task, who.person_id),
    }
    news = {name: value for name, value in news.items() if name in kind.model_fields}
    return event.model_copy(update=news | changes)


async def subscriber(office: Office, email: str, *topics: str, language: str = "de") -> None:
    """Somebody who ordered letters on these topics and said yes."""
    wish = Wish(
        contact=Contact(name="", email=email),
        topics=topics,
        language=language,
        text="Ja",
        form="/abo",
    )
    now = office.clock.now()
    async with office.service.db.begin() as session:
        await order(session, office.service, wish, at=now)
        newest = select(Consent.id).order_by(Consent.id.desc()).limit(1)
        consent_id = (await session.scalars(newest)).one()
        await confirm(session, office.service, consent_id, at=now)


async def meeting(office: Office, **changes: Any) -> m.SessionScheduled:
    """The session of the samples, planned."""
    sample = json.loads((CONTRACTS / f"{m.InvitationIssued.type}.json").read_text("utf-8"))
    issued = m.InvitationIssued.from_cloudevent(sample)
    planned = office.session(issued.starts_at, session_id=issued.session_id)
    await office.answer(planned.model_copy(update=changes))
    return planned


async def occasion(office: Office, **changes: Any) -> m.OccasionAnnounced:
    """The occasion of the samples, announced before anybody ordered letters about it."""
    event = await told_about(office, m.OccasionAnnounced, await somebody(office), **changes)
    await office.answer(event)
    return event


async def written(office: Office, *events: Event) -> dict[str, str]:
    """Answer these; the kinds of letters they became, by address."""
    before = {letter.id for letter in await office.letters()}
    await office.answer(*events)
    new = [letter for letter in await office.letters() if letter.id not in before]
    by_address = {letter.address: letter.kind for letter in new}
    assert len(by_address) == len(new), "nobody gets two letters about one thing"
    return by_address
