"""The web process of one service: `python -m services.<name>.web` on HOST and PORT."""

import gc
import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

import uvicorn
from fastapi import FastAPI

from shared.service import Service
from shared.settings import ServiceName, Settings

STOP_SECONDS: Final = 10


def serve(name: ServiceName, create_web: Callable[[Service], FastAPI]) -> None:
    """Answer until told to stop; the log has our own access lines, without people in them."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    settings = Settings.for_service(name)
    service = Service.open(name, settings)
    app = create_web(service)
    app.router.lifespan_context = _closing(service, app)
    gc.collect()
    gc.freeze()  # what is loaded by now stays: looking through it again would hold up a page for 0.1 s
    uvicorn.run(
        app,
        host=os.environ.get("HOST", "127.0.0.1"),
        port=int(os.environ.get("PORT", "8000")),
        proxy_headers=True,
        forwarded_allow_ips=settings.trusted_proxies,
        access_log=False,
        server_header=False,
        date_header=True,
        log_config=None,
        timeout_graceful_shutdown=STOP_SECONDS,
    )


def _closing(service: Service, app: FastAPI) -> Any:
    """The app's own lifespan, with the service's connections given back at its end."""
    inner = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(running: FastAPI) -> AsyncIterator[Any]:
        try:
            async with inner(running) as state:
                yield state
        finally:
            await service.close()

    return lifespan
