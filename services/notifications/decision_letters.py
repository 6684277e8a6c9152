"""Letters about decisions to everyone who ordered them, beside the one to whom it is about."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications import grant_letters
from services.notifications.addressbook import Recipient, known_case, reader, subscribers
from services.notifications.digests.pieces import is_news
from services.notifications.domain.subscription import DECISIONS
from services.notifications.letters.queue import About, Draft, overtake, queue_all
from services.notifications.session_letters import but_for, one_line
from shared.events import applications, meetings
from shared.events.base import Event
from shared.inbox import Handlers
from shared.service import Service


async def granted(
    event: applications.GrantReserved, session: AsyncSession, service: Service
) -> None:
    """Money for an idea from the neighbourhood."""
    await grant_letters.grant_reserved(event, session, service)
    facts = _idea(event) | {
        "amount_cents": event.amount_cents,
        "effective": event.effective,
        "path": f"/neuigkeiten/{event.event_id}",
    }
    await _tell(
        event,
        "decision_granted",
        session,
        service,
        about=event.application_id,
        field=event.field_of_action,
        facts=facts,
        told=await _applicant(session, event.application_id),
    )


async def rejected(
    event: applications.ApplicationRejected, session: AsyncSession, service: Service
) -> None:
    """No money for an idea, with the votes if there were any."""
    await grant_letters.application_rejected(event, session, service)
    counts = (event.yes, event.no, event.abstain or 0)
    facts = _idea(event) | {
        "counts": counts if None not in counts[:2] else None,
        "path": _of_session(event.session_id),
    }
    await _tell(
        event,
        "decision_rejected",
        session,
        service,
        about=event.application_id,
        field=event.field_of_action,
        facts=facts,
        told=await _applicant(session, event.application_id),
    )


async def resolved(
    event: meetings.ResolutionRecorded, session: AsyncSession, service: Service
) -> None:
    """A sentence of the board's own; what it decided about an application is told with that."""
    if not is_news(event):
        return
    facts: dict[str, Any] = {
        "title": one_line(event.title),
        "number_of": event.number,
        "text": event.text,
        "accepted": event.verdict is meetings.Verdict.ACCEPTED,
        "counts": (event.counts.yes, event.counts.no, event.counts.abstain),
        "path": _of_session(event.session_id),
    }
    about = event.resolution_id
    await _tell(event, "decision_resolved", session, service, about=about, field=None, facts=facts)


async def grant_lapsed(
    event: applications.GrantLapsed, session: AsyncSession, service: Service
) -> None:
    """What still waits to be sent about the grant is no longer true."""
    await _no_longer(event, session)
    await grant_letters.grant_lapsed(event, session, service)


async def grant_revoked(
    event: applications.GrantRevoked, session: AsyncSession, service: Service
) -> None:
    """Nor is it when somebody took it back."""
    await _no_longer(event, session)
    await grant_letters.grant_revoked(event, session, service)


async def grant_declined(
    event: applications.GrantDeclined, session: AsyncSession, service: Service
) -> None:
    """Nor when the applicant does not want it."""
    await _no_longer(event, session)
    await grant_letters.grant_declined(event, session, service)


async def _no_longer(event: Any, session: AsyncSession) -> None:
    kinds, about = ("decision_granted",), event.application_id
    await overtake(session, kinds=kinds, thing_id=about, before=event.event_id)


def _idea(event: applications.GrantReserved | applications.ApplicationRejected) -> dict[str, Any]:
    return {
        "title": one_line(event.public_title),
        "number_of": event.number,
        "field": event.field_of_action,
    }


def _of_session(session_id: UUID | None) -> str:
    return f"/sitzungen/{session_id}" if session_id else "/sitzungen"


async def _applicant(session: AsyncSession, application_id: UUID) -> list[Recipient]:
    """Whom it is about has a letter of their own."""
    case = await known_case(session, application_id)
    to = await reader(session, case.person_id)
    return [to] if to is not None else []


async def _tell(
    event: Event,
    kind: str,
    session: AsyncSession,
    service: Service,
    *,
    about: UUID,
    field: str | None,
    facts: dict[str, Any],
    told: Sequence[Recipient] = (),
) -> None:
    """One letter a subscriber who wants this field and hears of it at once."""
    async for some in subscribers(session, DECISIONS, field=field):
        to = but_for(some, told, service)
        drafts = [Draft(to=each, about=About(thing_id=about), facts=facts) for each in to]
        await queue_all(session, service, event, kind, drafts)


ANSWERED: Final[Handlers] = {
    **grant_letters.ANSWERED,
    applications.GrantReserved: granted,
    applications.ApplicationRejected: rejected,
    applications.GrantLapsed: grant_lapsed,
    applications.GrantRevoked: grant_revoked,
    applications.GrantDeclined: grant_declined,
}
RESOLVED: Final[Handlers] = {meetings.ResolutionRecorded: resolved}
