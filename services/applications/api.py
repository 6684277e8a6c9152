"""The JSON API: the office's list and cases, and whole applications from other programs."""

from datetime import date
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import Path, Query, Request, Response
from pydantic import AwareDatetime, BaseModel
from sqlalchemy import select
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from services.applications.commands.submit import submit
from services.applications.domain import Application, Status
from services.applications.domain.answers import Answers
from services.applications.domain.check import against
from services.applications.queries.board import Filter, Row, Tab, board
from services.applications.queries.case import Case, case_of
from services.applications.queries.fund import first_fund, today
from services.applications.web.staff import acting
from services.applications.web.visit import now, service_of
from shared.web.access import Guarded
from shared.web.complaints import sentence_for
from shared.web.pages import gettext_of, language_of
from shared.web.problems import problem

api = Guarded(prefix="/api/v1/applications")

MOST_BYTES = 512 * 1024


class ApplicationRow(BaseModel):
    """One application of the list; sums in cents, instants in UTC."""

    id: UUID
    number: str
    title: str
    applicant: str
    field_of_action: str
    asked_cents: int
    status: Status
    late: bool
    submitted_at: AwareDatetime
    session_at: AwareDatetime | None

    @classmethod
    def of(cls, row: Row) -> Self:
        return cls.model_validate(row, from_attributes=True)


class ApplicationList(BaseModel):
    """One page; `after` leads to the next, null on the last."""

    applications: list[ApplicationRow]
    after: str | None


class FileOut(BaseModel):
    """An attachment: its bytes are at `href`."""

    id: UUID
    name: str
    media_type: str
    size: int
    sha256: str
    href: str


class ApplicationOut(BaseModel):
    """A whole application; `answers` is null once the person is erased."""

    id: UUID
    number: str
    status: Status
    version: int
    submitted_at: AwareDatetime
    late: bool
    session_id: UUID | None
    session_at: AwareDatetime | None
    submission_deadline: AwareDatetime | None
    asked_cents: int
    field_of_action: str
    answers: Answers | None
    files: list[FileOut]

    @classmethod
    def of(cls, case: Case) -> Self:
        one, session = case.application, case.session
        return cls.model_validate(
            {
                **{name: getattr(one, name) for name in cls.model_fields if hasattr(one, name)},
                "session_at": session.starts_at if session else None,
                "submission_deadline": session.submission_deadline if session else None,
                "answers": case.answers,
                "files": [
                    {
                        **{
                            name: getattr(file, name)
                            for name in FileOut.model_fields
                            if name != "href"
                        },
                        "href": f"/buero/antraege/{one.id}/dateien/{file.id}",
                    }
                    for file in case.files
                ],
            }
        )


@api.get("", action="api.read", response_model=ApplicationList)
async def list_applications(
    request: Request,
    tab: Annotated[Tab, Query(alias="list", description="whose turn it is")] = Tab.TODO,
    field: Annotated[str, Query(max_length=40, description="code of the field of action")] = "",
    q: Annotated[str, Query(max_length=100, description="words in number, title or names")] = "",
    after: Annotated[str, Query(max_length=200, description="`after` of the page before")] = "",
) -> ApplicationList:
    """Newest first, 25 a page."""
    async with service_of(request).db.read() as session:
        found = await board(session, Filter(tab=tab, field=field, search=q, after=after))
    return ApplicationList(
        applications=[ApplicationRow.of(row) for row in found.rows], after=found.after
    )


@api.get("/{application_id}", action="api.read", response_model=ApplicationOut)
async def get_application(request: Request, application_id: UUID) -> ApplicationOut:
    """One application with its answers and files."""
    async with service_of(request).db.read() as session:
        application = await session.get(Application, application_id)
        if application is None or application.number is None:
            raise HTTPException(404)
        return ApplicationOut.of(await case_of(session, application))


@api.put(
    "/{application_id}",
    action="api.submit",
    max_body=MOST_BYTES,
    status_code=201,
    response_model=ApplicationOut,
    responses={
        200: {"description": "The same application was handed in before", "model": ApplicationOut},
        409: {"description": "Another application has this id"},
        422: {"description": "Problem details naming each field that is wrong"},
    },
)
async def put_application(
    request: Request,
    application_id: Annotated[
        UUID, Path(description="chosen by the caller: repeating is harmless")
    ],
    answers: Answers,
) -> Response:
    """Hand in a whole application by the same rules as the form."""
    service, at = service_of(request), now(request)
    async with service.db.begin() as session:
        fund, rules = await first_fund(session, at)
        if wrong := _complaints(request, answers, rules, today(at)):
            return problem(request, 422, errors=wrong)
        chosen = select(Application).where(Application.id == application_id)
        known = await session.scalar(chosen.with_for_update())
        if known is not None and known.answers != answers.model_dump(mode="json"):
            sentence = gettext_of(request)(
                "Unter dieser Kennung gibt es schon einen anderen Antrag."
            )
            return problem(request, 409, detail=sentence)
        application = known or _new(application_id, fund, answers, at)
        session.add(application)
        actor = await acting(request, session)
        await submit(
            session, application, answers, rules=rules, seals=service.seals, actor=actor, at=at
        )
        await session.flush()
        out = ApplicationOut.of(await case_of(session, application))
    body = out.model_dump(mode="json")
    where = {"Location": f"{api.prefix}/{application_id}"}
    return JSONResponse(body, 200 if known else 201, headers=where)


def _new(application_id: UUID, fund: str, answers: Answers, at: Any) -> Application:
    application = Application.start(fund=fund, language=answers.applicant.language, at=at)
    application.id = application_id
    return application


def _complaints(request: Request, answers: Answers, rules: Any, day: date) -> list[dict[str, str]]:
    """As JSON pointers into the body."""
    lang = language_of(request)
    return [
        {
            "pointer": "#/" + place.replace(".", "/").replace("-", "/"),
            "detail": sentence_for("", {"error": complaint}, lang),
        }
        for place, complaint in against(answers, rules, day)
    ]
