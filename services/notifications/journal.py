"""The journal of public and partner events: one order, one cursor, and the dates pages read."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Index, Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from services.notifications.known_occasions import (
    occasion_cancelled,
    occasion_documented,
    occasion_holds,
)
from services.notifications.store import Base
from shared.events.base import Audience, Event
from shared.events.meetings import (
    InvitationIssued,
    OccasionAnnounced,
    OccasionCancelled,
    OccasionChanged,
    OccasionDocumented,
    SessionCancelled,
    SessionEvent,
    SessionPostponed,
    SessionScheduled,
)
from shared.service import Service
from shared.store import insert

ALL: Final = "all"
TOPICS: Final[Mapping[str, str]] = {
    "session": "sessions",
    "vote": "sessions",
    "invitation": "sessions",
    "minutes": "sessions",
    "resolution": "sessions",
    "occasion": "occasions",
    "application": "applications",
    "grant": "applications",
    "condition": "applications",
    "budget": "applications",
    "newsletter": "newsletter",
    "press_release": "press",
}
"""The topic of an event by the noun in its type; other nouns are read under `all` only."""

LAST_POSSIBLE: Final = 2**53 - 1
"""No cursor is larger: every JSON reader can hold it."""

REMOVED: Final = "stadtteilbote.journal.entry_removed.v1"
UNSHARED: Final = frozenset({"person_id", "person_ids", "account_id"})
"""Fields that never leave the house: they would let a reader join two cases of one person."""


class JournalHead(Base):
    """The last cursor given; its row is locked from giving a number until that commits."""

    __tablename__ = "journal_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]
    last_at: Mapped[datetime]


class JournalEntry(Base):
    """One event as readers get it; cursors rise in commit order and so does `received_at`."""

    __tablename__ = "journal"
    __table_args__ = (
        Index(None, "audience", "cursor"),
        Index(None, "topic", "cursor"),
        Index(None, "topic", "audience", "cursor"),
        Index(None, "received_at", "cursor"),
        Index(None, "subject", "cursor"),
    )

    cursor: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    event_id: Mapped[UUID] = mapped_column(unique=True)
    type: Mapped[str]
    topic: Mapped[str]
    audience: Mapped[str]
    subject: Mapped[str]
    told_at: Mapped[datetime]
    received_at: Mapped[datetime]
    removed: Mapped[bool] = mapped_column(default=False)
    body: Mapped[dict[str, Any]]


class KnownSession(Base):
    """A board's session as last told; `revision` counts what calendars must notice."""

    __tablename__ = "known_sessions"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    board: Mapped[str]
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime | None]
    place: Mapped[str]
    note: Mapped[str]
    submission_deadline: Mapped[datetime | None] = mapped_column(index=True)
    cancelled: Mapped[bool]
    reason: Mapped[str]
    revision: Mapped[int]
    facts_revision: Mapped[int]
    changed_at: Mapped[datetime]


class InternalEvent(Exception):
    """An event for our services only was about to be shown to others."""


async def keep(event: Event, session: AsyncSession, service: Service) -> None:
    """Write a public or partner event down once, after every cursor a reader can have seen."""
    if event.audience is Audience.INTERNAL:
        raise InternalEvent(event.type)
    body = event.to_cloudevent()
    body["data"] = {name: value for name, value in body["data"].items() if name not in UNSHARED}
    await _append(
        session,
        at=service.clock.now(),
        event_id=event.event_id,
        type=event.type,
        topic=_topic(event.type),
        audience=event.audience.value,
        subject=str(body["subject"]),
        told_at=event.at,
        body=body,
    )
    if remember := REMEMBERED.get(type(event)):
        await remember(event, session)


async def _append(session: AsyncSession, *, at: datetime, **line: Any) -> int | None:
    """Give the next cursor under the head's lock; None if the event already has one."""
    first = insert(session, JournalHead).values(id=1, last=0, last_at=at)
    locked = first.on_conflict_do_update(index_elements=["id"], set_={"last": JournalHead.last})
    head = await session.execute(locked.returning(JournalHead.last, JournalHead.last_at))
    last, last_at = head.one()
    received_at = max(at, last_at)
    entry = insert(session, JournalEntry).values(
        cursor=last + 1, received_at=received_at, removed=False, **line
    )
    once = entry.on_conflict_do_nothing(index_elements=["event_id"])
    cursor: int | None = await session.scalar(once.returning(JournalEntry.cursor))
    if cursor is not None:
        await session.execute(update(JournalHead).values(last=cursor, last_at=received_at))
    return cursor


def _topic(event_type: str) -> str:
    noun = event_type.split(".")[1]
    return TOPICS.get(noun, noun)


async def remove(session: AsyncSession, entry: JournalEntry, *, at: datetime) -> None:
    """Take an entry's content back for good, and tell readers who already have it."""
    if entry.removed:
        return
    gone = {name: value for name, value in entry.body.items() if name != "data"}
    entry.body = gone | {"removed": True}
    entry.removed = True
    event_id = uuid7()
    await _append(
        session,
        at=at,
        event_id=event_id,
        type=REMOVED,
        topic=entry.topic,
        audience=entry.audience,
        subject=entry.subject,
        told_at=at,
        body={
            "specversion": "1.0",
            "id": str(event_id),
            "source": "/notifications",
            "type": REMOVED,
            "subject": entry.subject,
            "time": at.isoformat(),
            "audience": entry.audience,
            "datacontenttype": "application/json",
            "data": {"event_id": str(entry.event_id), "cursor": entry.cursor},
        },
    )


async def _session_holds(event: SessionScheduled | SessionPostponed, session: AsyncSession) -> None:
    known = await _known(event, session)
    if event.subject_version > known.facts_revision:
        known.facts_revision = event.subject_version
        known.place = event.place
        known.note = event.note or ""
        known.ends_at = event.ends_at
        known.submission_deadline = event.submission_deadline
    _now_holds(known, event, cancelled=False, reason="")


async def _session_cancelled(event: SessionCancelled, session: AsyncSession) -> None:
    _now_holds(await _known(event, session), event, cancelled=True, reason=event.reason)


async def _session_invited(event: InvitationIssued, session: AsyncSession) -> None:
    """The date stays and its number rises, so that calendars agree with the session's own file."""
    _now_holds(await _known(event, session), event, cancelled=False, reason="")


REMEMBERED: Final[Mapping[type[Event], Callable[[Any, AsyncSession], Awaitable[None]]]] = {
    SessionScheduled: _session_holds,
    SessionPostponed: _session_holds,
    SessionCancelled: _session_cancelled,
    OccasionAnnounced: occasion_holds,
    OccasionChanged: occasion_holds,
    OccasionCancelled: occasion_cancelled,
    OccasionDocumented: occasion_documented,
    InvitationIssued: _session_invited,
}
"""Which events change a table pages read, so that a page never parses the journal."""


async def _known(event: SessionEvent, session: AsyncSession) -> KnownSession:
    """The session's row; safe to change, since the journal's head is locked by now."""
    known = await session.get(KnownSession, event.session_id)
    if known is None:
        known = KnownSession(
            id=event.session_id,
            board=event.board,
            starts_at=event.starts_at,
            ends_at=None,
            place="",
            note="",
            submission_deadline=None,
            cancelled=False,
            reason="",
            revision=0,
            facts_revision=0,
            changed_at=event.at,
        )
        session.add(known)
    return known


def _now_holds(known: KnownSession, event: SessionEvent, *, cancelled: bool, reason: str) -> None:
    """Only a later version counts: events told again or out of order end the same."""
    if event.subject_version > known.revision:
        known.revision = event.subject_version
        known.board = event.board
        known.starts_at = event.starts_at
        known.cancelled = cancelled
        known.reason = reason
        known.changed_at = event.at


async def lines(
    session: AsyncSession, *, topic: str, reach: Audience, after: int, limit: int
) -> Sequence[JournalEntry]:
    """The next entries of a topic after a cursor, oldest first, by index at any cursor."""
    wanted = feed(topic, reach).where(JournalEntry.cursor > after)
    return (await session.scalars(wanted.order_by(JournalEntry.cursor).limit(limit))).all()


def feed(topic: str, reach: Audience) -> Select[JournalEntry]:
    """What one reader sees of a topic: partners see both audiences, everyone else the public."""
    entries = select(JournalEntry)
    if topic != ALL:
        entries = entries.where(JournalEntry.topic == topic)
    if reach is not Audience.PARTNER:
        entries = entries.where(JournalEntry.audience == Audience.PUBLIC.value)
    return entries


async def count_after(
    session: AsyncSession, *, topic: str, reach: Audience, after: int, most: int
) -> int:
    """How many entries follow a cursor, counted up to `most`."""
    following = feed(topic, reach).where(JournalEntry.cursor > after)
    some = following.with_only_columns(JournalEntry.cursor).limit(most).subquery()
    return await session.scalar(select(func.count()).select_from(some)) or 0


async def last_cursor(session: AsyncSession) -> int:
    """The newest cursor anyone can read; 0 for an empty journal."""
    return await session.scalar(select(JournalHead.last)) or 0


async def cursor_at(session: AsyncSession, since: datetime) -> int:
    """The cursor after which everything received at `since` or later follows."""
    newer = select(JournalEntry.cursor).where(JournalEntry.received_at >= since)
    first = await session.scalar(
        newer.order_by(JournalEntry.received_at, JournalEntry.cursor).limit(1)
    )
    return await last_cursor(session) if first is None else first - 1
