"""Letters about festivals, walks and workshops: to those who registered, and to subscribers."""

from collections.abc import Collection
from dataclasses import replace
from functools import cache, partial
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.addressbook import NotYetKnown, opened, subscribers
from services.notifications.digests.urgency import hearers
from services.notifications.domain.letter import Letter
from services.notifications.domain.subscription import OCCASIONS
from services.notifications.known_occasions import KnownOccasion
from services.notifications.letters.queue import About, Draft, queue, queue_all
from services.notifications.session_letters import calendar_for, one_line
from shared.events.meetings import (
    EndedBecause,
    OccasionAnnounced,
    OccasionCancelled,
    OccasionChanged,
    OccasionDocumented,
    OccasionEvent,
    RegistrationChanged,
    RegistrationConfirmed,
    RegistrationEnded,
    RegistrationEvent,
    RegistrationPromoted,
    RegistrationReminded,
    RegistrationWaitlisted,
)
from shared.events.people import Link
from shared.inbox import Handlers
from shared.service import Service

STANDING: Final = (
    "registration_confirmed",
    "registration_waitlisted",
    "registration_promoted",
)
"""Letters that say whether there is a place for them."""


async def confirmed(event: RegistrationConfirmed, session: AsyncSession, service: Service) -> None:
    """There are places for them, and the date is a file."""
    await _tell(event, "registration_confirmed", session, service, dated=True, again=event.again)


async def waitlisted(
    event: RegistrationWaitlisted, session: AsyncSession, service: Service
) -> None:
    """They wait, and nothing goes into a calendar yet."""
    facts: dict[str, Any] = {"position": event.position, "again": event.again}
    await _tell(event, "registration_waitlisted", session, service, dated=False, **facts)


async def promoted(event: RegistrationPromoted, session: AsyncSession, service: Service) -> None:
    """They need not wait any more."""
    await _tell(event, "registration_promoted", session, service, dated=True)


async def changed(event: RegistrationChanged, session: AsyncSession, service: Service) -> None:
    """What holds now; whoever waited still waits."""
    waiting = await _waiting(session, event)
    facts: dict[str, Any] = {
        "previous_starts_at": event.previous_starts_at,
        "previous_place": one_line(event.previous_place),
        "waiting": waiting,
    }
    await _tell(event, "registration_changed", session, service, dated=not waiting, **facts)


async def reminded(event: RegistrationReminded, session: AsyncSession, service: Service) -> None:
    """It is tomorrow."""
    await _tell(event, "registration_reminded", session, service, dated=True)


async def ended(event: RegistrationEnded, session: AsyncSession, service: Service) -> None:
    """They are not expected any more, by their own wish, the office's, or because it is off."""
    if event.because is EndedBecause.CANCELLED:
        reason = event.reason.strip()
        kind = "registration_cancelled"
        await _tell(event, kind, session, service, dated=True, reason=reason)
    else:
        because = str(event.because)
        await _tell(event, "registration_ended", session, service, dated=False, because=because)


async def _tell(
    event: RegistrationEvent,
    kind: str,
    session: AsyncSession,
    service: Service,
    *,
    dated: bool,
    **facts: Any,
) -> None:
    """A letter about one registration; without an e-mail address the office phones instead."""
    to = await opened(service, event.contact, event.language)
    link = await service.seals.open(event.link, Link)
    known = await session.get(KnownOccasion, event.occasion_id)
    if known is None:
        raise NotYetKnown(event.occasion_id)
    holds = _holds(event, known)
    if _untrue(event, known) or to is None or link is None or not to.address:
        return
    about = About(
        thing_id=event.occasion_id,
        expires_at=holds["starts_at"],
        calendar=calendar_for(known, service, to.language) if dated else None,
    )
    facts |= holds | {"people": event.people, "url": link.url}
    to = replace(to, key=str(event.registration_id))
    await queue(session, service, event, kind, to, about=about, **facts)


def _holds(event: RegistrationEvent, known: KnownOccasion) -> dict[str, Any]:
    """What, when and where: as told last, the occasion may have changed since the registration's word."""
    changed = known.facts_revision > 0 and known.changed_at > event.at
    last = known if changed else event
    return {
        "title": one_line(last.title),
        "place": one_line(last.place),
        "starts_at": last.starts_at,
        "ends_at": last.ends_at,
    }


def _untrue(event: RegistrationEvent, known: KnownOccasion) -> bool:
    """Nobody is expected where nothing is held, nor reminded of a day that is not the next any more."""
    if isinstance(event, RegistrationReminded) and known.changed_at > event.at:
        return known.cancelled or known.starts_at != event.starts_at
    return known.cancelled and not isinstance(event, RegistrationEnded)


async def _waiting(session: AsyncSession, event: RegistrationChanged) -> bool:
    """Whether the last word about places was that there are none."""
    said = select(Letter.kind).where(
        Letter.thing_id == event.occasion_id,
        Letter.recipient == str(event.registration_id),
        Letter.kind.in_(STANDING),
    )
    last = await session.scalar(said.order_by(Letter.id.desc()).limit(1))
    return last == "registration_waitlisted"


async def announced(event: OccasionAnnounced, session: AsyncSession, service: Service) -> None:
    """An invitation to everyone who ordered them."""
    await _tell_everyone(event, "occasion_announced", session, service, facts=_facts(event))


async def occasion_changed(event: OccasionChanged, session: AsyncSession, service: Service) -> None:
    """What holds now; a new date or place those who registered hear in a letter of their own."""
    moved = event.previous_starts_at or event.previous_place is not None
    told = await _registered(session, event.occasion_id) if moved else set()
    facts = _facts(event)
    await _tell_everyone(event, "occasion_changed", session, service, facts=facts, told=told)


async def cancelled(event: OccasionCancelled, session: AsyncSession, service: Service) -> None:
    """It is off; those who registered hear it in a letter of their own."""
    told = await _registered(session, event.occasion_id)
    facts: dict[str, Any] = {"starts_at": event.starts_at, "reason": event.reason.strip()}
    await _tell_everyone(event, "occasion_cancelled", session, service, facts=facts, told=told)


async def documented(event: OccasionDocumented, session: AsyncSession, service: Service) -> None:
    """How it was; nothing for a calendar any more."""
    facts = event.model_dump(include={"starts_at", "text", "path", "visitors"})
    kind = "occasion_documented"
    await _tell_everyone(event, kind, session, service, facts=facts, dated=False)


def _facts(event: OccasionAnnounced | OccasionChanged) -> dict[str, Any]:
    """What there is, when, where, and whether one has to register."""
    said = {"occasion_id", "starts_at", "ends_at", "text", "registration", "places"}
    facts = event.model_dump(include=said | {"register_until"})
    return facts | {"place": one_line(event.place)}


async def _tell_everyone(
    event: OccasionEvent,
    kind: str,
    session: AsyncSession,
    service: Service,
    *,
    facts: dict[str, Any],
    dated: bool = True,
    told: Collection[str] = (),
) -> None:
    """One letter a subscriber who wants this kind, but for addresses that have one; a date is useless once it began."""
    known = await session.get_one(KnownOccasion, event.occasion_id)
    files = cache(partial(calendar_for, known, service))
    facts |= {"title": one_line(event.title)}
    hearing, of_kind = await hearers(session, event), str(event.kind)
    async for some in subscribers(session, OCCASIONS, hearing=hearing, occasion_kind=of_kind):
        drafts = [
            Draft(
                to=to,
                about=About(
                    thing_id=event.occasion_id,
                    expires_at=event.starts_at if dated else None,
                    calendar=files(to.language) if dated else None,
                ),
                facts=facts,
            )
            for to in some
            if service.seals.address_hash(to.address) not in told
        ]
        await queue_all(session, service, event, kind, drafts)


async def _registered(session: AsyncSession, occasion_id: UUID) -> set[str]:
    """The addresses of those who are registered or wait, by the letters they have."""
    letters = select(Letter.recipient, Letter.address_hash, Letter.kind).where(
        Letter.thing_id == occasion_id, Letter.kind.startswith("registration_")
    )
    rows = (await session.execute(letters)).all()
    gone = {row.recipient for row in rows if row.kind == "registration_ended"}
    return {row.address_hash for row in rows if row.recipient not in gone}


ANSWERED: Final[Handlers] = {
    RegistrationConfirmed: confirmed,
    RegistrationWaitlisted: waitlisted,
    RegistrationPromoted: promoted,
    RegistrationChanged: changed,
    RegistrationReminded: reminded,
    RegistrationEnded: ended,
    OccasionAnnounced: announced,
    OccasionChanged: occasion_changed,
    OccasionCancelled: cancelled,
    OccasionDocumented: documented,
}
