"""The office's page of subscriptions: counted right, addresses covered, answers whole, erasing final."""

import csv
import io
import json
import re
from datetime import datetime
from html.parser import HTMLParser
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy import select
from uuid_utils.compat import uuid7

from services.notifications.commands import subscriptions as commands
from services.notifications.domain.bounce import Bounce, Severity
from services.notifications.domain.letter import Reason, Suppression
from services.notifications.domain.subscription import Subscription
from services.notifications.queries import subscribers as queries
from services.notifications.store import Audit, Base
from services.notifications.subscriber_lists.writing import harmless
from shared.clock import SetClock
from shared.days import local_day
from shared.events.applications import CaseLinkRequested
from shared.events.people import PersonErasedByNotifications
from shared.service import Service
from shared.web.access import Role
from tests.notifications.office import Office
from tests.notifications.readers import DAILY, reader, rows_agree
from tests.support.browser import Browser

LIST = "/buero/abos"
HOSTILE = ("=1+1", "+49", "-2", "@SUM(A1)", "\t=x", " =x", "＝x", '"; DROP TABLE', "a\nb")


class Cells(HTMLParser):
    """The rows of tables, as their text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._inside = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
            self._inside = True

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.rows[-1][-1] = (self.rows[-1][-1] + data).strip()


async def _search(browser: Browser, email: str) -> str:
    answer = await browser.submit(f"{LIST}/suche", {"email": email}, on=LIST)
    assert answer.status_code == 303
    where = str(answer.headers["location"])
    assert email not in where
    return where


async def test_the_page_counts_by_topic_and_language(office: Office, signed_in: Any) -> None:
    for n, language in enumerate(("de", "de", "ar")):
        await reader(office, f"r{n}@example.org", "sessions", "press", language=language)
    await reader(office, "d@example.org", "decisions", frequency=DAILY)
    gone = await reader(office, "gone@example.org", "sessions")
    async with office.service.db.begin() as session:
        await commands.end(session, office.service, gone.id, at=office.clock.now())
    async with signed_in(Role.AUDITOR) as browser:
        page = (await browser.get(LIST)).text
    rows = {row[0]: row[1:] for row in Cells(page).rows if row}
    assert rows["Sitzungen: Termine, Tagesordnungen, Protokolle"] == ["1", "2", "3"]
    assert rows["Mitteilungen für die Presse"] == ["1", "2", "3"]
    assert rows["Rundbrief des Büros"] == ["0", "0", "0"]
    assert [one for one in rows.values() if one[:1] == ["5"]] == [["5", "", "1", ""]]
    assert "r•••@example.org" in page
    for address in ("r0@example.org", "d@example.org", "gone@example.org"):
        assert address not in page


async def test_months_are_those_of_berlin(office: Office, clock: SetClock) -> None:
    clock.set(datetime.fromisoformat("2026-02-28T23:30:00+00:00"))
    anna = await reader(office, "anna@example.org", "sessions")
    clock.forward(days=40)
    async with office.service.db.begin() as session:
        await commands.end(session, office.service, anna.id, at=clock.now())
    async with office.service.db.read() as session:
        months = await queries.growth(session, clock.now())
    assert len(months) == 12
    moved = {(one.first.month, one.came, one.went) for one in months if one.came or one.went}
    assert moved == {(3, 1, 0), (4, 0, 1)}
    assert months[-1].first == local_day(clock.now()).replace(day=1)


async def test_pages_hold_everybody_once_whatever_comes_in_between(
    office: Office, monkeypatch: pytest.MonkeyPatch, signed_in: Any
) -> None:
    monkeypatch.setattr(queries, "PAGE", 3)
    for n in range(8):
        await reader(office, f"{chr(97 + n)}@example.org", "sessions", "press")
    await reader(office, "z@example.org", "press")
    seen: list[str] = []
    where = f"{LIST}?thema=sessions"
    async with signed_in(Role.OFFICE) as browser:
        for turn in range(3):
            page = (await browser.get(where)).text
            seen += re.findall(r'<bdi dir="ltr">(.)•••@example.org', page)
            await reader(office, f"new{turn}@example.org", "sessions")
            if more := re.search(r'rel="next" href="([^"#]+)', page):
                where = LIST + more[1].replace("&amp;", "&")
    assert sorted(seen) == list("abcdefgh")


async def test_a_whole_address_is_found_and_a_part_is_not(office: Office, signed_in: Any) -> None:
    await reader(office, "anna@example.org", "decisions", fields=["education"])
    async with signed_in(Role.AUDITOR) as browser:
        page = (await browser.get(await _search(browser, " ANNA@example.org"))).text
        assert "anna@example.org" in page
        assert "Bildung" in page
        assert "herunterladen" not in page, "an auditor only reads"
        nobody = (await browser.get(await _search(browser, "ann@example.org"))).text
        assert "Diese Adresse kennen wir nicht" in nobody
        refused = await browser.submit(f"{LIST}/suche", {"email": "anna"}, on=LIST)
        assert refused.status_code == 422
        for wrong in ("x", "0" * 63, "G" * 64, "0" * 64 + "/loeschen"):
            assert (await browser.get(f"{LIST}/adresse/{wrong}")).status_code in (403, 404, 422)


@pytest.mark.parametrize(
    ("role", "reads", "acts"),
    [(None, 303, 303), (Role.MEMBER, 403, 403), (Role.AUDITOR, 200, 403), (Role.OFFICE, 200, 200)],
)
async def test_who_may_do_what(
    office: Office, signed_in: Any, role: Role | None, reads: int, acts: int
) -> None:
    await reader(office, "anna@example.org", "sessions")
    found = office.service.seals.address_hash("anna@example.org")
    async with signed_in(*filter(None, [role])) as browser:
        if role is None:
            browser.cookies.clear()
        for path in ("", f"/adresse/{found}"):
            assert (await browser.get(LIST + path)).status_code == reads, path
        for path in ("/einlesen", "/export.csv", f"/adresse/{found}/loeschen"):
            assert (await browser.get(LIST + path)).status_code == acts, path
        if role is not Role.OFFICE:
            for path in ("/einlesen", f"/adresse/{found}/auskunft", f"/adresse/{found}/loeschen"):
                assert (await browser.post(LIST + path)).status_code != 200, path
    assert len(await _everything(office, Subscription)) == 1


async def _everything(office: Office, table: Any) -> list[Any]:
    async with office.service.db.read() as session:
        return list((await session.scalars(select(table))).all())


async def test_the_table_is_whole_streamed_and_starts_no_formula(
    office: Office, signed_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "EXPORTED", 2)
    for n, name in enumerate(HOSTILE):
        await reader(office, f"r{n}@bücher.example", "press", name=name, frequency=DAILY)
    await reader(office, "+plus@example.org", "sessions")
    async with signed_in(Role.OFFICE) as browser:
        answer = await browser.get(f"{LIST}/export.csv?thema=press")
        assert answer.headers["content-disposition"].startswith("attachment")
        assert answer.headers["cache-control"] == "private, no-store"
        everybody = await browser.get(f"{LIST}/export.csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert len(lines) == len(HOSTILE) + 1
    assert [line[0] for line in lines[1:]] == [f"r{n}@bücher.example" for n in range(len(HOSTILE))]
    for line, name in zip(lines[1:], HOSTILE, strict=True):
        assert line[1] in (name, f"'{name}")
        assert not line[1].lstrip().startswith(("=", "+", "-", "@", "＝"))
        assert line[6] == "Einmal am Tag, um 17 Uhr"
    assert "'+plus@example.org" in everybody.content.decode()
    audits = await _everything(office, Audit)
    assert [(one.action, one.details["rows"]) for one in audits] == [
        ("subscribers.export", len(HOSTILE)),
        ("subscribers.export", len(HOSTILE) + 1),
    ]


def test_what_is_no_formula_stays_as_it_is() -> None:
    for text in ("Ada", "Übung - Teil 2", "a=b", ""):
        assert harmless(text) == text


async def test_exports_and_answers_need_a_fresh_sign_in(
    office: Office, signed_in: Any, clock: SetClock, notifications: Service
) -> None:
    await reader(office, "anna@example.org", "sessions")
    found = office.service.seals.address_hash("anna@example.org")
    async with signed_in(Role.OFFICE) as browser:
        await browser.get(LIST)
        clock.forward(minutes=61)
        assert (await browser.get(f"{LIST}/export.csv")).status_code == 303
        path = f"{LIST}/adresse/{found}"
        answer = await browser.submit(f"{path}/auskunft", on=path)
        assert answer.status_code == 401
        assert not answer.headers["content-type"].startswith("application/zip")


async def _full_life(office: Office) -> str:
    """Everything that can be known about one address."""
    anna = await reader(office, "ada@example.org", "sessions", name="Ada", frequency=None)
    await office.case("ada@example.org", number="2026-021")
    await office.answer(office.session(), await office.link_event(CaseLinkRequested))
    await office.send()
    found = office.service.seals.address_hash("ada@example.org")
    async with office.service.db.begin() as session:
        session.add(Suppression(address_hash=found, at=office.clock.now(), reason=Reason.ADDRESS))
        assert anna.address_hash == found
    return found


async def test_the_answer_holds_everything_and_no_way_in(office: Office, signed_in: Any) -> None:
    found = await _full_life(office)
    secret = await office.only("case_link")
    assert "t0ken" in secret.text
    async with signed_in(Role.OFFICE) as browser:
        path = f"{LIST}/adresse/{found}"
        answer = await browser.submit(f"{path}/auskunft", on=path)
    assert answer.status_code == 200, answer.text[:200]
    assert answer.headers["content-type"] == "application/zip"
    archive = ZipFile(io.BytesIO(answer.content))
    assert sorted(archive.namelist()) == ["auskunft.html", "auskunft.json"]
    data = json.loads(archive.read("auskunft.json"))
    html = archive.read("auskunft.html").decode()
    assert data["address"] == "ada@example.org"
    assert data["subscription"]["topics"] == ["sessions"]
    assert data["consents"][0]["text"] == "Ja"
    assert data["consents"][0]["contact"]["email"] == "ada@example.org"
    kinds = {letter["kind"] for letter in data["letters"]}
    assert {"application_received", "session_scheduled", "case_link"} <= kinds
    assert data["letters"][0]["attempts"][0]["outcome"] == "sent"
    assert data["applications"][0]["number"] == "2026-021"
    assert data["held_back"]["reason"] == "address"
    assert data["address_book"][0]["street"] == "Hallesche Straße 12"
    for text in (html, json.dumps(data)):
        assert "t0ken" not in text
    for said in ("ada@example.org", "2026-021", "Hallesche Straße 12", "Guten Tag"):
        assert said in html
    assert not re.search(r"<script|<link|<img|src=", html)
    [audit] = await _everything(office, Audit)
    assert audit.action == "subscriber.answered"
    assert "ada" not in f"{audit.details}{audit.subject}"


async def test_nothing_typed_becomes_markup_in_the_answer(office: Office, signed_in: Any) -> None:
    await reader(office, "ada@example.org", "sessions", name='<script>alert("x")</script>')
    found = office.service.seals.address_hash("ada@example.org")
    async with signed_in(Role.OFFICE) as browser:
        path = f"{LIST}/adresse/{found}"
        answer = await browser.submit(f"{path}/auskunft", on=path)
    html = ZipFile(io.BytesIO(answer.content)).read("auskunft.html").decode()
    assert "<script" not in html
    assert "&lt;script&gt;" in html


async def _readable(office: Office) -> str:
    lines = []
    async with office.service.db.read() as session:
        for table in Base.metadata.sorted_tables:
            lines += [str(tuple(row)) for row in await session.execute(select(table))]
    return "\n".join(lines)


async def test_erasing_asks_first_and_then_nothing_readable_stays(
    office: Office, signed_in: Any
) -> None:
    found = await _full_life(office)
    other = await reader(office, "bo@example.org", "sessions")
    async with signed_in(Role.OFFICE) as browser:
        path = f"{LIST}/adresse/{found}/loeschen"
        page = (await browser.get(path)).text
        assert "Antrag" in page and "2026-021" in page
        assert "ada@example.org" in await _readable(office), "looking deletes nothing"
        answer = await browser.submit(path)
        assert answer.status_code == 303
        gone = await browser.get(f"{LIST}/adresse/{found}")
        assert (await browser.get(path)).status_code == 404
    assert "Diese Adresse kennen wir nicht" in gone.text
    left = await _readable(office)
    for trace in ("ada@example.org", "Ada", found, "Hallesche Straße 12"):
        assert trace not in left
    [event] = await office.told(PersonErasedByNotifications)
    assert len(event.person_ids) >= 2, "every id of the same human"
    assert await office.service.seals.ids_of(found) == []
    assert [one.id for one in await _everything(office, Subscription)] == [other.id]
    await rows_agree(office)
    await office.listen_to_itself()
    await office.answer(office.session())
    await office.send()
    assert {one.address for one in await office.letters("session_scheduled")} <= {
        "",
        "bo@example.org",
    }


async def test_an_address_that_only_ever_bounced_can_be_forgotten(
    office: Office, signed_in: Any
) -> None:
    found = office.service.seals.address_hash("dead@example.org")
    async with office.service.db.begin() as session:
        session.add(Suppression(address_hash=found, at=office.clock.now(), reason=Reason.ADDRESS))
    async with signed_in(Role.OFFICE) as browser:
        assert (await browser.submit(f"{LIST}/adresse/{found}/loeschen")).status_code == 303
    assert await _everything(office, Suppression) == []
    assert await office.told(PersonErasedByNotifications) == []


@pytest.mark.parametrize("known", [True, False])
async def test_what_came_back_of_an_issue_is_forgotten_though_the_subscription_is_long_gone(
    office: Office, signed_in: Any, known: bool
) -> None:
    """Whether or not there is still an id of theirs."""
    found = office.service.seals.address_hash("dead@example.org")
    if known:
        await office.service.seals.person(email="dead@example.org")
    bounce = Bounce(
        id=uuid7(),
        about=uuid7(),
        number=17,
        address_hash=found,
        at=office.clock.now(),
        severity=Severity.HARD,
        status="5.1.1",
        diagnostic="550 5.1.1 <dead@example.org>: no such user",
    )
    async with office.service.db.begin() as session:
        session.add(bounce)
    path = f"{LIST}/adresse/{found}"
    async with signed_in(Role.OFFICE) as browser:
        assert "Diese Adresse kennen wir nicht" not in (await browser.get(path)).text
        assert (await browser.submit(f"{path}/loeschen")).status_code == 303
        assert "Diese Adresse kennen wir nicht" in (await browser.get(path)).text
    left = await _readable(office)
    assert "dead@example.org" not in left and found not in left
    assert [one.status for one in await _everything(office, Bounce)] == ["5.1.1"]
