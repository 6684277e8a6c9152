"""The books of a fund's year: double entry in cents, appended to and never changed."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from services.applications.store import Base
from shared.events.applications import Budget


class Account(StrEnum):
    """Where a year's money stands; a booking's entries add up to zero."""

    BUDGET = "budget"
    """What the year was given: always minus the sum of the others."""
    AVAILABLE = "available"
    RESERVED = "reserved"


class Booking(StrEnum):
    """Why money moves between accounts."""

    ALLOTMENT = "allotment"
    RESERVATION = "reservation"
    REVERSAL = "reversal"


class NotCovered(Exception):
    """Less is left than is to be reserved."""

    def __init__(self, asked: int, left: int) -> None:
        super().__init__(f"{asked} cents asked, {left} left")
        self.asked, self.left = asked, left


class BudgetTooSmall(Exception):
    """A year cannot be given less than what is promised already."""

    def __init__(self, promised: int) -> None:
        super().__init__(f"{promised} cents are promised")
        self.promised = promised


class ReleasedTooMuch(Exception):
    """The council cannot release more than the budget."""


class BudgetYear(Base):
    """A fund's money of one year; locked by whoever moves it. `available` never falls below zero."""

    __tablename__ = "budget_years"
    __table_args__ = (
        CheckConstraint("available_cents >= 0", name="never_over"),
        CheckConstraint("reserved_cents >= 0", name="reserved"),
        CheckConstraint("released_cents >= 0 AND released_cents <= budget_cents", name="released"),
        CheckConstraint("available_cents + reserved_cents = budget_cents", name="adds_up"),
    )

    fund: Mapped[str] = mapped_column(String(40), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    budget_cents: Mapped[int]
    released_cents: Mapped[int]
    available_cents: Mapped[int]
    reserved_cents: Mapped[int]
    low_told: Mapped[bool]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @classmethod
    def empty(cls, fund: str, year: int) -> "BudgetYear":
        """A year nothing was given to yet."""
        return cls(
            fund=fund,
            year=year,
            budget_cents=0,
            released_cents=0,
            available_cents=0,
            reserved_cents=0,
            low_told=False,
        )

    @property
    def budget_id(self) -> str:
        return f"{self.fund}-{self.year}"

    @property
    def gap_cents(self) -> int:
        """What the council still has to release for everything promised; 0 if nothing."""
        return max(0, self.reserved_cents - self.released_cents)

    def as_told(self) -> Budget:
        """The year as events carry it."""
        return Budget(
            fund=self.fund,
            year=self.year,
            budget_cents=self.budget_cents,
            released_cents=self.released_cents,
            left_cents=self.available_cents,
        )

    def allot(self, budget_cents: int) -> Mapping[Account, int]:
        """Give the year this much altogether; raises BudgetTooSmall below what is promised."""
        if budget_cents < self.reserved_cents:
            raise BudgetTooSmall(self.reserved_cents)
        more = budget_cents - self.budget_cents
        self.budget_cents = budget_cents
        self.available_cents += more
        self.released_cents = min(self.released_cents, budget_cents)
        return {Account.BUDGET: -more, Account.AVAILABLE: more}

    def release(self, released_cents: int) -> None:
        """The council frees this much of the budget altogether."""
        if released_cents > self.budget_cents:
            raise ReleasedTooMuch
        self.released_cents = released_cents

    def reserve(self, cents: int) -> Mapping[Account, int]:
        """Set money aside; raises NotCovered, and changes nothing, if less is left."""
        if cents > self.available_cents:
            raise NotCovered(cents, self.available_cents)
        self.available_cents -= cents
        self.reserved_cents += cents
        return {Account.AVAILABLE: -cents, Account.RESERVED: cents}

    def free(self, cents: int) -> Mapping[Account, int]:
        """Give back what was set aside."""
        self.available_cents += cents
        self.reserved_cents -= cents
        return {Account.RESERVED: -cents, Account.AVAILABLE: cents}


class LedgerBooking(Base):
    """One booking; `key` lets the same thing be booked only once."""

    __tablename__ = "ledger_bookings"
    __table_args__ = (
        ForeignKeyConstraint(["fund", "year"], ["budget_years.fund", "budget_years.year"]),
        Index("ix_ledger_bookings_year", "fund", "year", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    fund: Mapped[str] = mapped_column(String(40))
    year: Mapped[int]
    kind: Mapped[Booking]
    key: Mapped[str] = mapped_column(String(100), unique=True)
    application_id: Mapped[UUID | None] = mapped_column(index=True)
    reverses: Mapped[UUID | None] = mapped_column(ForeignKey("ledger_bookings.id"), unique=True)
    actor: Mapped[str]
    at: Mapped[datetime]


class LedgerEntry(Base):
    """One side of a booking: cents onto the account, or, below zero, off it."""

    __tablename__ = "ledger_entries"

    booking_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_bookings.id"), primary_key=True)
    account: Mapped[Account] = mapped_column(primary_key=True)
    cents: Mapped[int]
