"""Every page, as everyone who may see it: axe finds nothing, nothing is cut off, no link is dead."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, ViewportSize

from tests.browser.conftest import NewContext
from tests.browser.crawl import pages
from tests.browser.journey import Play, a_pdf, fill_costs, fill_idea, fill_who, go_on
from tests.browser.site import Codes, Site

RULES: Final = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
READERS: Final = (("de", "light"), ("en", "dark"), ("ar", "light"))
NARROWEST: Final = ViewportSize(width=320, height=640)

TABS: Final = ("andere", "sitzung", "abgeschlossen")

STARTS: Final = {
    "anonymous": ("/", "/antraege/neu", "/mein", "/anmelden", "/gremium", "/termine", "/abstimmen"),
    "office": (
        "/buero",
        "/konto",
        "/buero/mitglieder",
        "/buero/termine",
        *(f"/buero/antraege?liste={tab}" for tab in TABS),
    ),
    "payer": ("/konto",),
    "auditor": ("/buero", "/konto", "/buero/antraege?liste=andere"),
    "member": ("/konto", "/sitzungen", "/gremium"),
    "chair": ("/gremium",),
}

Cookies = dict[str, list[Any]]


@pytest.fixture(scope="session")
def signed_in() -> Cookies:
    """One sign-in a person for the whole run: each further code would have to be waited for."""
    return {}


@pytest.fixture(params=READERS, ids="-".join)
def reader(request: pytest.FixtureRequest, site: Site, new_context: NewContext) -> BrowserContext:
    """A browser that reads one language, by day or by night."""
    lang, theme = request.param
    context = new_context(color_scheme=theme)
    context.add_cookies([{"name": "lang", "value": lang, "url": site.origin}])
    return context


@pytest.mark.parametrize("who", STARTS)
def test_every_page_is_accessible_whole_and_alive(
    who: str,
    reader: BrowserContext,
    site: Site,
    codes: Codes,
    new_context: NewContext,
    signed_in: Cookies,
    request: pytest.FixtureRequest,
) -> None:
    """Things of the same kind that look different, all of them in German."""
    if who != "anonymous" and who not in signed_in:
        context = Play(site, codes, new_context).sign_in(who)
        signed_in[who] = [one for one in context.cookies() if one["name"] != "lang"]
    reader.add_cookies(signed_in.get(who, []))
    page, wrong = reader.new_page(), list[str]()
    in_german = request.node.callspec.params["reader"][0] == "de"
    for path, answer in pages(page, site.origin, STARTS[who], several=in_german):
        if answer.status >= 400:
            wrong.append(f"{path} answers {answer.status}")
        wrong += found_on(page)
    assert not wrong, "\n".join(wrong)


def test_the_form_is_accessible_at_every_step_right_and_wrong(
    reader: BrowserContext, site: Site, codes: Codes, new_context: NewContext
) -> None:
    page = reader.new_page()
    page.goto(site.origin + "/antraege/neu")
    page.locator("main form .sb-actions button").click()
    wrong = list[str]()
    for step in ("idee", "wer", "kosten", "dateien", "pruefen"):
        page.goto(f"{site.origin}/antraege/entwurf/{step}")
        wrong += found_on(page)
    page.locator(".sb-actions button[name=aktion][value=weiter]").click()
    page.locator("#fehler").wait_for()
    wrong += found_on(page)
    page.goto(f"{site.origin}/antraege/entwurf/kosten")
    page.locator("[name=asked_cents]").fill("ca. hundert")
    page.locator(".sb-actions button[name=aktion][value=weiter]").click()
    page.locator("#fehler").wait_for()
    assert page.locator("[name=asked_cents]").input_value() == "ca. hundert"
    assert page.evaluate("document.activeElement.id") == "fehler"
    wrong += found_on(page)
    assert not wrong, "\n".join(wrong)


def test_an_applicants_own_pages_are_accessible(
    reader: BrowserContext, site: Site, codes: Codes, new_context: NewContext
) -> None:
    play = Play(site, codes, new_context)
    page = reader.new_page()
    hand_in(page, site, play.resident)
    wrong = found_on(page)
    site.mail(play.resident, saying="/mein")
    before = site.mails(play.resident)[0]["id"]
    page.goto(site.origin + "/mein")
    page.locator("[name=email]").fill(play.resident)
    page.locator("main form .sb-actions button").first.click()
    wrong += found_on(page)
    page.goto(own_link(site, play.resident, before))
    wrong += found_on(page)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(lambda url: "/link/" not in url)
    for path, answer in pages(page, site.origin, (page.url.removeprefix(site.origin),)):
        if answer.status >= 400:
            wrong.append(f"{path} answers {answer.status}")
        if path.startswith("/mein"):
            wrong += found_on(page)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", ["/gibt/es/nicht", "/buero/antraege/nicht-da", "/anmelden/link/x"])
def test_a_page_that_is_not_there_says_so_in_the_readers_language(
    path: str, reader: BrowserContext, site: Site
) -> None:
    page = reader.new_page()
    answer = page.goto(site.origin + path)
    assert answer is not None
    wrong = found_on(page)
    assert not wrong, "\n".join(wrong)


def hand_in(page: Page, site: Site, email: str) -> None:
    """A whole application, step by step."""
    page.goto(site.origin + "/antraege/neu")
    page.locator("main form .sb-actions button").click()
    fill_idea(page)
    go_on(page)
    fill_who(page, email)
    go_on(page)
    fill_costs(page)
    go_on(page)
    page.locator("input[type=file]").set_input_files(
        {"name": "Plan.pdf", "mimeType": "application/pdf", "buffer": a_pdf()}
    )
    page.locator(".sb-files", has_text="Plan.pdf").wait_for()
    go_on(page)
    page.locator("[name=privacy]").check()
    go_on(page)


def own_link(site: Site, email: str, after: int) -> str:
    """The newest mailed link to Mein Antrag."""
    mail = site.mail(email, saying="/mein/link/")
    assert mail["id"] > after
    return next(str(link) for link in mail["links"] if "/mein/link/" in link)


def found_on(page: Page) -> list[str]:
    """Everything wrong with the page that is open now."""
    return [f"{page.url}: {wrong}" for wrong in (*violations(page), *_shape(page))]


def violations(page: Page) -> Iterator[str]:
    """What axe finds: rule, place and why."""
    for one in Axe().run(page, options=RULES).response["violations"]:
        for node in one["nodes"]:
            yield f"{one['id']} {node['target']} {node['html'][:160]} {node['failureSummary']}"


def _shape(page: Page) -> Iterator[str]:
    """One h1, the language the reader chose, no sideways scrolling on the narrowest phone."""
    if (headings := page.locator("h1").count()) != 1:
        yield f"has {headings} h1"
    chosen = {one["name"]: one["value"] for one in page.context.cookies()}["lang"]
    if (said := page.locator("html").get_attribute("lang")) != chosen:
        yield f"is in {said}, not in {chosen}"
    wide = page.viewport_size
    assert wide is not None
    page.set_viewport_size(NARROWEST)
    if (over := page.evaluate("document.documentElement.scrollWidth - innerWidth")) > 0:
        yield f"is {over} px too wide at 320"
    page.set_viewport_size(wide)
