"""News: what a public event says to people, as a headline in their language."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from services.notifications.headlines import FUND, Headline
from services.notifications.issue_news import ISSUE_HEADLINES
from services.notifications.journal import ALL, JournalEntry, feed
from services.notifications.occasion_news import OCCASION_HEADLINES
from services.notifications.wording import Wording
from shared.events.applications import (
    BudgetReleased,
    GrantDeclined,
    GrantLapsed,
    GrantReserved,
    GrantRevoked,
)
from shared.events.base import Audience, Event
from shared.events.meetings import (
    PostponeReason,
    SessionCancelled,
    SessionPostponed,
    SessionScheduled,
)
from shared.web.i18n import lazy

A_PAGE: Final = 12


@dataclass(frozen=True)
class News:
    """A headline with the event behind it."""

    id: UUID
    cursor: int
    topic: str
    subject: str
    told_at: datetime
    headline: Headline
    overtaken: bool = False

    @property
    def path(self) -> str:
        """Its own page."""
        return f"/neuigkeiten/{self.id}"


def _scheduled(event: SessionScheduled, words: Wording) -> Headline:
    _ = words.gettext
    text = _(
        "%(board)s: %(day)s, %(time)s Uhr, %(place)s. Alle können kommen. "
        "Ideen für diese Sitzung bis %(deadline)s einreichen."
    )
    return Headline(
        kicker=_("Sitzung"),
        title=_("Neue Sitzung: %(day)s") % {"day": words.day(event.starts_at)},
        text=text % _facts(event, words),
        path=f"/sitzungen/{event.session_id}",
        quote=event.note or "",
    )


REASONS: Final[Mapping[PostponeReason, Any]] = {
    PostponeReason.ROOM: lazy("Der Raum ist an dem Tag nicht frei."),
    PostponeReason.PEOPLE: lazy("Zu viele können an dem Tag nicht kommen."),
    PostponeReason.SAFETY: lazy("Es geht um die Sicherheit."),
}
"""Why a session moved, as far as there is a sentence for it."""


def _postponed(event: SessionPostponed, words: Wording) -> Headline:
    _ = words.gettext
    text = _(
        "%(board)s: nicht am %(old)s, sondern am %(day)s, %(time)s Uhr, %(place)s. "
        "Ideen für diese Sitzung bis %(deadline)s einreichen."
    ) % (_facts(event, words) | {"old": words.weekday(event.previous_starts_at)})
    reason = REASONS.get(event.reason)
    return Headline(
        kicker=_("Verschoben"),
        title=_("Sitzung verschoben: jetzt am %(day)s") % {"day": words.day(event.starts_at)},
        text=f"{_(str(reason))} {text}" if reason else text,
        path=f"/sitzungen/{event.session_id}",
        quote=event.note or "",
    )


def _facts(event: SessionScheduled | SessionPostponed, words: Wording) -> dict[str, str]:
    return {
        "board": words.name(event.board),
        "day": words.weekday(event.starts_at),
        "time": words.time(event.starts_at),
        "place": words.name(event.place),
        "deadline": words.weekday(event.submission_deadline),
    }


def _cancelled(event: SessionCancelled, words: Wording) -> Headline:
    _ = words.gettext
    text = _("%(board)s: Am %(day)s ist keine Sitzung. Neue Termine stehen im Kalender.")
    return Headline(
        kicker=_("Abgesagt"),
        title=_("Sitzung am %(day)s fällt aus") % {"day": words.day(event.starts_at)},
        text=text % {"day": words.weekday(event.starts_at), "board": words.name(event.board)},
        path=f"/sitzungen/{event.session_id}",
        quote=event.reason,
    )


def _granted(event: GrantReserved, words: Wording) -> Headline:
    _ = words.gettext
    facts = {
        "sum": words.money(event.amount_cents),
        "title": words.name(event.public_title),
        "number": words.number(event.number),
    }
    waits = "" if event.effective else _("Noch ist das Geld nur vorgemerkt.")
    text = _("Der Fonds gibt Geld für diese Idee aus dem Stadtteil. Antrag %(number)s.") % facts
    return Headline(
        kicker=_("Geld für Ideen"),
        title=_("%(sum)s für %(title)s") % facts,
        text=f"{text} {waits}".strip(),
        path="/antraege",
        more=FUND,
    )


def _released(event: BudgetReleased, words: Wording) -> Headline:
    _ = words.gettext
    facts = {
        "sum": words.money(event.budget.released_cents),
        "budget": words.money(event.budget.budget_cents),
        "year": words.number(str(event.budget.year)),
    }
    text = _("Der Rat der Stadt hat für %(year)s %(sum)s von %(budget)s freigegeben.") % facts
    return Headline(
        kicker=_("Geld für Ideen"),
        title=_("%(sum)s für Ideen sind freigegeben") % facts,
        text=text,
        path="/antraege",
        more=FUND,
    )


HEADLINES: Final[Mapping[type[Event], Callable[[Any, Wording], Headline]]] = {
    SessionScheduled: _scheduled,
    SessionPostponed: _postponed,
    SessionCancelled: _cancelled,
    GrantReserved: _granted,
    BudgetReleased: _released,
    **OCCASION_HEADLINES,
    **ISSUE_HEADLINES,
}
"""The events that are news, and how each is told; an area adds its line here."""

NEWS_NO_MORE: Final = frozenset(kind.type for kind in (GrantLapsed, GrantRevoked, GrantDeclined))
"""Told to partners only, but money that came to nothing is no headline any more."""

_BY_TYPE: Final = {kind.type: (kind, tell) for kind, tell in HEADLINES.items()}
OVERTAKING: Final = frozenset(_BY_TYPE) | NEWS_NO_MORE
"""What makes earlier news about the same thing old."""


def told(entry: JournalEntry, words: Wording, *, overtaken: bool = False) -> News:
    """A journal entry as news; only for entries that `newest` and the like selected."""
    kind, tell = _BY_TYPE[entry.type]
    return News(
        id=entry.event_id,
        cursor=entry.cursor,
        topic=entry.topic,
        subject=entry.subject,
        told_at=entry.told_at,
        headline=tell(kind.from_cloudevent(entry.body), words),
        overtaken=overtaken,
    )


def _newsworthy(topic: str) -> Select[JournalEntry]:
    told_in_public = feed(topic, Audience.PUBLIC)
    return told_in_public.where(JournalEntry.type.in_(_BY_TYPE), JournalEntry.removed.is_(False))


async def newest(
    session: AsyncSession, topic: str, *, limit: int, before: int | None = None
) -> Sequence[JournalEntry]:
    """The latest news of a topic, newest first; `before` a cursor for the page after."""
    wanted = _newsworthy(topic)
    if before is not None:
        wanted = wanted.where(JournalEntry.cursor < before)
    return (await session.scalars(wanted.order_by(JournalEntry.cursor.desc()).limit(limit))).all()


async def still_true(session: AsyncSession, *, limit: int) -> Sequence[JournalEntry]:
    """The latest news without those that later news about the same thing overtook."""
    later = aliased(JournalEntry)
    overtaken = exists().where(
        later.subject == JournalEntry.subject,
        later.cursor > JournalEntry.cursor,
        later.type.in_(OVERTAKING),
        later.removed.is_(False),
    )
    wanted = _newsworthy(ALL).where(~overtaken)
    return (await session.scalars(wanted.order_by(JournalEntry.cursor.desc()).limit(limit))).all()


async def overtaken_among(
    session: AsyncSession, entries: Sequence[JournalEntry]
) -> frozenset[UUID]:
    """Which of these events later news about the same thing have overtaken."""
    subjects = {entry.subject for entry in entries}
    latest = select(JournalEntry.subject, func.max(JournalEntry.cursor)).where(
        JournalEntry.subject.in_(subjects),
        JournalEntry.type.in_(OVERTAKING),
        JournalEntry.removed.is_(False),
    )
    rows = await session.execute(latest.group_by(JournalEntry.subject))
    newest_of = {row[0]: row[1] for row in rows}
    return frozenset(entry.event_id for entry in entries if entry.cursor < newest_of[entry.subject])


async def one(session: AsyncSession, event_id: UUID) -> JournalEntry | None:
    """The entry behind a page of news; None for what is no news or was taken back."""
    wanted = _newsworthy(ALL).where(JournalEntry.event_id == event_id)
    entry: JournalEntry | None = await session.scalar(wanted)
    return entry


async def later_about(session: AsyncSession, entry: JournalEntry) -> JournalEntry | None:
    """The newest news about the same thing, if this one is not it any more."""
    same = select(JournalEntry.cursor).where(
        JournalEntry.subject == entry.subject, JournalEntry.cursor > entry.cursor
    )
    wanted = _newsworthy(ALL).where(JournalEntry.cursor.in_(same))
    later: JournalEntry | None = await session.scalar(
        wanted.order_by(JournalEntry.cursor.desc()).limit(1)
    )
    return later
