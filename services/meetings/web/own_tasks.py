"""A task as its owner sees it: behind the link of the letter, or among their own things."""

from uuid import UUID

from fastapi import Request, Response
from sqlalchemy.exc import NoResultFound
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.meetings.chairs import own_member
from services.meetings.commands.once import Order
from services.meetings.commands.tasks import PURPOSE, finish
from services.meetings.desk import Ordered, now, order, order_of, service_of
from services.meetings.domain.tasks import Task, TaskStatus
from services.meetings.followup_words import TASK, TASK_KIND
from services.meetings.store import Link
from shared.web.access import Guarded, actor_of
from shared.web.forms import read_form
from shared.web.limits import limit
from shared.web.links import LinkRefused, look_up
from shared.web.pages import gettext_of, page, see_other

task_door = Guarded(prefix="/sitzungen/aufgaben")
own_tasks = Guarded(prefix="/gremium/aufgaben")


@task_door.get("/{token}", action="task.own", dependencies=[limit("240/hour")])
async def show(request: Request, token: str) -> Response:
    """What is to be done until when, and one button."""
    try:
        async with service_of(request).db.read() as session:
            task = await _task_of(request, session, token)
    except LinkRefused:
        return _refused(request)
    return page(
        request,
        "tasks/own.html",
        title=gettext_of(request)("Ihre Aufgabe"),
        here="sitzungen",
        task=task,
        command_id=str(uuid7()),
        TASK=TASK,
        TASK_KIND=TASK_KIND,
    )


@task_door.post("/{token}", action="task.own", dependencies=[limit("60/hour")])
async def done(request: Request, token: str) -> Response:
    """The owner says it is done; again changes nothing."""
    sent = (await read_form(request, Ordered)).data
    try:
        async with service_of(request).db.begin() as session:
            task = await _task_of(request, session, token)
            click = sent.command_id if sent else uuid7()
            if task.status is TaskStatus.OPEN:
                sign = Order(command_id=click, by=f"task:{task.id}", at=now(request))
                await finish(session, task.id, sign)
    except LinkRefused:
        return _refused(request)
    note = gettext_of(request)("Danke. Die Aufgabe ist erledigt.")
    return see_other(f"/sitzungen/aufgaben/{token}", note=note)


@own_tasks.post("/{task_id}/erledigt", action="task.own_close")
async def done_by_member(request: Request, task_id: UUID) -> Response:
    """A member who is signed in closes a task of their own; others' are not there."""
    sent = (await read_form(request, Ordered)).data
    async with service_of(request).db.begin() as session:
        task, member = await session.get_one(Task, task_id), await own_member(request, session)
        account_id = actor_of(request).account_id
        as_member = member is not None and task.member_id == member.id
        as_account = account_id is not None and task.account_id == account_id
        if not (as_member or as_account):
            raise NoResultFound
        sign = order(request, sent) if sent else order_of(request, uuid7())
        await finish(session, task_id, sign)
    note = gettext_of(request)("Danke. Die Aufgabe ist erledigt.")
    return see_other("/gremium", note=note)


async def _task_of(request: Request, session: AsyncSession, token: str) -> Task:
    """Raises LinkRefused for a link that opens nothing."""
    row = await look_up(session, Link, token, purpose=PURPOSE, at=now(request))
    return await session.get_one(Task, UUID(row.subject))


def _refused(request: Request) -> Response:
    return page(
        request,
        "circular/link_refused.html",
        status=410,
        title=gettext_of(request)("Dieser Link gilt nicht mehr"),
        here="sitzungen",
    )
