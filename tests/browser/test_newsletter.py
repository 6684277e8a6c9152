"""A newsletter from its first word to a mailbox: written, pictured, tested, checked, sent."""

import io
from collections.abc import Iterator
from functools import partial

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import NARROW, WIDE, NewContext
from tests.browser.journey import Play
from tests.browser.newsroom import BENCHES, FESTIVAL, READERS
from tests.browser.site import Codes, Site, demo
from tests.browser.test_pages import NARROWEST, violations

SUBJECT = "Winterfest, neue Bänke und Geld für Ihre Ideen"
FIRST_LINE = "Wir feiern auf dem Marktplatz."
BODY = "das Jahr geht zu Ende. **Danke** an alle!\n\n## Mitmachen\n\n**[Alle Termine](/termine)**"
ARABIC = ("مهرجان الشتاء", "نحتفل في ساحة السوق.", "شكراً لكل من شارك!")
ALT = "Zwei Frauen sitzen auf der neuen Bank"


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with demo(tmp_path_factory.mktemp("newsroom"), "tests.browser.newsroom") as running:
        yield running


def whole(page: Page) -> None:
    """Axe finds nothing, and nothing is cut off at the side."""
    assert not list(violations(page)), page.url
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, page.url


def kept(page: Page) -> None:
    expect(page.locator("#gespeichert")).to_contain_text("Gespeichert um", timeout=10_000)


class Desk:
    """Jana's browser at the editor."""

    def __init__(self, site: Site, codes: Codes, new_context: NewContext) -> None:
        self.site = site
        self.new = partial(new_context, locale="de-DE")
        self.context: BrowserContext = Play(site, codes, self.new).sign_in("office")
        self.page = self.context.pages[0]
        self.page.set_viewport_size(WIDE)
        self.path = ""

    def begin(self) -> None:
        self.page.goto(self.site.origin + "/buero/rundbriefe")
        self.page.get_by_role("button", name="Neuer Rundbrief").click()
        self.page.wait_for_url(lambda url: url.count("/") == 5)
        self.path = self.page.url.split("?")[0]

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name).first.click()

    def preview(self) -> str:
        """What stands in the frame now."""
        frame = self.page.frame_locator("#bild")
        return frame.locator("body").inner_text()


def test_a_newsletter_from_its_first_word_to_a_mailbox(
    newsroom: Site, codes: Codes, new_context: NewContext
) -> None:
    desk = Desk(newsroom, codes, new_context)
    desk.begin()
    write(desk)
    choose_news_by_keyboard(desk)
    picture(desk)
    look(desk)
    two_at_once(desk)
    in_arabic(desk)
    mail_to_myself(desk)
    check_and_send(desk)
    arrives(desk)
    archive(desk)


def write(desk: Desk) -> None:
    """What is typed keeps itself; the preview follows by itself."""
    page = desk.page
    whole(page)
    page.locator("#subject").fill(SUBJECT)
    page.locator("#first_line").fill(FIRST_LINE)
    page.locator("#body").fill(BODY)
    kept(page)
    expect(page.frame_locator("#bild").locator("h1")).to_have_text(SUBJECT)
    expect(page.frame_locator("#bild").locator("h2")).to_have_text("Mitmachen")
    page.reload()
    assert page.locator("#body").input_value() == BODY
    page.locator("#body").press("Control+End")
    page.locator("#body").press_sequentially(" ")
    expect(page.locator("#schreiben")).to_be_visible()


def choose_news_by_keyboard(desk: Desk) -> None:
    """Ticked with the space bar, moved with Enter; the focus stays with what was moved."""
    page = desk.page
    for title in (FESTIVAL, BENCHES):
        box = page.locator(".rb-piece", has_text=title).locator("input[type=checkbox]")
        box.focus()
        page.keyboard.press("Space")
        expect(box).to_be_checked()
    kept(page)
    desk.press("Speichern")
    titles = page.locator(".rb-piece--chosen .kern-form-check .kern-label")
    expect(titles).to_have_count(2)
    before = [title.strip() for title in titles.all_inner_texts()[:2]]
    page.get_by_role("button", name="Nach unten").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**bewegt=runter-*")
    after = page.locator(".rb-piece--chosen .kern-form-check .kern-label").all_inner_texts()
    assert [title.strip() for title in after] == before[::-1]
    focused = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert focused and before[0] in focused
    whole(page)


def picture(desk: Desk) -> None:
    """It is asked for its words before it is taken."""
    page = desk.page
    desk.press("Bild einfügen")
    page.wait_for_url("**/bild*")
    whole(page)
    file = io.BytesIO()
    Image.new("RGB", (1600, 700), "#00798C").save(file, "JPEG")
    sent = {"name": "bank.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}
    page.locator("#picture").set_input_files(sent)  # type: ignore[arg-type]
    page.locator("main form button[type=submit]").click()
    page.locator("#fehler").wait_for()
    whole(page)
    page.locator("#picture").set_input_files(sent)  # type: ignore[arg-type]
    page.locator("#alt").fill(ALT)
    page.locator("main form button[type=submit]").click()
    page.locator("#body").wait_for()
    assert ALT in page.locator("#body").input_value()
    shown = page.frame_locator("#bild").get_by_alt_text(ALT)
    expect(shown).to_be_visible()
    assert shown.evaluate("image => image.naturalWidth") == 1200, "it is loaded inside the frame"


def look(desk: Desk) -> None:
    """Every preview, and none of them loses what was typed a moment before."""
    page = desk.page
    for view in ("Computer", "Dunkel", "Nur Text", "Papier", "Handy"):
        page.locator("#first_line").fill(f"{FIRST_LINE} {view}")
        desk.press(view)
        page.wait_for_url(lambda url: "ansicht=" in url)
        expect(page.locator(f".rb-tabs button[aria-current]:text-is('{view}')")).to_be_visible()
        assert SUBJECT in desk.preview()
        assert page.locator("#first_line").input_value() == f"{FIRST_LINE} {view}"
        whole(page)
    page.set_viewport_size(NARROW)
    whole(page)
    page.set_viewport_size(WIDE)


def two_at_once(desk: Desk) -> None:
    """A second tab changed the same text: both are shown, and the decision is a person's."""
    mine, other = desk.page, desk.context.new_page()
    other.goto(desk.path)
    other.locator("#first_line").fill("Von nebenan.")
    kept(other)
    other.close()
    mine.locator("#first_line").fill(FIRST_LINE)
    expect(mine.locator("#gespeichert")).to_contain_text("Nicht gespeichert")
    desk.press("Beide vergleichen")
    expect(mine.locator("main")).to_contain_text("Nichts ist überschrieben")
    expect(mine.locator(".rb-other")).to_contain_text("Von nebenan.")
    assert mine.locator("#first_line").input_value() == FIRST_LINE
    whole(mine)
    desk.press("Speichern")
    expect(mine.locator("main")).not_to_contain_text("Nichts ist überschrieben")
    mine.reload()
    assert mine.locator("#first_line").input_value() == FIRST_LINE


def in_arabic(desk: Desk) -> None:
    """Side by side: German and the other language, kept together."""
    page = desk.page
    desk.press("العربية")
    page.locator("#other_body").wait_for()
    left = page.locator("#body").bounding_box()
    right = page.locator("#other_body").bounding_box()
    assert left and right and left["x"] < right["x"] and abs(left["y"] - right["y"]) < 5
    for name, words in zip(("subject", "first_line", "body"), ARABIC, strict=True):
        page.locator(f"#other_{name}").fill(words)
    kept(page)
    expect(page.frame_locator("#bild").locator("html")).to_have_attribute("dir", "rtl")
    assert page.locator("#body").input_value().startswith("das Jahr")
    whole(page)


def mail_to_myself(desk: Desk) -> None:
    page = desk.page
    desk.press("Test an mich")
    page.wait_for_url("**/test*")
    page.locator("#email").fill("nirgends")
    page.locator("main form button[type=submit]").click()
    page.locator("#fehler").wait_for()
    whole(page)
    page.locator("#email").fill("jana.test@example.org")
    assert page.locator("#sprache").input_value() == "ar", "of the text that is being written"
    page.locator("#sprache").select_option("de")
    page.locator("main form button[type=submit]").click()
    expect(page.locator(".sb-note")).to_contain_text("jana.test@example.org")
    mail = desk.site.mail("jana.test@example.org", saying="[Test] ")
    assert mail["subject"] == f"[Test] {SUBJECT}"
    assert ALT in mail["html"] and FESTIVAL in mail["text"]


def check_and_send(desk: Desk) -> None:
    """A link to nowhere of ours stops it; mended, it goes out."""
    page = desk.page
    page.locator("#body").fill(page.locator("#body").input_value() + "\n\n[Weg](/gibt-es/nicht)")
    desk.press("Weiter zum Prüfen")
    page.wait_for_url("**/pruefen*")
    expect(page.locator("main")).to_contain_text(
        "Diese Seite gibt es bei uns nicht: /gibt-es/nicht"
    )
    whole(page)
    page.get_by_role("link", name="Ändern").first.click()
    assert page.url.endswith("#body")
    page.locator("#body").fill(page.locator("#body").input_value().rpartition("\n\n")[0])
    desk.press("Weiter zum Prüfen")
    expect(page.locator("main")).to_contain_text("Es kann hinausgehen")
    page.get_by_role("link", name="Weiter zum Versenden").click()
    page.wait_for_url("**/versenden")
    page.locator("[name=when][value=now]").check()
    desk.press("Weiter")
    desk.press("Jetzt senden")
    expect(page.locator("main")).to_contain_text("3", timeout=20_000)
    whole(page)


def arrives(desk: Desk) -> None:
    """With everybody's own name, in their own language, readable on the narrowest phone at night."""
    for reader in READERS:
        subject = ARABIC[0] if reader.language == "ar" else SUBJECT
        mail = desk.site.mail(reader.email, saying=subject)
        assert reader.name in mail["text"] and "/abo/abmelden/" in mail["text"]
        page = desk.new(viewport=NARROWEST, color_scheme="dark").new_page()
        page.goto(f"{desk.site.inbox}/{mail['id']}/html")
        assert reader.name in page.locator("body").inner_text()
        for shown in page.get_by_role("img").all():
            assert shown.evaluate("image => image.naturalWidth") > 0, "pictures are there"
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, reader.language
        page.close()


def archive(desk: Desk) -> None:
    """Everybody can read it now; the desk shows it as it went out."""
    reader = desk.new().new_page()
    reader.goto(desk.path.replace("/buero", ""))
    expect(reader.locator("h1")).to_contain_text(SUBJECT)
    expect(reader.get_by_alt_text(ALT)).to_be_visible()
    whole(reader)
    desk.page.goto(desk.path)
    expect(desk.page.locator("#schreiben")).to_have_count(0)
    assert SUBJECT in desk.preview()
    whole(desk.page)
