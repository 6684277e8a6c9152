"""Who reads: subscriptions with a double opt-in, and a partner office with a key."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from deploy.sample.people import Reader
from services.notifications import keys
from services.notifications.commands import subscriptions
from services.notifications.domain.subscription import Consent, Frequency, Subscription
from shared.events.people import Contact

if TYPE_CHECKING:
    from deploy.sample.year import Year

Act = Callable[["Year"], Awaitable[None]]
CONSENT: Final = (
    "Schicken Sie mir Nachrichten zu diesen Themen. Ich kann sie jederzeit abbestellen."
)
RHYTHM: Final = {"li.wei@example.org": Frequency.WEEKLY}
"""Whoever does not want to hear of everything at once, by address."""


def order(reader: Reader) -> Act:
    """Somebody fills in the form."""

    async def act(year: "Year") -> None:
        service = year.stack["notifications"]
        wish = subscriptions.Wish(
            contact=Contact(name=reader.name, email=reader.email),
            topics=reader.topics,
            language=reader.language,
            text=CONSENT,
            form="/abo",
            frequency=RHYTHM.get(reader.email, Frequency.AT_ONCE),
        )
        async with service.db.begin() as session:
            await subscriptions.order(session, service, wish, at=year.now)

    return act


def confirm(reader: Reader) -> Act:
    """They press the button of the letter."""

    async def act(year: "Year") -> None:
        service = year.stack["notifications"]
        async with service.db.begin() as session:
            subscription = await _of(year, reader)
            asked = select(Consent.id).where(Consent.subscription_id == subscription.id)
            newest = (await session.scalars(asked.order_by(Consent.asked_at.desc()))).first()
            assert newest is not None
            await subscriptions.confirm(session, service, newest, at=year.now)

    return act


def end(reader: Reader) -> Act:
    """They have read enough."""

    async def act(year: "Year") -> None:
        service, subscription = year.stack["notifications"], await _of(year, reader)
        async with service.db.begin() as session:
            await subscriptions.end(session, service, subscription.id, at=year.now)

    return act


async def invite_partner(year: "Year") -> None:
    """The office in Dortmund follows everything; its key is shown once and forgotten."""
    async with year.stack["notifications"].db.begin() as session:
        partner = keys.new_partner(
            name="Partnerbüro Dortmund",
            contact_email="stadtplanung@partner.example",
            scopes={keys.Scope.EVERYTHING},
            at=year.now,
        )
        session.add(partner)
        await session.flush()
        await keys.issue_key(session, partner, at=year.now)


async def _of(year: "Year", reader: Reader) -> Subscription:
    service = year.stack["notifications"]
    address = service.seals.address_hash(reader.email)
    async with service.db.read() as session:
        found = await session.scalars(
            select(Subscription).where(Subscription.address_hash == address)
        )
        return found.one()
