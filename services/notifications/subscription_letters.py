"""Letters about a subscription itself: the question, the welcome to those on a list, the goodbye."""

from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.addressbook import as_recipient, opened
from services.notifications.domain.subscription import Consent, Status, Subscription
from services.notifications.letters.queue import About, queue
from shared.events.notifications import (
    SubscriptionConfirmed,
    SubscriptionEnded,
    SubscriptionRequested,
)
from shared.events.people import Link
from shared.inbox import Handlers
from shared.service import Service

LIST_FORM: Final = "/buero/abos/einlesen"
"""`Consent.form` of what the office read in from a list."""


async def requested(event: SubscriptionRequested, session: AsyncSession, service: Service) -> None:
    """One question to the owner of the address, with everything that was ticked."""
    to = await opened(service, event.contact, event.language)
    link = await service.seals.open(event.link, Link)
    if to is None or link is None:
        return
    consent = await _of(session, event, Consent.asked_at == event.at)
    await queue(
        session,
        service,
        event,
        "subscription_confirm",
        to,
        about=About(expires_at=event.expires_at),
        url=link.url,
        topics=event.topics,
        expires_at=event.expires_at,
        from_list=consent is not None and consent.form == LIST_FORM,
        **_choices(consent.choices if consent is not None else {}),
    )


async def confirmed(event: SubscriptionConfirmed, session: AsyncSession, service: Service) -> None:
    """Who was taken over from a list hears of it at once; whoever pressed the button knows."""
    consent = await _of(session, event, Consent.confirmed_at == event.at)
    subscription = await session.get(Subscription, event.subscription_id)
    if consent is None or subscription is None or not consent.choices.get("taken_over"):
        return
    to = as_recipient(subscription)
    if subscription.status == Status.CONFIRMED and to is not None:
        facts: dict[str, Any] = {"topics": event.topics, "agreed_on": consent.asked_at}
        facts |= {"proof": consent.text} | _choices(consent.choices)
        await queue(session, service, event, "subscription_welcome", to, **facts)


async def ended(event: SubscriptionEnded, session: AsyncSession, service: Service) -> None:
    """Goodbye, once, without advertising."""
    to = await opened(service, event.contact, event.language)
    if to is not None:
        await queue(session, service, event, "subscription_ended", to)


async def _of(session: AsyncSession, event: Any, at: Any) -> Consent | None:
    """The consent an event is about."""
    its = select(Consent).where(Consent.subscription_id == event.subscription_id, at)
    found: Consent | None = await session.scalar(its.order_by(Consent.id.desc()).limit(1))
    return found


def _choices(said: dict[str, Any]) -> dict[str, Any]:
    """As the letters' templates want them."""
    return {
        "fields": said.get("fields", []),
        "occasion_kinds": said.get("occasion_kinds", []),
        "frequency": said.get("frequency"),
    }


ANSWERED: Final[Handlers] = {
    SubscriptionRequested: requested,
    SubscriptionConfirmed: confirmed,
    SubscriptionEnded: ended,
}
