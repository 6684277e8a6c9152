"""The applicant's own letter and agreement as files."""

from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.applications.queries.whole import Whole, whole_case
from services.applications.web.case_papers import printed_agreement, printed_letter
from services.applications.web.mine_own import own_case
from services.applications.web.visit import now, service_of
from shared.web.access import Guarded

router = Guarded()


@router.get("/mein/{application_id}/bescheid.pdf", action="case.read")
async def letter_pdf(request: Request, application_id: UUID) -> Response:
    """The letter about the last decision."""
    return await printed_letter(request, await _own_whole(request, application_id))


@router.get("/mein/{application_id}/vereinbarung.pdf", action="case.read")
async def agreement_pdf(request: Request, application_id: UUID) -> Response:
    """The agreement to read before accepting, or as it was signed."""
    return await printed_agreement(request, await _own_whole(request, application_id))


async def _own_whole(request: Request, application_id: UUID) -> Whole:
    async with service_of(request).db.read() as session:
        application = await own_case(request, session, application_id, "case.read")
        if application.number is None:
            raise HTTPException(404)
        return await whole_case(session, application, at=now(request))
