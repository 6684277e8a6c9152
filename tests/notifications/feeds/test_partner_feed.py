"""The partner feed, read with nothing but httpx and a key."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from time import monotonic
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from services.notifications.journal import JournalEntry, remove
from services.notifications.keys import (
    FeedPosition,
    Partner,
    PartnerKey,
    Scope,
    TooManyKeys,
    issue_key,
    revoke,
)
from shared.clock import SetClock
from shared.events.base import registry
from shared.events.meetings import OccasionEvent, ResolutionRecorded, SessionScheduled, VoteClosed
from shared.service import Service
from tests.notifications.feeds.conftest import PERSON, Tell, cancelled, submitted
from tests.support.browser import Browser

FEED = "/api/v1/notifications/feeds/{}/events"
ALL = FEED.format("all")

Client = Callable[[str], httpx.AsyncClient]
PartnerWith = Callable[..., Awaitable[tuple[Partner, str]]]


@pytest.fixture
async def key(partner_with: PartnerWith) -> str:
    _, key = await partner_with(Scope.EVERYTHING)
    return key


async def test_every_event_arrives_in_order_from_cursor_zero_and_again(
    client: Client, tell: Tell, clock: SetClock, december: SessionScheduled, key: str
) -> None:
    told = [december, *(submitted(clock.now(), f"2026-{n:03}") for n in range(1, 24))]
    await tell(*told)
    async with client(key) as program:
        for _ in range(2):
            got: list[dict[str, Any]] = []
            after = "0"
            while True:
                answer = await program.get(ALL, params={"after": after, "limit": 5})
                assert answer.status_code == 200
                assert answer.headers["content-type"] == "application/cloudevents-batch+json"
                if not answer.json():
                    break
                got += answer.json()
                after = answer.headers["x-next-cursor"]
            assert [event["id"] for event in got] == [str(event.event_id) for event in told]
            assert [event["cursor"] for event in got] == [str(n) for n in range(1, 25)]
        first = await program.get(ALL, params={"after": 0, "limit": 5})
        following = await program.get(first.links["next"]["url"])
        assert [event["cursor"] for event in following.json()] == ["6", "7", "8", "9", "10"]


async def test_each_event_is_a_cloudevent(
    client: Client, tell: Tell, december: SessionScheduled, key: str
) -> None:
    await tell(december)
    async with client(key) as program:
        [event] = (await program.get(ALL)).json()
    assert (event["specversion"], event["source"]) == ("1.0", "/meetings")
    assert event["type"] == "stadtteilbote.session.scheduled.v1"
    assert event["subject"] == str(december.session_id)
    assert SessionScheduled.from_cloudevent(event) == december
    assert all(name.isalnum() and name.islower() for name in event)


async def test_reading_can_start_at_a_date(
    client: Client, tell: Tell, clock: SetClock, key: str
) -> None:
    await tell(submitted(clock.now(), "2026-001"))
    since = clock.now() + timedelta(hours=12)
    clock.forward(days=1)
    await tell(submitted(clock.now(), "2026-002"))
    async with client(key) as program:
        answer = await program.get(ALL, params={"since": since.isoformat()})
        nothing = await program.get(ALL, params={"since": "2031-01-01T00:00:00Z"})
    assert [event["data"]["number"] for event in answer.json()] == ["2026-002"]
    assert (nothing.json(), nothing.headers["x-next-cursor"]) == ([], "2")


async def test_what_has_not_changed_is_not_sent_again(
    client: Client, tell: Tell, clock: SetClock, december: SessionScheduled, key: str
) -> None:
    await tell(december)
    async with client(key) as program:
        first = await program.get(ALL)
        same = {"If-None-Match": first.headers["etag"]}
        again = await program.get(ALL, headers=same)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["x-next-cursor"] == "1"
        await tell(submitted(clock.now()))
        assert (await program.get(ALL, headers=same)).status_code == 200


async def test_a_waiting_reader_is_woken_and_holds_no_connection(
    client: Client, service: Service, tell: Tell, december: SessionScheduled, key: str
) -> None:
    async with client(key) as program:
        await program.get(ALL)
        began = monotonic()
        waiting = asyncio.create_task(program.get(ALL, params={"wait": 20}))
        held = []
        for _ in range(10):
            await asyncio.sleep(0.06)
            held.append(service.db.engine.pool.checkedout())  # type: ignore[attr-defined]
        await tell(december)
        answer = await waiting
    assert [event["id"] for event in answer.json()] == [str(december.event_id)]
    assert monotonic() - began < 5
    assert held.count(0) >= 7


async def test_a_reader_waits_no_longer_than_asked(client: Client, key: str) -> None:
    async with client(key) as program:
        began = monotonic()
        answer = await program.get(ALL, params={"wait": 1})
    assert 0.9 < monotonic() - began < 3
    assert (answer.json(), answer.headers["x-next-cursor"]) == ([], "0")


async def test_without_a_good_key_nothing_is_read(
    client: Client, tell: Tell, december: SessionScheduled, key: str
) -> None:
    await tell(december)
    prefix = key.split(".", maxsplit=1)[0]
    for bearer in ("", "nonsense", "sb0000000000.secret", f"{prefix}.wrong", prefix):
        async with client(bearer) as program:
            answer = await program.get(ALL)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_key_in_the_address_opens_nothing(client: Client, key: str) -> None:
    async with client("") as program:
        for name in ("key", "token", "access_token", "authorization"):
            assert (await program.get(ALL, params={name: key})).status_code == 401


async def test_a_signed_in_person_is_no_partner(signed_in: Any) -> None:
    from tests.notifications.feeds.conftest import OFFICE

    async with signed_in(OFFICE) as browser:
        assert (await browser.get(ALL)).status_code == 403


async def test_the_database_holds_only_the_hash_of_a_key(service: Service, key: str) -> None:
    prefix, secret = key.split(".")
    async with service.db.read() as session:
        [row] = (await session.scalars(select(PartnerKey))).all()
    assert row.prefix == prefix
    assert secret not in json.dumps([str(value) for value in vars(row).values()])


OPENED: list[tuple[Scope, str, list[int] | None]] = [
    (Scope.EVERYTHING, "all", [1, 2]),
    (Scope.EVERYTHING, "applications", [2]),
    (Scope.PUBLIC, "all", [1]),
    (Scope.PUBLIC, "applications", []),
    (Scope.APPLICATIONS, "applications", [2]),
    (Scope.APPLICATIONS, "all", None),
    (Scope.APPLICATIONS, "sessions", None),
    (Scope.SESSIONS, "sessions", [1]),
    (Scope.SESSIONS, "applications", None),
]
"""Scope, topic, and the cursors it lets one read; None where it opens nothing."""


async def test_scopes_open_their_topics_and_no_others(
    client: Client,
    tell: Tell,
    clock: SetClock,
    december: SessionScheduled,
    partner_with: PartnerWith,
) -> None:
    await tell(december, submitted(clock.now()))
    keys = {scope: (await partner_with(scope))[1] for scope in Scope}
    for scope, topic, numbers in OPENED:
        async with client(keys[scope]) as program:
            answer = await program.get(FEED.format(topic))
        if numbers is None:
            assert answer.status_code == 403, (scope, topic)
        else:
            assert [int(event["cursor"]) for event in answer.json()] == numbers, (scope, topic)


async def test_two_keys_work_side_by_side_and_a_revoked_one_stops_at_once(
    service: Service, client: Client, clock: SetClock, partner_with: PartnerWith
) -> None:
    partner, old = await partner_with(Scope.PUBLIC)
    async with service.db.begin() as session:
        _, new = await issue_key(session, partner, at=clock.now())
    async with service.db.begin() as session:
        with pytest.raises(TooManyKeys):
            await issue_key(session, partner, at=clock.now())
    async with client(old) as one, client(new) as other:
        assert (await one.get(ALL)).status_code == 200
        assert (await other.get(ALL)).status_code == 200
        async with service.db.begin() as session:
            prefix = old.split(".", maxsplit=1)[0]
            found = select(PartnerKey).where(PartnerKey.prefix == prefix)
            row = (await session.scalars(found)).one()
            assert revoke(row, at=clock.now())
        assert (await one.get(ALL)).status_code == 401
        assert (await other.get(ALL)).status_code == 200
    async with service.db.begin() as session:
        await issue_key(session, partner, at=clock.now())


async def test_the_office_sees_how_far_a_partner_has_read(
    service: Service, client: Client, tell: Tell, clock: SetClock, key: str
) -> None:
    await tell(submitted(clock.now()), submitted(clock.now(), "2026-022"))
    async with client(key) as program:
        await program.get(FEED.format("applications"), params={"limit": 1})
        clock.forward(minutes=2)
        await program.get(FEED.format("applications"), params={"after": 1})
    async with service.db.read() as session:
        [position] = (await session.scalars(select(FeedPosition))).all()
        [used] = (await session.scalars(select(PartnerKey))).all()
    assert (position.topic, position.cursor) == ("applications", 2)
    assert position.read_at == used.last_used_at == clock.now()


async def test_a_wrong_question_is_answered_with_what_is_wrong(client: Client, key: str) -> None:
    wrong = [
        {"after": "-1"},
        {"after": "x"},
        {"after": "99999999999999999999"},
        {"limit": "0"},
        {"limit": "501"},
        {"wait": "31"},
        {"since": "yesterday"},
        {"since": "2026-01-01T00:00:00"},
    ]
    async with client(key) as program:
        for question in wrong:
            answer = await program.get(ALL, params=question)
            assert answer.status_code == 422, question
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["status"] == 422


async def test_an_unknown_topic_is_refused(client: Client, key: str) -> None:
    async with client(key) as program:
        answer = await program.get(FEED.format("gossip"))
    assert answer.status_code in (404, 422)


async def test_a_cursor_from_another_journal_is_refused_instead_of_waiting_for_ever(
    client: Client, tell: Tell, december: SessionScheduled, key: str
) -> None:
    await tell(december)
    async with client(key) as program:
        assert (await program.get(ALL, params={"after": 1})).status_code == 200
        answer = await program.get(ALL, params={"after": 2})
    assert answer.status_code == 410
    assert "after=0" in answer.json()["detail"]


async def test_what_was_taken_back_reaches_readers_old_and_new(
    service: Service,
    client: Client,
    tell: Tell,
    clock: SetClock,
    december: SessionScheduled,
    key: str,
) -> None:
    called_off = cancelled(december, version=2)
    await tell(december, called_off)
    async with client(key) as program:
        before = await program.get(ALL)
        async with service.db.begin() as session:
            await remove(session, await session.get_one(JournalEntry, 2), at=clock.now())
        [tombstone] = (await program.get(before.links["next"]["url"])).json()
        anew = (await program.get(ALL, headers={"If-None-Match": before.headers["etag"]})).json()
    assert tombstone["data"]["event_id"] == str(called_off.event_id)
    assert anew[1]["removed"] is True
    assert "Wasserschaden" not in json.dumps(anew)


async def test_no_feed_carries_personal_data(
    client: Client,
    browser: Browser,
    tell: Tell,
    clock: SetClock,
    december: SessionScheduled,
    key: str,
) -> None:
    await tell(december, submitted(clock.now()), cancelled(december, version=2))
    async with client(key) as program:
        texts = [(await program.get(FEED.format(topic))).text for topic in ("all", "applications")]
    texts += [
        (await browser.get(f"/feeds/{topic}.{form}")).text
        for topic in ("all", "sessions", "applications")
        for form in ("atom", "json")
    ]
    for text in texts:
        assert str(PERSON) not in text
        assert "person_id" not in text
        assert "@" not in text


OFFICES_WORDS = (OccasionEvent, VoteClosed, ResolutionRecorded)
"""Their `title` is written by the office for everybody; an application's own is not."""


def test_no_public_or_partner_event_has_a_field_for_personal_data() -> None:
    personal = {
        "name",
        "email",
        "phone",
        "iban",
        "contact",
        "link",
        "address",
        "title",
        "applicant",
    }
    for kind in registry().values():
        if kind.audience.value != "internal":
            told = personal - {"title"} if issubclass(kind, OFFICES_WORDS) else personal
            assert not told & kind.model_fields.keys(), kind
            kinds = [str(field.annotation) for field in kind.model_fields.values()]
            assert not any("Sealed" in annotation for annotation in kinds), kind


async def test_too_many_questions_are_slowed_down(
    client: Client, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.notifications.api_feeds.READS", "3/minute")
    async with client(key) as program:
        codes = [(await program.get(ALL)).status_code for _ in range(4)]
        assert codes == [200, 200, 200, 429]
        assert int((await program.get(ALL)).headers["retry-after"]) > 0


async def test_the_interface_is_described(app: FastAPI, browser: Browser) -> None:
    document = (await browser.get("/notifications/openapi.json")).json()
    described = document["paths"]["/api/v1/notifications/feeds/{topic}/events"]["get"]
    assert {"200", "304", "401", "403", "410", "422", "429"} <= described["responses"].keys()
    assert {asked["name"] for asked in described["parameters"]} == {
        "topic",
        "after",
        "since",
        "limit",
        "wait",
    }
    assert document["components"]["securitySchemes"]
