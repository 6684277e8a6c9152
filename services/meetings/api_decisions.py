"""The JSON API of decisions: resolutions, votes in writing, what was decided alone."""

from typing import Annotated, Self
from uuid import UUID

from fastapi import Path, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy.exc import NoResultFound
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import JSONResponse

from services.meetings.chairs import let_in
from services.meetings.commands.circular import (
    answer_circular,
    call_off,
    start_circular,
)
from services.meetings.commands.circular_question import Question
from services.meetings.commands.urgent import decide_urgently
from services.meetings.desk import Body, order_of, service_of
from services.meetings.domain.circular import CircularStatus
from services.meetings.domain.polls import Choice
from services.meetings.followup_words import BROKEN
from services.meetings.queries.circular import circular_view
from services.meetings.queries.resolutions import Fate, ResolutionLine, resolution, resolutions
from services.meetings.verdict_words import why_of
from shared.events.meetings import Counts, Motion, Verdict, VotedCondition, Way
from shared.web.access import Guarded
from shared.web.forms import Text
from shared.web.pages import gettext_of, language_of
from shared.web.problems import problem

resolutions_api = Guarded(prefix="/api/v1/meetings/resolutions")
circulars_api = Guarded(prefix="/api/v1/meetings")


Year = Annotated[int, Path(ge=2000, le=9999)]
Running = Annotated[int, Path(ge=1, le=10**6)]


class ResolutionOut(BaseModel):
    """What was decided: `reason` for programs, `reason_text` for people, `fate` what became of it."""

    id: UUID
    number: str
    position: int
    decided_at: AwareDatetime
    way: Way
    motion: Motion
    title: str
    text: str
    application_number: str
    verdict: Verdict
    reason: str
    reason_text: str
    margin: int
    counts: Counts
    rules: dict[str, str | int | bool | None]
    amount_cents: int | None
    conditions: list[VotedCondition]
    fate: Fate
    previous_hash: str
    hash: str

    @classmethod
    def of(cls, line: ResolutionLine, lang: str) -> Self:
        """The row with its reason in the reader's language."""
        more = {"reason_text", "application_number", "fate"}
        kept = {name: getattr(line.resolution, name) for name in set(cls.model_fields) - more}
        return cls.model_validate(
            kept
            | {
                "reason_text": why_of(line.vote, lang),
                "application_number": line.application_number,
                "fate": line.fate,
            }
        )


class ResolutionList(BaseModel):
    resolutions: list[ResolutionOut]


class Sent(Body):
    """`command_id` makes repeating harmless; `version` is the one read before."""

    command_id: UUID
    version: int = 0


class QuestionIn(Sent):
    """What the members are asked; a sum if it is about an application."""

    text: Text
    amount_cents: int | None = Field(default=None, ge=0)


class UrgentIn(Sent):
    why: Text
    amount_cents: int = Field(ge=0)


class AnswerIn(Sent):
    """A member's answer that came on paper."""

    member_id: UUID
    choice: Choice


class CircularOut(BaseModel):
    """A vote in writing; how anybody answered is not said before the end, who did not at all."""

    id: UUID
    item_id: UUID
    status: CircularStatus
    title: str
    text: str
    amount_cents: int | None
    members: int
    needed: int
    asked: int
    answered: int
    started_at: AwareDatetime
    closes_at: AwareDatetime
    closed_at: AwareDatetime | None
    vote_id: UUID | None
    version: int


@resolutions_api.get("", action="resolution.read", response_model=ResolutionList)
async def list_resolutions(
    request: Request,
    year: int | None = Query(default=None, ge=2000, le=9999),
    way: Way | None = None,
) -> ResolutionList:
    """Newest first, of a year and a way if these are named."""
    async with service_of(request).db.read() as session:
        found = await resolutions(session, year=year, way=way)
    lang = language_of(request)
    return ResolutionList(resolutions=[ResolutionOut.of(line, lang) for line in found])


@resolutions_api.get("/{year}/{running}", action="resolution.read", response_model=ResolutionOut)
async def read_resolution(request: Request, year: Year, running: Running) -> ResolutionOut:
    """The one people quote as `2026-007`."""
    async with service_of(request).db.read() as session:
        line = await resolution(session, year, running)
    if line is None:
        raise NoResultFound
    return ResolutionOut.of(line, language_of(request))


@circulars_api.post(
    "/agenda/{item_id}/circular",
    action="circular.run",
    response_model=CircularOut,
    status_code=201,
)
async def start(request: Request, item_id: UUID, sent: QuestionIn) -> Response:
    """Ask the members in writing; 409 where something stands against it."""
    service = service_of(request)
    question = Question(text=sent.text, amount_cents=sent.amount_cents)
    try:
        async with service.db.begin() as session:
            await let_in(request, session, "circular.run")
            order = order_of(request, sent.command_id, sent.version)
            new = await start_circular(session, service, item_id, question, order)
            return await _circular(session, new, 201)
    except tuple(BROKEN) as error:
        return broken(request, error)


@circulars_api.get("/circulars/{circular_id}", action="circular.read", response_model=CircularOut)
async def read_circular(request: Request, circular_id: UUID) -> Response:
    """One vote in writing."""
    async with service_of(request).db.read() as session:
        await let_in(request, session, "circular.read")
        return await _circular(session, circular_id, 200)


@circulars_api.post(
    "/circulars/{circular_id}/answers", action="circular.enter", response_model=CircularOut
)
async def enter_answer(request: Request, circular_id: UUID, sent: AnswerIn) -> Response:
    """Enter what a member sent on paper."""
    async with service_of(request).db.begin() as session:
        order = order_of(request, sent.command_id)
        await answer_circular(
            session, circular_id, sent.member_id, sent.choice, order, on_paper=True
        )
        return await _circular(session, circular_id, 200)


@circulars_api.post(
    "/circulars/{circular_id}/call-off", action="circular.run", response_model=CircularOut
)
async def end_circular(request: Request, circular_id: UUID, sent: Sent) -> Response:
    """Ask nobody any more."""
    async with service_of(request).db.begin() as session:
        await let_in(request, session, "circular.run")
        await call_off(session, circular_id, order_of(request, sent.command_id, sent.version))
        return await _circular(session, circular_id, 200)


@circulars_api.post("/agenda/{item_id}/urgent", action="urgent.decide", status_code=201)
async def decide_alone(request: Request, item_id: UUID, sent: UrgentIn) -> Response:
    """Decide without a vote, up to what the rules allow."""
    try:
        async with service_of(request).db.begin() as session:
            await let_in(request, session, "urgent.decide")
            order = order_of(request, sent.command_id, sent.version)
            vote_id = await decide_urgently(
                session, item_id, amount_cents=sent.amount_cents, why=sent.why, order=order
            )
        return JSONResponse({"vote_id": str(vote_id)}, 201)
    except tuple(BROKEN) as error:
        return broken(request, error)


async def _circular(session: AsyncSession, circular_id: UUID, status: int) -> Response:
    await session.flush()
    view = await circular_view(session, circular_id)
    counted = {"asked": len(view.asked), "answered": view.answered}
    known = set(CircularOut.model_fields) - set(counted)
    kept = {name: getattr(view.circular, name) for name in known}
    told = CircularOut.model_validate(kept | counted)
    return JSONResponse(told.model_dump(mode="json"), status)


def broken(request: Request, error: Exception) -> Response:
    """A broken rule as a problem that points at the field."""
    field, sentence = BROKEN[type(error)]
    said = gettext_of(request)(sentence)
    return problem(request, 422, errors=[{"pointer": f"#/{field}", "detail": said}])
