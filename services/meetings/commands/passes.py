"""The way into the room on any device: a code on the wall and, without an account, a code of one's own."""

import hmac
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.meetings.commands.once import Order, trail
from services.meetings.commands.rooms import open_room
from services.meetings.domain.codes import as_typed, new_pass_code
from services.meetings.domain.member import Member
from services.meetings.domain.polls import RoomPass
from services.meetings.domain.room import WrongCode
from services.meetings.domain.session import Session, Status
from services.meetings.vault import Vault


async def issue_pass(
    session: AsyncSession, vault: Vault, session_id: UUID, member_id: UUID, order: Order
) -> str:
    """A code of the member's own for this session, readable this once; an older one ends with it."""
    await open_room(session, session_id)
    await session.get_one(Member, member_id)
    await _revoke(session, session_id, member_id)
    code = new_pass_code()
    session.add(
        RoomPass(
            id=uuid7(),
            session_id=session_id,
            member_id=member_id,
            code_hash=pass_hash(vault, session_id, code),
            issued_at=order.at,
            revoked=False,
        )
    )
    trail(session, "room.issue_pass", session_id, order)
    return code


async def revoke_pass(
    session: AsyncSession, session_id: UUID, member_id: UUID, order: Order
) -> None:
    """The member's code opens nothing any more, on whatever device it was typed."""
    if await _revoke(session, session_id, member_id):
        trail(session, "room.revoke_pass", session_id, order)


async def enter(
    session: AsyncSession, vault: Vault, session_id: UUID, *, room_code: str, own_code: str
) -> RoomPass:
    """The pass of whoever knows both codes while the session is open; raises `WrongCode`."""
    meeting = await check_room_code(session, session_id, room_code)
    code_hash = pass_hash(vault, meeting.id, own_code)
    found = await session.scalar(
        select(RoomPass).where(
            RoomPass.session_id == meeting.id,
            RoomPass.code_hash == code_hash,
            RoomPass.revoked.is_(False),
        )
    )
    if found is None:
        raise WrongCode
    return found


async def enter_signed_in(
    session: AsyncSession, session_id: UUID, account_id: UUID, *, room_code: str
) -> UUID:
    """The member this account belongs to; they need no code but the one on the wall."""
    await check_room_code(session, session_id, room_code)
    theirs = select(Member.id).where(Member.account_id == account_id)
    member_id = await session.scalar(theirs)
    if member_id is None:
        raise WrongCode
    return member_id


async def check_room_code(session: AsyncSession, session_id: UUID, typed: str) -> Session:
    """The open session with this code on its wall; raises `WrongCode`."""
    meeting = await session.get(Session, session_id)
    shown = meeting.room_code if meeting and meeting.status is Status.OPEN else ""
    if meeting is None or not shown or not hmac.compare_digest(shown, _plain(typed)):
        raise WrongCode
    return meeting


async def holder(session: AsyncSession, pass_id: UUID) -> RoomPass | None:
    """The pass a device came in with, as long as it holds."""
    found = await session.get(RoomPass, pass_id)
    if found is None or found.revoked:
        return None
    meeting = await session.get_one(Session, found.session_id)
    return found if meeting.status is Status.OPEN else None


def pass_hash(vault: Vault, session_id: UUID, code: str) -> str:
    """What is kept of a code: another in every session, and nothing without our key."""
    kept = session_id.bytes + as_typed(code).encode()
    return hmac.digest(vault.pass_key, kept, "sha256").hex()


def _plain(typed: str) -> str:
    code = as_typed(typed)
    return code if code.isascii() else ""


async def _revoke(session: AsyncSession, session_id: UUID, member_id: UUID) -> bool:
    theirs = RoomPass.session_id == session_id, RoomPass.member_id == member_id
    gone = update(RoomPass).where(*theirs, RoomPass.revoked.is_(False)).values(revoked=True)
    return await session.scalar(gone.returning(RoomPass.id)) is not None
