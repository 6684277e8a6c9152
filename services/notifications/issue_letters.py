"""Letters to the office about its issues: what went wrong, and where to look."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.addressbook import office
from services.notifications.issues.queries import subject_of
from services.notifications.letters.queue import About, queue
from shared.events import notifications
from shared.inbox import Handlers
from shared.service import Service


async def paused(event: notifications.IssuePaused, session: AsyncSession, service: Service) -> None:
    """A mail server refuses us: how far it got, and what the server said."""
    await queue(
        session,
        service,
        event,
        "office_issue_paused",
        office(service),
        about=About(thing_id=event.issue_id),
        issue_id=event.issue_id,
        press=event.kind is notifications.IssueKind.PRESS,
        title=await subject_of(session, event.issue_id),
        sent=event.sent,
        waiting=event.waiting,
        answer=f"{event.code or ''} {event.answer}".strip(),
    )


async def held_back(
    event: notifications.IssueHeldBack, session: AsyncSession, service: Service
) -> None:
    """It did not go out at its time, and why."""
    await queue(
        session,
        service,
        event,
        "office_issue_held_back",
        office(service),
        about=About(thing_id=event.issue_id),
        issue_id=event.issue_id,
        press=event.kind is notifications.IssueKind.PRESS,
        title=await subject_of(session, event.issue_id),
        too_late=event.because is notifications.HeldBack.TOO_LATE,
    )


ANSWERED: Handlers = {
    notifications.IssuePaused: paused,
    notifications.IssueHeldBack: held_back,
}
