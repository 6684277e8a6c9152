"""The office orders an agenda: by number or step by step, with minutes that must fit the session."""

import re
from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, Field
from uuid_utils.compat import uuid7

from services.meetings.commands.agenda_items import Arranged, add_usual, arrange
from services.meetings.commands.invitations import reopen_agenda
from services.meetings.desk import Ordered, now, order, service_of
from services.meetings.domain.invitation import AlreadyBegun, NotInvited, begun
from services.meetings.domain.session import IllegalMove, Session, Status
from services.meetings.preparation_words import KIND
from services.meetings.queries import agendas_of
from services.meetings.queries.preparation import Plan, plan_of
from shared.web.access import Guarded
from shared.web.forms import Form, blank, read_form
from shared.web.i18n import translations
from shared.web.pages import gettext_of, language_of, page, see_other

order_pages = Guarded(prefix="/buero/sitzungen/{session_id}/tagesordnung")

HERE: Final = "sitzungen"
MOST_ITEMS: Final = 100
LONGEST_ITEM: Final = 600
MOVE: Final = re.compile(r"(up|down)-(\d{1,3})")

Minutes = Annotated[int, Field(ge=0, le=LONGEST_ITEM)]


class OrderLine(BaseModel):
    """One line as the form showed it, with the place and the minutes somebody typed."""

    item: UUID
    version: int
    place: Annotated[int, Field(ge=1, le=MOST_ITEMS)]
    minutes: Minutes | None = None

    def arranged(self) -> Arranged:
        """What the command works with."""
        return Arranged(item_id=self.item, version=self.version, minutes=self.minutes)


class OrderForm(Ordered):
    lines: list[OrderLine] = Field(min_length=1, max_length=MOST_ITEMS)
    move: str = ""
    then: Literal["", "invite"] = ""
    """Where the office goes once its typing is kept."""


class UsualForm(Ordered):
    kind: Literal["all", "follow_up", "report"]


@order_pages.get("", action="agenda.change")
async def show_order(request: Request, session_id: UUID) -> Response:
    """The agenda with numbers and minutes to be typed."""
    meeting, plan = await _agenda(request, session_id)
    return _order_page(request, meeting, plan, blank(_known(plan)))


@order_pages.post("", action="agenda.change")
async def save_order(request: Request, session_id: UUID) -> Response:
    """Keep order and minutes; a step up or down keeps whatever else was typed."""
    form = await read_form(request, OrderForm)
    if form.data is None:
        meeting, plan = await _agenda(request, session_id)
        return _order_page(request, meeting, plan, form, status=422)
    sent = form.data
    lines = _moved(_sorted(sent.lines), sent.move)
    async with service_of(request).db.begin() as session:
        wanted = [line.arranged() for line in lines]
        await arrange(session, session_id, wanted, order(request, sent))
    if sent.then == "invite":
        return see_other(f"/buero/sitzungen/{session_id}/einladen")
    note = gettext_of(request)("Die Tagesordnung ist gespeichert.")
    return see_other(f"/buero/sitzungen/{session_id}/tagesordnung", note=note)


@order_pages.post("/dazu", action="agenda.change")
async def add(request: Request, session_id: UUID) -> Response:
    """What most sessions have, or one such item, with one click."""
    form = await read_form(request, UsualForm)
    back = f"/buero/sitzungen/{session_id}/tagesordnung"
    if form.data is None:
        return see_other(back)
    sent = form.data
    async with service_of(request).db.begin() as session:
        added = await add_usual(session, session_id, sent.kind, order(request, sent))
    spoken = translations(language_of(request))
    note = spoken.ngettext(
        "%(num)s Punkt ist dazugekommen.", "%(num)s Punkte sind dazugekommen.", added
    )
    if not added:
        note = spoken.gettext("Das steht schon auf der Tagesordnung.")
    return see_other(back, note=note % {"num": added})


@order_pages.get("/aendern", action="agenda.change")
async def reopen_check(request: Request, session_id: UUID) -> Response:
    """What changing an agenda means that was sent out already."""
    meeting, _plan = await _agenda(request, session_id)
    if meeting.status is not Status.INVITED:
        raise NotInvited
    known = {"command_id": str(uuid7()), "version": meeting.version}
    return page(
        request,
        "preparation/reopen.html",
        title=gettext_of(request)("Tagesordnung nachträglich ändern"),
        here=HERE,
        meeting=meeting,
        form=blank(known),
    )


@order_pages.post("/aendern", action="agenda.change")
async def reopen(request: Request, session_id: UUID) -> Response:
    """From here on it can be changed; afterwards everybody is invited again."""
    form = await read_form(request, Ordered)
    if form.data is not None:
        async with service_of(request).db.begin() as session:
            await reopen_agenda(session, session_id, order(request, form.data))
    note = gettext_of(request)(
        "Sie können die Tagesordnung ändern. Laden Sie danach noch einmal ein."
    )
    return see_other(f"/buero/sitzungen/{session_id}/tagesordnung", note=note)


def _sorted(lines: Sequence[OrderLine]) -> list[OrderLine]:
    """By the typed numbers; who was moved stands on the far side of whoever holds that number."""

    def place(at: int) -> tuple[int, int]:
        line, old = lines[at], at + 1
        return 2 * line.place + (line.place > old) - (line.place < old), at

    return [lines[at] for at in sorted(range(len(lines)), key=place)]


def _moved(lines: list[OrderLine], move: str) -> list[OrderLine]:
    """One step up or down, as far as there is room; numbers count the lines as they were shown."""
    step = MOVE.fullmatch(move)
    at = int(step[2]) if step else 0
    to = at - 1 if step and step[1] == "up" else at + 1
    if step and 0 <= at < len(lines) and 0 <= to < len(lines):
        lines[at], lines[to] = lines[to], lines[at]
    return lines


async def _agenda(request: Request, session_id: UUID) -> tuple[Session, Plan]:
    """The agenda of a session that is still prepared."""
    async with service_of(request).db.read() as session:
        meeting = await session.get_one(Session, session_id)
        plan = plan_of(meeting, await agendas_of(session, [session_id]))
    if meeting.status not in {Status.PLANNED, Status.INVITED}:
        raise IllegalMove(meeting.status, Status.PLANNED)
    if begun(meeting, now(request)):
        raise AlreadyBegun
    return meeting, plan


def _known(plan: Plan) -> dict[str, Any]:
    lines = [
        {
            "item": str(line.item.id),
            "version": line.item.version,
            "place": at,
            "minutes": "" if line.item.planned_minutes is None else line.item.planned_minutes,
        }
        for at, line in enumerate(plan.lines, start=1)
    ]
    return {"command_id": str(uuid7()), "lines": lines}


def _order_page(
    request: Request, meeting: Session, plan: Plan, form: Form[Any], *, status: int = 200
) -> Response:
    return page(
        request,
        "preparation/order.html",
        status=status,
        title=gettext_of(request)("Tagesordnung"),
        here=HERE,
        meeting=meeting,
        plan=plan,
        form=form,
        lines={str(line.item.id): line for line in plan.lines},
        new_id=uuid7,
        KIND=KIND,
    )
