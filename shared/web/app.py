"""One service's web application: the same layers and refusals around every service's routes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from shared.rows import Tables
from shared.service import Service
from shared.web import problems
from shared.web.access import OPEN, Guarded, Policy, Unproven, matrix
from shared.web.addresses import Addresses
from shared.web.brand import load_brand
from shared.web.headers import SecurityHeaders
from shared.web.health import health_routes
from shared.web.language import Languages
from shared.web.limits import Limiter
from shared.web.requests import Crashes, Figures, Requests
from shared.web.statics import ANEW, FOREVER, VersionedFiles
from shared.web.templating import environment
from shared.web.who import Keys, Who

STATIC: Final = Path(__file__).parent / "static"


def create_app(
    service: Service,
    *,
    routers: Sequence[Guarded],
    policy: Policy,
    templates: Path,
    lifespan: Any = None,
    keys: Keys | None = None,
    tables: Tables | None = None,
) -> FastAPI:
    """The application; raises Unproven if a route names no action, or one the policy lacks.

    `keys` finds the partner of an API key; `tables` let readiness and metrics speak of events.
    """
    figures = Figures()
    app = FastAPI(
        title=f"Stadtteilbote: {service.name}",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        middleware=_layers(service, figures, keys),
    )
    app.state.service, app.state.policy = service, policy
    app.state.limiter = Limiter(service)
    app.state.brand = load_brand(service.settings.brand_file)
    app.state.templates = environment(templates)
    app.router.routes.extend(_own_routes(app, service, figures, tables))
    for router in routers:
        app.router.routes.extend(router.routes)
    problems.install(app)
    _refuse_unnamed(app, policy)
    return app


def _layers(service: Service, figures: Figures, keys: Keys | None) -> list[Middleware]:
    """From the outside in."""
    origin = service.settings.origin
    https = origin.startswith("https://")
    return [
        Middleware(Requests, figures=figures),
        Middleware(SecurityHeaders, https=https),
        Middleware(Addresses, origin=origin),
        Middleware(Languages, https=https),
        Middleware(Crashes),
        Middleware(Who, service=service, keys=keys),
    ]


def _own_routes(
    app: FastAPI, service: Service, figures: Figures, tables: Tables | None
) -> list[BaseRoute]:
    async def openapi(request: Request) -> Response:
        return JSONResponse(app.openapi())

    async def brand_css(request: Request) -> Response:
        keeping = FOREVER if "v" in request.query_params else ANEW
        css = app.state.brand.css
        return Response(css, media_type="text/css", headers={"Cache-Control": keeping})

    return [
        Route("/static/brand.css", brand_css, name=OPEN),
        Mount("/static", VersionedFiles(directory=STATIC), name=OPEN),
        Route(f"/{service.name}/openapi.json", openapi, name=OPEN),
        *health_routes(service, figures, tables),
    ]


def _refuse_unnamed(app: FastAPI, policy: Policy) -> None:
    unknown = {action for _, _, action in matrix(app) if action != OPEN} - policy.keys()
    if unknown:
        raise Unproven(f"the policy does not name {sorted(unknown)}")
