"""Gathering an issue's recipients: the database copies subscribers into numbered rows, chunk by chunk.

Each chunk is one transaction that also says how far it came: whoever comes after a crash goes on
there, and no number is left out or given twice.
"""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, exists, func, literal, select, update
from sqlalchemy import insert as insert_into
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.domain.issue import Issue, IssueLetter, Status
from services.notifications.domain.letter import State
from services.notifications.domain.subscription import Subscription, SubscriptionTopic
from services.notifications.issues import commands, copies
from services.notifications.issues.audience import READER
from shared.loops import rest
from shared.service import Service
from shared.store import RINGS

CHUNK: Final = 5_000
POLL_SECONDS: Final = 2.0
BREATH_SECONDS: Final = 0.002
"""Between two chunks, so that others get to write as well."""


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """The subscriptions of a topic after one, up to another: all that follow if that is None."""

    topic: str
    after: UUID | None
    last: UUID | None

    @property
    def bounds(self) -> list[ColumnElement[bool]]:
        ids = SubscriptionTopic.subscription_id
        found = [SubscriptionTopic.topic == self.topic]
        found += [ids > self.after] if self.after else []
        return found + ([ids <= self.last] if self.last else [])


async def run_gathering(service: Service) -> None:
    """For the worker: its loop that fills the queue of every issue that was started."""
    bell = service.db.bell
    rung = bell.listen()
    try:
        while True:
            rung.clear()
            while await gather(service):
                await rest(BREATH_SECONDS)
            await sweep(service)
            await rest(POLL_SECONDS, rung)
    finally:
        bell.leave(rung)


async def gather(service: Service) -> bool:
    """One chunk of the oldest issue that needs it; False when there is none, or others are at it."""
    unfinished = select(Issue).where(Issue.status == Status.SENDING, Issue.gathered.is_(False))
    async with service.db.read() as session:
        if await session.scalar(unfinished.with_only_columns(Issue.id).limit(1)) is None:
            return False
    first = unfinished.order_by(Issue.started_at, Issue.id).limit(1)
    async with service.db.begin() as session:
        await _row_by_row(session)
        issue = await session.scalar(first.with_for_update(skip_locked=True))
        if issue is None:
            return False
        await _take(session, issue)
        if issue.gathered and not issue.recipients:
            await commands.finish(session, issue, service.clock.now())
        session.info[RINGS] = True
    return True


async def sweep(service: Service) -> None:
    """What a sender held while its issue was stopped, and gave back afterwards."""
    left = exists().where(IssueLetter.issue_id == Issue.id, IssueLetter.state.in_(copies.UNSENT))
    stopped = select(Issue.id).where(Issue.status == Status.STOPPED, left)
    async with service.db.read() as session:
        found = (await session.scalars(stopped)).all()
    for issue_id in found:
        async with service.db.begin() as session:
            await copies.hold_back(session, issue_id)


async def _row_by_row(session: AsyncSession) -> None:
    """A chunk is a few thousand look-ups by key, however many readers there are.

    PostgreSQL takes the narrow range of ids for one row or for a tenth of all, and would join it
    with every other row of the range, or read the whole table for each chunk.
    """
    if session.get_bind().dialect.name == "postgresql":
        others = [
            func.set_config(f"enable_{join}", "off", True) for join in ("hashjoin", "mergejoin")
        ]
        await session.execute(select(*others))


async def _take(session: AsyncSession, issue: Issue) -> None:
    """The next subscribers, and with them how far it came; the version is people's, not ours."""
    chunk = Chunk(topic=str(issue.kind), after=issue.gathered_to, last=None)
    ids = SubscriptionTopic.subscription_id
    bound = select(ids).where(*chunk.bounds).order_by(ids).offset(CHUNK - 1).limit(1)
    chunk = Chunk(topic=chunk.topic, after=chunk.after, last=await session.scalar(bound))
    done: Any = await session.execute(_copied(issue, chunk))
    came_to = {
        "gathered_to": chunk.last or issue.gathered_to,
        "gathered": chunk.last is None,
        "recipients": issue.recipients + int(done.rowcount),
    }
    table: Table = Issue.__table__  # type: ignore[assignment]
    await session.execute(update(table).where(table.c.id == issue.id).values(came_to))
    await session.refresh(issue)


def _copied(issue: Issue, chunk: Chunk) -> Any:
    row = {
        "issue_id": literal(issue.id, IssueLetter.issue_id.type),
        "number": issue.recipients + func.row_number().over(order_by=Subscription.id),
        "subscription_id": Subscription.id,
        "language": Subscription.language,
        "state": literal(State.QUEUED, IssueLetter.state.type),
        "tries": literal(0),
        "answer": literal(""),
    }
    readers: Select[Any] = select(*row.values()).where(*chunk.bounds, *READER)
    return insert_into(IssueLetter).from_select(list(row), readers, include_defaults=False)
