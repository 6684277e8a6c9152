"""What was recorded at each item of a session: votes, who was left out, what is to be done."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.domain.account import Account
from services.meetings.domain.member import Member
from services.meetings.domain.polls import Choice, NamedBallot
from services.meetings.domain.recusal import Recusal, RecusedBecause
from services.meetings.domain.resolutions import Resolution
from services.meetings.domain.room import ItemHours
from services.meetings.domain.tasks import Task, TaskStatus
from services.meetings.domain.votes import Vote
from services.meetings.queries.agendas import AgendaLine, agendas_of
from shared.events.meetings import Way

R = TypeVar("R")


@dataclass(frozen=True, kw_only=True)
class VoteFacts:
    """One vote, its number in the list of resolutions, and who voted how if it was by name."""

    vote: Vote
    resolution: str
    named: Sequence[tuple[Member, Choice]]


@dataclass(frozen=True, kw_only=True)
class ItemFacts:
    """One item with everything recorded at it."""

    line: AgendaLine
    hours: ItemHours | None
    votes: Sequence[VoteFacts]
    recused: Sequence[tuple[Member, RecusedBecause]]
    tasks: Sequence[tuple[Task, str]]
    """With the owner's name; empty once they are erased."""

    @property
    def part(self) -> str:
        """What the texts call it."""
        return str(self.line.item.id)


async def items_of(
    session: AsyncSession,
    session_id: UUID,
    members: Mapping[UUID, Member],
    *,
    until: datetime | None,
) -> list[ItemFacts]:
    lines = [line for line in await agendas_of(session, [session_id]) if not line.item.in_writing]
    ids = [line.item.id for line in lines]
    hours = select(ItemHours).where(ItemHours.session_id == session_id)
    called = {one.item_id: one for one in await session.scalars(hours)}
    recusals = await session.scalars(select(Recusal).where(Recusal.item_id.in_(ids)))
    recused = grouped([(one.item_id, (members[one.member_id], one.because)) for one in recusals])
    votes = grouped(await _votes(session, lines, members))
    tasks = grouped(await _tasks(session, ids, members, until=until))
    return [
        ItemFacts(
            line=line,
            hours=called.get(line.item.id),
            votes=votes[line.item.id],
            recused=sorted(recused[line.item.id], key=lambda one: one[0].name),
            tasks=tasks[line.item.id],
        )
        for line in lines
    ]


async def _votes(
    session: AsyncSession, lines: Sequence[AgendaLine], members: Mapping[UUID, Member]
) -> list[tuple[UUID, VoteFacts]]:
    ids = [vote.id for line in lines for vote in line.votes]
    ballots = await session.scalars(select(NamedBallot).where(NamedBallot.poll_id.in_(ids)))
    named = grouped([(one.poll_id, (members[one.member_id], one.choice)) for one in ballots])
    decided = await session.scalars(select(Resolution).where(Resolution.vote_id.in_(ids)))
    numbers = {one.vote_id: one.number for one in decided}
    return [
        (
            line.item.id,
            VoteFacts(
                vote=vote,
                resolution=numbers.get(vote.id, ""),
                named=sorted(named[vote.id], key=lambda one: one[0].name),
            ),
        )
        for line in lines
        for vote in line.votes
        if vote.way is Way.MEETING
    ]


async def _tasks(
    session: AsyncSession,
    item_ids: Sequence[UUID],
    members: Mapping[UUID, Member],
    *,
    until: datetime | None,
) -> list[tuple[UUID, tuple[Task, str]]]:
    """What was given at these items; once the minutes are approved, as it was then."""
    given = (
        select(Task, Account.name)
        .outerjoin(Account, Account.id == Task.account_id)
        .where(Task.item_id.in_(item_ids))
        .order_by(Task.due_on, Task.id)
    )
    return [
        (task.item_id, (task, _owner(task, account, members)))
        for task, account in await session.execute(given)
        if task.item_id is not None and _counted(task, until)
    ]


def _counted(task: Task, until: datetime | None) -> bool:
    if until is not None and task.assigned_at > until:
        return False
    dropped_since = until is not None and task.closed_at is not None and task.closed_at > until
    return task.status is not TaskStatus.DROPPED or dropped_since


def _owner(task: Task, account: str | None, members: Mapping[UUID, Member]) -> str:
    if task.member_id is not None and task.member_id in members:
        return members[task.member_id].name
    return account or task.owner_name


def grouped(pairs: Sequence[tuple[UUID, R]]) -> defaultdict[UUID, list[R]]:
    """Values by key, in their order."""
    found: defaultdict[UUID, list[R]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found
