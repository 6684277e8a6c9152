"""Letters about the board's sessions: to subscribers, and to applicants whose turn it was."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import cache, partial
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.addressbook import Recipient, applicants_at, subscribers
from services.notifications.calendar import CalendarWords, calendar_file
from services.notifications.journal import KnownSession
from services.notifications.letters.queue import About, Draft, brand_of, overtake, queue_all
from shared.events.meetings import (
    SessionCancelled,
    SessionEvent,
    SessionPostponed,
    SessionScheduled,
)
from shared.service import Service
from shared.web.i18n import translations

TOPIC: Final = "sessions"
UNTRUE_ONCE_CHANGED: Final = (
    "session_scheduled",
    "session_postponed",
    "case_session_postponed",
    "application_received",
    "application_placed",
    "agenda_item_placed",
)
"""Letters that name a session's date; who still waits for one gets the letter about the change."""


async def still_holds(
    session: AsyncSession, session_id: UUID | None, told: datetime | None
) -> datetime | None:
    """When that session begins as far as we know by now: another teller's word may be older."""
    known = await session.get(KnownSession, session_id) if session_id else None
    if known is None:
        return told
    return None if known.cancelled else known.starts_at


async def scheduled(event: SessionScheduled, session: AsyncSession, service: Service) -> None:
    """A new date for everyone who asked to be told."""
    facts = _appointment(event) | {"submission_deadline": event.submission_deadline}
    to = await subscribers(session, TOPIC)
    await _tell(session, service, event, "session_scheduled", to=to, facts=facts)


async def postponed(event: SessionPostponed, session: AsyncSession, service: Service) -> None:
    """What holds now; letters that still wait with the old date are never sent."""
    await _overtake(session, event)
    facts = _appointment(event) | {
        "previous_starts_at": event.previous_starts_at,
        "reason": str(event.reason),
    }
    told = await _tell_applicants(session, service, event, "case_session_postponed", facts)
    to = await _others(session, service, told)
    facts |= {"submission_deadline": event.submission_deadline}
    await _tell(session, service, event, "session_postponed", to=to, facts=facts)


async def cancelled(event: SessionCancelled, session: AsyncSession, service: Service) -> None:
    """Nobody is to stand before a closed door."""
    await _overtake(session, event)
    facts = {"starts_at": event.starts_at, "reason": event.reason}
    told = await _tell_applicants(session, service, event, "case_session_cancelled", facts)
    to = await _others(session, service, told)
    facts |= {"board": event.board}
    await _tell(session, service, event, "session_cancelled", to=to, facts=facts)


def _appointment(event: SessionScheduled | SessionPostponed) -> dict[str, Any]:
    return {
        "board": event.board,
        "starts_at": event.starts_at,
        "place": event.place,
        "note": event.note,
        "session_id": event.session_id,
    }


async def _overtake(session: AsyncSession, event: SessionEvent) -> None:
    await overtake(
        session,
        kinds=UNTRUE_ONCE_CHANGED,
        session_id=event.session_id,
        before=event.event_id,
    )


async def _tell_applicants(
    session: AsyncSession, service: Service, event: SessionEvent, kind: str, facts: dict[str, Any]
) -> set[str]:
    """A letter for each application due there; the addresses that got one."""
    drafts, files = [], await _files(session, service, event)
    for case, to in await applicants_at(session, event.session_id):
        about = About(
            application_id=case.application_id,
            session_id=event.session_id,
            expires_at=event.starts_at,
            calendar=files(to.language),
        )
        each = replace(to, key=f"{to.key} {case.number}")
        drafts.append(Draft(to=each, about=about, facts={**facts, "application": case.number}))
    await queue_all(session, service, event, kind, drafts)
    return {service.seals.address_hash(draft.to.address) for draft in drafts if draft.to.address}


async def _others(session: AsyncSession, service: Service, told: set[str]) -> list[Recipient]:
    """The subscribers but for those who have a letter already: nobody gets two about one change."""
    everyone = await subscribers(session, TOPIC)
    return [to for to in everyone if service.seals.address_hash(to.address) not in told]


async def _tell(
    session: AsyncSession,
    service: Service,
    event: SessionEvent,
    kind: str,
    *,
    to: list[Recipient],
    facts: dict[str, Any],
) -> None:
    """One letter a subscriber; after the session began nobody needs it any more."""
    files = await _files(session, service, event)
    drafts = [
        Draft(
            to=each,
            about=About(
                session_id=event.session_id,
                expires_at=event.starts_at,
                calendar=files(each.language),
            ),
            facts=facts,
        )
        for each in to
    ]
    await queue_all(session, service, event, kind, drafts)


async def _files(
    session: AsyncSession, service: Service, event: SessionEvent
) -> Callable[[str], str]:
    """The date as a file in any language, made once for each."""
    known = await session.get_one(KnownSession, event.session_id)
    return cache(partial(calendar_for, known, service))


def calendar_for(known: KnownSession, service: Service, language: str) -> str:
    """The date as a file; the same name as in the public calendar, so that one replaces the other."""
    words = CalendarWords(
        name=brand_of(service.settings.brand_file).named(language),
        origin=service.settings.origin,
        host=service.settings.mail_domain,
        gettext=translations(language).gettext,
    )
    return calendar_file([known], words).decode()
