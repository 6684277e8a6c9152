"""What a member's own page shows, and nothing of anybody else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.domain.attendance import Coming, Reply
from services.meetings.domain.circular import Circular
from services.meetings.domain.session import Session, Status
from services.meetings.queries.agendas import AgendaLine, agendas_of
from services.meetings.queries.circular import to_answer
from services.meetings.queries.follow_up import TaskLine, tasks_of_member
from services.meetings.queries.members import MemberPage, member_of_account, member_page
from shared.days import local_day, start_of_day


@dataclass(frozen=True, kw_only=True)
class Ahead:
    """The session to come, or the one that runs."""

    meeting: Session
    agenda: Sequence[AgendaLine]
    coming: Coming | None
    """What the member said last."""

    def may_reply(self, at: datetime) -> bool:
        """From the invitation until the session begins."""
        return self.meeting.status is Status.INVITED and at < self.meeting.starts_at


@dataclass(frozen=True, kw_only=True)
class Own:
    """One member's own page."""

    page: MemberPage
    ahead: Ahead | None
    tasks: Sequence[TaskLine]
    circulars: Sequence[Circular]
    """Votes in writing they are asked in and have not answered."""


async def own_page(session: AsyncSession, account_id: UUID | None, *, at: datetime) -> Own | None:
    """The page of whoever signs in with this account; None if that is no member."""
    member = await member_of_account(session, account_id) if account_id else None
    if member is None:
        return None
    return Own(
        page=await member_page(session, member.id, at=at),
        ahead=await _ahead(session, member.id, at=at),
        tasks=await tasks_of_member(session, member),
        circulars=await to_answer(session, member.id),
    )


async def session_ahead(session: AsyncSession, *, at: datetime) -> Session | None:
    """The next session that stands; today's is it until it is closed."""
    stands = Session.status.in_([Status.PLANNED, Status.INVITED, Status.OPEN])
    today = start_of_day(local_day(at))
    coming = select(Session).where(stands, Session.starts_at >= today)
    return await session.scalar(coming.order_by(Session.starts_at).limit(1))


async def _ahead(session: AsyncSession, member_id: UUID, *, at: datetime) -> Ahead | None:
    meeting = await session_ahead(session, at=at)
    if meeting is None:
        return None
    reply = await session.get(Reply, (meeting.id, member_id))
    return Ahead(
        meeting=meeting,
        agenda=await agendas_of(session, [meeting.id]),
        coming=reply.coming if reply else None,
    )
