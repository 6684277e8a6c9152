"""A worker's health and metrics over HTTP, for compose and for monitoring; never through Caddy."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from shared.measures import measure

if TYPE_CHECKING:
    from shared.worker import Worker


class Quiet(uvicorn.Server):
    """Leaves signals to the worker, whose loops have to end first."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def health_app(worker: "Worker") -> Starlette:
    """/health/live, /health/ready and /metrics of one worker."""

    async def live(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def ready(_: Request) -> Response:
        try:
            found = await measure(worker.service, worker.tables, worker.answers)
        except (SQLAlchemyError, OSError) as error:
            return PlainTextResponse(f"database: {type(error).__name__}\n", 503)
        complaints = found.complaints(since_last_look=worker.silent_for())
        return PlainTextResponse("\n".join(complaints or ["ok"]) + "\n", 503 if complaints else 200)

    async def metrics(_: Request) -> Response:
        found = await measure(worker.service, worker.tables, worker.answers)
        return PlainTextResponse(found.as_metrics(), media_type="text/plain; version=0.0.4")

    return Starlette(
        routes=[
            Route("/health/live", live),
            Route("/health/ready", ready),
            Route("/metrics", metrics),
        ]
    )


async def answer_health(worker: "Worker", port: int) -> None:
    """Serve until cancelled."""
    config = uvicorn.Config(
        health_app(worker),
        host="0.0.0.0",  # noqa: S104 - reached on the containers' own network only
        port=port,
        log_level="warning",
        access_log=False,
    )
    await Quiet(config).serve()
