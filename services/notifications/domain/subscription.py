"""A subscription: what somebody asked to be told, and the proof that they asked."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Protocol
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from services.notifications.store import Base
from shared.events.notifications import (
    EndReason,
    SubscriptionChanged,
    SubscriptionConfirmed,
    SubscriptionEnded,
)
from shared.events.people import Contact
from shared.sealed import Sealed

CONFIRM_WITHIN: Final = timedelta(days=14)
"""An unconfirmed address is deleted after this."""


SESSIONS: Final = "sessions"
OCCASIONS: Final = "occasions"
DECISIONS: Final = "decisions"
IN_DIGESTS: Final = (SESSIONS, OCCASIONS, DECISIONS)
"""Topics that can come once a day or once a week; the others are issues, and come when they appear."""


class Status(StrEnum):
    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    ENDED = "ended"


MOVES: Final[dict[Status, Set[Status]]] = {
    Status.REQUESTED: {Status.CONFIRMED},
    Status.CONFIRMED: {Status.CONFIRMED, Status.ENDED},
    Status.ENDED: {Status.CONFIRMED},
}
"""Where each status may lead; an ended one comes back only through a new confirmation."""


class Frequency(StrEnum):
    """How often somebody wants to hear of what they ordered."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    WEEKLY = "weekly"


class Chosen(Protocol):
    """What a subscription is narrowed to: a row of it, or only these columns."""

    @property
    def topics(self) -> list[str]: ...
    @property
    def fields(self) -> list[str]: ...
    @property
    def occasion_kinds(self) -> list[str]: ...


def wants(
    chosen: Chosen, topic: str, *, field: str | None = None, occasion_kind: str | None = None
) -> bool:
    """Whether news of this topic are for this reader: the one rule of letters and digests.

    A decision about no field of action is for those only who left the fields open.
    """
    if topic not in chosen.topics:
        return False
    if topic == DECISIONS:
        return not chosen.fields or field in chosen.fields
    if topic == OCCASIONS:
        return not chosen.occasion_kinds or occasion_kind in chosen.occasion_kinds
    return True


@dataclass(frozen=True, kw_only=True)
class Choices:
    """Everything somebody can tick; `frequency` None leaves it as it is."""

    topics: Sequence[str]
    fields: Sequence[str] = ()
    occasion_kinds: Sequence[str] = ()
    frequency: Frequency | None = None

    def beside_topics(self) -> dict[str, Any]:
        """What belongs to the topics ticked, as `Consent.choices` keeps it; the rest says nothing."""
        said: dict[str, Any] = {}
        if DECISIONS in self.topics:
            said["fields"] = sorted(self.fields)
        if OCCASIONS in self.topics:
            said["occasion_kinds"] = sorted(self.occasion_kinds)
        if self.frequency is not None:
            said["frequency"] = str(self.frequency)
        return said


class IllegalMove(Exception):
    """The subscription cannot go where it was told to go."""

    def __init__(self, status: Status, to: Status) -> None:
        super().__init__(f"subscription: {status} → {to}")
        self.status, self.to = status, to


class NothingChosen(Exception):
    """A subscription without a topic is no subscription."""


class LinkExpired(Exception):
    """The confirmation came too late, or its address is known no longer."""


class Subscription(Base):
    """One address and its topics; the address stands here once its owner said yes, not before."""

    __tablename__ = "subscriptions"
    __table_args__ = (Index(None, "frequency", "digest_cursor"), Index(None, "language", "id"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(index=True)
    address: Mapped[str | None]
    address_hash: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    language: Mapped[str]
    topics: Mapped[list[str]]
    fields: Mapped[list[str]]
    """Fields of action; none chosen means all."""
    occasion_kinds: Mapped[list[str]]
    """Kinds of occasion; none chosen means all."""
    frequency: Mapped[Frequency]
    digest_cursor: Mapped[int]
    """The journal's cursor up to which a digest has told the news."""
    status: Mapped[Status] = mapped_column(index=True)
    requested_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @property
    def choices(self) -> Choices:
        """What holds now."""
        return Choices(
            topics=self.topics,
            fields=self.fields,
            occasion_kinds=self.occasion_kinds,
            frequency=Frequency(self.frequency),
        )

    def confirm(
        self, consent: "Consent", contact: Contact, *, at: datetime
    ) -> SubscriptionConfirmed:
        """The owner of the address said yes: add what they asked for to what they have."""
        had = self.status == Status.CONFIRMED
        kept = self.topics if had else []
        self._move(Status.CONFIRMED)
        consent.confirmed_at = at
        self.topics = sorted({*kept, *consent.topics})
        self._choose(consent.choices)
        self.address, self.language = contact.email, consent.language
        self.name = contact.name or self.name
        self.confirmed_at, self.ended_at = self.confirmed_at if had else at, None
        return SubscriptionConfirmed(
            at=at, subscription_id=self.id, topics=self.topics, language=self.language
        )

    def change(self, choices: Choices, *, language: str, at: datetime) -> SubscriptionChanged:
        """Other choices or another language, from the preference page."""
        if not choices.topics:
            raise NothingChosen
        self._move(Status.CONFIRMED)
        self.topics, self.language = sorted(choices.topics), language
        self._choose(choices.beside_topics())
        return SubscriptionChanged(
            at=at, subscription_id=self.id, topics=self.topics, language=language
        )

    def end(self, *, contact: Sealed, at: datetime) -> SubscriptionEnded:
        """No more letters; the address goes, the proof that it was once wanted stays."""
        self._move(Status.ENDED)
        self.ended_at, self.topics, self.address, self.name = at, [], None, ""
        self._choose({"fields": [], "occasion_kinds": [], "frequency": Frequency.AT_ONCE})
        return SubscriptionEnded(
            at=at,
            subscription_id=self.id,
            contact=contact,
            language=self.language,
            reason=EndReason.UNSUBSCRIBED,
        )

    def _choose(self, said: dict[str, Any]) -> None:
        """What is not said stays as it was."""
        self.fields = list(said.get("fields", self.fields))
        self.occasion_kinds = list(said.get("occasion_kinds", self.occasion_kinds))
        self.frequency = Frequency(said.get("frequency", self.frequency))

    def _move(self, to: Status) -> None:
        if to not in MOVES.get(Status(self.status), ()):
            raise IllegalMove(Status(self.status), to)
        self.status = to


class SubscriptionTopic(Base):
    """One topic of a confirmed subscription, for counting and listing its readers without reading all."""

    __tablename__ = "subscription_topics"

    topic: Mapped[str] = mapped_column(primary_key=True)
    subscription_id: Mapped[UUID] = mapped_column(
        ForeignKey("subscriptions.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Consent(Base):
    """The proof: which sentence stood on which form in which language, asked and confirmed when."""

    __tablename__ = "consents"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    subscription_id: Mapped[UUID] = mapped_column(
        ForeignKey("subscriptions.id", ondelete="CASCADE"), index=True
    )
    topics: Mapped[list[str]]
    choices: Mapped[dict[str, Any]]
    """What else was chosen: `fields`, `occasion_kinds`, `frequency`; of a list read in, its `proof`."""
    language: Mapped[str]
    text: Mapped[str]
    form: Mapped[str]
    contact: Mapped[dict[str, Any]]
    """Sealed: readable until the person is erased."""
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
