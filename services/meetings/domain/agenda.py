"""What comes before the board: the items of an agenda, each with its place."""

from datetime import datetime
from typing import Self
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from services.meetings.domain.board import Rules
from services.meetings.domain.cases import Case
from services.meetings.domain.items import (
    AFTERWARDS,
    ITEM_MOVES,
    USUAL_MINUTES,
    AskedInWriting,
    AwaitsAnswer,
    ItemClosed,
    ItemKind,
    ItemStatus,
    NotOurOwn,
    NotYetMeeting,
    Outcome,
    OwnWords,
)
from services.meetings.domain.session import Session
from services.meetings.store import Base
from shared.days import local_day
from shared.events.meetings import AgendaItemPlaced, AgendaItemRemoved

__all__ = [
    "AFTERWARDS",
    "ITEM_MOVES",
    "USUAL_MINUTES",
    "AgendaItem",
    "AskedInWriting",
    "AwaitsAnswer",
    "Case",
    "ItemClosed",
    "ItemKind",
    "ItemStatus",
    "NotOurOwn",
    "NotYetMeeting",
    "Outcome",
    "OwnWords",
]


class AgendaItem(Base):
    """One item of one session's agenda; every move that others must know returns its event."""

    __tablename__ = "agenda_items"
    __table_args__ = (
        Index(
            "uq_agenda_items_open",
            "application_id",
            unique=True,
            sqlite_where=text("status = 'open'"),
            postgresql_where=text("status = 'open'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("sessions.id"), index=True)
    kind: Mapped[ItemKind]
    application_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("cases.application_id"), index=True
    )
    """None for every other kind."""
    title: Mapped[str]
    """Public; empty for an application, which has its own."""
    text: Mapped[str]
    """What the agenda says below the title; the office's words, public."""
    place: Mapped[int | None]
    """Where the office put it; None: by the usual order, after those that have a place."""
    planned_minutes: Mapped[int | None]
    fixed_position: Mapped[int | None]
    """Its number since the board was invited: it stays, whatever is taken off before it."""
    fixed_starts_at: Mapped[datetime | None]
    """When the invitation says it begins."""
    supplementary: Mapped[bool] = mapped_column(default=False)
    """Came onto the agenda after the board was invited."""
    status: Mapped[ItemStatus]
    outcome: Mapped[Outcome | None]
    amount_cents: Mapped[int | None]
    carried: Mapped[bool]
    kept_since: Mapped[datetime]
    votes: Mapped[int]
    """How many were taken: with the first one the session has taken place."""
    missed_quorum: Mapped[bool]
    """At the session before too few came to decide about it."""
    second_call: Mapped[bool]
    """Since it was placed the session's page says: whoever comes decides about this."""
    in_writing: Mapped[bool] = mapped_column(default=False)
    """A circular vote about it is running."""
    waits: Mapped[bool] = mapped_column(default=False)
    """It was put off while no next session was planned."""
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @classmethod
    def put(
        cls,
        case: Case,
        meeting: Session,
        *,
        missed_quorum: bool = False,
        fixed_position: int | None = None,
    ) -> Self:
        """The application on this agenda, its date of arrival kept; a second call is announced.

        `fixed_position` is its number at the end of an agenda that is fixed already.
        """
        assert case.submitted_at is not None, "only what was admitted comes before the board"
        return cls(
            id=uuid7(),
            session_id=meeting.id,
            kind=ItemKind.APPLICATION,
            application_id=case.application_id,
            title="",
            text="",
            fixed_position=fixed_position,
            supplementary=fixed_position is not None,
            status=ItemStatus.OPEN,
            carried=case.carried,
            kept_since=case.submitted_at,
            votes=0,
            missed_quorum=missed_quorum,
            second_call=missed_quorum and Rules.model_validate(meeting.rules).second_call,
        )

    @classmethod
    def own(
        cls,
        words: OwnWords,
        *,
        session_id: UUID,
        place: int | None,
        item_id: UUID | None = None,
        at: datetime,
    ) -> Self:
        """Something the office puts on the agenda itself; nobody outside is told of it."""
        return cls(
            id=item_id or uuid7(),
            session_id=session_id,
            kind=words.kind,
            title=words.title,
            text=words.text,
            planned_minutes=words.minutes,
            place=place,
            supplementary=False,
            status=ItemStatus.OPEN,
            carried=False,
            kept_since=at,
            votes=0,
            missed_quorum=False,
            second_call=False,
        )

    def once_more(self, session_id: UUID, *, fixed_position: int | None) -> "AgendaItem":
        """The same item of the office's own before another session, as old as it is."""
        words = OwnWords(
            kind=self.kind, title=self.title, text=self.text, minutes=self.planned_minutes
        )
        again = AgendaItem.own(words, session_id=session_id, place=None, at=self.kept_since)
        again.carried, again.fixed_position = True, fixed_position
        again.supplementary = fixed_position is not None
        return again

    @property
    def minutes(self) -> int:
        """What is planned, else what is usual."""
        return USUAL_MINUTES[self.kind] if self.planned_minutes is None else self.planned_minutes

    def say(self, words: OwnWords) -> None:
        """The office says it in other words."""
        if self.application_id is not None:
            raise NotOurOwn
        if self.status is not ItemStatus.OPEN:
            raise ItemClosed(self.status, ItemStatus.OPEN)
        if self.in_writing:
            raise AskedInWriting
        self.kind, self.title, self.text = words.kind, words.title, words.text
        self.planned_minutes = words.minutes

    def take_off(self, outcome: Outcome = Outcome.WITHDRAWN) -> None:
        """An item of the office's own leaves the agenda, and nobody outside has to know."""
        if self.application_id is not None:
            raise NotOurOwn
        self._move(ItemStatus.REMOVED, outcome)

    def fix(self, *, position: int, starts_at: datetime) -> None:
        """From now on it has this number and this time."""
        self.fixed_position, self.fixed_starts_at = position, starts_at
        self.supplementary = False

    def loosen(self) -> None:
        """Number and time are open again."""
        self.fixed_position, self.fixed_starts_at, self.supplementary = None, None, False

    def placed(self, meeting: Session, *, position: int, at: datetime) -> AgendaItemPlaced:
        """What the others are told once the item has its place."""
        assert self.application_id is not None, "others know applications only"
        return AgendaItemPlaced(
            at=at,
            item_id=self.id,
            session_id=self.session_id,
            application_id=self.application_id,
            starts_at=meeting.starts_at,
            place=meeting.place,
            position=position,
            subject_version=self.version,
        )

    def remove(self, outcome: Outcome, *, at: datetime) -> AgendaItemRemoved:
        """Off this agenda, without a decision."""
        self._move(ItemStatus.REMOVED, outcome)
        assert self.application_id is not None, "others know applications only"
        return AgendaItemRemoved(
            at=at,
            item_id=self.id,
            session_id=self.session_id,
            application_id=self.application_id,
            subject_version=self.version + 1,
        )

    def hand_on(self, *, at: datetime) -> AgendaItemRemoved:
        """The session is over and did not decide: the agenda keeps it, the next one gets it first."""
        self._move(ItemStatus.RESOLVED, Outcome.DEFERRED)
        assert self.application_id is not None, "others know applications only"
        return AgendaItemRemoved(
            at=at,
            item_id=self.id,
            session_id=self.session_id,
            application_id=self.application_id,
            subject_version=self.version + 1,
        )

    def resolve(self, outcome: Outcome, *, amount_cents: int | None = None) -> None:
        """The board's word on it is confirmed where the money is kept."""
        self._move(ItemStatus.RESOLVED, outcome)
        self.amount_cents = amount_cents

    def check_vote(self, meeting: Session, *, answered: bool, at: datetime) -> None:
        """Raise what stands against recording a vote now."""
        if self.status is not ItemStatus.OPEN:
            raise ItemClosed(self.status, ItemStatus.RESOLVED)
        if local_day(at) < local_day(meeting.starts_at):
            raise NotYetMeeting
        self._check_free(answered=answered)

    def check_between(self, *, answered: bool) -> None:
        """Raise what stands against a decision outside the session now."""
        if self.status is not ItemStatus.OPEN:
            raise ItemClosed(self.status, ItemStatus.RESOLVED)
        self._check_free(answered=answered)

    def _check_free(self, *, answered: bool) -> None:
        if self.in_writing:
            raise AskedInWriting
        if not answered:
            raise AwaitsAnswer

    def _move(self, to: ItemStatus, outcome: Outcome) -> None:
        if to not in ITEM_MOVES.get(self.status, ()):
            raise ItemClosed(self.status, to)
        self.status, self.outcome = to, outcome
