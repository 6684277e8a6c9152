"""A form counts only if our own page sent it: the browser's word for the origin, and a token."""

import hmac
import secrets
from typing import Final

from markupsafe import Markup
from starlette.requests import Request

from shared.web.cookies import (
    decode,
    encode,
    host_cookie,
    read_host_cookie,
    set_later,
    sign,
    unsign,
)

FIELD: Final = "csrf_token"
HEADER: Final = "X-CSRF-Token"
COOKIE: Final = "csrf"
MULTIPART: Final = "multipart/form-data"
LASTS: Final = 7 * 24 * 3600


class FromElsewhere(Exception):
    """Another site sent the request, or nobody says who did."""


class StaleToken(Exception):
    """Our page sent the form, but its token is not this browser's any more.

    `typed` is what the form held, so that its reader can send it again; None for files.
    """

    def __init__(self, typed: list[tuple[str, str]] | None) -> None:
        super().__init__("without this browser's token")
        self.typed = typed


def token(request: Request) -> str:
    """This browser's token, masked anew each time; its cookie is set if it was missing."""
    secret = _secret(request) or _new_secret(request)
    mask = secrets.token_bytes(len(secret))
    return encode(mask + bytes(a ^ b for a, b in zip(mask, secret, strict=True)))


def field(request: Request) -> Markup:
    """The hidden field every form of ours carries."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, token(request))


async def check(request: Request) -> None:
    """Raises FromElsewhere or StaleToken unless our origin sent it with this browser's token.

    A request with an API key needs neither: a browser never adds one by itself.
    """
    if request.state.by_key:
        return
    if not _same_origin(request):
        raise FromElsewhere
    typed = await _fields(request)
    sent = request.headers.get(HEADER) or dict(typed or ()).get(FIELD, "")
    secret = _secret(request)
    if secret is None or not hmac.compare_digest(_unmask(sent), secret):
        raise StaleToken(None if _has_files(request) else typed)


def _same_origin(request: Request) -> bool:
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    ours: str = request.app.state.service.settings.origin
    return request.headers.get("origin") == ours


async def _fields(request: Request) -> list[tuple[str, str]] | None:
    """The texts of the form; None if the request is no form."""
    if _kind(request) not in ("application/x-www-form-urlencoded", MULTIPART):
        return None
    sent = (await request.form()).multi_items()
    return [(name, value) for name, value in sent if isinstance(value, str)]


def _has_files(request: Request) -> bool:
    return _kind(request) == MULTIPART


def _kind(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _unmask(text: str) -> bytes:
    masked = decode(text) or b""
    half = len(masked) // 2
    return bytes(a ^ b for a, b in zip(masked[:half], masked[half:], strict=False))


def _key(request: Request) -> bytes:
    key: bytes = request.app.state.service.settings.derive("csrf")
    return key


def _secret(request: Request) -> bytes | None:
    known: bytes | None = getattr(request.state, "csrf_secret", None)
    if known is not None:
        return known
    return unsign(_key(request), read_host_cookie(request, COOKIE) or "") or None


def _new_secret(request: Request) -> bytes:
    secret = secrets.token_bytes(16)
    request.state.csrf_secret = secret
    set_later(request, host_cookie(COOKIE, sign(_key(request), secret), max_age=LASTS))
    return secret
