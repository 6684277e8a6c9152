"""What the board decided: the counts, whether they add up, and the verdict in whole numbers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from services.meetings.domain.agenda import AgendaItem
from services.meetings.domain.board import Rules
from services.meetings.store import Base
from shared.events.meetings import Counts, Motion, Verdict, VoteClosed, VotedCondition


class Reason(StrEnum):
    """What a verdict rests on."""

    SIMPLE_MAJORITY = "simple_majority"
    NO_MAJORITY = "no_majority"
    TIE = "tie"
    NOBODY_DECIDED = "nobody_decided"
    QUORUM_MISSED = "quorum_missed"


class Answer(StrEnum):
    """What came of a vote, as the keeper of the money told it."""

    AWAITED = "awaited"
    RESERVED = "reserved"
    NOT_COVERED = "not_covered"
    REJECTED = "rejected"
    DEFERRED = "deferred"
    NONE = "none"
    """Nothing follows: the board only refused to put the matter off."""


class Wrong(StrEnum):
    """Why counts cannot be recorded."""

    MORE_PRESENT_THAN_MEMBERS = "more_present_than_members"
    MORE_RECUSED_THAN_PRESENT = "more_recused_than_present"
    MORE_VOTES_THAN_VOTERS = "more_votes_than_voters"
    NO_AMOUNT = "no_amount"
    ABOVE_ASKED = "above_asked"
    CONDITIONS_WITHOUT_GRANT = "conditions_without_grant"
    DUE_BEFORE_SESSION = "due_before_session"


class DoesNotAddUp(Exception):
    """The sheet cannot be right; `found` says what is wrong with which field."""

    def __init__(self, found: dict[str, Wrong]) -> None:
        super().__init__(", ".join(sorted(found.values())))
        self.found = found


@dataclass(frozen=True, kw_only=True)
class Ballots:
    """What the board voted on, and what was counted; `present` are members, the recused among them."""

    motion: Motion
    amount_cents: int | None = None
    conditions: tuple[VotedCondition, ...] = ()
    members: int
    present: int
    recused: int = 0
    yes: int
    no: int
    abstain: int = 0
    invalid: int = 0

    @property
    def counts(self) -> Counts:
        """Everything that is stored with a vote; `eligible` are those who could vote on this."""
        valid = self.yes + self.no + self.abstain
        return Counts(
            members=self.members,
            eligible=self.present - self.recused,
            present=self.present,
            recused=self.recused,
            cast=valid + self.invalid,
            valid=valid,
            invalid=self.invalid,
            yes=self.yes,
            no=self.no,
            abstain=self.abstain,
        )

    def check(self, *, asked_cents: int, meets_on: date) -> None:
        """Refuse counts, sums and conditions that cannot be."""
        found = dict(self._wrong_counts())
        if self.motion is Motion.GRANT:
            found |= dict(self._wrong_grant(asked_cents, meets_on))
        elif self.conditions:
            found["conditions"] = Wrong.CONDITIONS_WITHOUT_GRANT
        if found:
            raise DoesNotAddUp(found)

    def _wrong_counts(self) -> Iterator[tuple[str, Wrong]]:
        if self.present > self.members:
            yield "present", Wrong.MORE_PRESENT_THAN_MEMBERS
        if self.recused > self.present:
            yield "recused", Wrong.MORE_RECUSED_THAN_PRESENT
        elif self.counts.cast > self.present - self.recused:
            yield "counts", Wrong.MORE_VOTES_THAN_VOTERS

    def _wrong_grant(self, asked_cents: int, meets_on: date) -> Iterator[tuple[str, Wrong]]:
        if not self.amount_cents:
            yield "amount_cents", Wrong.NO_AMOUNT
        elif self.amount_cents > asked_cents:
            yield "amount_cents", Wrong.ABOVE_ASKED
        for place, condition in enumerate(self.conditions):
            if condition.due_on < meets_on:
                yield f"conditions-{place}-due_on", Wrong.DUE_BEFORE_SESSION


@dataclass(frozen=True)
class Decision:
    """The verdict, what it rests on, and by how many votes."""

    verdict: Verdict
    reason: Reason
    margin: int


def decide(ballots: Ballots, *, quorum: int | None) -> Decision:
    """Simple majority: more yes than no; abstentions and invalid votes count for neither."""
    margin = ballots.yes - ballots.no
    if quorum is not None and ballots.present < quorum:
        return Decision(Verdict.NO_QUORUM, Reason.QUORUM_MISSED, margin)
    if margin > 0:
        return Decision(Verdict.ACCEPTED, Reason.SIMPLE_MAJORITY, margin)
    if margin < 0:
        return Decision(Verdict.REJECTED, Reason.NO_MAJORITY, margin)
    nobody = Reason.NOBODY_DECIDED if ballots.yes == 0 else Reason.TIE
    return Decision(Verdict.TIED, nobody, margin)


class Vote(Base):
    """One vote as it was counted, with the rules of that session and what came of it."""

    __tablename__ = "votes"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    item_id: Mapped[UUID] = mapped_column(ForeignKey("agenda_items.id"), index=True)
    motion: Mapped[Motion]
    verdict: Mapped[Verdict]
    reason: Mapped[Reason]
    margin: Mapped[int]
    counts: Mapped[dict[str, Any]]
    rules: Mapped[dict[str, Any]]
    amount_cents: Mapped[int | None]
    conditions: Mapped[list[dict[str, Any]]]
    recorded_at: Mapped[datetime]
    answer: Mapped[Answer]
    left_cents: Mapped[int | None]

    @classmethod
    def close(
        cls, item: AgendaItem, ballots: Ballots, *, vote_id: UUID, rules: Rules, at: datetime
    ) -> tuple[Self, VoteClosed]:
        """The vote as it is kept, and what everybody is told."""
        decision = decide(ballots, quorum=rules.quorum)
        granting = ballots.motion is Motion.GRANT
        kept: dict[str, Any] = {
            "item_id": item.id,
            "motion": ballots.motion,
            "verdict": decision.verdict,
            "margin": decision.margin,
            "rules": {"majority": "simple", "quorum": rules.quorum},
            "amount_cents": ballots.amount_cents if granting else None,
        }
        item.votes += 1
        vote = cls(
            id=vote_id,
            reason=decision.reason,
            counts=ballots.counts.model_dump(),
            conditions=[one.model_dump(mode="json") for one in ballots.conditions],
            recorded_at=at,
            answer=_first_answer(ballots.motion, decision.verdict),
            **kept,
        )
        return vote, VoteClosed(
            at=at,
            vote_id=vote_id,
            session_id=item.session_id,
            application_id=item.application_id,
            reason=decision.reason.value,
            counts=ballots.counts,
            conditions=list(ballots.conditions),
            subject_version=item.version + 1,
            **kept,
        )

    @property
    def voted_conditions(self) -> list[VotedCondition]:
        """The conditions as they were put to the vote."""
        return [VotedCondition.model_validate(one) for one in self.conditions]

    def answered(self, answer: Answer, *, left_cents: int | None = None) -> None:
        """The first answer holds, however often it is told."""
        if self.answer is Answer.AWAITED:
            self.answer, self.left_cents = answer, left_cents


def _first_answer(motion: Motion, verdict: Verdict) -> Answer:
    stays = motion is Motion.DEFER and verdict in {Verdict.REJECTED, Verdict.TIED}
    return Answer.NONE if stays else Answer.AWAITED
