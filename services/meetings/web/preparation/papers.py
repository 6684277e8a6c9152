"""All papers of a session for the office, as one file."""

from uuid import UUID

from fastapi import Request, Response

from services.meetings.desk import service_of
from services.meetings.domain.session import Session
from services.meetings.queries import agendas_of
from services.meetings.queries.preparation import left_in_fund
from services.meetings.web.preparation.reading import papers_pdf, readings
from shared.web.access import Guarded

paper_pages = Guarded(prefix="/buero/sitzungen/{session_id}")


@paper_pages.get("/unterlagen.pdf", action="paper.read")
async def all_papers(request: Request, session_id: UUID) -> Response:
    """Agenda, applications, statements, sums: opened for this file only."""
    async with service_of(request).db.read() as session:
        meeting = await session.get_one(Session, session_id)
        lines = await agendas_of(session, [session_id])
        left = await left_in_fund(session, meeting)
    return await papers_pdf(request, meeting, await readings(request, lines), left_cents=left)
