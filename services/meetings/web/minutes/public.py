"""The approved minutes for everybody: no names, on a page and on paper."""

from uuid import UUID

from fastapi import Request, Response
from sqlalchemy.exc import NoResultFound

from services.meetings.desk import now, service_of
from services.meetings.domain.session import Session
from services.meetings.queries.minutes import facts_of, record_of
from services.meetings.web.minutes.view import Sight, pdf, title_of, words
from shared.web.access import Guarded
from shared.web.pages import language_of, page

public_minutes = Guarded(prefix="/sitzungen/{session_id}")


@public_minutes.get("/protokoll", action="minutes.read")
async def show(request: Request, session_id: UUID) -> Response:
    """The public version once it is approved; before that, when it can be expected."""
    sight = await _sight(request, session_id)
    paper = sight.paper(language_of(request), whole=False) if sight.is_approved else None
    return page(
        request,
        "minutes/public.html",
        title=title_of(request, sight),
        sight=sight,
        paper=paper,
        **words(request),
    )


@public_minutes.get("/protokoll.pdf", action="minutes.read")
async def paper(request: Request, session_id: UUID) -> Response:
    """The same on paper; 404 before it is approved."""
    sight = await _sight(request, session_id)
    if not sight.is_approved:
        raise NoResultFound
    return await pdf(request, sight, whole=False)


async def _sight(request: Request, session_id: UUID) -> Sight:
    async with service_of(request).db.read() as session:
        await session.get_one(Session, session_id)
        facts, record = await facts_of(session, session_id), await record_of(session, session_id)
    return Sight(facts=facts, record=record, at=now(request))
