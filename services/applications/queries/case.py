"""One application with everything that belongs to it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.domain import Application, Attachment, Colleague, SessionDate, files_of
from services.applications.domain.answers import Answers
from services.applications.queries.fund import session_of
from services.applications.store import Audit, Outbox

WITH_MONEY: Final = frozenset(
    f"stadtteilbote.{name}.v1"
    for name in (
        "application.submitted",
        "grant.reserved",
        "grant.not_covered",
        "grant.became_effective",
        "grant.declined",
        "grant.lapsed",
        "grant.revoked",
        "agreement.signed",
    )
)
"""Events that say a sum of their own; others only repeat what was asked for."""


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
    cents: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    """The numbers and codes that were kept with it."""


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
    names = await colleagues(session, [act.actor for act in acts])
    told = select(Outbox).where(Outbox.subject == str(application.id)).order_by(Outbox.id)
    steps = [_done(act, names) for act in acts]
    steps += [_told(row) for row in await session.scalars(told)]
    return sorted(steps, key=lambda step: step.at)


def _done(act: Audit, names: Mapping[str, str]) -> Step:
    who, cents = names.get(act.actor, act.actor), act.details.get("cents")
    return Step(act.at, act.action, who, False, cents, act.details)


def _told(row: Outbox) -> Step:
    body = json.loads(row.body)
    facts = body["data"]
    sums = (facts.get(name) for name in ("amount_cents", "asked_cents"))
    cents = next((one for one in sums if one is not None), None)
    at = datetime.fromisoformat(body["time"])
    return Step(at, row.type, "", True, cents if row.type in WITH_MONEY else None, facts)


async def colleagues(session: AsyncSession, actors: Iterable[str]) -> dict[str, str]:
    """`account:<id>` → the name the colleague had."""
    ids = {UUID(one.split(":")[1]) for one in actors if one.startswith("account:")}
    if not ids:
        return {}
    known = select(Colleague).where(Colleague.account_id.in_(ids))
    return {f"account:{one.account_id}": one.name for one in await session.scalars(known)}
