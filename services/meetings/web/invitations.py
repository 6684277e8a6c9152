"""A member's pages behind the link of their invitation: do they come, and what is there to read."""

from typing import Any, Final
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.commands.invitations import Opened, opened
from services.meetings.commands.replies import reply
from services.meetings.desk import now, service_of
from services.meetings.domain.attendance import Coming, Reply
from services.meetings.domain.invitation import begun
from services.meetings.domain.session import Session, Status
from services.meetings.preparation_words import COMING, COMING_KIND
from services.meetings.queries import agendas_of
from services.meetings.queries.preparation import left_in_fund, plan_of
from services.meetings.web.preparation.reading import NO_STORE, papers_pdf, readings
from services.meetings.words import STATEMENT
from shared.web.access import Guarded
from shared.web.forms import Form, blank, read_form
from shared.web.limits import limit
from shared.web.links import LinkRefused
from shared.web.pages import gettext_of, page, see_other

invited = Guarded(prefix="/sitzungen/{session_id}")

HERE: Final = "sitzungen"
WORDS: Final[dict[str, Any]] = {"COMING": COMING, "COMING_KIND": COMING_KIND}


class AnswerForm(BaseModel):
    coming: Coming


@invited.get("/antwort/{token}", action="reply.give", dependencies=[limit("240/hour")])
async def show(request: Request, session_id: UUID, token: str) -> Response:
    """The session, its agenda, and the two buttons; looking changes nothing."""
    return await _answer_page(request, session_id, token, blank())


@invited.post("/antwort/{token}", action="reply.give", dependencies=[limit("60/hour")])
async def answer(request: Request, session_id: UUID, token: str) -> Response:
    """The newest answer counts, until the session begins."""
    form = await read_form(request, AnswerForm)
    if form.data is None:
        return await _answer_page(request, session_id, token, form)
    try:
        async with service_of(request).db.begin() as session:
            by = await opened(session, session_id, token, at=now(request))
            if _is_open(by.meeting, request):
                coming = form.data.coming
                await reply(session, session_id, by.member.id, coming, at=now(request))
    except LinkRefused:
        return _refused(request)
    return see_other(f"/sitzungen/{session_id}/antwort/{token}")


@invited.get("/unterlagen/{token}", action="papers.by_link", dependencies=[limit("240/hour")])
async def papers(request: Request, session_id: UUID, token: str) -> Response:
    """Everything the board reads, opened for this page only."""
    try:
        async with service_of(request).db.read() as session:
            by = await opened(session, session_id, token, at=now(request))
            lines = await agendas_of(session, [session_id])
            left = await left_in_fund(session, by.meeting)
    except LinkRefused:
        return _refused(request)
    return _private(
        page(
            request,
            "preparation/papers.html",
            title=gettext_of(request)("Unterlagen"),
            here=HERE,
            meeting=by.meeting,
            read=await readings(request, lines),
            asked=[line.asked_cents for line in lines if line.asked_cents is not None],
            left=left,
            token=token,
            STATEMENT=STATEMENT,
        )
    )


@invited.get(
    "/unterlagen/{token}/unterlagen.pdf", action="papers.by_link", dependencies=[limit("60/hour")]
)
async def papers_file(request: Request, session_id: UUID, token: str) -> Response:
    """The same to keep or to print."""
    try:
        async with service_of(request).db.read() as session:
            by = await opened(session, session_id, token, at=now(request))
            lines = await agendas_of(session, [session_id])
            left = await left_in_fund(session, by.meeting)
    except LinkRefused:
        return _refused(request)
    return await papers_pdf(request, by.meeting, await readings(request, lines), left_cents=left)


async def _answer_page(request: Request, session_id: UUID, token: str, form: Form[Any]) -> Response:
    try:
        async with service_of(request).db.read() as session:
            by = await opened(session, session_id, token, at=now(request))
            plan = plan_of(by.meeting, await agendas_of(session, [session_id]))
            said = await _said(session, by)
    except LinkRefused:
        return _refused(request)
    return _private(
        page(
            request,
            "preparation/answer.html",
            status=422 if form.errors else 200,
            title=gettext_of(request)("Kommen Sie zur Sitzung?"),
            here=HERE,
            meeting=by.meeting,
            member=by.member,
            plan=plan,
            said=said,
            form=form,
            open=_is_open(by.meeting, request),
            token=token,
            **WORDS,
        )
    )


async def _said(session: AsyncSession, by: Opened) -> Coming | None:
    found = await session.get(Reply, (by.meeting.id, by.member.id))
    return found.coming if found else None


def _is_open(meeting: Session, request: Request) -> bool:
    return meeting.status is Status.INVITED and not begun(meeting, now(request))


def _private(response: Response) -> Response:
    response.headers["Cache-Control"] = NO_STORE
    return response


def _refused(request: Request) -> Response:
    """Why a link opens nothing is not said."""
    title = gettext_of(request)("Dieser Link geht nicht")
    return page(request, "preparation/link_refused.html", status=404, title=title, here=HERE)
