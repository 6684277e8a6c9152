"""People who ordered something: with everything they can tick, and what they hear of it."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import select

from services.notifications.commands.subscriptions import Wish, confirm, order
from services.notifications.digests.loop import tell_due
from services.notifications.domain.letter import Letter
from services.notifications.domain.subscription import (
    Consent,
    Frequency,
    Status,
    Subscription,
    SubscriptionTopic,
)
from shared.events.people import Contact
from tests.notifications.office import Office

DAILY, WEEKLY, AT_ONCE = Frequency.DAILY, Frequency.WEEKLY, Frequency.AT_ONCE


async def reader(
    office: Office, email: str, *topics: str, name: str = "", language: str = "de", **narrowed: Any
) -> Subscription:
    """Somebody who ordered this and said yes; `fields`, `occasion_kinds`, `frequency` narrow it."""
    wish = Wish(
        contact=Contact(name=name, email=email),
        topics=topics,
        language=language,
        text="Ja",
        form="/abo",
        **narrowed,
    )
    now = office.clock.now()
    async with office.service.db.begin() as session:
        await order(session, office.service, wish, at=now)
        newest = select(Consent.id).order_by(Consent.id.desc()).limit(1)
        consent_id = (await session.scalars(newest)).one()
        return await confirm(session, office.service, consent_id, at=now)


async def digests(office: Office) -> Sequence[Letter]:
    """Everything that is due is told; all digests there ever were, oldest first."""
    await tell_due(office.service)
    return [letter for letter in await office.letters() if letter.kind.startswith("digest_")]


async def heard(office: Office, kinds: Collection[str]) -> dict[str, list[str]]:
    """By address: which of these letters were written, in their order."""
    found: dict[str, list[str]] = {}
    for letter in await office.letters():
        if letter.kind in kinds:
            found.setdefault(letter.address, []).append(letter.kind)
    return found


async def rows_agree(office: Office) -> None:
    """`subscription_topics` holds exactly what the confirmed subscriptions say."""
    async with office.service.db.read() as session:
        subscriptions = (await session.scalars(select(Subscription))).all()
        rows = set((await session.execute(select(SubscriptionTopic))).scalars())
        kept = {(row.topic, row.subscription_id) for row in rows}
    said = {
        (topic, one.id)
        for one in subscriptions
        if one.status == Status.CONFIRMED
        for topic in one.topics
    }
    assert kept == said
