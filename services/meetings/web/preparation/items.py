"""The office's own items: written, changed, taken off."""

from typing import Any, Final, Literal
from uuid import UUID

from fastapi import Request, Response
from sqlalchemy.exc import NoResultFound
from uuid_utils.compat import uuid7

from services.meetings.commands.agenda_items import (
    AgendaIsFixed,
    add_item,
    change_item,
    take_off,
)
from services.meetings.desk import Ordered, order, service_of
from services.meetings.domain.agenda import AgendaItem, ItemKind, NotOurOwn, OwnWords
from services.meetings.domain.session import Session
from services.meetings.preparation_words import KIND, OWN_KINDS
from services.meetings.queries import agenda_item
from services.meetings.web.preparation.order import Minutes
from shared.web.access import Guarded
from shared.web.forms import Form, Line, Text, blank, read_form
from shared.web.pages import gettext_of, page, see_other

item_pages = Guarded(prefix="/buero/sitzungen/{session_id}")

HERE: Final = "sitzungen"


OwnKind = Literal[ItemKind.DISCUSSION, ItemKind.REPORT, ItemKind.FOLLOW_UP, ItemKind.OTHER]


class ItemForm(Ordered):
    """An item as somebody types it in; everybody will read it."""

    kind: OwnKind
    title: Line
    text: Text | None = None
    minutes: Minutes | None = None

    def words(self) -> OwnWords:
        """What the command works with."""
        return OwnWords(
            kind=self.kind, title=self.title, text=self.text or "", minutes=self.minutes
        )


@item_pages.get("/tagesordnung/neu", action="agenda.change")
async def new_item(request: Request, session_id: UUID) -> Response:
    """An empty form."""
    meeting = await _meeting(request, session_id)
    known = {"command_id": str(uuid7()), "kind": ItemKind.DISCUSSION.value}
    return _item_page(request, meeting, blank(known))


@item_pages.post("/tagesordnung/neu", action="agenda.change")
async def write_item(request: Request, session_id: UUID) -> Response:
    """It stands behind the applications until somebody moves it."""
    form = await read_form(request, ItemForm)
    if form.data is None:
        return _item_page(request, await _meeting(request, session_id), form, status=422)
    sent = form.data
    async with service_of(request).db.begin() as session:
        await add_item(session, session_id, sent.words(), order(request, sent))
    note = gettext_of(request)("Der Punkt steht auf der Tagesordnung.")
    return see_other(f"/buero/sitzungen/{session_id}/tagesordnung", note=note)


@item_pages.get("/punkte/{item_id}/aendern", action="agenda.change")
async def change_form(request: Request, session_id: UUID, item_id: UUID) -> Response:
    """The item's words as they are."""
    meeting, item = await _own(request, session_id, item_id)
    known = {
        "command_id": str(uuid7()),
        "version": item.version,
        "kind": item.kind.value,
        "title": item.title,
        "text": item.text,
        "minutes": "" if item.planned_minutes is None else item.planned_minutes,
    }
    return _item_page(request, meeting, blank(known), item=item)


@item_pages.post("/punkte/{item_id}/aendern", action="agenda.change")
async def save_item(request: Request, session_id: UUID, item_id: UUID) -> Response:
    """Say it in other words."""
    form = await read_form(request, ItemForm)
    meeting, item = await _own(request, session_id, item_id)
    if form.data is None:
        return _item_page(request, meeting, form, item=item, status=422)
    sent = form.data
    async with service_of(request).db.begin() as session:
        await change_item(session, item_id, sent.words(), order(request, sent))
    note = gettext_of(request)("Der Punkt ist geändert.")
    return see_other(f"/buero/sitzungen/{session_id}/tagesordnung", note=note)


@item_pages.post("/punkte/{item_id}/entfernen", action="agenda.change")
async def remove_item(request: Request, session_id: UUID, item_id: UUID) -> Response:
    """Off the agenda; it can be written anew."""
    form = await read_form(request, Ordered)
    await _own(request, session_id, item_id, removed=True)
    if form.data is not None:
        async with service_of(request).db.begin() as session:
            await take_off(session, item_id, order(request, form.data))
    note = gettext_of(request)("Der Punkt steht nicht mehr auf der Tagesordnung.")
    return see_other(f"/buero/sitzungen/{session_id}/tagesordnung", note=note)


async def _meeting(request: Request, session_id: UUID) -> Session:
    async with service_of(request).db.read() as session:
        meeting = await session.get_one(Session, session_id)
    if meeting.agenda_is_fixed:
        raise AgendaIsFixed
    return meeting


async def _own(
    request: Request, session_id: UUID, item_id: UUID, *, removed: bool = False
) -> tuple[Session, AgendaItem]:
    """An own item of this session's agenda; `removed`: it may be off it already."""
    async with service_of(request).db.read() as session:
        if removed:
            item = await session.get_one(AgendaItem, item_id)
            meeting = await session.get_one(Session, item.session_id)
        else:
            line, meeting = await agenda_item(session, item_id)
            item = line.item
    if meeting.id != session_id:
        raise NoResultFound
    if item.application_id is not None:
        raise NotOurOwn
    return meeting, item


def _item_page(
    request: Request,
    meeting: Session,
    form: Form[Any],
    *,
    item: AgendaItem | None = None,
    status: int = 200,
) -> Response:
    _ = gettext_of(request)
    return page(
        request,
        "preparation/item.html",
        status=status,
        title=_("Punkt ändern") if item else _("Neuer Punkt"),
        here=HERE,
        meeting=meeting,
        item=item,
        form=form,
        new_id=uuid7,
        kinds=[(kind.value, KIND[kind]) for kind in OWN_KINDS],
    )
