"""Which addresses are ours: the Host a request names, the path a redirect may lead to."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.web.routes import PRIVATE


def is_own_path(url: str) -> bool:
    """A path on this origin and nothing a browser could read as another place."""
    return (
        url.startswith("/")
        and not url.startswith(("//", "/\\"))
        and "\\" not in url
        and url.isprintable()
        and " " not in url
    )


def own_path(url: str | None, default: str = "/") -> str:
    """The path to go on to, as asked for in `weiter`, or the default if that is not ours."""
    return url if url and is_own_path(url) else default


class Addresses:
    """Refuses a foreign Host, leads /path/ to /path, answers HEAD where GET would be answered."""

    def __init__(self, app: ASGIApp, *, origin: str) -> None:
        self.app = app
        self.origin = origin
        self.host = urlsplit(origin).netloc

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["method"] == "HEAD":
            scope["method"] = "GET"
            send = _without_body(send)
        answer = self._refusal(scope) or self._without_slash(scope) or self.app
        await answer(scope, receive, send)

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        if scope["path"].startswith(PRIVATE) or Headers(scope=scope).get("host") == self.host:
            return None
        return PlainTextResponse(f"This is {self.origin}, not the host you named.\n", 421)

    def _without_slash(self, scope: Scope) -> ASGIApp | None:
        raw: bytes = scope.get("raw_path") or scope["path"].encode()
        path = raw.split(b"?")[0].decode("ascii", "replace")
        if path == "/" or not path.endswith("/"):
            return None
        query = scope["query_string"].decode("ascii", "replace")
        shorter = "/" + path.strip("/").replace("\\", "%5C")
        return RedirectResponse(f"{shorter}?{query}" if query else shorter, 308)


def _without_body(send: Send) -> Send:
    async def headers_only(message: Message) -> None:
        if message["type"] == "http.response.body":
            message["body"] = b""
        await send(message)

    return headers_only
