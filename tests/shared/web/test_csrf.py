"""A form counts only from our own page in this browser."""

import re

import pytest

from tests.support.browser import TOKEN, Browser

FORM = "/antraege/idee"
CSRF = "__Host-csrf"


async def token_of(browser: Browser) -> str:
    found = TOKEN.search((await browser.get(FORM)).text)
    assert found
    return found[1]


async def test_a_form_from_our_page_is_taken(browser: Browser) -> None:
    assert (
        await browser.post(FORM, data={"csrf_token": await token_of(browser)})
    ).status_code == 422


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", ""])
async def test_a_form_from_elsewhere_is_refused_even_with_the_token(
    browser: Browser, site: str
) -> None:
    data = {"csrf_token": await token_of(browser)}
    headers = {"Sec-Fetch-Site": site, "Origin": "https://stadtteil.example"}
    answer = await browser.post(FORM, data=data, headers=headers)
    assert answer.status_code == 403
    assert "nicht von unserer Seite" in answer.text


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://stadtteil.example", 422),
        ("http://stadtteil.example", 403),
        ("https://stadtteil.example.evil.example", 403),
        ("null", 403),
        (None, 403),
    ],
)
async def test_old_browsers_are_known_by_their_origin(
    browser: Browser, origin: str | None, status: int
) -> None:
    data = {"csrf_token": await token_of(browser)}
    del browser.headers["Sec-Fetch-Site"]
    headers = {} if origin is None else {"Origin": origin}
    assert (await browser.post(FORM, data=data, headers=headers)).status_code == status


async def test_without_the_token_or_with_a_wrong_one_it_is_refused(browser: Browser) -> None:
    token = await token_of(browser)
    for wrong in ("", "x", token[:-4] + "AAAA", "A" * len(token)):
        answer = await browser.post(FORM, data={"csrf_token": wrong})
        assert answer.status_code == 403
        assert "zu lange offen" in answer.text


async def test_a_stale_form_loses_nothing_and_can_be_sent_again(browser: Browser) -> None:
    typed = {"title": "Chor <b>", "aim": "\n\neins\nzwei", "csrf_token": "old"}
    stale = await browser.post(FORM, data=typed)
    assert stale.status_code == 403
    assert 'name="title" hidden>\nChor &lt;b&gt;</textarea>' in stale.text
    again = re.findall(r'<textarea name="(\w+)" hidden>\n([^<]*)</textarea>', stale.text)
    token = TOKEN.search(stale.text)
    assert token
    sent = await browser.post(FORM, data=dict(again) | {"csrf_token": token[1]})
    assert sent.status_code == 422
    assert "Chor &amp;lt;b" in sent.text


async def test_a_stale_password_is_not_put_into_a_page(browser: Browser) -> None:
    stale = await browser.post(FORM, data={"password": "geheim", "csrf_token": "old"})
    assert stale.status_code == 403
    assert "geheim" not in stale.text


async def test_another_browsers_token_is_refused(browser: Browser) -> None:
    async with Browser(browser._transport.app) as other:  # type: ignore[attr-defined]
        await token_of(browser)
        answer = await browser.post(FORM, data={"csrf_token": await token_of(other)})
    assert answer.status_code == 403


async def test_a_cookie_we_did_not_sign_is_refused(browser: Browser) -> None:
    """Whoever plants a cookie of their own still cannot make a token for it."""
    browser.cookies.set(CSRF, "A" * 43, domain="stadtteil.example")
    answer = await browser.post(FORM, data={"csrf_token": "A" * 43})
    assert answer.status_code == 403


async def test_the_token_may_come_as_a_header(browser: Browser) -> None:
    headers = {"X-CSRF-Token": await token_of(browser)}
    answer = await browser.post(
        "/api/v1/applications/ideas", json={"amount": 1, "name": "x"}, headers=headers
    )
    assert answer.json() == {"amount": 1}


async def test_a_multipart_form_carries_it_too(browser: Browser) -> None:
    data = {"csrf_token": await token_of(browser)}
    files = {"datei": ("a.pdf", b"%PDF", "application/pdf")}
    answer = await browser.post("/antraege/datei", data=data, files=files)
    assert answer.text == "[4]"


async def test_an_api_key_needs_no_token_and_gets_no_session(browser: Browser) -> None:
    await browser.post("/mein/anmelden/office")
    del browser.headers["Sec-Fetch-Site"]
    headers = {"Authorization": "Bearer good"}
    body = {"amount": 1, "name": "x"}
    answer = await browser.post("/api/v1/applications/ideas", json=body, headers=headers)
    assert answer.status_code == 200
    assert (await browser.post("/api/v1/applications/ideas", json=body)).status_code == 403


async def test_a_route_can_do_without_for_other_programs(browser: Browser) -> None:
    del browser.headers["Sec-Fetch-Site"]
    assert (await browser.post("/antraege/abbestellen")).text == "weg"


async def test_the_cookie_comes_with_the_first_form_and_stays(browser: Browser) -> None:
    assert CSRF not in (await browser.get("/antraege")).headers.get("set-cookie", "")
    first = await browser.get(FORM)
    assert re.search(
        rf"{CSRF}=[^;]+; Path=/; Secure; HttpOnly; SameSite=Lax", first.headers["set-cookie"]
    )
    assert "set-cookie" not in (await browser.get(FORM)).headers


async def test_the_token_looks_different_each_time(browser: Browser) -> None:
    """So that compressed pages do not give it away letter by letter."""
    assert await token_of(browser) != await token_of(browser)


async def test_it_survives_a_new_process_and_needs_no_redis(
    browser: Browser, cut_off: Browser
) -> None:
    token = await token_of(browser)
    cut_off.cookies = browser.cookies
    assert (await cut_off.post(FORM, data={"csrf_token": token})).status_code == 422


async def test_signing_in_in_another_tab_leaves_open_forms_good(browser: Browser) -> None:
    token = await token_of(browser)
    await browser.post("/mein/anmelden/office")
    assert (await browser.post(FORM, data={"csrf_token": token})).status_code == 422
