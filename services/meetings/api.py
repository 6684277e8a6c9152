"""The JSON API: sessions for everyone, and for the office what its pages do."""

from typing import Self
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import JSONResponse

from services.meetings.commands import sessions as commands
from services.meetings.desk import now, order_of, service_of
from services.meetings.domain.session import Appointment, Session, Status
from services.meetings.queries import Period, sessions
from services.meetings.words import BROKEN
from shared.events.meetings import PostponeReason
from shared.web.access import Guarded
from shared.web.forms import Line, Text
from shared.web.pages import gettext_of
from shared.web.problems import problem

api = Guarded(prefix="/api/v1/meetings/sessions")

API_FIELD = {"day": "starts_at", "starts": "starts_at", "ends": "ends_at"}


class SessionOut(BaseModel):
    """A session as everyone may know it; instants are UTC, the deadline is its last second."""

    id: UUID
    board: str
    status: Status
    starts_at: AwareDatetime
    ends_at: AwareDatetime | None
    place: str
    note: str | None
    submission_deadline: AwareDatetime
    first_starts_at: AwareDatetime
    postponed_because: PostponeReason | None
    cancelled_because: str | None
    version: int

    model_config = ConfigDict(from_attributes=True)

    @classmethod
    def of(cls, meeting: Session) -> Self:
        """The row without what is ours alone."""
        return cls.model_validate(meeting)


class SessionList(BaseModel):
    sessions: list[SessionOut]


class PlanIn(BaseModel):
    """`command_id` makes repeating harmless: the same id with the same content answers the same."""

    model_config = ConfigDict(extra="forbid")

    command_id: UUID
    starts_at: AwareDatetime
    ends_at: AwareDatetime | None = None
    place: Line
    note: Text | None = None

    def appointment(self) -> Appointment:
        """What the command works with."""
        return Appointment(
            starts_at=self.starts_at, ends_at=self.ends_at, place=self.place, note=self.note
        )


class PostponeIn(PlanIn):
    """`version` is the one read before: a session changed since then answers 409."""

    version: int
    reason: PostponeReason


class CancelIn(BaseModel):
    """`reason` is published as written."""

    model_config = ConfigDict(extra="forbid")

    command_id: UUID
    version: int
    reason: Text


@api.get("", action="session.list", response_model=SessionList)
async def list_sessions(
    request: Request, period: Period = "coming", limit: int = Query(default=100, ge=1, le=200)
) -> SessionList:
    """Coming sessions, next first, or past ones, latest first."""
    async with service_of(request).db.read() as session:
        found = await sessions(session, period, at=now(request), limit=limit)
    return SessionList(sessions=[SessionOut.of(meeting) for meeting in found])


@api.get("/{session_id}", action="session.read", response_model=SessionOut)
async def read_session(request: Request, session_id: UUID) -> SessionOut:
    """One session."""
    async with service_of(request).db.read() as session:
        return SessionOut.of(await session.get_one(Session, session_id))


@api.post("", action="session.plan", response_model=SessionOut, status_code=201)
async def plan_session(request: Request, sent: PlanIn) -> Response:
    """Plan a session; its deadline comes from the board's rules."""
    try:
        async with service_of(request).db.begin() as session:
            order = order_of(request, sent.command_id)
            planned = await commands.plan(session, sent.appointment(), order)
            return await _answer(session, planned, 201)
    except tuple(BROKEN) as error:
        return _broken(request, error)


@api.post("/{session_id}/postpone", action="session.postpone", response_model=SessionOut)
async def postpone_session(request: Request, session_id: UUID, sent: PostponeIn) -> Response:
    """Give a session another beginning."""
    try:
        async with service_of(request).db.begin() as session:
            order = order_of(request, sent.command_id, sent.version)
            await commands.postpone(
                session, session_id, sent.appointment(), order, reason=sent.reason
            )
            return await _answer(session, session_id, 200)
    except tuple(BROKEN) as error:
        return _broken(request, error)


@api.post("/{session_id}/cancel", action="session.cancel", response_model=SessionOut)
async def cancel_session(request: Request, session_id: UUID, sent: CancelIn) -> Response:
    """Call a session off."""
    async with service_of(request).db.begin() as session:
        order = order_of(request, sent.command_id, sent.version)
        await commands.cancel(session, session_id, order, reason=sent.reason)
        return await _answer(session, session_id, 200)


async def _answer(session: AsyncSession, session_id: UUID, status: int) -> Response:
    """The session as it stands after the command, its new version included."""
    await session.flush()
    meeting = await session.get_one(Session, session_id)
    return JSONResponse(SessionOut.of(meeting).model_dump(mode="json"), status)


def _broken(request: Request, error: Exception) -> Response:
    """A broken rule as a problem that points at the field."""
    if type(error) not in BROKEN:
        raise error
    field, sentence = BROKEN[type(error)]
    said = gettext_of(request)(sentence)
    pointer = f"#/{API_FIELD.get(field, field)}"
    return problem(request, 422, errors=[{"pointer": pointer, "detail": said}])
