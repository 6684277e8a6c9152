"""Letters about what somebody has to do, to the one who has to do it."""

from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.addressbook import opened
from services.notifications.letters.queue import About, queue
from services.notifications.session_letters import one_line
from shared.events import meetings
from shared.events.people import Link
from shared.inbox import Handlers
from shared.service import Service


async def task_assigned(
    event: meetings.TaskAssigned, session: AsyncSession, service: Service
) -> None:
    """What, and until when."""
    await _tell(event, "task_assigned", session, service)


async def task_falls_due(
    event: meetings.TaskFallsDue, session: AsyncSession, service: Service
) -> None:
    """A reminder that names the day, so that it stays true while it waits."""
    await _tell(event, "task_falls_due", session, service, days_late=event.days_late)


async def _tell(
    event: meetings.TaskEvent, kind: str, session: AsyncSession, service: Service, **facts: Any
) -> None:
    """A letter to the owner; nobody once erased."""
    to = await opened(service, event.contact, event.language)
    words = await service.seals.open(event.words, meetings.TaskWords)
    link = await service.seals.open(event.link, Link)
    if to is None or words is None or link is None:
        return
    facts |= {"title": one_line(words.title), "text": words.text.strip(), "due_on": event.due_on}
    about = About(thing_id=event.task_id)
    await queue(session, service, event, kind, to, about=about, url=link.url, **facts)


ANSWERED: Final[Handlers] = {
    meetings.TaskAssigned: task_assigned,
    meetings.TaskFallsDue: task_falls_due,
}
