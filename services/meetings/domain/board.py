"""A board and the rules it sets itself, each with the day from which it holds."""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Final
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints
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


class Rules(BaseModel, frozen=True):
    """The rules of one day; a session keeps the copy it was planned under."""

    holds_from: date
    submission_days_before: int = Field(ge=0, le=365)
    on_postponement: OnPostponement
    fixed_dates: tuple[MonthDay, ...] = ()
    """Where there are any, the last one before the session's day counts instead of the days."""
    quorum: int | None = Field(default=None, ge=1)
    """How many members must be present; None where any number may decide."""

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
    quorum: Mapped[int | None]

    def as_rules(self) -> Rules:
        """The values without the row, fit to be copied into a result."""
        return Rules(
            holds_from=self.holds_from,
            submission_days_before=self.submission_days_before,
            on_postponement=self.on_postponement,
            fixed_dates=tuple(self.fixed_dates),
            quorum=self.quorum,
        )


def rules_on(instant: datetime, rules: Iterable[Rules]) -> Rules:
    """The rules in force on the day of this instant; raises `NoRulesYet` before the first."""
    day = local_day(instant)
    begun = [entry for entry in rules if entry.holds_from <= day]
    if not begun:
        raise NoRulesYet(day)
    return max(begun, key=lambda entry: entry.holds_from)
