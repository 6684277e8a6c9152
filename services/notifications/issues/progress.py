"""How far an issue got: counted from what was sent, never from what was begun."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Final
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.domain.issue import Issue, IssueLetter, Status
from services.notifications.domain.letter import State
from services.notifications.issues import queries

RATE_OVER: Final = timedelta(minutes=1)
SHORTEST: Final = timedelta(seconds=5)
"""A rate over less than this would only be noise."""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """The copies of one issue by what became of them."""

    counts: Mapping[State, int]
    expected: int
    """How many there will be; as good as final once all are gathered."""
    per_minute: int
    next_try: datetime | None
    """When the first of those put off is tried again."""
    open_failed: int
    """Failed ones that nobody has looked after yet; the same for unclear ones."""
    open_unknown: int

    @property
    def sent(self) -> int:
        return self.counts.get(State.SENT, 0)

    @property
    def failed(self) -> int:
        return self.counts.get(State.FAILED, 0)

    @property
    def unknown(self) -> int:
        return self.counts.get(State.UNKNOWN, 0)

    @property
    def deferred(self) -> int:
        return self.counts.get(State.DEFERRED, 0)

    @property
    def queued(self) -> int:
        """Gathered, and their turn has not come."""
        states = (State.QUEUED, State.CLAIMED, State.SENDING)
        return sum(self.counts.get(state, 0) for state in states)

    @property
    def held(self) -> int:
        """Not sent and never to be: ended subscriptions, dead addresses, stopped, too late."""
        return sum(self.counts.get(state, 0) for state in (State.SUPPRESSED, State.EXPIRED))

    @property
    def done(self) -> int:
        return self.sent + self.failed + self.unknown + self.held

    @property
    def waiting(self) -> int:
        """Those whose turn has not come: neither done nor put off."""
        return max(self.expected - self.done - self.deferred, 0)

    @property
    def lists(self) -> dict[str, int]:
        """How many stand on each list of `queries.VIEWS`."""
        ticked_off = self.failed + self.unknown - self.open_failed - self.open_unknown
        return {
            "unklar": self.open_unknown,
            "gescheitert": self.open_failed,
            "spaeter": self.deferred,
            "wartet": self.queued,
            "versendet": self.sent,
            "nicht-versendet": self.held + ticked_off,
        }

    @property
    def minutes_left(self) -> int | None:
        """At the rate of the last minute; None while there is none."""
        return ceil(self.waiting / self.per_minute) if self.per_minute and self.waiting else None


async def progress(session: AsyncSession, issue: Issue, *, at: datetime) -> Progress:
    """With one pass over its copies."""
    state, unhandled = IssueLetter.state, IssueLetter.handled_at.is_(None)
    lately = and_(state == State.SENT, IssueLetter.sent_at > at - RATE_OVER)
    rows = await session.execute(
        select(
            state,
            func.count(),
            func.count().filter(lately),
            func.count().filter(unhandled),
            func.min(IssueLetter.due_at),
        )
        .where(IssueLetter.issue_id == issue.id)
        .group_by(state)
    )
    found = {State(row[0]): row[1:] for row in rows}
    gathered = sum(row[0] for row in found.values())
    return Progress(
        counts={state: row[0] for state, row in found.items()},
        expected=await _expected(session, issue, gathered),
        per_minute=_rate(issue, sum(row[1] for row in found.values()), at),
        next_try=found[State.DEFERRED][3] if State.DEFERRED in found else None,
        open_failed=found[State.FAILED][2] if State.FAILED in found else 0,
        open_unknown=found[State.UNKNOWN][2] if State.UNKNOWN in found else 0,
    )


async def running(session: AsyncSession, issue_ids: list[UUID]) -> dict[UUID, tuple[int, int]]:
    """For a list: how many of each are done, and how many rows there are."""
    over = (State.SENT, State.FAILED, State.UNKNOWN, State.SUPPRESSED, State.EXPIRED)
    rows = await session.execute(
        select(IssueLetter.issue_id, func.count().filter(IssueLetter.state.in_(over)), func.count())
        .where(IssueLetter.issue_id.in_(issue_ids))
        .group_by(IssueLetter.issue_id)
    )
    return {row[0]: (row[1], row[2]) for row in rows}


async def _expected(session: AsyncSession, issue: Issue, gathered: int) -> int:
    """Until all are gathered, everyone who ordered it; what a stop left out is not expected."""
    if issue.gathered or issue.status == Status.STOPPED:
        return gathered
    return max(await queries.reach(session, issue.kind), gathered)


def _rate(issue: Issue, lately: int, at: datetime) -> int:
    if issue.status != Status.SENDING or issue.started_at is None:
        return 0
    span = min(max(at - issue.started_at, SHORTEST), RATE_OVER)
    return round(lately * RATE_OVER / span)
