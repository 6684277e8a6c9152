"""Letters about votes in writing and about minutes: to members, to the city, to whoever subscribed."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.addressbook import Recipient, board_members, opened, subscribers
from services.notifications.case_letters import tell_office
from services.notifications.domain.subscription import SESSIONS
from services.notifications.letters.queue import About, Draft, queue, queue_all
from services.notifications.session_letters import but_for, one_line
from shared.events import meetings
from shared.events.people import Link
from shared.inbox import Handlers
from shared.service import Service
from shared.web.i18n import BINDING


async def circular_vote_requested(
    event: meetings.CircularVoteRequested, session: AsyncSession, service: Service
) -> None:
    """What it is about, until when, and the member's own link; useless once the vote is over."""
    facts = event.model_dump(include={"text", "amount_cents", "closes_at", "reminder"})
    facts |= {"title": one_line(event.title)}
    about = About(thing_id=event.circular_id, expires_at=min(event.closes_at, event.expires_at))
    await _with_link(event, "circular_vote_requested", session, service, about=about, facts=facts)


async def minutes_circulated(
    event: meetings.MinutesCirculated, session: AsyncSession, service: Service
) -> None:
    """The draft for those who were there, as long as they can object."""
    facts = event.model_dump(include={"starts_at", "object_until"})
    until = min(event.object_until, event.expires_at)
    about = About(session_id=event.session_id, expires_at=until)
    await _with_link(event, "minutes_circulated", session, service, about=about, facts=facts)


async def _with_link(
    event: meetings.MemberLetter,
    kind: str,
    session: AsyncSession,
    service: Service,
    *,
    about: About,
    facts: dict[str, Any],
) -> None:
    """A letter with a link of the member's own; nobody once erased."""
    to = await opened(service, event.contact, event.language)
    link = await service.seals.open(event.link, Link)
    if to is not None and link is not None:
        await queue(session, service, event, kind, to, about=about, url=link.url, **facts)


async def amendment_proposed(
    event: meetings.AmendmentProposed, session: AsyncSession, service: Service
) -> None:
    """A task for the office; what is proposed stands on its page."""
    facts: dict[str, Any] = {"session_id": event.session_id, "starts_at": event.starts_at}
    about = About(session_id=event.session_id)
    await tell_office(event, "office_amendment_proposed", session, service, about=about, **facts)


async def minutes_approved(
    event: meetings.MinutesApproved, session: AsyncSession, service: Service
) -> None:
    """The public text for members and for subscribers, each address once."""
    members = await board_members(session)
    facts = {"starts_at": event.starts_at, "path": event.path, "board": event.board}
    about = About(session_id=event.session_id)

    async def tell(kind: str, readers: Sequence[Recipient]) -> None:
        drafts = [Draft(to=to, about=about, facts=facts) for to in readers]
        await queue_all(session, service, event, kind, drafts)

    await tell("member_minutes_approved", members)
    async for some in subscribers(session, SESSIONS):
        await tell("minutes_published", but_for(some, members, service))


async def minutes_reported(
    event: meetings.MinutesReported, session: AsyncSession, service: Service
) -> None:
    """The whole minutes for the city, as long as the link holds."""
    to = await opened(service, event.contact, BINDING)
    link = await service.seals.open(event.link, Link)
    if to is None or link is None:
        return
    about = About(session_id=event.session_id, expires_at=event.expires_at)
    facts = event.model_dump(include={"starts_at", "expires_at"})
    await queue(session, service, event, "minutes_reported", to, about=about, url=link.url, **facts)


ANSWERED: Final[Handlers] = {
    meetings.CircularVoteRequested: circular_vote_requested,
    meetings.MinutesCirculated: minutes_circulated,
    meetings.AmendmentProposed: amendment_proposed,
    meetings.MinutesApproved: minutes_approved,
    meetings.MinutesReported: minutes_reported,
}
