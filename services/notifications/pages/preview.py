"""How an issue arrives: the mail in a frame that can do nothing, and the texts for paper."""

import asyncio
from typing import Final
from urllib.parse import quote
from uuid import UUID

from fastapi import Request
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.notifications.issues import content, documents, word
from services.notifications.issues.content import NoText, Rendered, Sheet
from services.notifications.pages.editor_form import View, language_of, view_of
from services.notifications.pages.issues import issue_of, service_of
from shared.clock import BERLIN
from shared.web.access import Guarded
from shared.web.brand import Brand
from shared.web.i18n import BINDING, direction

router = Guarded(prefix="/buero/rundbriefe")

DARK: Final = "@media(prefers-color-scheme:dark)"
PRINT: Final = "@media print"
WORD_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

TEXT_PAGE: Final = Markup(
    '<!doctype html><html lang="{lang}" dir="{dir}"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width"><title>{title}</title></head>'
    '<body style="margin:16px;background:#fff;color:#131525"><pre style="white-space:pre-wrap;'
    'overflow-wrap:anywhere;font:16px/1.5 monospace;margin:0">{text}</pre></body></html>'
)


@router.get("/{issue_id:uuid}/ansicht", action="issue.view")
async def preview(
    request: Request, issue_id: UUID, sprache: str = BINDING, als: str = ""
) -> Response:
    """The mail as its reader gets it, in this language even if nobody wrote in it yet."""
    service = service_of(request)
    sheet = await _sheet(request, issue_id)
    language = language_of(sprache)
    mail = content.mail_in(sheet, language, service.settings)
    mail = content.filled_for_nobody(mail, service.settings)
    return Response(
        _looking(mail, view_of(als)),
        media_type="text/html; charset=utf-8",
        headers={
            "Content-Security-Policy": _policy(service.settings.origin),
            "Cache-Control": "no-store",
        },
    )


@router.get("/{issue_id:uuid}/text.docx", action="issue.view")
async def as_word(request: Request, issue_id: UUID, sprache: str = BINDING) -> Response:
    """For a word processor."""
    service = service_of(request)
    async with service.db.read() as session:
        sheet = await content.sheet(session, service, await issue_of(session, issue_id))
        pictures = await word.contents(session, sheet)
    brand: Brand = request.app.state.brand
    try:
        made = await asyncio.to_thread(
            word.written, sheet, language_of(sprache), brand=brand, pictures=pictures
        )
    except NoText:
        raise HTTPException(404) from None
    return _download(made, WORD_TYPE, f"{_name(sheet, language_of(sprache))}.docx")


@router.get("/{issue_id:uuid}/aushang.pdf", action="issue.view")
async def as_notice(request: Request, issue_id: UUID, sprache: str = BINDING) -> Response:
    """For the notice board."""
    sheet = await _sheet(request, issue_id)
    dated = service_of(request).clock.now().astimezone(BERLIN).date()
    brand: Brand = request.app.state.brand
    try:
        made = await asyncio.to_thread(
            documents.notice, sheet, language_of(sprache), brand=brand, dated=dated
        )
    except NoText:
        raise HTTPException(404) from None
    return _download(made, "application/pdf", f"{_name(sheet, language_of(sprache))}.pdf")


def _looking(mail: Rendered, view: View) -> str:
    """What a mail program chooses by its reader's settings is chosen here by the tab."""
    if view == "text":
        return TEXT_PAGE.format(
            lang=mail.language,
            dir=direction(mail.language),
            title=mail.subject,
            text=mail.text,
        )
    forced = {"dunkel": DARK, "papier": PRINT}.get(view)
    html = mail.html if view == "dunkel" else mail.html.replace(DARK, "@media not all")
    return html.replace(forced, "@media all", 1) if forced else html


def _policy(origin: str) -> str:
    return (
        f"sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src {origin};"
        " frame-ancestors 'self'"
    )


async def _sheet(request: Request, issue_id: UUID) -> Sheet:
    service = service_of(request)
    async with service.db.read() as session:
        return await content.sheet(session, service, await issue_of(session, issue_id))


def _name(sheet: Sheet, language: str) -> str:
    """Rundbrief-2026-03-02-de."""
    day = sheet.issue.changed_at.astimezone(BERLIN).date()
    kind = "Presse" if sheet.issue.kind == "press" else "Rundbrief"
    return f"{kind}-{day}-{sheet.spoken(language)}"


def _download(made: bytes, media_type: str, name: str) -> Response:
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "Cache-Control": "no-store",
    }
    return Response(made, media_type=media_type, headers=headers)
