"""The pages the law wants, filled from the office's own facts."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from services.notifications.legal import CLOSED_TO_ROBOTS, legal_facts
from shared.web.brand import BadBrand, load_brand
from shared.web.routes import prefix_of
from tests.support.browser import Browser


async def test_the_imprint_names_office_and_responsible_people(browser: Browser) -> None:
    text = (await browser.get("/impressum")).text
    for fact in ("Hallesche Straße 30", "Stadt Wolfsburg", "§ 5", "§ 18", "EUPL"):
        assert fact in text


async def test_the_accessibility_statement_has_what_the_law_asks_for(browser: Browser) -> None:
    text = (await browser.get("/barrierefreiheit")).text
    for fact in ("EN 301 549", "NBGG", "22. November 2026", "Schlichtungsstelle", 'id="melden"'):
        assert fact in text
    address = text.split('href="mailto:')[1].split('"')[0].replace("&amp;", "&")
    asked = parse_qs(urlsplit(f"mailto:{address}").query)
    assert asked["subject"] == ["Barriere auf der Website"]


async def test_the_privacy_page_says_how_long_and_which_rights(browser: Browser) -> None:
    text = (await browser.get("/datenschutz")).text
    for fact in (
        "30 Tage",
        "10 Jahre",
        "14 Tage",
        "Artikel 17",
        "Prinzenstraße 5",
        "__Host-session",
    ):
        assert fact in text


async def test_robots_stay_out_of_what_belongs_to_somebody(browser: Browser) -> None:
    answer = await browser.get("/robots.txt")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "Disallow: /buero\n" in answer.text
    assert "Disallow: /\n" not in answer.text
    assert all(prefix_of(path) != "/" or path == "/api/" for path in CLOSED_TO_ROBOTS)


def test_an_office_without_legal_facts_does_not_start() -> None:
    brand = load_brand(Path("deploy/brand.toml"))
    assert legal_facts(brand).operator
    with pytest.raises(BadBrand):
        legal_facts(brand.model_copy(update={"legal": None}))
