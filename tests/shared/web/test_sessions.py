"""Who is signed in, for how long, and how it ends."""

from datetime import timedelta
from hashlib import sha256
from uuid import uuid4

import httpx
import pytest
from redis.asyncio import Redis
from starlette.responses import PlainTextResponse, Response

from shared.clock import SetClock
from shared.service import Service
from shared.web.access import Actor, Role
from shared.web.sessions import SessionsDown, read_session, revoke_all, sign_in
from tests.shared.web.sample import OWNER, create_sample
from tests.support.browser import Browser

SESSION = "__Host-session"


async def kind_seen(browser: Browser) -> str:
    return (await browser.get("/antraege")).text.split("<p>")[1].split()[0]


def all_cookies(answer: httpx.Response | Response) -> list[str]:
    if isinstance(answer, Response):
        return answer.headers.getlist("set-cookie")
    return answer.headers.get_list("set-cookie")


def cookie_of(answer: httpx.Response | Response) -> str:
    [cookie] = [c for c in all_cookies(answer) if c.startswith(SESSION)]
    return cookie


async def test_signing_in_makes_an_account_of_a_browser_and_signing_out_ends_it(
    browser: Browser,
) -> None:
    await browser.post("/mein/anmelden/office")
    assert await kind_seen(browser) == "account"
    token = browser.cookies[SESSION]
    await browser.submit("/mein/abmelden", on="/antraege/idee")
    assert SESSION not in browser.cookies
    browser.cookies.set(SESSION, token, domain="stadtteil.example")
    assert await kind_seen(browser) == "anonymous"


async def test_the_cookie_is_for_this_host_only_and_out_of_reach_of_scripts(
    browser: Browser,
) -> None:
    cookie = cookie_of(await browser.post("/mein/anmelden/office"))
    assert cookie.endswith("; Path=/; Secure; HttpOnly; SameSite=Lax")
    assert "Domain" not in cookie


async def test_only_members_stay_signed_in_beyond_the_browsers_end(browser: Browser) -> None:
    assert "Max-Age" not in cookie_of(await browser.post("/mein/anmelden/office"))
    assert "Max-Age" not in cookie_of(await browser.post("/mein/anmelden/applicant"))
    assert "Max-Age=2592000" in cookie_of(await browser.post("/mein/anmelden/member"))


@pytest.mark.parametrize("role", ["office", "payer", "auditor"])
async def test_staff_is_signed_out_after_30_idle_minutes(
    browser: Browser, clock: SetClock, role: str
) -> None:
    await browser.post(f"/mein/anmelden/{role}")
    clock.forward(minutes=29)
    assert await kind_seen(browser) == "account"
    clock.forward(minutes=30)
    assert await kind_seen(browser) == "account"
    clock.forward(minutes=31)
    assert await kind_seen(browser) == "anonymous"


async def test_staff_is_signed_out_after_12_hours_however_busy(
    browser: Browser, clock: SetClock
) -> None:
    await browser.post("/mein/anmelden/office")
    for _ in range(47):
        clock.forward(minutes=15)
        assert await kind_seen(browser) == "account"
    clock.forward(minutes=15)
    assert await kind_seen(browser) == "anonymous"


async def test_an_applicant_stays_for_hours_and_a_member_for_days(
    browser: Browser, clock: SetClock
) -> None:
    await browser.post("/mein/anmelden/applicant")
    clock.forward(hours=3)
    assert await kind_seen(browser) == "applicant"
    await browser.post("/mein/anmelden/member")
    clock.forward(days=6)
    assert await kind_seen(browser) == "account"
    clock.forward(days=8)
    assert await kind_seen(browser) == "anonymous"


async def test_signing_in_changes_the_id_and_ends_the_session_before(browser: Browser) -> None:
    await browser.post("/mein/anmelden/member")
    before = browser.cookies[SESSION]
    await browser.post("/mein/anmelden/office")
    assert browser.cookies[SESSION] != before
    browser.cookies.set(SESSION, before, domain="stadtteil.example")
    assert await kind_seen(browser) == "anonymous"


async def test_all_sessions_of_one_person_end_at_once_and_no_others(
    service: Service, browser: Browser
) -> None:
    async with Browser(create_sample(service)) as phone, Browser(create_sample(service)) as other:
        await browser.post("/mein/anmelden/office")
        await phone.post("/mein/anmelden/office")
        stranger = Actor(kind="account", roles=frozenset({Role.OFFICE}), account_id=uuid4())
        answer = PlainTextResponse()
        await sign_in(service, answer, stranger)
        token = cookie_of(answer).split("=", 1)[1].split(";")[0]
        other.cookies.set(SESSION, token, domain="stadtteil.example")
        await revoke_all(service, OWNER)
        assert await kind_seen(browser) == "anonymous"
        assert await kind_seen(phone) == "anonymous"
        assert await kind_seen(other) == "account"


async def test_redis_holds_neither_the_id_nor_a_name(browser: Browser, redis: Redis) -> None:
    await browser.post("/mein/anmelden/office")
    token = browser.cookies[SESSION]
    keys = await redis.keys("*")
    everything = str([keys, [await redis.dump(key) for key in keys]])
    assert token not in everything
    assert "Jana" not in everything
    assert "office" not in everything
    assert len(token) >= 43


async def test_entries_leave_redis_by_themselves(browser: Browser, redis: Redis) -> None:
    await browser.post("/mein/anmelden/office")
    [key] = await redis.keys("stadtteilbote:session:*")
    assert 0 < await redis.ttl(key) <= timedelta(minutes=30).total_seconds()


async def test_a_made_up_id_is_nobody(browser: Browser) -> None:
    browser.cookies.set(SESSION, "x" * 43, domain="stadtteil.example")
    assert await kind_seen(browser) == "anonymous"


async def test_a_swapped_entry_opens_for_nobody(service: Service, redis: Redis) -> None:
    """Someone who can write to Redis cannot hand one person's entry to another."""
    answer = PlainTextResponse()
    await sign_in(service, answer, Actor(kind="account", account_id=OWNER))
    [key] = await redis.keys("stadtteilbote:session:*")
    entry = await redis.get(key) or b""
    await redis.set("stadtteilbote:session:" + sha256(b"mine").hexdigest(), entry)
    assert await read_session(service, "mine") is None


async def test_without_redis_everyone_reads_on_as_anonymous(cut_off: Browser) -> None:
    cut_off.cookies.set(SESSION, "x" * 43, domain="stadtteil.example")
    assert await kind_seen(cut_off) == "anonymous"
    sent = await cut_off.submit("/antraege/idee", {"title": ""})
    assert sent.status_code == 422


async def test_without_redis_office_pages_and_signing_in_answer_503(cut_off: Browser) -> None:
    assert (await cut_off.get("/buero/antraege")).status_code == 503
    answer = await cut_off.post("/mein/anmelden/office")
    assert answer.status_code == 503
    assert "nicht zu erreichen" in answer.text
    assert int(answer.headers["retry-after"]) > 0


async def test_revoking_without_redis_says_so(service_without_redis: Service) -> None:
    with pytest.raises(SessionsDown):
        await revoke_all(service_without_redis, OWNER)
