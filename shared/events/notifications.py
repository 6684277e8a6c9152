"""Events told by the notifications service: subscriptions, and letters nobody can account for."""

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from shared.events.base import Audience, Event
from shared.sealed import Sealed


class EndReason(StrEnum):
    """Why a subscription ended."""

    UNSUBSCRIBED = "unsubscribed"


class SubscriptionEvent(Event, frozen=True):
    """What every word about a subscription carries; the address never travels in the open."""

    teller: ClassVar[str] = "notifications"
    audience: ClassVar[Audience] = Audience.INTERNAL
    about: ClassVar[str] = "subscription_id"

    subscription_id: UUID
    language: str


class SubscriptionRequested(SubscriptionEvent, frozen=True):
    """Somebody typed an address: its owner is asked once, and nothing more until they say yes."""

    type: ClassVar[str] = "stadtteilbote.subscription.requested.v1"

    topics: list[str]
    contact: Sealed
    """A `Contact`; the name is empty where the form did not ask for it."""
    link: Sealed
    """A `Link` to the page with the one button."""
    expires_at: AwareDatetime


class SubscriptionConfirmed(SubscriptionEvent, frozen=True):
    """The owner of the address said yes; `topics` is all that holds now."""

    type: ClassVar[str] = "stadtteilbote.subscription.confirmed.v1"

    topics: list[str]


class SubscriptionChanged(SubscriptionEvent, frozen=True):
    """Other topics or another language; `topics` is all that holds now."""

    type: ClassVar[str] = "stadtteilbote.subscription.changed.v1"

    topics: list[str]


class SubscriptionEnded(SubscriptionEvent, frozen=True):
    """No more letters; one goodbye without advertising is owed."""

    type: ClassVar[str] = "stadtteilbote.subscription.ended.v1"

    contact: Sealed
    reason: EndReason


class LetterUnresolved(Event, frozen=True):
    """The final dot left and no answer came: whether the letter arrived, a person must find out."""

    teller: ClassVar[str] = "notifications"
    type: ClassVar[str] = "stadtteilbote.letter.unresolved.v1"
    audience: ClassVar[Audience] = Audience.INTERNAL
    about: ClassVar[str] = "letter_id"

    letter_id: UUID
    kind: str
