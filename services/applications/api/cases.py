"""Applications: listed, read, handed in, entered from paper, corrected."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import Path, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import JSONResponse

from services.applications.api.door import MOST_BYTES, Click, Sent, api, carried_out, case_now
from services.applications.api.refusals import Unusable, problems
from services.applications.api.shapes import ApplicationList, ApplicationOut, ApplicationRow
from services.applications.commands.cases import withdraw
from services.applications.commands.entry import FromTheFuture, change_answers, enter_on_paper
from services.applications.commands.submit import submit
from services.applications.domain import Application, Rules, Status
from services.applications.domain.answers import Answers
from services.applications.domain.check import PARTS_ON_PAPER, against
from services.applications.queries.board import Filter, Tab, board
from services.applications.queries.fund import first_fund, rules_at, today
from services.applications.queries.whole import whole_case
from services.applications.web.orders import first_time, order_of
from services.applications.web.visit import now, service_of
from shared.once import CommandConflict, Order
from shared.web.complaints import sentence_for
from shared.web.pages import language_of

List = Literal["zu-tun", "andere", "sitzung", "abgeschlossen", "alle"]
FIRST_PAPER: Final = datetime(2000, 1, 1, tzinfo=UTC)
CODE: Final = r"^[a-z0-9_-]*$"
FUND = Query(max_length=40, pattern=CODE, description="code of the fund; empty: the oldest one")


class PaperIn(BaseModel):
    """What came on paper, and when it was here."""

    arrived_at: AwareDatetime = Field(ge=FIRST_PAPER)
    answers: Answers = Field(description="`applicant.email` may be missing")


class Wanted(BaseModel):
    """Which applications: every filter of the office's list."""

    which: List = Field("zu-tun", alias="list", description="whose turn it is")
    fund: str = Field("", max_length=40, pattern=CODE, description="code of the fund")
    field: str = Field("", max_length=40, pattern=CODE, description="code of the field of action")
    status: Status | None = Field(None, description="one status only")
    year: int | None = Field(None, ge=2000, le=9999, description="year of arrival")
    session: UUID | None = Field(None, description="the session it goes to")
    overdue: bool = Field(False, description="only what was due before now")
    q: str = Field("", max_length=100, description="words in number, title or names")
    after: str = Field("", max_length=200, description="`after` of the page before")

    def filter(self, at: datetime) -> Filter:
        return Filter(
            tab=None if self.which == "alle" else Tab(self.which),
            fund=self.fund,
            field=self.field,
            status=self.status,
            year=self.year,
            session=self.session,
            overdue_at=at if self.overdue else None,
            search=self.q.replace("\0", ""),
            after=self.after,
        )


@api.get("", action="api.read", response_model=ApplicationList, responses=problems())
async def list_applications(
    request: Request, wanted: Annotated[Wanted, Query()]
) -> ApplicationList:
    """By what is due, 25 a page."""
    async with service_of(request).db.read() as session:
        found = await board(session, wanted.filter(now(request)))
    return ApplicationList(
        applications=[ApplicationRow.of(row) for row in found.rows], after=found.after
    )


@api.get(
    "/{application_id}",
    action="api.read",
    response_model=ApplicationOut,
    responses=problems(404),
)
async def get_application(
    request: Request, response: Response, application_id: UUID
) -> ApplicationOut:
    """One application with check, corrections, statements, decisions, grant and its whole trail."""
    return await case_now(request, response, application_id)


@api.put(
    "/{application_id}",
    action="api.submit",
    max_body=MOST_BYTES,
    status_code=201,
    response_model=ApplicationOut,
    responses={
        200: {"description": "The same application was handed in before", "model": ApplicationOut},
        **problems(404, 409),
    },
)
async def put_application(
    request: Request,
    application_id: Annotated[
        UUID, Path(description="chosen by the caller: repeating is harmless")
    ],
    answers: Answers,
    fund: Annotated[str, FUND] = "",
) -> Response:
    """Hand in a whole application by the same rules as the form."""
    service, at = service_of(request), now(request)
    async with service.db.begin() as session:
        code, rules = await _fund(session, fund, at)
        sent = Sent(command_id=application_id, content=answers.model_dump(mode="json"))
        order = await order_of(request, session, sent)
        first = await first_time(
            session, order, "api.application.submit", application_id, [fund, sent.content]
        )
        if first:
            if wrong := complaints(request, answers, rules, today(at)):
                raise Unusable(*wrong)
            application = await _new(session, application_id, code, answers, order)
            await submit(
                session,
                application,
                answers,
                rules=rules,
                seals=service.seals,
                actor=order.by,
                at=at,
            )
            await session.flush()
        out = await _whole(session, application_id, order)
    return _made(out, application_id, new=first)


@api.post(
    "/paper",
    action="office.enter",
    max_body=MOST_BYTES,
    status_code=201,
    response_model=ApplicationOut,
    responses={
        200: {"description": "The same paper was entered before", "model": ApplicationOut},
        **problems(404, 409),
    },
)
async def enter_paper(
    request: Request, sent: Click, body: PaperIn, fund: Annotated[str, FUND] = ""
) -> Response:
    """Enter what came on paper; the `Idempotency-Key` becomes the application's id."""
    service, at = service_of(request), now(request)
    async with service.db.begin() as session:
        if body.arrived_at > at:
            raise FromTheFuture
        code, rules = await _fund(session, fund, body.arrived_at)
        order = await order_of(request, session, sent)
        content = [fund, body.model_dump(mode="json")]
        first = await first_time(session, order, "api.paper", sent.command_id, content)
        if first:
            day = today(body.arrived_at)
            if wrong := complaints(
                request, body.answers, rules, day, on_paper=True, root="#/answers"
            ):
                raise Unusable(*wrong)
            await enter_on_paper(
                session,
                sent.command_id,
                body.answers,
                order,
                fund=code,
                arrived_at=body.arrived_at,
                rules=rules,
                seals=service.seals,
            )
            await session.flush()
        out = await _whole(session, sent.command_id, order)
    return _made(out, sent.command_id, new=first)


@api.put(
    "/{application_id}/answers",
    action="office.change",
    max_body=MOST_BYTES,
    response_model=ApplicationOut,
    responses=problems(404, 409, 412),
)
async def put_answers(
    request: Request, response: Response, application_id: UUID, answers: Answers, sent: Click
) -> ApplicationOut:
    """Correct what the applicant wrote: kept field by field, and the applicant is told."""
    async with service_of(request).db.read() as session:
        known = await session.get(Application, application_id)
    if known is not None and known.submitted_at is not None:
        rules, day = Rules.model_validate(known.rules), today(known.submitted_at)
        if wrong := complaints(request, answers, rules, day, on_paper=known.on_paper):
            raise Unusable(*wrong)
    seals = service_of(request).seals

    async def act(session: AsyncSession, application: Application, order: Order) -> None:
        await change_answers(session, application, answers, order, seals=seals)

    said = sent.saying(answers)
    return await carried_out(request, response, application_id, said, act, name="answers")


@api.post(
    "/{application_id}/withdrawal",
    action="office.grant",
    response_model=ApplicationOut,
    responses=problems(404, 409, 412),
)
async def post_withdrawal(
    request: Request, response: Response, application_id: UUID, sent: Click
) -> ApplicationOut:
    """Somebody told us that they take their application back, before it is decided."""

    async def act(session: AsyncSession, application: Application, order: Order) -> None:
        await withdraw(session, application, actor=order.by, at=order.at)

    return await carried_out(
        request, response, application_id, sent, act, name="withdrawal", while_held=True
    )


async def _fund(session: AsyncSession, fund: str, at: datetime) -> tuple[str, Rules]:
    """The fund's rules of that day; raises NoRules for a code nobody knows."""
    return (fund, await rules_at(session, at, fund)) if fund else await first_fund(session, at)


async def _new(
    session: AsyncSession, application_id: UUID, fund: str, answers: Answers, order: Order
) -> Application:
    """Empty, under the caller's id; an id that is taken is a conflict."""
    chosen = select(Application.id).where(Application.id == application_id)
    if await session.scalar(chosen) is not None:
        raise CommandConflict("api.application.submit")
    language = answers.applicant.language
    application = Application.start(fund=fund, language=language, at=order.at)
    application.id = application_id
    session.add(application)
    return application


async def _whole(session: AsyncSession, application_id: UUID, order: Order) -> ApplicationOut:
    application = await session.get_one(Application, application_id)
    return ApplicationOut.of(await whole_case(session, application, at=order.at))


def _made(out: ApplicationOut, application_id: UUID, *, new: bool) -> Response:
    headers = {"Location": f"{api.prefix}/{application_id}", "ETag": f'"{out.version}"'}
    return JSONResponse(out.model_dump(mode="json"), 201 if new else 200, headers=headers)


def complaints(
    request: Request,
    answers: Answers,
    rules: Rules,
    day: date,
    *,
    on_paper: bool = False,
    root: str = "#",
) -> list[dict[str, str]]:
    """What the fund's rules say to the answers, as JSON pointers into the body."""
    lang, found = language_of(request), against(answers, rules, day)
    if on_paper:
        parts: Mapping[str, Any] = PARTS_ON_PAPER
        found = (
            (f"{name}.{place}", complaint)
            for name, part in parts.items()
            for place, complaint in against(
                part.model_validate(getattr(answers, name).model_dump()), rules, day
            )
        )
    return [
        {
            "pointer": f"{root}/" + place.replace(".", "/").replace("-", "/"),
            "detail": sentence_for("", {"error": complaint}, lang),
        }
        for place, complaint in found
    ]
