"""A whole session of the board with three browsers at once: the chair's, a member's phone, the wall."""

import re
import time
from collections.abc import Iterator
from functools import partial
from typing import Final

import pytest
from playwright.sync_api import BrowserContext, Page, ViewportSize, expect

from deploy.sample.board import MEMBERS
from tests.browser.conftest import NARROW, NewContext
from tests.browser.evening import BENCHES, CONCERT, LAMPS, SEWING, Asked
from tests.browser.journey import Play
from tests.browser.site import Codes, Site, demo
from tests.browser.test_pages import violations

WALL: Final = ViewportSize(width=1920, height=1080)
TABLET: Final = ViewportSize(width=1024, height=768)
ABSENT: Final = {"Dieter Hoffmann", "Fatma Şahin"}
COMES: Final = [one.name for one in MEMBERS if one.name not in ABSENT][:10]
"""Ten of the board's people; two of them are of the same school, which has one vote."""
PHONE: Final = "Mehmet Aydın"
CUT: Final = 20
"""Seconds without a network in the middle of a vote."""


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with demo(tmp_path_factory.mktemp("evening"), "tests.browser.evening") as running:
        yield running


def whole(*pages: Page) -> None:
    """Axe finds nothing on what they show now."""
    found = [f"{page.url}: {wrong}" for page in pages for wrong in violations(page)]
    assert not found, "\n".join(found)


class Room:
    """The three browsers, and what their people do."""

    def __init__(self, site: Site, codes: Codes, new_context: NewContext) -> None:
        self.site, self.codes = site, codes
        self.new_context: NewContext = partial(new_context, locale="de-DE")
        self.play = Play(site, codes, self.new_context)
        self.chair = self._signed_in("chair", TABLET)
        self.phone = self._signed_in("member", NARROW)
        self.wall = self.new_context(viewport=WALL).new_page()
        self.path = self.room_code = ""
        self.others: dict[str, BrowserContext] = {}

    def _signed_in(self, key: str, viewport: ViewportSize) -> Page:
        context = self.play.sign_in(key)
        page = context.pages[0]
        page.set_viewport_size(viewport)
        return page

    def press(self, name: str | re.Pattern[str], page: Page | None = None) -> None:
        (page or self.chair).get_by_role("button", name=name).first.click()

    # the chair

    def enter(self) -> None:
        """From the member's own page to the screen of the session."""
        self.chair.goto(self.site.origin + "/gremium")
        link = self.chair.locator("a[href$='/raum']").first
        self.path = str(link.get_attribute("href"))
        link.click()
        self.chair.wait_for_url("**/raum")

    def arrive(self, name: str) -> None:
        self.chair.goto(self.site.origin + self.path + "/anwesenheit")
        self.press(f"Ist da: {name}")
        row = self.chair.locator(".sb-people li", has_text=name)
        expect(row).to_contain_text("Uhr da")

    def code_of(self, name: str) -> str:
        """The personal code, shown once to hand over."""
        self.chair.goto(self.site.origin + self.path + "/anwesenheit")
        self.press(f"Code fürs Handy: {name}")
        return self.chair.locator(".sb-receipt").inner_text().strip()

    def open(self) -> None:
        self.chair.goto(self.site.origin + self.path)
        self.press("Sitzung eröffnen")
        expect(self.chair.locator("#stand")).to_contain_text("Beschlussfähig")

    def show_wall(self) -> None:
        self.chair.goto(self.site.origin + self.path + "/codes")
        address = self.chair.locator("a[href*='/leinwand/']").first.get_attribute("href")
        self.wall.goto(self.site.origin + str(address).removeprefix(self.site.origin))
        expect(self.wall.locator("main")).to_contain_text("Freunde Westhagens")
        self.room_code = self.wall.locator(".sb-roomcode").inner_text().strip()

    def call(self, one: Asked) -> None:
        """The board comes to this application; the wall follows by itself."""
        self.chair.goto(self.site.origin + self.path)
        self.chair.locator("#agenda a", has_text=one.public_title).click()
        expect(self.chair.locator("h1")).to_contain_text(one.public_title)
        if self.chair.get_by_role("button", name="Diesen Punkt aufrufen").count():
            self.press("Diesen Punkt aufrufen")
        expect(self.chair.get_by_role("button", name="Abstimmung eröffnen")).to_be_visible()
        expect(self.wall.locator("h1")).to_contain_text(one.public_title)

    def ask(self, manner: str, *, motion: str = "grant") -> None:
        """Put the item to the vote."""
        self.chair.locator(f"[name=motion][value={motion}]").check()
        self.chair.locator(f"[name=manner][value={manner}]").check()
        self.press("Abstimmung eröffnen")
        expect(self.chair.locator("#h-frage")).to_be_visible()

    def count_hands(self, yes: int, no: int, abstain: int = 0) -> None:
        for field, value in (("yes", yes), ("no", no), ("abstain", abstain)):
            self.chair.locator(f"[name={field}]").fill(str(value))
        self.press("Weiter")
        self.press("Ergebnis festhalten")

    def count(self) -> None:
        """Close a vote by phone: first the page that says who is missing."""
        self.chair.get_by_role("link", name="Auszählen").click()
        self.chair.locator("main form button[type=submit]").first.click()

    def answered(self, words: str) -> None:
        """What came of the vote appears by itself."""
        expect(self.chair.locator("main")).to_contain_text(words, timeout=20_000)

    # the phones

    def vote(self, page: Page, letter: str) -> None:
        page.locator(f"[name=stimme][value={letter}]").check()
        self.press("Weiter", page)
        self.press("Stimme abgeben", page)
        expect(page.locator("h1")).to_contain_text("Ihre Stimme ist angekommen")

    def phone_enters(self) -> None:
        """Signed in: the code on the wall is enough."""
        self.phone.goto(self.site.origin + "/abstimmen")
        self.phone.locator("[name=wall]").fill(self.room_code)
        self.press("Weiter", self.phone)
        expect(self.phone.locator("main")).to_contain_text("Gerade wird nicht abgestimmt")

    def another_phone(self, name: str) -> Page:
        """Somebody else's phone, let in by the two codes."""
        page = self.new_context(viewport=NARROW).new_page()
        page.goto(self.site.origin + "/abstimmen")
        page.locator("[name=wall]").fill(self.room_code)
        page.locator("[name=code]").fill(self.code_of(name))
        self.press("Weiter", page)
        page.wait_for_url("**/abstimmen/stimme")
        return page


def test_a_whole_session_of_the_board(evening: Site, codes: Codes, new_context: NewContext) -> None:
    room = Room(evening, codes, new_context)
    people_arrive(room)
    by_name(room)
    in_secret(room)
    not_enough_money(room)
    put_off(room)
    the_end(room)
    minutes(room, codes)
    letters(room)


def people_arrive(room: Room) -> None:
    room.enter()
    for name in COMES[:7]:
        room.arrive(name)
    room.chair.goto(room.site.origin + room.path)
    expect(room.chair.locator("#stand")).to_contain_text("Nicht beschlussfähig")
    for name in COMES[7:]:
        room.arrive(name)
    room.open()
    whole(room.chair)
    room.show_wall()
    room.phone_enters()
    whole(room.chair, room.phone, room.wall)


def by_name(room: Room) -> None:
    """One declares to be concerned; the phone votes, the chair enters the rest, twenty seconds offline."""
    room.call(SEWING)
    room.chair.get_by_text("Jemand ist selbst betroffen (befangen)").click()
    room.chair.locator("[name=member_id]").last.select_option(label="Tatjana Weber")
    room.chair.locator("[name=because]").select_option(index=3)
    room.press("Als befangen eintragen")
    expect(room.chair.locator("main")).to_contain_text("Tatjana Weber stimmt nicht mit")
    room.ask("named")
    expect(room.phone.locator("[name=stimme]")).to_have_count(3)
    expect(room.phone.locator("h1")).to_contain_text(SEWING.public_title)
    assert room.phone.locator("[name=stimme]:checked").count() == 0, "nothing is preselected"
    whole(room.chair, room.phone, room.wall)
    room.phone.locator("[name=stimme][value=j]").check()
    cut_the_network(room)
    room.press("Weiter", room.phone)
    room.press("Stimme abgeben", room.phone)
    expect(room.phone.locator("main")).to_contain_text("Ihre Stimme ist angekommen")
    voting = room.chair.locator(".sb-people li", has_text="hat noch nicht abgestimmt")
    room.chair.goto(room.site.origin + room.path)
    while (left := voting.count()) > 0:
        choice = "Ja" if left > 2 else "Nein"
        voting.first.get_by_role("button", name=re.compile(f"^{choice}: ")).click()
        expect(voting).to_have_count(left - 1)
        wall = room.wall.locator("main").inner_text()
        assert "Angenommen" not in wall and "Ja" not in wall.split(), (
            "no interim result on the wall"
        )
    room.count()
    room.answered("Das Geld ist zurückgelegt")
    expect(room.wall.locator(".sb-wall__big")).to_contain_text("Angenommen")
    whole(room.chair, room.phone, room.wall)


def cut_the_network(room: Room) -> None:
    """The chair's tablet and the phone lose it for twenty seconds; nothing chosen or counted is lost."""
    for page in (room.chair, room.phone):
        page.context.set_offline(True)
    room.press("Weiter", room.phone)
    expect(room.chair.locator("body")).to_contain_text("Keine Verbindung", timeout=CUT * 1000)
    time.sleep(CUT)
    expect(room.phone.locator("[name=stimme][value=j]")).to_be_checked()
    for page in (room.chair, room.phone):
        page.context.set_offline(False)
    expect(room.chair.locator("#stand")).to_contain_text("Beschlussfähig", timeout=10_000)


def in_secret(room: Room) -> None:
    """Its applicant belongs to the board, which the system knows; each ballot comes with a receipt."""
    phones = {name: room.another_phone(name) for name in COMES if name not in {PHONE, CONCERT.name}}
    room.call(CONCERT)
    expect(room.chair.locator("main")).to_contain_text(f"{CONCERT.name} stimmt nicht mit")
    room.ask("secret")
    receipts, letters = list[str](), iter("nnjjjjjjjjjj")
    barred = 0
    for page in (room.phone, *phones.values()):
        asked = page.locator("[name=stimme], .sb-note--info:not([data-stale])").first
        expect(asked).to_be_attached(timeout=15_000)
        if page.locator("[name=stimme]").count() == 0:
            barred += 1
            continue
        room.vote(page, next(letters))
        receipts.append(page.locator(".sb-receipt").inner_text().strip())
    assert barred == 1, "the second of the same school has no vote of its own"
    assert len(set(receipts)) == len(receipts) == 8
    expect(room.wall.locator("main")).to_contain_text("8 von 8 haben abgestimmt")
    room.chair.goto(room.site.origin + room.path)
    room.count()
    room.answered("Das Geld ist zurückgelegt")
    room.chair.get_by_role("link", name="Alle Stimmzettel").click()
    whole(room.chair)
    slips = room.chair.locator("table").inner_text()
    for receipt in receipts:
        assert receipt in slips
    assert (slips.count("Nein"), slips.count("Ja")) == (2, 6)
    for page in phones.values():
        page.context.close()


def not_enough_money(room: Room) -> None:
    """A yes the fund does not cover: the screen says what is left, the board votes on that."""
    room.call(BENCHES)
    room.ask("hands")
    room.count_hands(8, 1)
    room.answered("Das Geld reicht nicht: noch 1.550,00")
    room.chair.goto(room.site.origin + room.path)
    room.press(re.compile("Über 1.550,00.* abstimmen"))
    room.count_hands(7, 2)
    room.answered("Das Geld ist zurückgelegt")
    expect(room.wall.locator(".sb-wall__big")).to_contain_text("Angenommen")


def put_off(room: Room) -> None:
    room.call(LAMPS)
    room.ask("hands", motion="defer")
    room.count_hands(8, 0, 1)
    room.answered("spätere")


def the_end(room: Room) -> None:
    """What was not gone through is named before the chair closes the session."""
    room.chair.goto(room.site.origin + room.path + "/ende")
    room.chair.locator("main form button[type=submit]").first.click()
    expect(room.wall.locator("h1")).to_contain_text("zu Ende")
    expect(room.phone.locator("body")).to_be_visible()


def minutes(room: Room, codes: Codes) -> None:
    """They wrote themselves: sent to those who were there, approved, published without a name."""
    office = room.play.sign_in("office").pages[0]
    session = room.path.removesuffix("/raum")
    office.goto(room.site.origin + session + "/protokoll")
    for words in ("Tatjana Weber", BENCHES.public_title, "1.550,00"):
        expect(office.locator("main")).to_contain_text(words)
    office.goto(room.site.origin + session + "/protokoll/genehmigung")
    office.locator("main form button[type=submit]").first.click()
    draft = room.site.mail("mehmet.aydin@westhagen.example", saying="/protokoll/entwurf/")
    assert "Protokoll" in draft["subject"]
    office.goto(room.site.origin + session + "/protokoll/genehmigen")
    if office.locator("[name=reason]").count():
        office.locator("[name=reason]").fill("Alle haben in der Sitzung zugestimmt.")
    for box in office.locator("main input[type=checkbox]").all():
        box.check()
    office.locator("main form button[type=submit]").first.click()
    office.wait_for_url(lambda url: "genehmigen" not in url)
    public = room.new_context().new_page()
    public.goto(room.site.origin + session.removeprefix("/buero") + "/protokoll")
    text = public.locator("main").inner_text()
    assert SEWING.public_title in text
    for name in (*COMES, SEWING.name):
        assert name not in text


def letters(room: Room) -> None:
    """The applicants know by mail what became of it."""
    grant = room.site.mail(SEWING.email, saying="650,00")
    assert any(file["type"] == "application/pdf" for file in grant["attachments"]), (
        "the decision as a PDF"
    )
    assert room.site.mail(BENCHES.email, saying="1.550,00")
    assert room.site.mail(LAMPS.email, saying="Noch nicht entschieden")
