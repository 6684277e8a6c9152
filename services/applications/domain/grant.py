"""What an application was granted: the sum, its conditions, and what it still waits for."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from services.applications.domain.fund import Rules
from services.applications.store import Base
from shared.days import end_of_day
from shared.events.applications import Condition, GrantKind, Signed, Tier, WaitsFor


class NotYetEffective(Exception):
    """The grant cannot be accepted before it is effective and its conditions are met."""


class ConditionClosed(Exception):
    """The condition is met already, or its grant is over."""


class Grant(Base):
    """Money reserved for an application; ended ones stay for the books."""

    __tablename__ = "grants"
    __table_args__ = (Index("ix_grants_year", "fund", "year"),)

    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), primary_key=True)
    fund: Mapped[str] = mapped_column(String(40))
    year: Mapped[int]
    amount_cents: Mapped[int]
    asked_cents: Mapped[int]
    kind: Mapped[GrantKind]
    decided_by: Mapped[Tier]
    decided_at: Mapped[datetime]
    session_id: Mapped[UUID | None]
    vote_id: Mapped[UUID | None]
    waits_for_release: Mapped[bool] = mapped_column(index=True)
    needs_city: Mapped[bool]
    city_agreed_at: Mapped[datetime | None]
    effective_at: Mapped[datetime | None]
    accept_by: Mapped[datetime | None]
    signed: Mapped[Signed | None]
    signed_on: Mapped[date | None]
    ended_at: Mapped[datetime | None]
    rules: Mapped[dict[str, Any]]
    """The fund's rules as they were when it was decided."""
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @property
    def waits_for(self) -> list[WaitsFor]:
        """What is missing before it is effective; nothing once it is."""
        missing = [WaitsFor.RELEASE] if self.waits_for_release else []
        if self.needs_city and self.city_agreed_at is None:
            missing.append(WaitsFor.CITY)
        return missing

    def take_effect(self, *, at: datetime) -> bool:
        """Become effective if nothing is missing any more; whether it did now."""
        if self.waits_for or self.effective_at is not None or self.ended_at is not None:
            return False
        self.effective_at = at
        return True

    def open_for_acceptance(
        self, conditions: Sequence["GrantCondition"], *, at: datetime
    ) -> datetime | None:
        """From now on the applicant can accept; the date by which, None while something is missing."""
        if self.effective_at is None or any(one.met_at is None for one in conditions):
            return None
        rules = Rules.model_validate(self.rules)
        self.accept_by = rules.due(at, rules.acceptance_days)
        return self.accept_by


class GrantCondition(Base):
    """Something to be done before the grant can be accepted, by the end of a day."""

    __tablename__ = "grant_conditions"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("grants.application_id"), index=True)
    position: Mapped[int]
    text: Mapped[str]
    due_on: Mapped[date]
    met_at: Mapped[datetime | None]

    @property
    def due_at(self) -> datetime:
        """The last second of its day."""
        return end_of_day(self.due_on)

    def as_told(self) -> Condition:
        return Condition(condition_id=self.id, text=self.text, due_on=self.due_on)
