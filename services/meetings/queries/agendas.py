"""Reads about agendas, and what was voted on them."""

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.domain.agenda import (
    AFTERWARDS,
    AgendaItem,
    Case,
    ItemClosed,
    ItemStatus,
    Outcome,
)
from services.meetings.domain.session import Session
from services.meetings.domain.votes import Answer, Vote
from shared.events.meetings import Way

Row = tuple[AgendaItem, Case | None, datetime]
"""An item, its application if it is about one, and when its session begins."""


@dataclass(frozen=True, kw_only=True)
class AgendaLine:
    """One line of an agenda, with what was voted on it so far."""

    position: int
    starts_at: datetime
    """When it begins if all goes as planned."""
    item: AgendaItem
    case: Case | None
    """None for every item that is about no application."""
    votes: Sequence[Vote]

    @property
    def title(self) -> str:
        """Public: the application's, or the item's own."""
        return self.case.public_title if self.case else self.item.title

    @property
    def number(self) -> str:
        """Of the application; empty where there is none."""
        return self.case.number if self.case else ""

    @property
    def ends_at(self) -> datetime:
        """When the next one can begin."""
        return self.starts_at + timedelta(minutes=self.item.minutes)

    @property
    def asked_cents(self) -> int | None:
        """What is asked for; None where no money is."""
        return self.case.asked_cents if self.case else None

    @property
    def last_vote(self) -> Vote | None:
        """The newest vote, if there was one."""
        return self.votes[-1] if self.votes else None

    @property
    def answer(self) -> Answer | None:
        """What came of the newest vote so far."""
        return self.last_vote.answer if self.last_vote else None

    @property
    def is_answered(self) -> bool:
        """Whether nothing is awaited any more, so that the board may vote (again)."""
        return self.answer is not Answer.AWAITED

    @property
    def standing(self) -> str:
        """How it stands, as a key of `words.OUTCOME`."""
        if self.item.outcome is not None:
            return self.item.outcome.value
        waiting = {Answer.AWAITED: "awaited", Answer.NOT_COVERED: "not_covered"}
        return waiting.get(self.answer or Answer.NONE, "open")

    @property
    def left_cents(self) -> int | None:
        """What the fund still has, once a yes was for more than that."""
        open_still = self.item.status is ItemStatus.OPEN
        return self.last_vote.left_cents if self.last_vote and open_still else None

    @property
    def cents(self) -> int | None:
        """The sum granted, before that the sum asked for; None where no money is."""
        granted = self.item.outcome is Outcome.GRANTED and self.item.amount_cents is not None
        return (self.item.amount_cents or 0) if granted else self.asked_cents


async def agendas_of(session: AsyncSession, session_ids: Iterable[UUID]) -> list[AgendaLine]:
    """The agendas of these sessions: as the office put them, then handed on ones, then by arrival."""
    found = await session.execute(
        select(AgendaItem, Case, Session.starts_at)
        .join(Session, Session.id == AgendaItem.session_id)
        .outerjoin(Case, Case.application_id == AgendaItem.application_id)
        .where(AgendaItem.session_id.in_(session_ids), AgendaItem.status != ItemStatus.REMOVED)
    )
    rows = sorted(((item, case, begins) for item, case, begins in found), key=_place_of)
    votes = await _votes_on(session, [item.id for item, _case, _begins in rows])
    return [
        AgendaLine(position=position, starts_at=at, item=item, case=case, votes=votes[item.id])
        for _session_id, agenda in groupby(rows, key=lambda row: row[0].session_id)
        for position, at, item, case in _numbered(agenda)
    ]


def _numbered(rows: Iterable[Row]) -> Iterator[tuple[int, datetime, AgendaItem, Case | None]]:
    """Each with its number and time: those it was invited with, else after the one before it."""
    position: int = 0
    at: datetime | None = None
    for item, case, begins in rows:
        position = item.fixed_position or position + 1
        at = item.fixed_starts_at or at or begins
        yield position, at, item, case
        at += timedelta(minutes=item.minutes)


async def agenda_item(session: AsyncSession, item_id: UUID) -> tuple[AgendaLine, Session]:
    """One item with its session; raises `ItemClosed` for one that was taken off."""
    item = await session.get_one(AgendaItem, item_id)
    lines = await agendas_of(session, [item.session_id])
    line = next((line for line in lines if line.item.id == item_id), None)
    if line is None:
        raise ItemClosed(item.status, ItemStatus.RESOLVED)
    return line, await session.get_one(Session, item.session_id)


async def last_vote_of(session: AsyncSession, session_id: UUID) -> Vote | None:
    """The newest vote of a session: it knows how many belong to the board and are there."""
    votes = select(Vote).join(AgendaItem, AgendaItem.id == Vote.item_id)
    ours = votes.where(AgendaItem.session_id == session_id)
    return await session.scalar(ours.order_by(Vote.recorded_at.desc(), Vote.id.desc()).limit(1))


async def voted_sessions(session: AsyncSession, session_ids: Iterable[UUID]) -> set[UUID]:
    """Those of these sessions in which the board voted: they took place."""
    voted = (
        select(AgendaItem.session_id)
        .join(Vote, Vote.item_id == AgendaItem.id)
        .where(AgendaItem.session_id.in_(session_ids), Vote.way == Way.MEETING)
    )
    return set(await session.scalars(voted.distinct()))


Place = tuple[UUID, int, int, int, bool, datetime, str]
FRONT, MIDDLE, BACK = range(3)


def _place_of(row: Row) -> Place:
    """By the number of the invitation; else what the office put in front, applications, the rest."""
    item, case, _begins = row
    place, number = item.place, case.number if case else str(item.id)
    part = MIDDLE if place is None else FRONT if place < AFTERWARDS else BACK
    fixed = item.fixed_position or sys.maxsize
    return item.session_id, fixed, part, place or 0, not item.carried, item.kept_since, number


async def _votes_on(
    session: AsyncSession, item_ids: Sequence[UUID]
) -> defaultdict[UUID, list[Vote]]:
    votes: defaultdict[UUID, list[Vote]] = defaultdict(list)
    taken = select(Vote).where(Vote.item_id.in_(item_ids)).order_by(Vote.recorded_at, Vote.id)
    for vote in await session.scalars(taken):
        votes[vote.item_id].append(vote)
    return votes
