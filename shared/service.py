"""What one process of a service works with, opened once and passed explicitly."""

from dataclasses import dataclass
from importlib import import_module

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff

from shared.clock import Clock, SystemClock
from shared.sealed import Seals
from shared.settings import ServiceName, Settings
from shared.store import Database, Tables, connect


@dataclass(frozen=True)
class Service:
    """One service's database, Redis, seals and clock."""

    name: ServiceName
    settings: Settings
    db: Database
    redis: Redis
    seals: Seals
    clock: Clock

    @classmethod
    def open(cls, name: ServiceName, settings: Settings, clock: Clock | None = None) -> "Service":
        """Prepare everything without a byte sent; `close` ends it."""
        own = settings.of(name)
        return cls(
            name=name,
            settings=own,
            db=connect(own.database_url),
            redis=open_redis(own.redis_url),
            seals=Seals.from_settings(own),
            clock=clock or SystemClock(),
        )

    async def close(self) -> None:
        """Give every connection back."""
        await self.redis.aclose()
        await self.db.dispose()
        await self.seals.db.dispose()


def tables_of(name: ServiceName) -> Tables:
    """The plumbing's tables of a service, for commands that know it by name only."""
    tables: Tables = import_module(f"services.{name}.store").TABLES
    return tables


def open_redis(url: str) -> Redis:
    """A client that answers with bytes and tries a lost connection again for about a second."""
    return Redis.from_url(
        url,
        retry=Retry(ExponentialBackoff(cap=0.5, base=0.05), retries=4),
        socket_timeout=5,
        socket_connect_timeout=2,
        protocol=2,
    )
