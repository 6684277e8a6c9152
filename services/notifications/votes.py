"""How each vote about an application was held, as letters about what it decided must say."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from services.notifications.journal import KnownSession
from services.notifications.store import Base
from shared.days import local_day
from shared.events.applications import ApplicationDeferred, ApplicationRejected, GrantReserved
from shared.events.base import Event
from shared.events.meetings import VoteClosed
from shared.print import Way
from shared.store import insert

Decision = GrantReserved | ApplicationRejected | ApplicationDeferred
HELD: Final[dict[str, Way]] = {"meeting": "meeting", "circular": "circular", "urgent": "urgent"}


class KnownVote(Base):
    """One vote about an application: in a meeting, in writing, or in a hurry."""

    __tablename__ = "known_votes"

    vote_id: Mapped[UUID] = mapped_column(primary_key=True)
    way: Mapped[str]
    closed_at: Mapped[datetime]


async def remember(session: AsyncSession, event: Event) -> None:
    """Keep how a vote was held; told again it is kept once."""
    if not isinstance(event, VoteClosed) or event.application_id is None:
        return
    new = insert(session, KnownVote).values(
        vote_id=event.vote_id,
        way=event.way.value,
        closed_at=event.at,
    )
    await session.execute(new.on_conflict_do_nothing(index_elements=["vote_id"]))


def way_of(vote: KnownVote | None) -> Way:
    """How it was held; a meeting as long as nobody said otherwise."""
    return HELD[vote.way] if vote else "meeting"


async def decided_on(session: AsyncSession, event: Decision, vote: KnownVote | None) -> date | None:
    """The session's day, or the day a vote outside of one ended; None as long as that is unsure.

    The word about the vote comes from another service and may be later than what it decided.
    """
    if vote is not None and vote.way != "meeting":
        return local_day(vote.closed_at)
    known = await session.get(KnownSession, event.session_id) if event.session_id else None
    sure = vote is not None or isinstance(event, ApplicationDeferred)
    if known is None or not (sure or event.at >= known.starts_at):
        return None
    return local_day(known.starts_at)
