"""Writing an issue: everything keeps itself, two people at once see each other's words, nothing is lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import HTMLResponse, Response

from services.notifications.domain.issue import IssueKind, Status
from services.notifications.issues import blocks as news_blocks
from services.notifications.issues import content, queries, writing
from services.notifications.issues.blocks import Block
from services.notifications.issues.content import Sheet
from services.notifications.issues.writing import NotADraft, Saved
from services.notifications.pages import editor_words, words
from services.notifications.pages.editor_form import (
    UNTICKED,
    VIEWS,
    Draft,
    View,
    language_of,
    marks,
    values,
    view_of,
)
from services.notifications.pages.issues import issue_of, service_of
from shared.web.access import Guarded, Role, actor_of
from shared.web.forms import Form, blank, read_form
from shared.web.i18n import BINDING
from shared.web.pages import gettext_of, page, see_other

router = Guarded(prefix="/buero/rundbriefe")

MOST_BYTES: Final = 1024 * 1024
"""Two languages of twenty thousand letters each, as a browser encodes them."""

WORDS: Final[dict[str, Any]] = {
    "KIND": editor_words.KIND,
    "STATUS": editor_words.STATUS,
    "STATUS_KIND": editor_words.STATUS_KIND,
    "TROUBLE": editor_words.TROUBLE,
}


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What the page shows: the issue, its news, and where somebody is on it."""

    sheet: Sheet
    blocks: list[Block]
    language: str
    view: View

    @property
    def path(self) -> str:
        return f"/buero/rundbriefe/{self.sheet.issue.id}"

    @property
    def here(self) -> str:
        return f"{self.path}?sprache={self.language}&ansicht={self.view}"


@router.get("/{issue_id:uuid}", action="issue.view")
async def desk_page(
    request: Request, issue_id: UUID, sprache: str = BINDING, ansicht: str = "", bewegt: str = ""
) -> HTMLResponse:
    """The desk while it is a draft and the office looks; else what was written, to be read."""
    async with service_of(request).db.read() as session:
        desk = await desk_of(
            request, session, issue_id, language=language_of(sprache), view=view_of(ansicht)
        )
        readers = await queries.audience(session, IssueKind(desk.sheet.issue.kind))
    form = blank(values(desk.sheet, desk.blocks, desk.language, desk.view))
    writes = desk.sheet.issue.status == Status.DRAFT and actor_of(request).has(Role.OFFICE)
    template = "issues/write.html" if writes else "issues/read.html"
    return _shown(request, template, desk, form, readers=readers, moved=bewegt)


@router.post("/{issue_id:uuid}", action="issue.write", max_body=MOST_BYTES)
async def save(request: Request, issue_id: UUID) -> Response:
    """Keep what was typed, then whatever button it was."""
    form = await read_form(request, Draft)
    language = language_of(str(form.values.get("language", "")))
    view = view_of(str(form.values.get("view", "")))
    saved = await _saved(request, issue_id, form) if form.data else None
    async with service_of(request).db.read() as session:
        desk = await desk_of(request, session, issue_id, language=language, view=view)
        readers = await queries.audience(session, IssueKind(desk.sheet.issue.kind))
    act = str(form.values.get("aktion", ""))
    if not act and "hx-request" in request.headers:
        return _kept(request, desk, form, saved)
    if desk.sheet.issue.status != Status.DRAFT:
        return _shown(request, "issues/late.html", desk, form, readers=readers, status=409)
    if saved is None or saved.conflicts:
        return _again(request, desk, form, saved, readers=readers)
    return _on(request, desk, act)


async def _saved(request: Request, issue_id: UUID, form: Form[Draft]) -> Saved | None:
    """None if it is no draft any more."""
    service, draft = service_of(request), form.data
    assert draft is not None
    at = service.clock.now()
    async with service.db.begin() as session:
        issue = await issue_of(session, issue_id, lock=True)
        named = [line.event_id for line in draft.news if line.ticked]
        known = await news_blocks.offered(session, issue, at=at, also=named)
        try:
            return await writing.save(
                session, issue_id, draft.texts(), draft.chosen(known), page=draft.page, at=at
            )
        except NotADraft:
            return None


def _kept(request: Request, desk: Desk, form: Form[Draft], saved: Saved | None) -> HTMLResponse:
    """One line for whoever goes on typing, and what their page has to remember from now on."""
    kept = _known(form, desk, saved)
    return page(
        request,
        "issues/_saved.html",
        title="",
        desk=desk,
        form=form,
        saved=saved,
        marks=kept,
        at=service_of(request).clock.now(),
        is_draft=desk.sheet.issue.status == Status.DRAFT,
    )


def _known(
    form: Form[Draft], desk: Desk, saved: Saved | None, *, shown: Sequence[str] = ()
) -> dict[str, str]:
    """What the page may remember: of parts that stand as it typed them, and of those it is shown now.

    Of every other part it still knows only what it began with: somebody else may have written there.
    """
    names = {BINDING: "seen", writing.NEWS: "news_seen"}
    now = marks(desk.sheet, desk.language)
    typed = saved.marks if saved else {}
    mine = {names.get(part, "other_seen"): mark for part, mark in typed.items()}
    read = {names.get(part, "other_seen") for part in shown}
    return {
        name: mark if name in read else mine.get(name, str(form.values.get(name, "")))
        for name, mark in now.items()
    }


def _again(
    request: Request, desk: Desk, form: Form[Draft], saved: Saved | None, *, readers: Any
) -> HTMLResponse:
    """With what was typed: something is wrong, or somebody else wrote meanwhile.

    Then saving once more is a decision: the page now knows the other's words.
    """
    conflicts = saved.conflicts if saved else ()
    if not form.errors:
        form.values |= _known(form, desk, saved, shown=conflicts)
    status = 409 if conflicts else 422
    return _shown(
        request,
        "issues/write.html",
        desk,
        form,
        readers=readers,
        conflicts=conflicts,
        status=status,
    )


def _on(request: Request, desk: Desk, act: str) -> Response:
    """To the page the button promised."""
    verb, _, what = act.partition(":")
    if verb == "sprache":
        return see_other(f"{desk.path}?sprache={language_of(what)}&ansicht={desk.view}")
    if verb == "ansicht":
        return see_other(f"{desk.path}?sprache={desk.language}&ansicht={view_of(what)}")
    if verb in ("hoch", "runter"):
        return see_other(f"{desk.here}&bewegt={verb}-{what}" if _is_id(what) else desk.here)
    if verb in ("pruefen", "test", "bild", "versenden"):
        return see_other(f"{desk.path}/{verb}?sprache={desk.language}")
    return see_other(desk.here, gettext_of(request)("Gespeichert."))


def _shown(
    request: Request,
    template: str,
    desk: Desk,
    form: Form[Any],
    *,
    readers: list[tuple[str, int]],
    conflicts: tuple[str, ...] = (),
    moved: str = "",
    status: int = 200,
) -> HTMLResponse:
    spoken = words.letter_languages()
    form.values["news"] = [UNTICKED | line for line in form.values.get("news", [])]
    return page(
        request,
        template,
        status=status,
        title=content.one_line(desk.sheet.text(BINDING).subject)
        or gettext_of(request)(str(editor_words.KIND[IssueKind(desk.sheet.issue.kind)])),
        here="rundbriefe",
        desk=desk,
        issue=desk.sheet.issue,
        form=form,
        known={str(block.event_id): block for block in desk.blocks},
        tabs=[
            (f"{name} ✓" if code in desk.sheet.languages else name, code, code == desk.language)
            for code, name in spoken
        ],
        other_name=dict(spoken)[desk.language],
        views=[(editor_words.VIEW[view], view, view == desk.view) for view in VIEWS],
        readers=sum(count for _, count in readers),
        spoken=len(readers),
        conflicts=conflicts,
        moved=moved,
        **WORDS,
    )


async def desk_of(
    request: Request, session: AsyncSession, issue_id: UUID, *, language: str, view: View
) -> Desk:
    """Everything the page needs, in a handful of queries; 404 for an issue that is not there."""
    service = service_of(request)
    issue = await issue_of(session, issue_id)
    sheet = await content.sheet(session, service, issue)
    blocks = await news_blocks.offered(session, issue, at=service.clock.now())
    return Desk(sheet=sheet, blocks=blocks, language=language, view=view)


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
