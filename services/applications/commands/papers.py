"""What travels sealed about a case: the office's free words, and the paper for the board."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.domain import Application, CostMark, files_of
from services.applications.domain.answers import Answers, ApplicantKind
from services.applications.domain.checklist import eligible_cents
from shared.events.applications import (
    ApplicationPaperPrepared,
    Explanation,
    ExplanationWritten,
    Paper,
    PaperLine,
)
from shared.sealed import Sealed, Seals

FILES = "/buero/antraege/{application}/dateien/{file}"


async def explain(
    application: Application, text: str, *, seals: Seals, at: datetime
) -> list[ExplanationWritten]:
    """The free words that belong to the event told next; nothing without words or person."""
    sealed = await sealed_words(application, text, seals=seals)
    if sealed is None:
        return []
    return [
        ExplanationWritten(
            at=at,
            application_id=application.id,
            text=sealed,
            subject_version=application.next_version,
        )
    ]


async def sealed_words(application: Application, text: str, *, seals: Seals) -> Sealed | None:
    """Under the applicant's key; None without words, or once the person is erased."""
    if not text or application.person_id is None or application.erased_at is not None:
        return None
    return await seals.seal(application.person_id, Explanation(text=text))


async def not_paid_lines(session: AsyncSession, application: Application) -> dict[int, str]:
    """Marked lines of the plan, each with its kind of cost."""
    chosen = select(CostMark).where(CostMark.application_id == application.id)
    return {mark.line: mark.kind for mark in await session.scalars(chosen)}


async def prepare_paper(
    session: AsyncSession, application: Application, *, seals: Seals, at: datetime
) -> list[ApplicationPaperPrepared]:
    """The application as the board reads it; nothing once the person is erased."""
    if application.person_id is None or application.erased_at is not None:
        return []
    answers = Answers.model_validate(application.answers)
    marked = await not_paid_lines(session, application)
    files = [
        FILES.format(application=application.id, file=file.id)
        for file in await files_of(session, application.id)
    ]
    return [
        ApplicationPaperPrepared(
            at=at,
            **application.told(),
            public_title=application.public_title,
            asked_cents=answers.costs.asked_cents,
            eligible_cents=eligible_cents(answers, marked),
            paper=await seals.seal(application.person_id, _paper(answers, marked, files)),
        )
    ]


def _paper(answers: Answers, marked: dict[int, str], files: list[str]) -> Paper:
    idea, who = answers.idea, answers.applicant
    lines = enumerate(answers.costs.costs)
    shown = ("title", "aim", "plan", "target_group", "benefit", "place", "starts_on", "ends_on")
    return Paper(
        **{name: getattr(idea, name) for name in shown},
        applicant=who.name,
        sponsor=who.name if who.kind is ApplicantKind.ORGANISATION else "",
        costs=[PaperLine(what=one.what, cents=one.cents, not_paid=n in marked) for n, one in lines],
        funding=[PaperLine(what=one.what, cents=one.cents) for one in answers.costs.funding],
        files=files,
    )
