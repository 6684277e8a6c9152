"""What is half done: a proof given and one still owed, or a device not yet confirmed.

Kept encrypted in Redis for minutes, found by a cookie of the browser that began it.
"""

import hashlib
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Final, Literal, cast
from uuid import UUID

from fastapi import Request
from pydantic import AwareDatetime, BaseModel
from redis.asyncio import Redis
from redis.exceptions import RedisError

from services.meetings.vault import Vault
from shared.service import Service
from shared.web.cookies import host_cookie, read_host_cookie, set_later
from shared.web.sessions import SessionsDown

COOKIE: Final = "anmeldung"
KEY: Final = "stadtteilbote:meetings:step:"
CODES_KEY: Final = "stadtteilbote:meetings:codes:"
CODES_SECONDS: Final = 15 * 60

Kind = Literal["second_factor", "set_up", "device"]
MINUTES: Final[dict[Kind, int]] = {"second_factor": 10, "set_up": 60, "device": 15}


class Step(BaseModel):
    """One browser on its way in."""

    kind: Kind
    account_id: UUID
    until: AwareDatetime
    proof: str = ""
    go_on: str = ""
    secret: str = ""
    attempts: int = 0


async def begin(
    request: Request,
    kind: Kind,
    account_id: UUID,
    *,
    proof: str = "",
    go_on: str = "",
    secret: str = "",
) -> Step:
    """Remember this browser under a new cookie."""
    until = _now(request) + timedelta(minutes=MINUTES[kind])
    step = Step(
        kind=kind, account_id=account_id, until=until, proof=proof, go_on=go_on, secret=secret
    )
    token = secrets.token_urlsafe(32)
    set_later(request, host_cookie(COOKIE, token, max_age=MINUTES[kind] * 60))
    await _keep(request, token, step)
    return step


async def current(request: Request, kind: Kind) -> Step | None:
    """The step of this browser, None if there is none of this kind or its time is over."""
    token = read_host_cookie(request, COOKIE)
    if token is None:
        return None
    async with _redis(request) as redis:
        box = cast(bytes | None, await redis.get(_key(token)))
    if box is None:
        return None
    step = Step.model_validate_json(_vault(request).open_step(box))
    return step if step.kind == kind and step.until > _now(request) else None


async def failed(request: Request, step: Step) -> int:
    """Count a wrong answer; the number so far."""
    token = read_host_cookie(request, COOKIE)
    counted = step.model_copy(update={"attempts": step.attempts + 1})
    if token:
        await _keep(request, token, counted)
    return counted.attempts


async def end(request: Request) -> None:
    """Forget the step and its cookie."""
    token = read_host_cookie(request, COOKIE)
    if token:
        async with _redis(request) as redis:
            await redis.delete(_key(token))
        set_later(request, host_cookie(COOKIE, "", max_age=0))


async def show_codes(request: Request, account_id: UUID, codes: list[str]) -> None:
    """Keep new spare codes readable for a quarter of an hour, or until they are confirmed."""
    box = _vault(request).lock_step("\n".join(codes))
    async with _redis(request) as redis:
        await redis.set(f"{CODES_KEY}{account_id}", box, ex=CODES_SECONDS)


async def codes_to_show(request: Request, account_id: UUID) -> list[str]:
    """The codes still to be written down; empty once confirmed or too late."""
    async with _redis(request) as redis:
        box = cast(bytes | None, await redis.get(f"{CODES_KEY}{account_id}"))
    return _vault(request).open_step(box).split("\n") if box else []


async def codes_confirmed(request: Request, account_id: UUID) -> None:
    """The codes are written down: nobody sees them again."""
    async with _redis(request) as redis:
        await redis.delete(f"{CODES_KEY}{account_id}")


async def _keep(request: Request, token: str, step: Step) -> None:
    box = _vault(request).lock_step(step.model_dump_json())
    async with _redis(request) as redis:
        await redis.set(_key(token), box, ex=MINUTES[step.kind] * 60)


@asynccontextmanager
async def _redis(request: Request) -> AsyncIterator[Redis]:
    """Redis, or the page that says nobody can sign in now."""
    try:
        yield _service(request).redis
    except RedisError as error:
        raise SessionsDown from error


def _key(token: str) -> str:
    return KEY + hashlib.sha256(token.encode()).hexdigest()


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


def _vault(request: Request) -> Vault:
    return Vault(_service(request).settings)


def _now(request: Request) -> datetime:
    return _service(request).clock.now()
