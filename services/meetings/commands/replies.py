"""Who comes and who does not: said by the member, or noted by the office for them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.commands.once import Order, earlier, trail
from services.meetings.domain.attendance import Coming, Reply
from services.meetings.domain.invitation import (
    AlreadyBegun,
    NotAMember,
    NotInvited,
    begun,
    is_invited,
)
from services.meetings.domain.member import Member
from services.meetings.domain.session import Session, Status
from shared.store import insert


async def reply(
    session: AsyncSession, session_id: UUID, member_id: UUID, coming: Coming, *, at: datetime
) -> None:
    """The newest answer counts, until the session begins; the same again changes nothing."""
    meeting = await session.get_one(Session, session_id, with_for_update=True)
    if meeting.status is not Status.INVITED:
        raise NotInvited
    if begun(meeting, at):
        raise AlreadyBegun
    member = await session.get_one(Member, member_id)
    if not is_invited(member):
        raise NotAMember
    said = {"coming": coming, "replied_at": at}
    row = insert(session, Reply).values(session_id=session_id, member_id=member_id, **said)
    await session.execute(
        row.on_conflict_do_update(
            index_elements=["session_id", "member_id"], set_=said, where=Reply.coming != coming
        )
    )


async def note_reply(
    session: AsyncSession, session_id: UUID, member_id: UUID, coming: Coming, order: Order
) -> None:
    """The office heard it on the phone."""
    content = {"session": session_id, "member": member_id, "coming": coming}
    if await earlier(session, order, name="reply.note", content=content, subject=session_id):
        return
    await reply(session, session_id, member_id, coming, at=order.at)
    trail(session, "reply.note", session_id, order)
