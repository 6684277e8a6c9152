"""The first journey, as its people play it: resident, office, subscriber and partner office."""

import re
from datetime import date, timedelta
from io import BytesIO
from typing import Any, Final
from uuid import uuid4

import feedparser
import httpx
from playwright.sync_api import BrowserContext, Page, expect
from pypdf import PdfWriter

from tests.browser.conftest import NewContext
from tests.browser.site import Codes, Site

IBAN: Final = "DE89370400440532013000"
IDEA: Final = {
    "title": "Nähkurs für Anfängerinnen",
    "aim": "Frauen aus dem Haus lernen nähen.",
    "plan": "An zehn Abenden nähen wir zusammen.",
    "target_group": "Frauen aus Westhagen",
    "benefit": "Die Nachbarinnen lernen sich kennen.",
    "place": "Hallesche Straße 30",
}


class Play:
    """One run of the journey: every person has a browser of their own."""

    def __init__(self, site: Site, codes: Codes, new_context: NewContext) -> None:
        self.site, self.codes, self.new_context = site, codes, new_context
        self.run = uuid4().hex[:8]
        self.resident = f"samira.{self.run}@example.org"
        self.reader = f"leserin.{self.run}@example.org"
        self.place = f"Bürgerhaus, Raum {self.run}"
        self.number = ""

    def play(self) -> None:
        link = self.draft()
        self.hand_in(link)
        self.receipt()
        office = self.sign_in("office")
        self.office_sees_it(office)
        self.subscribe()
        self.plan_a_session(office)
        self.subscriber_is_told()
        self.partner_reads(self.new_key(office))

    # the resident

    def draft(self) -> str:
        """Begins in Arabic, stops, and finds the link to go on in the inbox."""
        page = self.page("/antraege/neu?lang=ar")
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        page.locator("main form .sb-actions button").click()
        fill_idea(page)
        go_on(page)
        fill_who(page, self.resident)
        page.locator(".sb-actions button[value=spaeter]").click()
        page.wait_for_url("**/spaeter")
        page.context.close()
        self.site.mail(self.resident, saying="/antraege/fortsetzen/")
        inbox = self.new_context().new_page()
        inbox.goto(f"{self.site.inbox}/?to={self.resident}")
        inbox.locator("main a[href^='/'], a[href^='/']:not([href='/'])").first.click()
        address = inbox.locator("a[href*='/antraege/fortsetzen/']").first.get_attribute("href")
        assert address
        return address

    def hand_in(self, link: str) -> None:
        """Another browser goes on where the first one stopped."""
        page = self.new_context().new_page()
        page.goto(link)
        page.locator("main form button").click()
        page.goto(f"{self.site.origin}/antraege/entwurf/idee?lang=ar")
        expect(page.locator("[name=title]")).to_have_value(IDEA["title"])
        page.goto(f"{self.site.origin}/antraege/entwurf/kosten")
        fill_costs(page)
        go_on(page)
        page.locator("input[type=file]").set_input_files(
            {"name": "Angebot.pdf", "mimeType": "application/pdf", "buffer": a_pdf()}
        )
        expect(page.locator(".sb-files")).to_contain_text("Angebot.pdf")
        go_on(page)
        page.locator("[name=privacy]").check()
        go_on(page)
        page.wait_for_url("**/antraege/danke")
        found = re.search(r"\d{4}-\d{3,}", page.locator("main").inner_text())
        assert found
        self.number = found[0]

    def receipt(self) -> None:
        """In Arabic, the binding German below."""
        mail = self.site.mail(self.resident, saying=self.number)
        arabic = re.search(r"(?:[\u0600-\u06ff]+[ ،.]+){4}", mail["text"])
        german = mail["text"].find("Ihr Antrag")
        assert arabic and arabic.start() < german
        assert 'dir="rtl"' in mail["html"] and 'lang="de"' in mail["html"]
        assert mail["html"].index('dir="rtl"') < mail["html"].index("Ihr Antrag")

    # the office

    def sign_in(self, key: str) -> BrowserContext:
        person = self.site.person(key)
        page = self.page("/anmelden")
        page.locator("[name=email]").fill(person.email)
        page.locator("[name=password]").fill(person.password)
        page.locator("main form .sb-actions button").first.click()
        if person.totp:
            page.wait_for_url("**/anmelden/code*")
            page.locator("[name=code]").fill(self.codes.of(person.totp))
            page.locator("main form .sb-actions button").first.click()
        page.wait_for_url(lambda url: "/anmelden" not in url)
        return page.context

    def office_sees_it(self, office: BrowserContext) -> None:
        page = self.page("/buero/antraege", office)
        page.locator(".sb-rows a", has_text=IDEA["title"]).first.click()
        expect(page.locator("h1")).to_contain_text(IDEA["title"])
        expect(page.locator("main")).to_contain_text(self.number)
        with page.expect_download() as download:
            page.get_by_role("link", name="Angebot.pdf").first.click()
        assert download.value.path().read_bytes() == a_pdf()

    def plan_a_session(self, office: BrowserContext) -> None:
        page = self.page("/buero/sitzungen/neu", office)
        day = date.today() + timedelta(days=200)
        page.locator("[name=day]").fill(day.strftime("%d.%m.%Y"))
        page.locator("[name=starts]").fill("18:00")
        page.locator("[name=place]").fill(self.place)
        page.locator("button[name=turn][value=check]").click()
        page.locator("button[name=turn][value=save]").click()
        expect(page.locator("main")).to_contain_text(self.place)

    # the subscriber

    def subscribe(self) -> None:
        page = self.page("/abo")
        page.locator("input[name=topics][value=sessions]").check()
        page.locator("[name=email]").fill(self.reader)
        page.locator("main form .sb-actions button").click()
        mail = self.site.mail(self.reader, saying="/abo/bestaetigen/")
        confirm = next(link for link in mail["links"] if "/abo/bestaetigen/" in link)
        page.goto(confirm)
        page.locator("main form .sb-actions button").click()
        expect(page.locator("main")).not_to_contain_text("Fehler")

    def subscriber_is_told(self) -> None:
        mail = self.site.mail(self.reader, saying=self.place)
        headers = dict(mail["headers"])
        assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    # the partner office

    def new_key(self, office: BrowserContext) -> str:
        page = self.page("/buero/partner/neu", office)
        page.locator("[name=name]").fill(f"Junker und Kruse {self.run}")
        page.locator("[name=contact_email]").fill("feeds@example.org")
        for box in page.locator("input[name=scopes]").all():
            box.check()
        page.locator("main form .sb-actions button").first.click()
        page.wait_for_url(re.compile(r"/buero/partner/[0-9a-f-]{36}$"))
        page.locator("form[action$='/schluessel'] button").click()
        return page.locator("#schluessel").inner_text().strip()

    def partner_reads(self, key: str) -> None:
        """Both events in the order they happened, the same again from the start; Atom has the session."""
        first, again = self.all_events(key), self.all_events(key)
        assert [event["id"] for event in first] == [event["id"] for event in again]
        numbers = [int(event["cursor"]) for event in first]
        assert numbers == sorted(set(numbers))
        submitted = one(first, "application.submitted", "number", self.number)
        scheduled = one(first, "session.scheduled", "place", self.place)
        assert first.index(submitted) < first.index(scheduled)
        assert self.resident not in str(first)
        atom = httpx.get(f"{self.site.origin}/feeds/sessions.atom", verify=self.site.verify)
        read = feedparser.parse(atom.content)
        assert not read.bozo
        assert any(self.place in str(entry) for entry in read.entries)

    def all_events(self, key: str) -> list[dict[str, Any]]:
        """Page by page from cursor 0, as any HTTP client reads it."""
        found: list[dict[str, Any]] = []
        after = 0
        with httpx.Client(
            base_url=self.site.origin,
            headers={"Authorization": f"Bearer {key}"},
            verify=self.site.verify,
        ) as client:
            while True:
                answer = client.get(
                    "/api/v1/notifications/feeds/all/events", params={"after": after, "limit": 50}
                )
                answer.raise_for_status()
                if not (events := answer.json()):
                    return found
                found += events
                after = int(answer.headers["X-Next-Cursor"])

    def page(self, path: str, context: BrowserContext | None = None) -> Page:
        page = (context or self.new_context()).new_page()
        page.goto(self.site.origin + path)
        return page


def one(events: list[dict[str, Any]], kind: str, field: str, value: str) -> dict[str, Any]:
    """The only event of this kind that says this."""
    [found] = [
        event for event in events if kind in event["type"] and event["data"].get(field) == value
    ]
    return found


def go_on(page: Page) -> None:
    """Presses the page's one primary button and waits for the next page."""
    before = page.url
    page.locator(".sb-actions button[name=aktion][value=weiter]").click()
    page.wait_for_url(lambda url: url != before)


def fill_idea(page: Page) -> None:
    for name, value in IDEA.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("[name=field_of_action]").select_option(index=1)
    starts = date.today() + timedelta(days=300)
    page.locator("[name=starts_on]").fill(starts.strftime("%d.%m.%Y"))
    page.locator("[name=ends_on]").fill(starts.strftime("%d.%m.%Y"))
    page.locator("[name=not_begun]").check()


def fill_who(page: Page, email: str) -> None:
    page.locator("[name=kind]").first.check()
    answers = {
        "name": "سميرة حداد",
        "email": email,
        "street": "Dessauer Straße 12",
        "postcode": "38444",
        "city": "Wolfsburg",
        "account_holder": "Samira Haddad",
        "iban": IBAN,
    }
    for name, value in answers.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("[name=language]").select_option("ar")


def fill_costs(page: Page) -> None:
    page.locator("[name=costs-0-what]").fill("Stoff und Garn")
    page.locator("[name=costs-0-cents]").fill("450,00")
    page.locator("[name=asked_cents]").fill("450")
    page.locator("[name=other_applications][value=no]").check()


def a_pdf() -> bytes:
    """A small PDF, the same every time."""
    writer, buffer = PdfWriter(), BytesIO()
    writer.add_blank_page(width=200, height=200)
    writer.write(buffer)
    return buffer.getvalue()
