"""A board with members, and sessions that took place with some of them there."""

import re
from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.meetings.commands import members as commands
from services.meetings.commands.members import Particulars
from services.meetings.commands.rights import arrived, session_closed
from services.meetings.commands.sessions import change_board
from services.meetings.domain.attendance import Attendance, Coming, Reply
from services.meetings.domain.member import Member
from services.meetings.domain.session import Session, Status
from services.meetings.queries import the_board
from shared.events.people import Contact
from shared.service import Service
from tests.meetings.agendas import order, plan


def person_called(name: str, **more: Any) -> Particulars:
    """Somebody with a mailbox of their own, unless another address is given."""
    mailbox = f"{name.split(maxsplit=1)[0].lower().replace('ş', 's')}@example.org"
    contact = {"name": name, "email": mailbox} | {
        key: value for key, value in more.items() if key in Contact.model_fields
    }
    return Particulars(contact=Contact(**contact), language="de", unit_id=more.get("unit_id"))


async def recorded(
    service: Service, name: str, *, declared: date | None = None, **more: Any
) -> UUID:
    """A guest, or with a declaration on paper of that day."""
    async with service.db.begin() as session:
        return await commands.record_member(
            session, service, person_called(name, **more), order(service), declared_on=declared
        )


async def member_of(service: Service, member_id: UUID) -> Member:
    async with service.db.read() as session:
        return await session.get_one(Member, member_id)


async def rule(service: Service, **changes: Any) -> None:
    """The board's rules, from the first day on, with these changes."""
    async with service.db.begin() as session:
        board, rules = await the_board(session)
        await change_board(
            session,
            order(service, board.version),
            name=board.name,
            place=board.place,
            rules=rules[0].model_copy(update=changes),
        )


async def held(
    service: Service,
    day: str,
    *,
    there: Collection[UUID] = (),
    excused: Collection[UUID] = (),
) -> UUID:
    """A session of that day that was opened, attended and closed."""
    session_id = await plan(service, day)
    await hold(service, session_id, there=there, excused=excused)
    return session_id


async def hold(
    service: Service,
    session_id: UUID,
    *,
    there: Collection[UUID] = (),
    excused: Collection[UUID] = (),
) -> None:
    """Open a planned session, let these arrive, close it."""
    async with service.db.begin() as session:
        meeting = await session.get_one(Session, session_id)
        meeting.status, meeting.opened_at = Status.OPEN, meeting.starts_at
        at = meeting.starts_at
        for member_id in excused:
            session.add(
                Reply(session_id=session_id, member_id=member_id, coming=Coming.NO, replied_at=at)
            )
        for member_id in there:
            session.add(Attendance(session_id=session_id, member_id=member_id, arrived_at=at))
            await session.flush()
            member = await session.get_one(Member, member_id)
            await arrived(session, member, meeting, at=at)
    async with service.db.begin() as session:
        meeting = await session.get_one(Session, session_id)
        meeting.status, meeting.closed_at = Status.CLOSED, meeting.starts_at
        await session_closed(session, meeting, at=meeting.starts_at)


async def everybody(service: Service) -> list[Member]:
    async with service.db.read() as session:
        return list(await session.scalars(select(Member).order_by(Member.id)))


def said_on(page: str) -> str:
    """What stands on a page, without its tags."""
    return " ".join(re.sub("<[^>]+>", "", page).split())
