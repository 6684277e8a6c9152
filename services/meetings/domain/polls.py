"""A vote while it is open: who may cast a ballot is frozen, nobody sees how it goes."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from services.meetings.domain.agenda import AgendaItem
from services.meetings.domain.ballots import Ballots
from services.meetings.store import Base
from shared.events.meetings import Manner, Motion, VotedCondition, VoteOpened


class PollStatus(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    """Counted: a `Vote` of the same id holds the result."""
    VOID = "void"
    """Called off before it was counted, or too few secret ballots."""


class Choice(StrEnum):
    YES = "yes"
    NO = "no"
    ABSTAIN = "abstain"


class Barred(StrEnum):
    """Why somebody who is known here may not cast a ballot."""

    ABSENT = "absent"
    GUEST = "guest"
    DECLARED = "declared"
    SUSPENDED = "suspended"
    RECUSED = "recused"
    UNIT = "unit"
    """Somebody else of the same institution or household has the vote."""
    LEFT = "left"


class PollClosed(Exception):
    """The vote is counted or called off: no ballot and no second count is taken."""

    def __init__(self, status: PollStatus) -> None:
        super().__init__(f"poll: {status}")
        self.status = status


class WrongManner(Exception):
    """The board votes in another manner: no such ballot can be cast here."""


class MayNotVote(Exception):
    """This member is not among those who may vote on this; `barred` says why."""

    def __init__(self, barred: Barred | None, because: str = "") -> None:
        super().__init__(str(barred))
        self.barred, self.because = barred, because


class TooFewForSecret(Exception):
    """So few ballots would tell who voted how: the board cannot vote in secret on this."""

    def __init__(self, eligible: int, minimum: int) -> None:
        super().__init__(f"{eligible} of at least {minimum}")
        self.eligible, self.minimum = eligible, minimum


class NobodyMayVote(Exception):
    """Nobody who is there may vote on this."""


class Poll(Base):
    """One vote of a session from its opening to its count; its id becomes the vote's."""

    __tablename__ = "polls"
    __table_args__ = (
        Index(
            "uq_polls_open",
            "session_id",
            unique=True,
            sqlite_where=text("status = 'open'"),
            postgresql_where=text("status = 'open'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("sessions.id"), index=True)
    item_id: Mapped[UUID] = mapped_column(ForeignKey("agenda_items.id"), index=True)
    status: Mapped[PollStatus]
    motion: Mapped[Motion]
    manner: Mapped[Manner]
    amount_cents: Mapped[int | None]
    conditions: Mapped[list[dict[str, Any]]]
    text: Mapped[str]
    members: Mapped[int]
    present: Mapped[int]
    recused: Mapped[int]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    def check_open(self) -> None:
        """Raise `PollClosed` once it is counted or called off."""
        if self.status is not PollStatus.OPEN:
            raise PollClosed(self.status)

    def close(self, status: PollStatus, *, at: datetime) -> None:
        """Counted or void, once and for ever."""
        self.check_open()
        self.status, self.closed_at = status, at

    def opened(self, item: AgendaItem, *, eligible: int) -> VoteOpened:
        """What everybody is told while nothing of how it goes is."""
        return VoteOpened(
            at=self.opened_at,
            vote_id=self.id,
            item_id=self.item_id,
            session_id=self.session_id,
            application_id=item.application_id,
            motion=self.motion,
            manner=self.manner,
            eligible=eligible,
            amount_cents=self.amount_cents,
            subject_version=item.version,
        )

    def ballots(self, *, yes: int, no: int, abstain: int, invalid: int = 0) -> Ballots:
        """The sheet of this vote, with the numbers frozen when it was opened."""
        return Ballots(
            motion=self.motion,
            amount_cents=self.amount_cents,
            conditions=tuple(VotedCondition.model_validate(one) for one in self.conditions),
            text=self.text,
            members=self.members,
            present=self.present,
            recused=self.recused,
            yes=yes,
            no=no,
            abstain=abstain,
            invalid=invalid,
        )


class Elector(Base):
    """One line of the list as it was when the vote opened; never changed afterwards."""

    __tablename__ = "electors"

    poll_id: Mapped[UUID] = mapped_column(ForeignKey("polls.id"), primary_key=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("members.id"), primary_key=True)
    barred: Mapped[Barred | None]
    """None: may cast a ballot."""
    because: Mapped[str]
    """More words for `barred`: a `RecusedBecause`; empty else."""


class NamedBallot(Base):
    """Who voted how, where the board votes by name."""

    __tablename__ = "named_ballots"

    poll_id: Mapped[UUID] = mapped_column(ForeignKey("polls.id"), primary_key=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("members.id"), primary_key=True)
    choice: Mapped[Choice]
    cast_at: Mapped[datetime]


class SecretTurnout(Base):
    """Who has voted in secret: one row a vote, names in their own order, rewritten at each ballot."""

    __tablename__ = "secret_turnouts"

    poll_id: Mapped[UUID] = mapped_column(ForeignKey("polls.id"), primary_key=True)
    member_ids: Mapped[list[str]]


class SecretBox(Base):
    """What was voted in secret: one row a vote, slips in the order of their random receipts."""

    __tablename__ = "secret_boxes"

    poll_id: Mapped[UUID] = mapped_column(ForeignKey("polls.id"), primary_key=True)
    sealed: Mapped[bytes]
    """The slips until they are counted, closed anew at every ballot under a key that is not in here."""
    slips: Mapped[list[dict[str, Any]]]
    """`{"receipt": "…", "choice": "yes"}`, sorted by receipt, once they are counted."""


class RoomPass(Base):
    """Lets one member vote on any device in the room: a code they got at arrival, kept as a hash."""

    __tablename__ = "room_passes"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("sessions.id"), index=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("members.id"))
    code_hash: Mapped[str] = mapped_column(index=True)
    issued_at: Mapped[datetime]
    revoked: Mapped[bool]
