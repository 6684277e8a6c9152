"""Sending an issue: who gets it, when, and what becomes of it while the office looks on or does not."""

from collections.abc import Awaitable, Callable
from typing import Any, Final
from uuid import UUID

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import HTMLResponse, Response

from services.notifications.domain.issue import IllegalMove, Issue, IssueKind, NotReady, Status
from services.notifications.domain.plan import Plan
from services.notifications.issues import commands, queries
from services.notifications.issues.commands import Checked
from services.notifications.issues.progress import progress
from services.notifications.pages import words
from services.notifications.pages.issues import (
    HERE,
    LIST,
    WORDS,
    by,
    issue_of,
    moved_on,
    now_of,
    service_of,
)
from services.notifications.pages.live import if_new, live
from services.notifications.pages.plan_form import BROKEN, HOURS, PlanForm, begin, refuse
from shared.once import ChangedMeanwhile
from shared.web.access import Guarded, Role, actor_of
from shared.web.forms import Form, blank, read_form
from shared.web.i18n import lazy
from shared.web.pages import gettext_of, page, see_other

router = Guarded(prefix="/buero/rundbriefe/{issue_id:uuid}/versenden")

Command = Callable[..., Awaitable[Any]]
UNDER_WAY: Final = (Status.SENDING, Status.PAUSED)
TITLE: Final = lazy("Versenden")
BLOCKED: Final = lazy(
    "So kann das nicht hinausgehen. Sehen Sie unter „Prüfen“ nach, was noch fehlt."
)


@router.get("", action="issue.view")
async def sending_page(request: Request, issue_id: UUID) -> HTMLResponse:
    """The plan to make, the plan that holds, or how far it got."""
    async with service_of(request).db.read() as session:
        issue = await issue_of(session, issue_id)
    if issue.started_at is not None:
        return await _progress_page(request, issue)
    return await _plan_page(request, issue, blank(begin(issue, at=now_of(request))))


@router.post("", action="issue.send")
async def plan(request: Request, issue_id: UUID) -> Response:
    """First the check page that names people and dates, then the deed."""
    form = await read_form(request, PlanForm)
    async with service_of(request).db.read() as session:
        issue = await issue_of(session, issue_id)
    if issue.started_at is not None:
        return see_other(_path(issue_id))
    if form.data is None or form.data.turn == "change":
        return await _plan_page(request, issue, form, status=422 if form.data is None else 200)
    try:
        return await _next(request, issue, form, form.data)
    except NotReady:
        form.refuse("", gettext_of(request)(str(BLOCKED)))
    except tuple(BROKEN) as error:
        refuse(request, form, error)
    except (ChangedMeanwhile, IllegalMove) as error:
        return moved_on(request, error)
    return await _plan_page(request, issue, form, status=422)


async def _next(request: Request, issue: Issue, form: Form[PlanForm], sent: PlanForm) -> Response:
    wanted = sent.plan(at=now_of(request))
    checked = await commands.check(service_of(request), issue.id, version=sent.version)
    if sent.turn == "save":
        return await _carry_out(request, checked, wanted)
    return await _check_page(request, issue, form, wanted)


@router.get("/stand", action="issue.view")
async def state(request: Request, issue_id: UUID, s: str = "") -> Response:
    """The moving part, if anything moved; the whole page once it is over or stands still."""
    async with service_of(request).db.read() as session:
        issue = await issue_of(session, issue_id)
        facts = await _facts(request, session, issue)
    if issue.status != s:
        return Response(status_code=204, headers={"HX-Redirect": _path(issue_id)})
    part = live(request, "issues/_progress.html", **facts)
    shown = live(request, "issues/_live.html", part=part, **facts)
    return if_new(request, part, shown.html)


@router.post("/planung-aufheben", action="issue.send")
async def unschedule(request: Request, issue_id: UUID) -> Response:
    """Back to the desk."""
    note = gettext_of(request)("Die Planung ist aufgehoben. Es geht nichts von selbst hinaus.")
    return await _do(request, issue_id, commands.unschedule, note)


@router.post("/anhalten", action="issue.send")
async def pause(request: Request, issue_id: UUID) -> Response:
    """Nothing more for now."""
    note = gettext_of(request)(
        "Der Versand ist angehalten. Wer noch wartet, bekommt vorerst nichts."
    )
    return await _do(request, issue_id, commands.pause, note)


@router.post("/fortsetzen", action="issue.send")
async def resume(request: Request, issue_id: UUID) -> Response:
    """On with those who wait."""
    note = gettext_of(request)("Es geht weiter. Niemand bekommt etwas doppelt.")
    return await _do(request, issue_id, commands.resume, note)


@router.get("/stoppen", action="issue.send")
async def ask_before_stopping(request: Request, issue_id: UUID) -> Response:
    """Who has it already, who will never get it."""
    async with service_of(request).db.read() as session:
        issue = await issue_of(session, issue_id)
        facts = await _facts(request, session, issue)
    if issue.status not in UNDER_WAY:
        return see_other(_path(issue_id))
    title = gettext_of(request)("Versand stoppen?")
    return page(request, "issues/stop.html", title=title, here=HERE, **facts)


@router.post("/stoppen", action="issue.send")
async def stop(request: Request, issue_id: UUID) -> Response:
    """Nobody else gets it, for good."""
    note = gettext_of(request)("Der Versand ist gestoppt.")
    return await _do(request, issue_id, commands.stop, note)


async def _do(request: Request, issue_id: UUID, command: Command, note: str) -> Response:
    try:
        async with service_of(request).db.begin() as session:
            await issue_of(session, issue_id, lock=True)
            await command(session, issue_id, by=by(request), at=now_of(request))
    except IllegalMove as error:
        return moved_on(request, error)
    return see_other(_path(issue_id), note)


async def _carry_out(request: Request, checked: Checked, wanted: Plan) -> Response:
    """Returns at once: workers gather and send."""
    _, at = gettext_of(request), now_of(request)
    async with service_of(request).db.begin() as session:
        if wanted.starts_at is None:
            await commands.start(session, checked, wanted, by=by(request), at=at)
            note = _("Der Versand hat begonnen. Sie können diese Seite verlassen.")
        else:
            await commands.schedule(session, checked, wanted, by=by(request), at=at)
            note = _("Geplant. Zur gewählten Zeit geht es von selbst hinaus.")
    return see_other(_path(checked.issue_id), note)


async def _plan_page(
    request: Request, issue: Issue, form: Form[Any], *, status: int = 200
) -> HTMLResponse:
    return page(
        request,
        "issues/sending.html",
        status=status,
        title=gettext_of(request)(str(TITLE)),
        form=form,
        hours=HOURS,
        may_send=actor_of(request).has(Role.OFFICE),
        **await _about(request, issue),
    )


async def _check_page(
    request: Request, issue: Issue, form: Form[PlanForm], wanted: Plan
) -> HTMLResponse:
    return page(
        request,
        "issues/plan_check.html",
        title=gettext_of(request)("Stimmt alles?"),
        form=form,
        plan=wanted,
        opens_at=wanted.opens_at(now_of(request)),
        **await _about(request, issue),
    )


async def _progress_page(request: Request, issue: Issue) -> HTMLResponse:
    async with service_of(request).db.read() as session:
        facts = await _facts(request, session, issue)
    part = live(request, "issues/_progress.html", **facts)
    sends = actor_of(request).has(Role.OFFICE)
    return page(
        request,
        "issues/progress.html",
        title=gettext_of(request)(str(TITLE)),
        here=HERE,
        part=part,
        may_pause=sends and issue.status == Status.SENDING,
        may_resume=sends and issue.status == Status.PAUSED,
        may_stop=sends and issue.status in UNDER_WAY,
        may_take_back=sends,
        **facts,
    )


async def _about(request: Request, issue: Issue) -> dict[str, Any]:
    """Whom it would reach now."""
    async with service_of(request).db.read() as session:
        audience = await queries.audience(session, IssueKind(issue.kind))
        subject = await queries.subject_of(session, issue.id)
    return {
        "here": HERE,
        "issue": issue,
        "subject": subject,
        "path": _path(issue.id),
        "desk": f"{LIST}/{issue.id}",
        "audience": audience,
        "reach": sum(count for _, count in audience),
        "tongues": dict(words.letter_languages()),
        **WORDS,
    }


async def _facts(request: Request, session: AsyncSession, issue: Issue) -> dict[str, Any]:
    """How far it got."""
    at = now_of(request)
    opens_at = issue.opens_at(at)
    return {
        "issue": issue,
        "subject": await queries.subject_of(session, issue.id),
        "path": _path(issue.id),
        "desk": f"{LIST}/{issue.id}",
        "progress": await progress(session, issue, at=at),
        "opens_at": opens_at if opens_at > at else None,
        **WORDS,
    }


def _path(issue_id: UUID) -> str:
    return f"{LIST}/{issue_id}/versenden"
