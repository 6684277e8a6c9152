"""An application as we were told of it, in whatever order."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from services.meetings.domain.items import Outcome
from services.meetings.domain.session import Session, Status
from services.meetings.store import Base
from shared.events.applications import (
    ApplicationAdmitted,
    ApplicationDeferred,
    ApplicationPaperPrepared,
    ApplicationPlaced,
    PlacedBecause,
    StatementGiven,
    Tier,
)


class Case(Base):
    """One application, put together from events in any order: of two that disagree the newer holds."""

    __tablename__ = "cases"

    application_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str]
    public_title: Mapped[str]
    field_of_action: Mapped[str]
    fund: Mapped[str]
    """Whose money it is about; empty for what was admitted before this was kept."""
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
        texts = dict.fromkeys(("number", "public_title", "field_of_action", "fund"), "")
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
            self.for_board, self.fund = event.decides is Tier.BOARD, event.fund
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
