"""How often the same visitor may do the same thing."""

import asyncio
import hmac
import math
import time
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from typing import Any, Final

from fastapi import Depends
from limits import RateLimitItem, parse
from limits.aio.storage import RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from redis.exceptions import RedisError
from starlette.requests import Request

from shared.service import Service

REDIS_SECONDS: Final = 1.0
CLOSED_SECONDS: Final = 4.0
"""A route that is not answered uncounted waits out a busy machine before it says no."""
PREFIX: Final = "stadtteilbote:limit"


class TooMany(Exception):
    """The visitor has to wait `retry_after` seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"again in {retry_after} seconds")
        self.retry_after = retry_after


class LimitsDown(Exception):
    """Nobody can count, and this route does not go uncounted."""


class Limiter:
    """Counts in the service's Redis; what it counts by is hashed with a key of ours."""

    def __init__(self, service: Service) -> None:
        storage = RedisStorage(
            "async+redis://",
            implementation="redispy",
            key_prefix=PREFIX,
            connection_pool=service.redis.connection_pool,  # type: ignore[arg-type]
        )
        self._windows = MovingWindowRateLimiter(storage)
        self._key = service.settings.derive("limits")

    async def hit(
        self, item: RateLimitItem, name: str, visitor: str, *, seconds: float = REDIS_SECONDS
    ) -> None:
        """Count once; raises TooMany, or LimitsDown without Redis."""
        who = hmac.new(self._key, visitor.encode(), sha256).hexdigest()[:32]
        try:
            async with asyncio.timeout(seconds):
                if await self._windows.hit(item, name, who):
                    return
                window = await self._windows.get_window_stats(item, name, who)
        except (RedisError, TimeoutError, OSError) as error:
            raise LimitsDown from error
        raise TooMany(max(1, math.ceil(window.reset_time - time.time())))


def limit(rate: str, *, key: str = "ip", closed: bool = False) -> Any:
    """For `dependencies=[limit("5/minute")]`: raises TooMany beyond the rate.

    `key` is "ip" or the name of a form field ("email"). Without Redis the route goes uncounted,
    or with `closed=True` is refused (503).
    """
    item = parse(rate)

    async def counted(request: Request) -> None:
        await hit(request, item, await _visitor(request, key), key=key, closed=closed)

    return Depends(counted)


async def hit(
    request: Request, rate: RateLimitItem | str, visitor: str, *, key: str, closed: bool = False
) -> None:
    """Count this visitor on this route; an empty visitor is not counted."""
    item = parse(rate) if isinstance(rate, str) else rate
    limiter: Limiter = request.app.state.limiter
    if not visitor:
        return
    try:
        path = request.scope["route"].path
        seconds = CLOSED_SECONDS if closed else REDIS_SECONDS
        await limiter.hit(item, f"{path}:{key}", visitor, seconds=seconds)
    except LimitsDown:
        if closed:
            raise


async def _visitor(request: Request, key: str) -> str:
    if key == "ip":
        return network_of(request)
    value = (await request.form()).get(key)
    return value.strip().casefold() if isinstance(value, str) else ""


def network_of(request: Request) -> str:
    """The visitor's address; of IPv6 the /64, which is what one connection gets."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if not isinstance(address, IPv6Address):
        return host
    mapped = address.ipv4_mapped
    return str(mapped) if mapped else str(IPv6Address(int(address) >> 64 << 64))
