"""A session of the board, and the moves it may make."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Self
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from services.meetings.domain.board import Board, OnPostponement, Rules
from services.meetings.store import Base
from shared.days import end_of_day, local_day
from shared.events.meetings import (
    MinutesApproved,
    PostponeReason,
    SessionCancelled,
    SessionClosed,
    SessionOpened,
    SessionPostponed,
    SessionScheduled,
)


class Status(StrEnum):
    PLANNED = "planned"
    INVITED = "invited"
    OPEN = "open"
    CLOSED = "closed"
    MINUTED = "minuted"
    CANCELLED = "cancelled"


MOVES: Final[dict[Status, Set[Status]]] = {
    Status.PLANNED: {Status.PLANNED, Status.INVITED, Status.CANCELLED, Status.MINUTED},
    Status.INVITED: {Status.PLANNED, Status.OPEN, Status.CANCELLED, Status.MINUTED},
    Status.OPEN: {Status.CLOSED},
    Status.CLOSED: {Status.MINUTED},
}
"""Where each status may lead: back to planned is a postponement; one missing here is final.

Straight to minuted goes a session whose votes were recorded afterwards, without the room's screen.
"""


class IllegalMove(Exception):
    """The session cannot go where it was told to go."""

    def __init__(self, status: Status, to: Status) -> None:
        super().__init__(f"session: {status} → {to}")
        self.status, self.to = status, to


class AlreadyOver(Exception):
    """The day of the session is past: it can be neither moved nor called off any more."""


class AlreadyVoted(Exception):
    """The board voted in this session: it took place, so it can be neither moved nor called off."""


class NotTheDay(Exception):
    """A session is opened on its day, not before."""


class BrokenRule(Exception):
    """An appointment that makes no sense; `field` names the input that has to change."""

    field = "day"


class InThePast(BrokenRule):
    """A session cannot begin before now."""


class EndsBeforeItStarts(BrokenRule):
    """The end is not after the beginning."""

    field = "ends"


class SameAppointment(BrokenRule):
    """A postponement must name another beginning."""


@dataclass(frozen=True, kw_only=True)
class Appointment:
    """When and where the board meets; instants are UTC."""

    starts_at: datetime
    ends_at: datetime | None
    place: str
    note: str | None

    def check(self, *, at: datetime) -> None:
        """Refuse what cannot take place."""
        if self.starts_at <= at:
            raise InThePast
        if self.ends_at is not None and self.ends_at <= self.starts_at:
            raise EndsBeforeItStarts


class Session(Base):
    """One meeting of the board; every move returns the event it causes."""

    __tablename__ = "sessions"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    board_id: Mapped[UUID] = mapped_column(ForeignKey("boards.id"))
    board: Mapped[str]
    status: Mapped[Status]
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime | None]
    place: Mapped[str]
    note: Mapped[str | None]
    submission_deadline: Mapped[datetime]
    rules: Mapped[dict[str, Any]]
    first_starts_at: Mapped[datetime]
    postponed_because: Mapped[PostponeReason | None]
    cancelled_because: Mapped[str | None]
    invited_at: Mapped[datetime | None]
    """When the agenda was fixed and the members were invited."""
    agenda_reopened_at: Mapped[datetime | None]
    """Since then the office changes the agenda it sent out; until it invites again."""
    agenda_changed_at: Mapped[datetime | None]
    """When the board was invited again, to another agenda."""
    urgent_because: Mapped[str | None]
    """Why the board was invited at shorter notice than its rules say."""
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    room_code: Mapped[str]
    """What members type in the room to vote on their own device; empty before the opening."""
    now_item_id: Mapped[UUID | None]
    """The item the board is at."""
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @classmethod
    def plan(
        cls,
        board: Board,
        appointment: Appointment,
        *,
        session_id: UUID,
        rules: Rules,
        notice: int | None = None,
        at: datetime,
    ) -> tuple[Self, SessionScheduled]:
        """Put a session on the calendar, its deadline computed once from the board's rules."""
        appointment.check(at=at)
        session = cls(
            id=session_id,
            board_id=board.id,
            board=board.name,
            status=Status.PLANNED,
            submission_deadline=rules.submission_deadline(appointment.starts_at),
            rules=_kept(rules, notice),
            first_starts_at=appointment.starts_at,
            room_code="",
        )
        session._meet(appointment)
        return session, SessionScheduled(at=at, **session._told(), **session._appointment())

    def deadline_if_postponed(self, starts_at: datetime, *, rules: Rules) -> datetime:
        """The deadline another beginning brings: it stays if the board says so and it can."""
        stays = rules.on_postponement is OnPostponement.STAYS
        if stays and starts_at >= self.starts_at:
            return self.submission_deadline
        return rules.submission_deadline(starts_at)

    def postpone(
        self,
        appointment: Appointment,
        *,
        rules: Rules,
        notice: int | None = None,
        reason: PostponeReason,
        at: datetime,
    ) -> SessionPostponed:
        """Meet at another time; what was already sent out is sent again by those who answer."""
        if appointment.starts_at == self.starts_at:
            raise SameAppointment
        self.check_move(Status.PLANNED, at=at)
        self.status = Status.PLANNED
        self.invited_at = self.agenda_reopened_at = self.agenda_changed_at = None
        self.urgent_because = None
        appointment.check(at=at)
        before = {
            "previous_starts_at": self.starts_at,
            "previous_submission_deadline": self.submission_deadline,
        }
        self.submission_deadline = self.deadline_if_postponed(appointment.starts_at, rules=rules)
        self.rules = _kept(rules, notice)
        self.postponed_because = reason
        self._meet(appointment)
        return SessionPostponed(
            at=at, reason=reason, **self._told(), **self._appointment(), **before
        )

    def cancel(self, *, reason: str, at: datetime) -> SessionCancelled:
        """Do not meet; `reason` is published as written."""
        self.check_move(Status.CANCELLED, at=at)
        self.status = Status.CANCELLED
        self.cancelled_because = reason
        return SessionCancelled(at=at, reason=reason, **self._told())

    def open(
        self, *, code: str, members: int, present: int, quorum: int | None, at: datetime
    ) -> SessionOpened:
        """The board meets: from here on members arrive, and vote with the code on the wall."""
        if local_day(at) < local_day(self.starts_at):
            raise NotTheDay
        self._go(Status.OPEN)
        self.opened_at, self.room_code = at, code
        counted = {"members": members, "present": present, "quorum": quorum}
        return SessionOpened(at=at, opened_at=at, **self._told(), **counted)

    def close(self, *, ended_at: datetime, at: datetime) -> SessionClosed:
        """The meeting is over; the code on the wall opens nothing any more."""
        self._go(Status.CLOSED)
        self.closed_at, self.room_code, self.now_item_id = ended_at, "", None
        assert self.opened_at is not None, "only what was opened is closed"
        return SessionClosed(at=at, opened_at=self.opened_at, closed_at=ended_at, **self._told())

    def minute(self, *, minutes_id: UUID, at: datetime) -> MinutesApproved:
        """Its minutes hold: nothing follows."""
        if Status.MINUTED not in MOVES.get(self.status, ()):
            raise IllegalMove(self.status, Status.MINUTED)
        self.status = Status.MINUTED
        return MinutesApproved(
            at=at,
            minutes_id=minutes_id,
            approved_at=at,
            path=f"/sitzungen/{self.id}/protokoll",
            **self._told(),
        )

    @property
    def invite_by(self) -> date | None:
        """The last day to invite on; None where the rules it was planned under set no notice."""
        days = self.rules.get("invitation_days")
        return None if days is None else local_day(self.starts_at) - timedelta(days=days)

    @property
    def agenda_is_fixed(self) -> bool:
        """The board was invited to it, and nobody is changing it."""
        return self.invited_at is not None and self.agenda_reopened_at is None

    def may(self, to: Status, *, at: datetime) -> bool:
        """Whether a page should offer this move at all."""
        return to in MOVES.get(self.status, ()) and not self._over(at)

    def check_move(self, to: Status, *, at: datetime) -> None:
        """Raise what postponing or cancelling would raise."""
        if self._over(at):
            raise AlreadyOver
        if to not in MOVES.get(self.status, ()):
            raise IllegalMove(self.status, to)

    def _go(self, to: Status) -> None:
        if to not in MOVES.get(self.status, ()):
            raise IllegalMove(self.status, to)
        self.status = to

    def _over(self, at: datetime) -> bool:
        return at > end_of_day(local_day(self.starts_at))

    def _meet(self, appointment: Appointment) -> None:
        self.starts_at, self.ends_at = appointment.starts_at, appointment.ends_at
        self.place, self.note = appointment.place, appointment.note

    def _told(self) -> dict[str, Any]:
        return {
            "session_id": self.id,
            "board": self.board,
            "starts_at": self.starts_at,
            "subject_version": (self.version or 0) + 1,
        }

    def _appointment(self) -> dict[str, Any]:
        return {
            "ends_at": self.ends_at,
            "place": self.place,
            "note": self.note,
            "submission_deadline": self.submission_deadline,
        }


def _kept(rules: Rules, notice: int | None) -> dict[str, Any]:
    """The copy a session keeps: what was computed from it never changes with the rules."""
    kept = rules.model_dump(mode="json")
    return kept if notice is None else kept | {"invitation_days": notice}
