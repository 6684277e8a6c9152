"""A city department's page behind its mailed link: the application, one question, its answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from services.applications.commands.money import locked_application
from services.applications.commands.statements import OPEN, PURPOSE, give_statement
from services.applications.domain import Application, IllegalMove, Rules, Statement
from services.applications.domain.answers import Answers, ApplicantKind
from services.applications.domain.asked import AlreadyGiven
from services.applications.queries.case import Case, attachment, case_of
from services.applications.store import Link
from services.applications.web.files import sent_file
from services.applications.web.shown import Section, as_typed, sections, sums
from services.applications.web.visit import now, service_of
from shared.events.applications import StatementVerdict
from shared.web.access import Guarded
from shared.web.complaints import MISSING
from shared.web.forms import Form, Text, blank, read_form
from shared.web.i18n import lazy
from shared.web.limits import limit
from shared.web.links import LinkRefused, look_up
from shared.web.pages import gettext_of, language_of, page, see_other

PATH: Final = "/antraege/stellungnahme/{token}"
FOR_DEPARTMENTS: Final = frozenset(
    {"legal_form"}
    | {"title", "aim", "plan", "target_group", "benefit", "field_of_action", "place"}
    | {"starts_on", "ends_on", "costs", "funding", "asked_cents"}
)
"""What a department needs to judge by: no way to reach anybody, and no bank account."""

VERDICTS: Final = (
    (StatementVerdict.NO_OBJECTION, lazy("Keine Bedenken")),
    (StatementVerdict.CONCERNS, lazy("Bedenken, aber möglich")),
    (StatementVerdict.OBJECTION, lazy("Wir sind dagegen")),
)

router = Guarded()


class Answer(BaseModel):
    """The department's word; only a plain yes needs no reason."""

    verdict: StatementVerdict
    text: Text | None = None


@dataclass(frozen=True)
class Asked:
    """What the link opens."""

    statement: Statement
    application: Application
    case: Case

    @property
    def decided(self) -> bool:
        return self.application.status not in OPEN


class NothingBehindIt(Exception):
    """The link opens nothing; why is not said."""


@router.get(PATH, action="statement.give", dependencies=[limit("240/hour")])
async def show(request: Request, token: str) -> Response:
    """The application and the question, or what was answered."""
    try:
        async with service_of(request).db.read() as session:
            asked = await _asked(request, session, token)
    except NothingBehindIt:
        return _refused(request)
    return _page(request, token, asked, blank())


@router.post(PATH, action="statement.give", dependencies=[limit("30/hour")])
async def give(request: Request, token: str) -> Response:
    """Kept once; whoever sends it again sees what was kept."""
    form, service = await read_form(request, Answer), service_of(request)
    sent = form.data
    if sent and sent.verdict is not StatementVerdict.NO_OBJECTION and not sent.text:
        form.refuse("text", gettext_of(request)(MISSING))
    try:
        async with service.db.begin() as session:
            asked = await _asked(request, session, token, lock=True)
            if form.data is None and asked.statement.given_at is None and not asked.decided:
                return _page(request, token, asked, form, status=422)
            if form.data is not None:
                await _give(request, session, asked, form.data)
    except NothingBehindIt:
        return _refused(request)
    return see_other(f"/antraege/stellungnahme/{token}")


@router.get(PATH + "/dateien/{file_id}", action="statement.give", dependencies=[limit("240/hour")])
async def download(request: Request, token: str, file_id: UUID) -> Response:
    """A file of this application."""
    try:
        async with service_of(request).db.read() as session:
            asked = await _asked(request, session, token)
            file = await attachment(session, asked.application.id, file_id)
    except NothingBehindIt:
        return _refused(request)
    return sent_file(request, file)


async def _asked(
    request: Request, session: AsyncSession, token: str, *, lock: bool = False
) -> Asked:
    """What the link opens now; raises NothingBehindIt for wrong, expired and erased ones alike."""
    try:
        link = await look_up(session, Link, token, purpose=PURPOSE, at=now(request))
    except LinkRefused:
        raise NothingBehindIt from None
    statement = await session.get(Statement, UUID(link.subject))
    if statement is None:
        raise NothingBehindIt
    application = await _application(session, statement, lock=lock)
    if application.erased_at is not None:
        raise NothingBehindIt
    return Asked(statement, application, await case_of(session, application))


async def _application(session: AsyncSession, statement: Statement, *, lock: bool) -> Application:
    if not lock:
        return await session.get_one(Application, statement.application_id)
    application = await locked_application(session, statement.application_id)
    again = select(Statement).where(Statement.id == statement.id)
    await session.execute(again.execution_options(populate_existing=True))
    return application


async def _give(request: Request, session: AsyncSession, asked: Asked, sent: Answer) -> None:
    """Too late or a second time changes nothing: the page says which."""
    try:
        await give_statement(
            session,
            asked.statement,
            asked.application,
            verdict=sent.verdict,
            text=sent.text or "",
            seals=service_of(request).seals,
            at=now(request),
        )
    except (AlreadyGiven, IllegalMove):
        return


def _page(
    request: Request, token: str, asked: Asked, form: Form[Any], *, status: int = 200
) -> Response:
    rules = Rules.model_validate(asked.application.rules)
    answers = asked.case.answers
    typed = as_typed(answers) if answers else {}
    shown = _shown(sections(typed, rules, language_of(request)))
    response = page(
        request,
        "department/statement.html",
        status=status,
        title=gettext_of(request)("Stellungnahme zu einem Antrag"),
        here="antraege",
        form=form,
        asked=asked,
        statement=asked.statement,
        application=asked.application,
        sections=shown,
        organisation=_organisation(answers),
        sums=sums(typed),
        files=asked.case.files,
        base=f"/antraege/stellungnahme/{token}",
        verdicts=VERDICTS,
        given=dict(VERDICTS).get(asked.statement.verdict, "") if asked.statement.verdict else "",
        overdue=now(request) > asked.statement.due_at,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _shown(all_: Sequence[Section]) -> list[Section]:
    """The sections without what is nobody's business there."""
    kept = [
        Section(one.step, [row for row in one.rows if row.name in FOR_DEPARTMENTS and row.how])
        for one in all_
    ]
    return [one for one in kept if one.rows]


def _organisation(answers: Answers | None) -> str:
    """Its name; a single person stays unnamed."""
    if answers is None or answers.applicant.kind is ApplicantKind.PERSON:
        return ""
    return answers.applicant.name


def _refused(request: Request) -> Response:
    """The same for every link that opens nothing."""
    title = gettext_of(request)("Dieser Link geht nicht")
    response = page(request, "department/refused.html", status=404, title=title, here="antraege")
    response.headers["Cache-Control"] = "no-store"
    return response
