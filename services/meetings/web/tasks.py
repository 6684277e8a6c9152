"""The office's list of what is to be done, and what became of decisions."""

from typing import Any, Final
from uuid import UUID

from fastapi import Request, Response
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.meetings.commands.once import Order
from services.meetings.commands.tasks import Origin, Wanted, assign, drop, finish, reopen
from services.meetings.desk import Due, Ordered, now, order, order_of, service_of
from services.meetings.domain.agenda import AgendaItem
from services.meetings.domain.member import Member, MemberStatus
from services.meetings.domain.session import Session
from services.meetings.domain.tasks import NobodyToAsk, Task
from services.meetings.followup_words import BROKEN, STAGE, STAGE_KIND, STAGE_NEXT, TASK, TASK_KIND
from services.meetings.queries import accounts
from services.meetings.queries.follow_up import (
    Which,
    decisions,
    task_counts,
    task_line,
    tasks_now,
    tasks_of_session,
)
from services.meetings.web.circular import say
from services.meetings.web.sessions import Turn
from shared.events.meetings import TaskWords
from shared.web.access import Guarded
from shared.web.forms import Email, Form, Line, Text, blank, read_form
from shared.web.pages import gettext_of, page, see_other

task_pages = Guarded(prefix="/buero/sitzungen")

HERE: Final = "sitzungen"
LIST: Final = "/buero/sitzungen/aufgaben"
TABS: Final[tuple[Which, ...]] = ("offen", "spaet", "erledigt")
WORDS: Final[dict[str, Any]] = {"TASK": TASK, "TASK_KIND": TASK_KIND}

Options = list[tuple[str, str]]


class TaskForm(Ordered):
    """What is to be done, until when, by whom; `owner` is `member:<id>`, `account:<id>` or empty."""

    title: Line
    text: Text | None = None
    due_on: Due
    owner: str = ""
    name: Line | None = None
    email: Email | None = None
    session_id: UUID | None = None
    item_id: UUID | None = None
    turn: Turn = "check"

    def wanted(self) -> Wanted:
        """Whom the form names; nonsense names nobody."""
        kind, _, written = self.owner.partition(":")
        try:
            chosen = UUID(written) if written else None
        except ValueError:
            chosen = None
        if chosen is not None and kind == "member":
            return Wanted(member_id=chosen)
        if chosen is not None and kind == "account":
            return Wanted(account_id=chosen)
        return Wanted(name=self.name or "", email=self.email or "")


@task_pages.get("/aufgaben", action="task.read")
async def show_tasks(request: Request) -> Response:
    """Open ones by their day; the tab stands in the address."""
    which = _which(request)
    async with service_of(request).db.read() as session:
        at = now(request)
        lines = await tasks_now(session, which, at=at)
        counts = await task_counts(session, at=at)
        closed = await _just_closed(request, session)
    return page(
        request,
        "tasks/list.html",
        title=gettext_of(request)("Aufgaben"),
        here=HERE,
        lines=lines,
        which=which,
        counts=counts,
        closed=closed,
        **WORDS,
    )


@task_pages.get("/{session_id}/aufgaben", action="task.read")
async def show_of_session(request: Request, session_id: UUID) -> Response:
    """What came out of one session."""
    async with service_of(request).db.read() as session:
        meeting = await session.get_one(Session, session_id)
        lines = await tasks_of_session(session, session_id)
    return page(
        request,
        "tasks/of_session.html",
        title=gettext_of(request)("Aufgaben aus der Sitzung"),
        here=HERE,
        meeting=meeting,
        lines=lines,
        **WORDS,
    )


@task_pages.get("/aufgaben/neu", action="task.write")
async def task_form(request: Request) -> Response:
    """An empty form; a session in the address is where the task comes from."""
    known: dict[str, Any] = {"command_id": str(uuid7())}
    for name, part in (("session_id", "sitzung"), ("item_id", "punkt")):
        known[name] = _id_of(request.query_params.get(part, "")) or ""
    return await _form_page(request, blank(known))


@task_pages.post("/aufgaben/neu", action="task.write")
async def new_task(request: Request) -> Response:
    """First the check page, since a letter goes out with it; then the task."""
    form, service = await read_form(request, TaskForm), service_of(request)
    sent = form.data
    if sent is None or sent.turn == "change":
        return await _form_page(request, form, status=422 if sent is None else 200)
    async with service.db.read() as session:
        await _check_origin(session, sent)
        name = await _name_of(session, sent)
    if not name:
        say(request, form, NobodyToAsk())
        return await _form_page(request, form, status=422)
    if sent.turn == "check":
        title = gettext_of(request)("Aufgabe prüfen")
        return page(request, "tasks/check.html", title=title, here=HERE, form=form, name=name)
    try:
        await _assign(request, sent)
    except tuple(BROKEN) as error:
        say(request, form, error)
        return await _form_page(request, form, status=422)
    back = f"/buero/sitzungen/{sent.session_id}/aufgaben" if sent.session_id else LIST
    return see_other(back, note=gettext_of(request)("Die Aufgabe ist verteilt."))


@task_pages.get("/aufgaben/{task_id}", action="task.read")
async def show_task(request: Request, task_id: UUID) -> Response:
    """One task with what can be done about it."""
    async with service_of(request).db.read() as session:
        line = await task_line(session, task_id)
        if line is None:
            raise NoResultFound
        from_id = line.task.session_id
        meeting = await session.get_one(Session, from_id) if from_id else None
    return page(
        request,
        "tasks/task.html",
        title=gettext_of(request)("Aufgabe"),
        here=HERE,
        line=line,
        meeting=meeting,
        command_id=str(uuid7()),
        **WORDS,
    )


@task_pages.post("/aufgaben/{task_id}/erledigt", action="task.write")
async def task_done(request: Request, task_id: UUID) -> Response:
    """Done; the next page offers the way back."""
    async with service_of(request).db.begin() as session:
        await finish(session, task_id, await _click(request))
    return see_other(f"{LIST}?zuletzt={task_id}")


@task_pages.post("/aufgaben/{task_id}/weg", action="task.write")
async def task_dropped(request: Request, task_id: UUID) -> Response:
    """Not needed any more; the next page offers the way back."""
    async with service_of(request).db.begin() as session:
        await drop(session, task_id, await _click(request))
    return see_other(f"{LIST}?zuletzt={task_id}")


@task_pages.post("/aufgaben/{task_id}/wieder", action="task.write")
async def task_again(request: Request, task_id: UUID) -> Response:
    """Open again."""
    async with service_of(request).db.begin() as session:
        await reopen(session, task_id, await _click(request))
    note = gettext_of(request)("Die Aufgabe ist wieder offen.")
    return see_other(f"{LIST}/{task_id}", note=note)


@task_pages.get("/nachverfolgung", action="followed.read")
async def show_decisions(request: Request) -> Response:
    """What was decided, where it stands and since when."""
    over = request.query_params.get("zeigen") == "zu-ende"
    async with service_of(request).db.read() as session:
        found = await decisions(session, over=over)
    return page(
        request,
        "tasks/followed.html",
        title=gettext_of(request)("Was aus Beschlüssen wurde"),
        here=HERE,
        found=found,
        over=over,
        STAGE=STAGE,
        STAGE_KIND=STAGE_KIND,
        STAGE_NEXT=STAGE_NEXT,
    )


async def _click(request: Request) -> Order:
    """The button's hidden fields; one without them, as in the note on top, counts as a new click."""
    sent = (await read_form(request, Ordered)).data
    return order(request, sent) if sent else order_of(request, uuid7())


async def _assign(request: Request, sent: TaskForm) -> None:
    service = service_of(request)
    async with service.db.begin() as session:
        await assign(
            session,
            service,
            TaskWords(title=sent.title, text=sent.text or ""),
            sent.wanted(),
            due_on=sent.due_on,
            origin=Origin(session_id=sent.session_id, item_id=sent.item_id),
            order=order(request, sent),
        )


async def _check_origin(session: AsyncSession, sent: TaskForm) -> None:
    """Raises NoResultFound for a session or an item that does not exist."""
    if sent.session_id is not None:
        await session.get_one(Session, sent.session_id)
    if sent.item_id is not None:
        item = await session.get_one(AgendaItem, sent.item_id)
        if item.session_id != sent.session_id:
            raise NoResultFound


async def _name_of(session: AsyncSession, sent: TaskForm) -> str:
    """Whom the check page names; empty if that is nobody."""
    wanted = sent.wanted()
    if wanted.member_id or wanted.account_id:
        return dict(await _people(session)).get(sent.owner, "")
    return wanted.name if wanted.email else ""


async def _people(session: AsyncSession) -> Options:
    """Members by name, then the office's accounts."""
    here = Member.status != MemberStatus.LEFT, Member.erased_at.is_(None)
    members = (await session.scalars(select(Member).where(*here))).all()
    listed = [(f"member:{one.id}", one.name) for one in members]
    known = {one.account_id for one in members if one.account_id}
    staff = [one for one in await accounts(session) if one.id not in known]
    listed.sort(key=lambda one: (one[1].casefold(), one[0]))
    return [*listed, *((f"account:{one.id}", one.name) for one in staff)]


async def _form_page(request: Request, form: Form[Any], *, status: int = 200) -> Response:
    async with service_of(request).db.read() as session:
        people = await _people(session)
    return page(
        request,
        "tasks/new.html",
        status=status,
        title=gettext_of(request)("Neue Aufgabe"),
        here=HERE,
        form=form,
        people=people,
    )


async def _just_closed(request: Request, session: AsyncSession) -> Task | None:
    """The task the last click closed, so that the page can take it back."""
    asked = _id_of(request.query_params.get("zuletzt", ""))
    task = await session.get(Task, UUID(asked)) if asked else None
    return task if task is not None and task.closed_at is not None else None


def _which(request: Request) -> Which:
    asked = request.query_params.get("zeigen", "")
    return next((one for one in TABS if one == asked), "offen")


def _id_of(written: str) -> str:
    """An id in the address; nonsense there is none."""
    try:
        return str(UUID(written))
    except ValueError:
        return ""
