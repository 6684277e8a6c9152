"""Answering again only what has changed: ETag and Last-Modified for files that others fetch."""

from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response


def unchanged(request: Request, tag: str, changed: datetime | None = None) -> bool:
    """Whether the reader has this already; a tag outweighs a date (RFC 9110)."""
    tags = request.headers.get("if-none-match")
    if tags is not None:
        known = {part.strip().removeprefix("W/") for part in tags.split(",")}
        return tag in known or "*" in known
    since = request.headers.get("if-modified-since")
    if since is None or changed is None:
        return False
    try:
        return changed.replace(microsecond=0) <= parsedate_to_datetime(since)
    except (TypeError, ValueError):
        return False


def fresh_file(
    request: Request, body: bytes, *, media_type: str, changed: datetime | None, seconds: int
) -> Response:
    """The file, or 304; readers may keep it for `seconds` before they ask again."""
    tag = f'"{sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": f"private, max-age={seconds}"}
    if changed is not None:
        headers["Last-Modified"] = format_datetime(changed.astimezone(UTC), usegmt=True)
    if unchanged(request, tag, changed):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)
