"""When it does not work, people get a page and programs get problem details."""

import json
import logging

import pytest

from tests.support.browser import Browser

IDEAS = "/api/v1/applications/ideas"
KEY = {"Authorization": "Bearer good"}


@pytest.mark.parametrize(
    "status", [400, 403, 404, 409, 410, 413, 415, 418, 422, 429, 500, 502, 503]
)
@pytest.mark.parametrize("lang", ["de", "en", "ar"])
async def test_every_status_has_a_page_in_the_readers_language(
    browser: Browser, status: int, lang: str
) -> None:
    answer = await browser.get(f"/antraege/fehlt/{status}", headers={"Accept-Language": lang})
    assert answer.status_code == status
    assert f'<html lang="{lang}"' in answer.text
    assert "%(" not in answer.text


async def test_an_unknown_address_and_a_malformed_one_are_the_same_page(browser: Browser) -> None:
    for path in ("/antraege/gibtsnicht", "/antraege/nummer/keine-nummer"):
        answer = await browser.get(path)
        assert answer.status_code == 404
        assert "gibt es nicht" in answer.text


async def test_a_crash_shows_its_number_and_nothing_of_the_inside(
    browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "stadtteilbote"):
        answer = await browser.get("/antraege/krach")
    number = answer.headers["x-request-id"]
    assert answer.status_code == 500
    assert number in answer.text
    for inside in ("RuntimeError", "Traceback", "geheim", "ada@"):
        assert inside not in answer.text
    assert f"{number} RuntimeError in" in caplog.text
    assert "sample.py" in caplog.text
    assert "ada@" not in caplog.text


async def test_redis_going_away_is_no_crash(browser: Browser) -> None:
    answer = await browser.get("/antraege/redis-weg")
    assert answer.status_code == 503
    assert "retry-after" in answer.headers


async def test_the_log_knows_patterns_and_no_people(
    browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "stadtteilbote"):
        await browser.get("/antraege/nummer/00000000-0000-0000-0000-000000000001?token=geheim")
    assert "GET /antraege/nummer/{thing_id} 200" in caplog.text
    assert "geheim" not in caplog.text
    assert "127.0.0.1" not in caplog.text


async def test_an_api_error_points_at_every_field(browser: Browser) -> None:
    answer = await browser.post(IDEAS, json={"amount": 0, "name": ""}, headers=KEY)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert {"type", "title", "status", "detail", "instance", "errors"} == body.keys()
    assert [error["pointer"] for error in body["errors"]] == ["#/amount", "#/name"]
    assert body["errors"][0]["detail"] == "Die Zahl muss mindestens 1 sein."


async def test_an_api_error_names_the_parameter(browser: Browser) -> None:
    body = {"amount": 1, "name": "x"}
    answer = await browser.post(f"{IDEAS}?times=oft", json=body, headers=KEY)
    [error] = answer.json()["errors"]
    assert (error["parameter"], error["in"]) == ("times", "query")


@pytest.mark.parametrize(
    "sent", [b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"amount":1e999,"name":"x"}']
)
async def test_broken_json_is_the_senders_fault(browser: Browser, sent: bytes) -> None:
    headers = KEY | {"Content-Type": "application/json"}
    answer = await browser.post(IDEAS, content=sent, headers=headers)
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"
    json.loads(answer.content)


async def test_an_api_call_without_or_with_a_bad_key_is_told_how_to_ask(browser: Browser) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"X-API-Key": "wrong"}):
        answer = await browser.get("/api/v1/applications/feed", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.json()["status"] == 401


async def test_a_key_opens_only_what_its_scopes_name(browser: Browser) -> None:
    for headers, status in (
        ({"Authorization": "Bearer good"}, 200),
        ({"X-API-Key": "good"}, 200),
        ({"Authorization": "Bearer narrow"}, 403),
    ):
        assert (
            await browser.get("/api/v1/applications/feed", headers=headers)
        ).status_code == status


async def test_an_unknown_api_path_is_problem_details_too(browser: Browser) -> None:
    answer = await browser.get("/api/v1/applications/nothing")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


async def test_the_openapi_document_shows_the_api_and_no_page(browser: Browser) -> None:
    paths = (await browser.get("/applications/openapi.json")).json()["paths"]
    assert set(paths) == {IDEAS, "/api/v1/applications/feed"}


async def test_health_and_figures(browser: Browser, cut_off: Browser) -> None:
    assert (await browser.get("/applications/health/live")).status_code == 200
    assert (await browser.get("/applications/health/ready")).json() == {
        "database": "ok",
        "redis": "ok",
    }
    answer = await cut_off.get("/applications/health/ready")
    assert (answer.status_code, answer.json()["redis"]) == (200, "down")
    await browser.get("/antraege")
    await browser.request("KAUDERWELSCH", "/antraege")
    figures = (await browser.get("/applications/metrics")).text
    assert 'http_requests_total{method="GET",route="/antraege",status="200"} 1.0' in figures
    assert "KAUDERWELSCH" not in figures
