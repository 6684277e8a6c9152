"""One application with everything that belongs to it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.domain import Application, Attachment, Colleague, SessionDate, files_of
from services.applications.domain.answers import Answers
from services.applications.queries.fund import session_of
from services.applications.store import Audit, Outbox


@dataclass(frozen=True)
class Case:
    """What a case page shows; `answers` is None once the person is erased."""

    application: Application
    answers: Answers | None
    files: Sequence[Attachment]
    session: SessionDate | None


@dataclass(frozen=True)
class Step:
    """One line of the trail: an act (`who` did it) or an event that was told."""

    at: datetime
    what: str
    who: str
    told: bool


async def case_of(session: AsyncSession, application: Application) -> Case:
    """The application's answers, files and session."""
    answers = Answers.model_validate(application.answers) if application.answers else None
    files = await files_of(session, application.id)
    return Case(application, answers, files, await session_of(session, application.session_id))


async def attachment(
    session: AsyncSession, application_id: UUID, file_id: UUID
) -> Attachment | None:
    """The file, if it belongs to this application."""
    return await session.scalar(
        select(Attachment).where(
            Attachment.id == file_id, Attachment.application_id == application_id
        )
    )


async def trail(session: AsyncSession, application: Application) -> list[Step]:
    """Who did what and what was told, oldest first."""
    subjects = [str(application.id)]
    if application.person_id is not None:
        subjects.append(str(application.person_id))
    acts = (await session.scalars(select(Audit).where(Audit.subject.in_(subjects)))).all()
    names = await _names(session, acts)
    told = select(Outbox).where(Outbox.subject == str(application.id)).order_by(Outbox.id)
    steps = [Step(act.at, act.action, names.get(act.actor, act.actor), False) for act in acts]
    steps += [_told(row) for row in await session.scalars(told)]
    return sorted(steps, key=lambda step: step.at)


def _told(row: Outbox) -> Step:
    at = datetime.fromisoformat(json.loads(row.body)["time"])
    return Step(at, row.type, "", True)


async def _names(session: AsyncSession, acts: Sequence[Audit]) -> dict[str, str]:
    """`account:<id>` → the name the colleague had."""
    ids = {UUID(act.actor.split(":")[1]) for act in acts if act.actor.startswith("account:")}
    if not ids:
        return {}
    known = select(Colleague).where(Colleague.account_id.in_(ids))
    return {f"account:{one.account_id}": one.name for one in await session.scalars(known)}
