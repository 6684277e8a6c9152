"""The fund in public: what is left of it, what it was given for, and nothing about anybody."""

import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar
from uuid import UUID

import pytest
from sqlalchemy import select
from uuid_utils.compat import uuid7

from services.notifications import funds, journal
from services.notifications.funds import FundYear
from services.notifications.handlers import ANSWERS
from services.notifications.journal import UNSHARED, JournalEntry
from shared.clock import SetClock
from shared.events import applications as a
from shared.events import meetings as m
from shared.events import notifications as n
from shared.events.applications import Budget
from shared.events.base import Audience, Event, registry
from shared.service import Service
from tests.notifications.feeds.conftest import Tell
from tests.support.browser import Browser

CONTRACTS: Final = Path(__file__).parent.parent.parent / "contracts"
AnyEvent = TypeVar("AnyEvent", bound=Event)
Hear = Callable[..., Awaitable[None]]

TOPICS: Final[dict[type[Event], str]] = {
    a.ApplicationSubmitted: "applications",
    a.ApplicationWithdrawn: "applications",
    a.ApplicationPlaced: "applications",
    a.ApplicationAdmitted: "applications",
    a.ApplicationFoundInadmissible: "applications",
    a.ApplicationLapsed: "applications",
    a.ApplicationRejected: "applications",
    a.ApplicationDeferred: "applications",
    a.GrantReserved: "applications",
    a.GrantBecameEffective: "applications",
    a.GrantDeclined: "applications",
    a.GrantLapsed: "applications",
    a.GrantRevoked: "applications",
    a.ConditionMet: "applications",
    a.BudgetSet: "applications",
    a.BudgetReleased: "applications",
    a.BudgetRunsLow: "applications",
    m.SessionScheduled: "sessions",
    m.SessionPostponed: "sessions",
    m.SessionCancelled: "sessions",
    m.SessionOpened: "sessions",
    m.SessionClosed: "sessions",
    m.InvitationIssued: "sessions",
    m.MinutesApproved: "sessions",
    m.VoteOpened: "sessions",
    m.VoteClosed: "sessions",
    m.ResolutionRecorded: "sessions",
    m.OccasionAnnounced: "occasions",
    m.OccasionChanged: "occasions",
    m.OccasionCancelled: "occasions",
    m.OccasionDocumented: "occasions",
    n.NewsletterPublished: "newsletter",
    n.PressReleaseIssued: "press",
}


def sample(kind: type[AnyEvent], at: datetime, **changes: Any) -> AnyEvent:
    body = json.loads((CONTRACTS / f"{kind.type}.json").read_text("utf-8"))
    update = {"event_id": uuid7(), "at": at} | changes
    return kind.from_cloudevent(body).model_copy(update=update)


@pytest.fixture
def hear(service: Service) -> Hear:
    """As the worker does: the whole answer to each event."""

    async def hear(*events: Event) -> None:
        for event in events:
            async with service.db.begin() as session:
                await ANSWERS[event.teller][type(event)](event, session, service)

    return hear


def test_every_event_for_partners_has_a_topic_they_can_follow() -> None:
    shown = {kind for kind in registry().values() if kind.audience is not Audience.INTERNAL}
    assert shown == set(TOPICS)
    assert {kind: journal._topic(kind.type) for kind in shown} == TOPICS


async def test_nothing_in_the_journal_names_a_person_or_holds_a_seal(
    service: Service, tell: Tell, clock: SetClock
) -> None:
    await tell(*(sample(kind, clock.now()) for kind in TOPICS))
    async with service.db.read() as session:
        entries = (await session.scalars(select(JournalEntry))).all()
    assert len(entries) == len(TOPICS)
    for entry in entries:
        said = json.dumps(entry.body)
        assert '"box"' not in said
        for name in UNSHARED:
            assert f'"{name}"' not in said


def _set(at: datetime, left: int, sequence: int | None, **more: Any) -> a.BudgetSet:
    budget = Budget(
        fund="buergerfonds", year=2026, budget_cents=500_000, released_cents=0, left_cents=left
    )
    return sample(a.BudgetSet, at, budget=budget, sequence=sequence, **more)


async def test_an_older_word_about_the_money_never_overwrites_a_newer_one(
    service: Service, hear: Hear, clock: SetClock
) -> None:
    now = clock.now()
    newest = sample(a.GrantNotCovered, now, sequence=9)
    await hear(_set(now, 500_000, 3), newest, _set(now, 400_000, 7), _set(now, 1, None))
    async with service.db.read() as session:
        [year] = await session.scalars(select(FundYear))
    assert (year.left_cents, year.told) == (newest.budget.left_cents, 9)


async def test_a_year_nobody_told_of_has_no_sum_and_funds_are_added_up(
    service: Service, hear: Hear, clock: SetClock
) -> None:
    other = Budget(fund="kultur", year=2026, budget_cents=10, released_cents=0, left_cents=5)
    await hear(_set(clock.now(), 100, 1), sample(a.BudgetSet, clock.now(), budget=other))
    async with service.db.read() as session:
        assert await funds.left_in(session, 2027) is None
        assert await funds.left_in(session, 2026) == funds.Left(105, 500_010)


async def test_the_front_page_shows_what_is_left_of_this_year(
    browser: Browser, hear: Hear, clock: SetClock
) -> None:
    assert "sind noch da" not in (await browser.get("/")).text
    await hear(_set(clock.now(), 235_000, 1))
    page = (await browser.get("/")).text
    assert 'class="sb-bar"' in page
    assert 'class="sb-bar__a" x="0.00%" width="47.00%"' in page
    plain = page.replace('<bdi dir="ltr" class="sb-num">', "").replace("</bdi>", "")
    assert "2.350\u00a0€ von 5.000\u00a0€ sind noch da." in plain
    clock.set(clock.now() + timedelta(days=365))
    assert "sind noch da" not in (await browser.get("/")).text


async def test_a_grant_and_a_release_are_news(
    browser: Browser, tell: Tell, clock: SetClock
) -> None:
    await tell(sample(a.GrantReserved, clock.now()), sample(a.BudgetReleased, clock.now()))
    for path in ("/", "/neuigkeiten"):
        page = (await browser.get(path)).text
        assert "650\u00a0€ für Sommerfest im Innenhof" in page
        assert "5.000\u00a0€ für Ideen sind freigegeben" in page
        assert "Noch ist das Geld nur vorgemerkt." in page
    feed = (await browser.get("/feeds/applications.json")).json()
    assert {item["title"] for item in feed["items"]} == {
        "650\u00a0€ für Sommerfest im Innenhof",
        "5.000\u00a0€ für Ideen sind freigegeben",
    }
    piece = (await browser.get(feed["items"][0]["url"])).text
    assert "Zum Fonds" in piece
    assert "Alles zu diesem Termin" not in piece


async def test_a_no_or_a_not_yet_is_no_news(browser: Browser, tell: Tell, clock: SetClock) -> None:
    await tell(
        sample(a.ApplicationRejected, clock.now()), sample(a.ApplicationDeferred, clock.now())
    )
    assert "Noch gibt es nichts Neues" in (await browser.get("/neuigkeiten")).text
    assert (await browser.get("/feeds/all.json")).json()["items"] == []


@pytest.mark.parametrize("end", [a.GrantRevoked, a.GrantDeclined, a.GrantLapsed])
async def test_money_that_came_to_nothing_leaves_the_front_page(
    browser: Browser, tell: Tell, clock: SetClock, end: type[Any]
) -> None:
    reserved = sample(a.GrantReserved, clock.now(), application_id=UUID(int=7))
    await tell(reserved, sample(end, clock.now(), application_id=UUID(int=8)))
    assert "Sommerfest im Innenhof" in (await browser.get("/")).text
    await tell(sample(end, clock.now(), application_id=UUID(int=7)))
    assert "Sommerfest im Innenhof" not in (await browser.get("/")).text
    assert "Inzwischen geändert" in (await browser.get("/neuigkeiten")).text


async def test_in_arabic_sums_and_titles_keep_their_direction(
    app: Any, tell: Tell, clock: SetClock
) -> None:
    await tell(sample(a.GrantReserved, clock.now()))
    async with Browser(app, lang="ar") as browser:
        page = (await browser.get("/neuigkeiten")).text
    assert "\u2066650\u00a0€\u2069" in page
    assert "\u2068Sommerfest im Innenhof\u2069" in page
