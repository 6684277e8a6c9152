"""Routes that name their action: no endpoint runs before the policy let the actor in."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from fastapi import FastAPI
from fastapi.routing import APIRoute, APIRouter
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from shared.web import csrf
from shared.web.actors import ANONYMOUS, KINDS, STAFF, Actor, Kind, Role
from shared.web.bodies import FORM_BYTES, sized
from shared.web.grants import (
    Authorize,
    Forbidden,
    FreshSignInNeeded,
    Grant,
    Policy,
    Refused,
    SignInNeeded,
    Unproven,
    authorizer,
    enter,
    grant,
    leave,
    public,
    require_fresh,
)

__all__ = [
    "ANONYMOUS",
    "KINDS",
    "STAFF",
    "Actor",
    "Authorize",
    "Forbidden",
    "FreshSignInNeeded",
    "Grant",
    "Guarded",
    "Kind",
    "Policy",
    "Refused",
    "Role",
    "SignInNeeded",
    "Unproven",
    "actor_of",
    "authorizer",
    "grant",
    "matrix",
    "public",
    "require_fresh",
]

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def actor_of(request: Request) -> Actor:
    """Who sent this request."""
    actor: Actor = request.state.actor
    return actor


@dataclass(frozen=True, kw_only=True)
class Guard:
    """What a route asks before it answers."""

    action: str
    csrf: bool = True
    max_body: int = FORM_BYTES


class GuardedRoute(APIRoute):
    """A route that answers nobody until it has a guard."""

    guard: Guard | None = None

    def get_route_handler(self) -> Callable[[Request], Any]:
        answer = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            if self.guard is None:
                raise Forbidden("a route without an action")
            return await _answer(request, self.guard, answer)

        return guarded


async def _answer(
    request: Request, guard: Guard, answer: Callable[[Request], Awaitable[Response]]
) -> Response:
    request = sized(request, guard.max_body)
    enter(request.app.state.policy, actor_of(request), guard.action)
    if guard.csrf and request.method not in SAFE:
        await csrf.check(request)
    response = await answer(request)
    if response.status_code < 400:
        leave()
    return response


class Guarded(APIRouter):
    """A router whose routes cannot be written without `action=`.

    `csrf=False` is for requests that other programs send (one-click unsubscribe); `max_body` in
    bytes, larger for uploads. Pages stay out of the OpenAPI document, /api/ routes are in it.
    """

    def __init__(self, *, prefix: str = "") -> None:
        super().__init__(prefix=prefix, route_class=GuardedRoute, redirect_slashes=False)

    def _route(
        self, method: str, path: str, guard: Guard, options: dict[str, Any]
    ) -> Callable[[Endpoint], Endpoint]:
        if "/api/" not in self.prefix + path:
            options = {"response_model": None, "include_in_schema": False} | options

        def add(endpoint: Endpoint) -> Endpoint:
            self.add_api_route(path, endpoint, methods=[method], **options)
            route = self.routes[-1]
            assert isinstance(route, GuardedRoute)
            route.guard = guard
            return endpoint

        return add

    def get(  # type: ignore[override]
        self, path: str, *, action: str, **options: Any
    ) -> Callable[[Endpoint], Endpoint]:
        return self._route("GET", path, Guard(action=action), options)

    def post(  # type: ignore[override]
        self,
        path: str,
        *,
        action: str,
        csrf: bool = True,
        max_body: int = FORM_BYTES,
        **options: Any,
    ) -> Callable[[Endpoint], Endpoint]:
        guard = Guard(action=action, csrf=csrf, max_body=max_body)
        return self._route("POST", path, guard, options)

    def put(  # type: ignore[override]
        self, path: str, *, action: str, max_body: int = FORM_BYTES, **options: Any
    ) -> Callable[[Endpoint], Endpoint]:
        return self._route("PUT", path, Guard(action=action, max_body=max_body), options)

    def delete(  # type: ignore[override]
        self, path: str, *, action: str, **options: Any
    ) -> Callable[[Endpoint], Endpoint]:
        return self._route("DELETE", path, Guard(action=action), options)


OPEN: Final = "kernel.open"
"""The action that `matrix` shows for the kernel's own routes: files, health, figures, OpenAPI."""


def matrix(app: FastAPI) -> list[tuple[str, str, str]]:
    """Every (method, path, action) the app answers; raises Unproven for a route without an action."""
    return sorted(_rows(app.routes))


def _rows(routes: list[BaseRoute]) -> Iterator[tuple[str, str, str]]:
    for route in routes:
        if isinstance(route, GuardedRoute) and route.guard is not None:
            for method in route.methods or ():
                yield method, route.path, route.guard.action
        elif isinstance(route, Route | Mount) and _is_own(route):
            yield "GET", route.path, OPEN
        else:
            raise Unproven(f"{route!r} names no action")


def _is_own(route: Route | Mount) -> bool:
    return type(route) in (Route, Mount) and route.name == OPEN
