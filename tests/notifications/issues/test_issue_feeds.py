"""Newsletters and press releases as news, in the feeds and on the front page."""

import feedparser
import pytest
from sqlalchemy import select

from services.notifications.api_feeds import Topic
from services.notifications.domain.issue import IssueKind
from services.notifications.feeds import TITLES
from services.notifications.journal import JournalEntry
from services.notifications.keys import PARTNERS
from shared.service import Service
from tests.notifications.issues import desk
from tests.notifications.issues.desk import ARABIC, GERMAN
from tests.notifications.office import Office
from tests.support.browser import Browser


@pytest.fixture(autouse=True)
async def published(office: Office, notifications: Service) -> dict[str, str]:
    """A newsletter in two languages and a press release in German; by topic their pages."""
    await desk.enrol_many(notifications, 1, topics=["newsletter", "press"])
    letter = await desk.draft(notifications, texts={"de": GERMAN, "ar": ARABIC})
    release = await desk.draft(notifications, IssueKind.PRESS)
    for issue_id in (letter, release):
        await desk.start(notifications, issue_id)
    await office.listen_to_itself()
    return {"newsletter": f"/rundbriefe/{letter}", "press": f"/presse/{release}"}


async def test_each_kind_has_its_own_topic_in_the_journal(notifications: Service) -> None:
    async with notifications.db.read() as session:
        rows = await session.execute(select(JournalEntry.topic, JournalEntry.audience))
    assert sorted(map(tuple, rows)) == [("newsletter", "public"), ("press", "public")]
    assert set(Topic) == set(TITLES) == set(PARTNERS)


@pytest.mark.parametrize("topic", ["newsletter", "press"])
async def test_atom_and_json_lead_to_the_page_in_the_archive(
    browser: Browser, published: dict[str, str], topic: str
) -> None:
    feed = feedparser.parse((await browser.get(f"/feeds/{topic}.atom")).content)
    assert not feed.bozo
    [entry] = feed.entries
    assert entry.title == GERMAN[0]
    assert entry.summary == GERMAN[1]
    assert entry.link == f"https://stadtteil.example{published[topic]}"
    [item] = (await browser.get(f"/feeds/{topic}.json")).json()["items"]
    assert (item["title"], item["url"]) == (entry.title, entry.link)
    assert (await browser.get(published[topic])).status_code == 200
    everything = feedparser.parse((await browser.get("/feeds/all.atom")).content)
    assert len(everything.entries) == 2


async def test_a_feed_speaks_the_language_of_its_address_as_far_as_the_issue_does(
    browser: Browser,
) -> None:
    feed = feedparser.parse((await browser.get("/feeds/newsletter.atom?lang=ar")).content)
    assert ARABIC[0] in feed.entries[0].title
    assert ARABIC[1] in feed.entries[0].summary
    german = feedparser.parse((await browser.get("/feeds/press.atom?lang=ar")).content)
    assert GERMAN[0] in german.entries[0].title


async def test_front_page_and_news_show_it_with_the_way_to_read_it(
    browser: Browser, published: dict[str, str]
) -> None:
    for path in ("/", "/neuigkeiten"):
        assert (await browser.get(path)).text.count(GERMAN[0]) == 2
    news = (await browser.get("/neuigkeiten")).text
    own = [part.split('"')[0] for part in news.split('href="/neuigkeiten/')[1:]]
    pages = [(await browser.get(f"/neuigkeiten/{event_id}")).text for event_id in own[:2]]
    assert any(published["newsletter"] in page and "Rundbrief lesen" in page for page in pages)
    assert any(published["press"] in page and "Pressemitteilung lesen" in page for page in pages)


async def test_the_archive_offers_its_feed(browser: Browser) -> None:
    for path, topic in (("/rundbriefe", "newsletter"), ("/presse", "press")):
        html = (await browser.get(path)).text
        assert 'type="application/atom+xml" title=' in html
        assert f"/feeds/{topic}.atom?lang=de" in html
