"""Every request from outside: its id, one line in the log without anything personal, its figures."""

import logging
import secrets
import time
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.outages import REDIS_AWAY, blames_database, place
from shared.web.problems import problem
from shared.web.routes import PRIVATE

access_log: Final = logging.getLogger("stadtteilbote.access")
crash_log: Final = logging.getLogger("stadtteilbote.crash")

ID_LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Figures:
    """What Prometheus may ask: how many, how long, how many now."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "http_requests", "Requests", ["method", "route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "http_request_seconds",
            "Time to the end of the answer",
            ["route"],
            registry=self.registry,
        )
        self.open = Gauge("http_requests_open", "Requests being answered", registry=self.registry)


class Requests:
    """The outermost layer: numbers the request and writes down how it ended."""

    def __init__(self, app: ASGIApp, *, figures: Figures) -> None:
        self.app = app
        self.figures = figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = "".join(secrets.choice(ID_LETTERS) for _ in range(8))
        scope.setdefault("state", {})["request_id"] = request_id
        status, began = 0, time.perf_counter()

        async def numbered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"].append((b"x-request-id", request_id.encode()))
            await send(message)

        with self.figures.open.track_inprogress():
            try:
                await self.app(scope, receive, numbered)
            finally:
                self._note(scope, status, time.perf_counter() - began)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        """The route's pattern, never the path: paths hold tokens. The machine room's own go unnoted."""
        if scope["path"].startswith(PRIVATE):
            return
        route = getattr(scope.get("route"), "path", "-")
        method = scope["method"] if scope["method"] in METHODS else "OTHER"
        self.figures.requests.labels(method, route, status).inc()
        self.figures.seconds.labels(route).observe(seconds)
        access_log.info(
            "%s %s %d %.0f ms %s",
            method,
            route,
            status,
            seconds * 1000,
            scope["state"]["request_id"],
        )


class Crashes:
    """The innermost layer: whatever breaks becomes a page with the request's id, and a log entry."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if "\0" in scope["path"]:
            await problem(Request(scope, receive), 404)(scope, receive, send)
            return
        started = False

        async def noticed(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, noticed)
        except Exception as error:
            _write_down(error, scope["state"]["request_id"])
            if started:
                raise
            await _apology(Request(scope, receive), error)(scope, receive, send)


def _write_down(error: Exception, request_id: str) -> None:
    """Kind and place only: messages hold what people typed. They are there at level DEBUG."""
    crash_log.error("%s %s", request_id, place(error))
    crash_log.debug("%s", request_id, exc_info=error)


def _apology(request: Request, error: Exception) -> Response:
    """The error page, or one plain sentence if even that breaks."""
    away = blames_database(error) or isinstance(error, REDIS_AWAY)
    try:
        return problem(request, 503 if away else 500)
    except Exception as again:  # noqa: BLE001 - the last resort: a broken page about a broken page
        _write_down(again, request.state.request_id)
        return PlainTextResponse("Das hat nicht geklappt. " + request.state.request_id, 500)
