"""The least that every service stands on."""

from tests.support.browser import Browser


async def test_a_public_page_opens_for_everyone(browser: Browser) -> None:
    answer = await browser.get("/antraege")
    assert answer.status_code == 200
    assert "anonymous" in answer.text


async def test_a_form_is_sent_and_the_note_shows_once(browser: Browser) -> None:
    sent = await browser.submit(
        "/antraege/idee",
        {
            "title": "Chor",
            "aim": "Singen",
            "field": "culture",
            "way": "post",
            "asked": "1.100",
            "begins": "9.12.2026",
            "email": "ada@Example.org",
            "costs-0-purpose": "Noten",
            "costs-0-amount": "100,50",
            "costs-1-purpose": "",
            "costs-1-amount": "",
        },
    )
    assert sent.status_code == 303, sent.text
    assert "Danke" in (await browser.get("/antraege")).text
    assert "Danke" not in (await browser.get("/antraege")).text
