"""DKIM (RFC 6376) with RSA and SHA-256, relaxed on both sides: one key, read once.

Without a timestamp: a letter is signed again at every attempt, and must stay the same letter.
"""

import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from typing import Final, Self

import idna
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from shared.settings import Settings

SIGNED: Final = (
    b"From",
    b"Reply-To",
    b"To",
    b"Subject",
    b"Date",
    b"Message-ID",
    b"In-Reply-To",
    b"References",
    b"Auto-Submitted",
    b"Content-Language",
    b"MIME-Version",
    b"Content-Type",
    b"List-Id",
    b"List-Unsubscribe",
    b"List-Unsubscribe-Post",
)
"""Every header of ours that is there; RFC 8058 wants the last two among them."""

ONLY_ONCE: Final = (b"From", b"Reply-To", b"To", b"Subject", b"Date")
"""Named once more than they are there: nobody can add a second one on the way."""

SHORTEST_KEY: Final = 2048
_SELECTOR: Final = re.compile(
    r"(?i)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*"
)
_BLANKS: Final = re.compile(rb"[ \t]+")
_NAMES: Final = frozenset(name.lower() for name in SIGNED)


class BadKey(ValueError):
    """We cannot sign as it was asked for; the message says what to put right."""


class Signer:
    """Puts our signature in front of whole messages."""

    def __init__(self, key: RSAPrivateKey, *, domain: str, selector: str) -> None:
        self._key, self.domain, self.selector = key, domain, selector
        self._head = (
            f"v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain};\r\n s={selector};\r\n h="
        ).encode("ascii")

    @classmethod
    def from_settings(cls, settings: Settings) -> Self | None:
        """None if the relay signs; raises BadKey."""
        pem = settings.dkim_private_key.get_secret_value().strip()
        selector = settings.dkim_selector.strip()
        if not pem and not selector:
            return None
        if not pem or not selector:
            raise BadKey("DKIM_SELECTOR and DKIM_PRIVATE_KEY go together: set both or neither.")
        if not _SELECTOR.fullmatch(selector):
            raise BadKey(
                f"DKIM_SELECTOR is not a name of letters, digits and hyphens: {selector!a}"
            )
        domain = idna.encode(settings.mail_domain, uts46=True).decode()
        return cls(_key(pem), domain=domain, selector=selector)

    def sign(self, message: bytes) -> bytes:
        """The message, CRLF throughout, with the signature in front of it."""
        head, _, body = message.partition(b"\r\n\r\n")
        names, canonical = _signed(head + b"\r\n")
        digest = b64encode(sha256(relaxed_body(body)).digest())
        unsigned = (
            self._head + b":\r\n ".join(_in_lines(names)) + b";\r\n bh=" + digest + b";\r\n b="
        )
        signed = canonical + b"dkim-signature:" + _relaxed(unsigned)
        signature = b64encode(self._key.sign(signed, PKCS1v15(), SHA256()))
        folded = b"\r\n ".join(signature[at : at + 72] for at in range(0, len(signature), 72))
        return b"DKIM-Signature: " + unsigned + folded + b"\r\n" + message

    @property
    def record(self) -> str:
        """What has to stand in the DNS, as one TXT record under `<selector>._domainkey.<domain>`."""
        public = self._key.public_key().public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        )
        return f"v=DKIM1; k=rsa; p={b64encode(public).decode()}"


def _key(pem: str) -> RSAPrivateKey:
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError) as error:
        raise BadKey("DKIM_PRIVATE_KEY is no private key in PEM without a password.") from error
    if not isinstance(key, RSAPrivateKey):
        raise BadKey("DKIM_PRIVATE_KEY is not an RSA key: not every mail server knows other kinds.")
    if key.key_size < SHORTEST_KEY:
        raise BadKey(f"DKIM_PRIVATE_KEY has {key.key_size} bits; it needs at least {SHORTEST_KEY}.")
    return key


def _signed(head: bytes) -> tuple[list[bytes], bytes]:
    """The names for `h=`, and their headers in the same order; of several the last comes first."""
    found: dict[bytes, list[bytes]] = {}
    for line in head.replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ").split(b"\r\n"):
        name, _, value = line.partition(b":")
        key = name.rstrip(b" \t").lower()
        if key in _NAMES:
            found.setdefault(key, []).append(b"%s:%s\r\n" % (key, _relaxed(value)))
    names: list[bytes] = []
    canonical: list[bytes] = []
    for name in SIGNED:
        there = found.get(name.lower(), [])
        names += [name] * (len(there) + (name in ONLY_ONCE))
        canonical += reversed(there)
    return names, b"".join(canonical)


def _relaxed(value: bytes) -> bytes:
    return _BLANKS.sub(b" ", value.replace(b"\r\n", b"")).strip(b" ")


def relaxed_body(body: bytes) -> bytes:
    """RFC 6376, 3.4.4: blanks count once, at the end of a line and below the text not at all."""
    body = body.replace(b"\t", b" ")
    while b"  " in body:
        body = body.replace(b"  ", b" ")
    body = (body + b"\r\n").replace(b" \r\n", b"\r\n").rstrip(b"\r\n")
    return body + b"\r\n" if body else b""


def _in_lines(names: list[bytes]) -> Iterator[bytes]:
    """So many names on each line that it stays short."""
    for at in range(0, len(names), 5):
        yield b":".join(names[at : at + 5])
