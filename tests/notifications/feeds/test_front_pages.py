"""What everybody sees first, with nothing, one thing and many things to show."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from services.notifications.store import Audit
from shared.clock import SetClock
from shared.events.meetings import SessionScheduled
from shared.service import Service
from tests.notifications.feeds.conftest import (
    AUDITOR,
    OFFICE,
    Tell,
    cancelled,
    postponed,
    scheduled,
    submitted,
)
from tests.support.browser import Browser

SignedIn = Callable[..., Any]
PAGES = (
    "/",
    "/neuigkeiten",
    "/kalender",
    "/feeds",
    "/impressum",
    "/datenschutz",
    "/barrierefreiheit",
)


def plain(html: str) -> str:
    """The page's words without its markup."""
    main = html.partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


async def test_an_empty_front_page_says_when_we_are_there_and_what_we_do(browser: Browser) -> None:
    answer = await browser.get("/")
    assert answer.status_code == 200
    text = plain(answer.text)
    assert "Westhagen gestalten wir zusammen" in text
    assert 'href="/antraege/neu"' in answer.text
    assert "Gerade steht kein Termin fest" in text
    assert "Dienstag 10 bis 12 Uhr" in text
    assert "Was macht ein Stadtteilbüro?" in text
    assert answer.text.count("kern-btn--primary") == 1


async def test_one_session_shows_its_deadline_first_and_the_way_to_apply(
    browser: Browser, tell: Tell, december: SessionScheduled
) -> None:
    await tell(december)
    text = plain((await browser.get("/")).text)
    assert text.index("Letzter Tag für Anträge") < text.index("Sitzung: Freunde Westhagens")
    assert "Nächste Abgabe: Mittwoch, 25. November 2026 , bis 24 Uhr" in text
    assert "18:00 Uhr, Bürgerhaus" in text
    assert "Neues aus Westhagen" in text
    assert "€" not in text


async def test_many_dates_show_three_with_the_next_deadline_among_them(
    browser: Browser, tell: Tell, clock: SetClock
) -> None:
    first = datetime(2026, 3, 4, 17, tzinfo=UTC)
    starts = [
        first,
        first + timedelta(days=1),
        first + timedelta(days=2),
        datetime(2026, 6, 9, 17, tzinfo=UTC),
    ]
    await tell(*(scheduled(clock.now(), starts_at=at) for at in starts))
    html = (await browser.get("/")).text
    assert html.count('class="sb-date"') == 3
    assert plain(html).count("Letzter Tag für Anträge") == 1
    assert html.count("<article") == 3


async def test_a_cancelled_session_leaves_the_front_page_and_stays_in_the_calendar(
    browser: Browser, tell: Tell, december: SessionScheduled
) -> None:
    await tell(december, cancelled(december, version=2))
    front = plain((await browser.get("/")).text)
    assert "Letzter Tag" not in front
    assert "Sitzung am 9. Dezember 2026 fällt aus" in front
    months = plain((await browser.get("/kalender")).text)
    assert "Fällt aus" in months
    assert "Wasserschaden" in months


async def test_what_is_over_is_no_date_any_more(
    browser: Browser, tell: Tell, clock: SetClock, december: SessionScheduled
) -> None:
    await tell(december)
    clock.set(december.submission_deadline + timedelta(seconds=1))
    text = plain((await browser.get("/kalender")).text)
    assert "Letzter Tag" not in text
    clock.set(december.starts_at + timedelta(hours=1))
    assert "Sitzung: Freunde" in plain((await browser.get("/kalender")).text)
    clock.set(december.starts_at + timedelta(hours=3))
    assert "Gerade steht kein Termin fest" in plain((await browser.get("/kalender")).text)


async def test_the_deadline_holds_until_the_last_second_of_its_day_in_berlin(
    browser: Browser, tell: Tell, clock: SetClock, december: SessionScheduled
) -> None:
    await tell(december)
    clock.set(datetime(2026, 11, 25, 22, 59, 59, tzinfo=UTC))
    assert "Letzter Tag" in plain((await browser.get("/")).text)
    clock.set(datetime(2026, 11, 25, 23, 0, 0, tzinfo=UTC))
    assert "Letzter Tag" not in plain((await browser.get("/")).text)


async def test_the_calendar_groups_by_month(
    browser: Browser, tell: Tell, clock: SetClock, december: SessionScheduled
) -> None:
    march = scheduled(clock.now(), starts_at=datetime(2027, 3, 31, 22, 30, tzinfo=UTC))
    await tell(december, march)
    headings = re.findall(r'<h2[^>]*id="monat-\d+">([^<]+)<', (await browser.get("/kalender")).text)
    assert headings == ["November 2026", "Dezember 2026", "März 2027", "April 2027"]


async def test_news_go_on_page_by_page_without_missing_one(
    browser: Browser, tell: Tell, clock: SetClock, december: SessionScheduled
) -> None:
    days = [december.starts_at + timedelta(days=n) for n in range(30)]
    await tell(*(scheduled(clock.now(), starts_at=day) for day in days), submitted(clock.now()))
    seen: list[str] = []
    address: str | None = "/neuigkeiten"
    pages = 0
    while address:
        html = (await browser.get(address)).text
        seen += re.findall(r'href="/neuigkeiten/([0-9a-f-]{36})"', html)
        older = re.search(r'href="(/neuigkeiten\?vor=\d+)"', html)
        address, pages = older[1] if older else None, pages + 1
    assert (len(seen), len(set(seen)), pages) == (30, 30, 3)


async def test_old_news_say_what_has_changed_since(
    browser: Browser, tell: Tell, december: SessionScheduled
) -> None:
    moved = postponed(december, starts_at=datetime(2026, 12, 16, 17, tzinfo=UTC), version=2)
    await tell(december, moved)
    old = plain((await browser.get(f"/neuigkeiten/{december.event_id}")).text)
    assert "Das hat sich inzwischen geändert" in old
    new = plain((await browser.get(f"/neuigkeiten/{moved.event_id}")).text)
    assert "inzwischen" not in new
    assert "Der Raum ist an dem Tag nicht frei." in new


async def test_partner_events_are_no_news(browser: Browser, tell: Tell, clock: SetClock) -> None:
    event = submitted(clock.now())
    await tell(event)
    assert "2026-021" not in (await browser.get("/neuigkeiten")).text
    assert (await browser.get(f"/neuigkeiten/{event.event_id}")).status_code == 404


async def test_the_office_can_take_a_piece_of_news_back(
    service: Service, signed_in: SignedIn, tell: Tell, december: SessionScheduled
) -> None:
    called_off = cancelled(december, version=2)
    await tell(december, called_off)
    path = f"/neuigkeiten/{called_off.event_id}"
    async with signed_in(OFFICE) as office:
        assert f'href="{path}/entfernen"' in (await office.get(path)).text
        answer = await office.submit(f"{path}/entfernen")
        assert (answer.status_code, answer.headers["location"]) == (303, "/neuigkeiten")
        assert "Die Neuigkeit ist entfernt." in (await office.get("/neuigkeiten")).text
        assert (await office.get(path)).status_code == 404
    async with service.db.read() as session:
        [audit] = (await session.scalars(select(Audit))).all()
    assert (audit.action, audit.subject) == ("news.removed", str(called_off.event_id))
    assert audit.actor == f"account:{OFFICE.account_id}"


async def test_nobody_else_can_take_news_back(
    signed_in: SignedIn, browser: Browser, tell: Tell, december: SessionScheduled
) -> None:
    await tell(december)
    path = f"/neuigkeiten/{december.event_id}"
    async with signed_in(AUDITOR) as auditor:
        assert (await auditor.submit(f"{path}/entfernen", on="/neuigkeiten")).status_code == 403
    assert (await browser.get(f"{path}/entfernen")).headers["location"].startswith("/anmelden")
    assert (await browser.get(path)).status_code == 200


@pytest.mark.parametrize("lang", ["de", "en", "ar"])
async def test_every_public_page_speaks_every_language(
    app: FastAPI, tell: Tell, december: SessionScheduled, lang: str
) -> None:
    moved = postponed(december, starts_at=datetime(2026, 12, 16, 17, tzinfo=UTC), version=2)
    await tell(december, moved, cancelled(december, version=3))
    async with Browser(app, lang=lang) as browser:
        for path in PAGES:
            answer = await browser.get(path)
            assert answer.status_code == 200
            assert f'<html lang="{lang}" dir="{"rtl" if lang == "ar" else "ltr"}"' in answer.text
            assert answer.text.count("<h1") == 1
            assert "%(" not in plain(answer.text)
            assert "style=" not in answer.text


async def test_a_place_that_looks_like_markup_is_only_text(
    browser: Browser, tell: Tell, clock: SetClock
) -> None:
    at = datetime(2026, 12, 9, 17, tzinfo=UTC)
    await tell(scheduled(clock.now(), starts_at=at, place="<script>x</script>", board="<b>A</b>"))
    for path in ("/", "/kalender", "/neuigkeiten"):
        html = (await browser.get(path)).text
        assert "<script>x" not in html
        assert "<b>A" not in html


async def test_a_wrong_address_is_a_page_and_no_crash(browser: Browser) -> None:
    for wrong in ("?vor=0", "?vor=99999999999999999999", "?vor=x", "/x"):
        assert (await browser.get(f"/neuigkeiten{wrong}")).status_code in (404, 422)
