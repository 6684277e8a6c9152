"""What the board decided: the verdict in whole numbers, and the vote as it is kept and told."""

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Self
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from services.meetings.domain.agenda import AgendaItem
from services.meetings.domain.ballots import Ballots, Opening
from services.meetings.domain.board import Majority, QuorumAt, Rules, VoteBase
from services.meetings.store import Base
from shared.events.meetings import Manner, Motion, Verdict, VoteClosed, VotedCondition, Way


class Reason(StrEnum):
    """What a verdict rests on: a majority that was reached or missed, or what came before it."""

    SIMPLE_MAJORITY = "simple_majority"
    NO_MAJORITY = "no_majority"
    ABSOLUTE_MAJORITY = "absolute_majority"
    NO_ABSOLUTE_MAJORITY = "no_absolute_majority"
    TWO_THIRDS = "two_thirds"
    NO_TWO_THIRDS = "no_two_thirds"
    THREE_QUARTERS = "three_quarters"
    NO_THREE_QUARTERS = "no_three_quarters"
    TIE = "tie"
    NOBODY_DECIDED = "nobody_decided"
    QUORUM_MISSED = "quorum_missed"
    CIRCULAR_MAJORITY = "circular_majority"
    NO_CIRCULAR_MAJORITY = "no_circular_majority"
    URGENT = "urgent"
    """Nobody voted: somebody decided alone, as the rules allow up to a sum."""


REASONS: Final[dict[Majority, tuple[Reason, Reason]]] = {
    Majority.SIMPLE: (Reason.SIMPLE_MAJORITY, Reason.NO_MAJORITY),
    Majority.ABSOLUTE: (Reason.ABSOLUTE_MAJORITY, Reason.NO_ABSOLUTE_MAJORITY),
    Majority.TWO_THIRDS: (Reason.TWO_THIRDS, Reason.NO_TWO_THIRDS),
    Majority.THREE_QUARTERS: (Reason.THREE_QUARTERS, Reason.NO_THREE_QUARTERS),
}
"""Reached, and missed."""


class Answer(StrEnum):
    """What came of a vote, as the keeper of the money told it."""

    AWAITED = "awaited"
    RESERVED = "reserved"
    NOT_COVERED = "not_covered"
    REJECTED = "rejected"
    DEFERRED = "deferred"
    NONE = "none"
    """Nothing follows: the board did not put the matter off, or too few were there to do so."""


@dataclass(frozen=True, kw_only=True)
class SecondCall:
    """Whether an item is on the agenda once more, and whether everybody could know what that means."""

    missed_quorum: bool = False
    announced: bool = False


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The verdict, what it rests on, and every number it was reached with."""

    verdict: Verdict
    reason: Reason
    margin: int
    """Votes above what is needed, below zero short of it; without a quorum the members missing."""
    base_votes: int
    """What the majority is measured against."""
    needed: int
    """The fewest yes that carry."""
    there: int
    """Members who count towards the quorum."""
    quorum: int | None
    """How many must be there; None where any number may decide."""
    by_second_call: bool
    """Whether it was decided below the quorum, as announced."""
    at_opening: bool = False
    """Whether `there` and `quorum` are those of the opening."""


def decide(
    ballots: Ballots,
    *,
    rules: Rules,
    call: SecondCall = SecondCall(),
    opening: Opening | None = None,
) -> Decision:
    """First the quorum, then the majority, in whole numbers: below zero margin nothing is accepted.

    `opening` counts where the rules count once; a session nobody opened here has only its votes.
    """
    once = opening if rules.quorum_at is QuorumAt.OPENING else None
    quorum = rules.quorum_of(once.members if once else ballots.members)
    there = once.present if once else there_of(ballots, rules)
    missing = max(0, (quorum or 0) - there)
    called = missing > 0 and rules.second_call and call.missed_quorum and call.announced
    base, needed = base_of(ballots, rules), needed_of(ballots, rules)
    verdict, reason = _majority(ballots, rules, base=base, needed=needed)
    margin = ballots.yes - needed
    if missing and not called:
        verdict, reason, margin = Verdict.NO_QUORUM, Reason.QUORUM_MISSED, -missing
    return Decision(
        verdict=verdict,
        reason=reason,
        margin=margin,
        base_votes=base,
        needed=needed,
        there=there,
        quorum=quorum,
        by_second_call=called,
        at_opening=once is not None,
    )


def there_of(ballots: Ballots, rules: Rules) -> int:
    """Members who count towards the quorum: the recused among them if the board says so."""
    return ballots.present if rules.recused_count else ballots.counts.eligible


def base_of(ballots: Ballots, rules: Rules) -> int:
    """What the majority is measured against; a simple one only against the other side."""
    decided = ballots.yes + ballots.no
    if rules.majority is Majority.SIMPLE:
        return decided
    return {
        VoteBase.CAST: decided,
        VoteBase.CAST_WITH_ABSTENTIONS: decided + ballots.abstain,
        VoteBase.PRESENT: ballots.counts.eligible,
        VoteBase.MEMBERS: ballots.members,
    }[rules.base]


def needed_of(ballots: Ballots, rules: Rules) -> int:
    """The fewest yes that carry: 3·yes ≥ 2·base for two thirds, and never none at all."""
    base = base_of(ballots, rules)
    fewest = {
        Majority.SIMPLE: ballots.no + 1,
        Majority.ABSOLUTE: base // 2 + 1,
        Majority.TWO_THIRDS: (2 * base + 2) // 3,
        Majority.THREE_QUARTERS: (3 * base + 3) // 4,
    }[rules.majority]
    return max(1, fewest)


def _majority(ballots: Ballots, rules: Rules, *, base: int, needed: int) -> tuple[Verdict, Reason]:
    reached, missed = REASONS[rules.majority]
    if ballots.yes == ballots.no == 0:
        return Verdict.TIED, Reason.NOBODY_DECIDED
    if ballots.yes >= needed:
        return Verdict.ACCEPTED, reached
    halves = rules.majority in {Majority.SIMPLE, Majority.ABSOLUTE}
    if halves and ballots.yes == ballots.no and 2 * ballots.yes == base:
        return Verdict.TIED, Reason.TIE
    return Verdict.REJECTED, missed


SAME: Final = (
    *("item_id", "motion", "verdict", "margin", "rules", "amount_cents", "manner", "way", "text"),
    *("counts", "conditions"),
)
"""What is told as it is kept."""


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
    manner: Mapped[Manner]
    way: Mapped[Way]
    text: Mapped[str]
    """What was put to the vote, where it is about no application."""

    @classmethod
    def close(
        cls,
        item: AgendaItem,
        ballots: Ballots,
        *,
        vote_id: UUID,
        rules: Rules,
        at: datetime,
        manner: Manner = Manner.HANDS,
        way: Way = Way.MEETING,
        decision: Decision | None = None,
    ) -> tuple[Self, VoteClosed]:
        """The vote as it is kept, and what everybody is told; `decision` where other rules decided."""
        decision = decision or decide(ballots, rules=rules, call=call_of(item))
        granting = ballots.motion is Motion.GRANT
        item.votes += 1
        vote = cls(
            id=vote_id,
            item_id=item.id,
            motion=ballots.motion,
            verdict=decision.verdict,
            reason=decision.reason,
            margin=decision.margin,
            counts=ballots.counts.model_dump(),
            rules=told_rules(rules, decision),
            amount_cents=ballots.amount_cents if granting else None,
            conditions=[one.model_dump(mode="json") for one in ballots.conditions],
            recorded_at=at,
            answer=_first_answer(ballots.motion, decision.verdict),
            manner=manner,
            way=way,
            text=ballots.text,
        )
        return vote, vote._closed(item)

    def _closed(self, item: AgendaItem) -> VoteClosed:
        kept: dict[str, Any] = {name: getattr(self, name) for name in SAME}
        return VoteClosed(
            at=self.recorded_at,
            vote_id=self.id,
            session_id=item.session_id,
            application_id=item.application_id,
            reason=self.reason.value,
            title=item.title,
            subject_version=item.version + 1,
            **kept,
        )

    @property
    def decision(self) -> Decision:
        """The verdict as it was reached; votes from before other majorities knew less of it."""
        counts, kept = self.counts, self.rules
        return Decision(
            verdict=self.verdict,
            reason=self.reason,
            margin=self.margin,
            base_votes=kept.get("base_votes", counts["yes"] + counts["no"]),
            needed=kept.get("needed", counts["no"] + 1),
            there=kept.get("there", counts["present"]),
            quorum=kept.get("quorum"),
            by_second_call=kept.get("by_second_call", False),
            at_opening=kept.get("at_opening", False),
        )

    @property
    def voted_conditions(self) -> list[VotedCondition]:
        """The conditions as they were put to the vote."""
        return [VotedCondition.model_validate(one) for one in self.conditions]

    def answered(self, answer: Answer, *, left_cents: int | None = None) -> None:
        """The first answer holds, however often it is told."""
        if self.answer is Answer.AWAITED:
            self.answer, self.left_cents = answer, left_cents


def call_of(item: AgendaItem) -> SecondCall:
    """What the item knows of an earlier session without a quorum."""
    return SecondCall(missed_quorum=item.missed_quorum, announced=item.second_call)


TOLD: Final = ("base_votes", "needed", "there", "quorum", "by_second_call", "at_opening")


_RULE_OF: Final[dict[Reason, set[str]]] = {
    Reason.CIRCULAR_MAJORITY: {"circular_days"},
    Reason.NO_CIRCULAR_MAJORITY: {"circular_days"},
    Reason.URGENT: {"urgent_limit_cents"},
}
"""What else of the rules a decision outside a session rests on."""


def told_rules(rules: Rules, decision: Decision) -> dict[str, str | int | bool | None]:
    """The rules of a vote with the numbers they came to, so that anybody can reckon it again."""
    words = {"majority", "base", "quorum_kind", "quorum_at", "recused_count", "second_call"}
    words |= _RULE_OF.get(decision.reason, set())
    found = asdict(decision)
    return rules.model_dump(mode="json", include=words) | {name: found[name] for name in TOLD}


def _first_answer(motion: Motion, verdict: Verdict) -> Answer:
    stays = motion is Motion.DEFER and verdict is not Verdict.ACCEPTED
    return Answer.NONE if stays or motion is Motion.RESOLVE else Answer.AWAITED
