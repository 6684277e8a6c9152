"""What protects proofs at rest: Argon2id for passwords, AES-GCM for TOTP secrets, keyed hashes."""

import asyncio
import secrets
from uuid import UUID

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.meetings.domain.passwords import normal
from shared.settings import Settings

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
"""OWASP's smaller recommendation (19 MiB, two rounds): many sign-ins fit into a small machine."""

NOBODYS_HASH = HASHER.hash(secrets.token_urlsafe(32))
"""Compared with when the address is unknown, so that the answer takes as long."""

NONCE_BYTES = 12


class Vault:
    """Keys of this service for one purpose each; lost settings mean second factors anew."""

    def __init__(self, settings: Settings) -> None:
        self._totp = AESGCM(settings.derive("meetings.totp"))
        self.recovery_key = settings.derive("meetings.recovery-codes")
        self._steps = AESGCM(settings.derive("meetings.sign-in-steps"))
        self._boxes = AESGCM(settings.derive("meetings.ballot-boxes"))
        self.pass_key = settings.derive("meetings.room-passes")

    def lock_secret(self, secret: str, account_id: UUID) -> bytes:
        """A TOTP secret that only this account's row can hold."""
        return _lock(self._totp, secret, account_id.bytes)

    def open_secret(self, box: bytes, account_id: UUID) -> str:
        """The TOTP secret again; raises InvalidTag if it was moved or changed."""
        return _open(self._totp, box, account_id.bytes)

    def lock_box(self, slips: str, poll_id: UUID) -> bytes:
        """All slips of one secret vote, in another cipher text each time."""
        return _lock(self._boxes, slips, poll_id.bytes)

    def open_box(self, box: bytes, poll_id: UUID) -> str:
        """The slips again."""
        return _open(self._boxes, box, poll_id.bytes)

    def lock_step(self, text: str) -> bytes:
        """A half-finished sign-in or set-up, as Redis may hold it."""
        return _lock(self._steps, text, b"")

    def open_step(self, box: bytes) -> str:
        """The half-finished step again."""
        return _open(self._steps, box, b"")


async def hash_password(password: str) -> str:
    """An Argon2id hash, computed beside the loop."""
    return await asyncio.to_thread(HASHER.hash, normal(password))


async def password_matches(password_hash: str | None, password: str) -> bool:
    """Whether it fits; without a hash it says no after the same work."""
    fits = await asyncio.to_thread(_verify, password_hash or NOBODYS_HASH, normal(password))
    return fits and password_hash is not None


def _verify(password_hash: str, password: str) -> bool:
    try:
        return HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _lock(key: AESGCM, text: str, bound_to: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + key.encrypt(nonce, text.encode(), bound_to)


def _open(key: AESGCM, box: bytes, bound_to: bytes) -> str:
    return key.decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], bound_to).decode()
