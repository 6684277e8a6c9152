"""The formal check of one application, with everything its lines look at: five queries."""

from collections.abc import Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.domain import (
    Application,
    Attachment,
    CheckMark,
    CostMark,
    Rules,
)
from services.applications.domain.answers import Answers, ApplicantKind
from services.applications.domain.checklist import Check, Earlier, Facts, checklist
from services.applications.queries.fund import session_of
from shared.events.applications import Tier


async def check_of(session: AsyncSession, application: Application) -> list[Check]:
    """Every line under the rules the application was handed in under; empty once erased."""
    if not application.answers:
        return []
    assert application.submitted_at is not None
    answers = Answers.model_validate(application.answers)
    rules = Rules.model_validate(application.rules)
    chosen = select(CheckMark).where(CheckMark.application_id == application.id)
    refreshed = chosen.execution_options(populate_existing=True)
    marks = {mark.item: mark for mark in await session.scalars(refreshed)}
    coming = await session_of(session, application.session_id)
    by_office = rules.decides(application.asked_cents or 0) is Tier.OFFICE
    facts = Facts(
        submitted_at=application.submitted_at,
        decided_at=application.submitted_at if by_office else coming.starts_at if coming else None,
        files=await _files(session, application),
        earlier=await earlier_of(session, application),
        not_paid_lines=await _marked(session, application),
    )
    return checklist(answers, rules, facts, marks)


async def earlier_of(session: AsyncSession, application: Application) -> Sequence[Earlier]:
    """Other applications to this fund from the same address or under the same name."""
    same = [Application.applicant == application.applicant]
    if application.email_hash is not None:
        same.append(Application.email_hash == application.email_hash)
    chosen = (
        select(Application)
        .where(Application.id != application.id, Application.fund == application.fund)
        .where(Application.number.is_not(None), Application.erased_at.is_(None), or_(*same))
        .order_by(Application.submitted_at.desc())
        .limit(20)
    )
    return [as_earlier(one) for one in await session.scalars(chosen)]


def as_earlier(one: Application) -> Earlier:
    """An application as the check of another one sees it."""
    assert one.number and one.submitted_at
    kind = one.answers.get("applicant", {}).get("kind")
    organisation = kind == ApplicantKind.ORGANISATION
    return Earlier(one.id, one.number, one.title, one.status, one.submitted_at, organisation)


async def _files(session: AsyncSession, application: Application) -> int:
    chosen = select(func.count()).where(Attachment.application_id == application.id)
    return await session.scalar(chosen) or 0


async def _marked(session: AsyncSession, application: Application) -> list[int]:
    chosen = select(CostMark.line).where(CostMark.application_id == application.id)
    return list(await session.scalars(chosen))
