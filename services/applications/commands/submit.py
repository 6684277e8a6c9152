"""Handing in: number, session, events and the applicant's data, all in one transaction."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.commands.people import person_of
from services.applications.commands.place import dates
from services.applications.domain import (
    Application,
    DraftKey,
    Rules,
    Status,
    next_number,
    place_for,
)
from services.applications.domain.answers import Answers
from services.applications.store import Timer, note, record
from shared.events.applications import ApplicantRecorded, NewsletterRequested
from shared.events.people import Contact
from shared.sealed import Seals
from shared.timers import cancel_timer

CONFIRMATION_STAYS = timedelta(days=1)
"""How long the browser that handed it in can open the confirmation again."""


async def submit(
    session: AsyncSession,
    draft: Application,
    answers: Answers,
    *,
    rules: Rules,
    seals: Seals,
    actor: str = "applicant",
    at: datetime,
    arrived_at: datetime | None = None,
) -> Application:
    """Hand in what was checked as a whole; a second time answers with the same application."""
    if draft.status != Status.DRAFT and draft.number is not None:
        return draft
    take_over(draft, answers)
    draft.rules = rules.model_dump(mode="json")
    draft.person_id, draft.email_hash = await person_of(
        session, seals, draft, answers.applicant.email
    )
    recorded = await recorded_applicant(draft, answers, seals, at=at)
    coming = [date for date in await dates(session) if date.starts_at > at]
    place = place_for(coming, arrival=arrived_at or at)
    number = await next_number(session, at=arrived_at or at)
    event = draft.submit(number=number, place=place, at=at, arrived_at=arrived_at)
    record(session, recorded, event, *_newsletter(recorded, answers))
    note(session, at=at, actor=actor, action="application.submit", subject=str(draft.id))
    await cancel_timer(session, Timer, kind="draft_untouched", subject=str(draft.id))
    await session.execute(
        update(DraftKey)
        .where(DraftKey.application_id == draft.id)
        .values(expires_at=at + CONFIRMATION_STAYS)
    )
    return draft


def take_over(draft: Application, answers: Answers) -> None:
    """From now on the checked answers count."""
    idea, who, costs = answers.idea, answers.applicant, answers.costs
    draft.answers, draft.typed = answers.model_dump(mode="json"), {}
    draft.title, draft.applicant, draft.language = idea.title, who.name, who.language
    draft.field_of_action, draft.asked_cents = idea.field_of_action, costs.asked_cents
    draft.be_found()


async def recorded_applicant(
    draft: Application, answers: Answers, seals: Seals, *, at: datetime
) -> ApplicantRecorded:
    """Who stands behind the application, sealed."""
    who = answers.applicant
    assert draft.person_id is not None
    contact = Contact(
        name=who.addressee,
        email=who.email or "",
        phone=who.phone,
        street=who.street,
        postcode=who.postcode,
        city=who.city,
    )
    return ApplicantRecorded(
        at=at,
        person_id=draft.person_id,
        application_id=draft.id,
        language=who.language,
        contact=await seals.seal(draft.person_id, contact),
        subject_version=draft.next_version,
    )


def _newsletter(recorded: ApplicantRecorded, answers: Answers) -> Iterable[NewsletterRequested]:
    if answers.declarations.newsletter and answers.applicant.email:
        fields = recorded.model_dump(include={"at", "person_id", "application_id", "language"})
        yield NewsletterRequested(
            **fields, contact=recorded.contact, subject_version=recorded.subject_version
        )
