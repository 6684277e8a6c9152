"""What somebody has to do until when, from the moment it is given to them until it is done."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final, Self
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from services.meetings.store import Base
from shared.days import at_local, local_day
from shared.events.meetings import TaskAssigned, TaskClosed, TaskFallsDue, TaskWords
from shared.events.people import Contact
from shared.sealed import Sealed

REMINDED: Final = (-7, 0, 1, 14)
"""Days after the due date on which the owner is reminded; below zero: before it."""

REMINDED_AT: Final = time(8)


class TaskStatus(StrEnum):
    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"
    """Nobody has to do it any more."""


MOVES: Final[dict[TaskStatus, Set[TaskStatus]]] = {
    TaskStatus.OPEN: {TaskStatus.DONE, TaskStatus.DROPPED},
    TaskStatus.DONE: {TaskStatus.OPEN},
    TaskStatus.DROPPED: {TaskStatus.OPEN},
}
"""Where each status may lead: back to open if it was closed too early."""


class IllegalMove(Exception):
    """The task cannot go where it was told to go."""

    def __init__(self, status: TaskStatus, to: TaskStatus) -> None:
        super().__init__(f"task: {status} → {to}")
        self.status, self.to = status, to


class DueBeforeToday(Exception):
    """A new task cannot be late from the start."""


class NobodyToAsk(Exception):
    """Neither a member, nor an account, nor a name with an address."""


@dataclass(frozen=True, kw_only=True)
class Owner:
    """Who does it: a member, an account, or somebody else with name and address."""

    person_id: UUID
    contact: Contact
    language: str
    member_id: UUID | None = None
    account_id: UUID | None = None

    @property
    def is_known(self) -> bool:
        """Whether name and address are kept elsewhere here."""
        return self.member_id is not None or self.account_id is not None


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What a word about a task carries to its owner, closed."""

    contact: Sealed
    words: Sealed
    link: Sealed
    language: str


class Task(Base):
    """One thing to do, with its owner; name and address only of who is known nowhere else."""

    __tablename__ = "tasks"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    title: Mapped[str]
    text: Mapped[str]
    due_on: Mapped[date] = mapped_column(index=True)
    status: Mapped[TaskStatus] = mapped_column(index=True)
    person_id: Mapped[UUID] = mapped_column(index=True)
    member_id: Mapped[UUID | None] = mapped_column(ForeignKey("members.id"), index=True)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    owner_name: Mapped[str]
    owner_email: Mapped[str]
    language: Mapped[str]
    session_id: Mapped[UUID | None] = mapped_column(ForeignKey("sessions.id"), index=True)
    item_id: Mapped[UUID | None] = mapped_column(ForeignKey("agenda_items.id"), index=True)
    assigned_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    """The owner asked to be forgotten: what is left to do has nobody to do it."""
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @classmethod
    def assign(
        cls,
        words: TaskWords,
        owner: Owner,
        *,
        task_id: UUID,
        due_on: date,
        session_id: UUID | None = None,
        item_id: UUID | None = None,
        at: datetime,
    ) -> Self:
        """Give it to somebody; `assigned` tells them once the letter's parts are sealed."""
        if due_on < local_day(at):
            raise DueBeforeToday
        return cls(
            id=task_id,
            title=words.title,
            text=words.text,
            due_on=due_on,
            status=TaskStatus.OPEN,
            person_id=owner.person_id,
            member_id=owner.member_id,
            account_id=owner.account_id,
            owner_name="" if owner.is_known else owner.contact.name,
            owner_email="" if owner.is_known else owner.contact.email,
            language=owner.language,
            session_id=session_id,
            item_id=item_id,
            assigned_at=at,
        )

    @property
    def words(self) -> TaskWords:
        """As they are sealed for a letter."""
        return TaskWords(title=self.title, text=self.text)

    def days_late(self, at: datetime) -> int:
        """Below zero: so many days are left."""
        return (local_day(at) - self.due_on).days

    def next_reminder(self, *, after: datetime) -> tuple[int, datetime] | None:
        """The next day to remind on and its hour; None once all are past."""
        days = ((n, at_local(self.due_on + timedelta(days=n), REMINDED_AT)) for n in REMINDED)
        return next(((n, moment) for n, moment in days if moment > after), None)

    def assigned(self, letter: Letter, *, at: datetime) -> TaskAssigned:
        """The owner has something to do."""
        return TaskAssigned.model_validate(self._told(letter, at))

    def falls_due(self, letter: Letter, *, days_late: int, at: datetime) -> TaskFallsDue:
        """The owner is reminded."""
        return TaskFallsDue.model_validate(self._told(letter, at) | {"days_late": days_late})

    def finish(self, *, at: datetime) -> TaskClosed:
        """It is done."""
        return self._close(TaskStatus.DONE, at)

    def drop(self, *, at: datetime) -> TaskClosed:
        """Nobody has to do it any more."""
        return self._close(TaskStatus.DROPPED, at)

    def reopen(self) -> None:
        """It was closed too early."""
        self._move(TaskStatus.OPEN)
        self.closed_at = None

    def forget_owner(self, *, at: datetime) -> None:
        """Name, address and words go; that there was something to do stays."""
        self.owner_name, self.owner_email, self.text = "", "", ""
        self.member_id, self.account_id, self.erased_at = None, None, at

    def _told(self, letter: Letter, at: datetime) -> dict[str, Any]:
        return {
            "at": at,
            "task_id": self.id,
            "person_id": self.person_id,
            "language": letter.language,
            "contact": letter.contact,
            "words": letter.words,
            "link": letter.link,
            "due_on": self.due_on,
            "subject_version": (self.version or 0) + 1,
        }

    def _close(self, to: TaskStatus, at: datetime) -> TaskClosed:
        self._move(to)
        self.closed_at = at
        done, version = to is TaskStatus.DONE, (self.version or 0) + 1
        return TaskClosed(at=at, task_id=self.id, done=done, subject_version=version)

    def _move(self, to: TaskStatus) -> None:
        if to not in MOVES.get(self.status, ()):
            raise IllegalMove(self.status, to)
        self.status = to
