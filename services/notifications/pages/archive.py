"""The public archive: every newsletter and press release, to be read, printed and linked to."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Query, Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from services.notifications import journal
from services.notifications.domain.issue import Issue, IssueKind, Status
from services.notifications.issues import archive, commands, pictures
from services.notifications.issues.content import languages_of, web_page
from services.notifications.journal import JournalEntry
from services.notifications.pages.words import letter_languages
from services.notifications.store import Audit
from shared.service import Service
from shared.web.access import Guarded, Role, actor_of
from shared.web.i18n import BINDING, direction, lazy
from shared.web.pages import gettext_of, language_of, page, see_other
from shared.web.problems import problem

router = Guarded()

PATH: Final = {IssueKind.NEWSLETTER: "/rundbriefe", IssueKind.PRESS: "/presse"}
TITLE: Final = {
    IssueKind.NEWSLETTER: lazy("Rundbriefe"),
    IssueKind.PRESS: lazy("Pressemitteilungen"),
}
ONE: Final = {
    IssueKind.NEWSLETTER: lazy("Rundbrief"),
    IssueKind.PRESS: lazy("Pressemitteilung"),
}
NOTHING: Final = {
    IssueKind.NEWSLETTER: lazy(
        "Noch ist kein Rundbrief erschienen. Hier stehen dann alle, auch die alten."
    ),
    IssueKind.PRESS: lazy(
        "Noch ist keine Pressemitteilung erschienen. Hier stehen dann alle, auch die alten."
    ),
}
TAKEN_BACK: Final = lazy("Diesen Text haben wir zurückgenommen.")
NOT_YET: Final = lazy(
    "Gerade wird das noch veröffentlicht. Bitte versuchen Sie es in einer Minute noch einmal."
)
Year = Annotated[int | None, Query(ge=2000, le=2200)]


@router.get("/rundbriefe", action="issue.read")
async def newsletters(request: Request, jahr: Year = None) -> HTMLResponse:
    """All newsletters, a year at a time."""
    return await _list(request, IssueKind.NEWSLETTER, jahr)


@router.get("/presse", action="issue.read")
async def releases(request: Request, jahr: Year = None) -> HTMLResponse:
    """All press releases, a year at a time."""
    return await _list(request, IssueKind.PRESS, jahr)


@router.get("/rundbriefe/{issue_id:uuid}", action="issue.read")
async def newsletter(request: Request, issue_id: UUID) -> Response:
    """One newsletter in the language of the address, else the reader's, else German."""
    return await _one(request, IssueKind.NEWSLETTER, issue_id)


@router.get("/presse/{issue_id:uuid}", action="issue.read")
async def release(request: Request, issue_id: UUID) -> Response:
    """One press release, likewise."""
    return await _one(request, IssueKind.PRESS, issue_id)


@router.get("/rundbriefe/{issue_id:uuid}/entfernen", action="news.remove")
async def ask_about_newsletter(request: Request, issue_id: UUID) -> HTMLResponse:
    """What taking it back means, before it is done."""
    return await _ask(request, IssueKind.NEWSLETTER, issue_id)


@router.get("/presse/{issue_id:uuid}/entfernen", action="news.remove")
async def ask_about_release(request: Request, issue_id: UUID) -> HTMLResponse:
    """What taking it back means, before it is done."""
    return await _ask(request, IssueKind.PRESS, issue_id)


@router.post("/rundbriefe/{issue_id:uuid}/entfernen", action="news.remove")
async def take_back_newsletter(request: Request, issue_id: UUID) -> Response:
    """From the archive, the news, the feeds, and with a tombstone from partners."""
    return await _take_back(request, IssueKind.NEWSLETTER, issue_id)


@router.post("/presse/{issue_id:uuid}/entfernen", action="news.remove")
async def take_back_release(request: Request, issue_id: UUID) -> Response:
    """From the archive, the news, the feeds, and with a tombstone from partners."""
    return await _take_back(request, IssueKind.PRESS, issue_id)


async def _list(request: Request, kind: IssueKind, year: int | None) -> HTMLResponse:
    async with _service(request).db.read() as session:
        years = await archive.years(session, kind)
        shown = year or (years[0] if years else None)
        found = await archive.of_year(session, kind, shown, language_of(request)) if shown else []
    return page(
        request,
        "issues/archive.html",
        title=gettext_of(request)(str(TITLE[kind])),
        here="neuigkeiten",
        years=years,
        year=shown,
        issues=found,
        direction=direction,
        **_words(kind),
    )


async def _one(request: Request, kind: IssueKind, issue_id: UUID) -> Response:
    async with _service(request).db.read() as session:
        issue = await archive.one(session, kind, issue_id)
        if issue is None:
            if await archive.was_taken_back(session, kind, issue_id):
                return problem(request, 410, detail=gettext_of(request)(str(TAKEN_BACK)))
            raise HTTPException(404)
        languages = await languages_of(session, issue_id)
        chosen = _language(request, languages)
        content = await web_page(session, _service(request), issue_id, chosen)
    return page(
        request,
        "issues/archive_one.html",
        title=content.subject,
        here="neuigkeiten",
        issue=issue,
        content=content,
        tongues=[(code, dict(letter_languages()).get(code, code)) for code in languages],
        direction=direction,
        may_remove=actor_of(request).has(Role.OFFICE),
        **_words(kind),
    )


async def _ask(request: Request, kind: IssueKind, issue_id: UUID) -> HTMLResponse:
    async with _service(request).db.read() as session:
        issue = await _public(session, kind, issue_id)
        content = await web_page(session, _service(request), issue_id, BINDING)
        lost = await pictures.only_in(session, issue_id)
    return page(
        request,
        "issues/archive_remove.html",
        title=gettext_of(request)("Aus dem Archiv nehmen?"),
        here="neuigkeiten",
        issue=issue,
        content=content,
        loses_pictures=bool(lost),
        **_words(kind),
    )


async def _take_back(request: Request, kind: IssueKind, issue_id: UUID) -> Response:
    _, service, at = gettext_of(request), _service(request), _service(request).clock.now()
    async with service.db.begin() as session:
        issue = await _public(session, kind, issue_id, lock=True)
        entry = await _entry(session, issue)
        if entry is None:
            return problem(request, 409, detail=_(str(NOT_YET)))
        await journal.remove(session, entry, at=at)
        await pictures.drop(session, issue_id)
        if issue.status in (Status.SENDING, Status.PAUSED):
            by = f"account:{actor_of(request).account_id}"
            await commands.stop(session, issue_id, by=by, at=at)
        session.add(
            Audit(
                at=at,
                actor=f"account:{actor_of(request).account_id}",
                action="issue.taken_back",
                subject=str(issue_id),
                details={"kind": kind.value, "cursor": entry.cursor},
            )
        )
    return see_other(PATH[kind], _("Der Text ist aus dem Archiv genommen."))


async def _public(
    session: AsyncSession, kind: IssueKind, issue_id: UUID, *, lock: bool = False
) -> Issue:
    """Locked by a statement of its own: whether it is still public is asked after the wait."""
    if lock:
        await session.get(Issue, issue_id, with_for_update=True)
    issue = await archive.one(session, kind, issue_id)
    if issue is None:
        raise HTTPException(404)
    return issue


async def _entry(session: AsyncSession, issue: Issue) -> JournalEntry | None:
    """What told of it; None while that is still on its way to the journal."""
    found: JournalEntry | None = await session.scalar(
        select(JournalEntry).where(JournalEntry.event_id == issue.event_id)
    )
    return found


def _language(request: Request, languages: tuple[str, ...]) -> str:
    """The first of these it is written in: `?sprache=`, `?lang=` of a mail's link, the reader's own."""
    query = request.query_params
    wishes = (query.get("sprache"), query.get("lang"), language_of(request))
    return next((wish for wish in wishes if wish in languages), BINDING)


def _words(kind: IssueKind) -> dict[str, Any]:
    return {
        "kind": kind,
        "path": PATH[kind],
        "heading": TITLE[kind],
        "noun": ONE[kind],
        "nothing": NOTHING[kind],
        "feed": "press" if kind is IssueKind.PRESS else "newsletter",
    }


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service
