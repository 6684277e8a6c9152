"""A part of a page that keeps itself up to date: asked every two seconds, answered only when new."""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from fastapi import Request, Response
from markupsafe import Markup
from starlette.responses import HTMLResponse

from shared.service import Service
from shared.web.access import actor_of
from shared.web.i18n import direction
from shared.web.pages import language_of, path_for


@dataclass(frozen=True, kw_only=True)
class Live:
    """What a reader sees now, and a name for exactly that."""

    html: Markup
    revision: str


def live(request: Request, template: str, **context: Any) -> Live:
    """A part without a form; it reads no cookie, so it takes no note from the page it stands on."""
    lang = language_of(request)
    service: Service = request.app.state.service
    shell = {
        "request": request,
        "lang": lang,
        "dir": direction(lang),
        "brand": request.app.state.brand,
        "actor": actor_of(request),
        "now": service.clock.now(),
        "path_for": path_for,
    }
    html = request.app.state.templates.get_template(template).render(shell | context)
    name = blake2b(html.encode(), digest_size=9).hexdigest()
    return Live(html=Markup(html), revision=name)  # noqa: S704 - made by a template


def if_new(request: Request, part: Live, body: str) -> Response:
    """204 if the reader has seen it; the address says which revision that was."""
    headers = {"Cache-Control": "no-store"}
    if request.query_params.get("v") == part.revision:
        return Response(status_code=204, headers=headers)
    return HTMLResponse(body, headers=headers)
