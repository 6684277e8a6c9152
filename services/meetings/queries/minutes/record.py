"""The minutes as they are kept: texts, amendments, who agreed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.domain.member import Member
from services.meetings.domain.minutes import (
    Amendment,
    AmendmentStatus,
    Consent,
    Minutes,
    MinutesStatus,
    MinutesText,
)
from services.meetings.queries.minutes.facts import Facts, minutes_row
from shared.events.applications import Paper
from shared.sealed import Sealed
from shared.service import Service


@dataclass(frozen=True, kw_only=True)
class Record:
    """The minutes as they are kept; without any row yet a draft that nobody has touched."""

    minutes: Minutes | None
    texts: Mapping[str, str] = field(default_factory=dict)
    amendments: Sequence[tuple[Amendment, Member]] = ()
    agreed: frozenset[UUID] = frozenset()

    @property
    def status(self) -> MinutesStatus:
        return self.minutes.status if self.minutes else MinutesStatus.DRAFT

    @property
    def version(self) -> int:
        return self.minutes.version if self.minutes else 0

    @property
    def open_amendments(self) -> int:
        return sum(one.status is AmendmentStatus.OPEN for one, _member in self.amendments)


async def record_of(session: AsyncSession, session_id: UUID) -> Record:
    """The minutes with texts, amendments and who agreed."""
    minutes = await session.scalar(minutes_row(session_id))
    if minutes is None:
        return Record(minutes=None)
    kept = select(MinutesText).where(MinutesText.minutes_id == minutes.id)
    asked = (
        select(Amendment, Member)
        .join(Member, Member.id == Amendment.member_id)
        .where(Amendment.minutes_id == minutes.id)
        .order_by(Amendment.proposed_at, Amendment.id)
    )
    agreed = select(Consent.member_id).where(Consent.minutes_id == minutes.id)
    return Record(
        minutes=minutes,
        texts={one.part: one.text for one in await session.scalars(kept)},
        amendments=[(one, member) for one, member in await session.execute(asked)],
        agreed=frozenset(await session.scalars(agreed)),
    )


async def known_names(service: Service, facts: Facts) -> set[str]:
    """Everybody this session knows by name: members, guests, who has a task, who applies."""
    present = [one.member.name for one in facts.present]
    members = [one.name for one in (*facts.excused, *facts.absent)]
    owners = [owner for item in facts.items for _task, owner in item.tasks]
    voters = [
        one.name for item in facts.items for vote in item.votes for one, _choice in vote.named
    ]
    papers = [item.line.case.paper for item in facts.items if item.line.case is not None]
    boxes = [Sealed(**paper) for paper in papers if paper is not None]
    opened = await service.seals.open_all(boxes, Paper)
    applicants = [paper.applicant for paper in opened if paper is not None]
    return {name for name in (*present, *members, *owners, *voters, *applicants) if name}
