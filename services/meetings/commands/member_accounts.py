"""Accounts of members, opened by the office, and members erased by it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.commands.accounts import AddressTaken, forget_traces, open_account
from services.meetings.commands.forgetting import forget_people
from services.meetings.commands.members import make_a_members
from services.meetings.commands.once import Order, trail, unchanged
from services.meetings.domain.account import Account, LastOffice, Standing
from services.meetings.domain.member import Member, MemberStatus
from services.meetings.queries import account_by_email, accounts, same_address
from services.meetings.store import record
from shared.events.people import PersonErasedByMeetings
from shared.roles import Role
from shared.service import Service
from shared.web.sessions import revoke_all


class NoAddress(Exception):
    """Without an e-mail address there is nothing to sign in with."""


async def open_member_account(
    session: AsyncSession, service: Service, member_id: UUID, order: Order
) -> UUID:
    """Invite a member to sign in; again it answers with the same account.

    Raises `AddressTaken` if somebody else signs in with this address.
    """
    member = await session.get_one(Member, member_id, with_for_update=True)
    if member.account_id is not None:
        return member.account_id
    unchanged("member", order, now=member.version)
    if not member.email or member.status is MemberStatus.LEFT:
        raise NoAddress
    account = await account_by_email(session, member.email)
    if account is None:
        account_id, _link = await open_account(
            session,
            service,
            order,
            email=member.email,
            name=member.name,
            roles=[Role.MEMBER],
            language=member.language,
        )
    elif await session.scalar(select(Member.id).where(Member.account_id == account.id)):
        raise AddressTaken
    else:
        make_a_members(account)
        account_id = account.id
    member.account_id = account_id
    return account_id


async def check_erasable(session: AsyncSession, member_id: UUID, order: Order) -> Member:
    """The member as the form showed it; raises `LastOffice` before anything is beyond recall."""
    member = await session.get_one(Member, member_id)
    unchanged("member", order, now=member.version)
    everyone = await accounts(session)
    own = [one for one in everyone if one.person_id == member.person_id or _same(one, member)]
    others = any(one.runs_the_office for one in everyone if one not in own)
    if any(one.runs_the_office for one in own) and not others:
        raise LastOffice
    return member


async def erase_member(
    session: AsyncSession,
    service: Service,
    member: Member,
    person_ids: Sequence[UUID],
    order: Order,
) -> None:
    """Wipe a member whose keys are gone, with their accounts, and tell everyone who it was."""
    theirs = select(Account).where(
        Account.person_id.in_(person_ids), Account.standing != Standing.ERASED
    )
    for account in await session.scalars(theirs.with_for_update()):
        account.erase(others_run_the_office=True)
        await forget_traces(session, account.id)
        await revoke_all(service, account.id)
    await forget_people(session, service, person_ids, at=order.at)
    told = {"person_id": member.person_id, "person_ids": list(person_ids)}
    record(session, PersonErasedByMeetings(at=order.at, **told))
    trail(session, "member.erase", member.id, order)


def _same(account: Account, member: Member) -> bool:
    return bool(member.email) and account.email == same_address(member.email or "")
