"""What everybody may see and do: occasions, registering, and one's own registration."""

from typing import Any, Final
from uuid import UUID

from fastapi import Request, Response
from uuid_utils.compat import uuid7

from services.meetings import registration_links
from services.meetings.commands import registrations as commands
from services.meetings.commands.once import Order
from services.meetings.desk import Ordered, now, service_of
from services.meetings.domain.occasions import FewPlaces, NoPlaces, Occasion, RegistrationStatus
from services.meetings.occasion_desk import (
    MOST_PEOPLE,
    PeopleForm,
    WishForm,
    no_places,
    said,
)
from services.meetings.occasion_words import (
    FEW_PLACES,
    KIND,
    KIND_MANY,
    KIND_PATH,
    STATUS,
    STATUS_KIND,
)
from services.meetings.queries.occasions import (
    kinds_there,
    occasions,
    own_registration,
    position_of,
    public_occasion,
    tally,
)
from services.meetings.web.occasion_calendar import one_date
from shared.days import local_day
from shared.events.meetings import EndedBecause
from shared.web.access import Guarded
from shared.web.forms import Form, blank, read_form
from shared.web.i18n import lazy
from shared.web.limits import limit
from shared.web.pages import language_of, page, see_other

public_occasions = Guarded(prefix="/termine")

HERE: Final = "kalender"
WORDS: Final[dict[str, Any]] = {
    "KIND": KIND,
    "STATUS": STATUS,
    "STATUS_KIND": STATUS_KIND,
    "local_day": local_day,
    "MOST_PEOPLE": MOST_PEOPLE,
}


@public_occasions.get("", action="occasion.list")
async def list_occasions(request: Request, art: str = "") -> Response:
    """Coming ones, then past ones; `art` is the kind, an unknown one shows all."""
    kind, at = KIND_PATH.get(art), now(request)
    async with service_of(request).db.read() as session:
        coming = await occasions(session, "coming", at=at, public=True, kind=kind)
        past = await occasions(session, "past", at=at, public=True, kind=kind, limit=12)
        there = await kinds_there(session)
    paths = {kind: path for path, kind in KIND_PATH.items()}
    return page(
        request,
        "occasions/list.html",
        title=said(request, lazy("Termine")),
        here=HERE,
        coming=coming,
        past=past,
        kind=kind,
        kinds=[(KIND_MANY[one], f"/termine?art={paths[one]}", one is kind) for one in there],
        calendar=f"{service_of(request).settings.origin}/kalender.ics",
        **WORDS,
    )


@public_occasions.get("/anmeldung/{token}", action="registration.own")
async def own(request: Request, token: str) -> Response:
    """One's own registration; looking at it changes nothing."""
    return await _own_page(request, token)


@public_occasions.post("/anmeldung/{token}", action="registration.own")
async def change_own(request: Request, token: str) -> Response:
    """Come with more or fewer."""
    form, service = await read_form(request, PeopleForm), service_of(request)
    known = registration_links.read(service.settings, token)
    if form.data is None or known is None:
        return await _own_page(request, token, form, status=422)
    try:
        async with service.db.begin() as session:
            await commands.change_people(
                session, service, known, form.data.people, _order(request, form.data)
            )
    except FewPlaces as error:
        form.refuse("people", no_places(request, error, FEW_PLACES))
        return await _own_page(request, token, form, status=422)
    note = said(request, lazy("Ihre Änderung ist gespeichert."))
    return see_other(registration_links.path(service.settings, known), note)


@public_occasions.get("/anmeldung/{token}/abmelden", action="registration.own")
async def withdraw_check(request: Request, token: str) -> Response:
    """One button: programs that open links in mails cannot withdraw for anybody."""
    return await _own_page(request, token, template="withdraw")


@public_occasions.post("/anmeldung/{token}/abmelden", action="registration.own")
async def withdraw(request: Request, token: str) -> Response:
    """The places go to whoever waits."""
    form, service = await read_form(request, Ordered), service_of(request)
    known = registration_links.read(service.settings, token)
    if form.data is None or known is None:
        return await _own_page(request, token, template="withdraw")
    async with service.db.begin() as session:
        await commands.end_registration(
            session,
            service,
            known,
            _order(request, form.data),
            because=EndedBecause.WITHDRAWN,
        )
    note = said(request, lazy("Sie sind abgemeldet."))
    return see_other(registration_links.path(service.settings, known), note)


@public_occasions.get("/{occasion_id}", action="occasion.read")
async def one_occasion(request: Request, occasion_id: UUID) -> Response:
    """Date, place, what is still free, and how to come."""
    async with service_of(request).db.read() as session:
        occasion = await public_occasion(session, occasion_id)
        count = await tally(session, occasion_id)
    return page(
        request,
        "occasions/one.html",
        title=occasion.title,
        here=HERE,
        occasion=occasion,
        free=occasion.free(count.people),
        waiting=count.waiting,
        open_now=occasion.takes_registrations(now(request)),
        **WORDS,
    )


@public_occasions.get("/{occasion_id}/termin.ics", action="occasion.read")
async def calendar_file(request: Request, occasion_id: UUID) -> Response:
    """The occasion for a phone's calendar; a later download updates the same entry."""
    service = service_of(request)
    async with service.db.read() as session:
        occasion = await public_occasion(session, occasion_id)
    return Response(
        one_date(occasion, service.settings, at=now(request)),
        media_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="termin-{occasion_id}.ics"'},
    )


@public_occasions.get("/{occasion_id}/anmelden", action="registration.order")
async def register_form(request: Request, occasion_id: UUID) -> Response:
    """An empty form."""
    known = {"command_id": str(uuid7()), "people": 1}
    return await _register_page(request, occasion_id, blank(known))


@public_occasions.post(
    "/{occasion_id}/anmelden",
    action="registration.order",
    dependencies=[limit("10/minute", key="ip"), limit("5/hour", key="contact")],
)
async def register(request: Request, occasion_id: UUID) -> Response:
    """Take it; what is answered never tells whether we know the address."""
    form, service = await read_form(request, WishForm), service_of(request)
    async with service.db.read() as session:
        await public_occasion(session, occasion_id)
    if form.data is None:
        return await _register_page(request, occasion_id, form, status=422)
    wish = form.data.wish(language_of(request))
    try:
        async with service.db.begin() as session:
            await commands.register(session, service, occasion_id, wish, _order(request, form.data))
    except NoPlaces as error:
        form.refuse("people", no_places(request, error))
        return await _register_page(request, occasion_id, form, status=422)
    by = "mail" if wish.email else "telefon"
    return see_other(f"/termine/{occasion_id}/danke?weg={by}")


@public_occasions.get("/{occasion_id}/danke", action="registration.order")
async def thanks(request: Request, occasion_id: UUID, weg: str = "mail") -> Response:
    """What happens next: the same for everybody."""
    async with service_of(request).db.read() as session:
        occasion = await public_occasion(session, occasion_id)
    return page(
        request,
        "occasions/thanks.html",
        title=said(request, lazy("Ihre Anmeldung ist da")),
        here=HERE,
        occasion=occasion,
        by_phone=weg == "telefon",
        **WORDS,
    )


def _order(request: Request, sent: Ordered) -> Order:
    """Whoever holds the link or the form; who that is stays out of the trail."""
    return Order(command_id=sent.command_id, version=sent.version, by="visitor", at=now(request))


async def _register_page(
    request: Request, occasion_id: UUID, form: Form[Any], *, status: int = 200
) -> Response:
    async with service_of(request).db.read() as session:
        occasion: Occasion = await public_occasion(session, occasion_id)
        count = await tally(session, occasion_id)
    return page(
        request,
        "occasions/register.html",
        status=status,
        title=said(request, lazy("Anmelden")),
        here=HERE,
        form=form,
        occasion=occasion,
        free=occasion.free(count.people),
        waiting=count.waiting,
        open_now=occasion.takes_registrations(now(request)),
        **WORDS,
    )


async def _own_page(
    request: Request,
    token: str,
    form: Form[Any] | None = None,
    *,
    status: int = 200,
    template: str = "own",
) -> Response:
    service = service_of(request)
    known = registration_links.read(service.settings, token)
    async with service.db.read() as session:
        found = await own_registration(session, known)
        position = await position_of(session, found[1]) if found else 0
        count = await tally(session, found[0].id) if found else None
    if found is None or count is None:
        title = said(request, lazy("Diese Anmeldung gibt es nicht mehr"))
        return page(request, "occasions/gone.html", status=404, title=title, here=HERE)
    occasion, registration = found
    return page(
        request,
        f"occasions/{template}.html",
        status=status,
        title=said(request, lazy("Ihre Anmeldung")),
        here=HERE,
        form=form or blank({"people": registration.people, "command_id": str(uuid7())}),
        occasion=occasion,
        registration=registration,
        position=position,
        free=occasion.free(count.people),
        waits=registration.status is RegistrationStatus.WAITING,
        may_change=registration.active and occasion.expects_people(now(request)),
        address=registration_links.path(service.settings, registration.id),
        **WORDS,
    )
