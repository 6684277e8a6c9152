"""The formal check for programs: judgements, cost marks, public title, corrections, statements."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Path, Request, Response
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.api.door import Body, Click, api, carried_out
from services.applications.api.refusals import NameInTitle, Unusable, problems
from services.applications.api.shapes import ApplicationOut
from services.applications.commands.formal import (
    judge,
    mark_costs,
    name_in_public,
    request_correction,
    withdraw_correction,
)
from services.applications.commands.statements import Request as Asked
from services.applications.commands.statements import ask_department
from services.applications.domain import Application, Rules
from services.applications.domain.answers import Answers, Title
from services.applications.domain.checklist import Judgement
from services.applications.web.case_asks import STATEMENT_PAGE
from services.applications.web.case_checks import names_somebody
from services.applications.web.visit import service_of
from shared.days import end_of_day
from shared.events.applications import CheckItem
from shared.events.people import Contact
from shared.once import Order
from shared.web.complaints import CHOOSE
from shared.web.fields import Email, Line, Text

ID = Annotated[UUID, Path(description="of the application")]


class JudgementIn(Body):
    """A person's word on one line; null takes it back."""

    item: CheckItem
    judgement: Judgement | None
    note: str = Field("", max_length=2000, description="needed for a yes against a broken rule")


class CostsIn(Body):
    """Which lines of the plan are not paid; replaces what was marked before."""

    lines: dict[int, str] = Field(
        description="line (from 0) → code of the kind of cost", examples=[{"2": "kind_3"}]
    )


class TitleIn(Body):
    """The title everybody reads; it names nobody."""

    public_title: Title = Field(examples=["Sommerfest im Innenhof"])


class CorrectionIn(Body):
    """What is missing, and the last day for it."""

    items: list[CheckItem] = Field(min_length=1)
    note: str = Field("", max_length=2000, description="needed for `other`")
    due_on: date


class StatementIn(Body):
    """Whom to ask what, and the last day for it."""

    department: Line
    contact_name: Line
    email: Email
    question: Text
    due_on: date


@api.post(
    "/{application_id}/judgements",
    action="office.check",
    response_model=ApplicationOut,
    responses=problems(404, 409, 412),
)
async def post_judgement(
    request: Request, response: Response, application_id: ID, body: JudgementIn, sent: Click
) -> ApplicationOut:
    """Say yes or no to a line of the check, or take that back."""

    async def act(session: AsyncSession, application: Application, order: Order) -> None:
        await judge(
            session,
            application,
            body.item,
            body.judgement,
            text=body.note,
            actor=order.by,
            at=order.at,
        )

    if body.item is CheckItem.OTHER:
        raise Unusable({"pointer": "#/item", "detail": CHOOSE})
    said = sent.saying(body)
    return await carried_out(request, response, application_id, said, act, name="judgement")


@api.post(
    "/{application_id}/costs",
    action="office.check",
    response_model=ApplicationOut,
    responses=problems(404, 409, 412),
)
async def post_costs(
    request: Request, response: Response, application_id: ID, body: CostsIn, sent: Click
) -> ApplicationOut:
    """Mark the lines of the plan that the fund does not pay."""

    async def act(session: AsyncSession, application: Application, order: Order) -> None:
        _refuse_unknown(application, body)
        await mark_costs(session, application, body.lines, actor=order.by, at=order.at)

    said = sent.saying(body)
    return await carried_out(request, response, application_id, said, act, name="costs")


@api.post(
    "/{application_id}/public-title",
    action="office.check",
    response_model=ApplicationOut,
    responses=problems(404, 409, 412),
)
async def post_public_title(
    request: Request, response: Response, application_id: ID, body: TitleIn, sent: Click
) -> ApplicationOut:
    """Name it for everybody; refused with the applicant's own name in it."""

    async def act(session: AsyncSession, application: Application, order: Order) -> None:
        answers = Answers.model_validate(application.answers) if application.answers else None
        if names_somebody(answers, body.public_title):
            raise NameInTitle
        title, actor = body.public_title, order.by
        await name_in_public(session, application, title, actor=actor, at=order.at)

    said = sent.saying(body)
    return await carried_out(request, response, application_id, said, act, name="public_title")


@api.post(
    "/{application_id}/corrections",
    action="office.check",
    response_model=ApplicationOut,
    responses=problems(404, 409, 412),
)
async def post_correction(
    request: Request, response: Response, application_id: ID, body: CorrectionIn, sent: Click
) -> ApplicationOut:
    """Ask the applicant for what is missing; until it is here nothing is decided."""
    seals = service_of(request).seals

    async def act(session: AsyncSession, application: Application, order: Order) -> None:
        await request_correction(
            session,
            application,
            body.items,
            text=body.note,
            due_at=end_of_day(body.due_on),
            seals=seals,
            actor=order.by,
            at=order.at,
        )

    said = sent.saying(body)
    return await carried_out(request, response, application_id, said, act, name="correction")


@api.delete(
    "/{application_id}/corrections/open",
    action="office.check",
    response_model=ApplicationOut,
    responses=problems(404, 409, 412),
)
async def delete_correction(
    request: Request, response: Response, application_id: ID, sent: Click
) -> ApplicationOut:
    """Nothing is missing after all, while nobody has answered; the applicant is told."""

    async def act(session: AsyncSession, application: Application, order: Order) -> None:
        await withdraw_correction(session, application, actor=order.by, at=order.at)

    return await carried_out(
        request, response, application_id, sent, act, name="correction.withdraw"
    )


@api.post(
    "/{application_id}/statements",
    action="office.check",
    response_model=ApplicationOut,
    responses=problems(404, 409, 412),
)
async def post_statement(
    request: Request, response: Response, application_id: ID, body: StatementIn, sent: Click
) -> ApplicationOut:
    """Mail a city department a link to its page."""
    service = service_of(request)
    asked = Asked(
        department=body.department,
        contact=Contact(name=body.contact_name, email=body.email),
        question=body.question,
        due_at=end_of_day(body.due_on),
        url=f"{service.settings.origin}{STATEMENT_PAGE}",
    )

    async def act(session: AsyncSession, application: Application, order: Order) -> None:
        await ask_department(
            session, application, asked, seals=service.seals, actor=order.by, at=order.at
        )

    said = sent.saying(body)
    return await carried_out(request, response, application_id, said, act, name="statement")


def _refuse_unknown(application: Application, body: CostsIn) -> None:
    """Lines the plan does not have, and kinds the fund does not name."""
    rules = Rules.model_validate(application.rules)
    lines = application.answers.get("costs", {}).get("costs", [])
    wrong = [
        {"pointer": f"#/lines/{line}", "detail": CHOOSE}
        for line, kind in body.lines.items()
        if line not in range(len(lines)) or rules.kind_not_paid(kind) is None
    ]
    if wrong:
        raise Unusable(*wrong)
