"""What became of the board's decisions, followed to their end from what applications tell."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from services.meetings.store import Base
from shared.events.applications import (
    AgreementSigned,
    ApplicationDeferred,
    ApplicationLapsed,
    ApplicationRejected,
    ApplicationWithdrawn,
    GrantBecameEffective,
    GrantDeclined,
    GrantLapsed,
    GrantReserved,
    GrantRevoked,
    Tier,
)
from shared.events.base import Event


class Stage(StrEnum):
    """How far a decision has come."""

    DEFERRED = "deferred"
    """Put off: the board decides later."""
    PROMISED = "promised"
    """Granted; the council, the city or a condition is still missing."""
    EFFECTIVE = "effective"
    """The applicant has to sign."""
    ACCEPTED = "accepted"
    """Signed; payment and proof are to come."""
    LAPSED = "lapsed"
    DECLINED = "declined"
    REVOKED = "revoked"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


STAGE_OF: Final[Mapping[type[Event], Stage]] = {
    ApplicationDeferred: Stage.DEFERRED,
    GrantReserved: Stage.PROMISED,
    GrantBecameEffective: Stage.EFFECTIVE,
    AgreementSigned: Stage.ACCEPTED,
    GrantLapsed: Stage.LAPSED,
    GrantDeclined: Stage.DECLINED,
    GrantRevoked: Stage.REVOKED,
    ApplicationRejected: Stage.REJECTED,
    ApplicationWithdrawn: Stage.WITHDRAWN,
    ApplicationLapsed: Stage.LAPSED,
}
"""Where each word takes a decision; a new one is one line here, and its stage above if it has its own."""

ENDED: Final = frozenset(
    {Stage.LAPSED, Stage.DECLINED, Stage.REVOKED, Stage.REJECTED, Stage.WITHDRAWN}
)
"""Nothing more is to come."""

ORDER: Final = {stage: place for place, stage in enumerate(Stage)}
"""Of two words told in the same breath the one further on holds."""


class Followed(Base):
    """One application the board decided about; of two words that disagree the newer holds."""

    __tablename__ = "followed"

    application_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str]
    public_title: Mapped[str]
    amount_cents: Mapped[int | None]
    by_board: Mapped[bool]
    """False until the board's decision is known: the office's own grants stay out of sight."""
    decided_at: Mapped[datetime | None]
    decided_version: Mapped[int]
    stage: Mapped[Stage] = mapped_column(index=True)
    since: Mapped[datetime]
    stage_version: Mapped[int]

    @classmethod
    def begin(cls, application_id: UUID, event: Event) -> Self:
        """An application nobody told us the decision of yet."""
        return cls(
            application_id=application_id,
            number="",
            public_title="",
            by_board=False,
            decided_version=0,
            stage=STAGE_OF[type(event)],
            since=event.at,
            stage_version=0,
        )

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to come of it."""
        return self.stage in ENDED

    def hear(self, event: Event) -> None:
        """Take the word in, whenever it comes; again changes nothing."""
        if isinstance(event, GrantReserved | ApplicationDeferred):
            self._decided(event)
        stage = stage_of(event)
        if (event.subject_version, ORDER[stage]) > (self.stage_version, ORDER[self.stage]):
            self.stage, self.since, self.stage_version = stage, event.at, event.subject_version

    def _decided(self, event: GrantReserved | ApplicationDeferred) -> None:
        if event.subject_version < self.decided_version:
            return
        self.decided_version, self.decided_at = event.subject_version, event.at
        self.number, self.public_title = event.number, event.public_title
        if isinstance(event, GrantReserved):
            self.amount_cents, self.by_board = event.amount_cents, event.decided_by is Tier.BOARD
        else:
            self.amount_cents, self.by_board = None, True


def stage_of(event: Event) -> Stage:
    """Where this word takes a decision; a grant that holds at once skips the promise."""
    if isinstance(event, GrantReserved) and event.effective:
        return Stage.EFFECTIVE
    return STAGE_OF[type(event)]
