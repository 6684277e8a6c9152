"""Forgetting a person, when they ask: first what goes and what stays, then the act."""

from typing import Final
from uuid import UUID

from sqlalchemy import select
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.applications.commands.erase import erase_person
from services.applications.domain import Application, files_of
from services.applications.web.case_desk import LIST, handed_in
from services.applications.web.staff import acting
from services.applications.web.visit import now, service_of
from shared.web.access import Guarded
from shared.web.pages import gettext_of, page, see_other
from shared.web.sessions import revoke_all

PATH: Final = LIST + "/{application_id}/loeschen"

router = Guarded()


@router.get(PATH, action="office.erase")
async def ask_first(request: Request, application_id: UUID) -> Response:
    """Everything of this person here, and what the books keep."""
    async with service_of(request).db.read() as session:
        application = await handed_in(session, application_id)
        if application.person_id is None:
            raise HTTPException(404)
        same = select(Application).where(Application.person_id == application.person_id)
        others = (await session.scalars(same.order_by(Application.id))).all()
        files = [file for one in others for file in await files_of(session, one.id)]
    return page(
        request,
        "office/erase.html",
        title=gettext_of(request)("Person löschen?"),
        here="antraege",
        application=application,
        applications=others,
        files=files,
    )


@router.post(PATH, action="office.erase")
async def erase(request: Request, application_id: UUID) -> Response:
    """The keys go first, so that repeating after a crash finds the same ids; then all plain text."""
    service, at = service_of(request), now(request)
    async with service.db.read() as session:
        person = (await handed_in(session, application_id)).person_id
    if person is None:
        raise HTTPException(404)
    await revoke_all(service, person)
    ids = await service.seals.erase(person)
    async with service.db.begin() as session:
        actor = await acting(request, session)
        await erase_person(session, person_id=person, person_ids=ids, actor=actor, at=at)
    note = gettext_of(request)("Die Person ist gelöscht. Nummer, Summe und Thema bleiben.")
    return see_other(f"{LIST}/{application_id}", note=note)
