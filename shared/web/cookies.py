"""Cookies only this origin can set and read, and values in them that only we can have written."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BadBase64

from starlette.requests import Request


def host_cookie(name: str, value: str, *, max_age: int | None = None) -> str:
    """The Set-Cookie header of `__Host-<name>`; without `max_age` (seconds) it ends with the browser."""
    lasting = "" if max_age is None else f"; Max-Age={max_age}"
    return f"__Host-{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax{lasting}"


def read_host_cookie(request: Request, name: str) -> str | None:
    return request.cookies.get(f"__Host-{name}") or None


def set_later(request: Request, header: str) -> None:
    """Send this Set-Cookie with whatever response the request gets."""
    request.state.cookies.append(header)


def encode(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def decode(text: str) -> bytes | None:
    """None if it is not what `encode` wrote."""
    try:
        return urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (BadBase64, ValueError):
        return None


def sign(key: bytes, value: bytes) -> str:
    """The value with its signature, fit for a cookie."""
    return encode(_mac(key, value) + value)


def unsign(key: bytes, text: str) -> bytes | None:
    """The value, or None unless we signed it."""
    signed = decode(text) or b""
    mac, value = signed[:16], signed[16:]
    return value if hmac.compare_digest(mac, _mac(key, value)) else None


def _mac(key: bytes, value: bytes) -> bytes:
    return hmac.digest(key, value, "sha256")[:16]
