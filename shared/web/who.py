"""Whom a request comes from: an API key or a session, else nobody known."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.service import Service
from shared.web.actors import ANONYMOUS, Actor
from shared.web.cookies import read_host_cookie
from shared.web.sessions import COOKIE, SessionsDown, read_session

Keys = Callable[[Service, str], Awaitable[Actor | None]]
"""Whose API key this is; None for a wrong, revoked or malformed one."""


class Who:
    """Puts the actor into `request.state.actor`.

    A key counts on /api/ paths only and alone: a request with one never borrows a session.
    """

    def __init__(self, app: ASGIApp, *, service: Service, keys: Keys | None) -> None:
        self.app = app
        self.service = service
        self.keys = keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith("/static/"):
            request = Request(scope)
            key = _key(request)
            scope["state"]["by_key"] = key is not None
            scope["state"]["actor"] = (
                await self._by_session(request) if key is None else await self._by_key(key)
            )
        await self.app(scope, receive, send)

    async def _by_key(self, key: str) -> Actor:
        return (await self.keys(self.service, key) if self.keys else None) or ANONYMOUS

    async def _by_session(self, request: Request) -> Actor:
        """Without Redis everyone is anonymous; guarded pages then answer 503."""
        token = read_host_cookie(request, COOKIE)
        if token is None:
            return ANONYMOUS
        try:
            return await read_session(self.service, token) or ANONYMOUS
        except SessionsDown:
            return ANONYMOUS


def _key(request: Request) -> str | None:
    """The key of `Authorization: Bearer …` or `X-API-Key: …`."""
    if not request.url.path.startswith("/api/"):
        return None
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return key.strip()
    return request.headers.get("x-api-key")
