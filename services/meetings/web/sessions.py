"""The office plans, postpones and cancels; each act shows what it brings before it happens."""

from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from fastapi import Request, Response
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.meetings.commands.once import unchanged
from services.meetings.commands.sessions import board_and_rules, cancel, plan, postpone
from services.meetings.desk import Ordered, now, order, refuse, service_of
from services.meetings.domain.board import Rules
from services.meetings.domain.session import (
    AlreadyVoted,
    Appointment,
    SameAppointment,
    Session,
    Status,
)
from services.meetings.queries import (
    AgendaLine,
    NoBoardYet,
    agendas_of,
    sessions,
    the_board,
    voted_sessions,
)
from services.meetings.web.next_act import next_act
from services.meetings.words import (
    BROKEN,
    OUTCOME,
    OUTCOME_KIND,
    REASON,
    STATUS,
    STATUS_KIND,
)
from shared.clock import BERLIN
from shared.days import at_local
from shared.events.meetings import PostponeReason
from shared.web.access import Guarded
from shared.web.forms import Day, Form, Line, Text, TimeOfDay, blank, read_form
from shared.web.pages import gettext_of, page, see_other

office = Guarded(prefix="/buero/sitzungen")

HERE: Final = "sitzungen"
WORDS: Final[dict[str, Any]] = {
    "STATUS": STATUS,
    "STATUS_KIND": STATUS_KIND,
    "REASON": REASON,
    "OUTCOME": OUTCOME,
    "OUTCOME_KIND": OUTCOME_KIND,
}

Turn = Literal["check", "change", "save"]


class AppointmentForm(Ordered):
    """Date and times as read on a wall clock in the neighbourhood."""

    day: Day
    starts: TimeOfDay
    ends: TimeOfDay | None = None
    place: Line
    note: Text | None = None
    turn: Turn = "check"

    def appointment(self) -> Appointment:
        """As instants; raises `NoSuchTime` in the hour that spring skips."""
        return Appointment(
            starts_at=at_local(self.day, self.starts),
            ends_at=at_local(self.day, self.ends) if self.ends else None,
            place=self.place,
            note=self.note,
        )


class PostponeForm(AppointmentForm):
    reason: PostponeReason


class CancelForm(Ordered):
    reason: Text
    turn: Turn = "check"


@office.get("", action="session.office_list")
async def list_sessions(request: Request) -> Response:
    """All sessions, and what the board's rules are."""
    async with service_of(request).db.read() as session:
        try:
            board, rules = await the_board(session)
        except NoBoardYet:
            return see_other("/buero/sitzungen/gremium")
        at = now(request)
        found: dict[str, Any] = {
            "coming": await sessions(session, "coming", at=at),
            "past": await sessions(session, "past", at=at),
        }
        listed = [*found["coming"], *found["past"]]
        lines = await agendas_of(session, [one.id for one in listed])
    agendas: dict[UUID, list[AgendaLine]] = {one.id: [] for one in listed}
    for line in lines:
        agendas[line.item.session_id].append(line)
    _ = gettext_of(request)
    return page(
        request,
        "office/sessions.html",
        title=_("Sitzungen"),
        here=HERE,
        board=board,
        rules=rules,
        items={one.id: len(agendas[one.id]) for one in listed},
        acts={one.id: next_act(one, agendas[one.id], at=at) for one in listed},
        **WORDS,
        **found,
    )


@office.get("/neu", action="session.plan")
async def plan_form(request: Request) -> Response:
    """An empty form with the board's usual place."""
    async with service_of(request).db.read() as session:
        board, _rules = await the_board(session)
    return _plan_page(request, blank({"place": board.place, "command_id": str(uuid7())}))


@office.post("/neu", action="session.plan")
async def plan_session(request: Request) -> Response:
    """First the check page with the deadline, then the session itself."""
    form = await read_form(request, AppointmentForm)
    if form.data is None:
        return _plan_page(request, form, status=422)
    sent, service, _ = form.data, service_of(request), gettext_of(request)
    if sent.turn == "change":
        return _plan_page(request, form)
    try:
        if sent.turn == "save":
            async with service.db.begin() as session:
                await plan(session, sent.appointment(), order(request, sent))
            return see_other("/buero/sitzungen", note=_("Die Sitzung ist geplant."))
        async with service.db.read() as session:
            preview = await _preview(session, sent.appointment(), at=now(request))
    except tuple(BROKEN) as error:
        refuse(request, form, error)
        return _plan_page(request, form, status=422)
    return page(
        request,
        "office/plan_check.html",
        title=_("Sitzung prüfen"),
        here=HERE,
        form=form,
        meeting=preview,
        deadline_over=preview.submission_deadline < now(request),
    )


@office.get("/{session_id}/verschieben", action="session.postpone")
async def postpone_form(request: Request, session_id: UUID) -> Response:
    """The session's place and times, to be given another day."""
    meeting = await _movable(request, session_id, Status.PLANNED)
    local, until = meeting.starts_at.astimezone(BERLIN), meeting.ends_at
    known = {
        "command_id": str(uuid7()),
        "version": meeting.version,
        "starts": f"{local:%H:%M}",
        "ends": f"{until.astimezone(BERLIN):%H:%M}" if until else "",
        "place": meeting.place,
        "note": meeting.note or "",
    }
    return _postpone_page(request, blank(known), meeting)


@office.post("/{session_id}/verschieben", action="session.postpone")
async def postpone_session(request: Request, session_id: UUID) -> Response:
    """First the check page with both dates and deadlines, then the move."""
    form = await read_form(request, PostponeForm)
    sent = form.data
    if sent is not None and sent.turn == "save":
        return await _carry_out_postponement(request, session_id, form, sent)
    meeting = await _movable(request, session_id, Status.PLANNED)
    if sent is None or sent.turn == "change":
        return _postpone_page(request, form, meeting, status=422 if sent is None else 200)
    unchanged("session", order(request, sent), now=meeting.version)
    try:
        async with service_of(request).db.read() as session:
            after = await _preview(session, sent.appointment(), at=now(request))
            rules = Rules.model_validate(after.rules)
            deadline = meeting.deadline_if_postponed(after.starts_at, rules=rules)
        if after.starts_at == meeting.starts_at:
            raise SameAppointment
    except tuple(BROKEN) as error:
        refuse(request, form, error)
        return _postpone_page(request, form, meeting, status=422)
    return page(
        request,
        "office/postpone_check.html",
        title=gettext_of(request)("Verschieben prüfen"),
        here=HERE,
        form=form,
        meeting=meeting,
        after=after,
        deadline=deadline,
        reason=REASON[sent.reason],
    )


async def _carry_out_postponement(
    request: Request, session_id: UUID, form: Form[PostponeForm], sent: PostponeForm
) -> Response:
    try:
        async with service_of(request).db.begin() as session:
            await postpone(
                session,
                session_id,
                sent.appointment(),
                order(request, sent),
                reason=sent.reason,
            )
    except tuple(BROKEN) as error:
        refuse(request, form, error)
        meeting = await _movable(request, session_id, Status.PLANNED)
        return _postpone_page(request, form, meeting, status=422)
    note = gettext_of(request)("Die Sitzung ist verschoben. Die Schreiben gehen jetzt hinaus.")
    return see_other("/buero/sitzungen", note=note)


@office.get("/{session_id}/absagen", action="session.cancel")
async def cancel_form(request: Request, session_id: UUID) -> Response:
    """Why: the only thing we need to know."""
    meeting = await _movable(request, session_id, Status.CANCELLED)
    known = {"command_id": str(uuid7()), "version": meeting.version}
    return _cancel_page(request, blank(known), meeting)


@office.post("/{session_id}/absagen", action="session.cancel")
async def cancel_session(request: Request, session_id: UUID) -> Response:
    """First the check page, then the end of it."""
    form, _ = await read_form(request, CancelForm), gettext_of(request)
    sent = form.data
    if sent is not None and sent.turn == "save":
        async with service_of(request).db.begin() as session:
            await cancel(session, session_id, order(request, sent), reason=sent.reason)
        note = _("Die Sitzung ist abgesagt. Die Schreiben gehen jetzt hinaus.")
        return see_other("/buero/sitzungen", note=note)
    meeting = await _movable(request, session_id, Status.CANCELLED)
    if sent is None or sent.turn == "change":
        return _cancel_page(request, form, meeting, status=422 if sent is None else 200)
    unchanged("session", order(request, sent), now=meeting.version)
    return page(
        request,
        "office/cancel_check.html",
        title=_("Absage prüfen"),
        here=HERE,
        form=form,
        meeting=meeting,
    )


async def _preview(session: AsyncSession, appointment: Appointment, *, at: datetime) -> Session:
    """The session as it would be, kept nowhere."""
    board, rules, notice = await board_and_rules(session, appointment, at=at)
    return Session.plan(board, appointment, session_id=uuid7(), rules=rules, notice=notice, at=at)[
        0
    ]


async def _movable(request: Request, session_id: UUID, to: Status) -> Session:
    """The session, if it may still make this move; raises the same errors as the move would."""
    async with service_of(request).db.read() as session:
        meeting = await session.get_one(Session, session_id)
        if await voted_sessions(session, [session_id]):
            raise AlreadyVoted
    meeting.check_move(to, at=now(request))
    return meeting


def _plan_page(request: Request, form: Form[Any], *, status: int = 200) -> Response:
    title = gettext_of(request)("Sitzung planen")
    return page(request, "office/plan.html", status=status, title=title, here=HERE, form=form)


def _postpone_page(
    request: Request, form: Form[Any], meeting: Session, *, status: int = 200
) -> Response:
    return page(
        request,
        "office/postpone.html",
        status=status,
        title=gettext_of(request)("Sitzung verschieben"),
        here=HERE,
        form=form,
        meeting=meeting,
        REASON=REASON,
    )


def _cancel_page(
    request: Request, form: Form[Any], meeting: Session, *, status: int = 200
) -> Response:
    return page(
        request,
        "office/cancel.html",
        status=status,
        title=gettext_of(request)("Sitzung absagen"),
        here=HERE,
        form=form,
        meeting=meeting,
    )
