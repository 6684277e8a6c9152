"""Declaring to belong by oneself, on the web: the answer never tells whom we know."""

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.meetings.commands.members import Particulars, enter_declaration, take_in
from services.meetings.commands.once import Order, earlier, trail
from services.meetings.domain.member import MemberStatus
from services.meetings.queries import the_board
from services.meetings.queries.known import known_as
from shared.days import local_day
from shared.service import Service


async def declare_online(
    session: AsyncSession,
    service: Service,
    who: Particulars,
    order: Order,
    *,
    text: str,
    institution: str = "",
) -> None:
    """Somebody new declares, or a guest we know; who belongs already changes nothing by it.

    It opens no account and gives no vote: the office looks first, or meets them in a session.
    """
    new, content = uuid7(), who.content() | {"institution": institution}
    if await earlier(session, order, name="accession.declare", content=content, subject=new):
        return
    await the_board(session, for_update=True)
    member = await known_as(session, who.contact)
    if member is not None and member.status is not MemberStatus.GUEST:
        return
    if member is None:
        member = await take_in(session, service, who, member_id=new, known=False, at=order.at)
    await enter_declaration(
        session,
        member,
        on=local_day(order.at),
        online=True,
        text=text,
        institution=institution,
        at=order.at,
    )
    trail(session, "accession.declare", member.id, order)
