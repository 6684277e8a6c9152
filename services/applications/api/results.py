"""Results and grants for programs: decided, told, taken back, met, signed, ended."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.api.door import Body, Click, Note, api, carried_out
from services.applications.api.refusals import Unusable, problems
from services.applications.api.shapes import ApplicationOut
from services.applications.commands.decide import check_office_may
from services.applications.commands.grants import accept, end, locked_grant, meet_condition
from services.applications.commands.held import (
    Admit,
    DecideOwn,
    Refuse,
    Result,
    carry_out,
    settle_result,
    take_back,
)
from services.applications.commands.money import NoBudget, locked_year
from services.applications.commands.papers import explain
from services.applications.domain import Application, Grant, Status, year_of
from services.applications.domain.asked import DateInThePast
from services.applications.domain.grant import ConditionClosed
from services.applications.domain.ledger import NotCovered
from services.applications.store import record
from services.applications.web.case_grant import BEFORE_GRANT, NOT_YET, city_no, city_yes
from services.applications.web.visit import service_of
from shared.days import local_day
from shared.events.applications import CheckItem, Signed
from shared.once import Order
from shared.web.fields import Line, Text

ID = Annotated[UUID, Path(description="of the application")]


class ConditionIn(Body):
    """To be met by the end of its day."""

    text: Line
    due_on: date


class AdmitIn(BaseModel):
    """Formally in order."""

    act: Literal["admit"]

    def result(self) -> Result:
        return Admit()


class RefuseIn(BaseModel):
    """Inadmissible, for these lines of the check."""

    act: Literal["refuse"]
    reasons: list[CheckItem] = Field(min_length=1)
    text: Note = Field("", description="to the applicant; needed for `other`")

    def result(self) -> Result:
        return Refuse(reasons=self.reasons, text=self.text)


class DecideIn(BaseModel):
    """The office's own decision about a small sum; null in `cents` is a no."""

    act: Literal["decide"]
    cents: int | None = Field(gt=0, le=99_999_999_99)
    conditions: list[ConditionIn] = Field(default=[], max_length=20)
    text: Note = Field("", description="to the applicant")

    def result(self) -> Result:
        listed = [(one.text, one.due_on) for one in self.conditions]
        return DecideOwn(cents=self.cents, conditions=listed, text=self.text)


class ResultIn(BaseModel):
    """A result; without `at_once` nobody is told for the fund's minutes, and it can be taken back."""

    result: Annotated[AdmitIn | RefuseIn | DecideIn, Field(discriminator="act")]
    at_once: bool = False


class CityIn(Body):
    """What the city said to a sum that needs its yes."""

    agrees: bool


class RevocationIn(Body):
    """Why the grant is taken back, in words the applicant reads."""

    text: Text


class AcceptanceIn(Body):
    """The day that stands on the signed paper."""

    signed_on: date


@api.post(
    "/{application_id}/results",
    action="office.decide",
    response_model=ApplicationOut,
    responses=problems(404, 409, 412),
)
async def post_result(
    request: Request, response: Response, application_id: ID, body: ResultIn, sent: Click
) -> ApplicationOut:
    """Admit, refuse, or decide about a small sum."""
    seals = service_of(request).seals

    async def act(session: AsyncSession, application: Application, order: Order) -> None:
        result = body.result.result()
        if isinstance(result, DecideOwn):
            await _refuse_decision(session, application, result, order)
        settle = carry_out if body.at_once else settle_result
        await settle(session, application.id, result, order, seals=seals)

    said = sent.saying(body)
    return await carried_out(
        request, response, application_id, said, act, name="result", moves_money=True
    )


@api.delete(
    "/{application_id}/results",
    action="office.decide",
    response_model=ApplicationOut,
    responses=problems(404, 409, 412),
)
async def delete_result(
    request: Request, response: Response, application_id: ID, sent: Click
) -> ApplicationOut:
    """Take back the result that nobody was told yet."""

    async def act(session: AsyncSession, application: Application, order: Order) -> None:
        await take_back(session, application.id, order)

    return await carried_out(
        request, response, application_id, sent, act, name="result.undo", while_held=True
    )


@api.post(
    "/{application_id}/conditions/{condition_id}/met",
    action="office.grant",
    response_model=ApplicationOut,
    responses=problems(404, 409, 412),
)
async def post_condition_met(
    request: Request, response: Response, application_id: ID, condition_id: UUID, sent: Click
) -> ApplicationOut:
    """A condition is met; the last one opens the way to the agreement."""

    async def act(session: AsyncSession, application: Application, order: Order) -> None:
        await _granted(session, application)
        await meet_condition(session, application, condition_id, actor=order.by, at=order.at)

    return await carried_out(
        request, response, application_id, sent, act, name=f"condition.{condition_id}"
    )


@api.post(
    "/{application_id}/city",
    action="office.grant",
    response_model=ApplicationOut,
    responses=problems(404, 409, 412),
)
async def post_city(
    request: Request, response: Response, application_id: ID, body: CityIn, sent: Click
) -> ApplicationOut:
    """The city's yes lets the grant take effect, its no takes it back."""
    act, said = city_yes if body.agrees else city_no, sent.saying(body)
    return await carried_out(
        request, response, application_id, said, act, name="city", moves_money=True
    )


@api.post(
    "/{application_id}/revocation",
    action="office.grant",
    response_model=ApplicationOut,
    responses=problems(404, 409, 412),
)
async def post_revocation(
    request: Request, response: Response, application_id: ID, body: RevocationIn, sent: Click
) -> ApplicationOut:
    """Take the grant back; its sum is free at once."""
    seals = service_of(request).seals

    async def act(session: AsyncSession, application: Application, order: Order) -> None:
        await _granted(session, application)
        record(session, *await explain(application, body.text, seals=seals, at=order.at))
        await end(session, application.id, Status.REVOKED, actor=order.by, at=order.at)

    said = sent.saying(body)
    return await carried_out(
        request, response, application_id, said, act, name="revocation", moves_money=True
    )


@api.post(
    "/{application_id}/decline",
    action="office.grant",
    response_model=ApplicationOut,
    responses=problems(404, 409, 412),
)
async def post_decline(
    request: Request, response: Response, application_id: ID, sent: Click
) -> ApplicationOut:
    """Somebody told us that they do not want the money; its sum is free at once."""

    async def act(session: AsyncSession, application: Application, order: Order) -> None:
        await _granted(session, application)
        await end(session, application.id, Status.DECLINED, actor=order.by, at=order.at)

    return await carried_out(
        request, response, application_id, sent, act, name="decline", moves_money=True
    )


@api.post(
    "/{application_id}/acceptance",
    action="office.grant",
    response_model=ApplicationOut,
    responses=problems(404, 409, 412),
)
async def post_acceptance(
    request: Request, response: Response, application_id: ID, body: AcceptanceIn, sent: Click
) -> ApplicationOut:
    """The agreement came back signed on paper."""

    async def act(session: AsyncSession, application: Application, order: Order) -> None:
        grant = await _granted(session, application)
        day, at = body.signed_on, order.at
        if day > local_day(at):
            raise Unusable({"pointer": "#/signed_on", "detail": NOT_YET})
        if day < local_day(grant.decided_at):
            raise Unusable({"pointer": "#/signed_on", "detail": BEFORE_GRANT})
        await accept(
            session, application, signed=Signed.PAPER, signed_on=day, actor=order.by, at=at
        )

    said = sent.saying(body)
    return await carried_out(request, response, application_id, said, act, name="acceptance")


async def _granted(session: AsyncSession, application: Application) -> Grant:
    """The grant, locked; raises ConditionClosed where there is none."""
    if await session.get(Grant, application.id) is None:
        raise ConditionClosed
    return await locked_grant(session, application.id)


async def _refuse_decision(
    session: AsyncSession, application: Application, decided: DecideOwn, order: Order
) -> None:
    """What the page says beside its fields: dates that are over, more money than there is."""
    if any(due_on < local_day(order.at) for _text, due_on in decided.conditions):
        raise DateInThePast
    await check_office_may(session, application, decided.cents)
    if decided.cents is None:
        return
    year = await locked_year(session, application.fund, year_of(order.at))
    if year is None:
        raise NoBudget(application.fund, year_of(order.at))
    if decided.cents > year.available_cents:
        raise NotCovered(decided.cents, year.available_cents)
