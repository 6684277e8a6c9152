"""For the machine room: is the process alive, can it work, how is it doing."""

import asyncio
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from shared.measures import Measures, measure
from shared.rows import Tables
from shared.service import Service
from shared.web.access import OPEN
from shared.web.requests import Figures

SECONDS: Final = 2.0


def health_routes(service: Service, figures: Figures, tables: Tables | None) -> list[Route]:
    """/<service>/health/live, /<service>/health/ready and /<service>/metrics.

    With `tables` the last two also say how far the service's events are told.
    """

    async def live(request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def ready(request: Request) -> Response:
        """503 only without the database: pages and forms go on without Redis."""
        database, redis = await asyncio.gather(_database(service), _redis(service))
        body: dict[str, object] = {"database": _word(database), "redis": _word(redis)}
        if found := await _measures(service, tables):
            body |= {"untold": found.untold, "oldest_untold_seconds": found.oldest_untold}
        return JSONResponse(body, 200 if database else 503)

    async def metrics(request: Request) -> Response:
        found = await _measures(service, tables)
        events = found.as_metrics().encode() if found else b""
        return Response(generate_latest(figures.registry) + events, media_type=CONTENT_TYPE_LATEST)

    paths = {"health/live": live, "health/ready": ready, "metrics": metrics}
    return [Route(f"/{service.name}/{path}", call, name=OPEN) for path, call in paths.items()]


async def _measures(service: Service, tables: Tables | None) -> Measures | None:
    if tables is None:
        return None
    try:
        async with asyncio.timeout(SECONDS):
            return await measure(service, tables)
    except (SQLAlchemyError, TimeoutError, OSError):
        return None


def _word(works: bool) -> str:
    return "ok" if works else "down"


async def _database(service: Service) -> bool:
    try:
        async with asyncio.timeout(SECONDS), service.db.read() as session:
            await session.execute(text("SELECT 1"))
    except (SQLAlchemyError, TimeoutError, OSError):
        return False
    return True


async def _redis(service: Service) -> bool:
    try:
        async with asyncio.timeout(SECONDS):
            await service.redis.ping()
    except (RedisError, TimeoutError, OSError):
        return False
    return True
