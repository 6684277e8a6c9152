"""The office's list of newsletters and press releases: what is written, planned, under way and out."""

from typing import Any, Final
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from uuid_utils.compat import uuid7

from services.notifications.domain.issue import IllegalMove, Issue, IssueKind, Status
from services.notifications.issues import commands, queries
from services.notifications.issues.progress import running
from services.notifications.pages import editor_words
from shared.once import ChangedMeanwhile
from shared.service import Service
from shared.web.access import Guarded, Role, actor_of
from shared.web.forms import blank, read_form
from shared.web.i18n import lazy
from shared.web.pages import gettext_of, page, see_other
from shared.web.problems import problem

router = Guarded(prefix="/buero/rundbriefe")

HERE: Final = "rundbriefe"
LIST: Final = "/buero/rundbriefe"
CHANGED: Final = lazy(
    "Inzwischen hat jemand etwas geändert. Bitte sehen Sie sich den Stand noch einmal an."
)
GONE_ON: Final = lazy("Inzwischen ist der Versand schon weiter. Bitte sehen Sie sich den Stand an.")
WORDS: Final[dict[str, Any]] = {
    "KIND": editor_words.KIND,
    "STATUS": editor_words.STATUS,
    "STATUS_KIND": editor_words.STATUS_KIND,
}


class NewIssue(BaseModel):
    """`id` was made with the page: pressing twice makes one."""

    id: UUID
    kind: IssueKind


class Seen(BaseModel):
    """Which version of the issue the page showed."""

    version: int


@router.get("", action="issue.list")
async def all_issues(request: Request, vor: UUID | None = None) -> HTMLResponse:
    """What is open first, the rest a page at a time."""
    async with service_of(request).db.read() as session:
        found = [] if vor else await queries.open_issues(session)
        past = await queries.past_issues(session, before=vor)
        moving = [
            one.issue.id for one in found if one.issue.status in (Status.SENDING, Status.PAUSED)
        ]
        counts = await running(session, moving)
    return page(
        request,
        "issues/list.html",
        title=gettext_of(request)("Rundbriefe"),
        here=HERE,
        groups=_groups(found),
        past=past.rows,
        counts=counts,
        more=f"?vor={past.more}" if past.more else "",
        first=LIST if vor else "",
        new_ids={kind: uuid7() for kind in IssueKind},
        may_write=actor_of(request).has(Role.OFFICE),
        **WORDS,
    )


@router.post("/neu", action="issue.write")
async def create(request: Request) -> Response:
    """An empty one, and on to its desk."""
    form = await read_form(request, NewIssue)
    if form.data is None:
        return see_other(LIST)
    async with service_of(request).db.begin() as session:
        await commands.create(
            session, form.data.id, form.data.kind, by=by(request), at=now_of(request)
        )
    return see_other(f"{LIST}/{form.data.id}")


@router.get("/{issue_id:uuid}/loeschen", action="issue.write")
async def ask_before_deleting(request: Request, issue_id: UUID) -> Response:
    """What deleting means, before it is done."""
    async with service_of(request).db.read() as session:
        issue = await issue_of(session, issue_id)
        subject = await queries.subject_of(session, issue_id)
    if issue.status != Status.DRAFT:
        return problem(request, 409, detail=gettext_of(request)(str(GONE_ON)))
    return page(
        request,
        "issues/delete.html",
        title=gettext_of(request)("Entwurf löschen?"),
        here=HERE,
        issue=issue,
        subject=subject,
        form=blank({"version": issue.version}),
        **WORDS,
    )


@router.post("/{issue_id:uuid}/loeschen", action="issue.write")
async def delete(request: Request, issue_id: UUID) -> Response:
    """The draft goes for good."""
    _, form = gettext_of(request), await read_form(request, Seen)
    if form.data is None:
        return see_other(f"{LIST}/{issue_id}/loeschen")
    try:
        async with service_of(request).db.begin() as session:
            await commands.delete(
                session, issue_id, version=form.data.version, by=by(request), at=now_of(request)
            )
    except (ChangedMeanwhile, IllegalMove) as error:
        return moved_on(request, error)
    return see_other(LIST, _("Der Entwurf ist gelöscht."))


def _groups(found: list[queries.Listed]) -> list[tuple[str, list[queries.Listed]]]:
    """Under way, planned, written: in the order in which they need somebody."""
    by_status = (
        ("versand", (Status.SENDING, Status.PAUSED)),
        ("geplant", (Status.SCHEDULED,)),
        ("entwurf", (Status.DRAFT,)),
    )
    return [
        (name, [one for one in found if one.issue.status in statuses])
        for name, statuses in by_status
    ]


def moved_on(request: Request, error: Exception) -> Response:
    """Somebody or something was faster: what to do now."""
    said = CHANGED if isinstance(error, ChangedMeanwhile) else GONE_ON
    return problem(request, 409, detail=gettext_of(request)(str(said)))


async def issue_of(session: AsyncSession, issue_id: UUID, *, lock: bool = False) -> Issue:
    """The issue; 404 if there is none. Who is going to change it locks it before reading anything."""
    issue: Issue | None = await session.get(Issue, issue_id, with_for_update=lock)
    if issue is None:
        raise HTTPException(404)
    return issue


def by(request: Request) -> str:
    """Who acts, as the trail names them."""
    return f"account:{actor_of(request).account_id}"


def now_of(request: Request) -> Any:
    return service_of(request).clock.now()


def service_of(request: Request) -> Service:
    service: Service = request.app.state.service
    return service
