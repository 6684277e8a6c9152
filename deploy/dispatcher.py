"""Three apps under one origin: each request goes to the service its path belongs to."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any

from fastapi import FastAPI
from starlette.types import Message, Receive, Scope, Send

from shared.web.routes import ServiceName, service_of


class Dispatcher:
    """What the proxy does in production; enters every app's lifespan, which `Mount` would not."""

    def __init__(self, apps: Mapping[ServiceName, FastAPI]) -> None:
        self.apps = apps
        self.states: dict[ServiceName, dict[str, Any]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        name = service_of(scope["path"])
        await self.apps[name]({**scope, "state": dict(self.states[name])}, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        async with AsyncExitStack() as lifespans:
            for name, app in self.apps.items():
                state = await lifespans.enter_async_context(app.router.lifespan_context(app))
                self.states[name] = dict(state or {})
            await send(_message("lifespan.startup.complete"))
            await receive()
        await send(_message("lifespan.shutdown.complete"))


def _message(kind: str) -> Message:
    return {"type": kind}
