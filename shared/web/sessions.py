"""Who is signed in: a random id in the browser, what it stands for sealed in Redis under its hash.

Only the browser's cookie opens an entry: a copy of Redis names nobody. Losing Redis signs people
out and nothing else.
"""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final, cast
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from redis.asyncio import Redis
from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.responses import Response

from shared.service import Service
from shared.web.actors import STAFF, Actor, Role
from shared.web.cookies import host_cookie, read_host_cookie, set_later

COOKIE: Final = "session"
PREFIX: Final = "stadtteilbote:session:"
OF_PREFIX: Final = "stadtteilbote:sessions-of:"
TOUCH_EVERY: Final = timedelta(minutes=1)
REDIS_SECONDS: Final = 1.0
SIGN_IN_SECONDS: Final = 4.0
"""Who has typed a password waits out a busy machine rather than being sent away."""


class SessionsDown(Exception):
    """Redis does not answer: nobody can be recognised or signed in."""


@dataclass(frozen=True)
class Life:
    """How long a session lasts unused and at most; `kept` survives the browser's end."""

    idle: timedelta
    most: timedelta
    kept: bool = False


STAFF_LIFE: Final = Life(timedelta(minutes=30), timedelta(hours=12))
MEMBER_LIFE: Final = Life(timedelta(days=7), timedelta(days=30), kept=True)
APPLICANT_LIFE: Final = Life(timedelta(hours=4), timedelta(hours=24))


def life_of(actor: Actor) -> Life:
    if actor.kind == "applicant":
        return APPLICANT_LIFE
    return STAFF_LIFE if actor.roles & STAFF else MEMBER_LIFE


async def sign_in(
    service: Service, response: Response, actor: Actor, *, request: Request | None = None
) -> Actor:
    """Start a session under a new id; with `request`, the session it came with ends.

    The actor is an account or an applicant. Returns it with its sign-in time; raises SessionsDown.
    """
    now = service.clock.now()
    actor = replace(actor, signed_in_at=now)
    token, life, owner = secrets.token_urlsafe(32), life_of(actor), _owner(actor)
    seconds = _seconds(life.most)
    async with (
        _redis(service, SIGN_IN_SECONDS) as redis,
        redis.pipeline(transaction=True) as pipe,
    ):
        if request is not None and (old := read_host_cookie(request, COOKIE)):
            pipe.delete(_key(old))
        pipe.set(_key(token), _box(token, actor, now), ex=_seconds(life.idle))
        pipe.zremrangebyscore(OF_PREFIX + owner, 0, now.timestamp())
        pipe.zadd(OF_PREFIX + owner, {_key(token): now.timestamp() + seconds})
        pipe.expire(OF_PREFIX + owner, _seconds(MEMBER_LIFE.most))
        await pipe.execute()
    cookie = host_cookie(COOKIE, token, max_age=seconds if life.kept else None)
    response.headers.append("set-cookie", cookie)
    return actor


async def sign_out(service: Service, request: Request, response: Response) -> None:
    """End this browser's session.

    The browser forgets it in any case; raises SessionsDown while Redis still remembers.
    """
    forget = host_cookie(COOKIE, "", max_age=0)
    response.headers.append("set-cookie", forget)
    if token := read_host_cookie(request, COOKIE):
        try:
            async with _redis(service) as redis:
                await redis.delete(_key(token))
        except SessionsDown:
            set_later(request, forget)
            raise


async def revoke_all(service: Service, owner_id: UUID) -> None:
    """End every session of an account (or of an applicant's person); call it when roles change.

    Raises SessionsDown.
    """
    index = OF_PREFIX + str(owner_id)
    async with _redis(service) as redis:
        keys = await redis.zrange(index, 0, -1)
        await redis.delete(index, *keys)


async def read_session(service: Service, token: str) -> Actor | None:
    """Whom the cookie's value stands for, if its session is still alive; raises SessionsDown."""
    now = service.clock.now()
    async with _redis(service) as redis:
        opened = _open(token, cast("bytes | None", await redis.get(_key(token))))
        if opened is None:
            return None
        actor, seen_at = opened
        life = life_of(actor)
        ends_at = (actor.signed_in_at or now) + life.most
        if now - seen_at > life.idle or now >= ends_at:
            await redis.delete(_key(token))
            return None
        if now - seen_at >= TOUCH_EVERY:
            left = min(life.idle, ends_at - now)
            await redis.set(_key(token), _box(token, actor, now), ex=_seconds(left), xx=True)
        return actor


async def require_sessions(service: Service) -> None:
    """Raises SessionsDown while nobody could sign in."""
    async with _redis(service) as redis:
        await redis.ping()


@asynccontextmanager
async def _redis(service: Service, seconds: float = REDIS_SECONDS) -> AsyncIterator[Redis]:
    try:
        async with asyncio.timeout(seconds):
            yield service.redis
    except (RedisError, TimeoutError, OSError) as error:
        raise SessionsDown from error


def _owner(actor: Actor) -> str:
    owner = actor.account_id or actor.person_id
    if owner is None or actor.kind not in ("account", "applicant"):
        raise ValueError("a session belongs to an account or to an applicant's person")
    return str(owner)


def _key(token: str) -> str:
    return PREFIX + sha256(token.encode()).hexdigest()


def _seconds(span: timedelta) -> int:
    return max(1, int(span.total_seconds()))


def _cipher(token: str) -> AESGCM:
    return AESGCM(sha256(b"stadtteilbote session " + token.encode()).digest())


def _box(token: str, actor: Actor, seen_at: datetime) -> bytes:
    nonce = secrets.token_bytes(12)
    plain = json.dumps({"seen_at": seen_at.isoformat(), **_packed(actor)}).encode()
    return nonce + _cipher(token).encrypt(nonce, plain, None)


def _open(token: str, box: bytes | None) -> tuple[Actor, datetime] | None:
    if not box:
        return None
    try:
        entry = json.loads(_cipher(token).decrypt(box[:12], box[12:], None))
    except InvalidTag:
        return None
    return _unpacked(entry), datetime.fromisoformat(entry["seen_at"])


def _packed(actor: Actor) -> dict[str, Any]:
    return {
        "kind": actor.kind,
        "roles": sorted(actor.roles),
        "account_id": str(actor.account_id) if actor.account_id else None,
        "name": actor.name,
        "person_id": str(actor.person_id) if actor.person_id else None,
        "application_ids": sorted(map(str, actor.application_ids)),
        "signed_in_at": actor.signed_in_at.isoformat() if actor.signed_in_at else None,
    }


def _unpacked(entry: dict[str, Any]) -> Actor:
    account, person, at = entry["account_id"], entry["person_id"], entry["signed_in_at"]
    return Actor(
        kind=entry["kind"],
        roles=frozenset(map(Role, entry["roles"])),
        account_id=UUID(account) if account else None,
        name=entry["name"],
        person_id=UUID(person) if person else None,
        application_ids=frozenset(map(UUID, entry["application_ids"])),
        signed_in_at=datetime.fromisoformat(at) if at else None,
    )
