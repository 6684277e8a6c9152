"""A decision between two sessions: each member is asked once, in writing, until a day."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Self
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.meetings.domain.agenda import AgendaItem
from services.meetings.domain.ballots import Ballots
from services.meetings.domain.board import Majority, QuorumKind, Rules, VoteBase
from services.meetings.domain.electorate import Turnout
from services.meetings.domain.polls import Barred, Choice
from services.meetings.domain.votes import Decision, Reason
from services.meetings.store import Base
from shared.days import end_of_day, local_day
from shared.events.meetings import CircularClosed, Motion, Verdict


class CircularStatus(StrEnum):
    OPEN = "open"
    DECIDED = "decided"
    """A `Vote` holds the result."""
    UNDECIDED = "undecided"
    """Too few answered in time, or nobody can reach the half any more: the next session decides."""
    ENDED = "ended"
    """Its item left the agenda, or somebody called it off: no answer counts."""


MOVES: Final[dict[CircularStatus, Set[CircularStatus]]] = {
    CircularStatus.OPEN: {
        CircularStatus.DECIDED,
        CircularStatus.UNDECIDED,
        CircularStatus.ENDED,
    }
}
"""Where each status may lead; one that is missing here is final."""


class IllegalMove(Exception):
    """The circular vote is over already."""

    def __init__(self, status: CircularStatus, to: CircularStatus) -> None:
        super().__init__(f"circular vote: {status} → {to}")
        self.status, self.to = status, to


class NotInWriting(Exception):
    """The board's rules know no decisions in writing."""


class NothingToAsk(Exception):
    """Only applications, and items with a sentence of their own, can be decided in writing."""


class TooFewToDecide(Exception):
    """Even if everybody who may answered yes, that would not be more than half of the board."""


class AlreadyAnswered(Exception):
    """Each member answers once; what was said stands."""


class MayNotAnswer(Exception):
    """The member is not on the list of this vote, or may not vote about it."""

    def __init__(self, barred: Barred | None, because: str = "") -> None:
        super().__init__(f"may not answer: {barred or 'not on the list'}")
        self.barred, self.because = barred, because


class TermOver(Exception):
    """The last day to answer is past."""


class NoSum(Exception):
    """A grant needs a sum."""


class AboveAsked(Exception):
    """More than the application asks for."""


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What came in so far, and who may still answer."""

    yes: int = 0
    no: int = 0
    abstain: int = 0
    waiting: int = 0

    @property
    def given(self) -> int:
        """How many have answered."""
        return self.yes + self.no + self.abstain


class Circular(Base):
    """One question to all members in writing; a closed one is never opened again."""

    __tablename__ = "circulars"
    __table_args__ = (
        Index(
            "uq_circulars_open",
            "item_id",
            unique=True,
            sqlite_where=text("status = 'open'"),
            postgresql_where=text("status = 'open'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    item_id: Mapped[UUID] = mapped_column(ForeignKey("agenda_items.id"), index=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("sessions.id"), index=True)
    status: Mapped[CircularStatus] = mapped_column(index=True)
    motion: Mapped[Motion]
    amount_cents: Mapped[int | None]
    title: Mapped[str]
    text: Mapped[str]
    """Why it cannot wait, or the sentence that is decided: the office's words, public."""
    members: Mapped[int]
    """Votes on the board when it began: more than half of them must say yes."""
    recused: Mapped[int]
    """Votes of those who may not vote about this; they count among the members all the same."""
    rules: Mapped[dict[str, Any]]
    started_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    """The last second at which an answer counts."""
    closed_at: Mapped[datetime | None]
    vote_id: Mapped[UUID | None] = mapped_column(ForeignKey("votes.id"))
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @classmethod
    def start(
        cls,
        item: AgendaItem,
        *,
        circular_id: UUID,
        title: str,
        text: str,
        amount_cents: int | None,
        voters: Turnout,
        rules: Rules,
        at: datetime,
    ) -> Self:
        """Ask from now until the end of the term's last day; the item waits for the answer."""
        if rules.circular_days is None:
            raise NotInWriting
        item.in_writing = True
        return cls(
            id=circular_id,
            item_id=item.id,
            session_id=item.session_id,
            status=CircularStatus.OPEN,
            motion=Motion.RESOLVE if item.application_id is None else Motion.GRANT,
            amount_cents=amount_cents,
            title=title,
            text=text,
            members=voters.members,
            recused=voters.recused,
            rules=rules.model_dump(mode="json"),
            started_at=at,
            closes_at=closes_at(rules.circular_days, at=at),
        )

    @property
    def needed(self) -> int:
        """The fewest yes that carry: more than half of all members."""
        return self.members // 2 + 1

    def reminders(self) -> list[datetime]:
        """After half of the term, and one day before its end if that is later."""
        half = self.started_at + (self.closes_at - self.started_at) / 2
        eve = self.closes_at - timedelta(days=1)
        return [half, eve] if eve > half else [half]

    def check_open(self, *, at: datetime) -> None:
        """Raise what stands against an answer now."""
        if self.status is not CircularStatus.OPEN:
            raise IllegalMove(self.status, CircularStatus.DECIDED)
        if at > self.closes_at:
            raise TermOver

    def decision(self, answers: Answers) -> Decision | None:
        """The verdict once it is certain; None while it is open, or where nobody can decide it."""
        margin = answers.yes - self.needed
        if margin >= 0:
            return self._decided(Verdict.ACCEPTED, Reason.CIRCULAR_MAJORITY, answers)
        if 2 * answers.no >= self.members:
            return self._decided(Verdict.REJECTED, Reason.NO_CIRCULAR_MAJORITY, answers)
        return None

    def is_hopeless(self, answers: Answers) -> bool:
        """Whether even a yes of everybody who is still asked would be too few."""
        return answers.yes + answers.waiting < self.needed

    def ballots(self, answers: Answers) -> Ballots:
        """The sheet of the vote: who was asked counts as there."""
        return Ballots(
            motion=self.motion,
            amount_cents=self.amount_cents,
            text=self.text,
            members=self.members,
            present=answers.given + answers.waiting + self.recused,
            recused=self.recused,
            yes=answers.yes,
            no=answers.no,
            abstain=answers.abstain,
        )

    @property
    def vote_rules(self) -> Rules:
        """What this vote was decided by: more than half of all members, whoever answers."""
        held = Rules.model_validate(self.rules)
        return held.model_copy(
            update={
                "majority": Majority.ABSOLUTE,
                "base": VoteBase.MEMBERS,
                "quorum_kind": QuorumKind.NONE,
                "quorum": None,
            }
        )

    def decide(self, vote_id: UUID, *, at: datetime) -> CircularClosed:
        """The vote is recorded."""
        self._close(CircularStatus.DECIDED, at)
        self.vote_id = vote_id
        return self._told(at, decided=True)

    def leave_open(self, *, at: datetime) -> CircularClosed:
        """Nothing is decided: the session does it."""
        self._close(CircularStatus.UNDECIDED, at)
        return self._told(at, decided=False)

    def end(self, *, at: datetime) -> CircularClosed:
        """Nobody is asked any more, and no answer counts."""
        self._close(CircularStatus.ENDED, at)
        return self._told(at, decided=False)

    def _decided(self, verdict: Verdict, reason: Reason, answers: Answers) -> Decision:
        return Decision(
            verdict=verdict,
            reason=reason,
            margin=answers.yes - self.needed,
            base_votes=self.members,
            needed=self.needed,
            there=answers.given,
            quorum=None,
            by_second_call=False,
        )

    def _close(self, to: CircularStatus, at: datetime) -> None:
        if to not in MOVES.get(self.status, ()):
            raise IllegalMove(self.status, to)
        self.status, self.closed_at = to, at

    def _told(self, at: datetime, *, decided: bool) -> CircularClosed:
        version = (self.version or 0) + 1
        return CircularClosed(at=at, circular_id=self.id, decided=decided, subject_version=version)


class CircularElector(Base):
    """One member as they stood when it began, and what they answered."""

    __tablename__ = "circular_electors"

    circular_id: Mapped[UUID] = mapped_column(ForeignKey("circulars.id"), primary_key=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("members.id"), primary_key=True)
    barred: Mapped[Barred | None]
    """None: is asked."""
    because: Mapped[str]
    """More words for `barred`: a `RecusedBecause`; empty else."""
    choice: Mapped[Choice | None]
    answered_at: Mapped[datetime | None]
    on_paper: Mapped[bool]
    """The office entered what the member sent."""

    def answer(self, choice: Choice, *, on_paper: bool, at: datetime) -> None:
        """Once, and for good."""
        if self.barred is not None:
            raise MayNotAnswer(self.barred, self.because)
        if self.choice is not None:
            raise AlreadyAnswered
        self.choice, self.answered_at, self.on_paper = choice, at, on_paper


def closes_at(days: int, *, at: datetime) -> datetime:
    """The last second of the term: so many days from now, end of that day."""
    return end_of_day(local_day(at) + timedelta(days=days))
