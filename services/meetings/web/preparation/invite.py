"""The office invites: what goes to whom is looked at first, then it goes out; letters are printed."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from fastapi import HTTPException, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.meetings.commands.invitations import issue_invitation
from services.meetings.commands.once import unchanged
from services.meetings.desk import Ordered, now, order, service_of
from services.meetings.domain.invitation import check_invitation, too_late
from services.meetings.domain.member import Member
from services.meetings.domain.session import Session
from services.meetings.preparation_words import KIND, REFUSED
from services.meetings.queries import AgendaLine, agendas_of
from services.meetings.queries.preparation import Plan, invited_members, plan_of
from services.meetings.web.preparation.reading import pdf_response
from shared.days import local_day
from shared.print import Addressee, AgendaRow, InvitationLetter, invitation_letters
from shared.web.access import Guarded
from shared.web.forms import Form, Text, blank, read_form
from shared.web.pages import gettext_of, page, see_other

invite_pages = Guarded(prefix="/buero/sitzungen/{session_id}")

HERE: Final = "sitzungen"


class InviteForm(Ordered):
    """The click; `seen` is the agenda the page showed."""

    seen: Text = ""
    urgent_because: Text | None = None


@invite_pages.get("/einladen", action="invitation.issue")
async def check(request: Request, session_id: UUID) -> Response:
    """Who gets it, the agenda with its times, and whether it is early enough."""
    return await _check_page(request, session_id)


@invite_pages.post("/einladen", action="invitation.issue")
async def issue(request: Request, session_id: UUID) -> Response:
    """The agenda is fixed and the letters go out."""
    form = await read_form(request, InviteForm)
    if form.data is None:
        return await _check_page(request, session_id, form)
    sent, service, _ = form.data, service_of(request), gettext_of(request)
    try:
        async with service.db.begin() as session:
            await issue_invitation(
                session,
                service,
                session_id,
                order(request, sent),
                urgent_because=sent.urgent_because,
                seen=sent.seen,
            )
    except tuple(REFUSED) as error:
        name, sentence = REFUSED[type(error)]
        form.refuse(name, _(sentence))
        return await _check_page(request, session_id, form)
    note = _("Die Einladung ist verschickt.")
    return see_other(f"/buero/sitzungen/{session_id}", note=note)


@invite_pages.get("/einladungen.pdf", action="invitation.print")
async def print_run(request: Request, session_id: UUID) -> Response:
    """The letters of everybody without e-mail, as one file; 404 before there are any."""
    async with service_of(request).db.read() as session:
        meeting, plan, members = await _found(session, session_id)
    on_paper = [member for member in members if member.email is None]
    if not meeting.agenda_is_fixed or not on_paper:
        raise HTTPException(404)
    facts = [(_letter(meeting, plan.lines, member), member.language) for member in on_paper]
    brand = request.app.state.brand
    pdf = await asyncio.to_thread(invitation_letters, facts, brand=brand)
    return pdf_response(pdf, f"einladungen-{local_day(meeting.starts_at)}.pdf")


async def _found(session: AsyncSession, session_id: UUID) -> tuple[Session, Plan, Sequence[Member]]:
    meeting = await session.get_one(Session, session_id)
    lines = await agendas_of(session, [session_id])
    return meeting, plan_of(meeting, lines), await invited_members(session, meeting.board_id)


async def _check_page(
    request: Request, session_id: UUID, form: Form[Any] | None = None
) -> Response:
    async with service_of(request).db.read() as session:
        meeting, plan, members = await _found(session, session_id)
    check_invitation(meeting, at=now(request))
    shown = form or blank({"command_id": str(uuid7())})
    if form is not None and form.data is not None:
        unchanged("session", order(request, form.data), now=meeting.version)
    shown.values |= {"seen": plan.seen, "version": meeting.version}
    on_paper = [member for member in members if member.email is None]
    return page(
        request,
        "preparation/invite.html",
        status=422 if form else 200,
        title=gettext_of(request)("Einladung prüfen"),
        here=HERE,
        meeting=meeting,
        plan=plan,
        form=shown,
        again=meeting.invited_at is not None,
        late=too_late(meeting, now(request)),
        by_mail=len(members) - len(on_paper),
        on_paper=on_paper,
        applicants=sum(line.case is not None for line in plan.lines),
        second_call=any(line.item.second_call for line in plan.lines),
        KIND=KIND,
    )


def _letter(meeting: Session, lines: Sequence[AgendaLine], member: Member) -> InvitationLetter:
    sent = meeting.agenda_changed_at or meeting.invited_at or meeting.starts_at
    return InvitationLetter(
        board=meeting.board,
        addressee=Addressee(
            name=member.name,
            street=member.street,
            postcode=member.postcode,
            city=member.city,
        ),
        dated_on=local_day(sent),
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        place=meeting.place,
        note=meeting.note,
        agenda=[
            AgendaRow(
                position=line.position,
                starts_at=line.starts_at,
                title=line.title,
                number=line.number,
                second_call=line.item.second_call,
            )
            for line in lines
        ],
        may_vote=member.may_vote,
        urgent_because=meeting.urgent_because,
        again=meeting.agenda_changed_at is not None,
    )
