"""A case as its applicant may know it: everything that was told, and what stands open; seven queries."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.domain import (
    Application,
    Correction,
    Decision,
    Grant,
    GrantCondition,
    SessionDate,
)
from services.applications.store import Outbox
from shared.events.applications import Explanation, ExplanationWritten
from shared.events.base import Event, registry
from shared.sealed import Seals


@dataclass(frozen=True)
class Told:
    """One event, with the office's own words that went with it."""

    event: Event
    words: str


@dataclass(frozen=True)
class Story:
    """What happened, oldest first, and what it rests on."""

    told: Sequence[Told]
    correction: Correction | None
    """The last one."""
    decisions: Mapping[UUID, Decision]
    grant: Grant | None
    conditions: Sequence[GrantCondition]
    sessions: Mapping[UUID, SessionDate]

    @property
    def open_condition(self) -> GrantCondition | None:
        """The one whose date comes first."""
        missing = [one for one in self.conditions if one.met_at is None]
        return min(missing, key=lambda one: one.due_on, default=None)

    def last(self, *kinds: type[Event]) -> Told | None:
        """The newest of these."""
        return next((one for one in reversed(self.told) if isinstance(one.event, kinds)), None)


async def story_of(session: AsyncSession, application: Application, *, seals: Seals) -> Story:
    """Nothing that is only held, and no department's word: what was told to nobody is not here."""
    mine = Decision.application_id == application.id
    found = (await session.scalars(select(Decision).where(mine).order_by(Decision.at))).all()
    conditions = select(GrantCondition).where(GrantCondition.application_id == application.id)
    met = {one.session_id for one in found} | {application.session_id}
    dates = select(SessionDate).where(SessionDate.session_id.in_(met - {None}))
    return Story(
        told=await _told(session, application, seals=seals),
        correction=await last_correction(session, application.id),
        decisions={one.id: one for one in found},
        grant=await session.get(Grant, application.id),
        conditions=(await session.scalars(conditions.order_by(GrantCondition.position))).all(),
        sessions={date.session_id: date for date in await session.scalars(dates)},
    )


async def last_correction(session: AsyncSession, application_id: UUID) -> Correction | None:
    """The newest request for something missing, open or not."""
    chosen = select(Correction).where(Correction.application_id == application_id)
    return await session.scalar(chosen.order_by(Correction.requested_at.desc()).limit(1))


async def _told(session: AsyncSession, application: Application, *, seals: Seals) -> list[Told]:
    rows = select(Outbox).where(Outbox.subject == str(application.id)).order_by(Outbox.id)
    known, words = registry(), ""
    told: list[Told] = []
    for row in await session.scalars(rows):
        event = known[row.type].from_cloudevent(json.loads(row.body))
        if isinstance(event, ExplanationWritten):
            explanation = await seals.open(event.text, Explanation)
            words = explanation.text if explanation else ""
            continue
        told.append(Told(event, words))
        words = ""
    return told
