"""The public archive: what was published, in the reader's language, until the office takes it back."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from services.notifications.domain.issue import Issue, IssueKind, IssueText, Status
from services.notifications.domain.letter import State
from services.notifications.issues import commands
from shared.clock import SetClock
from shared.service import Service
from shared.web.access import Role
from tests.notifications.issues import desk
from tests.notifications.issues.desk import ARABIC, GERMAN
from tests.notifications.office import Office
from tests.support.browser import Browser

SignedIn = Callable[..., Any]


async def _published(
    office: Office,
    kind: IssueKind = IssueKind.NEWSLETTER,
    texts: dict[str, tuple[str, str, str]] | None = None,
) -> UUID:
    """One that is out, and told."""
    issue_id = await desk.draft(office.service, kind, texts)
    await desk.start(office.service, issue_id)
    await office.listen_to_itself()
    return issue_id


@pytest.fixture(autouse=True)
async def reader(notifications: Service) -> None:
    await desk.enrol_many(notifications, 1, topics=["newsletter", "press"])


async def test_only_what_was_published_is_in_the_archive(
    office: Office, notifications: Service, browser: Browser
) -> None:
    for path, words in (("/rundbriefe", "kein Rundbrief"), ("/presse", "keine Pressemitteilung")):
        assert words in (await browser.get(path)).text
    written, planned = await desk.draft(notifications), await desk.draft(notifications)
    await desk.schedule(notifications, planned)
    for unseen in (written, planned):
        assert (await browser.get(f"/rundbriefe/{unseen}")).status_code == 404
    out = await _published(office)
    html = (await browser.get("/rundbriefe")).text
    assert re.findall(r'href="/rundbriefe/([0-9a-f-]{36})"', html) == [str(out)]
    assert str(out) not in (await browser.get("/presse")).text
    assert (await browser.get(f"/presse/{out}")).status_code == 404
    text = (await browser.get(f"/rundbriefe/{out}")).text
    for words in (*GERMAN, "Rundbrief", "2. März 2026"):
        assert words in text


async def test_it_is_public_before_the_journal_knows_and_stays_so_after_a_stop(
    notifications: Service, browser: Browser
) -> None:
    issue_id = await desk.draft(notifications)
    await desk.start(notifications, issue_id)
    assert (await browser.get(f"/rundbriefe/{issue_id}")).status_code == 200
    async with notifications.db.begin() as session:
        at = notifications.clock.now()
        await commands.stop(session, issue_id, by=desk.JANA, at=at)
    assert (await browser.get(f"/rundbriefe/{issue_id}")).status_code == 200


async def test_each_language_has_its_page_in_its_own_direction(
    office: Office, notifications: Service, browser: Browser
) -> None:
    both = await _published(office, texts={"de": GERMAN, "ar": ARABIC})
    german = await _published(office)
    path = f"/rundbriefe/{both}"
    page = (await browser.get(path)).text
    assert '<html lang="de" dir="ltr"' in page
    assert '<article class="sb-read rb-text" lang="de" dir="ltr">' in page
    assert f'hreflang="ar" href="{path}?sprache=ar"' in page
    arabic = (await browser.get(f"{path}?sprache=ar")).text
    assert '<html lang="de" dir="ltr"' in arabic, "the page around it stays the reader's"
    assert '<article class="sb-read rb-text" lang="ar" dir="rtl">' in arabic
    assert ARABIC[0] in arabic
    assert GERMAN[2] not in arabic
    from_a_mail = (await browser.get(f"{path}?lang=ar")).text
    assert '<html lang="ar" dir="rtl"' in from_a_mail
    assert ARABIC[2] in from_a_mail
    only_german = (await browser.get(f"/rundbriefe/{german}?sprache=xx")).text
    assert '<html lang="ar" dir="rtl"' in only_german
    assert '<article class="sb-read rb-text" lang="de" dir="ltr">' in only_german
    assert "rb-languages" not in only_german
    listed = (await browser.get("/rundbriefe")).text
    assert 'lang="ar" dir="rtl">' + ARABIC[0] in listed
    assert 'lang="de" dir="ltr">' + GERMAN[0] in listed
    assert listed.count("<h1") == 1


async def test_the_years_are_those_of_the_clock_in_berlin(
    office: Office, browser: Browser, clock: SetClock
) -> None:
    old = await _published(office)
    clock.set(datetime(2026, 12, 31, 23, 30, tzinfo=UTC))
    new = await _published(office)
    assert str(old) not in (await browser.get("/rundbriefe")).text
    html = (await browser.get("/rundbriefe?jahr=2027")).text
    assert str(new) in html
    assert re.findall(r'href="/rundbriefe\?jahr=(\d+)"', html) == ["2027", "2026"]
    assert str(old) in (await browser.get("/rundbriefe?jahr=2026")).text
    assert "nichts erschienen" in (await browser.get("/rundbriefe?jahr=2020")).text
    assert (await browser.get("/rundbriefe?jahr=1")).status_code == 422


async def test_nothing_in_it_tracks_a_reader_or_waits_for_a_name(
    office: Office, browser: Browser
) -> None:
    hostile = (
        "<b>Fett</b> {{ 7*7 }} \ue000",
        "Erste <i>Zeile</i> \ue002",
        "<script>alert(1)</script> Text \ue001\n\n[Link](javascript:x) ![](https://spy.example/x.gif)",
    )
    issue_id = await _published(office)
    async with office.service.db.begin() as session:
        text = await session.get_one(IssueText, (issue_id, "de"))
        text.subject, text.first_line, text.body = hostile
    answer = await browser.get(f"/rundbriefe/{issue_id}")
    assert answer.status_code == 200
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    assert "<script" not in main
    assert "javascript:" not in main
    assert "&lt;b&gt;Fett&lt;/b&gt; {{ 7*7 }}" in main
    assert not re.search("[\ue000-\uf8ff]", answer.text)
    assert "style=" not in main
    assert not re.findall(r'(?:src|href)="https?://(?!stadtteil\.example)', main)
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_the_office_takes_one_back_for_good(
    office: Office, signed_in: SignedIn, browser: Browser
) -> None:
    issue_id = await _published(office)
    kept = await _published(office)
    path = f"/rundbriefe/{issue_id}"
    assert "/entfernen" not in (await browser.get(path)).text
    async with signed_in(Role.OFFICE) as jana:
        assert f'href="{path}/entfernen"' in (await jana.get(path)).text
        assert GERMAN[0] in (await jana.get(f"{path}/entfernen")).text
        answer = await jana.submit(f"{path}/entfernen")
        assert (answer.status_code, answer.headers["location"]) == (303, "/rundbriefe")
        assert "aus dem Archiv genommen" in (await jana.get("/rundbriefe")).text
        assert (await jana.submit(f"{path}/entfernen", on="/abo")).status_code == 404
    gone = await browser.get(path)
    assert gone.status_code == 410
    assert "Diesen Text haben wir zurückgenommen." in gone.text
    listed = (await browser.get("/rundbriefe")).text
    assert str(issue_id) not in listed
    assert str(kept) in listed
    news = (await browser.get("/neuigkeiten")).text
    assert news.count(GERMAN[0]) == 1
    assert str(issue_id) not in (await browser.get("/feeds/newsletter.atom")).text
    assert await desk.trail(office.service, issue_id) == [
        "issue.created", "issue.started", "issue.stopped", "issue.taken_back",
    ]  # fmt: skip
    assert set(await desk.states(office.service, issue_id)) <= {State.SUPPRESSED}


@pytest.mark.parametrize(
    ("kind", "archive"), [(IssueKind.NEWSLETTER, "/rundbriefe"), (IssueKind.PRESS, "/presse")]
)
async def test_its_news_lead_to_where_its_sending_is_stopped_with_it(
    office: Office, signed_in: SignedIn, browser: Browser, kind: IssueKind, archive: str
) -> None:
    issue_id = await _published(office, kind)
    path = f"{archive}/{issue_id}"
    news = (await browser.get("/neuigkeiten")).text
    [piece] = set(re.findall(r'href="(/neuigkeiten/[0-9a-f-]{36})"', news))
    async with signed_in(Role.OFFICE) as jana:
        assert f'href="{piece}/entfernen"' in (await jana.get(piece)).text
        asked = await jana.get(f"{piece}/entfernen")
        sent = await jana.submit(f"{piece}/entfernen", on="/abo")
        for answer in (asked, sent):
            assert (answer.status_code, answer.headers["location"]) == (303, f"{path}/entfernen")
        assert (await browser.get(path)).status_code == 200, "nothing is done by halves"
        assert "Der Versand ist damit gestoppt" in (await jana.get(f"{path}/entfernen")).text
        await jana.submit(f"{path}/entfernen")
    assert (await browser.get(piece)).status_code == 404
    assert (await desk.issue(office.service, issue_id)).status == Status.STOPPED
    trail = await desk.trail(office.service, issue_id)
    assert trail[2:] == ["issue.stopped", "issue.taken_back"]


async def test_what_was_taken_back_after_all_had_it_goes_to_nobody_again(
    office: Office, notifications: Service, signed_in: SignedIn
) -> None:
    issue_id = await _published(office)
    await desk.gather_all(notifications)
    await desk.become(notifications, issue_id, State.FAILED, [1], code=550)
    async with notifications.db.begin() as session:
        issue = await session.get_one(Issue, issue_id)
        assert await commands.finish(session, issue, notifications.clock.now())
    copies = f"/buero/rundbriefe/{issue_id}/versenden/exemplare"
    async with signed_in(Role.OFFICE) as jana:
        await jana.submit(f"/rundbriefe/{issue_id}/entfernen")
        answer = await jana.submit(f"{copies}/1/noch-einmal", on=f"{copies}?liste=gescheitert")
        assert answer.status_code == 409
        assert "Es geht nichts mehr hinaus." in answer.text
    assert (await desk.issue(notifications, issue_id)).status == Status.SENT
    assert await desk.states(notifications, issue_id) == [State.FAILED]


async def test_what_was_taken_back_while_it_was_paused_is_never_resumed(
    office: Office, notifications: Service, signed_in: SignedIn
) -> None:
    issue_id = await _published(office)
    path = f"/buero/rundbriefe/{issue_id}/versenden"
    async with signed_in(Role.OFFICE) as jana:
        await jana.submit(f"{path}/anhalten", on=path)
        await jana.submit(f"/rundbriefe/{issue_id}/entfernen")
        assert (await jana.submit(f"{path}/fortsetzen", on="/abo")).status_code == 409
    assert (await desk.issue(notifications, issue_id)).status == Status.STOPPED


async def test_taking_back_waits_until_it_was_told(
    notifications: Service, signed_in: SignedIn
) -> None:
    issue_id = await desk.draft(notifications, IssueKind.PRESS)
    await desk.start(notifications, issue_id)
    async with signed_in(Role.OFFICE) as browser:
        answer = await browser.submit(f"/presse/{issue_id}/entfernen")
        assert answer.status_code == 409
        assert "in einer Minute noch einmal" in answer.text


async def test_nobody_else_can_take_it_back(
    office: Office, signed_in: SignedIn, browser: Browser
) -> None:
    path = f"/rundbriefe/{await _published(office)}"
    async with signed_in(Role.AUDITOR) as auditor:
        assert (await auditor.submit(f"{path}/entfernen", on="/abo")).status_code == 403
    asked = await browser.get(f"{path}/entfernen")
    assert asked.headers["location"].startswith("/anmelden")
    assert (await browser.get(path)).status_code == 200
