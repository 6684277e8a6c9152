"""The applicant's own case: nobody else's, and nothing once the person is erased."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.exceptions import HTTPException
from starlette.requests import Request

from services.applications.domain import Application
from services.applications.policy import authorize
from shared.web.access import actor_of


async def own_case(
    request: Request,
    session: AsyncSession,
    application_id: UUID,
    action: str,
    *,
    lock: bool = False,
) -> Application:
    """The application, if it is the applicant's own; 404 once it is erased."""
    chosen = select(Application).where(Application.id == application_id)
    application = await session.scalar(chosen.with_for_update() if lock else chosen)
    if application is None:
        raise HTTPException(404)
    authorize(actor_of(request), action, application)
    if application.erased_at is not None:
        raise HTTPException(404)
    return application
