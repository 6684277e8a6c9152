"""Letters about belonging to the board: who may vote since when and why, and goodbye."""

from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.addressbook import on_the_board, reader, remember
from services.notifications.case_letters import tell_office
from services.notifications.letters.queue import queue
from shared.events import meetings
from shared.events.people import Contact
from shared.inbox import Handlers
from shared.service import Service


async def member_recorded(
    event: meetings.MemberRecorded, session: AsyncSession, service: Service
) -> None:
    """Into the address book; a guest is not invited yet."""
    contact = await service.seals.open(event.contact, Contact)
    await remember(session, event.person_id, contact, event.language, service.clock.now())
    await on_the_board(session, event.member_id, event.person_id)


async def accession_declared(
    event: meetings.AccessionDeclared, session: AsyncSession, service: Service
) -> None:
    """What is still to do before they may vote; what came online the office looks at."""
    await _tell(event, "accession_declared", session, service, attendances=event.attendances)
    if event.online:
        kind = "office_accession_declared"
        await tell_office(event, kind, session, service, member_id=event.member_id)


async def member_joined(
    event: meetings.MemberJoined, session: AsyncSession, service: Service
) -> None:
    """They may vote now, and why."""
    facts: dict[str, Any] = {"because": str(event.because), "attendances": event.attendances}
    await _tell(event, "member_joined", session, service, **facts)


async def member_suspended(
    event: meetings.MemberSuspended, session: AsyncSession, service: Service
) -> None:
    """Why they may not vote, and what brings the right back."""
    facts: dict[str, Any] = event.model_dump(include={"missed", "regained_after"})
    facts |= {"because": str(event.because)}
    await _tell(event, "member_suspended", session, service, **facts)


async def member_left(event: meetings.MemberLeft, session: AsyncSession, service: Service) -> None:
    """Goodbye, once; nothing more about sessions."""
    await _tell(event, "member_left", session, service)
    await on_the_board(session, event.member_id, event.person_id, left=True)


async def _tell(
    event: meetings.MemberEvent, kind: str, session: AsyncSession, service: Service, **facts: Any
) -> None:
    """A letter to this member; nobody once erased."""
    await on_the_board(session, event.member_id, event.person_id, belongs=True)
    to = await reader(session, event.person_id)
    if to is not None:
        await queue(session, service, event, kind, to, **facts)


ANSWERED: Final[Handlers] = {
    meetings.MemberRecorded: member_recorded,
    meetings.AccessionDeclared: accession_declared,
    meetings.MemberJoined: member_joined,
    meetings.MemberSuspended: member_suspended,
    meetings.MemberLeft: member_left,
}
