"""Who may sign in: accounts opened, changed, closed and erased, each step leaving a trail.

Sessions end inside the transaction that takes rights away: no crash lets them outlive it.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.commands.forgetting import forget_people
from services.meetings.commands.once import Order, earlier, trail, unchanged
from services.meetings.domain.account import Account, IllegalMove, RecoveryCode, Standing
from services.meetings.queries import account_by_email, accounts, same_address
from services.meetings.store import Link, record
from shared.events.people import Contact, PersonErasedByMeetings
from shared.events.people import Link as MailedLink
from shared.sealed import Sealed
from shared.service import Service
from shared.web import links
from shared.web.actors import Role
from shared.web.sessions import revoke_all

INVITATION_DAYS: Final = 3
INVITATION: Final = "account.invitation"


class AddressTaken(Exception):
    """There is an account with this address already."""


async def open_account(
    session: AsyncSession,
    service: Service,
    order: Order,
    *,
    email: str,
    name: str,
    roles: Iterable[Role],
    language: str,
) -> tuple[UUID, str | None]:
    """Open an account and write its invitation; gives the id and the link (None on repetition)."""
    address, wanted = same_address(email), sorted(set(roles))
    content = {"email": address, "name": name, "roles": wanted, "language": language}
    account = Account.open(
        person_id=await service.seals.person(email=address),
        email=address,
        name=name,
        roles=wanted,
        language=language,
        at=order.at,
    )
    if first := await earlier(
        session, order, name="account.open", content=content, subject=account.id
    ):
        return first, None
    if await account_by_email(session, address):
        raise AddressTaken
    session.add(account)
    await _stored(session)
    trail(session, "account.open", account.id, order, roles=wanted)
    return account.id, await invite(session, service, account, at=order.at)


async def invite(session: AsyncSession, service: Service, account: Account, *, at: datetime) -> str:
    """Write the letter that opens the account; earlier invitations stop working. Gives the link."""
    await links.revoke(session, Link, purpose=INVITATION, subject=str(account.id))
    issued = await links.issue(
        session,
        Link,
        purpose=INVITATION,
        subject=str(account.id),
        browser=None,
        at=at,
        minutes=INVITATION_DAYS * 24 * 60,
    )
    url = f"{service.settings.origin}/anmelden/einladung/{issued.token}"
    event = account.invite(
        contact=await contact_of(service, account),
        link=await service.seals.seal(account.person_id, MailedLink(url=url)),
        expires_at=at + timedelta(days=INVITATION_DAYS),
        at=at,
    )
    record(session, event)
    return url


async def contact_of(service: Service, account: Account) -> Sealed:
    """The account's name and address, sealed for a letter."""
    contact = Contact(name=account.name, email=account.email or "")
    return await service.seals.seal(account.person_id, contact)


async def invite_again(
    session: AsyncSession,
    service: Service,
    account_id: UUID,
    order: Order,
) -> None:
    """Send a new invitation to somebody who has not answered the last one."""
    account = await _change(session, "account.invite", account_id, order)
    if account is None:
        return
    if account.standing is not Standing.INVITED:
        raise IllegalMove(account.standing, Standing.INVITED)
    await invite(session, service, account, at=order.at)


async def change_roles(
    session: AsyncSession,
    service: Service,
    account_id: UUID,
    roles: Iterable[Role],
    order: Order,
) -> None:
    """Give exactly these roles; who lacks a second factor for them is invited to set it up."""
    wanted = sorted(set(roles))
    account = await _change(session, "account.roles", account_id, order, roles=wanted)
    if account is None:
        return
    account.change_roles(wanted, others_run_the_office=await _others(session, account_id))
    await revoke_all(service, account_id)
    if account.standing is Standing.ACTIVE and not account.is_equipped:
        await invite(session, service, account, at=order.at)


async def deactivate(
    session: AsyncSession, service: Service, account_id: UUID, order: Order
) -> None:
    """Close an account; it keeps its proofs and can be opened again."""
    account = await _change(session, "account.deactivate", account_id, order)
    if account is not None:
        account.deactivate(others_run_the_office=await _others(session, account_id))
        await revoke_all(service, account_id)


async def reactivate(
    session: AsyncSession,
    service: Service,
    account_id: UUID,
    order: Order,
) -> None:
    """Open a closed account again; without its proofs it gets a new invitation."""
    account = await _change(session, "account.reactivate", account_id, order)
    if account is None:
        return
    account.reactivate()
    if account.standing is Standing.INVITED:
        await invite(session, service, account, at=order.at)


async def reset_proofs(
    session: AsyncSession,
    service: Service,
    account_id: UUID,
    order: Order,
) -> None:
    """The phone is lost: password and second factor are due anew, by a letter."""
    account = await _change(session, "account.reset", account_id, order)
    if account is None:
        return
    if account.standing is not Standing.ACTIVE:
        raise IllegalMove(account.standing, Standing.INVITED)
    account.forget_proofs()
    await forget_recovery_codes(session, account_id)
    await revoke_all(service, account_id)
    await invite(session, service, account, at=order.at)


async def erase(
    session: AsyncSession, service: Service, account: Account, person_ids: list[UUID], order: Order
) -> None:
    """Wipe an account and tell everyone which person is gone."""
    account.erase(others_run_the_office=await _others(session, account.id))
    await forget_traces(session, account.id)
    await forget_people(session, service, person_ids, at=order.at)
    await revoke_all(service, account.id)
    record(
        session,
        PersonErasedByMeetings(at=order.at, person_id=account.person_id, person_ids=person_ids),
    )
    trail(session, "account.erase", account.id, order)


async def forget_traces(session: AsyncSession, account_id: UUID) -> None:
    """Delete what hangs on an account: spare codes and open links."""
    await forget_recovery_codes(session, account_id)
    await session.execute(delete(Link).where(Link.subject == str(account_id)))


async def forget_recovery_codes(session: AsyncSession, account_id: UUID) -> None:
    """Make every spare code worthless."""
    await session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))


async def _change(
    session: AsyncSession, action: str, account_id: UUID, order: Order, **content: list[Role]
) -> Account | None:
    """The account, locked and as the form showed it; None if this command was carried out before.

    All accounts are locked in one order, so that two of the office cannot shut each other out.
    """
    about = {"id": account_id, **content}
    if await earlier(session, order, name=action, content=about, subject=account_id):
        return None
    await accounts(session, for_update=True)
    account = await session.get_one(Account, account_id)
    unchanged("account", order, now=account.version)
    trail(session, action, account_id, order, **content)
    return account


async def _others(session: AsyncSession, account_id: UUID) -> bool:
    """True if somebody else runs the office."""
    everyone = await accounts(session, for_update=True)
    return any(each.runs_the_office for each in everyone if each.id != account_id)


async def _stored(session: AsyncSession) -> None:
    try:
        await session.flush()
    except IntegrityError as error:
        raise AddressTaken from error
