"""Where a link in an issue may lead, and which pictures are ours."""

import re
from typing import Final
from urllib.parse import urlsplit

from shared.web.addresses import is_own_path

_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_PICTURE: Final = re.compile(r"/bilder/([0-9a-f]{64})")
_MAIL: Final = re.compile(r"mailto:[^\s@<>\"']+@[^\s@<>\"'?]+(\?subject=[^\s<>\"'&]*)?")
_PHONE: Final = re.compile(r"tel:\+?[0-9()./-]{3,30}")
_HOST: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?", re.IGNORECASE)


def place_of(typed: str, origin: str) -> str | None:
    """The whole address a link leads to; None for anything but https, mailto, tel and our own pages."""
    url = typed.strip()
    if not url.isprintable() or " " in url or "\\" in url:
        return None
    if is_own_path(url):
        return f"{origin}{url}"
    if is_inside(url, origin):
        return url
    if _MAIL.fullmatch(url) or _PHONE.fullmatch(url):
        return url
    return url if _is_https(url) else None


def is_inside(url: str, origin: str) -> bool:
    """Whether it is one of our own pages."""
    return url == origin or url.startswith((f"{origin}/", f"{origin}?", f"{origin}#"))


def picture_of(typed: str, origin: str) -> str | None:
    """The hash of one of our own pictures; None for an image from anywhere else."""
    found = _PICTURE.fullmatch(typed.strip().removeprefix(origin))
    return found[1] if found else None


def pictures_named(text: str) -> set[str]:
    """The hashes of all pictures of ours that a text speaks of, shown or not."""
    return set(_PICTURE.findall(text))


def lacks_https(typed: str) -> bool:
    """Whether it would be taken with https in front: http, or no scheme at all."""
    url = typed.strip()
    if url.lower().startswith("http:"):
        return True
    return not _SCHEME.match(url) and "." in url and not url.startswith(("/", "#", "."))


def _is_https(url: str) -> bool:
    try:
        parts = urlsplit(url)
        named = parts.hostname is not None and parts.port != 0
    except ValueError:
        return False
    whole = named and parts.scheme == "https" and bool(_HOST.fullmatch(parts.netloc))
    return whole and "." in (parts.hostname or "")
