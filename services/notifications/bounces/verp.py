"""Addresses only we can have written: where a letter comes back to, and where a mail unsubscribes.

`name+token@domain`. The token says which letter and is signed, so nobody can report a letter
they never got. Base32 without padding: mail servers may change its case, not its letters.
"""

import hmac
from base64 import b32decode, b32encode
from binascii import Error as BadBase32
from functools import lru_cache
from typing import Final
from urllib.parse import quote
from uuid import UUID

from shared.settings import Settings

LONGEST_LOCAL: Final = 64
"""RFC 5321, 4.5.3.1.1."""
MAC_BYTES: Final = 9
NUMBER_BYTES: Final = 4

LETTER: Final = b"l"
ISSUE: Final = b"i"
SUBSCRIPTION: Final = b"u"
MAILED_UNSUBSCRIBE: Final = "u-"

LONGEST_NAME: Final = LONGEST_LOCAL - 1 - (1 + 16 + NUMBER_BYTES + MAC_BYTES) * 8 // 5
"""What `+` and the longest token leave for the name in `bounce_address`."""

About = UUID | tuple[UUID, int]
"""A letter, or an issue with the number of its recipient."""


class UnusableBounceAddress(Exception):
    """BOUNCE_ADDRESS cannot carry a token."""


def check(settings: Settings) -> None:
    """Raises UnusableBounceAddress, so that a wrong setting is told at the start."""
    if settings.bounce_address:
        _name_and_domain(settings.bounce_address)


def return_path(settings: Settings, of: About) -> str:
    """The envelope's sender; without a `bounce_address` the one in the letter's From."""
    if not settings.bounce_address:
        return settings.mail_from
    if isinstance(of, UUID):
        return _tagged(settings, _token(settings, LETTER, of.bytes))
    issue_id, number = of
    value = issue_id.bytes + number.to_bytes(NUMBER_BYTES, "big")
    return _tagged(settings, _token(settings, ISSUE, value))


def read(settings: Settings, address: str) -> About | None:
    """Whose return path it is; None unless we wrote it."""
    tag = _tag(address)
    if (value := _value(settings, LETTER, tag)) and len(value) == 16:
        return UUID(bytes=value)
    if (value := _value(settings, ISSUE, tag)) and len(value) == 16 + NUMBER_BYTES:
        return UUID(bytes=value[:16]), int.from_bytes(value[16:], "big")
    return None


def unsubscribe_mailto(settings: Settings, subscription_id: UUID) -> str | None:
    """For List-Unsubscribe, beside the link; None where nobody reads such mails."""
    if not settings.bounce_address:
        return None
    token = MAILED_UNSUBSCRIBE + _token(settings, SUBSCRIPTION, subscription_id.bytes)
    return f"mailto:{quote(_tagged(settings, token), safe='@+')}?subject=unsubscribe"


def read_unsubscribe(settings: Settings, address: str) -> UUID | None:
    """The subscription a mail to this address ends; None unless we wrote it."""
    tag = _tag(address)
    if not tag.startswith(MAILED_UNSUBSCRIBE):
        return None
    value = _value(settings, SUBSCRIPTION, tag.removeprefix(MAILED_UNSUBSCRIBE))
    return UUID(bytes=value) if value and len(value) == 16 else None


def _tagged(settings: Settings, tag: str) -> str:
    name, domain = _name_and_domain(settings.bounce_address)
    return f"{name}+{tag}@{domain}"


@lru_cache(maxsize=4)
def _name_and_domain(address: str) -> tuple[str, str]:
    name, _, domain = address.rpartition("@")
    if not (name and domain and address.isascii() and "+" not in address):
        raise UnusableBounceAddress("BOUNCE_ADDRESS must be name@domain, in ASCII and without +")
    if len(name) > LONGEST_NAME:
        raise UnusableBounceAddress(f"BOUNCE_ADDRESS: at most {LONGEST_NAME} letters before the @")
    return name, domain


def _tag(address: str) -> str:
    """Forwarders put things before the name and change the domain; the tag stays the last part."""
    return address.strip("<> ").rpartition("@")[0].strip('"').rpartition("+")[2].lower()


def _token(settings: Settings, kind: bytes, value: bytes) -> str:
    signed = kind + value + _mac(settings, kind + value)
    return b32encode(signed).decode().rstrip("=").lower()


def _value(settings: Settings, kind: bytes, token: str) -> bytes | None:
    """What was signed; other spellings of the same bytes are no tokens of ours."""
    try:
        signed = b32decode(token.upper() + "=" * (-len(token) % 8))
    except (BadBase32, ValueError):
        return None
    value = signed[1:-MAC_BYTES]
    right = hmac.compare_digest(token.encode(), _token(settings, kind, value).encode())
    return value if right else None


def _mac(settings: Settings, signed: bytes) -> bytes:
    return hmac.digest(settings.derive("return path"), signed, "sha256")[:MAC_BYTES]
