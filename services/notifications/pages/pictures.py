"""Pictures of issues, for readers anywhere: in mail programs, in the archive, on paper."""

from typing import Annotated, Final

from fastapi import Path, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.notifications.domain.issue import Picture
from shared.service import Service
from shared.web.access import Guarded

router = Guarded(prefix="/bilder")

HEADERS: Final = {
    "Cache-Control": "public, max-age=86400",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Robots-Tag": "noindex",
}
"""A mail opened in a browser belongs to another origin and still has to show them."""


@router.get("/{sha256}", action="picture.read")
async def picture(request: Request, sha256: Annotated[str, Path(max_length=64)]) -> Response:
    """The picture with this content: the address never means another one."""
    service: Service = request.app.state.service
    etag = f'"{sha256}"'
    async with service.db.read() as session:
        found = await session.get(Picture, sha256)
    if found is None:
        raise HTTPException(404)
    headers = HEADERS | {"ETag": etag}
    if request.headers.get("If-None-Match") == etag:
        return Response(status_code=304, headers=headers)
    return Response(found.content, media_type=found.media_type, headers=headers)
