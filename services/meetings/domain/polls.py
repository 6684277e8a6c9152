"""A vote while it is open: who may cast a ballot is frozen, nobody sees how it goes."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from services.meetings.store import Base
from shared.events.meetings import Manner, Motion


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
    slips: Mapped[list[dict[str, Any]]]
    """`{"receipt": "…", "choice": "yes"}`, sorted by receipt."""


class RoomPass(Base):
    """Lets one member vote on any device in the room: a code they got at arrival, kept as a hash."""

    __tablename__ = "room_passes"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("sessions.id"), index=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("members.id"))
    code_hash: Mapped[str] = mapped_column(index=True)
    issued_at: Mapped[datetime]
    revoked: Mapped[bool]
