"""Putting letters into the queue, and taking those out that are no longer true or wanted."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy import exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.notifications import links
from services.notifications.addressbook import Recipient
from services.notifications.domain.letter import (
    Attempt,
    Letter,
    Reason,
    State,
    Suppression,
    leading_to,
)
from services.notifications.letters.kinds import KINDS, Kind
from services.notifications.letters.mime import message_id
from services.notifications.letters.rendering import write
from shared.events.base import Event
from shared.service import Service
from shared.store import RINGS, insert
from shared.web.brand import Brand, load_brand


@dataclass(frozen=True, kw_only=True)
class About:
    """What the letter is about, beside its recipient; an earlier expiry than the kind's wins."""

    application_id: UUID | None = None
    session_id: UUID | None = None
    expires_at: datetime | None = None
    calendar: str | None = None


NOTHING: Final = About()


async def queue(
    session: AsyncSession,
    service: Service,
    event: Event,
    name: str,
    to: Recipient,
    *,
    about: About = NOTHING,
    **facts: Any,
) -> None:
    """Write the letter down once, however often the event arrives; sending is another step."""
    kind, address_hash = KINDS[name], service.seals.address_hash(to.address)
    row = {
        "id": uuid7(),
        "event_id": event.event_id,
        "kind": name,
        "cause": event.type,
        "application_id": about.application_id,
        "session_id": about.session_id,
        "calendar": about.calendar,
        "topic": kind.topic,
        "priority": int(kind.priority),
        "thread": await _thread(session, service, about.application_id, address_hash),
    }
    row |= _addressee(to, address_hash) | _texts(service, kind, to, facts)
    row |= await _standing(session, kind, about, address_hash, at=service.clock.now())
    await session.execute(insert(session, Letter).values(row).on_conflict_do_nothing())
    session.info[RINGS] = True


def _addressee(to: Recipient, address_hash: str) -> dict[str, Any]:
    """The columns that say whom it goes to."""
    return {
        "recipient": to.key,
        "person_id": to.person_id,
        "subscription_id": to.subscription_id,
        "name": to.name,
        "address": to.address,
        "address_hash": address_hash,
    }


async def _standing(
    session: AsyncSession, kind: Kind, about: About, address_hash: str, *, at: datetime
) -> dict[str, Any]:
    """The columns that say whether and how long it may go out."""
    state, reason = State.QUEUED, None
    expires_at = min(at + kind.lives, about.expires_at or at + kind.lives)
    if expires_at <= at:
        state = State.EXPIRED
    elif await session.scalar(select(exists().where(Suppression.address_hash == address_hash))):
        state, reason = State.SUPPRESSED, Reason.ADDRESS
    return {
        "state": state,
        "reason": reason,
        "queued_at": at,
        "due_at": at,
        "expires_at": expires_at,
        "tries": 0,
        "losses": 0,
    }


def _texts(service: Service, kind: Kind, to: Recipient, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that hold what the person reads."""
    settings = service.settings
    unsubscribe_url = None
    if kind.subscribed and to.subscription_id is not None:
        unsubscribe_url = links.url(settings, links.Purpose.UNSUBSCRIBE, to.subscription_id)
        manage_url = links.url(settings, links.Purpose.MANAGE, to.subscription_id)
        facts = {**facts, "unsubscribe_url": unsubscribe_url, "manage_url": manage_url}
    written = write(
        kind.name,
        language=to.language,
        name=to.name,
        brand=brand_of(settings.brand_file),
        origin=settings.origin,
        facts=facts,
    )
    return {
        "language": written.language,
        "subject": written.subject,
        "text": written.text,
        "html": written.html,
        "unsubscribe_url": unsubscribe_url,
    }


async def _thread(
    session: AsyncSession, service: Service, application_id: UUID | None, address_hash: str
) -> str | None:
    """The Message-ID of the first letter about this case to this address."""
    if application_id is None:
        return None
    letters = select(Letter.id).where(
        Letter.application_id == application_id, Letter.address_hash == address_hash
    )
    first = await session.scalar(letters.order_by(Letter.id).limit(1))
    return None if first is None else message_id(first, service.settings.mail_domain)


async def overtake(
    session: AsyncSession,
    *,
    kinds: Collection[str],
    application_id: UUID | None = None,
    session_id: UUID | None = None,
    before: UUID,
) -> None:
    """Hold back what waits and is no longer true since the event `before`; what was sent was sent."""
    stale = update(Letter).where(
        Letter.kind.in_(kinds),
        Letter.state.in_(leading_to(State.OVERTAKEN)),
        Letter.event_id != before,
    )
    if application_id is not None:
        stale = stale.where(Letter.application_id == application_id)
    if session_id is not None:
        stale = stale.where(Letter.session_id == session_id)
    await session.execute(stale.values(state=State.OVERTAKEN, reason=Reason.NEWER, claim=None))


async def suppress_for(
    session: AsyncSession, subscription_id: UUID, topics: Collection[str]
) -> None:
    """Hold back what waits for a subscriber who no longer wants it; `topics` is what they still want."""
    unwanted = update(Letter).where(
        Letter.subscription_id == subscription_id,
        Letter.topic.is_not(None),
        Letter.topic.not_in(topics),
        Letter.state.in_(leading_to(State.SUPPRESSED)),
    )
    await session.execute(
        unwanted.values(state=State.SUPPRESSED, reason=Reason.UNSUBSCRIBED, claim=None)
    )


async def redact(session: AsyncSession, person_ids: Collection[UUID]) -> None:
    """Empty every letter to these people; what still waited is never sent."""
    theirs = Letter.person_id.in_(person_ids)
    waiting = update(Letter).where(theirs, Letter.state.in_(leading_to(State.SUPPRESSED)))
    await session.execute(waiting.values(state=State.SUPPRESSED, reason=Reason.ERASED, claim=None))
    empty = {"name": "", "address": "", "address_hash": "", "subject": "", "text": "", "html": ""}
    await session.execute(
        update(Letter).where(theirs).values(**empty, calendar=None, unsubscribe_url=None)
    )
    letters = select(Letter.id).where(theirs)
    await session.execute(update(Attempt).where(Attempt.letter_id.in_(letters)).values(answer=""))


@cache
def brand_of(file: Path) -> Brand:
    """The office's name, address and colours, read once a process."""
    return load_brand(file)
