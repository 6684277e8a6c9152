"""What others read automatically: Atom and JSON Feed for everyone, and the page that explains them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from fastapi import Request
from feedgen.feed import FeedGenerator
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from services.notifications import news
from services.notifications.api_feeds import Topic
from services.notifications.fresh import fresh_file
from services.notifications.news import News
from services.notifications.wording import wording_of_address
from shared.service import Service
from shared.web.access import Guarded
from shared.web.i18n import lazy
from shared.web.pages import gettext_of, page

router = Guarded()

IN_A_FEED: Final = 30
KEPT: Final = 300
"""Seconds a feed reader may go without asking."""

NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
TITLES: Final = {
    Topic.ALL: lazy("Alle Neuigkeiten"),
    Topic.SESSIONS: lazy("Sitzungen"),
    Topic.APPLICATIONS: lazy("Anträge"),
    Topic.OCCASIONS: lazy("Feste, Rundgänge, Werkstätten"),
    Topic.NEWSLETTER: lazy("Rundbriefe"),
    Topic.PRESS: lazy("Pressemitteilungen"),
}


@dataclass(frozen=True)
class Channel:
    """One topic's news in one language, with the addresses a feed carries."""

    topic: Topic
    title: str
    office: str
    origin: str
    lang: str
    news: Sequence[News]

    @property
    def changed(self) -> datetime:
        """When the newest piece of news was told."""
        return max((piece.told_at for piece in self.news), default=NEVER)

    def address(self, form: str) -> str:
        """Where this feed lies."""
        return f"{self.origin}/feeds/{self.topic}.{form}?lang={self.lang}"


@router.get("/feeds", action="feeds.explain")
async def explain(request: Request) -> HTMLResponse:
    """Which feeds there are, for people and for programs."""
    _ = gettext_of(request)
    service: Service = request.app.state.service
    return page(
        request,
        "feeds/feeds.html",
        title=_("Feeds und Schnittstelle"),
        topics=[(topic.value, _(str(TITLES[topic]))) for topic in Topic],
        origin=service.settings.origin,
    )


@router.get("/feeds/{topic}.atom", action="feeds.follow")
async def atom(request: Request, topic: str) -> Response:
    """The newest public news of a topic as Atom."""
    channel = await _channel(request, topic)
    return fresh_file(
        request,
        as_atom(channel),
        media_type="application/atom+xml",
        changed=channel.changed,
        seconds=KEPT,
    )


@router.get("/feeds/{topic}.json", action="feeds.follow")
async def json_feed(request: Request, topic: str) -> Response:
    """The same as JSON Feed 1.1."""
    channel = await _channel(request, topic)
    return fresh_file(
        request,
        as_json_feed(channel),
        media_type="application/feed+json",
        changed=channel.changed,
        seconds=KEPT,
    )


async def _channel(request: Request, name: str) -> Channel:
    """The language is the address's own, not the visitor's: one address, one text."""
    if name not in list(Topic):
        raise HTTPException(404)
    topic, service = Topic(name), request.app.state.service
    words = wording_of_address(request)
    async with service.db.read() as session:
        entries = await news.newest(session, topic, limit=IN_A_FEED)
    return Channel(
        topic=topic,
        title=words.gettext(str(TITLES[topic])),
        office=request.app.state.brand.name,
        origin=service.settings.origin,
        lang=words.lang,
        news=[news.told(entry, words) for entry in entries],
    )


def as_atom(channel: Channel) -> bytes:
    """Atom 1.0, newest first; an entry's id is its event's and never changes."""
    feed = FeedGenerator()
    feed.id(f"{channel.origin}/feeds/{channel.topic}")
    feed.title(f"{channel.office}: {channel.title}")
    feed.author({"name": channel.office})
    feed.link(href=channel.address("atom"), rel="self", type="application/atom+xml")
    feed.link(href=f"{channel.origin}/neuigkeiten", rel="alternate", type="text/html")
    feed.language(channel.lang)
    feed.generator("Stadtteilbote")
    feed.updated(channel.changed)
    for piece in channel.news:
        entry = feed.add_entry(order="append")
        entry.id(f"urn:uuid:{piece.id}")
        entry.title(piece.headline.title)
        entry.link(href=f"{channel.origin}{_page(piece)}", rel="alternate", type="text/html")
        entry.published(piece.told_at)
        entry.updated(piece.told_at)
        entry.category({"term": piece.topic, "label": piece.headline.kicker})
        entry.summary(_summary(piece))
    text: bytes = feed.atom_str(pretty=True)
    return text


def as_json_feed(channel: Channel) -> bytes:
    """JSON Feed 1.1 with the same entries."""
    items: list[dict[str, Any]] = [
        {
            "id": f"urn:uuid:{piece.id}",
            "url": f"{channel.origin}{_page(piece)}",
            "title": piece.headline.title,
            "content_text": _summary(piece),
            "date_published": piece.told_at.isoformat(),
            "tags": [piece.topic],
        }
        for piece in channel.news
    ]
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": f"{channel.office}: {channel.title}",
        "home_page_url": f"{channel.origin}/neuigkeiten",
        "feed_url": channel.address("json"),
        "language": channel.lang,
        "authors": [{"name": channel.office}],
        "items": items,
    }
    return json.dumps(feed, ensure_ascii=False, separators=(",", ":")).encode()


def _page(piece: News) -> str:
    """What was written to be read is where an entry leads; other news have a page of their own."""
    written = (Topic.NEWSLETTER, Topic.PRESS)
    return piece.headline.path if piece.topic in written else piece.path


def _summary(piece: News) -> str:
    return " ".join(part for part in (piece.headline.text, piece.headline.quote) if part)
