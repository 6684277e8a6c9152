"""An issue: one newsletter or press release, written by people, sent once to each who asked for it."""

from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.notifications.bulk.slots import without_slots
from services.notifications.domain.letter import State
from services.notifications.domain.plan import Plan, opening
from services.notifications.store import Base
from shared.events.notifications import (
    IssueEvent,
    IssueKind,
    NewsletterPublished,
    PressReleaseIssued,
)

__all__ = [
    "MOVES",
    "IllegalMove",
    "Issue",
    "IssueKind",
    "IssueLetter",
    "IssueText",
    "NotReady",
    "Pause",
    "Picture",
    "Status",
    "Trouble",
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
    Status.SENT: {Status.SENDING},
}
"""Where each status may lead; stopped is final, and sent opens again only for a copy sent once more."""

PUBLISHED: Final[Mapping[IssueKind, type[IssueEvent]]] = {
    IssueKind.NEWSLETTER: NewsletterPublished,
    IssueKind.PRESS: PressReleaseIssued,
}


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


class NotReady(Exception):
    """It lacks its German subject, or the checks before sending found something that may not go out."""

    def __init__(self, findings: Sequence[Any] = ()) -> None:
        super().__init__("issue: not ready to be sent")
        self.findings = findings


class Issue(Base):
    """What is sent, to which topic's subscribers, and how far it got.

    `topic` of its recipients is the kind's own name. Recipients are numbered 1, 2, 3, … as they are
    gathered; `gathered_to` is the last subscription taken, `gathered` says that all were.
    """

    __tablename__ = "issues"
    __table_args__ = (UniqueConstraint("kind", "number"),)

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
    written_on: Mapped[str] = mapped_column(default="")
    """The page in somebody's browser that chose the news last: to save from it again is no conflict."""
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    def plan(self, plan: Plan, *, at: datetime) -> None:
        """It goes out by itself at its time; a second plan replaces the first."""
        plan.check(at=at)
        if self.status != Status.SCHEDULED:
            self.move(Status.SCHEDULED)
        self._take(plan)
        self.scheduled_at = plan.starts_at

    def unplan(self) -> None:
        """It waits for a person again; what was planned is kept to begin with."""
        self.move(Status.DRAFT)

    def start(
        self, plan: Plan, *, number: int, texts: Sequence["IssueText"], at: datetime
    ) -> IssueEvent:
        """From this commit on it is public, and goes to its readers."""
        subjects = {one.language: said for one in texts if (said := _line(one.subject))}
        if "de" not in subjects:
            raise NotReady
        plan.check(at=at)
        self.move(Status.SENDING)
        self._take(plan)
        self.number, self.started_at = number, at
        event = PUBLISHED[IssueKind(self.kind)](
            at=at,
            issue_id=self.id,
            number=number,
            subjects=subjects,
            first_lines={
                one.language: _line(one.first_line) for one in texts if one.language in subjects
            },
        )
        self.event_id = event.event_id
        return event

    def hold(self, pause: Pause, *, answer: str = "") -> None:
        """Nothing more goes out until a person says so."""
        self.move(Status.PAUSED)
        self.pause, self.pause_answer = pause, answer

    def resume(self) -> None:
        """On with those who still wait."""
        self.move(Status.SENDING)
        self.pause, self.pause_answer, self.finished_at = None, "", None

    def end(self, to: Status, *, at: datetime) -> None:
        """Sent to all, or stopped by the office."""
        self.move(to)
        self.pause, self.pause_answer, self.finished_at = None, "", at

    def opens_at(self, at: datetime) -> datetime:
        """`at` itself within the hours it may go out in, else when they begin."""
        return opening(at, self.window_from, self.window_to)

    @property
    def planned(self) -> Plan:
        """What was decided about its time."""
        assert self.expires_at is not None, "no plan was made yet"
        return Plan(
            starts_at=self.scheduled_at,
            expires_at=self.expires_at,
            window_from=self.window_from,
            window_to=self.window_to,
        )

    def _take(self, plan: Plan) -> None:
        self.expires_at = plan.expires_at
        self.window_from, self.window_to = plan.window_from, plan.window_to

    def move(self, to: Status) -> None:
        """Raises IllegalMove."""
        if to not in MOVES.get(Status(self.status), ()):
            raise IllegalMove(Status(self.status), to)
        self.status = to

    def may(self, to: Status) -> bool:
        """Whether a page should offer this move at all."""
        return to in MOVES.get(Status(self.status), ())


def _line(typed: str) -> str:
    """One line for the public: no breaks, and none of the characters that stand for a reader."""
    return " ".join(without_slots(typed).split())


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
    written_on: Mapped[str] = mapped_column(default="")
    """As of the issue: the page this text was saved from last."""


class Picture(Base):
    """An image hosted by us under its content's hash, without what cameras write into files."""

    __tablename__ = "pictures"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    media_type: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    content: Mapped[bytes]
    added_at: Mapped[datetime]


class Trouble(StrEnum):
    """The `reason` of a copy that waits for a person: what the index of them goes by."""

    REFUSED = "refused"
    UNANSWERED = "unanswered"


IN_TROUBLE: Final = text("reason IN ('refused', 'unanswered')")
"""Failed or unknown, in the index's own words: it must not name `state`, which every sent copy changes."""


class IssueLetter(Base):
    """One recipient's copy: the words are the issue's, here is only to whom and how far.

    `state` uses the same words as a letter's, and means the same; a fresh copy stays queued until its
    answer is recorded, and who holds it stands in `bulk_blocks`: one cheap update a row, since no
    index holds what changes in it.
    """

    __tablename__ = "issue_letters"
    __table_args__ = (
        Index(
            "ix_issue_letters_due",
            "issue_id",
            "due_at",
            postgresql_where=text("due_at IS NOT NULL"),
            sqlite_where=text("due_at IS NOT NULL"),
        ),
        Index(
            None,
            "claim",
            postgresql_where=text("claim IS NOT NULL"),
            sqlite_where=text("claim IS NOT NULL"),
        ),
        Index(
            "ix_issue_letters_in_trouble",
            "issue_id",
            "number",
            postgresql_where=IN_TROUBLE,
            sqlite_where=IN_TROUBLE,
        ),
        {"postgresql_with": {"fillfactor": 85}},
    )

    issue_id: Mapped[UUID] = mapped_column(
        ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    subscription_id: Mapped[UUID] = mapped_column(index=True)
    language: Mapped[str]
    state: Mapped[State]
    due_at: Mapped[datetime | None]
    """Of a deferred one: when it is tried again; nothing in any other state."""
    tries: Mapped[int] = mapped_column(default=0)
    claim: Mapped[UUID | None]
    """The sender that took up a deferred one again."""
    sent_at: Mapped[datetime | None]
    code: Mapped[int | None]
    answer: Mapped[str] = mapped_column(default="")
    """The server's last word about it; "" once all was well."""
    reason: Mapped[str | None]
    handled_at: Mapped[datetime | None]
    """When a person ticked it off."""
