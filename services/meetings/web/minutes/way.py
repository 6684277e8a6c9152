"""The way of the minutes: given to those who were there, taken back, approved."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response
from uuid_utils.compat import uuid7

from services.meetings.commands.minutes import approve, circulate, names_found, take_back
from services.meetings.desk import Ordered, order, service_of
from services.meetings.domain.minutes import (
    MinutesStatus,
    NamesUnconfirmed,
    NotYetApprovable,
    OpenAmendments,
)
from services.meetings.web.minutes.desk import seen
from services.meetings.web.minutes.view import Sight, title_of, words
from shared.web.access import Guarded
from shared.web.forms import Form, Text, blank, read_form
from shared.web.i18n import lazy
from shared.web.pages import gettext_of, language_of, page, see_other

way_pages = Guarded(prefix="/buero/sitzungen/{session_id}/protokoll")

REFUSED: dict[type[Exception], tuple[str, Any]] = {
    NotYetApprovable: (
        "reason",
        lazy("Schreiben Sie, warum Sie nicht warten. Oder genehmigen Sie nach dem letzten Tag."),
    ),
    NamesUnconfirmed: (
        "names_confirmed",
        lazy("Bestätigen Sie die Namen, oder schwärzen Sie sie im Protokoll."),
    ),
    OpenAmendments: ("", lazy("Beantworten Sie zuerst alle Einwände.")),
}


class ApproveForm(Ordered):
    reason: Text | None = None
    names_confirmed: bool = False


@way_pages.get("/genehmigung", action="minutes.keep")
async def circulate_check(request: Request, session_id: UUID) -> Response:
    """Who gets the draft, and until when they may object."""
    _entered, sight = await seen(request, session_id, "minutes.keep")
    if sight.record.status is not MinutesStatus.DRAFT or not sight.is_over:
        return see_other(sight.path)
    return page(
        request,
        "minutes/circulate.html",
        title=gettext_of(request)("Zur Genehmigung geben"),
        sight=sight,
        form=_new(sight),
        until=sight.until(),
        **words(request),
    )


@way_pages.post("/genehmigung", action="minutes.keep")
async def give_round(request: Request, session_id: UUID) -> Response:
    """The draft goes to everybody who was there."""
    form = await read_form(request, Ordered)
    _entered, sight = await seen(request, session_id, "minutes.keep")
    if form.data is None:
        return see_other(sight.path)
    service = service_of(request)
    async with service.db.begin() as session:
        await circulate(session, service, session_id, order(request, form.data))
    note = gettext_of(request)("Der Entwurf geht jetzt an alle, die da waren.")
    return see_other(sight.path, note=note)


@way_pages.post("/zuruecknehmen", action="minutes.keep")
async def back_to_draft(request: Request, session_id: UUID) -> Response:
    """As long as nobody has answered."""
    form = await read_form(request, Ordered)
    _entered, sight = await seen(request, session_id, "minutes.keep")
    if form.data is not None:
        async with service_of(request).db.begin() as session:
            await take_back(session, session_id, order(request, form.data))
    note = gettext_of(request)("Das Protokoll ist wieder ein Entwurf. Die Links gelten nicht mehr.")
    return see_other(sight.path, note=note)


@way_pages.get("/genehmigen", action="minutes.keep")
async def approve_check(request: Request, session_id: UUID) -> Response:
    """What an approval rests on, which names would be public, and what follows."""
    _entered, sight = await seen(request, session_id, "minutes.keep")
    if sight.is_approved or not sight.is_over:
        return see_other(sight.path)
    return await _approve_page(request, sight, _new(sight))


@way_pages.post("/genehmigen", action="minutes.keep")
async def hold(request: Request, session_id: UUID) -> Response:
    """The minutes hold from now on."""
    form = await read_form(request, ApproveForm)
    _entered, sight = await seen(request, session_id, "minutes.keep")
    if form.data is None:
        return await _approve_page(request, sight, form, status=422)
    sent, service = form.data, service_of(request)
    try:
        async with service.db.begin() as session:
            await approve(
                session,
                service,
                session_id,
                order(request, sent),
                reason=sent.reason or "",
                names_confirmed=sent.names_confirmed,
            )
    except tuple(REFUSED) as error:
        name, sentence = REFUSED[type(error)]
        form.refuse(name, gettext_of(request)(sentence))
        return await _approve_page(request, sight, form, status=422)
    note = gettext_of(request)("Das Protokoll ist genehmigt und veröffentlicht.")
    return see_other(sight.path, note=note)


def _new(sight: Sight) -> Form[Any]:
    return blank({"command_id": str(uuid7()), "version": sight.record.version})


async def _approve_page(
    request: Request, sight: Sight, form: Form[Any], *, status: int = 200
) -> Response:
    return page(
        request,
        "minutes/approve.html",
        status=status,
        title=gettext_of(request)("Protokoll genehmigen"),
        subtitle=title_of(request, sight),
        sight=sight,
        form=form,
        ground=sight.ground(),
        headings=sight.headings(language_of(request)),
        names=await names_found(service_of(request), sight.facts, sight.record),
        **words(request),
    )
