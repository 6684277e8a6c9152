"""Whose device this is: a signed cookie for one session and one member, and nothing of any ballot."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.commands.passes import enter, enter_signed_in, holder
from services.meetings.desk import service_of
from services.meetings.domain.member import Member
from services.meetings.domain.room import WrongCode
from services.meetings.domain.session import Session, Status
from services.meetings.queries.devices import BallotPaper, ballot_paper
from services.meetings.vault import Vault
from shared.web.access import actor_of
from shared.web.cookies import host_cookie, read_host_cookie, set_later, sign, unsign

COOKIE: Final = "stimme"
EVENING: Final = 12 * 3600
ID: Final = 16
NOBODY: Final = UUID(int=0)
"""In the place of a pass: whoever came in with an account."""


@dataclass(frozen=True, kw_only=True)
class Device:
    """Whose ballot this device casts, in which session."""

    meeting: Session
    member: Member


async def admitted(
    request: Request,
    session: AsyncSession,
    meeting: Session | None,
    *,
    wall: str,
    code: str,
    signed_in: bool,
) -> str:
    """The cookie of this session and member; raises WrongCode."""
    if meeting is None:
        raise WrongCode
    service, account_id = service_of(request), actor_of(request).account_id
    if signed_in and account_id is not None:
        member_id = await enter_signed_in(session, meeting.id, account_id, room_code=wall)
        pass_id = NOBODY
    else:
        vault = Vault(service.settings)
        found = await enter(session, vault, meeting.id, room_code=wall, own_code=code)
        member_id, pass_id = found.member_id, found.id
    return sign(_key(request), meeting.id.bytes + member_id.bytes + pass_id.bytes)


async def device_of(request: Request) -> tuple[Device | None, BallotPaper | None]:
    """The device's member and ballot paper, while the session is open and the pass holds."""
    value = unsign(_key(request), read_host_cookie(request, COOKIE) or "") or b""
    if len(value) != 3 * ID:
        return None, None
    session_id, member_id, pass_id = (
        UUID(bytes=value[start : start + ID]) for start in (0, ID, 2 * ID)
    )
    async with service_of(request).db.read() as session:
        meeting = await session.get(Session, session_id)
        member = await session.get(Member, member_id)
        if meeting is None or member is None or meeting.status is not Status.OPEN:
            return None, None
        account_id = actor_of(request).account_id
        if pass_id == NOBODY and (account_id is None or member.account_id != account_id):
            return None, None
        if pass_id != NOBODY and await holder(session, pass_id) is None:
            return None, None
        paper = await ballot_paper(session, session_id, member_id)
    return Device(meeting=meeting, member=member), paper


def keep(request: Request, value: str) -> None:
    """This device is the member's for the evening."""
    set_later(request, host_cookie(COOKIE, value, max_age=EVENING))


def forget(request: Request) -> None:
    """Somebody else may use this device now."""
    set_later(request, host_cookie(COOKIE, "", max_age=0))


def _key(request: Request) -> bytes:
    return service_of(request).settings.derive("meetings.ballot-device")
