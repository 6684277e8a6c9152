"""Opening, going from item to item, leaving somebody out, closing: each once, however often it is clicked."""

from typing import Any, Final, Literal
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel
from uuid_utils.compat import uuid7

from services.meetings.commands import room as commands
from services.meetings.desk import Ordered, now, order, order_of, service_of
from services.meetings.domain.codes import new_room_code
from services.meetings.domain.items import Outcome
from services.meetings.domain.recusal import RecusedBecause
from services.meetings.domain.room import AlreadyFinished, ImpossibleTime
from services.meetings.web.room.attendance import on_the_clock
from services.meetings.web.room.door import Entered, back, enter
from services.meetings.web.room.screen import HERE, item_is_open, screen_page, seen
from services.meetings.web.room.view import Screen
from services.meetings.words import OUTCOME
from shared.days import NoSuchTime, at_local, local_day
from shared.web.access import Guarded
from shared.web.forms import Form, Line, TimeOfDay, blank, read_form
from shared.web.i18n import lazy
from shared.web.pages import gettext_of, page

step_pages = Guarded(prefix="/buero/sitzungen/{session_id}/raum")

OPENED: Final = lazy("Die Sitzung ist eröffnet.")
CLOSED: Final = lazy("Die Sitzung ist beendet.")
RECUSED: Final = lazy("Eingetragen: Diese Person stimmt hier nicht mit.")
UNRECUSED: Final = lazy("Geändert: Diese Person stimmt wieder mit.")
FINISHED: Final = lazy("Der Punkt ist beendet.")
TOO_EARLY: Final = lazy(
    "Zu dieser Uhrzeit war noch etwas los, oder sie kommt erst noch. Prüfen Sie sie bitte."
)


class Seen(BaseModel):
    """Which state of the session the button stood on."""

    version: int = 0


class CloseForm(Ordered):
    ended: TimeOfDay


class RecuseForm(Ordered):
    member_id: UUID
    because: RecusedBecause


class UnrecuseForm(Ordered):
    reason: Line


class FinishForm(Ordered):
    outcome: Literal["done", "deferred"]


@step_pages.post("/eroeffnen", action="room.run")
async def open_session(request: Request, session_id: UUID) -> Response:
    """From here on the board meets, and the wall shows the code."""
    entered = await _entered(request, session_id)
    sent = (await read_form(request, Ordered)).data
    if sent is None:
        return back(request, entered)
    async with service_of(request).db.begin() as session:
        await commands.open_session(session, session_id, order(request, sent), code=new_room_code())
    return back(request, entered, OPENED)


@step_pages.get("/ende", action="room.run")
async def close_form(request: Request, session_id: UUID) -> Response:
    """What is still open and what becomes of it, before the session ends."""
    screen = await seen(request, session_id, None, action="room.run")
    known = {
        "command_id": str(uuid7()),
        "version": screen.view.meeting.version,
        "ended": on_the_clock(now(request)),
    }
    return _close_page(request, blank(known), screen)


@step_pages.post("/ende", action="room.run")
async def close_session(request: Request, session_id: UUID) -> Response:
    """The meeting is over; what was not decided is handed on."""
    screen = await seen(request, session_id, None, action="room.run")
    form = await read_form(request, CloseForm)
    if form.data is None:
        return _close_page(request, form, screen, status=422)
    try:
        ended = None
        if form.data.ended.strftime("%H:%M") != on_the_clock(now(request)):
            ended = at_local(local_day(now(request)), form.data.ended)
        async with service_of(request).db.begin() as session:
            await commands.close_session(session, session_id, order(request, form.data), at=ended)
    except (ImpossibleTime, NoSuchTime):
        form.refuse("ended", gettext_of(request)(TOO_EARLY))
        return _close_page(request, form, screen, status=422)
    return back(request, screen.entered, CLOSED)


@step_pages.post("/punkte/{item_id}/aufrufen", action="room.run")
async def call_item(request: Request, session_id: UUID, item_id: UUID) -> Response:
    """The board comes to this item."""
    entered = await _entered(request, session_id)
    sent = (await read_form(request, Seen)).data or Seen()
    service = service_of(request)
    async with service.db.begin() as session:
        sign = order_of(request, uuid7(), sent.version)
        await commands.call_item(session, service.seals, session_id, item_id, sign)
    return back(request, entered)


@step_pages.post("/punkte/{item_id}/befangen", action="room.run")
async def recuse(request: Request, session_id: UUID, item_id: UUID) -> Response:
    """Somebody is part of the matter: from now on they do not vote about it."""
    screen = await seen(request, session_id, item_id, action="room.run")
    form = await read_form(request, RecuseForm)
    if form.data is None:
        return screen_page(request, screen, recusal=form, status=422)
    sent = form.data
    async with service_of(request).db.begin() as session:
        await commands.recuse(
            session,
            session_id,
            item_id,
            sent.member_id,
            order(request, sent),
            because=sent.because,
        )
    return back(request, screen.entered, RECUSED)


@step_pages.post("/punkte/{item_id}/befangen/{member_id}/aufheben", action="room.run")
async def unrecuse(request: Request, session_id: UUID, item_id: UUID, member_id: UUID) -> Response:
    """They take part after all; why stands in the trail."""
    screen = await seen(request, session_id, item_id, action="room.run")
    form = await read_form(request, UnrecuseForm)
    if form.data is None:
        named = f"reason-{member_id}"
        wrong = Form[Any](
            errors={named: form.errors.get("reason", "")},
            values={named: form.values.get("reason", "")},
        )
        return screen_page(request, screen, recusal=wrong, status=422)
    sign, reason = order(request, form.data), form.data.reason
    async with service_of(request).db.begin() as session:
        await commands.unrecuse(session, session_id, item_id, member_id, sign, reason=reason)
    return back(request, screen.entered, UNRECUSED)


@step_pages.get("/punkte/{item_id}/ende", action="room.run")
async def finish_form(request: Request, session_id: UUID, item_id: UUID) -> Response:
    """How an item ends that is not voted on."""
    screen = await seen(request, session_id, item_id, action="room.run")
    if not item_is_open(screen):
        raise AlreadyFinished
    outcome = "done" if screen.line and screen.line.case is None else "deferred"
    return _finish_page(request, blank({"command_id": str(uuid7()), "outcome": outcome}), screen)


@step_pages.post("/punkte/{item_id}/ende", action="room.run")
async def finish_item(request: Request, session_id: UUID, item_id: UUID) -> Response:
    """Done, or handed on to the next session."""
    screen = await seen(request, session_id, item_id, action="room.run")
    form = await read_form(request, FinishForm)
    if form.data is None:
        return _finish_page(request, form, screen, status=422)
    outcome = Outcome(form.data.outcome)
    async with service_of(request).db.begin() as session:
        await commands.finish_item(
            session, session_id, item_id, order(request, form.data), outcome=outcome
        )
    return back(request, screen.entered, FINISHED)


async def _entered(request: Request, session_id: UUID) -> Entered:
    async with service_of(request).db.read() as session:
        return await enter(request, session, session_id, "room.run")


def _close_page(
    request: Request, form: Form[Any], screen: Screen, *, status: int = 200
) -> Response:
    waiting = [line for line in screen.view.lines if line.item.outcome is None]
    return page(
        request,
        "room/close.html",
        status=status,
        title=gettext_of(request)("Sitzung beenden"),
        here=HERE,
        form=form,
        entered=screen.entered,
        meeting=screen.view.meeting,
        running=screen.view.running,
        waiting=waiting,
        there=len(screen.view.there),
        OUTCOME=OUTCOME,
    )


def _finish_page(
    request: Request, form: Form[Any], screen: Screen, *, status: int = 200
) -> Response:
    return page(
        request,
        "room/finish.html",
        status=status,
        title=gettext_of(request)("Punkt beenden"),
        here=HERE,
        form=form,
        entered=screen.entered,
        line=screen.line,
    )
