"""Who belongs to the board: recorded, reached, declared, given roles, resting, gone.

Contacts are sealed for the letters of others; the trail names codes and never a person.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.meetings.commands.once import Order, earlier, trail, unchanged
from services.meetings.domain.accession import Accession
from services.meetings.domain.account import Account, Standing
from services.meetings.domain.board import Rules
from services.meetings.domain.member import BoardRole, IllegalMove, Member, MemberStatus
from services.meetings.domain.rights import Standing as Where
from services.meetings.domain.rights import counted
from services.meetings.queries import account_by_email, the_board
from services.meetings.queries.known import known_as
from services.meetings.queries.members import rules_today, sittings_of
from services.meetings.store import record
from shared.days import local_day
from shared.events.meetings import JoinedBecause, SuspendedBecause
from shared.events.people import Contact
from shared.roles import Role
from shared.service import Service
from shared.web.sessions import revoke_all


class NotYetThere(Exception):
    """A day that has not come yet cannot stand on a declaration, and nobody can have left on it."""


class AlreadyThere(Exception):
    """Somebody of this name at this address is on the list: nobody gets a second vote by mistake."""


class Erased(Exception):
    """The person is gone; only what they took part in is left."""


@dataclass(frozen=True, kw_only=True)
class Particulars:
    """Who somebody is and how to reach them."""

    contact: Contact
    language: str
    unit_id: UUID | None = None

    def content(self) -> dict[str, Any]:
        """What makes two forms the same."""
        return {**asdict(self), "contact": self.contact.model_dump()}


async def record_member(
    session: AsyncSession,
    service: Service,
    who: Particulars,
    order: Order,
    *,
    declared_on: date | None = None,
) -> UUID:
    """Take somebody in by the office, as a guest or with the sheet they signed on that day."""
    new, content = uuid7(), who.content() | {"declared_on": declared_on}
    if first := await earlier(session, order, name="member.record", content=content, subject=new):
        return first
    _not_ahead(declared_on, at=order.at)
    await the_board(session, for_update=True)
    if await known_as(session, who.contact) is not None:
        raise AlreadyThere
    member = await take_in(session, service, who, member_id=new, at=order.at)
    trail(session, "member.record", new, order, declared=declared_on is not None)
    if declared_on is not None:
        await enter_declaration(session, member, on=declared_on, at=order.at)
        await join_if_earned(session, member, at=order.at)
    return new


async def take_in(
    session: AsyncSession,
    service: Service,
    who: Particulars,
    *,
    member_id: UUID,
    known: bool = True,
    at: datetime,
) -> Member:
    """A new guest under a key of their own; if the office knows them, an account with the same
    address becomes theirs.
    """
    board, _rules = await the_board(session)
    email = who.contact.email or None
    member = Member.record(
        who.contact,
        board_id=board.id,
        person_id=await service.seals.person(email=email),
        language=who.language,
        unit_id=who.unit_id,
        member_id=member_id,
        at=at,
    )
    member.account_id = await _free_account(session, email) if known else None
    sealed = await service.seals.seal(member.person_id, member.contact)
    session.add(member)
    record(session, member.recorded(sealed, at=at))
    await session.flush()
    return member


async def change_contact(
    session: AsyncSession, service: Service, member_id: UUID, who: Particulars, order: Order
) -> UUID:
    """Another name, address or unit; how to reach them is told anew."""
    member = await changed(session, "member.contact", member_id, order, **who.content())
    if member is None:
        return member_id
    if who.contact.email != (member.email or ""):
        await service.seals.readdress(member.person_id, email=who.contact.email or None)
    member.take_contact(who.contact)
    member.language, member.unit_id = who.language, who.unit_id
    if member.account_id is None and member.status is not MemberStatus.LEFT:
        member.account_id = await _free_account(session, member.email)
    sealed = await service.seals.seal(member.person_id, member.contact)
    record(session, member.recorded(sealed, at=order.at))
    trail(session, "member.contact", member_id, order)
    return member_id


async def declare(session: AsyncSession, member_id: UUID, order: Order, *, on: date) -> UUID:
    """The office has the sheet that somebody signed on that day."""
    member = await changed(session, "member.declare", member_id, order, on=on)
    if member is None:
        return member_id
    _not_ahead(on, at=order.at)
    await enter_declaration(session, member, on=on, at=order.at)
    await join_if_earned(session, member, at=order.at)
    trail(session, "member.declare", member_id, order)
    return member_id


async def enter_declaration(
    session: AsyncSession,
    member: Member,
    *,
    on: date,
    online: bool = False,
    text: str = "",
    institution: str = "",
    at: datetime,
) -> None:
    """They want to belong; what they agreed to is kept with its hour. On paper it needs no look."""
    rules = await rules_today(session, at=at)
    came = await _came_since(session, member, on)
    missing = max(0, rules.earned_after - came)
    record(session, member.declare(on=on, online=online, attendances=missing, at=at))
    session.add(
        Accession(
            member_id=member.id,
            declared_at=at,
            declared_on=on,
            online=online,
            text=text,
            institution=institution,
            seen_at=None if online else at,
        )
    )
    await session.flush()


async def join_if_earned(session: AsyncSession, member: Member, *, at: datetime) -> None:
    """Where the declaration is enough, or they came often enough before, they vote at once."""
    if member.status is not MemberStatus.DECLARED or member.declared_on is None:
        return
    rules: Rules = await rules_today(session, at=at)
    came = await _came_since(session, member, member.declared_on)
    if came < rules.earned_after:
        return
    because = JoinedBecause.ATTENDED if rules.earned_after else JoinedBecause.DECLARED
    record(session, member.join(because, on=local_day(at), attendances=came, at=at))
    await session.flush()


async def acknowledge(session: AsyncSession, member_id: UUID, order: Order) -> UUID:
    """The office has looked at a declaration from the web: only now can it be enough by itself."""
    member = await changed(session, "member.acknowledge", member_id, order)
    if member is None:
        return member_id
    unseen = Accession.member_id == member_id, Accession.seen_at.is_(None)
    for accession in await session.scalars(select(Accession).where(*unseen)):
        accession.seen_at = order.at
    if member.account_id is None:
        member.account_id = await _free_account(session, member.email)
    await join_if_earned(session, member, at=order.at)
    trail(session, "member.acknowledge", member_id, order)
    return member_id


async def give_roles(
    session: AsyncSession, member_id: UUID, roles: Iterable[BoardRole], order: Order
) -> UUID:
    """Give exactly these offices of the board; who may not vote yet holds none."""
    wanted = sorted(set(roles))
    member = await changed(session, "member.roles", member_id, order, roles=wanted)
    if member is None:
        return member_id
    if wanted and not member.belongs:
        raise IllegalMove(member.status, MemberStatus.ACTIVE)
    member.take_roles(wanted)
    trail(session, "member.roles", member_id, order, roles=wanted)
    return member_id


async def suspend(session: AsyncSession, member_id: UUID, order: Order) -> UUID:
    """The office lets the right to vote rest; only the office gives it back."""
    member = await changed(session, "member.suspend", member_id, order)
    if member is not None:
        event = member.suspend(
            SuspendedBecause.OFFICE,
            on=local_day(order.at),
            missed=0,
            regained_after=None,
            at=order.at,
        )
        record(session, event)
        trail(session, "member.suspend", member_id, order)
    return member_id


async def restore(session: AsyncSession, member_id: UUID, order: Order) -> UUID:
    """The office gives the right to vote: at last, or back."""
    member = await changed(session, "member.restore", member_id, order)
    if member is not None:
        day, at = local_day(order.at), order.at
        came = await _came_since(session, member, member.declared_on or day)
        record(session, member.join(JoinedBecause.OFFICE, on=day, attendances=came, at=at))
        trail(session, "member.restore", member_id, order)
    return member_id


async def leave(
    session: AsyncSession, service: Service, member_id: UUID, order: Order, *, on: date
) -> UUID:
    """They belong no more; an account that was for the board alone is closed with it."""
    member = await changed(session, "member.leave", member_id, order, on=on)
    if member is None:
        return member_id
    _not_ahead(on, at=order.at)
    record(session, member.leave(on=on, at=order.at))
    await _close_account(session, service, member)
    trail(session, "member.leave", member_id, order)
    return member_id


async def changed(
    session: AsyncSession, action: str, member_id: UUID, order: Order, **content: Any
) -> Member | None:
    """The member, locked and as the form showed it; None if this command was carried out before."""
    about = {"id": member_id, **content}
    if await earlier(session, order, name=action, content=about, subject=member_id):
        return None
    member = await session.get_one(Member, member_id, with_for_update=True)
    unchanged("member", order, now=member.version)
    if member.erased_at is not None:
        raise Erased
    return member


async def _came_since(session: AsyncSession, member: Member, on: date) -> int:
    """How often they were there from that day on."""
    sittings = (await sittings_of(session, [member]))[member.id]
    return counted(Where(status=MemberStatus.DECLARED, declared_on=on), sittings)


async def _free_account(session: AsyncSession, email: str | None) -> UUID | None:
    """The account of this address, a member's from now on, unless another one signs in with it."""
    account = await account_by_email(session, email) if email else None
    if account is None:
        return None
    taken = select(Member.id).where(Member.account_id == account.id)
    if await session.scalar(taken):
        return None
    make_a_members(account)
    return account.id


def make_a_members(account: Account) -> None:
    """Adding a role takes nobody out: it holds from the next sign-in."""
    account.change_roles(account.role_set | {Role.MEMBER}, others_run_the_office=True)


async def _close_account(session: AsyncSession, service: Service, member: Member) -> None:
    """Whoever works here besides keeps their account, without the board's role."""
    if member.account_id is None:
        return
    account = await session.get_one(Account, member.account_id, with_for_update=True)
    others = account.role_set - {Role.MEMBER}
    if others:
        account.change_roles(others, others_run_the_office=True)
    elif account.standing in (Standing.INVITED, Standing.ACTIVE):
        account.deactivate(others_run_the_office=True)
    await revoke_all(service, account.id)


def _not_ahead(day: date | None, *, at: datetime) -> None:
    if day is not None and day > local_day(at):
        raise NotYetThere
