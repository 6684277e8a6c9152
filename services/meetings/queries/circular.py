"""Reads about votes in writing: who was asked, who has answered, what came out."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.domain.circular import Circular, CircularElector, CircularStatus
from services.meetings.domain.member import Member
from services.meetings.domain.votes import Vote


@dataclass(frozen=True, kw_only=True)
class AskedMember:
    """One line of the list as it was frozen, with the member's name as it is now."""

    elector: CircularElector
    member: Member

    @property
    def is_asked(self) -> bool:
        """Whether an answer of theirs counts."""
        return self.elector.barred is None

    @property
    def has_answered(self) -> bool:
        """How they answered is shown to nobody before the end."""
        return self.elector.choice is not None


@dataclass(frozen=True, kw_only=True)
class CircularView:
    """One vote in writing with its list, and the vote once there is one."""

    circular: Circular
    people: Sequence[AskedMember]
    vote: Vote | None

    @property
    def is_open(self) -> bool:
        """Whether answers still count."""
        return self.circular.status is CircularStatus.OPEN

    @property
    def asked(self) -> list[AskedMember]:
        """Everybody who may answer."""
        return [one for one in self.people if one.is_asked]

    @property
    def answered(self) -> int:
        """How many have."""
        return sum(one.has_answered for one in self.asked)

    @property
    def waiting(self) -> list[AskedMember]:
        """Those who have not yet."""
        return [one for one in self.asked if not one.has_answered]

    @property
    def barred(self) -> list[AskedMember]:
        """Members who may not answer, each with the reason."""
        return [one for one in self.people if not one.is_asked]


async def circular_view(session: AsyncSession, circular_id: UUID) -> CircularView:
    """One vote in writing; raises NoResultFound if there is none."""
    circular = await session.get_one(Circular, circular_id)
    rows = await session.execute(
        select(CircularElector, Member)
        .join(Member, Member.id == CircularElector.member_id)
        .where(CircularElector.circular_id == circular_id)
    )
    people = [AskedMember(elector=elector, member=member) for elector, member in rows]
    people.sort(key=lambda one: (one.member.name.casefold(), str(one.member.id)))
    vote = await session.get(Vote, circular.vote_id) if circular.vote_id else None
    return CircularView(circular=circular, people=people, vote=vote)


async def circulars(session: AsyncSession, *, limit: int = 100) -> Sequence[Circular]:
    """All votes in writing, running ones first, then the newest."""
    found = select(Circular).order_by(
        (Circular.status != CircularStatus.OPEN), Circular.started_at.desc()
    )
    return (await session.scalars(found.limit(limit))).all()


async def circular_of(session: AsyncSession, item_id: UUID) -> Circular | None:
    """The one about this item that runs, or the newest that ran."""
    found = select(Circular).where(Circular.item_id == item_id)
    newest = found.order_by((Circular.status != CircularStatus.OPEN), Circular.started_at.desc())
    return await session.scalar(newest.limit(1))


async def to_answer(session: AsyncSession, member_id: UUID) -> Sequence[Circular]:
    """What this member is asked and has not answered, the nearest end first."""
    mine = (
        select(Circular)
        .join(CircularElector, CircularElector.circular_id == Circular.id)
        .where(
            CircularElector.member_id == member_id,
            CircularElector.barred.is_(None),
            CircularElector.choice.is_(None),
            Circular.status == CircularStatus.OPEN,
        )
    )
    return (await session.scalars(mine.order_by(Circular.closes_at))).all()
