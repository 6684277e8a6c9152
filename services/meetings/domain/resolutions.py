"""Resolutions: what was decided, once and for ever, each chained to the one before it."""

from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final, Self
from uuid import UUID

import rfc8785
from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from services.meetings.domain.agenda import AgendaItem
from services.meetings.domain.votes import Reason, Vote
from services.meetings.store import Base
from shared.days import local_day
from shared.events.meetings import Motion, ResolutionRecorded, Verdict, Way

BEGINNING: Final = "0" * 64
"""What the first resolution names as the one before it."""

DECISIONS: Final = frozenset({Verdict.ACCEPTED, Verdict.REJECTED, Verdict.TIED})
"""Verdicts by which something is decided; the others decide nothing."""


class Resolution(Base):
    """One decision as it was told; the database refuses to change or delete it."""

    __tablename__ = "resolutions"
    __table_args__ = (
        UniqueConstraint("board_id", "year", "running"),
        UniqueConstraint("board_id", "position"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    board_id: Mapped[UUID] = mapped_column(ForeignKey("boards.id"))
    position: Mapped[int]
    """In the chain of this board, from one and without gaps."""
    year: Mapped[int] = mapped_column(index=True)
    running: Mapped[int]
    """In its year, from one and without gaps."""
    vote_id: Mapped[UUID] = mapped_column(ForeignKey("votes.id"), unique=True)
    item_id: Mapped[UUID] = mapped_column(ForeignKey("agenda_items.id"), index=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("sessions.id"), index=True)
    application_id: Mapped[UUID | None] = mapped_column(index=True)
    way: Mapped[Way]
    motion: Mapped[Motion]
    title: Mapped[str]
    text: Mapped[str]
    verdict: Mapped[Verdict]
    reason: Mapped[Reason]
    margin: Mapped[int]
    counts: Mapped[dict[str, Any]]
    rules: Mapped[dict[str, Any]]
    amount_cents: Mapped[int | None]
    conditions: Mapped[list[dict[str, Any]]]
    decided_at: Mapped[datetime] = mapped_column(index=True)
    previous_hash: Mapped[str]
    hash: Mapped[str]

    @classmethod
    def of(
        cls,
        vote: Vote,
        item: AgendaItem,
        *,
        board_id: UUID,
        title: str,
        last: Self | None,
        running: int,
        at: datetime,
    ) -> tuple[Self, ResolutionRecorded]:
        """The vote as a resolution behind the `last` one, and what everybody is told."""
        made = cls(
            id=uuid7(),
            board_id=board_id,
            position=last.position + 1 if last else 1,
            year=local_day(at).year,
            running=running,
            vote_id=vote.id,
            item_id=item.id,
            session_id=item.session_id,
            application_id=item.application_id,
            title=title,
            decided_at=at,
            previous_hash=last.hash if last else BEGINNING,
            **{name: getattr(vote, name) for name in _AS_VOTED},
        )
        made.hash = hash_of(made.facts())
        return made, made.recorded()

    @property
    def number(self) -> str:
        """What people quote it by: the year and a running number."""
        return f"{self.year}-{self.running:03d}"

    def facts(self) -> dict[str, Any]:
        """What is published and hashed: numbers, codes and the office's words, no person."""
        return {
            "position": self.position,
            "number": self.number,
            "decided_at": self.decided_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "way": self.way.value,
            "motion": self.motion.value,
            "title": self.title,
            "text": self.text,
            "verdict": self.verdict.value,
            "reason": self.reason.value,
            "margin": self.margin,
            "counts": self.counts,
            "rules": self.rules,
            "amount_cents": self.amount_cents,
            "conditions": self.conditions,
            "previous_hash": self.previous_hash,
        }

    def recorded(self) -> ResolutionRecorded:
        """What everybody is told, once."""
        return ResolutionRecorded.model_validate(
            {
                "at": self.decided_at,
                "resolution_id": self.id,
                "number": self.number,
                "decided_at": self.decided_at,
                "session_id": self.session_id,
                "item_id": self.item_id,
                "vote_id": self.vote_id,
                "application_id": self.application_id,
                "title": self.title,
                **{name: getattr(self, name) for name in _AS_VOTED},
                "reason": self.reason.value,
            }
        )


_AS_VOTED: Final = (
    "way",
    "motion",
    "text",
    "verdict",
    "reason",
    "margin",
    "counts",
    "rules",
    "amount_cents",
    "conditions",
)


def hash_of(facts: dict[str, Any]) -> str:
    """SHA-256 over the one way RFC 8785 writes these facts."""
    return sha256(rfc8785.dumps(facts)).hexdigest()


def is_whole(chain: Iterable[Resolution]) -> bool:
    """Whether each names the one before it and none was altered."""
    before = BEGINNING
    for position, one in enumerate(chain, start=1):
        linked = one.previous_hash == before and one.position == position
        if not linked or hash_of(one.facts()) != one.hash:
            return False
        before = one.hash
    return True
