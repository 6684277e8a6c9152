"""What coming and staying away do to the right to vote; the room asks at arrival and at the end.

A session counts under the rules of its own day. Carried out again nothing changes any more.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.commands.once import Order, earlier, trail
from services.meetings.domain.attendance import Coming, Reply
from services.meetings.domain.board import Rules, rules_on
from services.meetings.domain.member import Member, MemberStatus
from services.meetings.domain.rights import (
    Sitting,
    Standing,
    Turn,
    counted,
    missed_in_a_row,
    turn_at,
)
from services.meetings.domain.session import Session
from services.meetings.queries import the_board
from services.meetings.queries.members import rules_today, sittings_of
from services.meetings.store import record
from shared.days import local_day, start_of_day
from shared.events.meetings import JoinedBecause, MemberJoined, MemberSuspended, SuspendedBecause
from shared.store import insert

TURNS: Final = (MemberStatus.DECLARED, MemberStatus.ACTIVE, MemberStatus.SUSPENDED)
"""Whose right a session can change."""


async def arrived(session: AsyncSession, member: Member, meeting: Session, *, at: datetime) -> None:
    """Coming may earn the vote, or bring it back, from this very session on."""
    if member.status not in (MemberStatus.DECLARED, MemberStatus.SUSPENDED):
        return
    rules = await _rules_of(session, meeting)
    found = await sittings_of(session, [member], ended=meeting, there=[member.id])
    _turn(session, member, found[member.id], meeting, rules, at=at)
    await session.flush()


async def session_closed(session: AsyncSession, meeting: Session, *, at: datetime) -> None:
    """Everybody at once: who stayed away unexcused too often may not vote any more."""
    concerned = select(Member).where(
        Member.board_id == meeting.board_id,
        Member.status.in_(TURNS),
        Member.erased_at.is_(None),
    )
    members = (await session.scalars(concerned.order_by(Member.id).with_for_update())).all()
    rules = await _rules_of(session, meeting)
    found = await sittings_of(session, members, ended=meeting)
    for member in members:
        _turn(session, member, found[member.id], meeting, rules, at=at)
    await session.flush()


async def excuse(
    session: AsyncSession, member_id: UUID, session_id: UUID, order: Order, *, excused: bool
) -> UUID:
    """The office notes that somebody was excused after all, or was not.

    If the right rests only because of that absence, it is there again at once.
    """
    content = {"member": member_id, "session": session_id, "excused": excused}
    if first := await earlier(
        session, order, name="member.excuse", content=content, subject=member_id
    ):
        return first
    member = await session.get_one(Member, member_id, with_for_update=True)
    meeting = await session.get_one(Session, session_id)
    await _note(session, member, meeting, excused=excused, at=order.at)
    trail(session, "member.excuse", member_id, order, of=str(session_id), excused=excused)
    await _restore_if_excused(session, member, at=order.at)
    return member_id


async def _note(
    session: AsyncSession, member: Member, meeting: Session, *, excused: bool, at: datetime
) -> None:
    theirs = Reply.session_id == meeting.id, Reply.member_id == member.id
    if not excused:
        await session.execute(delete(Reply).where(*theirs, Reply.coming == Coming.NO))
        return
    noted = {"coming": Coming.NO, "replied_at": at}
    reply = insert(session, Reply).values(session_id=meeting.id, member_id=member.id, **noted)
    keys = [Reply.session_id, Reply.member_id]
    await session.execute(reply.on_conflict_do_update(index_elements=keys, set_=noted))


async def _restore_if_excused(session: AsyncSession, member: Member, *, at: datetime) -> None:
    standing = Standing.of(member)
    if not standing.rests_for_absence or member.suspended_since is None:
        return
    sittings = (await sittings_of(session, [member]))[member.id]
    that_day = await rules_today(session, at=start_of_day(member.suspended_since))
    lost_after = that_day.lost_after
    if lost_after is None or missed_in_a_row(standing, sittings) >= lost_after:
        return
    attended = sum(one.attended for one in sittings)
    event = member.join(JoinedBecause.OFFICE, on=local_day(at), attendances=attended, at=at)
    record(session, event)
    await session.flush()


async def _rules_of(session: AsyncSession, meeting: Session) -> Rules:
    _board, rules = await the_board(session)
    return rules_on(meeting.starts_at, rules)


def _turn(
    session: AsyncSession,
    member: Member,
    sittings: Sequence[Sitting],
    meeting: Session,
    rules: Rules,
    *,
    at: datetime,
) -> None:
    """Carry out what this session changes for one member, and tell it."""
    turn = turn_at(Standing.of(member), sittings, rules)
    if turn is None or not sittings or sittings[-1].session_id != meeting.id:
        return
    if turn is Turn.LOST:
        record(session, _suspended(member, sittings, rules, meeting, at=at))
    else:
        record(session, _joined(member, sittings, turn, meeting, at=at))


def _suspended(
    member: Member, sittings: Sequence[Sitting], rules: Rules, meeting: Session, *, at: datetime
) -> MemberSuspended:
    return member.suspend(
        SuspendedBecause.ABSENT,
        on=local_day(meeting.starts_at),
        missed=missed_in_a_row(Standing.of(member), sittings),
        regained_after=rules.regained_after,
        at=at,
    )


def _joined(
    member: Member, sittings: Sequence[Sitting], turn: Turn, meeting: Session, *, at: datetime
) -> MemberJoined:
    because = JoinedBecause.ATTENDED if turn is Turn.EARNED else JoinedBecause.REGAINED
    came = counted(Standing.of(member), sittings)
    return member.join(because, on=local_day(meeting.starts_at), attendances=came, at=at)
