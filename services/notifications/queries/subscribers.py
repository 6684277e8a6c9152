"""Who gets what: counted by topic and language, listed a page at a time, found by one address."""

import json
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, Text, and_, case, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from services.notifications.domain.subscription import Status, Subscription, SubscriptionTopic
from shared.days import local_day, start_of_day
from shared.store import Database

PAGE: Final = 50
EXPORTED: Final = 1_000
MONTHS: Final = 12

LISTED: Final = (
    Subscription.id,
    Subscription.address,
    Subscription.name,
    Subscription.language,
    Subscription.topics,
    Subscription.fields,
    Subscription.occasion_kinds,
    Subscription.frequency,
    Subscription.confirmed_at,
)
CONFIRMED: Final = Subscription.status == Status.CONFIRMED
OF_TOPIC: Final = SubscriptionTopic.subscription_id == Subscription.id


@dataclass(frozen=True, kw_only=True)
class Month:
    """How many came and how many went."""

    first: date
    came: int
    went: int


@dataclass(frozen=True, kw_only=True)
class Found:
    """One page of the list; `more` is where the next one begins."""

    rows: Sequence[Any]
    """Rows of the columns in LISTED."""
    more: UUID | None


async def tallies(session: AsyncSession) -> Mapping[tuple[str, str], int]:
    """How many read each topic in each language; one look at each reader, whatever they read."""
    alike = (Subscription.language, cast(Subscription.topics, Text).label("topics"))
    counted = select(*alike, func.count()).where(CONFIRMED).group_by(*alike)
    found: Counter[tuple[str, str]] = Counter()
    for language, topics, count in await session.execute(counted):
        found.update({(topic, language): count for topic in json.loads(topics)})
    return found


async def totals(session: AsyncSession) -> Mapping[Status, int]:
    """All addresses by what became of them: asked, confirmed, ended."""
    each = select(Subscription.status, func.count()).group_by(Subscription.status)
    found = {Status(status): count for status, count in await session.execute(each)}
    return {status: found.get(status, 0) for status in Status}


async def growth(session: AsyncSession, now: datetime) -> list[Month]:
    """Month by month in Berlin for a year, the present one last."""
    firsts = _firsts(local_day(now))
    ends = [start_of_day(first) for first in firsts]
    came = await _by_month(session, Subscription.confirmed_at, ends)
    went = await _by_month(session, Subscription.ended_at, ends)
    return [
        Month(first=first, came=came.get(number, 0), went=went.get(number, 0))
        for number, first in enumerate(firsts[:-1])
    ]


async def _by_month(
    session: AsyncSession, at: InstrumentedAttribute[datetime | None], ends: Sequence[datetime]
) -> Mapping[int, int]:
    """How many lie between one of these moments and the next, by the number of the first."""
    month = case(*((at < over, number) for number, over in enumerate(ends[1:]))).label("month")
    within = select(month, func.count()).where(at >= ends[0], at < ends[-1]).group_by("month")
    found = await session.execute(within)
    return {row.month: row[1] for row in found}


def _firsts(today: date) -> list[date]:
    """The first days of the last twelve months, and of the next one."""
    number = today.year * 12 + today.month - 1
    months = range(number - MONTHS + 1, number + 2)
    return [date(month // 12, month % 12 + 1, 1) for month in months]


@dataclass(frozen=True, kw_only=True)
class Which:
    """A part of the list: one topic's, one language's, both, or everybody."""

    topic: str = ""
    language: str = ""

    @property
    def place(self) -> Any:
        """The column that orders it, by the index that finds it."""
        return SubscriptionTopic.subscription_id if self.topic else Subscription.id

    def of(self, *columns: Any) -> Select[Any]:
        chosen = select(*columns).select_from(Subscription).where(CONFIRMED)
        if self.topic:
            mine = SubscriptionTopic.topic == self.topic
            chosen = chosen.join(SubscriptionTopic, OF_TOPIC).where(mine)
        if self.language:
            chosen = chosen.where(Subscription.language == self.language)
        return chosen

    def beyond(self, last: UUID, *, older: bool) -> Any:
        """What follows this one in the list; said of both tables, so that both begin there."""
        columns = {self.place, Subscription.id}
        return and_(*(column < last if older else column > last for column in columns))


async def listed(session: AsyncSession, which: Which, *, before: UUID | None = None) -> Found:
    """The newest addresses first, from below `before` on."""
    chosen = which.of(*LISTED).order_by(which.place.desc()).limit(PAGE + 1)
    if before is not None:
        chosen = chosen.where(which.beyond(before, older=True))
    rows = (await session.execute(chosen)).all()
    return Found(rows=rows[:PAGE], more=rows[PAGE - 1].id if len(rows) > PAGE else None)


async def everybody(db: Database, which: Which) -> AsyncIterator[Sequence[Any]]:
    """All of them by piece, each read by itself: as slow a reader as comes holds nobody up."""
    chosen, after = which.of(*LISTED).order_by(which.place).limit(EXPORTED), None
    while True:
        following = chosen if after is None else chosen.where(which.beyond(after, older=False))
        async with db.read() as session:
            rows = (await session.execute(following)).all()
        if not rows:
            return
        yield rows
        after = rows[-1].id


async def count(session: AsyncSession, which: Which) -> int:
    """How many there are; of one topic the index alone knows."""
    if which.topic and not which.language:
        of_topic = select(func.count()).where(SubscriptionTopic.topic == which.topic)
        return await session.scalar(of_topic) or 0
    return await session.scalar(which.of(func.count())) or 0
