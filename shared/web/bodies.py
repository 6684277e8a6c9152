"""How much a request may bring, counted while it arrives."""

from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message, Receive

FORM_BYTES: Final = 256 * 1024
PATIENCE_BYTES: Final = 64 * 1024 * 1024
"""Read and thrown away beyond the limit, so that the browser listens to our answer."""


class TooLarge(HTTPException):
    """The request brought more than its route takes; `limit` in bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(413)
        self.limit = limit


def sized(request: Request, limit: int) -> Request:
    """The same request, raising TooLarge once its body passes `limit` bytes."""
    return Request(request.scope, _counted(request.receive, limit))


def _counted(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            await _drain(receive, message)
            raise TooLarge(limit)
        return message

    return counted


async def _drain(receive: Receive, message: Message) -> None:
    left = PATIENCE_BYTES
    while message.get("more_body") and left > 0:
        message = await receive()
        left -= len(message.get("body", b""))
