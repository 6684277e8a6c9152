"""A reader's browser for tests: one origin, cookies kept, forms sent the way a browser sends them."""

import re
from collections.abc import Mapping
from typing import Any, Final

from httpx import ASGITransport, AsyncClient, Response
from starlette.types import ASGIApp

from tests.support.services import ORIGIN

TOKEN: Final = re.compile(r'name="csrf_token" value="([^"]+)"')


class Browser(AsyncClient):
    """An httpx client that asks as a page of our origin would."""

    def __init__(self, app: ASGIApp, *, lang: str = "de", **options: Any) -> None:
        super().__init__(
            transport=ASGITransport(app),
            base_url=ORIGIN,
            headers={
                "Accept": "text/html,application/xhtml+xml",
                "Accept-Language": lang,
                "Sec-Fetch-Site": "same-origin",
            },
            **options,
        )

    async def submit(
        self,
        path: str,
        data: Mapping[str, Any] | None = None,
        *,
        on: str | None = None,
        files: Any = None,
    ) -> Response:
        """Open the page `on` (or `path`) and send its form to `path`, with the page's token."""
        token = TOKEN.search((await self.get(on or path)).text)
        sent = {"csrf_token": token[1] if token else ""} | dict(data or {})
        return await self.post(path, data=sent, files=files)
