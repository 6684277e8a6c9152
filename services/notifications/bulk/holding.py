"""Senders come and go: which issues need one, what a dead one held, what is over."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import and_, delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.notifications.bulk.journal import LEASE, WITHOUT_SYNC
from services.notifications.domain.issue import Issue, IssueLetter, Status, Trouble
from services.notifications.domain.letter import State
from services.notifications.domain.sending import BulkBlock, BulkCursor, BulkSender
from services.notifications.issues.commands import finish
from services.notifications.sender.claims import LEFT

WAITING: Final = (State.QUEUED, State.DEFERRED, State.CLAIMED)
MAY_BE_OUT: Final = (*WAITING, State.SUPPRESSED, State.EXPIRED)
"""Whatever became of a copy meanwhile, its dot may have left before."""

NEEDS_SENDERS: Final = or_(
    exists().where(BulkBlock.issue_id == Issue.id, BulkBlock.sender_id.is_(None)),
    Issue.recipients
    > select(BulkCursor.taken_to).where(BulkCursor.issue_id == Issue.id).scalar_subquery(),
    and_(Issue.recipients > 0, ~exists().where(BulkCursor.issue_id == Issue.id)),
)
"""Numbers were given out that nobody holds."""


async def work_for_us(session: AsyncSession, *, at: datetime) -> Sequence[Issue]:
    """Issues with copies nobody holds that may go now, the one begun first in front."""
    due = exists().where(IssueLetter.issue_id == Issue.id, IssueLetter.due_at <= at)
    chosen = select(Issue).where(Issue.status == Status.SENDING, or_(due, NEEDS_SENDERS))
    found = (await session.scalars(chosen.order_by(Issue.started_at, Issue.id))).all()
    return [issue for issue in found if not is_over(issue, at=at) and issue.opens_at(at) <= at]


async def nearly_over(session: AsyncSession, *, at: datetime) -> Sequence[UUID]:
    """Issues that are too late, or of which nobody holds and nobody waits for anything."""
    held = or_(
        exists().where(BulkSender.issue_id == Issue.id),
        exists().where(BulkBlock.issue_id == Issue.id),
        exists().where(IssueLetter.issue_id == Issue.id, IssueLetter.due_at.is_not(None)),
    )
    through = and_(Issue.gathered, ~NEEDS_SENDERS, ~held)
    late = Issue.expires_at <= at
    chosen = select(Issue.id).where(Issue.status == Status.SENDING, or_(through, late))
    return (await session.scalars(chosen.order_by(Issue.started_at, Issue.id))).all()


def is_over(issue: Issue, *, at: datetime) -> bool:
    """Nobody gets it any more."""
    return issue.expires_at is not None and issue.expires_at <= at


async def conclude(session: AsyncSession, issue_id: UUID, *, at: datetime) -> bool:
    """Expired copies leave the queue; True if the issue is finished, False if strays are left."""
    issue = await session.get_one(Issue, issue_id, with_for_update=True, populate_existing=True)
    if is_over(issue, at=at):
        theirs = update(IssueLetter).where(
            IssueLetter.issue_id == issue_id, IssueLetter.state.in_((State.QUEUED, State.DEFERRED))
        )
        await session.execute(
            theirs.values(state=State.EXPIRED, due_at=None), execution_options=WITHOUT_SYNC
        )
        free = delete(BulkBlock).where(
            BulkBlock.issue_id == issue_id, BulkBlock.sender_id.is_(None)
        )
        await session.execute(free, execution_options=WITHOUT_SYNC)
    return await finish(session, issue, at)


async def enlist(session: AsyncSession, issue_id: UUID, *, at: datetime) -> UUID:
    """A sender begins at an issue."""
    sender = BulkSender(id=uuid7(), issue_id=issue_id, in_flight=[], lease_until=at + LEASE)
    session.add(sender)
    await session.flush()
    return sender.id


async def leave(session: AsyncSession, sender_id: UUID, *, at: datetime) -> None:
    """A sender goes: its blocks wait for the next one, its claims are due at once."""
    claimed = update(IssueLetter).where(
        IssueLetter.claim == sender_id, IssueLetter.state == State.CLAIMED
    )
    await session.execute(
        claimed.values(state=State.DEFERRED, due_at=at, claim=None),
        execution_options=WITHOUT_SYNC,
    )
    await session.execute(
        delete(BulkSender).where(BulkSender.id == sender_id), execution_options=WITHOUT_SYNC
    )


async def recover(session: AsyncSession, *, at: datetime) -> None:
    """What dead senders held: what may be out waits for a person, the rest goes on at once."""
    dead = select(BulkSender).where(BulkSender.lease_until <= at).order_by(BulkSender.id)
    for sender in (await session.scalars(dead.with_for_update(skip_locked=True))).all():
        lost = update(IssueLetter).where(
            IssueLetter.issue_id == sender.issue_id,
            IssueLetter.number.in_(sender.in_flight),
            IssueLetter.state.in_(MAY_BE_OUT),
        )
        unknown = {"state": State.UNKNOWN, "reason": Trouble.UNANSWERED, "answer": LEFT}
        await session.execute(
            lost.values(due_at=None, claim=None, code=None, **unknown),
            execution_options=WITHOUT_SYNC,
        )
        await leave(session, sender.id, at=at)


async def with_strays(session: AsyncSession, issue_id: UUID, *, at: datetime) -> Issue | None:
    """The issue, if it may go out now and somebody is queued whom nobody holds."""
    issue = await session.get_one(Issue, issue_id, populate_existing=True)
    queued = exists().where(IssueLetter.issue_id == issue_id, IssueLetter.state == State.QUEUED)
    may_go = issue.status == Status.SENDING and issue.opens_at(at) <= at
    if not may_go or is_over(issue, at=at) or not await session.scalar(select(queued)):
        return None
    return issue
