"""What comes before the board: an application as we were told of it, and its place on an agenda."""

from collections.abc import Set
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Self
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from services.meetings.domain.board import Rules
from services.meetings.domain.session import Session, Status
from services.meetings.store import Base
from shared.days import local_day
from shared.events.applications import (
    ApplicationAdmitted,
    ApplicationDeferred,
    ApplicationPaperPrepared,
    ApplicationPlaced,
    PlacedBecause,
    StatementGiven,
    Tier,
)
from shared.events.meetings import AgendaItemPlaced, AgendaItemRemoved


class ItemStatus(StrEnum):
    OPEN = "open"
    RESOLVED = "resolved"
    REMOVED = "removed"


class Outcome(StrEnum):
    """How an application left an agenda."""

    GRANTED = "granted"
    REJECTED = "rejected"
    DEFERRED = "deferred"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    INADMISSIBLE = "inadmissible"
    SESSION_CANCELLED = "session_cancelled"
    NOT_FOR_BOARD = "not_for_board"
    DECIDED = "decided"
    """A sentence that is about no application was accepted."""
    DONE = "done"
    """Dealt with, without a decision."""


class ItemKind(StrEnum):
    """What an item of an agenda is about."""

    APPLICATION = "application"
    DISCUSSION = "discussion"
    REPORT = "report"
    FOLLOW_UP = "follow_up"
    """What was decided and is still to be done."""
    OTHER = "other"


ITEM_MOVES: Final[dict[ItemStatus, Set[ItemStatus]]] = {
    ItemStatus.OPEN: {ItemStatus.RESOLVED, ItemStatus.REMOVED}
}
"""Where each status may lead; one that is missing here is final."""


class ItemClosed(Exception):
    """Nothing can be done about this item any more."""

    def __init__(self, status: ItemStatus, to: ItemStatus) -> None:
        super().__init__(f"agenda item: {status} → {to}")
        self.status, self.to = status, to


class NotYetMeeting(Exception):
    """Votes are recorded on the session's day or after it."""


class AwaitsAnswer(Exception):
    """The last vote is not answered yet: another one would be about money nobody knows of."""


class Case(Base):
    """One application, put together from events in any order: of two that disagree the newer holds."""

    __tablename__ = "cases"

    application_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str]
    public_title: Mapped[str]
    field_of_action: Mapped[str]
    asked_cents: Mapped[int]
    facts_version: Mapped[int]
    for_board: Mapped[bool]
    submitted_at: Mapped[datetime | None]
    admitted_version: Mapped[int]
    eligible_cents: Mapped[int | None]
    paper: Mapped[dict[str, Any] | None]
    paper_version: Mapped[int]
    statements: Mapped[dict[str, Any]]
    session_id: Mapped[UUID | None]
    session_version: Mapped[int]
    deferred_from: Mapped[dict[str, Any]]
    """Sessions that did not decide about it, each with the version of that word."""
    carried: Mapped[bool]
    ended: Mapped[Outcome | None]
    ended_version: Mapped[int]

    @classmethod
    def unheard(cls, application_id: UUID) -> Self:
        """A case nobody told us anything of yet."""
        versions = dict.fromkeys(
            ("facts_version", "admitted_version", "paper_version", "session_version"), 0
        )
        texts = dict.fromkeys(("number", "public_title", "field_of_action"), "")
        return cls(
            application_id=application_id,
            asked_cents=0,
            for_board=False,
            statements={},
            deferred_from={},
            carried=False,
            ended_version=0,
            **versions,
            **texts,
        )

    @property
    def before_the_board(self) -> bool:
        """Admitted to the board's decision, and neither decided nor given up since."""
        over = self.ended is not None and self.ended_version >= self.admitted_version
        return self.admitted_version > 0 and self.for_board and not over

    def admitted(self, event: ApplicationAdmitted) -> None:
        """The formal check is done: who decides, since when it waits, where it goes."""
        version = event.subject_version
        if version >= self.admitted_version:
            self.admitted_version, self.submitted_at = version, event.submitted_at
            self.for_board = event.decides is Tier.BOARD
        self._describe(event, version)
        self._goes_to(event.session_id, version)

    def prepared(self, event: ApplicationPaperPrepared) -> None:
        """The paper as it is now, still closed."""
        if event.subject_version >= self.paper_version:
            self.paper_version, self.eligible_cents = event.subject_version, event.eligible_cents
            self.paper = event.paper.model_dump(mode="json")
        self._describe(event, event.subject_version)

    def statement(self, event: StatementGiven) -> None:
        """What a department says, its words still closed."""
        kept = event.model_dump(mode="json", include={"department", "verdict", "text"})
        self.statements = {**self.statements, str(event.statement_id): kept}

    def placed(self, event: ApplicationPlaced) -> None:
        """It goes to another session; handed on, it comes before newer ones."""
        handed_on = {PlacedBecause.SESSION_CANCELLED, PlacedBecause.DEFERRED}
        self.carried = self.carried or event.because in handed_on
        self.number = self.number or event.number
        self._goes_to(event.session_id, event.subject_version)

    def deferred(self, event: ApplicationDeferred) -> None:
        """Not decided at that session: it does not come back there, and comes first elsewhere."""
        version, self.carried = event.subject_version, True
        if event.session_id is not None:
            left = str(event.session_id)
            newest = max(version, self.deferred_from.get(left, 0))
            self.deferred_from = {**self.deferred_from, left: newest}
        self._describe(event, version)
        self._goes_to(event.next_session_id, version)

    def end(self, outcome: Outcome, version: int) -> None:
        """It needs no agenda any more, unless it is admitted once again."""
        if version >= self.ended_version:
            self.ended, self.ended_version = outcome, version

    def may_go_to(self, meeting: Session, *, at: datetime) -> bool:
        """The session stands, is still to come, and did not send this application away."""
        stands = meeting.status in {Status.PLANNED, Status.INVITED}
        sent_away: int | None = self.deferred_from.get(str(meeting.id))
        called_back = meeting.id == self.session_id and self.session_version > (sent_away or 0)
        return stands and meeting.starts_at > at and (sent_away is None or called_back)

    def in_time_for(self, meeting: Session) -> bool:
        """It arrived before the last second of the session's deadline was over."""
        arrived = self.submitted_at
        return arrived is not None and arrived <= meeting.submission_deadline

    def _describe(
        self,
        event: ApplicationAdmitted | ApplicationPaperPrepared | ApplicationDeferred,
        version: int,
    ) -> None:
        if version >= self.facts_version:
            self.facts_version, self.number = version, event.number
            self.public_title, self.asked_cents = event.public_title, event.asked_cents
        if not isinstance(event, ApplicationPaperPrepared):
            self.field_of_action = event.field_of_action

    def _goes_to(self, session_id: UUID | None, version: int) -> None:
        if version >= self.session_version:
            self.session_id, self.session_version = session_id, version


class AgendaItem(Base):
    """One application on one session's agenda; every move that others must know returns its event."""

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
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @classmethod
    def put(cls, case: Case, meeting: Session, *, missed_quorum: bool = False) -> Self:
        """The application on this agenda, its date of arrival kept; a second call is announced."""
        assert case.submitted_at is not None, "only what was admitted comes before the board"
        return cls(
            id=uuid7(),
            session_id=meeting.id,
            kind=ItemKind.APPLICATION,
            application_id=case.application_id,
            title="",
            text="",
            status=ItemStatus.OPEN,
            carried=case.carried,
            kept_since=case.submitted_at,
            votes=0,
            missed_quorum=missed_quorum,
            second_call=missed_quorum and Rules.model_validate(meeting.rules).second_call,
        )

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
        if not answered:
            raise AwaitsAnswer

    def _move(self, to: ItemStatus, outcome: Outcome) -> None:
        if to not in ITEM_MOVES.get(self.status, ()):
            raise ItemClosed(self.status, to)
        self.status, self.outcome = to, outcome
