"""The word before the final dot: what was answered and what may leave now, in one commit a round.

`in_flight` holds what was allowed and has no recorded answer, one copy a connection at most; a
process that dies leaves these unknown, and nothing else. Results are never recorded later than the
next leave of their connection.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from services.notifications.bulk.copies import Copy
from services.notifications.domain.issue import Issue, IssueLetter, Status
from services.notifications.domain.letter import State, Suppression
from services.notifications.domain.sending import BulkSender
from services.notifications.domain.subscription import Status as Standing
from services.notifications.domain.subscription import Subscription, SubscriptionTopic
from shared.store import Database

LEASE: Final = timedelta(minutes=1)
"""How long a sender may be silent before others take over what it held."""

WITHOUT_SYNC: Final = {"synchronize_session": False}

SENT: Final[dict[str, Any]] = {
    "state": State.SENT,
    "due_at": None,
    "claim": None,
    "code": None,
    "answer": "",
    "reason": None,
}


@dataclass(frozen=True, kw_only=True)
class Round:
    """What one commit says: answered since the last one, still out, and asking for leave."""

    sent: Sequence[int] = ()
    in_flight: Sequence[int] = ()
    asking: Sequence[Copy] = ()


@dataclass(frozen=True, kw_only=True)
class Leave:
    """Who may go, and whether there is anything more to ask."""

    allowed: frozenset[int] = frozenset()
    alive: bool = True
    """False once others took over what we held: we were given up for dead."""
    sending: bool = True
    """False while the issue is paused, stopped or over."""


ROUND: Final = """
WITH answered AS (
  UPDATE issue_letters SET state = 'sent', sent_at = $3, due_at = NULL, claim = NULL, code = NULL,
    answer = '', reason = NULL
  WHERE issue_id = $2 AND number = ANY($4::bigint[])
), allowed AS (
  SELECT l.number
  FROM unnest($5::bigint[], $6::text[], $7::bool[]) AS w(number, address_hash, again)
  JOIN issue_letters l ON l.issue_id = $2 AND l.number = w.number
  JOIN subscriptions s ON s.id = l.subscription_id
  WHERE CASE WHEN w.again THEN l.state = 'claimed' AND l.claim = $1 ELSE l.state = 'queued' END
    AND s.status = 'confirmed' AND s.address_hash = w.address_hash
    AND EXISTS (SELECT FROM issues i WHERE i.id = $2 AND i.status = 'sending'
      AND (i.expires_at IS NULL OR i.expires_at > $3))
    AND EXISTS (SELECT FROM subscription_topics t
      WHERE t.topic = $8 AND t.subscription_id = s.id)
    AND NOT EXISTS (SELECT FROM suppressions u WHERE u.address_hash = w.address_hash)
)
UPDATE bulk_senders SET lease_until = $9,
  in_flight = to_jsonb($10::bigint[] || ARRAY(SELECT number FROM allowed))
WHERE id = $1
RETURNING ARRAY(SELECT number FROM allowed) AS allowed,
  (SELECT status FROM issues WHERE id = $2) AS status
"""
"""The whole round as one statement: on PostgreSQL it is its own transaction."""


PLANS: Final = "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off"
"""Planned once, by indexes: planning it every time takes three times as long as doing it."""


@dataclass
class Journal:
    """One sender's book about one issue."""

    db: Database
    sender_id: UUID
    issue_id: UUID
    topic: str
    _line: AsyncConnection | None = field(default=None, init=False)
    _driver: Any = field(default=None, init=False)

    async def record(self, round_: Round, *, at: datetime) -> Leave:
        """In a transaction of its own; repeated after an error it does no harm."""
        if self.db.dialect != "postgresql":
            async with self.db.begin() as session:
                return await self.record_in(session, round_, at=at)
        if self._driver is None:
            self._line = await self.db.engine.connect()
            self._driver = await _driver_of(self._line)
            await self._driver.execute(PLANS)
        return await self._at_once(self._driver, round_, at=at)

    async def record_in(self, session: AsyncSession, round_: Round, *, at: datetime) -> Leave:
        """Together with what else the caller's transaction says."""
        if self.db.dialect == "postgresql":
            driver = await _driver_of(await session.connection())
            return await self._at_once(driver, round_, at=at)
        await self._sent(session, round_.sent, at=at)
        allowed = await self._allowed(session, round_.asking, at=at) if round_.asking else []
        ours = update(BulkSender).where(BulkSender.id == self.sender_id)
        flying = [*round_.in_flight, *allowed]
        alive = await session.scalar(
            ours.values(lease_until=at + LEASE, in_flight=flying).returning(BulkSender.id),
            execution_options=WITHOUT_SYNC,
        )
        status = await session.scalar(select(Issue.status).where(Issue.id == self.issue_id))
        return _leave(allowed if alive else [], status, alive=alive is not None)

    async def close(self) -> None:
        """The next round, if any, asks over a new connection; ours plans in its own way, so it goes."""
        line, self._line, self._driver = self._line, None, None
        if line is not None:
            await line.invalidate()
            await line.close()

    async def _at_once(self, driver: Any, round_: Round, *, at: datetime) -> Leave:
        row = await driver.fetchrow(
            ROUND,
            self.sender_id,
            self.issue_id,
            at,
            list(round_.sent),
            [copy.number for copy in round_.asking],
            [copy.address_hash for copy in round_.asking],
            [copy.again for copy in round_.asking],
            self.topic,
            at + LEASE,
            list(round_.in_flight),
        )
        if row is None:
            return Leave(alive=False)
        return _leave(row["allowed"], row["status"], alive=True)

    async def _sent(self, session: AsyncSession, numbers: Sequence[int], *, at: datetime) -> None:
        if numbers:
            theirs = update(IssueLetter).where(self._among(numbers))
            await session.execute(theirs.values(sent_at=at, **SENT), execution_options=WITHOUT_SYNC)

    async def _allowed(
        self, session: AsyncSession, asking: Sequence[Copy], *, at: datetime
    ) -> list[int]:
        mine = or_(
            and_(
                IssueLetter.number.in_([copy.number for copy in asking if copy.again]),
                IssueLetter.state == State.CLAIMED,
                IssueLetter.claim == self.sender_id,
            ),
            and_(
                IssueLetter.number.in_([copy.number for copy in asking if not copy.again]),
                IssueLetter.state == State.QUEUED,
            ),
        )
        rows = await session.execute(
            select(IssueLetter.number, Subscription.address_hash)
            .join(Subscription, Subscription.id == IssueLetter.subscription_id)
            .where(IssueLetter.issue_id == self.issue_id, mine, *self._wanted(at=at))
        )
        hashes = {copy.number: copy.address_hash for copy in asking}
        return [number for number, address in rows if hashes[number] == address]

    def _wanted(self, *, at: datetime) -> list[ColumnElement[bool]]:
        return [
            Subscription.status == Standing.CONFIRMED,
            exists().where(
                Issue.id == self.issue_id,
                Issue.status == Status.SENDING,
                or_(Issue.expires_at.is_(None), Issue.expires_at > at),
            ),
            exists().where(
                SubscriptionTopic.topic == self.topic,
                SubscriptionTopic.subscription_id == Subscription.id,
            ),
            ~exists().where(Suppression.address_hash == Subscription.address_hash),
        ]

    def _among(self, numbers: Sequence[int]) -> ColumnElement[bool]:
        return and_(IssueLetter.issue_id == self.issue_id, IssueLetter.number.in_(numbers))


async def _driver_of(line: AsyncConnection) -> Any:
    return (await line.get_raw_connection()).driver_connection


def _leave(allowed: Sequence[int], status: str | None, *, alive: bool) -> Leave:
    return Leave(
        allowed=frozenset(allowed), alive=alive, sending=alive and status == Status.SENDING
    )
