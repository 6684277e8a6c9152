"""An issue as mail and as page: whole, in the reader's language, without anybody else in it."""

import re
from email import message_from_bytes, policy
from html.parser import HTMLParser
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event as database

from services.notifications.bulk.compiled import compile_issue
from services.notifications.bulk.slots import MANAGE_URL, SALUTATION, SLOTS, UNSUBSCRIBE_URL
from services.notifications.domain.issue import IssueKind
from services.notifications.issues.content import NoText, WebPage, languages_of, web_page
from shared.service import Service
from tests.notifications.issues.desk import ARABIC, GERMAN, draft
from tests.notifications.issues.writers import (
    change,
    festival,
    grant,
    host,
    mail,
    session_on,
    tell,
)
from tests.support.services import ORIGIN

BOTH = {"de": GERMAN, "ar": ARABIC}
HOSTILE = (
    "<script>alert(1)</script> {{ 7*7 }} %(x)s \ue000\ue002",
    '"><img src=x onerror=alert(1)>\ue001',
    "</td></table><script>x</script> {% include '/etc/passwd' %} <style>*{}</style> \ue000 &#xE001;",
)


class Words(HTMLParser):
    """What a reader sees, the links, and whether every tag is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.said = ""
        self.attributes: list[tuple[str, str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in ("br", "meta", "img", "hr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.said += data

    def of(self, tag: str, name: str) -> list[str]:
        return [value for t, n, value in self.attributes if (t, n) == (tag, name)]


async def test_a_newsletter_is_whole_in_german(notifications: Service) -> None:
    issue_id = await draft(notifications)
    made = await mail(notifications, issue_id)
    assert (made.language, made.subject) == ("de", GERMAN[0])
    for said in (made.text, Words(made.html).said):
        for words in (
            "Stadtteilbüro Westhagen", GERMAN[0], GERMAN[2], SALUTATION, "Im Browser ansehen", "05361 12 34 5",
            "Dienstag 10 bis 12 Uhr", "weil Sie unseren Rundbrief bestellt haben", "Abbestellen", "Ändern",
            "Hallesche Straße 30, 38444 Wolfsburg", "Impressum",
        ):  # fmt: skip
            assert words in said, words
    assert GERMAN[1] in Words(made.html).said, "what the mailbox shows beside the subject"
    for said in (made.text, made.html):
        assert said.count(MANAGE_URL) == said.count(UNSUBSCRIBE_URL) == said.count(SALUTATION) == 1
        assert f"{ORIGIN}/rundbriefe/{issue_id}?lang=de" in said
    assert "auf Deutsch" not in made.text
    assert Words(made.html).open == []


async def test_another_language_comes_with_the_way_to_the_german_text(
    notifications: Service,
) -> None:
    issue_id = await draft(notifications, texts=BOTH)
    made = await mail(notifications, issue_id, "ar")
    assert (made.language, made.subject) == ("ar", ARABIC[0])
    assert '<html lang="ar" dir="rtl">' in made.html
    assert f"{ORIGIN}/rundbriefe/{issue_id}?lang=de" in made.html
    assert f"{ORIGIN}/rundbriefe/{issue_id}?lang=de" in made.text
    assert ARABIC[2] in made.text and GERMAN[2] not in made.text
    assert 'lang="de" dir="ltr"' in made.html, "the imprint stays German"


async def test_a_language_it_is_not_written_in_gets_german(notifications: Service) -> None:
    issue_id = await draft(notifications, texts=BOTH)
    assert (await mail(notifications, issue_id, "en")).language == "de"
    assert (await mail(notifications, issue_id, "tlh")).subject == GERMAN[0]
    async with notifications.db.read() as session:
        assert await languages_of(session, issue_id) == ("de", "ar")


async def test_nothing_is_made_of_an_issue_without_a_subject(notifications: Service) -> None:
    issue_id = await draft(notifications, texts={"de": ("  ", "", "Text"), "ar": ("", "", "x")})
    with pytest.raises(NoText):
        await mail(notifications, issue_id)


async def test_a_press_release_says_so(notifications: Service) -> None:
    issue_id = await draft(notifications, IssueKind.PRESS)
    made = await mail(notifications, issue_id)
    assert "weil Sie unsere Pressemitteilungen bestellt haben" in made.text
    assert f"{ORIGIN}/presse/{issue_id}" in made.html


async def test_news_stand_below_the_text_in_each_language(notifications: Service) -> None:
    fest, money, meeting = festival(notifications), grant(notifications), session_on(notifications)
    await tell(notifications, fest, money, meeting)
    issue_id = await draft(notifications, texts=BOTH)
    blocks = [{"event_id": str(one.event_id)} for one in (money, fest)]
    await change(notifications, issue_id, blocks=blocks)
    german, arabic = await mail(notifications, issue_id), await mail(notifications, issue_id, "ar")
    assert (
        german.text.index(GERMAN[2])
        < german.text.index("Nähkurs")
        < german.text.index("Winterfest am")
    )
    assert "Bringen Sie eine Tasse mit." in german.text
    assert f"{ORIGIN}/termine/{fest.occasion_id}" in german.html
    assert f"/sitzungen/{meeting.session_id}" not in german.html
    assert "Nähkurs" in arabic.text and "Bringen Sie eine Tasse mit." in arabic.text
    assert 'lang="de"' in arabic.html.split("Bringen Sie")[0].rsplit("<div", 1)[1]
    assert Words(arabic.html).open == []


async def test_edited_news_are_said_as_edited_in_that_language_only(notifications: Service) -> None:
    fest = festival(notifications)
    await tell(notifications, fest)
    issue_id = await draft(notifications, texts=BOTH)
    own = {"title": "Alle feiern", "text": "Eins.\n\nZwei <b>fett</b>"}
    blocks = [{"event_id": str(fest.event_id), "texts": {"de": own}}]
    await change(notifications, issue_id, blocks=blocks)
    german, arabic = await mail(notifications, issue_id), await mail(notifications, issue_id, "ar")
    assert "Alle feiern" in german.text and "Tasse" not in german.text
    assert "Zwei &lt;b&gt;fett&lt;/b&gt;" in german.html
    assert "Alle feiern" not in arabic.text and "Winterfest" in arabic.text


async def test_news_taken_back_are_never_told(notifications: Service) -> None:
    from sqlalchemy import select

    from services.notifications.journal import JournalEntry, remove

    fest = festival(notifications)
    await tell(notifications, fest)
    issue_id = await draft(notifications)
    unknown = str(uuid4())
    blocks = [{"event_id": str(fest.event_id)}, {"event_id": unknown}]
    await change(notifications, issue_id, blocks=blocks)
    async with notifications.db.begin() as session:
        entry = await session.scalar(
            select(JournalEntry).where(JournalEntry.event_id == fest.event_id)
        )
        assert entry is not None
        await remove(session, entry, at=notifications.clock.now())
    made = await mail(notifications, issue_id)
    assert "Winterfest" not in made.text.replace(GERMAN[0], "")
    assert "Tasse" not in made.html


async def test_pictures_are_ours_and_nothing_tells_us_who_reads(notifications: Service) -> None:
    """No pixel, no rewritten link, nothing from anywhere else, nothing of one reader in the address."""
    digest = await host(notifications)
    body = (
        f"![Zwei Menschen](/bilder/{digest})\n\n![Pixel](https://count.example/p.gif)\n\n"
        "[Draußen](https://www.wolfsburg.example/a?b=c) [Drinnen](/termine)"
    )
    issue_id = await draft(notifications, texts={"de": ("Fest", "", body)})
    made = await mail(notifications, issue_id)
    read = Words(made.html)
    assert read.of("img", "src") == [f"{ORIGIN}/bilder/{digest}"]
    assert read.of("img", "alt") == ["Zwei Menschen"]
    assert "count.example" not in made.html
    assert "https://www.wolfsburg.example/a?b=c" in read.of("a", "href")
    assert set(read.of("a", "href")) <= {
        "https://www.wolfsburg.example/a?b=c", f"{ORIGIN}/termine", f"{ORIGIN}/rundbriefe/{issue_id}?lang=de",
        f"{ORIGIN}/impressum", MANAGE_URL, UNSUBSCRIBE_URL,
    }  # fmt: skip
    assert not re.search(r"url\(|@import|<link|<script|background=|srcset|http:", made.html)
    assert "[Bild: Zwei Menschen]" in made.text
    assert "Zwei Menschen" in made.text and read.of("img", "width") == ["528"]


async def test_arabic_news_run_from_right_to_left_whatever_name_they_begin_with(
    notifications: Service,
) -> None:
    fest = festival(notifications, title="Werkstatt: Ideen")
    await tell(notifications, fest)
    issue_id = await draft(notifications, texts=BOTH)
    await change(notifications, issue_id, blocks=[{"event_id": str(fest.event_id)}])
    for language, way in (("ar", "rtl"), ("de", "ltr")):
        made = await mail(notifications, issue_id, language)
        assert re.search(f'<h2[^>]*><bdi dir="{way}">\u2068?Werkstatt: Ideen', made.html)


async def test_hostile_words_stay_words_in_every_place(notifications: Service) -> None:
    fest = festival(notifications, title=HOSTILE[0][:100], text=HOSTILE[2])
    await tell(notifications, fest)
    issue_id = await draft(notifications, texts={"de": HOSTILE, "ar": HOSTILE})
    own = {"title": HOSTILE[1], "text": HOSTILE[2]}
    blocks = [{"event_id": str(fest.event_id), "texts": {"ar": own}}]
    await change(notifications, issue_id, blocks=blocks)
    for language in ("de", "ar"):
        made = await mail(notifications, issue_id, language)
        read = Words(made.html)
        assert read.open == []
        assert {tag for tag, _, _ in read.attributes} <= {
            "html", "meta", "body", "div", "table", "td", "tr", "bdi", "h1", "h2", "p", "a",
        }  # fmt: skip
        assert not [name for _, name, _ in read.attributes if name.startswith("on")]
        for said in (made.text, made.html):
            assert [said.count(slot) for slot in SLOTS] == [1, 1, 1]
        assert "{{ 7*7 }}" in made.text and "49" not in made.subject
        assert "\ue000" not in made.subject and "\n" not in made.subject
        page = await _page(notifications, issue_id, language)
        assert not re.search("[\ue000-\uf8ff]|<script|<img|<style", str(page.html))


async def _page(service: Service, issue_id: UUID, language: str) -> WebPage:
    async with service.db.read() as session:
        return await web_page(session, service, issue_id, language)


async def test_the_page_greets_nobody_and_ends_no_subscription(notifications: Service) -> None:
    issue_id = await draft(notifications, texts=BOTH)
    async with notifications.db.read() as session:
        page = await web_page(session, notifications, issue_id, "ar")
        fallback = await web_page(session, notifications, issue_id, "en")
    assert (page.language, page.subject, page.first_line) == ("ar", *ARABIC[:2])
    assert ARABIC[2] in page.html and "style=" not in page.html
    assert fallback.language == "de"
    assert not re.search("[\ue000-\uf8ff]", str(page.html))


async def test_it_compiles_and_arrives_as_it_was_written(notifications: Service) -> None:
    """Through the bulk sender's own mould, read by the standard library."""
    issue_id = await draft(notifications, texts=BOTH)
    made = await mail(notifications, issue_id, "ar")
    compiled = compile_issue(
        made,
        settings=notifications.settings,
        sender_name="Stadtteilbüro",
        kind=IssueKind.NEWSLETTER,
        at=notifications.clock.now(),
    )
    raw = compiled.fill(
        to_name="Ada",
        to_address="ada@example.org",
        message_id="<1@stadtteil.example>",
        salutation="مرحبًا Ada،",
        manage_url=f"{ORIGIN}/abo/verwalten/x",
        unsubscribe_url=f"{ORIGIN}/abo/abmelden/x",
    )
    read = message_from_bytes(raw, policy=policy.default)
    assert read["Subject"] == ARABIC[0]
    text = read.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "مرحبًا Ada،" in text and f"{ORIGIN}/abo/abmelden/x" in text
    assert len(raw) < 100_000


async def test_it_takes_the_same_few_queries_however_much_it_holds(
    notifications: Service,
) -> None:
    few = await draft(notifications)
    fests = [festival(notifications, title=f"Fest {n}") for n in range(12)]
    await tell(notifications, *fests)
    body = "\n\n".join([f"![Bild](/bilder/{await host(notifications)})"] * 5)
    many = await draft(notifications, texts={"de": ("Viel", "", body), "ar": ARABIC})
    blocks = [{"event_id": str(fest.event_id)} for fest in fests]
    await change(notifications, many, blocks=blocks)
    counts = []
    engine, seen = notifications.db.engine.sync_engine, list[str]()

    def note(_c: object, _u: object, statement: str, *_: object) -> None:
        seen.append(statement)

    database.listen(engine, "before_cursor_execute", note)
    for issue_id in (few, many):
        seen.clear()
        await mail(notifications, issue_id)
        counts.append(len([one for one in seen if one.startswith("SELECT")]))
    database.remove(engine, "before_cursor_execute", note)
    assert counts[1] <= counts[0] + 3, counts
