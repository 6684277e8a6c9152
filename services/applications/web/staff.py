"""Which colleague acts, as the trail will name them."""

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from services.applications.domain import Colleague
from shared.store import insert
from shared.web.access import actor_of


async def acting(request: Request, session: AsyncSession) -> str:
    """`account:<id>`; the name is kept beside it, so that the trail can be read."""
    actor = actor_of(request)
    if actor.account_id is None:
        return "api"
    known = insert(session, Colleague).values(
        account_id=actor.account_id, person_id=actor.person_id, name=actor.name[:200]
    )
    await session.execute(
        known.on_conflict_do_update(
            index_elements=[Colleague.account_id],
            set_={"name": actor.name[:200], "person_id": actor.person_id},
        )
    )
    return f"account:{actor.account_id}"
