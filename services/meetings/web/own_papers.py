"""What the board reads before a session, for members who are signed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi import Request, Response
from sqlalchemy.exc import NoResultFound
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.chairs import own_member
from services.meetings.desk import service_of
from services.meetings.domain.invitation import is_invited
from services.meetings.domain.session import Session, Status
from services.meetings.queries import AgendaLine, agendas_of
from services.meetings.queries.preparation import left_in_fund
from services.meetings.web.preparation.reading import NO_STORE, papers_pdf, readings
from services.meetings.words import STATEMENT
from shared.web.access import Guarded
from shared.web.pages import gettext_of, page

own_papers = Guarded(prefix="/gremium/sitzungen/{session_id}")


@dataclass(frozen=True, kw_only=True)
class Papers:
    """One session's agenda, and what the fund has left for it."""

    meeting: Session
    lines: Sequence[AgendaLine]
    left: int | None


@own_papers.get("/unterlagen", action="papers.own")
async def read_papers(request: Request, session_id: UUID) -> Response:
    """Everything the board reads, opened for this page only."""
    found = await _papers(request, session_id)
    shown = page(
        request,
        "preparation/papers.html",
        title=gettext_of(request)("Unterlagen"),
        here="gremium",
        meeting=found.meeting,
        read=await readings(request, found.lines),
        asked=[line.asked_cents for line in found.lines if line.asked_cents is not None],
        left=found.left,
        back=(gettext_of(request)("Mein Gremium"), "/gremium"),
        pdf=f"/gremium/sitzungen/{session_id}/unterlagen.pdf",
        STATEMENT=STATEMENT,
    )
    shown.headers["Cache-Control"] = NO_STORE
    return shown


@own_papers.get("/unterlagen.pdf", action="papers.own")
async def papers_file(request: Request, session_id: UUID) -> Response:
    """The same to keep or to print."""
    found = await _papers(request, session_id)
    read = await readings(request, found.lines)
    return await papers_pdf(request, found.meeting, read, left_cents=found.left)


async def _papers(request: Request, session_id: UUID) -> Papers:
    """From the invitation on, for whoever was invited; for everybody else there is nothing here."""
    async with service_of(request).db.read() as session:
        await _check(request, session)
        meeting = await session.get_one(Session, session_id)
        if meeting.status in (Status.PLANNED, Status.CANCELLED):
            raise NoResultFound
        return Papers(
            meeting=meeting,
            lines=await agendas_of(session, [session_id]),
            left=await left_in_fund(session, meeting),
        )


async def _check(request: Request, session: AsyncSession) -> None:
    member = await own_member(request, session)
    if member is None or not is_invited(member):
        raise NoResultFound
