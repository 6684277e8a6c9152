"""A session as the office sees it: what is next, what is still missing, who comes."""

from typing import Any, Final
from uuid import UUID

from fastapi import Request, Response
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.meetings.commands.replies import note_reply
from services.meetings.desk import Ordered, now, order, service_of
from services.meetings.domain.attendance import Coming
from services.meetings.domain.board import Rules
from services.meetings.domain.invitation import begun
from services.meetings.domain.session import Session, Status
from services.meetings.preparation_words import COMING, COMING_KIND, KIND
from services.meetings.queries import AgendaLine, agendas_of
from services.meetings.queries.preparation import answers_of, plan_of
from services.meetings.web.next_act import next_act
from services.meetings.web.sessions import WORDS as SESSION_WORDS
from services.meetings.words import written
from shared.web.access import Guarded
from shared.web.forms import Form, blank, read_form
from shared.web.pages import gettext_of, page, see_other

session_pages = Guarded(prefix="/buero/sitzungen/{session_id:uuid}")

HERE: Final = "sitzungen"
WORDS: Final[dict[str, Any]] = SESSION_WORDS | {
    "KIND": KIND,
    "COMING": COMING,
    "COMING_KIND": COMING_KIND,
}


class ReplyForm(Ordered):
    """What a member said on the phone."""

    member_id: UUID
    coming: Coming


@session_pages.get("", action="session.office_list")
async def show_session(request: Request, session_id: UUID) -> Response:
    """One session with what is next, the rules it was planned under, and what can still be done."""
    return await _page(request, session_id, blank({"command_id": str(uuid7())}))


@session_pages.post("/antworten", action="reply.note")
async def note(request: Request, session_id: UUID) -> Response:
    """The office notes an answer it heard."""
    form = await read_form(request, ReplyForm)
    if form.data is None:
        form.values |= {"command_id": form.values["command_id"] or str(uuid7())}
        return await _page(request, session_id, form, status=422)
    sent = form.data
    async with service_of(request).db.begin() as session:
        await note_reply(session, session_id, sent.member_id, sent.coming, order(request, sent))
    said = gettext_of(request)("Die Antwort ist notiert.")
    return see_other(f"/buero/sitzungen/{session_id}", note=said)


async def _page(
    request: Request, session_id: UUID, form: Form[Any], *, status: int = 200
) -> Response:
    async with service_of(request).db.read() as session:
        meeting = await session.get_one(Session, session_id)
        agenda = await agendas_of(session, [session_id])
        found = await _prepared(session, meeting, agenda)
    at = now(request)
    return page(
        request,
        "office/session.html",
        status=status,
        title=gettext_of(request)("Sitzung"),
        here=HERE,
        meeting=meeting,
        rules=Rules.model_validate(meeting.rules),
        agenda=agenda,
        act=next_act(meeting, agenda, at=at),
        movable=meeting.may(Status.PLANNED, at=at) and not any(one.item.votes for one in agenda),
        preparing=meeting.status in {Status.PLANNED, Status.INVITED} and not begun(meeting, at),
        written=written,
        form=form,
        people=[(one.member.id, one.member.name) for one in found["answers"].all],
        **found,
        **WORDS,
    )


async def _prepared(
    session: AsyncSession, meeting: Session, agenda: list[AgendaLine]
) -> dict[str, Any]:
    """The checklist: the time that is planned, the papers that are there, who said they come."""
    cases = [line.case for line in agenda if line.case]
    return {
        "plan": plan_of(meeting, agenda),
        "papers": sum(case.paper is not None for case in cases),
        "cases": len(cases),
        "answers": await answers_of(session, meeting),
    }
