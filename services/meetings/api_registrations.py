"""The JSON API of registrations, for the office: who comes, entered, changed and ended."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import JSONResponse

from services.meetings.commands import registrations
from services.meetings.desk import Body, Language, order_of, service_of
from services.meetings.domain.occasions import (
    NoPlaces,
    Occasion,
    Registration,
    RegistrationStatus,
)
from services.meetings.occasion_desk import ContactLine, People, ShortText, WishForm, no_places
from services.meetings.occasion_words import FEW_PLACES, NO_PLACES
from services.meetings.queries.occasions import registrations_of
from shared.events.meetings import EndedBecause
from shared.web.access import Guarded
from shared.web.forms import Line
from shared.web.problems import problem

registration_api = Guarded(prefix="/api/v1/meetings")


class RegistrationOut(BaseModel):
    """Who comes, for the office."""

    id: UUID
    number: int
    status: RegistrationStatus
    people: int
    name: str
    email: str | None
    phone: str | None
    needs: str
    arrived: bool
    ended_because: EndedBecause | None
    version: int

    model_config = ConfigDict(from_attributes=True)


class RegistrationList(BaseModel):
    registrations: list[RegistrationOut]


class RegisterIn(Body):
    """`contact` is an e-mail address or a telephone number; letters are in `language`."""

    command_id: UUID
    name: Line
    contact: ContactLine
    people: People
    needs: ShortText | None = None
    language: Language = "de"


class PeopleIn(Body):
    command_id: UUID
    people: People


class EndIn(Body):
    command_id: UUID


@registration_api.get(
    "/occasions/{occasion_id}/registrations",
    action="registration.list",
    response_model=RegistrationList,
)
async def list_registrations(request: Request, occasion_id: UUID) -> RegistrationList:
    """Everybody who registered."""
    async with service_of(request).db.read() as session:
        await session.get_one(Occasion, occasion_id)
        found = await registrations_of(session, occasion_id)
    return RegistrationList(registrations=[RegistrationOut.model_validate(one) for one in found])


@registration_api.post(
    "/occasions/{occasion_id}/registrations",
    action="registration.change",
    response_model=RegistrationOut,
    status_code=201,
)
async def register(request: Request, occasion_id: UUID, sent: RegisterIn) -> Response:
    """Enter somebody; they get places or a place on the waiting list."""
    service, acting = service_of(request), order_of(request, sent.command_id)
    form = WishForm(**sent.model_dump(exclude={"command_id", "language"}))
    try:
        async with service.db.begin() as session:
            wish = form.wish(sent.language)
            new = await registrations.register(
                session, service, occasion_id, wish, acting, by_office=True
            )
            return await _one(session, new, 201)
    except NoPlaces as error:
        return _full(request, error, NO_PLACES)


@registration_api.post(
    "/registrations/{registration_id}/people",
    action="registration.change",
    response_model=RegistrationOut,
)
async def change_people(request: Request, registration_id: UUID, sent: PeopleIn) -> Response:
    """More or fewer people."""
    service, acting = service_of(request), order_of(request, sent.command_id)
    try:
        async with service.db.begin() as session:
            await registrations.change_people(
                session, service, registration_id, sent.people, acting
            )
            return await _one(session, registration_id)
    except NoPlaces as error:
        return _full(request, error, FEW_PLACES)


@registration_api.post(
    "/registrations/{registration_id}/end",
    action="registration.change",
    response_model=RegistrationOut,
)
async def end(request: Request, registration_id: UUID, sent: EndIn) -> Response:
    """Nobody comes under it any more."""
    service, acting = service_of(request), order_of(request, sent.command_id)
    async with service.db.begin() as session:
        await registrations.end_registration(
            session, service, registration_id, acting, because=EndedBecause.OFFICE
        )
        return await _one(session, registration_id)


async def _one(session: AsyncSession, registration_id: UUID, status: int = 200) -> Response:
    await session.flush()
    registration = await session.get_one(Registration, registration_id)
    return JSONResponse(
        RegistrationOut.model_validate(registration).model_dump(mode="json"), status
    )


def _full(request: Request, error: NoPlaces, sentence: Any) -> Response:
    detail = no_places(request, error, sentence)
    return problem(request, 422, errors=[{"pointer": "#/people", "detail": detail}])
