"""One case with everything about it, in the same number of queries however much that is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.commands.grants import conditions_of
from services.applications.commands.papers import not_paid_lines
from services.applications.domain import (
    Application,
    BudgetYear,
    Change,
    Correction,
    Decision,
    Grant,
    GrantCondition,
    Held,
    Rules,
    SessionDate,
    Statement,
    year_of,
)
from services.applications.domain.checklist import Check, eligible_cents, most_cents
from services.applications.queries.case import Case, Step, case_of, colleagues, trail
from services.applications.queries.check import check_of
from services.applications.queries.turn import Standing
from services.applications.store import Base

R = TypeVar("R", bound=Base)


@dataclass(frozen=True, kw_only=True)
class Whole:
    """What the office's page of a case shows; the lists are oldest first."""

    case: Case
    rules: Rules
    check: Sequence[Check]
    marked: Mapping[int, str]
    """Lines of the plan that are not paid, each with its kind of cost."""
    corrections: Sequence[Correction]
    statements: Sequence[Statement]
    decisions: Sequence[Decision]
    changes: Sequence[Change]
    held: Held | None
    grant: Grant | None
    conditions: Sequence[GrantCondition]
    year: BudgetYear
    """The grant's, or else the one a decision made now is booked to."""
    sessions: Mapping[UUID, SessionDate]
    steps: Sequence[Step]
    names: Mapping[str, str]
    """Colleagues by `account:<id>`."""

    @property
    def application(self) -> Application:
        return self.case.application

    @property
    def open_lines(self) -> list[Check]:
        """Lines of the check that keep the application from being admitted."""
        return [line for line in self.check if not line.passed]

    @property
    def correction(self) -> Correction | None:
        """The request the applicant has not answered yet."""
        last = self.corrections[-1] if self.corrections else None
        return last if last is not None and last.open else None

    @property
    def eligible(self) -> int | None:
        """What the plan costs without what is not paid; None once the person is erased."""
        answers = self.case.answers
        return None if answers is None else eligible_cents(answers, self.marked)

    @property
    def most(self) -> int:
        """The most that can be granted."""
        answers = self.case.answers
        if answers is None:
            return self.application.asked_cents or 0
        return most_cents(answers, self.marked)

    @property
    def not_covered(self) -> Decision | None:
        """The board's last yes, if the money was not enough and nothing came after it."""
        last = self.decisions[-1] if self.decisions else None
        return last if last is not None and last.outcome == "not_covered" else None

    @property
    def standing(self) -> Standing:
        """What the next act depends on."""
        application, grant = self.application, self.grant
        waiting = [one.due_at for one in self.statements if one.given_at is None]
        return Standing(
            status=application.status,
            held_until=self.held.due_at if self.held else None,
            by_office=(application.asked_cents or 0) <= self.rules.office_up_to_cents,
            has_session=application.session_id is not None,
            statement_due=min(waiting, default=None),
            for_release=grant is not None and grant.waits_for_release,
            for_city=grant is not None and grant.needs_city and grant.city_agreed_at is None,
            condition_open=any(one.met_at is None for one in self.conditions),
        )


async def whole_case(session: AsyncSession, application: Application, *, at: datetime) -> Whole:
    """Everything about one application."""
    of = application.id
    decisions = await _of(session, Decision, of, Decision.at)
    grant = await session.get(Grant, of)
    held, check = await session.get(Held, of), await check_of(session, application)
    actors = [line.mark.by for line in check if line.mark] + ([held.actor] if held else [])
    return Whole(
        case=await case_of(session, application),
        rules=Rules.model_validate(application.rules),
        check=check,
        marked=await not_paid_lines(session, application),
        corrections=await _of(session, Correction, of, Correction.requested_at),
        statements=await _of(session, Statement, of, Statement.asked_at),
        decisions=decisions,
        changes=await _of(session, Change, of, Change.at),
        held=held,
        grant=grant,
        conditions=await conditions_of(session, of),
        year=await _year(session, application, grant, at=at),
        sessions=await _sessions(session, decisions),
        steps=await trail(session, application),
        names=await colleagues(session, actors),
    )


async def _of(session: AsyncSession, table: type[R], application_id: UUID, by: Any) -> Sequence[R]:
    own: Any = table
    chosen = select(table).where(own.application_id == application_id).order_by(by, own.id)
    return (await session.scalars(chosen)).all()


async def _year(
    session: AsyncSession, application: Application, grant: Grant | None, *, at: datetime
) -> BudgetYear:
    fund, year = (grant.fund, grant.year) if grant else (application.fund, year_of(at))
    found = await session.get(BudgetYear, (fund, year))
    return found or BudgetYear.empty(fund, year)


async def _sessions(
    session: AsyncSession, decisions: Sequence[Decision]
) -> Mapping[UUID, SessionDate]:
    ids = {one.session_id for one in decisions if one.session_id is not None}
    found = await session.scalars(select(SessionDate).where(SessionDate.session_id.in_(ids)))
    return {one.session_id: one for one in found}
