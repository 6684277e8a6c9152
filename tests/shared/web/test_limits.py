"""How often is too often."""

from redis.asyncio import Redis
from starlette.requests import Request

from shared.web.limits import network_of
from tests.support.browser import Browser

OFTEN, ADDRESS, FORM = "/antraege/oft", "/antraege/adresse", "/antraege/idee"


async def test_beyond_the_limit_the_visitor_is_told_how_long_to_wait(browser: Browser) -> None:
    for _ in range(2):
        assert (await browser.submit(OFTEN, on=FORM)).text == "gezählt"
    refused = await browser.submit(OFTEN, on=FORM)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 60
    assert "Bitte warten Sie" in refused.text


async def test_a_program_gets_the_same_as_problem_details(browser: Browser) -> None:
    browser.headers["Accept"] = "application/json"
    refused = await browser.get("/antraege")
    for _ in range(3):
        token = await browser.get(FORM, headers={"Accept": "text/html"})
        refused = await browser.post(
            OFTEN, data={"csrf_token": token.text.split('value="')[1].split('"')[0]}
        )
    assert refused.status_code == 429
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["status"] == 429


async def test_addresses_are_counted_apart_and_however_they_are_written(browser: Browser) -> None:
    for written in ("ada@example.org", " ADA@Example.org "):
        assert (await browser.submit(ADDRESS, {"email": written}, on=FORM)).status_code == 200
    assert (await browser.submit(ADDRESS, {"email": "ada@example.org"}, on=FORM)).status_code == 429
    assert (await browser.submit(ADDRESS, {"email": "eva@example.org"}, on=FORM)).status_code == 200


async def test_redis_learns_neither_addresses_nor_networks(browser: Browser, redis: Redis) -> None:
    await browser.submit(ADDRESS, {"email": "ada@example.org"}, on=FORM)
    await browser.submit(OFTEN, on=FORM)
    keys = str(await redis.keys("*"))
    assert "stadtteilbote:limit" in keys
    assert "ada" not in keys
    assert "127.0.0.1" not in keys


async def test_without_redis_public_forms_go_on_and_the_strict_ones_wait(cut_off: Browser) -> None:
    for _ in range(4):
        assert (await cut_off.submit(OFTEN, on=FORM)).status_code == 200
    assert (await cut_off.submit(ADDRESS, {"email": "a@b.de"}, on=FORM)).status_code == 503


def test_an_ipv6_connection_counts_as_one_visitor() -> None:
    def seen(host: str) -> str:
        return network_of(Request({"type": "http", "client": (host, 1), "headers": []}))

    assert seen("2001:db8:1:2:3::4") == seen("2001:db8:1:2:ffff::1") != seen("2001:db8:1:3::1")
    assert seen("::ffff:192.0.2.1") == seen("192.0.2.1") == "192.0.2.1"
