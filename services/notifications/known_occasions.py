"""Festivals, walks and workshops as last told, so that no page parses the journal."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from services.notifications.store import Base
from shared.events.meetings import (
    OccasionAnnounced,
    OccasionCancelled,
    OccasionChanged,
    OccasionDocumented,
    OccasionEvent,
)


class KnownOccasion(Base):
    """An occasion as last told; `revision` counts what calendars must notice."""

    __tablename__ = "known_occasions"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    title: Mapped[str]
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime | None]
    place: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    registration: Mapped[bool]
    cancelled: Mapped[bool]
    reason: Mapped[str]
    revision: Mapped[int]
    facts_revision: Mapped[int]
    changed_at: Mapped[datetime]


async def occasion_holds(event: OccasionAnnounced | OccasionChanged, session: AsyncSession) -> None:
    """Everything about it, unless a later word is known already."""
    known = await _known(event, session)
    if event.subject_version > known.facts_revision:
        known.facts_revision = event.subject_version
        known.place, known.text = event.place, event.text
        known.ends_at, known.registration = event.ends_at, event.registration
    _now_holds(known, event, cancelled=False, reason="")


async def occasion_cancelled(event: OccasionCancelled, session: AsyncSession) -> None:
    """It does not take place."""
    _now_holds(await _known(event, session), event, cancelled=True, reason=event.reason)


async def occasion_documented(event: OccasionDocumented, session: AsyncSession) -> None:
    """It took place: nothing that a calendar shows has changed but the number."""
    _now_holds(await _known(event, session), event, cancelled=False, reason="")


async def _known(event: OccasionEvent, session: AsyncSession) -> KnownOccasion:
    """The occasion's row; safe to change, since the journal's head is locked by now."""
    known = await session.get(KnownOccasion, event.occasion_id)
    if known is None:
        known = KnownOccasion(
            id=event.occasion_id,
            kind=event.kind.value,
            title=event.title,
            starts_at=event.starts_at,
            ends_at=None,
            place="",
            text="",
            registration=False,
            cancelled=False,
            reason="",
            revision=0,
            facts_revision=0,
            changed_at=event.at,
        )
        session.add(known)
    return known


def _now_holds(known: KnownOccasion, event: OccasionEvent, *, cancelled: bool, reason: str) -> None:
    """Only a later version counts: events told again or out of order end the same."""
    if event.subject_version > known.revision:
        known.revision = event.subject_version
        known.kind, known.title = event.kind.value, event.title
        known.starts_at = event.starts_at
        known.cancelled, known.reason = cancelled, reason
        known.changed_at = event.at
