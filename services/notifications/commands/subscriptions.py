"""What subscribers can ask: order, say yes, change, end; the caller owns the transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.notifications import links
from services.notifications.digests.runs import present_cursor
from services.notifications.digests.times import STEP
from services.notifications.digests.writing import write_digests
from services.notifications.domain.letter import Suppression
from services.notifications.domain.subscription import (
    CONFIRM_WITHIN,
    Choices,
    Consent,
    Frequency,
    LinkExpired,
    Status,
    Subscription,
    SubscriptionTopic,
)
from services.notifications.letters.kinds import ANY_TOPIC
from services.notifications.letters.queue import suppress_for
from services.notifications.store import Timer, record
from shared.events.notifications import (
    SubscriptionChanged,
    SubscriptionConfirmed,
    SubscriptionRequested,
)
from shared.events.people import Contact, Link
from shared.sealed import Sealed, UnknownPerson
from shared.service import Service
from shared.store import insert
from shared.timers import cancel_timer, set_timer

MOST_QUESTIONS: Final = 3
WITHIN: Final = timedelta(days=1)
"""An address hears our question at most so often in this time, whoever types it in."""

PROOF_KEPT: Final = timedelta(days=3 * 366)
"""How long the proof of consent outlives the subscription: until claims about it lapse (§ 195 BGB)."""

UNCONFIRMED: Final = "consent_unconfirmed"
PROOF_OVER: Final = "consent_proof_over"


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What somebody ticked, and the sentence they ticked it under."""

    contact: Contact
    topics: Sequence[str]
    language: str
    text: str
    form: str
    fields: Sequence[str] = ()
    occasion_kinds: Sequence[str] = ()
    frequency: Frequency | None = None

    @property
    def choices(self) -> Choices:
        """All that was ticked."""
        return Choices(
            topics=self.topics,
            fields=self.fields,
            occasion_kinds=self.occasion_kinds,
            frequency=self.frequency,
        )


async def order(session: AsyncSession, service: Service, wish: Wish, *, at: datetime) -> None:
    """Ask the owner of the address; the same steps and answer whether we know it or not."""
    subscription = await _subscription(session, service, wish, at=at)
    questions = select(func.count()).where(
        Consent.subscription_id == subscription.id, Consent.asked_at > at - WITHIN
    )
    if (await session.scalar(questions) or 0) >= MOST_QUESTIONS:
        return
    consent = Consent(
        id=uuid7(),
        subscription_id=subscription.id,
        topics=sorted(wish.topics),
        choices=wish.choices.beside_topics(),
        language=wish.language,
        text=wish.text,
        form=wish.form,
        asked_at=at,
        expires_at=at + CONFIRM_WITHIN,
        contact={},
    )
    await _ask(session, service, subscription, consent, wish.contact)


async def _ask(
    session: AsyncSession,
    service: Service,
    subscription: Subscription,
    consent: Consent,
    contact: Contact,
) -> None:
    """Keep the question, and tell it: the letter is an answer to that."""
    sealed = await service.seals.seal(subscription.person_id, contact)
    link = await service.seals.seal(subscription.person_id, link_to_confirm(service, consent.id))
    consent.contact = sealed.model_dump(mode="json")
    session.add(consent)
    await set_timer(
        session, Timer, kind=UNCONFIRMED, subject=str(consent.id), due_at=consent.expires_at
    )
    record(session, asked(consent, contact=sealed, link=link))


def link_to_confirm(service: Service, consent_id: UUID) -> Link:
    """The way to the page with the one button."""
    return Link(url=links.url(service.settings, links.Purpose.CONFIRM, consent_id))


def asked(consent: Consent, *, contact: Sealed, link: Sealed) -> SubscriptionRequested:
    """The event that becomes the question."""
    return SubscriptionRequested(
        at=consent.asked_at,
        subscription_id=consent.subscription_id,
        language=consent.language,
        topics=consent.topics,
        contact=contact,
        link=link,
        expires_at=consent.expires_at,
    )


async def _subscription(
    session: AsyncSession, service: Service, wish: Wish, *, at: datetime
) -> Subscription:
    """The row of this address, made if it is new; two at once make one, and none is dropped meanwhile."""
    address_hash = service.seals.address_hash(wish.contact.email)
    mine = select(Subscription).where(Subscription.address_hash == address_hash)
    known = mine.with_for_update(read=True, key_share=True)
    if found := await session.scalar(known):
        return found
    person_id = await service.seals.person(email=wish.contact.email)
    new = blank_row(person_id, address_hash, wish.language, at=at)
    once = insert(session, Subscription).values(new)
    await session.execute(once.on_conflict_do_nothing(index_elements=["address_hash"]))
    return (await session.scalars(known)).one()


def blank_row(person_id: UUID, address_hash: str, language: str, *, at: datetime) -> dict[str, Any]:
    """A subscription nobody said yes to yet."""
    return {
        "id": uuid7(),
        "person_id": person_id,
        "address_hash": address_hash,
        "name": "",
        "language": language,
        "topics": [],
        "fields": [],
        "occasion_kinds": [],
        "frequency": Frequency.AT_ONCE,
        "digest_cursor": 0,
        "status": Status.REQUESTED,
        "requested_at": at,
        "version": 1,
    }


async def confirm(
    session: AsyncSession, service: Service, consent_id: UUID, *, at: datetime
) -> Subscription:
    """The owner says yes; saying it again changes nothing. Raises LinkExpired.

    Whoever opens the letter has a mailbox that works: an address held back is no longer.
    """
    consent = await session.get(Consent, consent_id, with_for_update=True)
    if consent is None or (consent.confirmed_at is None and consent.expires_at <= at):
        raise LinkExpired
    subscription = await session.get_one(Subscription, consent.subscription_id)
    if consent.confirmed_at is not None:
        return subscription
    contact = await service.seals.open(Sealed.model_validate(consent.contact), Contact)
    if contact is None:
        raise LinkExpired
    await said_yes(session, service, subscription, consent, contact, at=at)
    await cancel_timer(session, Timer, kind=UNCONFIRMED, subject=str(consent.id))
    held = delete(Suppression).where(Suppression.address_hash == subscription.address_hash)
    await session.execute(held)
    return subscription


async def said_yes(
    session: AsyncSession,
    service: Service,
    subscription: Subscription,
    consent: Consent,
    contact: Contact,
    *,
    at: datetime,
) -> None:
    """What was asked for holds from now on, and is told."""
    before = subscription.frequency if subscription.status == Status.CONFIRMED else None
    told = subscription.confirm(consent, contact, at=at)
    record(session, told)
    await _from_now_on(session, service, subscription, before, told)
    await cancel_timer(session, Timer, kind=PROOF_OVER, subject=str(subscription.id))


async def change(
    session: AsyncSession,
    service: Service,
    subscription_id: UUID,
    choices: Choices,
    *,
    language: str,
    at: datetime,
) -> None:
    """Other choices or language; letters on topics dropped are held back at once."""
    subscription = await session.get_one(Subscription, subscription_id, with_for_update=True)
    before = subscription.frequency
    told = subscription.change(choices, language=language, at=at)
    record(session, told)
    await suppress_for(session, subscription_id, [*subscription.topics, ANY_TOPIC])
    await _from_now_on(session, service, subscription, before, told)


async def _from_now_on(
    session: AsyncSession,
    service: Service,
    subscription: Subscription,
    before: Frequency | None,
    told: SubscriptionConfirmed | SubscriptionChanged,
) -> None:
    """The topics as rows; and no news is lost or told twice where the rhythm changes.

    From letters at once to a digest: it begins with the next news. Back again, or to another rhythm:
    what waited for the digest comes in a last one.
    """
    await keep_topics(session, subscription)
    was, now = before in STEP, subscription.frequency in STEP
    if before == subscription.frequency or not (was or now):
        return
    cursor = await present_cursor(session)
    if was and before is not None:
        await write_digests(
            session, service, [subscription], frequency=before, upto=cursor, cause=told
        )
    subscription.digest_cursor = cursor


async def keep_topics(session: AsyncSession, subscription: Subscription) -> None:
    """`subscription_topics` says what `topics` says; only of those who said yes."""
    mine = SubscriptionTopic.subscription_id == subscription.id
    await session.flush()
    await session.execute(delete(SubscriptionTopic).where(mine))
    if subscription.status == Status.CONFIRMED and subscription.topics:
        rows = [{"topic": one, "subscription_id": subscription.id} for one in subscription.topics]
        await session.execute(insert(session, SubscriptionTopic).values(rows))


async def end(
    session: AsyncSession, service: Service, subscription_id: UUID, *, at: datetime
) -> None:
    """No more letters, from this commit on; again, or for nobody, is harmless."""
    subscription = await session.get(Subscription, subscription_id, with_for_update=True)
    if subscription is None or subscription.status != Status.CONFIRMED:
        return
    contact = Contact(name=subscription.name, email=subscription.address or "")
    try:
        sealed = await service.seals.seal(subscription.person_id, contact)
    except UnknownPerson:
        await session.delete(subscription)
        return
    record(session, subscription.end(contact=sealed, at=at))
    await keep_topics(session, subscription)
    await suppress_for(session, subscription_id, [])
    await set_timer(
        session, Timer, kind=PROOF_OVER, subject=str(subscription.id), due_at=at + PROOF_KEPT
    )
