"""Answering with a page, or with the way to the next one."""

import time
from collections.abc import Callable
from typing import Any, Final

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse
from starlette.types import Receive, Scope, Send

from shared.web import csrf
from shared.web.addresses import is_own_path
from shared.web.brand import Brand
from shared.web.cookies import host_cookie, read_host_cookie, set_later, sign, unsign
from shared.web.i18n import direction, translations
from shared.web.nav import navigation
from shared.web.routes import ROUTES, prefix_of

NOTE_COOKIE: Final = "note"
NOTE_SECONDS: Final = 60
NOTE_LENGTH: Final = 500


def page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    title: str,
    here: str = "",
    **context: Any,
) -> HTMLResponse:
    """The template in the shell, in the reader's language; `here` is the current navigation key."""
    templates: Environment = request.app.state.templates
    shell = _shell(request, title=str(title), here=here, status=status)
    html = templates.get_template(template).render(shell | context)
    return HTMLResponse(html, status_code=status)


def see_other(url: str, note: str | None = None) -> RedirectResponse:
    """After a POST: go there with GET; `note` stands on top of the next page, once.

    Raises ValueError for anything but a path of our own.
    """
    if not is_own_path(url):
        raise ValueError("see_other leads to our own pages only")
    return RedirectResponse(url, 303) if note is None else _Noted(url, str(note))


def gettext_of(request: Request) -> Callable[[str], str]:
    """The `_` of this request's reader."""
    return translations(language_of(request)).gettext


def language_of(request: Request) -> str:
    """The reader's language: a key of LANGUAGES."""
    lang: str = request.state.lang
    return lang


def path_for(path: str) -> str:
    """A path of one of the services; raises ValueError for one that no service answers."""
    if path != "/" and prefix_of(path) == "/" and not path.startswith(("/#", "/?")):
        raise ValueError(f"no service answers {path}")
    return path


def _shell(request: Request, *, title: str, here: str, status: int) -> dict[str, Any]:
    state, lang = request.state, language_of(request)
    brand: Brand = request.app.state.brand
    return {
        "request": request,
        "title": title,
        "here": here,
        "status": status,
        "lang": lang,
        "dir": direction(lang),
        "brand": brand,
        "actor": state.actor,
        "nav": navigation(state.actor, translations(lang).gettext),
        "note": _read_note(request),
        "now": request.app.state.service.clock.now(),
        "csp_nonce": state.nonce,
        "csrf_field": lambda: csrf.field(request),
        "csrf_token": lambda: csrf.token(request),
        "path_for": path_for,
        "service_paths": ROUTES,
    }


class _Noted(RedirectResponse):
    """A redirect that leaves a signed sentence for the page it leads to."""

    def __init__(self, url: str, note: str) -> None:
        super().__init__(url, 303)
        self.note = note[:NOTE_LENGTH]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = scope["app"].state.service.settings.derive("note")
        written = f"{int(time.time())} {self.note}".encode()
        cookie = host_cookie(NOTE_COOKIE, sign(key, written), max_age=NOTE_SECONDS)
        self.headers.append("set-cookie", cookie)
        await super().__call__(scope, receive, send)


def _read_note(request: Request) -> str:
    cookie = read_host_cookie(request, NOTE_COOKIE)
    if cookie is None:
        return ""
    set_later(request, host_cookie(NOTE_COOKIE, "", max_age=0))
    written = unsign(request.app.state.service.settings.derive("note"), cookie) or b"0 "
    at, _, note = written.decode().partition(" ")
    return note if time.time() - int(at) <= NOTE_SECONDS else ""
