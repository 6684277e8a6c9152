"""Reads about what is still to be done: tasks, decisions on their way, what a session hears of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.domain.account import Account
from services.meetings.domain.followed import ENDED, Followed
from services.meetings.domain.member import Member
from services.meetings.domain.resolutions import Resolution
from services.meetings.domain.session import Session, Status
from services.meetings.domain.tasks import Task, TaskStatus
from shared.days import local_day
from shared.events.meetings import Way

Which = Literal["offen", "spaet", "erledigt"]


@dataclass(frozen=True, kw_only=True)
class TaskLine:
    """A task with its owner's name as it is now; empty once they are erased."""

    task: Task
    owner: str

    def is_late(self, at: datetime) -> bool:
        """Whether its day is past and it is not done."""
        return self.task.status is TaskStatus.OPEN and self.task.due_on < local_day(at)


@dataclass(frozen=True, kw_only=True)
class OpenList:
    """What the next session is told: what is to be done, and where decisions stand."""

    tasks: Sequence[TaskLine]
    decisions: Sequence[Followed]


async def open_list(session: AsyncSession, *, at: datetime) -> OpenList:
    """Everything that is not over at this moment, the oldest first."""
    tasks = await tasks_now(session, "offen", at=at)
    return OpenList(tasks=tasks, decisions=await decisions(session, over=False))


async def tasks_now(
    session: AsyncSession,
    which: Which,
    *,
    at: datetime,
    session_id: UUID | None = None,
    limit: int = 500,
) -> list[TaskLine]:
    """Open ones by their day, so the latest come first; closed ones newest first."""
    chosen = _tasks().limit(limit)
    if session_id is not None:
        chosen = chosen.where(Task.session_id == session_id)
    if which == "erledigt":
        chosen = chosen.where(Task.status != TaskStatus.OPEN)
        return await _read(session, chosen.order_by(Task.closed_at.desc(), Task.id))
    chosen = chosen.where(Task.status == TaskStatus.OPEN)
    if which == "spaet":
        chosen = chosen.where(Task.due_on < local_day(at))
    return await _read(session, chosen.order_by(Task.due_on, Task.id))


async def task_line(session: AsyncSession, task_id: UUID) -> TaskLine | None:
    """One task, in whatever state."""
    found = await _read(session, _tasks().where(Task.id == task_id))
    return found[0] if found else None


async def task_counts(session: AsyncSession, *, at: datetime) -> dict[Which, int]:
    """How many there are behind each tab."""
    late = func.count().filter(Task.status == TaskStatus.OPEN, Task.due_on < local_day(at))
    is_open = func.count().filter(Task.status == TaskStatus.OPEN)
    row = (await session.execute(select(is_open, late, func.count()).select_from(Task))).one()
    return {"offen": row[0], "spaet": row[1], "erledigt": row[2] - row[0]}


async def tasks_of_session(session: AsyncSession, session_id: UUID) -> list[TaskLine]:
    """Everything that came out of this session, by its day."""
    ours = _tasks().where(Task.session_id == session_id)
    return await _read(session, ours.order_by(Task.due_on, Task.id))


async def tasks_of_member(session: AsyncSession, member: Member) -> list[TaskLine]:
    """What this member has to do, as a member or under their account."""
    theirs = Task.member_id == member.id
    if member.account_id is not None:
        theirs = theirs | (Task.account_id == member.account_id)
    mine = _tasks().where(theirs, Task.status == TaskStatus.OPEN)
    return await _read(session, mine.order_by(Task.due_on, Task.id))


async def decisions(
    session: AsyncSession, *, over: bool | None = None, limit: int = 500
) -> Sequence[Followed]:
    """The board's decisions about money, the one that has stood still longest first."""
    chosen = select(Followed).where(Followed.by_board)
    if over is not None:
        chosen = chosen.where(Followed.stage.in_(ENDED) if over else Followed.stage.not_in(ENDED))
    found = await session.scalars(chosen.order_by(Followed.since, Followed.number).limit(limit))
    return found.all()


async def to_report(session: AsyncSession, *, before: datetime) -> Sequence[Resolution]:
    """What was decided between two sessions, for the one that begins then; each is reported once."""
    earlier = select(func.max(Session.starts_at)).where(
        Session.starts_at < before, Session.status != Status.CANCELLED
    )
    last = await session.scalar(earlier)
    chosen = select(Resolution).where(
        Resolution.way.in_([Way.CIRCULAR, Way.URGENT]), Resolution.decided_at <= before
    )
    if last is not None:
        chosen = chosen.where(Resolution.decided_at > last)
    return (await session.scalars(chosen.order_by(Resolution.position))).all()


def _tasks() -> Select[Task, str, str]:
    return (
        select(Task, Member.name, Account.name)
        .outerjoin(Member, Member.id == Task.member_id)
        .outerjoin(Account, Account.id == Task.account_id)
    )


async def _read(session: AsyncSession, chosen: Select[Task, str, str]) -> list[TaskLine]:
    rows = await session.execute(chosen)
    return [
        TaskLine(task=task, owner=member or account or task.owner_name)
        for task, member, account in rows
    ]
