"""What the browser is told with every answer."""

import re
from pathlib import Path

from fastapi import FastAPI

from shared.service import Service
from shared.web.pages import see_other
from tests.shared.web.conftest import settings_for
from tests.shared.web.sample import create_sample
from tests.support.browser import Browser

LOOK_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'self'"
)


async def test_every_answer_carries_the_policy_and_its_companions(browser: Browser) -> None:
    for path in (
        "/antraege",
        "/antraege/krach",
        "/antraege/gibtsnicht",
        "/buero/antraege",
        "/antraege/",
    ):
        headers = (await browser.get(path)).headers
        assert headers["content-security-policy"] == LOOK_CSP, path
        assert headers["referrer-policy"] == "same-origin"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "camera=()" in headers["permissions-policy"]
        assert headers["strict-transport-security"].startswith("max-age=")
        assert len(headers["x-request-id"]) == 8


async def test_only_a_page_that_asks_for_a_nonce_has_one(browser: Browser) -> None:
    first, second = [await browser.get("/antraege/nonce") for _ in range(2)]
    assert first.text != second.text
    assert f"script-src 'self' 'nonce-{first.text}';" in first.headers["content-security-policy"]


async def test_plain_http_gets_no_hsts(tmp_path: Path, redis_url: str) -> None:
    settings = settings_for(tmp_path, redis_url).model_copy(
        update={"origin": "http://127.0.0.1:8000"}
    )
    service = Service.open("applications", settings)
    async with Browser(create_sample(service)) as browser:
        browser.base_url = "http://127.0.0.1:8000"
        answer = await browser.get("/antraege")
    await service.close()
    assert answer.status_code == 200
    assert "strict-transport-security" not in answer.headers


async def test_pages_about_somebody_are_never_kept(browser: Browser) -> None:
    assert (await browser.get("/antraege")).headers["cache-control"] == "private, no-cache"
    await browser.post("/mein/anmelden/member")
    assert (await browser.get("/antraege")).headers["cache-control"] == "no-store"


async def test_what_an_answer_depends_on_is_named(browser: Browser) -> None:
    vary = (await browser.get("/antraege")).headers["vary"]
    assert {"Cookie", "Accept-Language", "HX-Request"} <= set(re.split(r",\s*", vary))


async def test_pages_are_utf_8(browser: Browser) -> None:
    answer = await browser.get("/antraege")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "Bürgerfonds" in answer.content.decode("utf-8")


async def test_the_note_is_ours_or_is_not_shown(browser: Browser) -> None:
    browser.cookies.set(
        "__Host-note", "QmVzdWNoZW4gU2llIGV2aWwuZXhhbXBsZQ", domain="stadtteil.example"
    )
    assert 'role="status"' not in (await browser.get("/antraege")).text


async def test_the_note_reaches_the_next_page_in_any_script(browser: Browser, app: FastAPI) -> None:
    await browser.post("/mein/anmelden/office")
    await browser.submit("/buero/antraege", on="/antraege/idee")
    assert "Gespeichert." in (await browser.get("/antraege")).text
    noted = see_other("/antraege", "وصل طلبك، شكرًا; \r\nSet-Cookie: x=1")
    sent: list[dict[str, object]] = []

    async def send(message: object) -> None:
        sent.append(message)  # type: ignore[arg-type]

    await noted({"type": "http", "app": app}, None, send)  # type: ignore[arg-type]
    cookies = [v for k, v in sent[0]["headers"] if k == b"set-cookie"]  # type: ignore[attr-defined]
    assert len(cookies) == 1
    assert b"\r" not in cookies[0]
