"""The JSON API: sessions and agendas for everyone, and for the office what its pages do."""

from typing import Self
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import JSONResponse

from services.meetings.commands import sessions as commands
from services.meetings.commands.votes import record_vote
from services.meetings.desk import MOST_CONDITIONS, Body, Due, Sheet, now, order_of, service_of
from services.meetings.domain.agenda import ItemKind, ItemStatus, Outcome
from services.meetings.domain.ballots import DoesNotAddUp
from services.meetings.domain.session import Appointment, Session, Status
from services.meetings.domain.votes import Answer, Reason, Vote
from services.meetings.queries import AgendaLine, Period, agendas_of, sessions
from services.meetings.verdict_words import why_of
from services.meetings.words import BROKEN, WRONG
from shared.events.meetings import Counts, Motion, PostponeReason, Verdict, VotedCondition
from shared.web.access import Guarded
from shared.web.forms import Line, Text
from shared.web.pages import gettext_of, language_of
from shared.web.problems import problem

api = Guarded(prefix="/api/v1/meetings/sessions")
agenda_api = Guarded(prefix="/api/v1/meetings/agenda")

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


class PlanIn(Body):
    """`command_id` makes repeating harmless: the same id with the same content answers the same."""

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


class CancelIn(Body):
    """`reason` is published as written."""

    command_id: UUID
    version: int
    reason: Text


class VoteOut(BaseModel):
    """A vote as it was recorded: `reason` for programs, `reason_text` for people."""

    id: UUID
    item_id: UUID
    motion: Motion
    verdict: Verdict
    reason: Reason
    reason_text: str
    margin: int
    counts: Counts
    rules: dict[str, str | int | bool | None]
    amount_cents: int | None
    conditions: list[VotedCondition]

    @classmethod
    def told(cls, vote: Vote, lang: str) -> Self:
        """The row, with its reason in the reader's language."""
        kept = {name: getattr(vote, name) for name in cls.model_fields if name != "reason_text"}
        return cls.model_validate(kept | {"reason_text": why_of(vote, lang)})


class AgendaItemOut(BaseModel):
    """One line of an agenda as everyone may know it; sums in cents."""

    id: UUID
    position: int
    kind: ItemKind
    number: str
    public_title: str
    field_of_action: str
    asked_cents: int | None
    amount_cents: int | None
    status: ItemStatus
    outcome: Outcome | None
    second_call: bool
    votes: list[VoteOut]
    version: int

    @classmethod
    def of(cls, line: AgendaLine, lang: str) -> Self:
        """The line without the paper and without the way it came."""
        item, case = line.item, line.case
        return cls(
            id=item.id,
            position=line.position,
            kind=item.kind,
            number=line.number,
            public_title=line.title,
            field_of_action=case.field_of_action if case else "",
            asked_cents=line.asked_cents,
            amount_cents=item.amount_cents,
            status=item.status,
            outcome=item.outcome,
            second_call=item.second_call,
            votes=[VoteOut.told(vote, lang) for vote in line.votes],
            version=item.version,
        )


class AgendaOut(BaseModel):
    session_id: UUID
    items: list[AgendaItemOut]


class ConditionIn(Body):
    """What has to be done before the grant can be accepted."""

    text: Text
    due_on: Due


class VoteIn(Sheet):
    """What the board decided; `version` is the item's, read before."""

    model_config = ConfigDict(extra="forbid")

    command_id: UUID
    version: int
    conditions: list[ConditionIn] = Field(default=[], max_length=MOST_CONDITIONS)


class RecordedVoteOut(VoteOut):
    """What the office knows besides: `answer` is what came of it so far."""

    answer: Answer
    left_cents: int | None


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


@api.get("/{session_id}/agenda", action="agenda.read", response_model=AgendaOut)
async def read_agenda(request: Request, session_id: UUID) -> AgendaOut:
    """What the board decides at this session, in its order; a cancelled one has an empty agenda."""
    async with service_of(request).db.read() as session:
        await session.get_one(Session, session_id)
        lines = await agendas_of(session, [session_id])
    lang = language_of(request)
    return AgendaOut(session_id=session_id, items=[AgendaItemOut.of(line, lang) for line in lines])


@agenda_api.post(
    "/{item_id}/votes", action="vote.record", response_model=RecordedVoteOut, status_code=201
)
async def vote(request: Request, item_id: UUID, sent: VoteIn) -> Response:
    """Record what the board decided about this item; 409 while an earlier vote is not answered."""
    try:
        async with service_of(request).db.begin() as session:
            order = order_of(request, sent.command_id, sent.version)
            vote_id = await record_vote(session, item_id, sent.ballots(), order=order)
            await session.flush()
            kept = await session.get_one(Vote, vote_id)
            recorded = RecordedVoteOut.told(kept, language_of(request))
            return JSONResponse(recorded.model_dump(mode="json"), 201)
    except DoesNotAddUp as error:
        _ = gettext_of(request)
        found = error.found.items()
        pointers = [{"pointer": _pointer(name), "detail": _(WRONG[why])} for name, why in found]
        return problem(request, 422, errors=pointers)


def _pointer(field: str) -> str:
    return "#/" + ("yes" if field == "counts" else field.replace("-", "/"))


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
