"""A board and the rules it sets itself, each with the day from which it holds."""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Final, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, model_validator
from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from services.meetings.store import Base
from shared.days import days_before, end_of_day, fixed_day_before, local_day


def _in_every_year(one: str) -> str:
    """A month and day that no year leaves out: 29 February is refused."""
    date.fromisoformat(f"{ORDINARY_YEAR}-{one}")
    return one


ORDINARY_YEAR: Final = 2023
MonthDay = Annotated[str, StringConstraints(pattern=r"^\d\d-\d\d$"), AfterValidator(_in_every_year)]
"""`02-15`: a day of every year."""


class OnPostponement(StrEnum):
    """What a board does with the submission deadline when a session moves."""

    STAYS = "stays"
    AGAIN = "again"


class Majority(StrEnum):
    """What a yes needs; zero yes carry nothing, and a tie rejects."""

    SIMPLE = "simple"
    ABSOLUTE = "absolute"
    TWO_THIRDS = "two_thirds"
    THREE_QUARTERS = "three_quarters"


class VoteBase(StrEnum):
    """What every majority but the simple one is measured against."""

    CAST = "cast"
    CAST_WITH_ABSTENTIONS = "cast_with_abstentions"
    PRESENT = "present"
    """Members who are there and may vote on this; invalid votes and silence work like a no."""
    MEMBERS = "members"


class QuorumKind(StrEnum):
    """How many members must be there for a decision."""

    NONE = "none"
    FIXED = "fixed"
    HALF = "half"
    MORE_THAN_HALF = "more_than_half"
    TWO_THIRDS = "two_thirds"


class QuorumAt(StrEnum):
    """When the members are counted for the quorum."""

    EACH_VOTE = "each_vote"
    OPENING = "opening"


class OneVotePer(StrEnum):
    """Which units have one vote, however many of their members come."""

    NOBODY = "nobody"
    INSTITUTION = "institution"
    HOUSEHOLD = "household"
    BOTH = "both"


class Rules(BaseModel, frozen=True):
    """The rules of one day; a session keeps the copy it was planned under."""

    holds_from: date
    submission_days_before: int = Field(ge=0, le=365)
    on_postponement: OnPostponement
    fixed_dates: tuple[MonthDay, ...] = ()
    """Where there are any, the last one before the session's day counts instead of the days."""
    quorum_kind: QuorumKind = QuorumKind.NONE
    quorum: int | None = Field(default=None, ge=1)
    """The number of a fixed quorum; None with every other kind."""
    recused_count: bool = True
    """Whether a member who may not vote on this still counts as there."""
    second_call: bool = False
    """Whether whoever comes decides about what was once left for lack of a quorum."""
    majority: Majority = Majority.SIMPLE
    base: VoteBase = VoteBase.CAST
    quorum_at: QuorumAt = QuorumAt.EACH_VOTE
    earned_after: int = Field(default=1, ge=0, le=20)
    """Attendances, the current one included, that earn the vote of who declared to belong."""
    lost_after: int | None = Field(default=None, ge=1, le=20)
    """Unexcused absences in a row that lose it; None: it is never lost."""
    regained_after: int | None = Field(default=None, ge=1, le=20)
    """Attendances that bring it back; None: only the office can."""
    one_vote_per: OneVotePer = OneVotePer.NOBODY
    secret_minimum: int = Field(default=5, ge=2, le=100)
    """The fewest ballots of a secret vote: fewer would tell who voted how."""
    circular_days: int | None = Field(default=7, ge=1, le=60)
    """How long members have to answer in writing; None: the board decides in sessions only."""
    urgent_limit_cents: int | None = Field(default=None, ge=1)
    """Up to this sum the chair or the office may decide alone; None: never."""
    objection_days: int = Field(default=14, ge=0, le=90)
    """How long those who were there may object to the draft of the minutes."""

    @model_validator(mode="before")
    @classmethod
    def _as_copied_before(cls, data: Any) -> Any:
        """A session's older copy knows no kinds: a number in it was a fixed one."""
        if not isinstance(data, dict) or "quorum_kind" in data:
            return data
        kind = QuorumKind.NONE if data.get("quorum") is None else QuorumKind.FIXED
        return data | {"quorum_kind": kind}

    @model_validator(mode="after")
    def _number_only_if_fixed(self) -> Self:
        if (self.quorum is not None) is not (self.quorum_kind is QuorumKind.FIXED):
            raise ValueError("a fixed quorum, and no other, has a number")
        return self

    def quorum_of(self, members: int) -> int | None:
        """How many of so many members must be there; None where any number may decide."""
        return {
            QuorumKind.NONE: None,
            QuorumKind.FIXED: self.quorum,
            QuorumKind.HALF: (members + 1) // 2,
            QuorumKind.MORE_THAN_HALF: members // 2 + 1,
            QuorumKind.TWO_THIRDS: (2 * members + 2) // 3,
        }[self.quorum_kind]

    def submission_deadline(self, starts_at: datetime) -> datetime:
        """The last second at which an application still makes this session (UTC)."""
        if self.fixed_dates:
            fixed = [(int(one[:2]), int(one[3:])) for one in self.fixed_dates]
            return end_of_day(fixed_day_before(local_day(starts_at), fixed))
        return days_before(starts_at, self.submission_days_before)


class NoRulesYet(Exception):
    """The board had no rules on that day, so no deadline can be computed."""

    def __init__(self, day: date) -> None:
        super().__init__(f"no rules hold on {day}")
        self.day = day


class Board(Base):
    """Who meets: a name, and rules that are data (see `BoardRules`)."""

    __tablename__ = "boards"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    name: Mapped[str]
    place: Mapped[str] = mapped_column(default="")
    city_name: Mapped[str] = mapped_column(default="")
    """The department that gets the whole minutes; empty if none does."""
    city_email: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class BoardRules(Base):
    """One dated entry of a board's rules; the latest that has begun holds."""

    __tablename__ = "board_rules"
    __table_args__ = (UniqueConstraint("board_id", "holds_from"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    board_id: Mapped[UUID] = mapped_column(ForeignKey("boards.id"))
    holds_from: Mapped[date]
    submission_days_before: Mapped[int]
    on_postponement: Mapped[OnPostponement]
    fixed_dates: Mapped[list[str]]
    quorum_kind: Mapped[QuorumKind]
    quorum: Mapped[int | None]
    recused_count: Mapped[bool]
    second_call: Mapped[bool]
    majority: Mapped[Majority]
    base: Mapped[VoteBase]
    quorum_at: Mapped[QuorumAt]
    earned_after: Mapped[int]
    lost_after: Mapped[int | None]
    regained_after: Mapped[int | None]
    one_vote_per: Mapped[OneVotePer]
    secret_minimum: Mapped[int]
    circular_days: Mapped[int | None]
    urgent_limit_cents: Mapped[int | None]
    objection_days: Mapped[int]

    def as_rules(self) -> Rules:
        """The values without the row, fit to be copied into a result."""
        return Rules.model_validate({name: getattr(self, name) for name in Rules.model_fields})


def rules_on(instant: datetime, rules: Iterable[Rules]) -> Rules:
    """The rules in force on the day of this instant; raises `NoRulesYet` before the first."""
    day = local_day(instant)
    begun = [entry for entry in rules if entry.holds_from <= day]
    if not begun:
        raise NoRulesYet(day)
    return max(begun, key=lambda entry: entry.holds_from)
