"""Letters about the board's sessions: to members, to applicants whose turn it is, to subscribers."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache, partial
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.addressbook import (
    NotYetKnown,
    Recipient,
    applicants_at,
    board_members,
    opened,
    subscribers,
)
from services.notifications.calendar import CalendarWords, calendar_file
from services.notifications.digests.urgency import hearers
from services.notifications.domain.subscription import SESSIONS
from services.notifications.journal import KnownSession
from services.notifications.known_occasions import KnownOccasion
from services.notifications.letters.queue import (
    About,
    Draft,
    brand_of,
    overtake,
    queue,
    queue_all,
)
from shared.events.meetings import (
    InvitationIssued,
    InvitedItem,
    MemberInvited,
    SessionCancelled,
    SessionEvent,
    SessionPostponed,
    SessionScheduled,
)
from shared.events.people import Link
from shared.service import Service
from shared.web.i18n import translations

UNTRUE_ONCE_CHANGED: Final = (
    "session_scheduled",
    "session_postponed",
    "case_session_postponed",
    "application_received",
    "application_placed",
    "agenda_item_placed",
    "session_invited",
    "member_invited",
    "member_session_postponed",
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
    await _tell_subscribers(session, service, event, "session_scheduled", facts=facts)


async def postponed(event: SessionPostponed, session: AsyncSession, service: Service) -> None:
    """What holds now; letters that still wait with the old date are never sent."""
    await _overtake(session, event)
    facts = _appointment(event) | {
        "previous_starts_at": event.previous_starts_at,
        "reason": str(event.reason),
    }
    told = await _tell_applicants(session, service, event, "case_session_postponed", facts)
    members = but_for(await board_members(session), told, service)
    await _tell(session, service, event, "member_session_postponed", to=members, facts=facts)
    facts |= {"submission_deadline": event.submission_deadline}
    have = [*told, *members]
    await _tell_subscribers(session, service, event, "session_postponed", facts=facts, told=have)


async def cancelled(event: SessionCancelled, session: AsyncSession, service: Service) -> None:
    """Nobody is to stand before a closed door."""
    await _overtake(session, event)
    facts = {"starts_at": event.starts_at, "reason": event.reason}
    told = await _tell_applicants(session, service, event, "case_session_cancelled", facts)
    facts |= {"board": event.board}
    members = but_for(await board_members(session), told, service)
    await _tell(session, service, event, "member_session_cancelled", to=members, facts=facts)
    have = [*told, *members]
    await _tell_subscribers(session, service, event, "session_cancelled", facts=facts, told=have)


async def invited(event: InvitationIssued, session: AsyncSession, service: Service) -> None:
    """The agenda for subscribers; members and applicants on it have letters of their own."""
    known = await session.get_one(KnownSession, event.session_id)
    if known.cancelled:
        return
    told = await board_members(session)
    told += [to for _, to in await applicants_at(session, event.session_id)]
    facts = _appointment(event) | {"agenda": _lines(event.agenda), "again": event.again}
    await _tell_subscribers(session, service, event, "session_invited", facts=facts, told=told)


async def member_invited(event: MemberInvited, session: AsyncSession, service: Service) -> None:
    """The agenda, the date as a file, and the member's own link; none to a session not held.

    Nor to a date that was moved since: who belongs to the board heard of the new one.
    """
    to = await opened(service, event.contact, event.language)
    link = await service.seals.open(event.link, Link)
    known = await session.get(KnownSession, event.session_id)
    if known is None:
        raise NotYetKnown(event.session_id)
    moved = known.starts_at != event.starts_at and known.changed_at > event.at
    if moved or known.cancelled or to is None or link is None:
        return
    about = About(
        session_id=event.session_id,
        expires_at=min(event.starts_at, event.expires_at),
        calendar=calendar_for(known, service, to.language),
    )
    facts = _appointment(event) | event.model_dump(include={"may_vote", "urgent", "again"})
    facts |= {"agenda": _lines(event.agenda), "url": link.url}
    await queue(session, service, event, "member_invited", to, about=about, **facts)


def _lines(agenda: Sequence[InvitedItem]) -> list[dict[str, Any]]:
    """The agenda as letters say it: a title is one line, whatever was typed."""
    return [
        item.model_dump(exclude={"application_id"}) | {"title": one_line(item.title)}
        for item in agenda
    ]


def _appointment(
    event: SessionScheduled | SessionPostponed | InvitationIssued | MemberInvited,
) -> dict[str, Any]:
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
) -> list[Recipient]:
    """A letter for each application due there; who got one."""
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
    return [draft.to for draft in drafts]


def but_for(
    readers: Sequence[Recipient], told: Sequence[Recipient], service: Service
) -> list[Recipient]:
    """Those who have no letter yet: no address gets two about one thing."""
    address_hash = service.seals.address_hash
    have = {address_hash(to.address) for to in told if to.address}
    return [to for to in readers if not to.address or address_hash(to.address) not in have]


async def _tell_subscribers(
    session: AsyncSession,
    service: Service,
    event: SessionEvent,
    kind: str,
    *,
    facts: dict[str, Any],
    told: Sequence[Recipient] = (),
) -> None:
    """Those who hear of it now and have no letter yet; the others read it in their digest."""
    hearing = await hearers(session, event)
    async for some in subscribers(session, SESSIONS, hearing=hearing):
        to = but_for(some, told, service)
        await _tell(session, service, event, kind, to=to, facts=facts)


async def _tell(
    session: AsyncSession,
    service: Service,
    event: SessionEvent,
    kind: str,
    *,
    to: list[Recipient],
    facts: dict[str, Any],
) -> None:
    """One letter each; after the session began nobody needs it any more."""
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


def one_line(text: str) -> str:
    """A title somebody typed, fit for the middle of a sentence."""
    return " ".join(text.split())


def calendar_for(known: KnownSession | KnownOccasion, service: Service, language: str) -> str:
    """The date as a file; the same name as in the public calendar, so that one replaces the other."""
    words = CalendarWords(
        name=brand_of(service.settings.brand_file).named(language),
        origin=service.settings.origin,
        host=service.settings.mail_domain,
        gettext=translations(language).gettext,
    )
    return calendar_file([known], words).decode()
