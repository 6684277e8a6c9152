"""The reading side: a list, one mail in a locked frame, and JSON for tests."""

import html
import re
from pathlib import Path
from typing import Annotated, Any, Final, cast

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query, Request
from fastapi.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from fastapi.templating import Jinja2Templates
from markupsafe import Markup

from deploy.inbox.store import Mail, Mails, Part

HERE: Final = Path(__file__).parent
LINK: Final = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")
PAGE_POLICY: Final = (
    "default-src 'none'; style-src 'self'; frame-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
MAIL_POLICY: Final = (
    "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation; "
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:"
)
"""Cookies ignore ports, so a mail's content must never act as this machine's page."""


templates: Final = Jinja2Templates(HERE / "templates")
router: Final = APIRouter()


def create_inbox(mails: Mails, *, origin: str) -> FastAPI:
    """`origin` is where the website itself is, for the way back."""
    app = FastAPI(title="Posteingang", openapi_url=None)
    app.state.mails, app.state.origin = mails, origin
    app.include_router(router)
    return app


async def caught(request: Request) -> Mails:
    return cast("Mails", request.app.state.mails)


async def one_of(number: int, mails: Annotated[Mails, Depends(caught)]) -> Mail:
    """The mail an address names, or 404."""
    found = mails.get(number)
    if found is None:
        raise HTTPException(404, "Diese Mail gibt es nicht.")
    return found


Caught = Annotated[Mails, Depends(caught)]
One = Annotated[Mail, Depends(one_of)]


@router.get("/")
async def listing(request: Request, mails: Caught, to: str = "", before: int = 0) -> Response:
    found = mails.find(to=to, before=before, limit=50)
    return _show(request, "list.html", mails=found, to=to, more=len(found) == 50)


@router.get("/inbox.css")
async def stylesheet() -> Response:
    return FileResponse(HERE / "inbox.css")


@router.get("/messages.json")
async def messages(
    mails: Caught, to: str = "", after: int = 0, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> list[dict[str, Any]]:
    """Newest first."""
    return [as_json(found) for found in mails.find(to=to, after=after, limit=limit)]


@router.get("/{number}")
async def one(request: Request, mail: One) -> Response:
    return _show(request, "mail.html", mail=mail, text=linked(mail.text))


@router.get("/{number}/html")
async def frame(request: Request, mail: One) -> Response:
    """A newsletter's pictures lie on the website, as they do for every mail program."""
    policy = f"{MAIL_POLICY} {request.app.state.origin}/bilder/"
    return HTMLResponse(shown(mail), headers={"Content-Security-Policy": policy})


@router.get("/{number}/raw")
async def raw(mail: One) -> Response:
    return PlainTextResponse(mail.raw.decode("utf-8", "replace"))


@router.get("/{number}/parts/{part}")
async def download(mail: One, part: int) -> Response:
    if part >= len(mail.parts):
        raise HTTPException(404, "Diesen Anhang gibt es nicht.")
    return _download(mail.parts[part])


def linked(text: str) -> Markup:
    """Plain text with its addresses made into links, everything else escaped."""
    escaped = html.escape(text, quote=False)
    return Markup(LINK.sub(lambda found: f'<a href="{found.group()}">{found.group()}</a>', escaped))  # noqa: S704


def shown(mail: Mail) -> str:
    """The HTML part, its links leaving the frame and its own pictures found."""
    content = mail.html
    for part in mail.parts:
        if part.content_id:
            content = content.replace(f"cid:{part.content_id}", f"/{mail.id}/parts/{part.number}")
    base = '<base target="_top">'
    return (
        re.sub(r"(<head[^>]*>)", rf"\1{base}", content, count=1)
        if "<head" in content
        else base + content
    )


def as_json(mail: Mail) -> dict[str, Any]:
    """What a test needs to read a mail and follow its links."""
    return {
        "id": mail.id,
        "to": mail.recipients,
        "subject": mail.header("Subject"),
        "headers": [[name, str(value)] for name, value in mail.parsed.items()],
        "text": mail.text,
        "html": mail.html,
        "links": LINK.findall(mail.text),
        "attachments": [{"name": part.name, "type": part.kind} for part in mail.parts],
    }


def _show(request: Request, template: str, **context: Any) -> HTMLResponse:
    headers = {"Content-Security-Policy": PAGE_POLICY, "Referrer-Policy": "no-referrer"}
    found = {"origin": request.app.state.origin, **context}
    return templates.TemplateResponse(request, template, found, headers=headers)


def _download(part: Part) -> Response:
    picture = part.kind in {"image/png", "image/jpeg", "image/gif"}
    headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
    if not picture:
        name = re.sub(r"[^\w.\- ]", "_", part.name)
        headers["Content-Disposition"] = (
            f'attachment; filename="{name.encode("ascii", "replace").decode()}"'
        )
    kind = part.kind if picture else "application/octet-stream"
    return Response(part.content, media_type=kind, headers=headers)
