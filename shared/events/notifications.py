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


class BounceSeverity(StrEnum):
    """How a letter came back."""

    HARD = "hard"
    """The address takes nothing."""
    SOFT = "soft"
    """It takes nothing for now: the mailbox is full, say."""


class LetterBounced(Event, frozen=True):
    """A letter or a copy of an issue came back: who it was for could not be reached."""

    teller: ClassVar[str] = "notifications"
    type: ClassVar[str] = "stadtteilbote.letter.bounced.v1"
    audience: ClassVar[Audience] = Audience.INTERNAL
    about: ClassVar[str] = "letter_id"

    letter_id: UUID
    """The letter, or the issue it was a copy of."""
    copy_number: int
    """Which reader's copy of the issue; 0 for a letter."""
    severity: BounceSeverity
    status: str
    """The enhanced status code (RFC 3463), "" where the server gave none."""


class IssueKind(StrEnum):
    """What was sent."""

    NEWSLETTER = "newsletter"
    PRESS = "press"


class IssueEvent(Event, frozen=True):
    """What every public word about an issue carries: the office's own words, by language."""

    teller: ClassVar[str] = "notifications"
    audience: ClassVar[Audience] = Audience.PUBLIC
    about: ClassVar[str] = "issue_id"

    issue_id: UUID
    number: int
    subjects: dict[str, str]
    """By language; German is always among them."""
    first_lines: dict[str, str]


class NewsletterPublished(IssueEvent, frozen=True):
    """A newsletter began to go out, and is in the archive from now on."""

    type: ClassVar[str] = "stadtteilbote.newsletter.published.v1"


class PressReleaseIssued(IssueEvent, frozen=True):
    """A press release began to go out, and is in the archive from now on."""

    type: ClassVar[str] = "stadtteilbote.press_release.issued.v1"


class IssuePaused(Event, frozen=True):
    """A mail server refuses us: the issue waits until a person looked."""

    teller: ClassVar[str] = "notifications"
    type: ClassVar[str] = "stadtteilbote.issue.paused.v1"
    audience: ClassVar[Audience] = Audience.INTERNAL
    about: ClassVar[str] = "issue_id"

    issue_id: UUID
    kind: IssueKind
    sent: int
    waiting: int
    code: int | None
    answer: str
    """The server's words, without an address."""


class HeldBack(StrEnum):
    """Why an issue did not go out at its time."""

    NOT_READY = "not_ready"
    """The checks before sending found something."""
    TOO_LATE = "too_late"
    """Its time was over before anybody could get it."""


class IssueHeldBack(Event, frozen=True):
    """An issue was to go out by itself and did not: it is a draft again."""

    teller: ClassVar[str] = "notifications"
    type: ClassVar[str] = "stadtteilbote.issue.held_back.v1"
    audience: ClassVar[Audience] = Audience.INTERNAL
    about: ClassVar[str] = "issue_id"

    issue_id: UUID
    kind: IssueKind
    because: HeldBack
