"""Atom and JSON Feed, read by a library that others wrote."""

from datetime import UTC, datetime, timedelta

import feedparser
import pytest

from services.notifications.journal import JournalEntry, remove
from shared.clock import SetClock
from shared.events.meetings import SessionScheduled
from shared.service import Service
from tests.notifications.feeds.conftest import Tell, cancelled, postponed, scheduled, submitted
from tests.support.browser import Browser


async def test_atom_tells_the_public_news_newest_first(
    browser: Browser, tell: Tell, clock: SetClock, december: SessionScheduled
) -> None:
    await tell(december)
    clock.forward(days=1)
    moved = postponed(december, starts_at=datetime(2026, 12, 16, 17, tzinfo=UTC), version=2)
    await tell(moved.model_copy(update={"at": clock.now()}), submitted(clock.now()))
    answer = await browser.get("/feeds/all.atom")
    assert answer.headers["content-type"] == "application/atom+xml"
    feed = feedparser.parse(answer.content)
    assert not feed.bozo
    assert feed.version == "atom10"
    assert feed.feed.language == "de"
    assert [entry.title for entry in feed.entries] == [
        "Sitzung verschoben: jetzt am 16. Dezember 2026",
        "Neue Sitzung: 9. Dezember 2026",
    ]
    newest, oldest = feed.entries
    assert newest.id == f"urn:uuid:{moved.event_id}"
    assert newest.link == f"https://stadtteil.example/neuigkeiten/{moved.event_id}"
    assert "Mittwoch, 9. Dezember 2026, 18:00 Uhr, Bürgerhaus" in oldest.summary
    assert newest.updated_parsed > oldest.updated_parsed
    assert [link.href for link in feed.feed.links if link.rel == "self"] == [
        "https://stadtteil.example/feeds/all.atom?lang=de"
    ]


async def test_no_partner_event_is_in_any_public_feed(
    browser: Browser, tell: Tell, clock: SetClock
) -> None:
    await tell(*(submitted(clock.now(), f"2026-{n:03}") for n in range(5)))
    for topic in ("all", "sessions", "applications"):
        feed = feedparser.parse((await browser.get(f"/feeds/{topic}.atom")).content)
        assert (feed.bozo, feed.entries) == (False, [])
        assert (await browser.get(f"/feeds/{topic}.json")).json()["items"] == []


@pytest.mark.parametrize(("lang", "word"), [("de", "fällt aus"), ("en", ""), ("ar", "")])
async def test_the_language_is_that_of_the_address(
    browser: Browser, tell: Tell, december: SessionScheduled, lang: str, word: str
) -> None:
    await tell(december, cancelled(december, version=2))
    browser.headers["Accept-Language"] = "en"
    feed = feedparser.parse((await browser.get(f"/feeds/all.atom?lang={lang}")).content)
    assert feed.feed.language == lang
    assert word in feed.entries[0].title
    assert "Wasserschaden" in feed.entries[0].summary


async def test_a_reader_that_has_it_gets_nothing_again(
    browser: Browser, tell: Tell, december: SessionScheduled
) -> None:
    await tell(december)
    for address in ("/feeds/sessions.atom", "/feeds/sessions.json", "/kalender.ics"):
        first = await browser.get(address)
        tag = {"If-None-Match": first.headers["etag"]}
        date = {"If-Modified-Since": first.headers["last-modified"]}
        assert (await browser.get(address, headers=tag)).status_code == 304
        assert (await browser.get(address, headers=date)).status_code == 304
        old = {"If-Modified-Since": "Mon, 02 Mar 2020 09:00:00 GMT"}
        assert (await browser.get(address, headers=old)).status_code == 200
        assert (
            await browser.get(address, headers={"If-None-Match": '"x"'} | date)
        ).status_code == 200
        assert "max-age" in first.headers["cache-control"]


async def test_json_feed_says_the_same(
    browser: Browser, tell: Tell, december: SessionScheduled
) -> None:
    await tell(december)
    answer = await browser.get("/feeds/sessions.json?lang=de")
    assert answer.headers["content-type"] == "application/feed+json"
    feed = answer.json()
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    [item] = feed["items"]
    assert item["title"] == "Neue Sitzung: 9. Dezember 2026"
    assert datetime.fromisoformat(item["date_published"]) == december.at


async def test_what_was_taken_back_leaves_the_feed(
    service: Service, browser: Browser, tell: Tell, clock: SetClock, december: SessionScheduled
) -> None:
    await tell(december, cancelled(december, version=2))
    async with service.db.begin() as session:
        await remove(session, await session.get_one(JournalEntry, 2), at=clock.now())
    feed = feedparser.parse((await browser.get("/feeds/all.atom")).content)
    assert [entry.title for entry in feed.entries] == ["Neue Sitzung: 9. Dezember 2026"]


async def test_a_feed_holds_the_newest_thirty(
    browser: Browser, tell: Tell, clock: SetClock, december: SessionScheduled
) -> None:
    days = [december.starts_at + timedelta(days=n) for n in range(33)]
    await tell(*(scheduled(clock.now(), starts_at=day) for day in days))
    feed = feedparser.parse((await browser.get("/feeds/all.atom")).content)
    assert len(feed.entries) == 30


async def test_an_unknown_topic_has_no_feed(browser: Browser) -> None:
    assert (await browser.get("/feeds/gossip.atom")).status_code == 404
    assert (await browser.get("/feeds/all.rss")).status_code == 404


async def test_the_page_about_feeds_has_a_first_request_to_copy(browser: Browser) -> None:
    text = (await browser.get("/feeds")).text
    assert "curl -i -H" in text
    assert "https://stadtteil.example/api/v1/notifications/feeds/all/events?after=0" in text
    for address in ("/feeds/all.atom", "/feeds/sessions.json", "/kalender.ics"):
        assert address in text
        assert (await browser.get(address)).status_code == 200
