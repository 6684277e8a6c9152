"""How much a request may bring."""

from collections.abc import AsyncIterator

from tests.support.browser import TOKEN, Browser

FORM, UPLOAD = "/antraege/idee", "/antraege/datei"


async def test_a_form_that_is_too_large_gets_a_page_that_names_the_limit(browser: Browser) -> None:
    answer = await browser.submit(FORM, {"aim": "x" * 400_000})
    assert answer.status_code == 413
    assert "300" in answer.text
    assert "kB" in answer.text


async def test_uploads_have_a_limit_of_their_own(browser: Browser) -> None:
    fits = await browser.submit(UPLOAD, on=FORM, files={"datei": ("a.pdf", b"x" * 900_000)})
    assert fits.text == "[900000]"
    large = await browser.submit(UPLOAD, on=FORM, files={"datei": ("a.pdf", b"x" * 1_100_000)})
    assert large.status_code == 413


async def test_a_body_that_does_not_say_its_length_is_counted_on_the_way(browser: Browser) -> None:
    token = TOKEN.search((await browser.get(FORM)).text)
    assert token

    async def drops() -> AsyncIterator[bytes]:
        yield f"csrf_token={token[1]}&aim=".encode()
        for _ in range(50):
            yield b"x" * 10_000

    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await browser.post(FORM, content=drops(), headers=headers)
    assert answer.status_code == 413


async def test_an_api_body_that_is_too_large_is_problem_details(browser: Browser) -> None:
    body = {"amount": 1, "name": "x" * 400_000}
    headers = {"Authorization": "Bearer good"}
    answer = await browser.post("/api/v1/applications/ideas", json=body, headers=headers)
    assert answer.status_code == 413
    assert answer.json()["status"] == 413


async def test_more_fields_than_any_form_has_are_refused(browser: Browser) -> None:
    answer = await browser.submit(FORM, {f"f{n}": "x" for n in range(2_000)})
    assert answer.status_code == 400


async def test_a_broken_multipart_body_is_the_senders_fault(browser: Browser) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = await browser.post(FORM, content=b"--y\r\nnonsense", headers=headers)
    assert answer.status_code in (400, 403)
