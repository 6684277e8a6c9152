"""Somebody of the office at work on one case: opens its pages, sends their forms."""

import re
from dataclasses import dataclass
from html import unescape
from typing import Any, Final
from uuid import UUID

from httpx import Response

from services.applications.domain import Application, BudgetYear, Grant
from services.applications.store import TABLES
from services.applications.worker import TIMERS
from shared.due import Timers
from shared.service import Service
from tests.applications.people import Resident, stored

INPUT: Final = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
FORM: Final = re.compile(r'<form[^>]*method="post"[^>]*>.*?</form>', re.DOTALL)
TAGS: Final = re.compile(r"<[^>]+>")
BLOCKS: Final = re.compile(r"</(?:dt|dd|p|li|h\d|div|span)>")


@dataclass
class Desk:
    """One office browser and one case."""

    service: Service
    browser: Resident
    id: UUID

    @property
    def path(self) -> str:
        return f"/buero/antraege/{self.id}"

    async def page(self, more: str = "", **headers: str) -> str:
        answer = await self.browser.get(self.path + more, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.text

    async def said(self, more: str = "") -> str:
        """The page as it is read, without tags."""
        page = BLOCKS.sub(" ", await self.page(more))
        return " ".join(unescape(TAGS.sub("", page)).split())

    async def hidden(self, more: str, *, on: str | None = None) -> dict[str, Any]:
        """The hidden fields of the form that goes to this path."""
        page = await self.page(more if on is None else on)
        forms = FORM.findall(page[page.index("<main") :])
        to = f'action="{self.path}{more}"'
        form = next((one for one in forms if to in one), None)
        if form is None:
            form = next(one for one in forms if "action=" not in one.split(">")[0])
        return {name: unescape(value) for name, value in INPUT.findall(form)}

    async def send(
        self, more: str, data: dict[str, Any] | None = None, *, on: str | None = None, **typed: Any
    ) -> Response:
        """Fill in the page's form and press its button."""
        filled = await self.hidden(more, on=on) | (data or {}) | typed
        return await self.post(more, filled)

    async def post(self, more: str, data: dict[str, Any], **headers: str) -> Response:
        return await self.browser.post(self.path + more, data=data, headers=headers)

    async def application(self) -> Application:
        return next(one for one in await stored(self.service) if one.id == self.id)

    async def grant(self) -> Grant:
        async with self.service.db.read() as session:
            return await session.get_one(Grant, self.id)

    async def year(self) -> BudgetYear:
        application = await self.application()
        async with self.service.db.read() as session:
            now = self.service.clock.now().year
            return await session.get_one(BudgetYear, (application.fund, now))


async def fire(service: Service) -> int:
    """Set off every timer that is due by now; how many there were."""
    timers, fired = Timers(service, TABLES, TIMERS), 0
    while await timers.fire():
        fired += 1
    return fired
