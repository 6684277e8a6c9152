"""People who write: news in the journal, a picture, the editor's page sent as a browser sends it."""

import io
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from html import unescape
from html.parser import HTMLParser
from typing import Any, Final
from uuid import UUID, uuid4

import httpx
from PIL import Image
from sqlalchemy import select

from services.notifications.domain.issue import Issue, IssueText
from services.notifications.issues import pictures
from services.notifications.issues.content import Rendered, rendered
from services.notifications.journal import keep
from shared.events.applications import GrantReserved
from shared.events.base import Event
from shared.events.meetings import OccasionAnnounced, SessionScheduled
from shared.service import Service
from tests.notifications.feeds.conftest import scheduled
from tests.support.browser import Browser

DESK: Final = "/buero/rundbriefe"


async def tell(service: Service, *events: Event) -> None:
    """Each in a transaction of its own, as the worker keeps them."""
    for event in events:
        async with service.db.begin() as session:
            await keep(event, session, service)


def session_on(service: Service, days: int = 30, **facts: Any) -> SessionScheduled:
    now = service.clock.now()
    return scheduled(now, starts_at=now + timedelta(days=days), **facts)


def festival(service: Service, *, title: str = "Winterfest", days: int = 20, **facts: Any) -> Any:
    """An occasion that is announced; `text` are the office's own German words."""
    now: datetime = service.clock.now()
    return OccasionAnnounced(
        at=now,
        occasion_id=facts.pop("occasion_id", None) or uuid4(),
        kind="festival",
        title=title,
        text=facts.pop("text", "Bringen Sie eine Tasse mit."),
        starts_at=now + timedelta(days=days),
        ends_at=None,
        place="Marktplatz",
        registration=False,
        **facts,
    )


def grant(service: Service, title: str = "Nähkurs") -> GrantReserved:
    import json
    from pathlib import Path

    body = json.loads(Path(f"tests/contracts/{GrantReserved.type}.json").read_text("utf-8"))
    event = GrantReserved.from_cloudevent(body)
    news = {"event_id": uuid4(), "at": service.clock.now(), "public_title": title}
    return event.model_copy(update=news | {"sequence": None, "application_id": uuid4()})


async def host(
    service: Service, *, colour: str = "green", size: tuple[int, int] = (800, 400)
) -> str:
    """A picture of ours; its hash."""
    drawn = pictures.draw(photo(colour=colour, size=size))
    async with service.db.begin() as session:
        await pictures.keep(session, drawn, at=service.clock.now())
    return drawn.sha256


def photo(
    *, colour: str = "green", size: tuple[int, int] = (800, 400), kind: str = "JPEG", **options: Any
) -> bytes:
    file = io.BytesIO()
    mode = "RGBA" if options.pop("clear", False) else "RGB"
    Image.new(mode, size, colour).save(file, kind, **options)
    return file.getvalue()


async def mail(service: Service, issue_id: UUID, language: str = "de") -> Rendered:
    async with service.db.read() as session:
        return await rendered(session, service, issue_id, language)


async def change(service: Service, issue_id: UUID, **columns: Any) -> None:
    async with service.db.begin() as session:
        issue = await session.get_one(Issue, issue_id)
        for name, value in columns.items():
            setattr(issue, name, value)


async def texts(service: Service, issue_id: UUID) -> dict[str, IssueText]:
    async with service.db.read() as session:
        chosen = select(IssueText).where(IssueText.issue_id == issue_id)
        return {text.language: text for text in await session.scalars(chosen)}


class Fields(HTMLParser):
    """The form `schreiben` as a browser would send it, news and all."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.typed: dict[str, str] = {}
        self.area: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        name = facts.get("name")
        if tag == "textarea" and name:
            self.area, self.typed[name] = name, ""
        if tag != "input" or not name or facts.get("type") in ("file", "submit", "email"):
            return
        if facts.get("type") == "checkbox" and "checked" not in facts:
            return
        self.typed[name] = facts.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self.area is not None:
            self.typed[self.area] = self.typed[self.area].removeprefix("\n")
            self.area = None

    def handle_data(self, data: str) -> None:
        if self.area is not None:
            self.typed[self.area] += data


class Writer:
    """Somebody at the editor's page: what stands in their form, and what they press."""

    def __init__(self, browser: Browser, issue_id: UUID) -> None:
        self.browser, self.path = browser, f"{DESK}/{issue_id}"
        self.form: dict[str, str] = {}
        self.answer: httpx.Response

    async def open(self, query: str = "") -> "Writer":
        self.answer = await self.browser.get(f"{self.path}{query}")
        assert self.answer.status_code == 200, self.answer.text[:500]
        self.form = Fields(self.answer.text).typed
        return self

    async def press(self, aktion: str = "", **typed: str) -> httpx.Response:
        """A button without JavaScript; the page that answers is taken up again."""
        self.form |= typed
        sent = self.form | ({"aktion": aktion} if aktion else {})
        self.answer = await self.browser.post(self.path, data=sent)
        if self.answer.status_code in (409, 422):
            self.form = Fields(self.answer.text).typed
        return self.answer

    async def pause(self, **typed: str) -> httpx.Response:
        """A second without typing: htmx sends the form and puts the marks that come back into it."""
        self.form |= typed
        self.answer = await self.browser.post(
            self.path, data=self.form, headers={"HX-Request": "true"}
        )
        marks = re.findall(r'name="((?:other_|news_)?seen)" value="([^"]*)"', self.answer.text)
        self.form |= {name: unescape(value) for name, value in marks}
        return self.answer

    def tick(self, event_id: UUID, *, ticked: bool = True) -> None:
        for name, value in list(self.form.items()):
            if name.endswith("event_id") and value == str(event_id):
                box = name.replace("event_id", "ticked")
                self.form.pop(box, None)
                if ticked:
                    self.form[box] = "true"
                return
        raise AssertionError(f"{event_id} is not offered")

    def line(self, event_id: UUID) -> str:
        """How the fields of this piece of news begin."""
        return next(
            name.removesuffix("event_id")
            for name, value in self.form.items()
            if value == str(event_id)
        )


@asynccontextmanager
async def at_desk(browser: Browser, issue_id: UUID, query: str = "") -> AsyncIterator[Writer]:
    yield await Writer(browser, issue_id).open(query)
