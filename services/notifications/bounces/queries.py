"""Who could not be reached: addresses whose letters came back, and those nobody writes to any more."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import load_only

from services.notifications.domain.bounce import CAME_BACK, IS_OPEN, SPAM, Bounce, Severity
from services.notifications.domain.issue import Issue
from services.notifications.domain.letter import Letter, Reason, State, Suppression
from services.notifications.domain.subscription import Subscription

PAGE: Final = 50
VIEWS: Final = ("offen", "gesperrt")

Place = tuple[datetime, str]
"""Where a page ends: the last entry's time and hash."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """Whose address it is, where a letter or a subscription still says so."""

    name: str
    address: str
    key: UUID | None
    """Under which everything they got is found."""


NOBODY: Final = Known(name="", address="", key=None)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One address."""

    address_hash: str
    since: datetime
    last: datetime
    known: Known = NOBODY
    bounce: Bounce | None = None
    """The newest report that tells something came back."""
    suppression: Suppression | None = None


@dataclass(frozen=True, kw_only=True)
class Found:
    """One page; `more` is where the next one begins."""

    entries: Sequence[Entry]
    more: Place | None


@dataclass(frozen=True, kw_only=True)
class Returned:
    """One report with what it was about."""

    bounce: Bounce
    letter: Letter | None
    """With its id, kind and subject only."""
    issue: Issue | None
    """With its id, kind and number only."""


def is_open(bounce: Bounce) -> bool:
    """What IS_OPEN says, about one that was read."""
    back = bounce.severity != Severity.NOTICE or bounce.status in ("", SPAM)
    return (back or bounce.status.startswith("5.")) and bounce.handled_at is None


async def counts(session: AsyncSession) -> dict[str, int]:
    """How many addresses each list holds."""
    waiting = select(func.count(Bounce.address_hash.distinct())).where(IS_OPEN)
    held = select(func.count()).select_from(Suppression)
    both = select(waiting.scalar_subquery(), held.scalar_subquery())
    return dict(zip(VIEWS, (await session.execute(both)).one(), strict=True))


async def waiting(session: AsyncSession, before: Place | None = None) -> Found:
    """Addresses whose letters came back, the newest first, until somebody ticks them off."""
    last = func.max(Bounce.at)
    rows = select(Bounce.address_hash, func.min(Bounce.at), last).where(IS_OPEN)
    rows = rows.group_by(Bounce.address_hash)
    if before is not None:
        rows = rows.having(_after(last, Bounce.address_hash, before))
    rows = rows.order_by(last.desc(), Bounce.address_hash.desc()).limit(PAGE + 1)
    entries = [
        Entry(address_hash=address_hash, since=since, last=at)
        for address_hash, since, at in await session.execute(rows)
    ]
    return await _page(session, entries)


async def held(session: AsyncSession, before: Place | None = None) -> Found:
    """Addresses nothing goes to, the newest first."""
    rows = select(Suppression)
    if before is not None:
        rows = rows.where(_after(Suppression.at, Suppression.address_hash, before))
    rows = rows.order_by(Suppression.at.desc(), Suppression.address_hash.desc()).limit(PAGE + 1)
    entries = [
        Entry(address_hash=row.address_hash, since=row.at, last=row.at)
        for row in await session.scalars(rows)
    ]
    return await _page(session, entries)


async def one(session: AsyncSession, address_hash: str) -> Entry | None:
    """None if nothing ever came back from it and nobody holds it back."""
    bounce = (await _newest(session, [address_hash])).get(address_hash)
    suppression = await session.get(Suppression, address_hash)
    newest = suppression or bounce
    if newest is None:
        return None
    return Entry(
        address_hash=address_hash,
        since=newest.at,
        last=newest.at,
        known=(await _known(session, [address_hash])).get(address_hash, NOBODY),
        bounce=bounce,
        suppression=suppression,
    )


async def reports(session: AsyncSession, address_hash: str) -> Sequence[Returned]:
    """The newest reports, delays and deliveries too, with the letters they are about."""
    rows = await session.execute(
        select(Bounce, Letter, Issue)
        .options(load_only(Letter.id, Letter.kind, Letter.subject))
        .options(load_only(Issue.id, Issue.kind, Issue.number))
        .outerjoin(Letter, and_(Bounce.number == 0, Letter.id == Bounce.about))
        .outerjoin(Issue, and_(Bounce.number > 0, Issue.id == Bounce.about))
        .where(Bounce.address_hash == address_hash)
        .order_by(Bounce.at.desc(), Bounce.id.desc())
        .limit(PAGE)
    )
    return [
        Returned(
            bounce=bounce,
            letter=letter,
            issue=issue,
        )
        for bounce, letter, issue in rows
    ]


async def held_back(session: AsyncSession, address_hash: str) -> int:
    """How many letters did not go out because of it."""
    theirs = select(func.count()).where(
        Letter.address_hash == address_hash,
        Letter.state == State.SUPPRESSED,
        Letter.reason == Reason.ADDRESS,
    )
    return await session.scalar(theirs) or 0


def _after(at: Any, address_hash: Any, place: Place) -> ColumnElement[bool]:
    return or_(at < place[0], and_(at == place[0], address_hash < place[1]))


async def _page(session: AsyncSession, entries: Sequence[Entry]) -> Found:
    shown = entries[:PAGE]
    more = (shown[-1].last, shown[-1].address_hash) if len(entries) > PAGE else None
    return Found(entries=await _filled(session, shown), more=more)


async def _filled(session: AsyncSession, entries: Sequence[Entry]) -> list[Entry]:
    """With names, the newest report and the suppression: a few statements for the whole page."""
    hashes = [entry.address_hash for entry in entries]
    bounces = await _newest(session, hashes)
    rows = await session.scalars(select(Suppression).where(Suppression.address_hash.in_(hashes)))
    held = {row.address_hash: row for row in rows}
    known = await _known(session, hashes)
    return [
        Entry(
            address_hash=one.address_hash,
            since=one.since,
            last=one.last,
            known=known.get(one.address_hash, NOBODY),
            bounce=bounces.get(one.address_hash),
            suppression=held.get(one.address_hash),
        )
        for one in entries
    ]


async def _newest(session: AsyncSession, hashes: Collection[str]) -> Mapping[str, Bounce]:
    place = func.row_number().over(
        partition_by=Bounce.address_hash, order_by=(Bounce.at.desc(), Bounce.id.desc())
    )
    ranked = select(Bounce.id, place.label("place"))
    ranked_rows = ranked.where(Bounce.address_hash.in_(hashes), CAME_BACK).subquery()
    newest = select(Bounce).join(ranked_rows, ranked_rows.c.id == Bounce.id)
    rows = await session.scalars(newest.where(ranked_rows.c.place == 1))
    return {row.address_hash: row for row in rows}


async def _known(session: AsyncSession, hashes: Collection[str]) -> Mapping[str, Known]:
    """From the newest letter, else from the subscription."""
    place = func.row_number().over(partition_by=Letter.address_hash, order_by=Letter.id.desc())
    ranked = (
        select(
            Letter.address_hash,
            Letter.name,
            Letter.address,
            func.coalesce(Letter.person_id, Letter.subscription_id).label("key"),
            place.label("place"),
        )
        .where(Letter.address_hash.in_(hashes), Letter.address != "")
        .subquery()
    )
    letters = await session.execute(select(ranked).where(ranked.c.place == 1))
    subscribed = await session.execute(
        select(
            Subscription.address_hash,
            Subscription.name,
            Subscription.address,
            Subscription.id,
        ).where(Subscription.address_hash.in_(hashes), Subscription.address.is_not(None))
    )
    found = {row[0]: Known(name=row[1], address=row[2] or "", key=row[3]) for row in subscribed}
    found |= {row[0]: Known(name=row[1], address=row[2], key=row[3]) for row in letters}
    return found
