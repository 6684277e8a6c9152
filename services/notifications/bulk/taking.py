"""Taking up copies: blocks of fresh numbers, stretches others left, and those put off until now."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.bulk import limits
from services.notifications.bulk.copies import Block, Copy
from services.notifications.bulk.journal import WITHOUT_SYNC
from services.notifications.bulk.limits import RELAY, Rates
from services.notifications.domain.issue import Issue, IssueLetter
from services.notifications.domain.letter import Reason, State, Suppression
from services.notifications.domain.sending import BulkBlock, BulkCursor, BulkSender
from services.notifications.domain.subscription import Status, Subscription, SubscriptionTopic
from shared.store import insert

BLOCK: Final = 500


@dataclass(kw_only=True)
class Taken:
    """What one batch brought; with nothing in it, `limited` says whether there is more."""

    copies: list[Copy] = field(default_factory=list)
    block: Block | None = None
    limited: bool = False
    seen: int = 0
    """How many rows were looked at, whatever came of them."""


@dataclass(frozen=True, kw_only=True)
class Taker:
    """One sender at one issue."""

    sender_id: UUID
    issue_id: UUID
    topic: str
    rates: Rates

    async def take(self, session: AsyncSession, *, at: datetime) -> Taken:
        """The next copies, ours alone; what may not go now or at all is set aside on the way."""
        if await self._given_up(session):
            return Taken()
        gates = {RELAY: BLOCK, limits.kind(self.topic): BLOCK}
        granted = await limits.take(session, self.rates, gates, at=at)
        most = min(granted.values())
        if not most:
            await limits.refund(session, self.rates, granted)
            return Taken(limited=True)
        taken = await self._rows(session, most, at=at)
        taken.copies = await self._within_limits(session, taken.copies, at=at)
        used = len(taken.copies)
        unused = {name: count - used for name, count in granted.items()}
        await limits.refund(session, self.rates, unused)
        if taken.block is not None:
            taken.block.open = used
        return taken

    async def _given_up(self, session: AsyncSession) -> bool:
        """Others took over what we held; who was asleep for so long may take nothing new."""
        mine = select(BulkSender.id).where(BulkSender.id == self.sender_id)
        return await session.scalar(mine.with_for_update(read=True, key_share=True)) is None

    async def _rows(self, session: AsyncSession, most: int, *, at: datetime) -> Taken:
        if numbers := await self._put_off(session, most, at=at):
            copies = await self._read(session, IssueLetter.number.in_(numbers), None)
            return Taken(copies=copies, seen=len(numbers))
        while block := await self._left_behind(session, most) or await self._fresh(session, most):
            fresh = and_(
                IssueLetter.number.between(block.first, block.last),
                IssueLetter.state == State.QUEUED,
            )
            if copies := await self._read(session, fresh, block):
                return Taken(copies=copies, block=block, seen=block.last - block.first + 1)
            await self.drop(session, [block])
        return Taken()

    async def _put_off(self, session: AsyncSession, most: int, *, at: datetime) -> Sequence[int]:
        due = (
            select(IssueLetter.number)
            .where(IssueLetter.issue_id == self.issue_id, IssueLetter.due_at <= at)
            .order_by(IssueLetter.due_at)
            .limit(most)
        )
        return await self._claim(session, due.with_for_update(skip_locked=True))

    async def strays(self, session: AsyncSession, *, at: datetime) -> Taken:
        """Queued ones in nobody's block, such as those a dead sender had in hand."""
        if await self._given_up(session):
            return Taken()
        held = exists().where(
            BulkBlock.issue_id == self.issue_id,
            IssueLetter.number.between(BulkBlock.first, BulkBlock.last),
        )
        taken_to = select(BulkCursor.taken_to).where(BulkCursor.issue_id == self.issue_id)
        lost = select(IssueLetter.number).where(
            IssueLetter.issue_id == self.issue_id,
            IssueLetter.state == State.QUEUED,
            IssueLetter.number <= taken_to.scalar_subquery(),
            ~held,
        )
        locked = lost.order_by(IssueLetter.number).limit(BLOCK).with_for_update(skip_locked=True)
        if not (numbers := await self._claim(session, locked)):
            return Taken()
        copies = await self._read(session, IssueLetter.number.in_(numbers), None)
        copies = await self._within_limits(session, copies, at=at)
        return Taken(copies=copies, seen=len(numbers))

    async def _claim(self, session: AsyncSession, chosen: Select[int]) -> Sequence[int]:
        numbers = (await session.scalars(chosen)).all()
        if numbers:
            await self._set(
                session, numbers, state=State.CLAIMED, claim=self.sender_id, due_at=None
            )
        return numbers

    async def _left_behind(self, session: AsyncSession, most: int) -> Block | None:
        free = (
            select(BulkBlock)
            .where(BulkBlock.issue_id == self.issue_id, BulkBlock.sender_id.is_(None))
            .order_by(BulkBlock.first)
            .limit(1)
        )
        row = await session.scalar(free.with_for_update(skip_locked=True))
        if row is None:
            return None
        if row.last - row.first >= most:
            rest = BulkBlock(issue_id=self.issue_id, first=row.first + most, last=row.last)
            session.add(rest)
            row.last = row.first + most - 1
        row.sender_id = self.sender_id
        await session.flush()
        return Block(row.first, row.last)

    async def _fresh(self, session: AsyncSession, most: int) -> Block | None:
        start = insert(session, BulkCursor).values(issue_id=self.issue_id, taken_to=0)
        await session.execute(start.on_conflict_do_nothing())
        cursor = await session.get_one(
            BulkCursor, self.issue_id, with_for_update=True, populate_existing=True
        )
        numbered = select(Issue.recipients).where(Issue.id == self.issue_id)
        last = min(cursor.taken_to + most, await session.scalar(numbered) or 0)
        if last <= cursor.taken_to:
            return None
        block = Block(cursor.taken_to + 1, last)
        cursor.taken_to = last
        session.add(
            BulkBlock(
                issue_id=self.issue_id, first=block.first, last=last, sender_id=self.sender_id
            )
        )
        await session.flush()
        return block

    async def _read(
        self, session: AsyncSession, chosen: ColumnElement[bool], block: Block | None
    ) -> list[Copy]:
        """To whom they go, by what holds now; what nobody wants any more leaves the queue."""
        rows = (await session.execute(_people(self.issue_id, self.topic).where(chosen))).all()
        unwanted: dict[Reason, list[int]] = {}
        copies = []
        for row in rows:
            if reason := _unwanted(row):
                unwanted.setdefault(reason, []).append(row.number)
            else:
                copies.append(_copy(row, block, self.rates))
        for reason, numbers in unwanted.items():
            await self._set(session, numbers, state=State.SUPPRESSED, reason=reason, claim=None)
        return copies

    async def drop(self, session: AsyncSession, blocks: Sequence[Block]) -> None:
        """Every copy in them has its result; what others took over is theirs."""
        done = delete(BulkBlock).where(
            BulkBlock.issue_id == self.issue_id,
            BulkBlock.sender_id == self.sender_id,
            BulkBlock.first.in_([block.first for block in blocks]),
        )
        await session.execute(done, execution_options=WITHOUT_SYNC)

    async def denied(self, session: AsyncSession, copies: Sequence[Copy], *, at: datetime) -> None:
        """Not allowed at the last moment: set aside, or, if all is well again, tried once more."""
        if await self._given_up(session):
            return
        numbers = [copy.number for copy in copies]
        untouched = and_(IssueLetter.number.in_(numbers), self._ours)
        for copy in await self._read(session, untouched, None):
            await self._set(session, [copy.number], state=State.DEFERRED, claim=None, due_at=at)

    async def _within_limits(
        self, session: AsyncSession, copies: list[Copy], *, at: datetime
    ) -> list[Copy]:
        """Those there is room for; the others are put off to moments at which there will be."""
        wants = Counter(copy.way for copy in copies)
        room = await limits.take(session, self.rates, wants, at=at)
        going, late = [], dict[str, list[int]]()
        for copy in copies:
            if room[copy.way] > 0:
                room[copy.way] -= 1
                going.append(copy)
            else:
                late.setdefault(copy.way, []).append(copy.number)
        for way, numbers in late.items():
            await self.put_off(session, way, numbers, at=at)
        return going

    async def put_off(
        self, session: AsyncSession, way: str, numbers: Sequence[int], *, at: datetime
    ) -> None:
        """No attempt is counted: it is us who wait. Whoever took over what we held decides instead."""
        if await self._given_up(session):
            return
        moments = await limits.book(session, self.rates, way, len(numbers), at=at)
        table: Any = IssueLetter.__table__
        later = update(table).where(
            table.c.issue_id == self.issue_id, table.c.number == bindparam("late"), self._ours
        )
        later = later.values(state=State.DEFERRED, due_at=bindparam("moment"), claim=None)
        rows = [
            {"late": number, "moment": moment}
            for number, moment in zip(numbers, moments, strict=True)
        ]
        if rows:
            await (await session.connection()).execute(later, rows)

    @property
    def _ours(self) -> ColumnElement[bool]:
        """Untouched ones in our blocks, and those we claimed by their own rows."""
        claimed = and_(IssueLetter.state == State.CLAIMED, IssueLetter.claim == self.sender_id)
        return or_(IssueLetter.state == State.QUEUED, claimed)

    async def _set(self, session: AsyncSession, numbers: Sequence[int], **values: Any) -> None:
        theirs = update(IssueLetter).where(
            IssueLetter.issue_id == self.issue_id, IssueLetter.number.in_(numbers)
        )
        await session.execute(theirs.values(**values), execution_options=WITHOUT_SYNC)


def _people(issue_id: UUID, topic: str) -> Select[*tuple[Any, ...]]:
    """Copies with what is known now about who gets them."""
    of_topic = and_(
        SubscriptionTopic.topic == topic, SubscriptionTopic.subscription_id == Subscription.id
    )
    return (
        select(
            IssueLetter.number,
            IssueLetter.tries,
            IssueLetter.subscription_id,
            Subscription.name,
            Subscription.address,
            Subscription.address_hash,
            Subscription.language,
            Subscription.status,
            SubscriptionTopic.topic,
            Suppression.address_hash.label("held"),
        )
        .outerjoin(Subscription, Subscription.id == IssueLetter.subscription_id)
        .outerjoin(SubscriptionTopic, of_topic)
        .outerjoin(Suppression, Suppression.address_hash == Subscription.address_hash)
        .where(IssueLetter.issue_id == issue_id)
        .order_by(IssueLetter.number)
    )


def _unwanted(row: Any) -> Reason | None:
    if row.status is None:
        return Reason.ERASED
    if row.status != Status.CONFIRMED or row.topic is None or not row.address:
        return Reason.UNSUBSCRIBED
    return Reason.ADDRESS if row.held is not None else None


def _copy(row: Any, block: Block | None, rates: Rates) -> Copy:
    return Copy(
        number=row.number,
        subscription_id=row.subscription_id,
        name=row.name,
        address=row.address,
        address_hash=row.address_hash,
        language=row.language,
        way=rates.way(row.address.rpartition("@")[2].lower()),
        tries=row.tries,
        block=block,
    )
