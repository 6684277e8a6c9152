"""What digests tell: public events as short pieces, only those that still hold."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from services.notifications.digests.urgency import Frequencies, hears_now
from services.notifications.domain.subscription import (
    DECISIONS,
    OCCASIONS,
    SESSIONS,
    Chosen,
    Frequency,
    wants,
)
from services.notifications.journal import JournalEntry
from services.notifications.news import NEWS_NO_MORE
from services.notifications.session_letters import one_line
from shared.events import applications, meetings
from shared.events.base import Audience, Event


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One piece of news, with what decides who reads it."""

    event_id: UUID
    cursor: int
    topic: str
    field: str | None
    occasion_kind: str | None
    heard: Frequencies
    """Who had a letter about it at once and does not read it again."""
    facts: Mapping[str, Any]

    def is_for(self, chosen: Chosen, frequency: Frequency, after: int) -> bool:
        """Whether this reader chose it and was told nothing of it yet."""
        new = self.cursor > after and frequency not in self.heard
        return new and wants(chosen, self.topic, field=self.field, occasion_kind=self.occasion_kind)


Facts = dict[str, Any]


def _session(event: Any) -> Facts:
    return {"board": event.board, "path": f"/sitzungen/{event.session_id}"}


def _dated(event: Any) -> Facts:
    place = getattr(event, "place", "")
    return _session(event) | {"starts_at": event.starts_at, "place": one_line(place)}


def _minutes(event: meetings.MinutesApproved) -> Facts:
    return _session(event) | {"day": event.starts_at, "path": event.path, "place": ""}


def _occasion(event: Any) -> Facts:
    facts = {"title": one_line(event.title), "path": f"/termine/{event.occasion_id}"}
    return facts | {"starts_at": event.starts_at, "place": one_line(getattr(event, "place", ""))}


def _documented(event: meetings.OccasionDocumented) -> Facts:
    return {"title": one_line(event.title), "path": event.path, "place": ""}


def _granted(event: applications.GrantReserved) -> Facts:
    path = f"/neuigkeiten/{event.event_id}"
    return _decision(event.public_title, path) | {"amount_cents": event.amount_cents}


def _rejected(event: applications.ApplicationRejected) -> Facts:
    path = f"/sitzungen/{event.session_id}" if event.session_id else "/antraege"
    return _decision(event.public_title, path)


def _resolved(event: meetings.ResolutionRecorded) -> Facts:
    path = f"/sitzungen/{event.session_id}" if event.session_id else "/sitzungen"
    accepted = event.verdict is meetings.Verdict.ACCEPTED
    return _decision(event.title, path) | {"accepted": accepted}


def _decision(title: str, path: str) -> Facts:
    return {"title": one_line(title), "path": path, "place": ""}


TELLS: Final[Mapping[type[Event], tuple[str, str, Callable[[Any], Facts]]]] = {
    meetings.SessionScheduled: (SESSIONS, "session_scheduled", _dated),
    meetings.SessionPostponed: (SESSIONS, "session_postponed", _dated),
    meetings.SessionCancelled: (SESSIONS, "session_cancelled", _dated),
    meetings.InvitationIssued: (SESSIONS, "session_invited", _dated),
    meetings.MinutesApproved: (SESSIONS, "minutes_published", _minutes),
    meetings.OccasionAnnounced: (OCCASIONS, "occasion_announced", _occasion),
    meetings.OccasionChanged: (OCCASIONS, "occasion_changed", _occasion),
    meetings.OccasionCancelled: (OCCASIONS, "occasion_cancelled", _occasion),
    meetings.OccasionDocumented: (OCCASIONS, "occasion_documented", _documented),
    applications.GrantReserved: (DECISIONS, "decision_granted", _granted),
    applications.ApplicationRejected: (DECISIONS, "decision_rejected", _rejected),
    meetings.ResolutionRecorded: (DECISIONS, "decision_resolved", _resolved),
}
"""Each event of a digest: its topic, the letter that tells it to those who hear at once, its facts."""

_BY_TYPE: Final = {kind.type: kind for kind in TELLS}
MAKES_OLD: Final = frozenset(_BY_TYPE) | NEWS_NO_MORE


def is_news(event: Event) -> bool:
    """Votes about applications are told with the grant or the rejection they led to."""
    if isinstance(event, meetings.ResolutionRecorded):
        settled = event.verdict in (meetings.Verdict.ACCEPTED, meetings.Verdict.REJECTED)
        return settled and event.motion is meetings.Motion.RESOLVE
    return True


async def pieces_between(
    session: AsyncSession, after: int, upto: int, *, at: datetime
) -> Sequence[Piece]:
    """Everything told in between that is still true, newest first; dates that are over are left out."""
    later = aliased(JournalEntry)
    overtaken = exists().where(
        later.subject == JournalEntry.subject,
        later.cursor > JournalEntry.cursor,
        later.type.in_(MAKES_OLD),
        later.removed.is_(False),
    )
    wanted = select(JournalEntry).where(
        JournalEntry.cursor > after,
        JournalEntry.cursor <= upto,
        JournalEntry.audience == Audience.PUBLIC.value,
        JournalEntry.type.in_(_BY_TYPE),
        JournalEntry.removed.is_(False),
        ~overtaken,
    )
    entries = await session.scalars(wanted.order_by(JournalEntry.cursor.desc()))
    return [piece for entry in entries if (piece := _piece(entry, at)) is not None]


def _piece(entry: JournalEntry, at: datetime) -> Piece | None:
    event = _BY_TYPE[entry.type].from_cloudevent(entry.body)
    topic, kind, facts_of = TELLS[type(event)]
    facts = facts_of(event)
    over = "starts_at" in facts and facts["starts_at"] <= at
    if over or not is_news(event):
        return None
    return Piece(
        event_id=entry.event_id,
        cursor=entry.cursor,
        topic=topic,
        field=getattr(event, "field_of_action", None),
        occasion_kind=str(event.kind) if isinstance(event, meetings.OccasionEvent) else None,
        heard=hears_now(event, entry.received_at),
        facts=facts | {"what": kind},
    )
