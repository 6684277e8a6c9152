"""What every letter about a case shares: its reader, its facts, the office's own words."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.addressbook import known_case, office, reader
from services.notifications.domain.addressbook import Case
from services.notifications.letters.queue import About, File, queue
from shared.events import applications
from shared.events.base import Event
from shared.sealed import Sealed
from shared.service import Service


async def tell(
    case: Case,
    event: Event,
    kind: str,
    session: AsyncSession,
    service: Service,
    *,
    about: About | None = None,
    files: Sequence[File] = (),
    **facts: Any,
) -> None:
    """A letter to the applicant, with what every letter about a case says; nobody once erased."""
    to = await reader(session, case.person_id)
    if to is None:
        return
    facts = {
        "application": case.number,
        "case_url": case_url(service, case.application_id),
        **facts,
    }
    about = about or About(application_id=case.application_id)
    await queue(session, service, event, kind, to, about=about, files=files, **facts)


def case_url(service: Service, application_id: UUID) -> str:
    """The applicant's own page of the case."""
    return f"{service.settings.origin}/mein/{application_id}"


async def tell_office(
    event: Event,
    kind: str,
    session: AsyncSession,
    service: Service,
    *,
    application_id: UUID | None = None,
    about: About | None = None,
    **facts: Any,
) -> None:
    """A task or a notice for the people who do the work: numbers and sums, never a name."""
    about = about or About(application_id=application_id)
    facts |= {"application_id": application_id} if application_id else {}
    await queue(session, service, event, kind, office(service), about=about, **facts)


async def said(service: Service, words: Sealed | None) -> str | None:
    """The office's own words, opened for the letter; None without any, or once the key is gone."""
    opened = await service.seals.open(words, applications.Explanation) if words else None
    return (opened.text.strip() or None) if opened else None


async def explanation_written(
    event: applications.ExplanationWritten, session: AsyncSession, service: Service
) -> None:
    """Keep the sealed words for the letter they belong to."""
    case = await known_case(session, event.application_id)
    case.explanation = event.text.model_dump(mode="json")


async def take_explanation(case: Case, service: Service) -> str | None:
    """The words kept for this letter; they are used once."""
    kept, case.explanation = case.explanation, None
    return await said(service, Sealed.model_validate(kept) if kept else None)
