"""Deciding alone what cannot wait for a session, up to the sum the rules allow."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.meetings.commands.agenda import lock_agendas
from services.meetings.commands.circular_question import check_free
from services.meetings.commands.once import Order, earlier, trail, unchanged
from services.meetings.commands.resolutions import record_resolution
from services.meetings.domain.agenda import AgendaItem, Case
from services.meetings.domain.board import Rules, rules_on
from services.meetings.domain.electorate import votes_on_board
from services.meetings.domain.member import Member, MemberStatus, Unit
from services.meetings.domain.session import Session
from services.meetings.domain.urgent import (
    NoMoneyAsked,
    check_urgent,
    urgent_ballots,
    urgent_decision,
)
from services.meetings.domain.votes import Vote
from services.meetings.queries import the_board
from services.meetings.store import record
from shared.events.meetings import Way


@dataclass(frozen=True, kw_only=True)
class Alone:
    """What deciding alone rests on."""

    item: AgendaItem
    case: Case
    rules: Rules
    members: int


async def check_alone(session: AsyncSession, item_id: UUID, cents: int, *, at: datetime) -> Alone:
    """What deciding alone would rest on; raises whatever makes it impossible."""
    item = await session.get_one(AgendaItem, item_id)
    await check_free(session, item)
    if item.application_id is None:
        raise NoMoneyAsked
    case = await session.get_one(Case, item.application_id)
    _board, dated = await the_board(session)
    rules = rules_on(at, dated)
    check_urgent(item, cents, asked_cents=case.asked_cents, rules=rules)
    members = await _members(session, item, rules)
    return Alone(item=item, case=case, rules=rules, members=members)


async def decide_urgently(
    session: AsyncSession, item_id: UUID, *, amount_cents: int, why: str, order: Order
) -> UUID:
    """Grant this sum now, for a reason everybody may read; the same order again changes nothing."""
    new, content = uuid7(), {"item": item_id, "cents": amount_cents, "why": why}
    if first := await earlier(session, order, name="urgent.decide", content=content, subject=new):
        return first
    await lock_agendas(session)
    alone = await check_alone(session, item_id, amount_cents, at=order.at)
    unchanged("agenda item", order, now=alone.item.version)
    vote, told = Vote.close(
        alone.item,
        urgent_ballots(amount_cents, members=alone.members, why=why),
        vote_id=new,
        rules=alone.rules,
        at=order.at,
        way=Way.URGENT,
        decision=urgent_decision(),
    )
    session.add(vote)
    record(session, told)
    await record_resolution(session, vote, alone.item, title=alone.case.public_title, at=order.at)
    trail(session, "urgent.decide", item_id, order, cents=amount_cents)
    return new


async def _members(session: AsyncSession, item: AgendaItem, rules: Rules) -> int:
    meeting = await session.get_one(Session, item.session_id)
    active = Member.board_id == meeting.board_id, Member.status == MemberStatus.ACTIVE
    members = (await session.scalars(select(Member).where(*active))).all()
    kinds = await session.execute(select(Unit.id, Unit.kind))
    return votes_on_board(members, rules, {row.id: row.kind for row in kinds})
