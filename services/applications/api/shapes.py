"""What the API answers: sums in cents, instants in UTC, codes that never change."""

from collections.abc import Iterator
from datetime import date
from typing import Any, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict
from pydantic_core import to_jsonable_python

from services.applications.domain import Application, Status
from services.applications.domain.answers import Answers
from services.applications.domain.checklist import Check, Finding, Judgement
from services.applications.domain.record import Outcome
from services.applications.queries.board import Act, Row, Waits
from services.applications.queries.case import Step
from services.applications.queries.whole import Whole
from shared.events.applications import (
    CheckItem,
    GrantKind,
    Signed,
    StatementVerdict,
    Tier,
    WaitsFor,
)


class Out(BaseModel):
    """Read off a thing with the same fields."""

    model_config = ConfigDict(from_attributes=True)


class ApplicationRow(Out):
    """One application of the list; sums in cents, instants in UTC."""

    id: UUID
    number: str
    title: str
    applicant: str
    fund: str
    field_of_action: str
    asked_cents: int
    granted_cents: int | None
    status: Status
    late: bool
    on_paper: bool
    submitted_at: AwareDatetime
    session_id: UUID | None
    session_at: AwareDatetime | None
    due_at: AwareDatetime | None
    act: Act
    """The next act."""
    waits: Waits | None
    """Whom the case waits for; null if it is the office's own turn."""

    @classmethod
    def of(cls, row: Row) -> Self:
        return cls.model_validate(row)


class ApplicationList(BaseModel):
    """One page; `after` leads to the next, null on the last."""

    applications: list[ApplicationRow]
    after: str | None


class FileOut(Out):
    """An attachment: its bytes are at `href`."""

    id: UUID
    name: str
    media_type: str
    size: int
    sha256: str
    href: str


class CheckLine(BaseModel):
    """A line of the formal check: what the rules find, the numbers for it, a person's judgement."""

    item: CheckItem
    finding: Finding
    facts: dict[str, Any]
    passed: bool
    judgement: Judgement | None
    note: str

    @classmethod
    def of(cls, line: Check) -> Self:
        return cls(
            item=line.item,
            finding=line.finding,
            facts=to_jsonable_python(dict(line.facts)),
            passed=line.passed,
            judgement=line.mark.judgement if line.mark else None,
            note=line.mark.note if line.mark else "",
        )


class CorrectionOut(Out):
    """What was asked for; open while none of the three ends is set."""

    id: UUID
    items: list[CheckItem]
    note: str
    requested_at: AwareDatetime
    due_at: AwareDatetime
    answered_at: AwareDatetime | None
    withdrawn_at: AwareDatetime | None
    lapsed_at: AwareDatetime | None


class StatementOut(Out):
    """What a department was asked, and its word once it is given."""

    id: UUID
    department: str
    contact_name: str
    question: str
    asked_at: AwareDatetime
    due_at: AwareDatetime
    reminded_at: AwareDatetime | None
    given_at: AwareDatetime | None
    verdict: StatementVerdict | None
    text: str


class DecisionOut(Out):
    """A vote of the board or a decision of the office, as it was reached."""

    id: UUID
    by_vote: bool
    at: AwareDatetime
    session_id: UUID | None
    outcome: Outcome
    amount_cents: int | None
    left_cents: int | None
    reason: str
    margin: int | None
    counts: dict[str, Any]


class HeldOut(Out):
    """A result nobody was told yet; it can be taken back until `due_at`."""

    act: str
    arguments: dict[str, Any]
    held_at: AwareDatetime
    due_at: AwareDatetime


class ConditionOut(Out):
    """To be met by the end of its day, before the grant can be accepted."""

    id: UUID
    text: str
    due_on: date
    met_at: AwareDatetime | None


class GrantOut(Out):
    """The sum, what it waits for, and until when it can be accepted."""

    fund: str
    year: int
    amount_cents: int
    kind: GrantKind
    decided_by: Tier
    decided_at: AwareDatetime
    waits_for: list[WaitsFor]
    effective_at: AwareDatetime | None
    accept_by: AwareDatetime | None
    signed: Signed | None
    signed_on: date | None
    ended_at: AwareDatetime | None


class TrailStep(Out):
    """Who did what (`who`), or an event that was told (`told`), oldest first."""

    at: AwareDatetime
    what: str
    who: str
    told: bool
    cents: int | None

    @classmethod
    def of(cls, step: Step) -> Self:
        return cls.model_validate(step)


class ApplicationOut(BaseModel):
    """A whole application; `answers` is null once the person is erased."""

    id: UUID
    number: str
    status: Status
    version: int
    fund: str
    public_title: str
    on_paper: bool
    submitted_at: AwareDatetime
    late: bool
    session_id: UUID | None
    session_at: AwareDatetime | None
    submission_deadline: AwareDatetime | None
    due_at: AwareDatetime | None
    asked_cents: int
    eligible_cents: int | None
    most_cents: int
    """The most that can be granted."""
    field_of_action: str
    answers: Answers | None
    files: list[FileOut]
    check: list[CheckLine]
    not_paid: dict[int, str]
    """Lines of the plan (from 0) the fund does not pay, each with its kind of cost."""
    corrections: list[CorrectionOut]
    statements: list[StatementOut]
    decisions: list[DecisionOut]
    held: HeldOut | None
    grant: GrantOut | None
    conditions: list[ConditionOut]
    trail: list[TrailStep]

    @classmethod
    def of(cls, whole: Whole) -> Self:
        one, session = whole.application, whole.case.session
        own = (name for name in cls.model_fields if hasattr(one, name))
        return cls.model_validate(
            {
                **{name: getattr(one, name) for name in own},
                "session_at": session.starts_at if session else None,
                "submission_deadline": session.submission_deadline if session else None,
                "eligible_cents": whole.eligible,
                "most_cents": whole.most,
                "answers": whole.case.answers,
                "files": list(_files(one, whole)),
                "check": [CheckLine.of(line) for line in whole.check],
                "not_paid": dict(whole.marked),
                "corrections": [CorrectionOut.model_validate(one) for one in whole.corrections],
                "statements": [StatementOut.model_validate(one) for one in whole.statements],
                "decisions": [DecisionOut.model_validate(one) for one in whole.decisions],
                "held": HeldOut.model_validate(whole.held) if whole.held else None,
                "grant": GrantOut.model_validate(whole.grant) if whole.grant else None,
                "conditions": [ConditionOut.model_validate(one) for one in whole.conditions],
                "trail": [TrailStep.of(step) for step in whole.steps],
            }
        )


def _files(application: Application, whole: Whole) -> Iterator[dict[str, Any]]:
    for file in whole.case.files:
        known = {name: getattr(file, name) for name in FileOut.model_fields if name != "href"}
        yield known | {"href": f"/buero/antraege/{application.id}/dateien/{file.id}"}
