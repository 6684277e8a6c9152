"""A letter: one message to one person because of one event, and the moves it may make."""

from collections.abc import Set
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, UniqueConstraint, and_, or_, text
from sqlalchemy.orm import Mapped, mapped_column

from services.notifications.store import Base


class State(StrEnum):
    QUEUED = "queued"
    CLAIMED = "claimed"
    SENDING = "sending"
    SENT = "sent"
    DEFERRED = "deferred"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SUPPRESSED = "suppressed"
    EXPIRED = "expired"
    OVERTAKEN = "overtaken"


MOVES: Final[dict[State, Set[State]]] = {
    State.QUEUED: {State.CLAIMED, State.SUPPRESSED, State.EXPIRED, State.OVERTAKEN},
    State.CLAIMED: {
        State.QUEUED,
        State.SENDING,
        State.DEFERRED,
        State.FAILED,
        State.SUPPRESSED,
        State.EXPIRED,
        State.OVERTAKEN,
    },
    State.SENDING: {
        State.SENT,
        State.DEFERRED,
        State.FAILED,
        State.UNKNOWN,
        State.QUEUED,
        State.OVERTAKEN,
    },
    State.DEFERRED: {State.CLAIMED, State.SUPPRESSED, State.EXPIRED, State.OVERTAKEN},
    State.SUPPRESSED: {State.OVERTAKEN},
    State.FAILED: {State.QUEUED},
    State.UNKNOWN: {State.QUEUED, State.SENT, State.FAILED, State.OVERTAKEN},
}
"""Where each state may lead; missing ones are final.

Failed and unknown letters are queued again by a person only; of those held back only the ones to
be printed can be overtaken. Unknown turns into sent or failed when
a sender that was given up for dead comes back with the server's answer. What became untrue while it
was sent is overtaken instead of queued or deferred.
"""


def leading_to(state: State) -> list[State]:
    """The states a letter may come from: what a bulk update puts into its WHERE."""
    return [before for before, after in MOVES.items() if state in after]


IS_WAITING: Final = text("state IN ('queued', 'deferred')")
"""Nobody holds the letter; it goes out when it is due. In the index's own words, so that it is used."""


class Reason(StrEnum):
    """Why a letter will not be sent; a code, so that the office reads it in its own language."""

    ADDRESS = "address"
    """The recipient's server said there is no such address."""
    UNSUBSCRIBED = "unsubscribed"
    OFFICE = "office"
    ERASED = "erased"
    NEWER = "newer"
    """Something happened since that makes the letter untrue."""
    PAPER = "paper"
    """Its reader has no e-mail address: the office prints it."""


class IllegalMove(Exception):
    """The letter cannot go where it was told to go."""

    def __init__(self, state: State, to: State) -> None:
        super().__init__(f"letter: {state} → {to}")
        self.state, self.to = state, to


class TooLate(Exception):
    """The letter's time is over: what it says may no longer be true."""


class Letter(Base):
    """What is sent, to whom, because of what, and how far it got."""

    __tablename__ = "letters"
    __table_args__ = (
        UniqueConstraint("event_id", "kind", "recipient"),
        Index(None, "state", "id"),
        Index(
            "ix_letters_waiting",
            "priority",
            "due_at",
            "id",
            postgresql_where=IS_WAITING,
            sqlite_where=IS_WAITING,
        ),
        Index(
            "ix_letters_sent_at",
            "sent_at",
            postgresql_where=text("sent_at IS NOT NULL"),
            sqlite_where=text("sent_at IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    event_id: Mapped[UUID]
    kind: Mapped[str]
    cause: Mapped[str]
    recipient: Mapped[str]
    person_id: Mapped[UUID | None] = mapped_column(index=True)
    subscription_id: Mapped[UUID | None] = mapped_column(index=True)
    application_id: Mapped[UUID | None] = mapped_column(index=True)
    session_id: Mapped[UUID | None] = mapped_column(index=True)
    thing_id: Mapped[UUID | None] = mapped_column(index=True)
    """The task, occasion, registration or vote in writing it is about."""
    topic: Mapped[str | None]

    name: Mapped[str]
    address: Mapped[str]
    address_hash: Mapped[str] = mapped_column(index=True)
    language: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]
    html: Mapped[str]
    calendar: Mapped[str | None]
    unsubscribe_url: Mapped[str | None]
    thread: Mapped[str | None]

    state: Mapped[State]
    priority: Mapped[int]
    queued_at: Mapped[datetime]
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    losses: Mapped[int] = mapped_column(default=0)
    claim: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    handled_at: Mapped[datetime | None]

    def send_again(self, *, at: datetime) -> None:
        """A person decided to try once more: same letter, same Message-ID, a fresh schedule."""
        if not self.holds(at=at):
            raise TooLate
        self._move(State.QUEUED)
        self.due_at, self.tries, self.losses = at, 0, 0
        self.claim = self.lease_until = self.handled_at = None

    def stop(self) -> None:
        """The office does not want it sent any more."""
        self._move(State.SUPPRESSED)
        self.reason = Reason.OFFICE

    def tick_off(self, *, at: datetime) -> None:
        """Somebody took care of it another way; what happened to the letter stays as it is."""
        if self.state not in (State.FAILED, State.UNKNOWN) and not self.is_paper:
            raise IllegalMove(State(self.state), State(self.state))
        self.handled_at = at

    def holds(self, *, at: datetime) -> bool:
        """Whether what it says may still be told."""
        return self.reason != Reason.NEWER and self.expires_at > at

    @property
    def is_paper(self) -> bool:
        """Whether it is to be printed instead of sent."""
        return self.state == State.SUPPRESSED and self.reason == Reason.PAPER

    def may(self, to: State) -> bool:
        """Whether a page should offer this move at all."""
        return to in MOVES.get(State(self.state), ())

    def _move(self, to: State) -> None:
        if not self.may(to):
            raise IllegalMove(State(self.state), to)
        self.state = to


IS_TO_PRINT: Final[ColumnElement[bool]] = and_(
    Letter.state == State.SUPPRESSED,
    Letter.reason == Reason.PAPER,
    Letter.handled_at.is_(None),
)
"""Waits for somebody to print it and carry it to the post."""

IS_UNSENT: Final[ColumnElement[bool]] = or_(
    Letter.state.in_((State.QUEUED, State.CLAIMED, State.DEFERRED)), IS_TO_PRINT
)
"""Nobody has read it yet."""

COULD_GO_AGAIN: Final[ColumnElement[bool]] = and_(
    Letter.state.in_((State.SENDING, State.FAILED, State.UNKNOWN)), Letter.reason.is_(None)
)
"""Under way or in trouble: by the server's answer or the office's decision it is sent once more."""


class LetterFile(Base):
    """A file that goes out with its letter, byte for byte as it was made when the letter was written."""

    __tablename__ = "letter_files"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    letter_id: Mapped[UUID] = mapped_column(
        ForeignKey("letters.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str]
    media_type: Mapped[str]
    sha256: Mapped[str]
    content: Mapped[bytes]


class Outcome(StrEnum):
    """What one attempt to hand a letter over ended with."""

    SENT = "sent"
    DEFERRED = "deferred"
    """Refused for now, in so many words: tried again on the schedule."""
    LOST = "lost"
    """The connection went before the final dot, or the server closes: tried again at once."""
    FAILED = "failed"
    UNKNOWN = "unknown"
    """The final dot left and no answer came: nobody knows, a person decides."""


class Attempt(Base):
    """One conversation with the mail server about one letter."""

    __tablename__ = "letter_attempts"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    letter_id: Mapped[UUID] = mapped_column(
        ForeignKey("letters.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime]
    outcome: Mapped[Outcome]
    code: Mapped[int | None]
    answer: Mapped[str]


class Suppression(Base):
    """An address that takes nothing: kept as a keyed hash, readable by nobody."""

    __tablename__ = "suppressions"

    address_hash: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    reason: Mapped[str]
