"""What every response tells the browser: only our own code, no leaking addresses, no keeping."""

import secrets
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.web.actors import ANONYMOUS

CSP: Final = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "frame-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'self'",
)

ALWAYS: Final = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
}
"""Not `no-referrer`: browsers then send `Origin: null` with our own forms."""

HSTS: Final = "max-age=63072000"
PERSONAL: Final = "no-store"
SHARED_PAGE: Final = "private, no-cache"


class Nonce:
    """The page's nonce; the policy names it only if a template used it."""

    def __init__(self) -> None:
        self._value = ""

    def __str__(self) -> str:
        self._value = self._value or secrets.token_urlsafe(16)
        return self._value

    def __html__(self) -> str:
        return str(self)

    @property
    def used(self) -> bool:
        return bool(self._value)


class SecurityHeaders:
    """Adds what the endpoint did not set itself, and the cookies the request collected."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self.app = app
        self.https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        state |= {"nonce": Nonce(), "cookies": [], "actor": ANONYMOUS, "by_key": False}

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(MutableHeaders(scope=message), scope)
            await send(message)

        await self.app(scope, receive, with_headers)

    def _add(self, headers: MutableHeaders, scope: Scope) -> None:
        state = scope["state"]
        for cookie in state["cookies"]:
            headers.append("set-cookie", cookie)
        for name, value in ALWAYS.items():
            headers.setdefault(name, value)
        headers.setdefault("Content-Security-Policy", _policy(state["nonce"]))
        if self.https:
            headers.setdefault("Strict-Transport-Security", HSTS)
        if headers.get("content-type", "").startswith("text/html"):
            for name in ("Cookie", "Accept-Language", "HX-Request"):
                headers.add_vary_header(name)
        headers.setdefault("Cache-Control", _keeping(headers, scope))


def _policy(nonce: Nonce) -> str:
    own = f"'self' 'nonce-{nonce}'" if nonce.used else "'self'"
    return "; ".join(CSP).replace("script-src 'self'", f"script-src {own}")


def _keeping(headers: MutableHeaders, scope: Scope) -> str:
    """A page about nobody may be looked at again; everything else is asked for anew."""
    html = headers.get("content-type", "").startswith("text/html")
    anybody = scope["state"]["actor"] is ANONYMOUS and scope["method"] == "GET"
    return SHARED_PAGE if html and anybody else PERSONAL
