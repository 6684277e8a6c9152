"""What the office writes for others: applications that came on paper, and corrected answers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.applications.commands.papers import prepare_paper
from services.applications.commands.submit import recorded_applicant, submit, take_over
from services.applications.domain import Application, Change, IllegalMove, Rules, Status
from services.applications.domain.answers import Answers
from services.applications.domain.asked import DateInThePast
from services.applications.store import note, record
from shared.events.applications import ApplicationChanged
from shared.once import Order, unchanged
from shared.sealed import Seals

OFFICE_MAY_CHANGE: Final = (Status.SUBMITTED, Status.CORRECTION_REQUESTED, Status.ADMISSIBLE)
"""Until it is on an agenda: what the board votes on is what the board read."""


class FromTheFuture(DateInThePast):
    """Nothing can have arrived later than now."""


async def enter_on_paper(
    session: AsyncSession,
    application_id: UUID,
    answers: Answers,
    order: Order,
    *,
    fund: str,
    arrived_at: datetime,
    rules: Rules,
    seals: Seals,
) -> Application:
    """Hand in what came on paper, for the session its arrival was in time for."""
    if arrived_at > order.at:
        raise FromTheFuture
    application = Application.start(fund=fund, language=answers.applicant.language, at=order.at)
    application.id, application.on_paper = application_id, True
    session.add(application)
    return await submit(
        session,
        application,
        answers,
        rules=rules,
        seals=seals,
        actor=order.by,
        at=order.at,
        arrived_at=arrived_at,
    )


async def change_answers(
    session: AsyncSession, application: Application, answers: Answers, order: Order, *, seals: Seals
) -> list[str]:
    """Correct what the applicant wrote: kept field by field, and the applicant is told.

    Returns the changed fields; none means nothing happened. Raises IllegalMove once decided about.
    """
    if application.status not in OFFICE_MAY_CHANGE:
        raise IllegalMove(application.status, application.status)
    unchanged("application", order, now=application.version)
    fields = await rewrite(session, application, answers, actor=order.by, seals=seals, at=order.at)
    if not fields:
        return []
    record(session, ApplicationChanged(at=order.at, **application.told(), fields=fields))
    if application.status is Status.ADMISSIBLE:
        record(session, *await prepare_paper(session, application, seals=seals, at=order.at))
    return fields


async def rewrite(
    session: AsyncSession,
    application: Application,
    answers: Answers,
    *,
    actor: str,
    seals: Seals,
    at: datetime,
) -> list[str]:
    """Put these answers in place of the old ones and keep both, field by field."""
    new = answers.model_dump(mode="json")
    changed = list(_differences(application.answers, new))
    if not changed:
        return []
    session.add_all(
        Change(
            id=uuid7(),
            application_id=application.id,
            at=at,
            actor=actor,
            field=name,
            before=before,
            after=after,
        )
        for name, before, after in changed
    )
    moved = application.answers.get("applicant") != new["applicant"]
    take_over(application, answers)
    fields = [name for name, _before, _after in changed]
    if moved:
        await _record_applicant(session, application, answers, seals, at=at)
    note(
        session,
        at=at,
        actor=actor,
        action="application.change",
        subject=str(application.id),
        fields=fields,
    )
    return fields


async def _record_applicant(
    session: AsyncSession, application: Application, answers: Answers, seals: Seals, *, at: datetime
) -> None:
    """Somebody who can be reached elsewhere now is still the same person."""
    assert application.person_id is not None
    email = answers.applicant.email
    application.email_hash = seals.address_hash(email) if email else None
    await seals.readdress(application.person_id, email=email)
    record(session, await recorded_applicant(application, answers, seals, at=at))


def _differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Any:
    """Field, before, after: as text, lists as lines."""
    for part, fields in new.items():
        for name, after in fields.items():
            before = old.get(part, {}).get(name)
            if before != after:
                yield name, _text(before), _text(after)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(", ".join(str(part) for part in line.values()) for line in value)
    return "" if value is None else str(value)
