"""Occasions in the calendar, on the front page, in the news, and in every feed."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import feedparser
import httpx
import pytest

from services.notifications.keys import Partner, Scope
from services.notifications.known_occasions import KnownOccasion
from shared.clock import SetClock
from shared.events.base import Event
from shared.events.meetings import (
    OccasionAnnounced,
    OccasionCancelled,
    OccasionChanged,
    OccasionDocumented,
    OccasionKind,
    SessionScheduled,
)
from shared.service import Service
from tests.notifications.feeds.conftest import Tell
from tests.support.browser import Browser

BEGINS = datetime(2026, 4, 25, 12, tzinfo=UTC)


def announced(at: datetime, **facts: Any) -> OccasionAnnounced:
    known: dict[str, Any] = {
        "occasion_id": uuid4(),
        "kind": OccasionKind.WALK,
        "title": "Rundgang durch das Quartier",
        "starts_at": BEGINS,
        "ends_at": BEGINS + timedelta(hours=2),
        "place": "Marktplatz",
        "text": "Wir schauen uns die Hochbeete an.",
        "registration": True,
        "places": 10,
    }
    return OccasionAnnounced(at=at, **known | facts)


def base(event: OccasionAnnounced, version: int) -> dict[str, Any]:
    names = ("at", "occasion_id", "kind", "title", "starts_at")
    return {name: getattr(event, name) for name in names} | {"subject_version": version}


def changed(event: OccasionAnnounced, *, version: int, **facts: Any) -> OccasionChanged:
    known = base(event, version) | {
        "place": event.place,
        "text": event.text,
        "registration": True,
        "previous_starts_at": event.starts_at if "starts_at" in facts else None,
    }
    return OccasionChanged(**known | facts)


def cancelled(event: OccasionAnnounced, *, version: int) -> OccasionCancelled:
    return OccasionCancelled(**base(event, version), reason="Es stürmt.")


def documented(event: OccasionAnnounced, *, version: int) -> OccasionDocumented:
    path = f"/termine/{event.occasion_id}"
    return OccasionDocumented(
        **base(event, version), text="Sonne und Kuchen.", path=path, visitors=42
    )


async def known(service: Service, occasion_id: UUID) -> KnownOccasion:
    async with service.db.read() as session:
        return await session.get_one(KnownOccasion, occasion_id)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1, 1, 0)])
async def test_what_was_told_in_any_order_ends_the_same(
    service: Service, tell: Tell, clock: SetClock, order: tuple[int, ...]
) -> None:
    first = announced(clock.now())
    later = BEGINS + timedelta(days=7)
    events: list[Event] = [
        first,
        changed(first, version=2, starts_at=later, place="Schulhof"),
        cancelled(first, version=3).model_copy(update={"starts_at": later}),
    ]
    await tell(*(events[n] for n in order))
    kept = await known(service, first.occasion_id)
    assert (kept.starts_at, kept.place, kept.revision) == (later, "Schulhof", 3)
    assert (kept.cancelled, kept.reason) == (True, "Es stürmt.")


async def test_the_calendar_and_the_front_page_show_what_is_to_come(
    browser: Browser, tell: Tell, clock: SetClock, december: SessionScheduled
) -> None:
    first, off = announced(clock.now()), announced(clock.now(), title="Sommerfest")
    await tell(december, first, off, cancelled(off, version=2))
    front, calendar = [(await browser.get(path)).text for path in ("/", "/kalender")]
    for page in (front, calendar):
        assert "Rundgang durch das Quartier" in page
        assert f"/termine/{first.occasion_id}" in page
        assert "Samstag, 25. April 2026" in page
    assert "Es stürmt." in calendar
    assert "Bitte anmelden." in calendar
    dates = front[front.index("h-termine") : front.index("h-fonds")]
    assert "Sommerfest" not in dates
    assert "Letzter Tag für Anträge" in dates
    clock.set(BEGINS + timedelta(hours=2, seconds=1))
    assert "Rundgang" not in (await browser.get("/kalender")).text


async def test_each_step_is_news_and_only_the_last_one_stays_on_the_front_page(
    browser: Browser, tell: Tell, clock: SetClock
) -> None:
    first = announced(clock.now())
    await tell(first)
    assert "Rundgang durch das Quartier am 25. April 2026" in (await browser.get("/")).text
    await tell(changed(first, version=2, starts_at=BEGINS + timedelta(days=1)))
    front = (await browser.get("/")).text
    assert "Neuer Zeitpunkt: Rundgang durch das Quartier" in front
    assert "Rundgang durch das Quartier am 25. April 2026" not in front
    await tell(changed(first, version=3, text="Anderer Text"))
    assert "Geändert: Rundgang" in (await browser.get("/")).text
    await tell(documented(first, version=4))
    news = (await browser.get("/neuigkeiten")).text
    assert "Rückblick: Rundgang durch das Quartier" in news
    assert "Es waren 42 Menschen da." in news
    assert news.count("Inzwischen geändert") == 3
    other = announced(clock.now(), title="Sommerfest", kind=OccasionKind.FESTIVAL)
    await tell(other, cancelled(other, version=2))
    assert "Sommerfest fällt aus" in (await browser.get("/")).text


async def test_the_feeds_of_the_topic_hold_occasions_and_nothing_else(
    browser: Browser, tell: Tell, clock: SetClock, december: SessionScheduled
) -> None:
    first = announced(clock.now())
    await tell(december, first)
    atom = feedparser.parse((await browser.get("/feeds/occasions.atom")).text)
    assert not atom.bozo
    [entry] = atom.entries
    assert entry.title == "Rundgang durch das Quartier am 25. April 2026"
    assert "Wir schauen uns die Hochbeete an." in entry.summary
    [item] = (await browser.get("/feeds/occasions.json")).json()["items"]
    assert item["tags"] == ["occasions"]
    both = (await browser.get("/feeds/all.json")).json()["items"]
    assert len(both) == 2
    assert "/feeds/occasions.atom" in (await browser.get("/feeds")).text


async def test_partners_follow_the_topic_with_the_keys_that_open_it(
    client: Callable[[str], httpx.AsyncClient],
    tell: Tell,
    clock: SetClock,
    partner_with: Callable[..., Awaitable[tuple[Partner, str]]],
) -> None:
    await tell(announced(clock.now()))
    expected = {Scope.EVERYTHING: 200, Scope.PUBLIC: 200, Scope.SESSIONS: 403}
    for scope, status in expected.items():
        _partner, key = await partner_with(scope)
        async with client(key) as program:
            answer = await program.get("/api/v1/notifications/feeds/occasions/events")
        assert answer.status_code == status, scope
        if status == 200:
            [event] = answer.json()
            assert event["type"] == "stadtteilbote.occasion.announced.v1"


async def test_arabic_readers_get_our_sentences_and_the_title_in_its_own_direction(
    browser: Browser, tell: Tell, clock: SetClock
) -> None:
    await tell(announced(clock.now(), title="<b>Fest</b> " + "Donau" * 40))
    for path in ("/", "/kalender", "/neuigkeiten"):
        page = (await browser.get(path, params={"lang": "ar"})).text
        assert "<b>Fest</b>" not in page
        assert "&lt;b&gt;Fest" in page
    calendar = (await browser.get("/kalender", params={"lang": "ar"})).text
    assert "<bdi>&lt;b&gt;Fest" in calendar
