"""One session's minutes, held by one hand at a time, with the facts beside them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.domain.minutes import Minutes, MinutesText, NotHeldYet
from services.meetings.domain.session import Session, Status
from services.meetings.minutes_paper import texts_of
from services.meetings.queries.minutes import Facts, Record, facts_of, record_of
from shared.store import insert


@dataclass(frozen=True, kw_only=True)
class Desk:
    """One session's minutes, locked, with the facts beside them."""

    facts: Facts
    record: Record
    minutes: Minutes

    @property
    def meeting(self) -> Session:
        return self.facts.meeting

    @property
    def texts(self) -> dict[str, str]:
        """What stands in every part now."""
        return texts_of(self.facts, self.record)


async def desk_of(session: AsyncSession, session_id: UUID, *, at: datetime) -> Desk:
    """The minutes under the session's lock, begun if nobody did; raises NotHeldYet."""
    meeting = await session.get_one(
        Session, session_id, with_for_update=True, populate_existing=True
    )
    facts, kept = await facts_of(session, session_id), await record_of(session, session_id)
    if meeting.status is not Status.OPEN and not facts.was_held(at=at):
        raise NotHeldYet
    if kept.minutes is not None:
        return Desk(facts=facts, record=kept, minutes=kept.minutes)
    begun = Minutes.begin(meeting, at=at)
    return Desk(facts=facts, record=kept, minutes=begun)


async def keep_texts(session: AsyncSession, desk: Desk, texts: Mapping[str, str]) -> None:
    """These parts say this from now on."""
    session.add(desk.minutes)
    await session.flush()
    items = {item.part: item.line.item.id for item in desk.facts.items}
    rows = [
        {
            "minutes_id": desk.minutes.id,
            "part": part,
            "item_id": items.get(part),
            "text": text,
        }
        for part, text in texts.items()
    ]
    new = insert(session, MinutesText).values(rows)
    kept = new.on_conflict_do_update(
        index_elements=["minutes_id", "part"], set_={"text": new.excluded.text}
    )
    await session.execute(kept)


async def fix(session: AsyncSession, desk: Desk) -> None:
    """What was proposed becomes what is written, and who was there stays as it is."""
    facts = desk.facts
    await keep_texts(session, desk, desk.texts)
    desk.minutes.keep_roll(
        voters=[one.id for one in facts.voters],
        excused=[one.id for one in facts.excused],
        absent=[one.id for one in facts.absent],
    )
