"""When it does not work: a page in the reader's language, or problem details (RFC 9457) for /api/."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote, urlsplit

from babel.dates import format_timedelta
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from jinja2 import TemplateNotFound
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from shared.outages import REDIS_AWAY, blames_database
from shared.web.addresses import own_path
from shared.web.bodies import TooLarge
from shared.web.complaints import sentence_for
from shared.web.csrf import FIELD, FromElsewhere, StaleToken
from shared.web.formats import filesize
from shared.web.grants import Forbidden, FreshSignInNeeded, SignInNeeded
from shared.web.i18n import lazy, locale_of
from shared.web.limits import LimitsDown, TooMany
from shared.web.pages import gettext_of, language_of, page
from shared.web.sessions import SessionsDown, require_sessions

SIGN_IN: Final = "/anmelden"
CASE: Final = "/mein"

WORDS: Final[Mapping[int, tuple[Any, Any]]] = {
    400: (
        lazy("Das haben wir nicht verstanden"),
        lazy("Die Anfrage war unvollständig. Gehen Sie zurück und versuchen Sie es noch einmal."),
    ),
    401: (
        lazy("Bitte melden Sie sich an"),
        lazy("Dafür müssen Sie angemeldet sein. Vielleicht ist Ihre Anmeldung abgelaufen."),
    ),
    403: (
        lazy("Das dürfen Sie nicht"),
        lazy("Diese Seite ist für andere bestimmt. Rufen Sie uns an, wenn Sie sie brauchen."),
    ),
    404: (
        lazy("Diese Seite gibt es nicht"),
        lazy("Vielleicht ist die Adresse falsch geschrieben, oder die Seite ist umgezogen."),
    ),
    405: (
        lazy("Das geht hier nicht"),
        lazy("Gehen Sie zurück und benutzen Sie den Knopf auf der Seite."),
    ),
    409: (
        lazy("Das hat sich inzwischen geändert"),
        lazy("Jemand war schneller. Laden Sie die Seite neu und prüfen Sie den neuen Stand."),
    ),
    410: (
        lazy("Das ist abgelaufen"),
        lazy("Der Link gilt nicht mehr. Fordern Sie einen neuen an."),
    ),
    413: (
        lazy("Das ist zu groß"),
        lazy("So viel können wir nicht auf einmal annehmen. Bitte teilen Sie es auf."),
    ),
    415: (
        lazy("Das können wir nicht lesen"),
        lazy("Schicken Sie uns die Daten in einem anderen Format."),
    ),
    422: (
        lazy("Bitte prüfen Sie Ihre Angaben"),
        lazy("Etwas davon können wir nicht lesen. Gehen Sie zurück und prüfen Sie es."),
    ),
    429: (
        lazy("Das war zu oft"),
        lazy("Bitte warten Sie ein wenig und versuchen Sie es dann noch einmal."),
    ),
    500: (
        lazy("Das hat nicht geklappt"),
        lazy("Bei uns ist etwas schiefgegangen. Versuchen Sie es gleich noch einmal."),
    ),
    503: (
        lazy("Das geht gerade nicht"),
        lazy("Ein Teil von uns ist nicht zu erreichen. Versuchen Sie es in einigen Minuten."),
    ),
}
"""Title and sentence by status; any other 4xx speaks like 400, any other 5xx like 500."""

TOO_LARGE: Final = lazy(
    "Wir können höchstens %(size)s auf einmal annehmen. Bitte teilen Sie es auf."
)
WAIT: Final = lazy("Bitte warten Sie %(wait)s und versuchen Sie es dann noch einmal.")
ELSEWHERE: Final = lazy("Das Formular kam nicht von unserer Seite. Deshalb nehmen wir es nicht an.")
STALE: Final = lazy(
    "Das Formular war zu lange offen. Gehen Sie zurück, laden Sie die Seite neu und schicken Sie"
    " es noch einmal ab."
)
STALE_KEPT: Final = lazy(
    "Das Formular war zu lange offen. Ihre Angaben sind noch da. Schicken Sie es noch einmal ab."
)
AGAIN: Final = lazy("Bitte schicken Sie es noch einmal ab")
SECRETS: Final = ("passw", "code")
"""Fields whose names hold these are never put into a page again."""
NOT_FRESH: Final = lazy("Dafür brauchen wir Ihre Anmeldung noch einmal.")


def problem(
    request: Request,
    status: int,
    *,
    detail: str | None = None,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
    **facts: str,
) -> Response:
    """The answer for a status; `detail` a `lazy` sentence in place of ours, filled with `facts`."""
    _ = gettext_of(request)
    title, sentence = WORDS.get(status, WORDS[500 if status >= 500 else 400])
    detail = _(detail or sentence) % facts if facts else _(detail or sentence)
    if is_api(request):
        answer = _details(request, status, _(title), detail, errors)
    else:
        answer = _error_page(request, status, _(title), detail)
    answer.headers.update(headers or {})
    return answer


def is_api(request: Request) -> bool:
    """Asked by a program: an /api/ path, or JSON wanted and no page."""
    accept = request.headers.get("accept", "")
    return request.url.path.startswith("/api/") or ("json" in accept and "html" not in accept)


def _details(
    request: Request, status: int, title: str, detail: str, errors: Sequence[Mapping[str, str]]
) -> Response:
    body: dict[str, Any] = {
        "type": "about:blank" if not errors else "urn:stadtteilbote:problem:fields",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": f"urn:stadtteilbote:request:{request.state.request_id}",
    }
    if errors:
        body["errors"] = list(errors)
    return JSONResponse(body, status, media_type="application/problem+json")


def _error_page(request: Request, status: int, title: str, detail: str) -> Response:
    context = {"text": detail, "request_id": request.state.request_id if status >= 500 else ""}
    own = f"error_{status}.html"
    try:
        request.app.state.templates.get_template(own)
    except TemplateNotFound:
        own = "error.html"
    return page(request, own, status=status, title=title, **context)


def install(app: FastAPI) -> None:
    """Let the app answer its own refusals; what crashes is answered by `requests.Requests`."""
    answers: dict[type[Exception], Any] = {
        HTTPException: _http,
        RequestValidationError: _invalid,
        TooLarge: _too_large,
        Forbidden: _forbidden,
        SignInNeeded: _sign_in,
        FreshSignInNeeded: _fresh_sign_in,
        FromElsewhere: _from_elsewhere,
        StaleToken: _stale,
        TooMany: _too_many,
        DBAPIError: _database,
    }
    answers |= dict.fromkeys((LimitsDown, SessionsDown, *REDIS_AWAY), _down)
    for error, answer in answers.items():
        app.add_exception_handler(error, answer)


async def _http(request: Request, error: HTTPException) -> Response:
    return problem(request, error.status_code, headers=error.headers)


async def _too_large(request: Request, error: TooLarge) -> Response:
    size = filesize(error.limit, language_of(request))
    return problem(request, 413, detail=TOO_LARGE, size=size, headers={"Connection": "close"})


async def _forbidden(request: Request, error: Forbidden) -> Response:
    return problem(request, 403)


async def _down(request: Request, error: Exception) -> Response:
    return problem(request, 503, headers={"Retry-After": "60"})


async def _database(request: Request, error: DBAPIError) -> Response:
    """A database that is away is no fault of the request; a statement's fault is a crash."""
    if not blames_database(error):
        raise error
    return await _down(request, error)


async def _too_many(request: Request, error: TooMany) -> Response:
    span = timedelta(seconds=error.retry_after)
    wait = format_timedelta(span, threshold=1.5, locale=locale_of(language_of(request)))
    headers = {"Retry-After": str(error.retry_after)}
    return problem(request, 429, detail=WAIT, wait=wait, headers=headers)


async def _from_elsewhere(request: Request, error: FromElsewhere) -> Response:
    return problem(request, 403, detail=ELSEWHERE)


async def _stale(request: Request, error: StaleToken) -> Response:
    """What was typed is not lost: the page holds it, to be sent again with a new token."""
    typed = [(name, value) for name, value in error.typed or [] if name != FIELD]
    secret = any(word in name for name, _ in typed for word in SECRETS)
    if is_api(request) or error.typed is None or secret:
        return problem(request, 403, detail=STALE)
    title, text = gettext_of(request)(AGAIN), STALE_KEPT
    return page(request, "resend.html", status=403, title=title, text=text, typed=typed)


async def _sign_in(request: Request, error: SignInNeeded) -> Response:
    """A reader is led to the sign-in and back; a form or a program is told 401."""
    if is_api(request):
        return problem(request, 401, headers={"WWW-Authenticate": "Bearer"})
    try:
        await require_sessions(request.app.state.service)
    except SessionsDown as down:
        return await _down(request, down)
    return _led_to_sign_in(request)


async def _fresh_sign_in(request: Request, error: FreshSignInNeeded) -> Response:
    if is_api(request):
        return problem(request, 403, detail=NOT_FRESH)
    return _led_to_sign_in(request, "&frisch=1")


def _led_to_sign_in(request: Request, more: str = "") -> Response:
    path = request.url.path
    door = CASE if path == CASE or path.startswith(f"{CASE}/") else SIGN_IN
    if "hx-request" in request.headers:
        back = urlsplit(request.headers.get("hx-current-url", ""))
        to = _door(door, back.path or "/", back.query, more)
        return problem(request, 401, headers={"HX-Redirect": to})
    if request.method != "GET":
        return problem(request, 401)
    return RedirectResponse(_door(door, path, request.url.query, more), 303)


def _door(door: str, path: str, query: str, more: str) -> str:
    back = own_path(f"{path}?{query}" if query else path)
    return f"{door}?weiter={quote(back, safe='/')}{more}"


async def _invalid(request: Request, error: RequestValidationError) -> Response:
    """A page address that does not parse is no page of ours; a program learns what and where."""
    details = error.errors()
    if not is_api(request) and any(detail["loc"][0] == "path" for detail in details):
        return problem(request, 404)
    lang = language_of(request)
    errors = [
        _place(detail["loc"])
        | {"detail": sentence_for(detail["type"], detail.get("ctx") or {}, lang)}
        for detail in details
    ]
    return problem(request, 422, errors=errors)


def _place(loc: Sequence[int | str]) -> dict[str, str]:
    """A JSON pointer into the body, or the parameter's name and where it stood."""
    where, *inside = loc
    if where == "body":
        steps = (str(step).replace("~", "~0").replace("/", "~1") for step in inside)
        return {"pointer": "#" + "".join(f"/{step}" for step in steps)}
    return {"parameter": str(inside[0]) if inside else "", "in": str(where)}
