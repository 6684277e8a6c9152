"""Who comes, for the office: the list with ticks, people without e-mail, paper for the door."""

import asyncio
from typing import Any, Final
from uuid import UUID

from fastapi import Request, Response
from uuid_utils.compat import uuid7

from services.meetings.commands import registrations as commands
from services.meetings.commands.once import trail
from services.meetings.desk import Ordered, now, order, order_of, service_of
from services.meetings.domain.occasions import (
    FewPlaces,
    NoPlaces,
    Occasion,
    Registration,
    RegistrationStatus,
)
from services.meetings.occasion_desk import (
    MOST_PEOPLE,
    ArrivalsForm,
    PeopleForm,
    WishForm,
    no_places,
    said,
)
from services.meetings.occasion_words import (
    CALL,
    ENDED,
    FEW_PLACES,
    KIND,
    REGISTERED,
    REGISTERED_KIND,
)
from services.meetings.queries.occasions import position_of, registrations_of, tally
from services.meetings.web.occasion_csv import as_csv
from services.meetings.web.occasions import HERE, LIST
from shared.events.meetings import EndedBecause
from shared.print.door_list import DoorList, Expected, door_list
from shared.web.access import Guarded, actor_of, require_fresh
from shared.web.forms import Form, blank, read_form
from shared.web.i18n import lazy
from shared.web.pages import gettext_of, language_of, page, see_other

registration_pages = Guarded(prefix=LIST)

FRESH_MINUTES: Final = 60
WORDS: Final[dict[str, Any]] = {
    "KIND": KIND,
    "REGISTERED": REGISTERED,
    "REGISTERED_KIND": REGISTERED_KIND,
    "ENDED": ENDED,
    "CALL": CALL,
    "MOST_PEOPLE": MOST_PEOPLE,
}


@registration_pages.get("/{occasion_id}/anmeldungen", action="registration.list")
async def list_registrations(request: Request, occasion_id: UUID) -> Response:
    """Everybody, whom to call first, and a box for each who came."""
    async with service_of(request).db.read() as session:
        occasion = await session.get_one(Occasion, occasion_id)
        found = await registrations_of(session, occasion_id)
        count = await tally(session, occasion_id)
    return page(
        request,
        "occasions/registrations.html",
        title=said(request, lazy("Anmeldungen")),
        here=HERE,
        occasion=occasion,
        count=count,
        free=occasion.free(count.people),
        expected=[one for one in found if one.status is RegistrationStatus.CONFIRMED],
        waiting=[one for one in found if one.status is RegistrationStatus.WAITING],
        ended=[one for one in found if one.status is RegistrationStatus.ENDED],
        to_call=[one for one in found if one.to_call],
        may_enter=occasion.expects_people(now(request)),
        command_id=str(uuid7()),
        **WORDS,
    )


@registration_pages.post("/{occasion_id}/anmeldungen", action="registration.change")
async def tick_arrivals(request: Request, occasion_id: UUID) -> Response:
    """Exactly the ticked ones are here."""
    sent = await request.form()
    form = await read_form(request, Ordered)
    if form.data is None:
        return see_other(f"{LIST}/{occasion_id}/anmeldungen")
    here = ArrivalsForm.model_validate({"here": _known(sent.getlist("here"))}).here
    async with service_of(request).db.begin() as session:
        await commands.tick_arrivals(session, occasion_id, here, order(request, form.data))
    note = said(request, lazy("Gespeichert."))
    return see_other(f"{LIST}/{occasion_id}/anmeldungen", note)


def _known(ticked: list[Any]) -> list[str]:
    """The boxes that are ids; nothing else can be ticked on our page."""
    return [one for one in ticked if isinstance(one, str) and len(one) == len(str(UUID(int=0)))]


@registration_pages.get("/{occasion_id}/anmeldungen/neu", action="registration.change")
async def enter_form(request: Request, occasion_id: UUID) -> Response:
    """What somebody says on the phone."""
    known = {"command_id": str(uuid7()), "people": 1}
    return await _enter_page(request, occasion_id, blank(known))


@registration_pages.post("/{occasion_id}/anmeldungen/neu", action="registration.change")
async def enter(request: Request, occasion_id: UUID) -> Response:
    """The same as on the public page; the person on the phone hears the answer at once."""
    form, service = await read_form(request, WishForm), service_of(request)
    if form.data is None:
        return await _enter_page(request, occasion_id, form, status=422)
    try:
        async with service.db.begin() as session:
            new = await commands.register(
                session,
                service,
                occasion_id,
                form.data.wish("de"),
                order(request, form.data),
                by_office=True,
            )
    except NoPlaces as error:
        form.refuse("people", no_places(request, error))
        return await _enter_page(request, occasion_id, form, status=422)
    async with service.db.read() as session:
        registration = await session.get_one(Registration, new)
    waits = registration.status is RegistrationStatus.WAITING
    _ = gettext_of(request)
    note = _("Es gibt einen Platz.") if not waits else _("Alle Plätze sind vergeben: Warteliste.")
    return see_other(f"{LIST}/{occasion_id}/anmeldungen", note)


@registration_pages.get(
    "/{occasion_id}/anmeldungen/{registration_id}", action="registration.change"
)
async def change_form(request: Request, occasion_id: UUID, registration_id: UUID) -> Response:
    """One registration: how many, and its end."""
    return await _one_page(request, occasion_id, registration_id, None)


@registration_pages.post(
    "/{occasion_id}/anmeldungen/{registration_id}", action="registration.change"
)
async def change_people(request: Request, occasion_id: UUID, registration_id: UUID) -> Response:
    """More or fewer people."""
    form, service = await read_form(request, PeopleForm), service_of(request)
    if form.data is None:
        return await _one_page(request, occasion_id, registration_id, form, status=422)
    try:
        async with service.db.begin() as session:
            await commands.change_people(
                session, service, registration_id, form.data.people, order(request, form.data)
            )
    except FewPlaces as error:
        form.refuse("people", no_places(request, error, FEW_PLACES))
        return await _one_page(request, occasion_id, registration_id, form, status=422)
    note = said(request, lazy("Gespeichert."))
    return see_other(f"{LIST}/{occasion_id}/anmeldungen", note)


@registration_pages.post(
    "/{occasion_id}/anmeldungen/{registration_id}/abmelden", action="registration.change"
)
async def end(request: Request, occasion_id: UUID, registration_id: UUID) -> Response:
    """Nobody comes under it any more."""
    form, service = await read_form(request, Ordered), service_of(request)
    if form.data is not None:
        async with service.db.begin() as session:
            await commands.end_registration(
                session,
                service,
                registration_id,
                order(request, form.data),
                because=EndedBecause.OFFICE,
            )
    note = said(request, lazy("Die Anmeldung gilt nicht mehr."))
    return see_other(f"{LIST}/{occasion_id}/anmeldungen", note)


@registration_pages.post(
    "/{occasion_id}/anmeldungen/{registration_id}/angerufen", action="registration.change"
)
async def called(request: Request, occasion_id: UUID, registration_id: UUID) -> Response:
    """Said on the phone."""
    form = await read_form(request, Ordered)
    if form.data is not None:
        async with service_of(request).db.begin() as session:
            await commands.called(session, registration_id, order(request, form.data))
    note = said(request, lazy("Gespeichert."))
    return see_other(f"{LIST}/{occasion_id}/anmeldungen", note)


@registration_pages.get("/{occasion_id}/anmeldungen.csv", action="registration.list")
async def export(request: Request, occasion_id: UUID) -> Response:
    """The list as a table; that it was taken is noted."""
    require_fresh(actor_of(request), minutes=FRESH_MINUTES, at=now(request))
    async with service_of(request).db.begin() as session:
        occasion = await session.get_one(Occasion, occasion_id)
        found = await registrations_of(session, occasion_id)
        trail(session, "registration.export", occasion_id, order_of(request, uuid7()), kind="csv")
    return Response(as_csv(found, gettext_of(request)), headers=_file(occasion, "csv", "text/csv"))


@registration_pages.get("/{occasion_id}/tuerliste.pdf", action="registration.list")
async def door(request: Request, occasion_id: UUID) -> Response:
    """Everybody with a place, by name, with a box to tick."""
    async with service_of(request).db.begin() as session:
        occasion = await session.get_one(Occasion, occasion_id)
        found = await registrations_of(session, occasion_id)
        trail(session, "registration.export", occasion_id, order_of(request, uuid7()), kind="pdf")
    facts = DoorList(
        title=occasion.title,
        starts_at=occasion.starts_at,
        ends_at=occasion.ends_at,
        place=occasion.place,
        note=occasion.door_note,
        as_of=now(request),
        reserved=occasion.reserved,
        reserved_for=occasion.reserved_for,
        expected=tuple(
            Expected(name=one.name, number=one.number, people=one.people, arrived=one.arrived)
            for one in found
            if one.status is RegistrationStatus.CONFIRMED
        ),
    )
    brand = request.app.state.brand
    pdf = await asyncio.to_thread(door_list, facts, brand=brand, language=language_of(request))
    return Response(pdf, headers=_file(occasion, "pdf", "application/pdf"))


def _file(occasion: Occasion, ending: str, kind: str) -> dict[str, str]:
    name = f"anmeldungen-{occasion.starts_at:%Y-%m-%d}.{ending}"
    return {
        "Content-Type": f"{kind}; charset=utf-8" if ending == "csv" else kind,
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }


async def _enter_page(
    request: Request, occasion_id: UUID, form: Form[Any], *, status: int = 200
) -> Response:
    async with service_of(request).db.read() as session:
        occasion = await session.get_one(Occasion, occasion_id)
        count = await tally(session, occasion_id)
    return page(
        request,
        "occasions/enter.html",
        status=status,
        title=said(request, lazy("Anmeldung eintragen")),
        here=HERE,
        form=form,
        occasion=occasion,
        count=count,
        free=occasion.free(count.people),
        **WORDS,
    )


async def _one_page(
    request: Request,
    occasion_id: UUID,
    registration_id: UUID,
    form: Form[Any] | None,
    *,
    status: int = 200,
) -> Response:
    async with service_of(request).db.read() as session:
        registration = await session.get_one(Registration, registration_id)
        occasion = await session.get_one(Occasion, registration.occasion_id)
        position = await position_of(session, registration)
    return page(
        request,
        "occasions/registration.html",
        status=status,
        title=said(request, lazy("Anmeldung")),
        here=HERE,
        form=form or blank({"people": registration.people, "command_id": str(uuid7())}),
        occasion=occasion,
        registration=registration,
        position=position,
        may_change=registration.active and occasion.expects_people(now(request)),
        end_id=str(uuid7()),
        **WORDS,
    )
