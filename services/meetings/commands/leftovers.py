"""What a session leaves undecided: handed on to the next one, nothing is lost with the last hour."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.commands.carried import put_again
from services.meetings.domain.agenda import (
    AgendaItem,
    AskedInWriting,
    AwaitsAnswer,
    ItemKind,
    ItemStatus,
    NotOurOwn,
    Outcome,
)
from services.meetings.domain.room import ItemHours
from services.meetings.domain.session import Session, Status
from services.meetings.domain.votes import Answer, Vote
from services.meetings.store import record


async def leave_open_items(session: AsyncSession, meeting: Session, *, at: datetime) -> None:
    """At the end: what the board came to is done, what it did not come to is carried over.

    An application the board did not decide is deferred; one whose vote waits for the money's answer
    stays open until that comes (`hand_on_if_over`).
    """
    open_still = AgendaItem.session_id == meeting.id, AgendaItem.status == ItemStatus.OPEN
    items = (await session.scalars(select(AgendaItem).where(*open_still))).all()
    called = set(
        await session.scalars(select(ItemHours.item_id).where(ItemHours.session_id == meeting.id))
    )
    waiting = await _awaited(session, [item.id for item in items])
    later = [item for item in items if item.id not in waiting and not item.in_writing]
    own = [item for item in later if item.application_id is None]
    done = [item for item in own if item.id in called or item.kind is ItemKind.FOLLOW_UP]
    for item in done:
        item.resolve(Outcome.DONE)
    left = [item for item in later if item not in done]
    await carry_over(session, left, Outcome.DEFERRED, at=at)


async def carry_over(
    session: AsyncSession, items: Iterable[AgendaItem], outcome: Outcome, *, at: datetime
) -> None:
    """End these without a decision; deferred ones stand on the next agenda as soon as there is one."""
    items = list(items)
    waiting = await _awaited(session, [item.id for item in items])
    own = list[AgendaItem]()
    for item in items:
        if item.in_writing:
            raise AskedInWriting
        if item.id in waiting:
            raise AwaitsAnswer
        if item.application_id is None:
            item.resolve(outcome)
            own.append(item)
        elif outcome is Outcome.DEFERRED:
            record(session, item.hand_on(at=at))
        else:
            raise NotOurOwn
    if outcome is Outcome.DEFERRED:
        await put_again(session, own, at=at)


async def hand_on_if_over(session: AsyncSession, vote_id: UUID | None, *, at: datetime) -> None:
    """The money did not suffice and the session is over: the application goes to the next one."""
    vote = await session.get(Vote, vote_id) if vote_id else None
    item = await session.get(AgendaItem, vote.item_id) if vote else None
    if item is None or item.status is not ItemStatus.OPEN:
        return
    meeting = await session.get_one(Session, item.session_id)
    waits = await _awaited(session, [item.id])
    if meeting.status in (Status.CLOSED, Status.MINUTED) and not waits:
        record(session, item.hand_on(at=at))


async def _awaited(session: AsyncSession, item_ids: list[UUID]) -> set[UUID]:
    waits = Vote.item_id.in_(item_ids), Vote.answer == Answer.AWAITED
    return set(await session.scalars(select(Vote.item_id).where(*waits)))
