"""Which addresses are ours."""

import pytest

from shared.web.addresses import is_own_path, own_path
from shared.web.pages import path_for, see_other
from shared.web.routes import ROUTES, SERVICES, service_of
from tests.support.browser import Browser

ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "\\\\evil.example",
    "/a\\b",
    "javascript:alert(1)",
    "/x\r\nSet-Cookie: a=b",
    "/\t/evil.example",
    "",
    "mein",
    "/a b",
]


@pytest.mark.parametrize("url", ELSEWHERE)
def test_what_could_lead_elsewhere_is_no_path_of_ours(url: str) -> None:
    assert not is_own_path(url)
    assert own_path(url, "/mein") == "/mein"
    with pytest.raises(ValueError, match="our own pages"):
        see_other(url)


@pytest.mark.parametrize("url", ["/", "/mein?a=1&b=%20#c", "/neuigkeiten/käse", "/buero/antraege"])
def test_our_own_paths_are_gone_to(url: str) -> None:
    assert own_path(url) == url
    assert see_other(url).status_code == 303


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/", "notifications"),
        ("/irgendwas", "notifications"),
        ("/buero", "applications"),
        ("/buero/sitzungen/7", "meetings"),
        ("/buero/schreiben", "notifications"),
        ("/bueromaterial", "notifications"),
        ("/antraege/entwurf/idee?x=/sitzungen", "applications"),
        ("/anmelden/link/abc", "meetings"),
        ("/api/v1/notifications/feeds/x/events", "notifications"),
        ("/meetings/health/live", "meetings"),
        ("/kalender.ics", "notifications"),
    ],
)
def test_each_path_belongs_to_one_service(path: str, service: str) -> None:
    assert service_of(path) == service


def test_the_table_names_known_services_only() -> None:
    assert set(ROUTES.values()) == set(SERVICES)


def test_a_link_to_nowhere_is_noticed() -> None:
    assert path_for("/sitzungen/7") == "/sitzungen/7"
    with pytest.raises(ValueError, match="no service"):
        path_for("/sitzung/7")


async def test_a_foreign_host_is_refused(browser: Browser) -> None:
    answer = await browser.get("/antraege", headers={"Host": "evil.example"})
    assert answer.status_code == 421
    assert "https://stadtteil.example" in answer.text


async def test_the_machine_room_is_asked_by_any_name(browser: Browser) -> None:
    for path in (
        "/applications/health/live",
        "/applications/health/ready",
        "/applications/metrics",
    ):
        answer = await browser.get(path, headers={"Host": "applications:8000"})
        assert answer.status_code == 200


async def test_a_slash_at_the_end_leads_to_the_page(browser: Browser) -> None:
    answer = await browser.get("/antraege/idee/?a=b%20c")
    assert answer.status_code == 308
    assert answer.headers["location"] == "/antraege/idee?a=b%20c"


async def test_a_slash_at_the_end_never_leads_elsewhere(browser: Browser) -> None:
    for path in ("//evil.example/", "///evil.example//", "/%5Cevil.example/", "/%0d%0ax/"):
        location = (await browser.get(f"https://stadtteil.example{path}")).headers["location"]
        assert location.startswith("/")
        assert not location.startswith(("//", "/\\"))
        assert "\n" not in location


async def test_head_answers_like_get_without_the_body(browser: Browser) -> None:
    get, head = await browser.get("/antraege"), await browser.head("/antraege")
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["content-length"] == get.headers["content-length"]


async def test_a_wrong_method_is_named(browser: Browser) -> None:
    answer = await browser.put("/antraege")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET"


@pytest.mark.parametrize(
    ("asked", "cookie", "header", "lang"),
    [
        (None, None, "", "de"),
        (None, None, "fr-FR,fr;q=0.9", "de"),
        (None, None, "ar-SY,ar;q=0.9,de;q=0.8", "ar"),
        (None, None, "de;q=0.5,en;q=0.8", "en"),
        (None, None, "en;q=0,de", "de"),
        (None, None, "en;q=x, ;;;,*", "de"),
        (None, "en", "ar", "en"),
        ("ar", "en", "de", "ar"),
        ("xx", "en", "de", "en"),
        (None, "<script>", "de", "de"),
    ],
)
async def test_the_language_is_asked_for_remembered_or_preferred(
    browser: Browser, asked: str | None, cookie: str | None, header: str, lang: str
) -> None:
    if cookie:
        browser.cookies.set("lang", cookie, domain="stadtteil.example")
    query = {"lang": asked} if asked else {}
    answer = await browser.get("/antraege", params=query, headers={"Accept-Language": header})
    assert f'lang="{lang}" dir="{"rtl" if lang == "ar" else "ltr"}"' in answer.text


async def test_the_switch_is_remembered(browser: Browser) -> None:
    await browser.get("/antraege?lang=en")
    assert 'lang="en"' in (await browser.get("/antraege")).text
