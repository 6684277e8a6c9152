"""Personal data under a key of the person's own: delete the key and every copy is unreadable.

The keys lie in a small database that only our services reach, wrapped by a key derived from
SECRET_KEY. Erasing covers every id of the same human, found by a keyed hash of the address.
"""

import hmac
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeVar
from unicodedata import normalize
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import BaseModel, ConfigDict
from sqlalchemy import MetaData, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from uuid_utils.compat import uuid7

from shared.settings import Settings
from shared.store import NAMING, TYPES, Database, connect, insert

T = TypeVar("T", bound=BaseModel)

NONCE = 12
VERSION = b"\x01"


class Base(DeclarativeBase):
    """The keys database."""

    type_annotation_map = TYPES
    metadata = MetaData(naming_convention=NAMING)


class Person(Base):
    """One id of a human, with the key under which everything about them is sealed."""

    __tablename__ = "people"

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    wrapped_key: Mapped[bytes]
    address_hash: Mapped[str | None] = mapped_column(index=True)


class Erasure(Base):
    """An id whose key was deleted; ids and time only, to be repeated after a restore."""

    __tablename__ = "erasures"

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    asked_as: Mapped[UUID] = mapped_column(index=True)
    """The id by which erasing was asked for: joins the ids of one human."""
    erased_at: Mapped[datetime]


class Sealed(BaseModel):
    """Content only a holder of the person's key can read; opaque to everyone else."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    person_id: UUID
    box: str


class UnknownPerson(Exception):
    """There is no key for this id: it was never minted, or it is erased."""


class Seals:
    """Mints persons, seals and opens what is theirs, and forgets them."""

    def __init__(self, db: Database, *, wrapping_key: bytes, hashing_key: bytes) -> None:
        self.db = db
        self._wrapping = AESGCM(wrapping_key)
        self._hashing_key = hashing_key

    @classmethod
    def from_settings(cls, settings: Settings) -> "Seals":
        """The installation's own keys database, under keys derived from SECRET_KEY."""
        return cls(
            connect(settings.keys_database_url),
            wrapping_key=settings.derive("sealing keys"),
            hashing_key=settings.derive("address hash"),
        )

    def address_hash(self, email: str) -> str:
        """The same for every spelling of an address; tells nothing without our key."""
        plain = normalize("NFKC", email).strip().casefold()
        return hmac.digest(self._hashing_key, plain.encode(), "sha256").hex()

    async def person(self, *, email: str | None) -> UUID:
        """Mint an id and its key, committed before anything can be sealed under it."""
        [person_id] = await self.people([email])
        return person_id

    async def people(self, emails: Sequence[str | None]) -> list[UUID]:
        """The same for many at once, in their order."""
        minted = [self._mint(email) for email in emails]
        async with self.db.begin() as session:
            session.add_all(minted)
        return [one.person_id for one in minted]

    def _mint(self, email: str | None) -> Person:
        person_id, nonce = uuid7(), os.urandom(NONCE)
        return Person(
            person_id=person_id,
            wrapped_key=nonce + self._wrapping.encrypt(nonce, os.urandom(32), person_id.bytes),
            address_hash=None if email is None else self.address_hash(email),
        )

    async def ids_of(self, address_hash: str) -> list[UUID]:
        """Every id of the human with this address, oldest first."""
        same = select(Person.person_id).where(Person.address_hash == address_hash)
        async with self.db.read() as session:
            return list(await session.scalars(same.order_by(Person.person_id)))

    async def readdress(self, person_id: UUID, *, email: str | None) -> None:
        """The person is found by another address from now on; erased ones stay erased."""
        known = update(Person).where(Person.person_id == person_id)
        address_hash = None if email is None else self.address_hash(email)
        async with self.db.begin() as session:
            await session.execute(known.values(address_hash=address_hash))

    async def same_human(self, person_id: UUID, others: Iterable[UUID]) -> set[UUID]:
        """Those of the others that are the same human: the id itself, or another of the same address."""
        asked = set(others)
        address = select(Person.address_hash).where(Person.person_id == person_id)
        same = select(Person.person_id).where(
            Person.address_hash == address.scalar_subquery(), Person.person_id.in_(asked)
        )
        async with self.db.read() as session:
            return (asked & {person_id}) | set(await session.scalars(same))

    async def seal(self, person_id: UUID, content: BaseModel) -> Sealed:
        """Close content under the person's key; raises UnknownPerson once they are erased."""
        cipher = await self._cipher(person_id)
        if cipher is None:
            raise UnknownPerson(person_id)
        return _closed(cipher, person_id, content)

    async def seal_many(
        self, contents: Sequence[tuple[UUID, Sequence[BaseModel]]]
    ) -> list[list[Sealed] | None]:
        """Each person's contents closed under their key, keys asked for at once; None once erased."""
        async with self.db.read() as session:
            ids = {person_id for person_id, _contents in contents}
            found = await session.execute(
                select(Person.person_id, Person.wrapped_key).where(Person.person_id.in_(ids))
            )
            keys = {row.person_id: row.wrapped_key for row in found}
        return [
            [_closed(self._unwrapped(keys[one], one), one, content) for content in all_]
            if one in keys
            else None
            for one, all_ in contents
        ]

    async def open(self, sealed: Sealed, as_: type[T]) -> T | None:
        """Read content back; None once the person is erased, InvalidTag when it was altered."""
        cipher = await self._cipher(sealed.person_id)
        return None if cipher is None else _opened(sealed, as_, cipher)

    async def open_all(self, boxes: Sequence[Sealed], as_: type[T]) -> list[T | None]:
        """Read each back, all keys read at once; None for who is erased."""
        ciphers = await self._ciphers(box.person_id for box in boxes)
        return [
            _opened(box, as_, ciphers[box.person_id]) if box.person_id in ciphers else None
            for box in boxes
        ]

    async def erase(self, person_id: UUID) -> list[UUID]:
        """Delete the keys of every id of this human and remember that; again is harmless."""
        async with self.db.begin() as session:
            known = select(Person.address_hash).where(Person.person_id == person_id)
            address = await session.scalar(known)
            same = select(Person.person_id).where(Person.address_hash == address)
            ids = {person_id, *(await session.scalars(same) if address else ())}
            await _delete_keys(session, dict.fromkeys(ids, person_id))
            root = await session.scalar(
                select(Erasure.asked_as).where(Erasure.person_id == person_id)
            )
            all_ids = select(Erasure.person_id).where(Erasure.asked_as == root)
            erased = sorted(await session.scalars(all_ids))
        await self.db.scrub("people")
        return erased

    async def forget(self, person_ids: Iterable[UUID]) -> None:
        """Delete the keys of these ids, not of the same human's others, and remember that.

        Again is harmless. Taking them out of the files is left to the caller: there may be many.
        """
        ids = set(person_ids)
        if not ids:
            return
        async with self.db.begin() as session:
            await _delete_keys(session, {one: one for one in ids})

    async def erasures(self, since: datetime | None = None) -> list[tuple[UUID, datetime]]:
        """Who was erased when, oldest first: kept outside the backup, replayed after a restore."""
        chosen = select(Erasure).order_by(Erasure.erased_at, Erasure.person_id)
        if since is not None:
            chosen = chosen.where(Erasure.erased_at >= since)
        async with self.db.read() as session:
            return [(row.person_id, row.erased_at) for row in await session.scalars(chosen)]

    async def replay(self, erasures: Iterable[tuple[UUID, datetime]]) -> int:
        """Delete again the keys a restored backup brought back; the number of keys deleted."""
        rows = [{"person_id": one, "asked_as": one, "erased_at": at} for one, at in erasures]
        if not rows:
            return 0
        async with self.db.begin() as session:
            for row in rows:
                new = insert(session, Erasure).values(row)
                await session.execute(new.on_conflict_do_nothing())
            gone = delete(Person).where(Person.person_id.in_(select(Erasure.person_id)))
            deleted = await session.scalars(gone.returning(Person.person_id))
            count = len(deleted.all())
        await self.db.scrub("people")
        return count

    async def _cipher(self, person_id: UUID) -> AESGCM | None:
        """The person's key, asked for every time: erased means erased at once, everywhere."""
        async with self.db.read() as session:
            wrapped = await session.scalar(
                select(Person.wrapped_key).where(Person.person_id == person_id)
            )
        if wrapped is None:
            return None
        return self._unwrapped(wrapped, person_id)

    async def _ciphers(self, person_ids: Iterable[UUID]) -> dict[UUID, AESGCM]:
        """The keys of those who are not erased, in one statement."""
        known = select(Person.person_id, Person.wrapped_key).where(
            Person.person_id.in_(set(person_ids))
        )
        async with self.db.read() as session:
            found = (await session.execute(known)).all()
        return {person_id: self._unwrapped(key, person_id) for person_id, key in found}

    def _unwrapped(self, wrapped: bytes, person_id: UUID) -> AESGCM:
        return AESGCM(self._wrapping.decrypt(wrapped[:NONCE], wrapped[NONCE:], person_id.bytes))


async def _delete_keys(session: AsyncSession, asked_as: Mapping[UUID, UUID]) -> None:
    """The keys of these ids go, and it is remembered by which id each was asked for."""
    now = datetime.now(UTC)
    rows = [{"person_id": one, "asked_as": by, "erased_at": now} for one, by in asked_as.items()]
    await session.execute(insert(session, Erasure).values(rows).on_conflict_do_nothing())
    await session.execute(delete(Person).where(Person.person_id.in_(asked_as)))


def _closed(cipher: AESGCM, person_id: UUID, content: BaseModel) -> Sealed:
    nonce, plain = os.urandom(NONCE), content.model_dump_json().encode()
    box = VERSION + nonce + cipher.encrypt(nonce, plain, VERSION + person_id.bytes)
    return Sealed(person_id=person_id, box=urlsafe_b64encode(box).decode())


def _opened(sealed: Sealed, as_: type[T], cipher: AESGCM) -> T:
    box = urlsafe_b64decode(sealed.box)
    nonce, closed = box[1 : NONCE + 1], box[NONCE + 1 :]
    plain = cipher.decrypt(nonce, closed, box[:1] + sealed.person_id.bytes)
    return as_.model_validate_json(plain)
