"""Whether somebody is on the list already, under this name at this address."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.domain.member import Member, MemberStatus
from services.meetings.queries.accounts import same_address
from shared.events.people import Contact


async def known_as(session: AsyncSession, contact: Contact) -> Member | None:
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
