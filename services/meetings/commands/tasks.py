"""Giving somebody something to do, reminding them, and closing it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.meetings.commands.once import Order, earlier, trail, unchanged
from services.meetings.domain.account import Account, Standing
from services.meetings.domain.agenda import AgendaItem
from services.meetings.domain.member import Member
from services.meetings.domain.session import Session
from services.meetings.domain.tasks import (
    REMINDED,
    IllegalMove,
    Letter,
    NobodyToAsk,
    Owner,
    Task,
    TaskStatus,
)
from services.meetings.store import PERSONAL, Link, Timer, record
from shared.events.meetings import TaskWords
from shared.events.people import Contact
from shared.events.people import Link as MailedLink
from shared.service import Service
from shared.store import scrub_after
from shared.timers import cancel_timer, set_timer
from shared.web import links

PURPOSE: Final = "task.own"
DUE: Final = "task_due"
READABLE: Final = timedelta(days=60)
"""How long after the last reminder a link to the task still opens it."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Who is to do it, as somebody chose: exactly one of member, account, or name with address."""

    member_id: UUID | None = None
    account_id: UUID | None = None
    name: str = ""
    email: str = ""
    language: str = "de"


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where a task comes from, if from a session."""

    session_id: UUID | None = None
    item_id: UUID | None = None


async def assign(
    session: AsyncSession,
    service: Service,
    words: TaskWords,
    wanted: Wanted,
    *,
    due_on: date,
    origin: Origin = Origin(),
    order: Order,
) -> UUID:
    """Give it to them and tell them; the same order again answers with the same task."""
    new, content = uuid7(), {"words": words, "to": wanted, "due": due_on, "origin": origin}
    if first := await earlier(session, order, name="task.assign", content=content, subject=new):
        return first
    await _check_origin(session, origin)
    owner = await _owner(session, service, wanted)
    task = Task.assign(
        words,
        owner,
        task_id=new,
        due_on=due_on,
        session_id=origin.session_id,
        item_id=origin.item_id,
        at=order.at,
    )
    session.add(task)
    await session.flush()
    letter = await _letter(session, service, task, owner, at=order.at)
    record(session, task.assigned(letter, at=order.at))
    await _remind_next(session, task, after=order.at)
    trail(session, "task.assign", new, order, due_on=due_on.isoformat())
    return new


async def finish(session: AsyncSession, task_id: UUID, order: Order) -> None:
    """It is done; done already stays done."""
    await _close(session, task_id, order, TaskStatus.DONE)


async def drop(session: AsyncSession, task_id: UUID, order: Order) -> None:
    """Nobody has to do it any more."""
    await _close(session, task_id, order, TaskStatus.DROPPED)


async def reopen(session: AsyncSession, task_id: UUID, order: Order) -> None:
    """It was closed too early: whoever does it is reminded again."""
    content = {"task": task_id}
    if await earlier(session, order, name="task.reopen", content=content, subject=task_id):
        return
    task = await _locked(session, task_id)
    if order.version:
        unchanged("task", order, now=task.version)
    task.reopen()
    if task.erased_at is None:
        await _remind_next(session, task, after=order.at)
    trail(session, "task.reopen", task_id, order)


async def fall_due(session: AsyncSession, service: Service, task_id: UUID, *, at: datetime) -> None:
    """The day to remind on has come: tell the owner, and set the next one."""
    task = await _locked(session, task_id)
    if task.status is not TaskStatus.OPEN or task.erased_at is not None:
        return
    owner = await owner_of(session, task)
    days_late = task.days_late(at)
    letter = await _letter(session, service, task, owner, at=at)
    record(session, task.falls_due(letter, days_late=days_late, at=at))
    await _remind_next(session, task, after=at)


async def forget_owners(session: AsyncSession, person_ids: Sequence[UUID], *, at: datetime) -> None:
    """Wipe who is erased from their tasks; nobody is written to about them any more."""
    theirs = select(Task).where(Task.person_id.in_(person_ids), Task.erased_at.is_(None))
    tasks = (await session.scalars(theirs.with_for_update())).all()
    if not tasks:
        return
    for task in tasks:
        task.forget_owner(at=at)
    subjects = [str(task.id) for task in tasks]
    await session.execute(delete(Timer).where(Timer.kind == DUE, Timer.subject.in_(subjects)))
    await session.execute(delete(Link).where(Link.purpose == PURPOSE, Link.subject.in_(subjects)))
    scrub_after(session, *PERSONAL)


async def owner_of(session: AsyncSession, task: Task) -> Owner:
    """Name and address as they are now."""
    if task.member_id is not None:
        return _member(await session.get_one(Member, task.member_id))
    if task.account_id is not None:
        return _account(await session.get_one(Account, task.account_id))
    contact = Contact(name=task.owner_name, email=task.owner_email)
    return Owner(person_id=task.person_id, contact=contact, language=task.language)


async def _check_origin(session: AsyncSession, origin: Origin) -> None:
    """Raise NoResultFound for a session or an item that is none."""
    if origin.session_id is not None:
        await session.get_one(Session, origin.session_id)
    if origin.item_id is not None:
        await session.get_one(AgendaItem, origin.item_id)


async def _owner(session: AsyncSession, service: Service, wanted: Wanted) -> Owner:
    if wanted.member_id is not None:
        member = await session.get_one(Member, wanted.member_id)
        if member.erased_at is not None:
            raise NobodyToAsk
        return _member(member)
    if wanted.account_id is not None:
        account = await session.get_one(Account, wanted.account_id)
        if account.standing is Standing.ERASED:
            raise NobodyToAsk
        return _account(account)
    if not (wanted.name and wanted.email):
        raise NobodyToAsk
    return Owner(
        person_id=await service.seals.person(email=wanted.email),
        contact=Contact(name=wanted.name, email=wanted.email),
        language=wanted.language,
    )


def _member(member: Member) -> Owner:
    return Owner(
        person_id=member.person_id,
        contact=member.contact,
        language=member.language,
        member_id=member.id,
    )


def _account(account: Account) -> Owner:
    contact = Contact(name=account.name, email=account.email or "")
    return Owner(
        person_id=account.person_id,
        contact=contact,
        language=account.language,
        account_id=account.id,
    )


async def _letter(
    session: AsyncSession, service: Service, task: Task, owner: Owner, *, at: datetime
) -> Letter:
    """What the owner gets, sealed, with a new link to the task."""
    late = max(0, task.days_late(at))
    left = timedelta(days=max(0, -task.days_late(at)) + late + max(REMINDED)) + READABLE
    issued = await links.issue(
        session,
        Link,
        purpose=PURPOSE,
        subject=str(task.id),
        browser=None,
        at=at,
        minutes=int(left.total_seconds() // 60),
    )
    url = f"{service.settings.origin}/sitzungen/aufgaben/{issued.token}"
    person_id, seal = owner.person_id, service.seals.seal
    return Letter(
        contact=await seal(person_id, owner.contact),
        words=await seal(person_id, task.words),
        link=await seal(person_id, MailedLink(url=url)),
        language=owner.language,
    )


async def _remind_next(session: AsyncSession, task: Task, *, after: datetime) -> None:
    following = task.next_reminder(after=after)
    if following is not None:
        _days, moment = following
        await set_timer(session, Timer, kind=DUE, subject=str(task.id), due_at=moment)


async def _close(session: AsyncSession, task_id: UUID, order: Order, to: TaskStatus) -> None:
    action = "task.finish" if to is TaskStatus.DONE else "task.drop"
    if await earlier(session, order, name=action, content={"task": task_id}, subject=task_id):
        return
    task = await _locked(session, task_id)
    if task.status is to:
        return
    if order.version:
        unchanged("task", order, now=task.version)
    if task.status is not TaskStatus.OPEN:
        raise IllegalMove(task.status, to)
    record(session, task.finish(at=order.at) if to is TaskStatus.DONE else task.drop(at=order.at))
    await cancel_timer(session, Timer, kind=DUE, subject=str(task_id))
    trail(session, action, task_id, order)


async def _locked(session: AsyncSession, task_id: UUID) -> Task:
    return await session.get_one(Task, task_id, with_for_update=True, populate_existing=True)
