"""Which language a request is answered in: asked for, remembered, preferred, else German."""

from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.web.i18n import LANGUAGES

COOKIE: Final = "lang"
YEAR: Final = 365 * 24 * 3600
DEFAULT: Final = "de"


class Languages:
    """Puts the language into `request.state.lang`; `?lang=en` is remembered in a cookie."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self.app = app
        self.secure = "; Secure" if https else ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            request = Request(scope)
            asked = request.query_params.get("lang")
            if asked in LANGUAGES:
                cookie = f"{COOKIE}={asked}; Path=/; Max-Age={YEAR}; SameSite=Lax{self.secure}"
                scope["state"]["cookies"].append(cookie)
            remembered = request.cookies.get(COOKIE)
            preferred = request.headers.get("accept-language", "")
            scope["state"]["lang"] = next(
                (lang for lang in (asked, remembered) if lang in LANGUAGES),
                preferred_language(preferred),
            )
        await self.app(scope, receive, send)


def preferred_language(header: str) -> str:
    """The best of our languages for an Accept-Language header."""
    wishes = sorted(map(_wish, header.split(",")[:20]), reverse=True)
    return next((lang for weight, lang in wishes if weight > 0 and lang in LANGUAGES), DEFAULT)


def _wish(part: str) -> tuple[float, str]:
    tag, _, weight = part.strip().partition(";q=")
    try:
        return float(weight or 1), tag.split("-")[0].lower()
    except ValueError:
        return 0.0, ""
