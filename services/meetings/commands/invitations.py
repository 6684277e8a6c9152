"""Inviting the board: the agenda is fixed, everybody is told, each member gets a link of their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.commands.agenda import lock_agendas
from services.meetings.commands.once import Order, earlier, trail, unchanged
from services.meetings.domain.agenda import AgendaItem
from services.meetings.domain.attendance import Reply
from services.meetings.domain.invitation import is_invited, issue, link_ends, reopen
from services.meetings.domain.member import Member
from services.meetings.domain.session import Session
from services.meetings.queries import AgendaLine, agendas_of
from services.meetings.queries.preparation import invited_members, plan_of
from services.meetings.store import Link, record
from shared.events.meetings import InvitationIssued, InvitedItem, MemberInvited
from shared.events.people import Link as MailedLink
from shared.sealed import Sealed
from shared.service import Service
from shared.web import links

INVITATION: Final = "session.invitation"
"""A member's link to one session: its papers and their answer; opens any number of times."""


class AnotherAgenda(Exception):
    """The agenda is not the one that was looked at before inviting to it."""


@dataclass(frozen=True, kw_only=True)
class Opened:
    """What a member's link leads to."""

    meeting: Session
    member: Member


async def issue_invitation(
    session: AsyncSession,
    service: Service,
    session_id: UUID,
    order: Order,
    *,
    urgent_because: str | None = None,
    seen: str = "",
) -> UUID:
    """Fix the agenda and invite the board, once for one order; `seen` is `Plan.seen` as shown."""
    content = {"id": session_id, "urgent": urgent_because}
    if first := await earlier(
        session, order, name="session.invite", content=content, subject=session_id
    ):
        return first
    await lock_agendas(session)
    meeting = await session.get_one(Session, session_id, with_for_update=True)
    unchanged("session", order, now=meeting.version)
    plan = plan_of(meeting, await agendas_of(session, [session_id]))
    if seen and seen != plan.seen:
        raise AnotherAgenda
    told = issue(meeting, _told(plan.lines), urgent_because=urgent_because, at=order.at)
    for line in plan.lines:
        line.item.fix(position=line.position, starts_at=line.starts_at)
    record(session, told, *await _letters(session, service, meeting, told))
    trail(session, "session.invite", session_id, order, again=told.again, urgent=told.urgent)
    return session_id


async def reopen_agenda(session: AsyncSession, session_id: UUID, order: Order) -> None:
    """From here on the office changes an agenda it sent out; numbers and times are open again."""
    if await earlier(
        session, order, name="agenda.reopen", content={"id": session_id}, subject=session_id
    ):
        return
    await lock_agendas(session)
    meeting = await session.get_one(Session, session_id, with_for_update=True)
    unchanged("session", order, now=meeting.version)
    reopen(meeting, at=order.at)
    await _loosen(session, session_id)
    trail(session, "agenda.reopen", session_id, order)


async def forget_invitation(session: AsyncSession, session_id: UUID) -> None:
    """The session has another date: nobody has said anything about that one yet."""
    await _loosen(session, session_id)
    await session.execute(delete(Reply).where(Reply.session_id == session_id))
    ours = Link.purpose == INVITATION, Link.subject.startswith(f"{session_id}:")
    await session.execute(delete(Link).where(*ours))


async def opened(session: AsyncSession, session_id: UUID, token: str, *, at: datetime) -> Opened:
    """The session and the member of this link; raises `LinkRefused` for every link but theirs."""
    link = await links.look_up(session, Link, token, purpose=INVITATION, at=at)
    of_session, _colon, of_member = link.subject.partition(":")
    if of_session != str(session_id):
        raise links.LinkRefused(links.Refusal.UNKNOWN)
    member = await session.get(Member, UUID(of_member))
    if member is None or not is_invited(member):
        raise links.LinkRefused(links.Refusal.UNKNOWN)
    return Opened(meeting=await session.get_one(Session, session_id), member=member)


async def _loosen(session: AsyncSession, session_id: UUID) -> None:
    """Each item keeps its order and loses its fixed number."""
    items = select(AgendaItem).where(AgendaItem.session_id == session_id)
    for item in await session.scalars(items.where(AgendaItem.fixed_position.is_not(None))):
        item.loosen()


async def _letters(
    session: AsyncSession, service: Service, meeting: Session, told: InvitationIssued
) -> list[MemberInvited]:
    """One for each member, in a few statements for all; nobody who was erased meanwhile gets one."""
    members = await invited_members(session, meeting.board_id)
    issued = await links.issue_many(
        session,
        Link,
        purpose=INVITATION,
        subjects=[f"{meeting.id}:{member.id}" for member in members],
        expires_at=link_ends(meeting),
    )
    way = f"{service.settings.origin}/sitzungen/{meeting.id}/antwort"
    closed = await service.seals.seal_many(
        [
            (member.person_id, (member.contact, MailedLink(url=f"{way}/{link.token}")))
            for member, link in zip(members, issued, strict=True)
        ]
    )
    return [
        _letter(told, member, *boxes)
        for member, boxes in zip(members, closed, strict=True)
        if boxes is not None
    ]


def _letter(told: InvitationIssued, member: Member, contact: Sealed, link: Sealed) -> MemberInvited:
    same = {"at", "session_id", "board", "starts_at", "ends_at", "place", "note", "agenda"}
    return MemberInvited(
        **{name: getattr(told, name) for name in same | {"urgent", "again"}},
        member_id=member.id,
        person_id=member.person_id,
        language=member.language,
        contact=contact,
        link=link,
        expires_at=told.starts_at,
        may_vote=member.may_vote,
        subject_version=member.version,
    )


def _told(lines: Sequence[AgendaLine]) -> list[InvitedItem]:
    return [
        InvitedItem(
            position=line.position,
            title=line.title,
            number=line.number,
            application_id=line.item.application_id,
            second_call=line.item.second_call,
            starts_at=line.starts_at,
        )
        for line in lines
    ]
