"""Who of the board stands at the door: the member of an account, and whether they may come in."""

from fastapi import Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.domain.member import Member
from services.meetings.policy import authorize
from shared.web.access import actor_of


async def own_member(request: Request, session: AsyncSession) -> Member | None:
    """The member this account belongs to."""
    account_id = actor_of(request).account_id
    if account_id is None:
        return None
    return await session.scalar(select(Member).where(Member.account_id == account_id))


async def let_in(request: Request, session: AsyncSession, action: str) -> None:
    """The office, or whoever holds this office on the board; raises what refuses everybody else."""
    authorize(actor_of(request), action, await own_member(request, session))
