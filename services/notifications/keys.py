"""Partner offices, the keys they read feeds with, and how far each has read."""

import hmac
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final
from uuid import UUID

from sqlalchemy import ForeignKey, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship
from uuid_utils.compat import uuid7

from services.notifications.store import Base
from shared.events.base import Audience
from shared.service import Service
from shared.store import insert
from shared.web.actors import Actor

KEYS_AT_ONCE: Final = 2
"""One in use and one coming: enough to change keys without a gap."""

USE_NOTED_EVERY: Final = timedelta(minutes=1)
NOBODY: Final = sha256(b"").hexdigest()


class Scope(StrEnum):
    """What a partner may read; without any, not even what is public."""

    PUBLIC = "public"
    SESSIONS = "partner:sessions"
    APPLICATIONS = "partner:applications"
    EVERYTHING = "partner:all"


PARTNERS: Final = {
    "all": frozenset({Scope.EVERYTHING}),
    "sessions": frozenset({Scope.EVERYTHING, Scope.SESSIONS}),
    "applications": frozenset({Scope.EVERYTHING, Scope.APPLICATIONS}),
    "occasions": frozenset({Scope.EVERYTHING}),
    "newsletter": frozenset({Scope.EVERYTHING}),
    "press": frozenset({Scope.EVERYTHING}),
}
"""The scopes that open what only partners see, by topic."""


class Partner(Base):
    """An office that follows what happens here without asking for it."""

    __tablename__ = "partners"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    contact_email: Mapped[str]
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()
    keys: Mapped[list["PartnerKey"]] = relationship(
        lazy="raise", order_by="PartnerKey.created_at", back_populates="partner"
    )
    positions: Mapped[list["FeedPosition"]] = relationship(
        lazy="raise", order_by="FeedPosition.topic"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class PartnerKey(Base):
    """Half of a key in clear to find it by, the other only as its hash."""

    __tablename__ = "partner_keys"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partners.id"), index=True)
    prefix: Mapped[str] = mapped_column(unique=True)
    secret_hash: Mapped[str]
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    partner: Mapped[Partner] = relationship(lazy="raise", back_populates="keys")


class FeedPosition(Base):
    """The cursor a partner was last handed in a topic."""

    __tablename__ = "feed_positions"

    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partners.id"), primary_key=True)
    topic: Mapped[str] = mapped_column(primary_key=True)
    cursor: Mapped[int]
    read_at: Mapped[datetime]


class TooManyKeys(Exception):
    """A partner holds two keys at most; one has to be revoked first."""


def new_partner(*, name: str, contact_email: str, scopes: set[Scope], at: datetime) -> Partner:
    """A partner without a key: it can read nothing yet."""
    return Partner(
        id=uuid7(),
        name=name,
        contact_email=contact_email,
        scopes=sorted(scopes),
        created_at=at,
    )


async def issue_key(session: AsyncSession, partner: Partner, *, at: datetime) -> tuple[UUID, str]:
    """Make a key and return its only readable copy; refuses a third one in use."""
    locked = select(Partner.id).where(Partner.id == partner.id).with_for_update()
    await session.execute(locked)
    in_use = select(func.count()).where(
        PartnerKey.partner_id == partner.id, PartnerKey.revoked_at.is_(None)
    )
    if (await session.scalar(in_use) or 0) >= KEYS_AT_ONCE:
        raise TooManyKeys(partner.name)
    prefix, secret = f"sb{secrets.token_hex(5)}", secrets.token_urlsafe(32)
    key = PartnerKey(
        id=uuid7(),
        partner_id=partner.id,
        prefix=prefix,
        secret_hash=_hash(secret),
        created_at=at,
        revoked_at=None,
        last_used_at=None,
    )
    session.add(key)
    return key.id, f"{prefix}.{secret}"


def revoke(key: PartnerKey, *, at: datetime) -> bool:
    """The key opens nothing from now on; False if that was so already."""
    if key.revoked_at is not None:
        return False
    key.revoked_at = at
    return True


async def partner_of(service: Service, bearer: str) -> Actor | None:
    """Whose key this is, or nobody; notes that it is in use, at most once a minute."""
    async with service.db.read() as session:
        found = await _holder(session, bearer)
    if found is None:
        return None
    partner, key = found
    at = service.clock.now()
    if key.last_used_at is None or at - key.last_used_at >= USE_NOTED_EVERY:
        used = update(PartnerKey).where(PartnerKey.id == key.id)
        async with service.db.begin() as session:
            await session.execute(used.values(last_used_at=at))
    return Actor(
        kind="partner", partner_id=partner.id, name=partner.name, scopes=frozenset(partner.scopes)
    )


async def _holder(session: AsyncSession, bearer: str) -> tuple[Partner, PartnerKey] | None:
    """Compares in constant time, also when nobody has the prefix."""
    prefix, _, secret = bearer.partition(".")
    rows = await session.execute(
        select(Partner, PartnerKey).join(PartnerKey.partner).where(PartnerKey.prefix == prefix)
    )
    match = rows.one_or_none()
    right = hmac.compare_digest(match[1].secret_hash if match else NOBODY, _hash(secret))
    if match is None or not right or match[1].revoked_at is not None:
        return None
    return match[0], match[1]


def opens(scopes: Collection[str], topic: str) -> bool:
    """Whether these scopes open a topic at all."""
    return bool(PARTNERS[topic] & set(scopes)) or Scope.PUBLIC in scopes


def reach(scopes: Collection[str], topic: str) -> Audience:
    """The widest audience these scopes open in a topic that they open."""
    return Audience.PARTNER if PARTNERS[topic] & set(scopes) else Audience.PUBLIC


async def note_position(service: Service, partner_id: UUID, *, topic: str, cursor: int) -> None:
    """Keep for the office how far this partner was handed a topic; writes only what is new."""
    at = service.clock.now()
    async with service.db.read() as session:
        noted = await session.get(FeedPosition, (partner_id, topic))
    if noted and noted.cursor == cursor and at - noted.read_at < USE_NOTED_EVERY:
        return
    facts = {"cursor": cursor, "read_at": at}
    async with service.db.begin() as session:
        row = insert(session, FeedPosition).values(partner_id=partner_id, topic=topic, **facts)
        await session.execute(
            row.on_conflict_do_update(index_elements=["partner_id", "topic"], set_=facts)
        )


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
