"""The copies of an issue as a whole and one at a time: given back, held back, sent once more."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, exists, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.domain.issue import (
    IllegalMove,
    Issue,
    IssueKind,
    IssueLetter,
    Status,
)
from services.notifications.domain.letter import IllegalMove as IllegalState
from services.notifications.domain.letter import Reason, State, Suppression, TooLate
from services.notifications.domain.subscription import Status as Standing
from services.notifications.domain.subscription import Subscription
from services.notifications.issues import archive
from services.notifications.store import Audit
from shared.store import RINGS

UNSENT: Final = (State.QUEUED, State.DEFERRED, State.CLAIMED)
UNDER_WAY: Final = (*UNSENT, State.SENDING)
IN_TROUBLE: Final = (State.FAILED, State.UNKNOWN)


class NotSubscribed(Exception):
    """Whoever it was for has ended the subscription, or was erased: nothing may be sent."""


async def hold_back(session: AsyncSession, issue_id: UUID) -> int:
    """Nobody who waits gets it any more; how many those were.

    Rows a sender is recording at this moment are left to it: the next sweep sees what became of them.
    """
    unsent = IssueLetter.state.in_(UNSENT)
    free = (
        select(IssueLetter.issue_id, IssueLetter.number)
        .where(IssueLetter.issue_id == issue_id, unsent)
        .with_for_update(skip_locked=True)
    )
    key = tuple_(IssueLetter.issue_id, IssueLetter.number)
    held = update(IssueLetter).where(key.in_(free), unsent)
    done: Any = await session.execute(
        held.values(state=State.SUPPRESSED, reason=Reason.OFFICE, due_at=None, claim=None),
        execution_options={"synchronize_session": False},
    )
    return int(done.rowcount)


async def sent_and_waiting(session: AsyncSession, issue: Issue) -> tuple[int, int]:
    """How many have it, and how many of those gathered do not have it yet."""
    counts = select(
        func.count().filter(IssueLetter.state == State.SENT),
        func.count().filter(IssueLetter.state.in_(UNSENT)),
    ).where(IssueLetter.issue_id == issue.id)
    sent, waiting = (await session.execute(counts)).one()
    return sent, waiting


async def under_way(session: AsyncSession, issue_id: UUID) -> bool:
    """Whether anybody still waits for it."""
    waits = exists().where(IssueLetter.issue_id == issue_id, IssueLetter.state.in_(UNDER_WAY))
    return bool(await session.scalar(select(waits)))


async def send_again(
    session: AsyncSession, issue_id: UUID, number: int, *, by: str, at: datetime
) -> None:
    """One copy once more, even to an address held back until now; the same Message-ID.

    Raises IllegalState unless it failed or is unknown, TooLate once the issue's time is over,
    IllegalMove if the issue was stopped or taken back, NotSubscribed if nobody wants it there any more.
    """
    issue, copy = await _copy(session, issue_id, number)
    if copy.state not in IN_TROUBLE:
        raise IllegalState(State(copy.state), State.QUEUED)
    taken_back = await archive.was_taken_back(session, IssueKind(issue.kind), issue_id)
    if taken_back or issue.status == Status.STOPPED:
        raise IllegalMove(Status(issue.status), Status.SENDING)
    if issue.expires_at is None or issue.expires_at <= at:
        raise TooLate
    reader = await session.get(Subscription, copy.subscription_id)
    if reader is None or reader.status != Standing.CONFIRMED or issue.kind not in reader.topics:
        raise NotSubscribed
    before, copy.state, copy.due_at = copy.state, State.DEFERRED, at
    copy.claim = copy.handled_at = copy.reason = None
    copy.tries = 0
    held = delete(Suppression).where(Suppression.address_hash == reader.address_hash)
    await session.execute(held)
    if issue.status == Status.SENT:
        issue.resume()
    session.info[RINGS] = True
    _audit(session, "issue_letter.sent_again", copy, by=by, at=at, before=before)


async def tick_off(
    session: AsyncSession, issue_id: UUID, number: int, *, by: str, at: datetime
) -> None:
    """Taken care of another way: off the list, the state stays. Raises IllegalState."""
    _, copy = await _copy(session, issue_id, number)
    if copy.state not in IN_TROUBLE:
        raise IllegalState(State(copy.state), State(copy.state))
    if copy.handled_at is None:
        copy.handled_at = at
        _audit(session, "issue_letter.ticked_off", copy, by=by, at=at, before=copy.state)


async def _copy(session: AsyncSession, issue_id: UUID, number: int) -> tuple[Issue, IssueLetter]:
    issue = await session.get_one(Issue, issue_id, with_for_update=True, populate_existing=True)
    copy = await session.get_one(IssueLetter, (issue_id, number), with_for_update=True)
    return issue, copy


def _audit(
    session: AsyncSession, action: str, copy: IssueLetter, *, by: str, at: datetime, before: str
) -> None:
    details = {"number": copy.number, "before": str(before)}
    session.add(Audit(at=at, actor=by, action=action, subject=str(copy.issue_id), details=details))
