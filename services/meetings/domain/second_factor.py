"""The second factor: six digits from a phone, each step usable once, and ten spare codes."""

import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import pyotp

STEP_SECONDS: Final = 30
TOLERATED_STEPS: Final = 1
RECOVERY_CODES: Final = 10
ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and digits nobody mixes up when reading from paper (31 ** 10 is 49 bits)."""


def new_secret() -> str:
    """160 random bits in base32, as authenticator apps expect them."""
    return pyotp.random_base32()


def address(secret: str, *, account: str, issuer: str) -> str:
    """The otpauth:// address that the QR code holds."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)


def matching_step(secret: str, typed: str, *, at: datetime, last_step: int | None) -> int | None:
    """The time step these digits belong to, None if wrong or a step already used."""
    code = digits(typed)
    now = int(at.timestamp()) // STEP_SECONDS
    found = None
    for step in range(now - TOLERATED_STEPS, now + TOLERATED_STEPS + 1):
        expected = pyotp.TOTP(secret).at(step * STEP_SECONDS)
        if hmac.compare_digest(expected, code) and (last_step is None or step > last_step):
            found = step
    return found


def digits(typed: str) -> str:
    """The ASCII digits of what was typed: spaces gone, Arabic or full-width digits read."""
    found = (unicodedata.decimal(letter, None) for letter in typed)
    return "".join(str(digit) for digit in found if digit is not None)


def new_recovery_codes() -> list[str]:
    """Ten codes like `k7fqm-2xw9d`, to print and keep."""
    return [_recovery_code() for _ in range(RECOVERY_CODES)]


def _recovery_code() -> str:
    letters = "".join(secrets.choice(ALPHABET) for _ in range(10))
    return f"{letters[:5]}-{letters[5:]}"


def recovery_hash(typed: str, *, key: bytes) -> str:
    """A keyed hash that forgives case, spaces and dashes; useless without the service's key."""
    plain = "".join(letter for letter in typed.casefold() if letter.isalnum())
    return hmac.new(key, plain.encode(), hashlib.sha256).hexdigest()


def looks_like_recovery(typed: str) -> bool:
    """True if this cannot be six digits from an app."""
    return len([letter for letter in typed if letter.isalnum()]) > 6


def hashes(codes: Sequence[str], *, key: bytes) -> list[str]:
    """The form in which recovery codes are kept."""
    return [recovery_hash(code, key=key) for code in codes]
