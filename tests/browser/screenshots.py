"""The pictures of docs/ and the README: `make screenshots` takes them anew from a demo of its own."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Literal

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from tests.browser.conftest import NARROW, WIDE, launch
from tests.browser.evening import SEWING
from tests.browser.journey import Play, fill_costs, fill_idea
from tests.browser.site import ROOT, Codes, Site, demo
from tests.browser.test_session import TABLET, WALL, Room, people_arrive

PICTURES: Final = ROOT / "docs/pictures"
COLOURS: Final = 128
MAIL: Final = ViewportSize(width=700, height=900)
DESK: Final = ViewportSize(width=1280, height=2000)
Theme = Literal["light", "dark"]
Look = tuple[str, ViewportSize, Theme]


@dataclass
class Album:
    """Takes pictures of one demo, as one person after the other."""

    site: Site
    browser: Browser
    codes: Codes

    def context(self, lang: str, size: ViewportSize, theme: Theme = "light") -> BrowserContext:
        context = self.browser.new_context(viewport=size, color_scheme=theme)
        context.add_cookies([{"name": "lang", "value": lang, "url": self.site.origin}])
        return context

    def anyone(self, path: str, name: str) -> None:
        """A public page: wide in German, narrow in Arabic."""
        for lang, size in (("de", WIDE), ("ar", NARROW)):
            page = self.context(lang, size).new_page()
            page.goto(self.site.origin + path)
            self.take(page, name, lang, size)

    def form(self) -> None:
        """A step as it is opened, and the one with a wrong sum, which stays as typed."""
        for lang, size in (("de", WIDE), ("ar", NARROW)):
            page = self.context(lang, size).new_page()
            page.goto(self.site.origin + "/antraege/neu")
            page.locator("main form .sb-actions button").click()
            fill_idea(page)
            self.take(page, "form", lang, size)
            page.goto(self.site.origin + "/antraege/entwurf/kosten")
            fill_costs(page)
            page.locator("[name=asked_cents]").fill("ca. hundert")
            page.locator(".sb-actions button[name=aktion][value=weiter]").click()
            page.locator("#fehler").wait_for()
            self.take(page, "form-error", lang, size)

    def office(self) -> None:
        """What the office works with, by day and by night."""
        play = Play(self.site, self.codes, lambda **_: self.context("de", WIDE))
        cookies: list[Any] = list(play.sign_in("office").cookies())
        self.newsletter(cookies)
        looks: tuple[Look, ...] = (("de", WIDE, "light"), ("ar", NARROW, "dark"))
        for lang, size, theme in looks:
            context = self.context(lang, size, theme)
            context.add_cookies([one for one in cookies if one["name"] != "lang"])
            page = context.new_page()
            for path, name in (
                ("/buero", "today"),
                ("/buero/antraege", "board"),
                ("/buero/sitzungen", "sessions"),
                ("/buero/schreiben", "letters"),
                ("/buero/partner", "partners"),
                ("/buero/konten", "accounts"),
                ("/buero/mitglieder", "members"),
                ("/buero/termine", "occasions-office"),
                (f"/buero/fonds/buergerfonds/{date.today().year}", "fund-year"),
            ):
                page.goto(self.site.origin + path)
                self.take(page, name, lang, size)
            page.goto(self.site.origin + "/buero/sitzungen")
            held = page.locator("[aria-labelledby=h-vorbei] .sb-rows a").first.get_attribute("href")
            page.goto(f"{self.site.origin}{held}/protokoll")
            self.take(page, "minutes", lang, size)
            page.goto(self.site.origin + "/buero/antraege")
            page.locator(".sb-rows a").first.click()
            page.locator("h1").wait_for()
            self.take(page, "case", lang, size)

    def newsletter(self, office: list[Any]) -> None:
        """The newest draft on its desk, and as a mail: wide, narrow, dark, Arabic."""
        context = self.context("de", WIDE)
        context.add_cookies([one for one in office if one["name"] != "lang"])
        page = context.new_page()
        page.goto(self.site.origin + "/buero/rundbriefe")
        page.locator("[aria-labelledby=h-entwurf] .sb-rows a").first.click()
        page.frame_locator("#bild").locator("h1").wait_for()
        page.set_viewport_size(DESK)
        self.take(page, "newsletter-desk", "de", DESK)
        desk = page.url.split("?", maxsplit=1)[0]
        for view, lang, size in (
            ("computer", "de", MAIL), ("handy", "de", NARROW), ("dunkel", "ar", NARROW),
        ):  # fmt: skip
            page.set_viewport_size(size)
            page.goto(f"{desk}/ansicht?sprache={lang}&als={view}")
            self.take(page, f"newsletter-{view}", lang, size)

    def session(self) -> None:
        """A session in its room: the screen with a vote by hand, a phone, the projector."""
        room = Room(self.site, self.codes, self._new)
        people_arrive(room)
        room.call(SEWING)
        room.ask("named")
        room.phone.locator("[name=stimme]").first.wait_for()
        self.take(room.phone, "phone", "de", NARROW)
        room.chair.goto(f"{self.site.origin}{room.path}")
        room.chair.get_by_role("link", name="Abbrechen").click()
        room.chair.locator("main form button[type=submit]").first.click()
        room.call(SEWING)
        room.ask("hands")
        for field, value in (("yes", 7), ("no", 1), ("abstain", 1)):
            room.chair.locator(f"[name={field}]").fill(str(value))
        room.chair.locator("#vorschau *").first.wait_for()
        self.take(room.chair, "room", "de", TABLET)
        room.count_hands(7, 1, 1)
        room.answered("Das Geld ist zurückgelegt")
        room.wall.locator(".sb-wall__big", has_text="Angenommen").wait_for()
        self.take(room.wall, "wall", "de", WALL)

    def _new(self, **options: Any) -> BrowserContext:
        return self.browser.new_context(**{"viewport": WIDE} | options)

    def letter(self) -> None:
        """The newest letter to somebody who reads Arabic, as it was caught."""
        for mail in self.site.mails(""):
            if 'dir="rtl"' in mail["html"] and "/mein" in mail["text"]:
                page = self.context("de", NARROW).new_page()
                page.goto(f"{self.site.inbox}/{mail['id']}/html")
                self.take(page, "letter", "ar", NARROW)
                return
        raise AssertionError("nobody got an Arabic letter")

    def take(self, page: Page, name: str, lang: str, size: ViewportSize) -> None:
        file = PICTURES / f"{name}-{lang}-{size['width']}.png"
        page.evaluate("document.fonts.ready.then(() => true)")
        page.screenshot(path=file, full_page=True)
        with Image.open(file) as taken:
            taken.convert("RGB").quantize(COLOURS).save(file, optimize=True)


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder, demo(Path(folder)) as site, launch() as browser:
        album = Album(site, browser, Codes())
        for path, name in (
            ("/", "front"), ("/antraege", "fund"), ("/kalender", "calendar"), ("/abo", "subscribe"),
            ("/termine", "occasions"), ("/sitzungen/beschluesse", "resolutions"),
        ):  # fmt: skip
            album.anyone(path, name)
        album.form()
        album.letter()
        album.office()
    stage = "tests.browser.evening"
    with TemporaryDirectory() as folder, demo(Path(folder), stage) as site, launch() as browser:
        Album(site, browser, Codes()).session()


if __name__ == "__main__":
    main()
