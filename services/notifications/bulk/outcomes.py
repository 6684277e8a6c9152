"""What an answer makes of a copy, and of its address, its domain, its issue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.bounces.consequences import Returned, keep
from services.notifications.bulk import limits
from services.notifications.bulk.copies import Copy
from services.notifications.bulk.journal import WITHOUT_SYNC
from services.notifications.bulk.limits import Rates
from services.notifications.domain.bounce import Severity
from services.notifications.domain.issue import IssueLetter, Trouble
from services.notifications.domain.letter import Outcome, State
from services.notifications.domain.subscription import Subscription
from services.notifications.issues.commands import pause_refused
from services.notifications.sender.schedule import Answer, pause, without_addresses

Result = tuple[Copy, Answer]

HELD: Final = (State.QUEUED, State.CLAIMED)


@dataclass(frozen=True, kw_only=True)
class Outcomes:
    """Writes down every result that is not simply `sent`."""

    issue_id: UUID
    expires_at: datetime
    rates: Rates
    random: Random

    async def note(
        self,
        session: AsyncSession,
        results: Sequence[Result],
        *,
        measured: dict[str, float],
        at: datetime,
    ) -> None:
        """`measured` is how many a minute went each way until now."""
        for copy, answer in results:
            await self._state(session, copy, answer, at=at)
            if answer.no_such_address:
                await self._bounced(session, copy, answer, Severity.HARD, at=at)
            elif answer.mailbox_full:
                await self._bounced(session, copy, answer, Severity.SOFT, at=at)
        for way in sorted({copy.way for copy, answer in results if answer.too_fast}):
            rate = measured.get(way, 0.0)
            await limits.slow_down(session, self.rates, way, measured=rate, at=at)
        for answer in [answer for _, answer in results if answer.refuses_us][:1]:
            await pause_refused(session, self.issue_id, answer.code, answer.text, at)

    async def _state(
        self, session: AsyncSession, copy: Copy, answer: Answer, *, at: datetime
    ) -> None:
        before: tuple[State, ...] = HELD
        if answer.outcome is not Outcome.DEFERRED and not answer.refuses_us:
            before = (*HELD, State.DEFERRED, State.UNKNOWN, State.SUPPRESSED, State.EXPIRED)
        become = self._become(copy, answer, at=at)
        theirs = update(IssueLetter).where(
            IssueLetter.issue_id == self.issue_id,
            IssueLetter.number == copy.number,
            IssueLetter.state.in_(before),
        )
        said = without_addresses(answer.text)
        await session.execute(
            theirs.values(claim=None, code=answer.code, answer=said, **become),
            execution_options=WITHOUT_SYNC,
        )

    def _become(self, copy: Copy, answer: Answer, *, at: datetime) -> dict[str, Any]:
        if answer.outcome is Outcome.UNKNOWN:
            return {"state": State.UNKNOWN, "reason": Trouble.UNANSWERED, "due_at": None}
        if answer.refuses_us:
            return {"state": State.DEFERRED, "due_at": at}
        if answer.outcome is Outcome.FAILED:
            return {"state": State.FAILED, "reason": Trouble.REFUSED, "due_at": None}
        tries = copy.tries + 1
        due = min(at + pause(tries=tries, random=self.random), self.expires_at)
        return {"state": State.DEFERRED, "tries": tries, "due_at": due}

    async def _bounced(
        self, session: AsyncSession, copy: Copy, answer: Answer, severity: Severity, *, at: datetime
    ) -> None:
        reader = Subscription.id == copy.subscription_id
        known = await session.scalar(select(Subscription.address_hash).where(reader))
        letter = Returned(
            about=self.issue_id,
            number=copy.number,
            address_hash=known or "",
            subscription_id=copy.subscription_id,
            sent_at=at,
        )
        await keep(
            session,
            letter,
            severity=severity,
            status=answer.status,
            diagnostic=without_addresses(answer.text),
            at=at,
            heard=True,
        )
