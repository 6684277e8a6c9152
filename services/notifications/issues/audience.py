"""Who can get an issue: asked the same way when recipients are counted, listed and gathered."""

from typing import Final

from sqlalchemy import ColumnElement, exists

from services.notifications.domain.letter import Suppression
from services.notifications.domain.subscription import Status, Subscription, SubscriptionTopic

READER: Final[tuple[ColumnElement[bool], ...]] = (
    SubscriptionTopic.subscription_id == Subscription.id,
    Subscription.status == Status.CONFIRMED,
    Subscription.address.is_not(None),
    ~exists().where(Suppression.address_hash == Subscription.address_hash),
)
"""A subscriber of a topic who said yes and whose address takes letters."""
