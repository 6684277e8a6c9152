"""Declaring to belong by oneself, on the web: the answer never tells whom we know."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.meetings.commands.members import Particulars, enter_declaration, take_in
from services.meetings.commands.once import Order, earlier, trail
from services.meetings.domain.member import Member, MemberStatus
from services.meetings.queries import same_address, the_board
from shared.days import local_day
from shared.events.people import Contact
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
    member = await _known(session, who.contact)
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


async def _known(session: AsyncSession, contact: Contact) -> Member | None:
    """The member of this name at this address; two people may share a mailbox or a door."""
    here = select(Member).where(Member.status != MemberStatus.LEFT, Member.erased_at.is_(None))
    if contact.email:
        found = await session.scalars(here.where(Member.email.is_not(None)))
        return next((one for one in found if _same_mailbox(one, contact)), None)
    found = await session.scalars(here.where(Member.postcode == contact.postcode))
    return next((one for one in found if _same_door(one, contact)), None)


def _same_mailbox(member: Member, contact: Contact) -> bool:
    same = same_address(member.email or "") == same_address(contact.email)
    return same and _same(member.name, contact.name)


def _same_door(member: Member, contact: Contact) -> bool:
    return _same(member.name, contact.name) and _same(member.street or "", contact.street or "")


def _same(one: str, other: str) -> bool:
    return "".join(one.casefold().split()) == "".join(other.casefold().split())
