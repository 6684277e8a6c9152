"""An issue: one newsletter or press release, written by people, sent once to each who asked for it."""

from collections.abc import Set
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.notifications.domain.letter import State
from services.notifications.store import Base
from shared.events.notifications import IssueKind

__all__ = [
    "MOVES",
    "IllegalMove",
    "Issue",
    "IssueKind",
    "IssueLetter",
    "IssueText",
    "Pause",
    "Picture",
    "Status",
]


class Status(StrEnum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    PAUSED = "paused"
    SENT = "sent"
    STOPPED = "stopped"


MOVES: Final[dict[Status, Set[Status]]] = {
    Status.DRAFT: {Status.SCHEDULED, Status.SENDING},
    Status.SCHEDULED: {Status.DRAFT, Status.SENDING},
    Status.SENDING: {Status.PAUSED, Status.SENT, Status.STOPPED},
    Status.PAUSED: {Status.SENDING, Status.STOPPED},
}
"""Where each status may lead; sent and stopped are final."""


class Pause(StrEnum):
    """Why nothing more goes out for now."""

    OFFICE = "office"
    REFUSED = "refused"
    """A server refuses us, not the recipients (5.7.x, 5.3.4): a person has to look."""


class IllegalMove(Exception):
    """The issue cannot go where it was told to go."""

    def __init__(self, status: Status, to: Status) -> None:
        super().__init__(f"issue: {status} → {to}")
        self.status, self.to = status, to


class Issue(Base):
    """What is sent, to which topic's subscribers, and how far it got.

    `topic` of its recipients is the kind's own name. Recipients are numbered 1, 2, 3, … as they are
    gathered; `gathered_to` is the last subscription taken, `gathered` says that all were.
    """

    __tablename__ = "issues"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[IssueKind]
    status: Mapped[Status] = mapped_column(index=True)
    number: Mapped[int | None]
    """Counted by kind from the first one sent."""
    blocks: Mapped[list[dict[str, Any]]]
    """The news it tells, in its order: `{"event_id": …}`, as chosen in the editor."""
    since_cursor: Mapped[int]
    """News after this cursor of the journal are offered."""
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    scheduled_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    """Nobody gets it after this moment."""
    window_from: Mapped[int]
    window_to: Mapped[int]
    """It goes out between these full hours in Berlin: 0 and 24 for any time."""
    pause: Mapped[Pause | None]
    pause_answer: Mapped[str]
    """What the server said when it was paused by one; "" otherwise."""
    event_id: Mapped[UUID | None]
    """Of the event that told its publication."""
    gathered: Mapped[bool]
    gathered_to: Mapped[UUID | None]
    recipients: Mapped[int]
    """How many numbers were given so far."""
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    def move(self, to: Status) -> None:
        """Raises IllegalMove."""
        if to not in MOVES.get(Status(self.status), ()):
            raise IllegalMove(Status(self.status), to)
        self.status = to

    def may(self, to: Status) -> bool:
        """Whether a page should offer this move at all."""
        return to in MOVES.get(Status(self.status), ())


class IssueText(Base):
    """The issue in one language: `body` is Markdown, `first_line` stands beside the subject."""

    __tablename__ = "issue_texts"

    issue_id: Mapped[UUID] = mapped_column(
        ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True
    )
    language: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str]
    first_line: Mapped[str]
    body: Mapped[str]
    changed_at: Mapped[datetime]


class Picture(Base):
    """An image hosted by us under its content's hash, without what cameras write into files."""

    __tablename__ = "pictures"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    media_type: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    content: Mapped[bytes]
    added_at: Mapped[datetime]


class IssueLetter(Base):
    """One recipient's copy: the words are the issue's, here is only to whom and how far.

    `state` uses the same words as a letter's, and means the same.
    """

    __tablename__ = "issue_letters"
    __table_args__ = (
        Index(
            "ix_issue_letters_waiting",
            "issue_id",
            "number",
            postgresql_where=text("state IN ('queued', 'deferred')"),
            sqlite_where=text("state IN ('queued', 'deferred')"),
        ),
    )

    issue_id: Mapped[UUID] = mapped_column(
        ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    subscription_id: Mapped[UUID] = mapped_column(index=True)
    language: Mapped[str]
    domain: Mapped[str]
    """Of the address, lower case: limits are kept by it."""
    state: Mapped[State]
    due_at: Mapped[datetime | None]
    """Of a deferred one: when it is tried again."""
    tries: Mapped[int] = mapped_column(default=0)
    losses: Mapped[int] = mapped_column(default=0)
    claim: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    code: Mapped[int | None]
    answer: Mapped[str] = mapped_column(default="")
    """The server's last word about it; "" once all was well."""
    reason: Mapped[str | None]
    handled_at: Mapped[datetime | None]
    """When a person ticked it off."""
