"""The JSON API of what is still to be done: tasks, and decisions on their way."""

from collections.abc import Sequence
from datetime import date
from typing import Literal, Self
from uuid import UUID

from fastapi import Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict
from sqlalchemy.exc import NoResultFound
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import JSONResponse

from services.meetings.api_decisions import Sent, broken
from services.meetings.commands.tasks import Origin, Wanted, assign, drop, finish, reopen
from services.meetings.desk import Due, now, order_of, service_of
from services.meetings.domain.followed import Followed, Stage
from services.meetings.domain.tasks import TaskStatus
from services.meetings.followup_words import BROKEN
from services.meetings.queries.follow_up import TaskLine, decisions, open_list, task_line
from shared.events.meetings import TaskWords
from shared.web.access import Guarded
from shared.web.forms import Email, Line, Text

tasks_api = Guarded(prefix="/api/v1/meetings")


class TaskIn(Sent):
    """Exactly one of a member, an account, or a name with an address does it."""

    title: Line
    text: Text | None = None
    due_on: Due
    member_id: UUID | None = None
    account_id: UUID | None = None
    name: Line | None = None
    email: Email | None = None
    session_id: UUID | None = None
    item_id: UUID | None = None


class TaskOut(BaseModel):
    id: UUID
    title: str
    text: str
    due_on: date
    status: TaskStatus
    owner: str
    session_id: UUID | None
    item_id: UUID | None
    version: int

    @classmethod
    def of(cls, line: TaskLine) -> Self:
        """The row with its owner's name."""
        kept = {name: getattr(line.task, name) for name in cls.model_fields if name != "owner"}
        return cls.model_validate(kept | {"owner": line.owner})


class DecisionOut(BaseModel):
    """Where a decision of the board stands, and since when."""

    application_id: UUID
    number: str
    public_title: str
    amount_cents: int | None
    decided_at: AwareDatetime | None
    stage: Stage
    since: AwareDatetime

    model_config = ConfigDict(from_attributes=True)


class OpenListOut(BaseModel):
    tasks: list[TaskOut]
    decisions: list[DecisionOut]


class DecisionList(BaseModel):
    decisions: list[DecisionOut]


@tasks_api.get("/follow-up", action="followed.read", response_model=OpenListOut)
async def read_open_list(request: Request) -> OpenListOut:
    """What is open now: tasks by their day, decisions by how long they have stood still."""
    async with service_of(request).db.read() as session:
        found = await open_list(session, at=now(request))
    return OpenListOut(
        tasks=[TaskOut.of(line) for line in found.tasks], decisions=_told(found.decisions)
    )


@tasks_api.get("/follow-up/decisions", action="followed.read", response_model=DecisionList)
async def list_decisions(request: Request, over: bool | None = None) -> DecisionList:
    """The board's decisions about money, open ones or ended ones if that is asked."""
    async with service_of(request).db.read() as session:
        found = await decisions(session, over=over)
    return DecisionList(decisions=_told(found))


@tasks_api.post("/tasks", action="task.write", response_model=TaskOut, status_code=201)
async def new_task(request: Request, sent: TaskIn) -> Response:
    """Give somebody something to do; they get a letter."""
    service = service_of(request)
    wanted = Wanted(
        member_id=sent.member_id,
        account_id=sent.account_id,
        name=sent.name or "",
        email=sent.email or "",
    )
    try:
        async with service.db.begin() as session:
            new = await assign(
                session,
                service,
                TaskWords(title=sent.title, text=sent.text or ""),
                wanted,
                due_on=sent.due_on,
                origin=Origin(session_id=sent.session_id, item_id=sent.item_id),
                order=order_of(request, sent.command_id),
            )
            return await _task(session, new, 201)
    except tuple(BROKEN) as error:
        return broken(request, error)


@tasks_api.get("/tasks/{task_id}", action="task.read", response_model=TaskOut)
async def read_task(request: Request, task_id: UUID) -> Response:
    """One task."""
    async with service_of(request).db.read() as session:
        return await _task(session, task_id, 200)


@tasks_api.post("/tasks/{task_id}/{act}", action="task.write", response_model=TaskOut)
async def change_task(
    request: Request, task_id: UUID, act: Literal["finish", "drop", "reopen"], sent: Sent
) -> Response:
    """Done, not needed any more, or open again."""
    command = {"finish": finish, "drop": drop, "reopen": reopen}[act]
    async with service_of(request).db.begin() as session:
        await command(session, task_id, order_of(request, sent.command_id, sent.version))
        return await _task(session, task_id, 200)


async def _task(session: AsyncSession, task_id: UUID, status: int) -> Response:
    await session.flush()
    line = await task_line(session, task_id)
    if line is None:
        raise NoResultFound
    return JSONResponse(TaskOut.of(line).model_dump(mode="json"), status)


def _told(found: Sequence[Followed]) -> list[DecisionOut]:
    return [DecisionOut.model_validate(one) for one in found]
