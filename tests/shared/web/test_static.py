"""Files, and how long browsers may keep them."""

from shared.web.assets import static_url
from tests.support.browser import Browser


async def test_a_file_with_its_version_is_kept_for_a_year(browser: Browser) -> None:
    url = static_url("stadtteil.css")
    answer = await browser.get(url)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"].startswith("text/css")


async def test_without_a_version_it_is_asked_for_anew(browser: Browser) -> None:
    answer = await browser.get("/static/stadtteil.css")
    assert answer.headers["cache-control"] == "public, no-cache"
    again = await browser.get(
        "/static/stadtteil.css", headers={"If-None-Match": answer.headers["etag"]}
    )
    assert again.status_code == 304


async def test_the_offices_colours_are_a_file_too(browser: Browser) -> None:
    answer = await browser.get("/static/brand.css?v=1")
    assert "--sb-accent" in answer.text
    assert "immutable" in answer.headers["cache-control"]


async def test_nothing_outside_the_folder_is_served(browser: Browser) -> None:
    for path in (
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/static//etc/passwd",
    ):
        assert (await browser.get(f"https://stadtteil.example{path}")).status_code == 404
    assert (await browser.get("/static")).status_code == 404
