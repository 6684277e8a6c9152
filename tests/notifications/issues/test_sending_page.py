"""The office's pages around sending: who gets it, when, how far it got, and what a click does."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, update

from services.notifications.domain.issue import Issue, IssueKind, IssueLetter, Pause, Status
from services.notifications.domain.letter import State
from services.notifications.issues import commands
from shared.clock import SetClock
from shared.events.notifications import NewsletterPublished
from shared.service import Service
from shared.web.access import Role
from tests.notifications.issues import desk
from tests.notifications.issues.desk import ARABIC, GERMAN
from tests.notifications.office import Office
from tests.support.browser import Browser

LIST = "/buero/rundbriefe"
SignedIn = Callable[..., Any]


def plain(html: str) -> str:
    """The page's words without its markup."""
    main = html.partition("<main")[2].partition("</main>")[0] or html
    words = " ".join(re.sub(r"<[^>]+>", " ", main).split())
    return re.sub(r" ([.,:])", r"\1", words)


def sent_fields(html: str) -> dict[str, str]:
    """Every hidden field of the page's last form."""
    form = html.rpartition("<form")[2]
    return dict(re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"', form))


async def _fill_in(browser: Browser, issue_id: UUID, **changed: Any) -> Any:
    path = f"{LIST}/{issue_id}/versenden"
    html = (await browser.get(path)).text
    version = re.search(r'name="version" value="(\d+)"', html)
    until = re.search(r'name="until"[^>]*value="([^"]+)"', html)
    assert version and until, plain(html)
    fields = {
        "when": "now", "version": version[1], "until": until[1], "window_from": "0",
        "window_to": "24", "turn": "check",
    }  # fmt: skip
    return await browser.submit(path, fields | changed)


async def _confirm(browser: Browser, issue_id: UUID, html: str) -> Any:
    fields = sent_fields(html)
    assert set(fields) > {"version", "when", "until"}, plain(html)
    return await browser.post(f"{LIST}/{issue_id}/versenden", data=fields | {"turn": "save"})


async def test_the_list_says_what_will_stand_there_and_a_button_makes_one_draft(
    notifications: Service, signed_in: SignedIn
) -> None:
    async with signed_in(Role.OFFICE) as browser:
        html = (await browser.get(LIST)).text
        assert "Noch ist nichts versendet." in plain(html)
        assert "Kein Entwurf liegt bereit." in plain(html)
        assert html.count("kern-btn--primary") == 1
        assert 'href="/buero/rundbriefe" aria-current="page"' in html
        new = {"id": re.findall(r'name="id" value="([^"]+)"', html)[0], "kind": "newsletter"}
        for _ in range(2):
            answer = await browser.submit(f"{LIST}/neu", new, on=LIST)
            assert answer.headers["location"] == f"{LIST}/{new['id']}"
        assert (await browser.submit(f"{LIST}/neu", {"kind": "x"}, on=LIST)).status_code == 303
        assert plain((await browser.get(LIST)).text).count("Noch ohne Betreff") == 1


async def test_the_list_shows_drafts_plans_what_is_under_way_and_what_was_sent(
    notifications: Service, signed_in: SignedIn
) -> None:
    issue_id = await desk.started(notifications, 4)
    await desk.become(notifications, issue_id, State.SENT, [1])
    planned, written = await desk.draft(notifications), await desk.draft(notifications)
    await desk.schedule(notifications, planned, in_hours=3)
    stopped = await desk.draft(notifications)
    await desk.start(notifications, stopped)
    async with notifications.db.begin() as session:
        at = notifications.clock.now()
        await commands.stop(session, stopped, by=desk.JANA, at=at)
    async with signed_in(Role.AUDITOR) as browser:
        html = (await browser.get(LIST)).text
        text = plain(html)
    assert "1 von 4" in text
    order = ["Wird versendet", "Geplant", "Entwürfe", "Gestoppt"]
    assert sorted(order, key=text.index) == order
    assert f'{LIST}/{written}"' in html
    assert f'{LIST}/{issue_id}/versenden"' in html
    assert "Nur lesen" in text
    assert "Neuer Rundbrief" not in text


async def test_a_long_list_is_read_page_by_page_with_the_same_number_of_queries(
    notifications: Service, signed_in: SignedIn
) -> None:
    for _ in range(3):
        await desk.draft(notifications)
    async with signed_in(Role.OFFICE) as browser:
        few = await _queries(notifications, browser, LIST)
        for _ in range(33):
            await desk.draft(notifications)
        async with notifications.db.begin() as session:
            past = {"status": Status.SENT, "started_at": notifications.clock.now()}
            await session.execute(update(Issue).values(past))
        many = await _queries(notifications, browser, LIST)
        html = (await browser.get(LIST)).text
        assert html.count("kern-badge--success") == 30
        [more] = re.findall(r'rel="next" href="([^"]+)"', html)
        assert (await browser.get(LIST + more)).text.count("kern-badge--success") == 6
    assert many <= few


async def _queries(service: Service, browser: Browser, path: str) -> int:
    asked: list[str] = []
    engines = {service.db.engine.sync_engine, service.db._reading.sync_engine}

    def note(*facts: Any) -> None:
        asked.append(facts[2])

    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    assert (await browser.get(path)).status_code == 200
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)
    return len([sql for sql in asked if sql.startswith("SELECT")])


async def test_a_draft_is_deleted_after_a_question_and_nothing_else_is(
    notifications: Service, signed_in: SignedIn
) -> None:
    await desk.enrol_many(notifications, 1)
    gone, kept = await desk.draft(notifications), await desk.draft(notifications)
    await desk.start(notifications, kept)
    async with signed_in(Role.OFFICE) as browser:
        path = f"{LIST}/{gone}/loeschen"
        html = (await browser.get(path)).text
        assert "in allen Sprachen weg" in plain(html)
        stale = await browser.submit(path, {"version": "9"})
        assert stale.status_code == 409
        assert "Inzwischen hat jemand etwas geändert" in plain(stale.text)
        answer = await browser.submit(path, sent_fields(html))
        assert answer.headers["location"] == LIST
        assert "Der Entwurf ist gelöscht." in (await browser.get(LIST)).text
        assert (await browser.get(f"{LIST}/{kept}/loeschen")).status_code == 409


async def test_it_is_sent_now_after_a_page_that_names_people_and_dates(
    office: Office, notifications: Service, signed_in: SignedIn
) -> None:
    at = notifications.clock.now()
    rows = [desk.reader(number, at) for number in range(4)]
    rows.append(desk.reader(4, at, language="ar"))
    await desk.enrol(notifications, rows)
    issue_id = await desk.draft(notifications, texts={"de": GERMAN, "ar": ARABIC})
    path = f"{LIST}/{issue_id}/versenden"
    async with signed_in(Role.OFFICE) as browser:
        html = (await browser.get(path)).text
        assert "Geht jetzt an: 5 Personen" in plain(html)
        assert "Deutsch: 4" in plain(html)
        assert 'value="9.3.2026"' in html, "a week from today"
        assert html.count("kern-btn--primary") == 1
        looked = await _fill_in(browser, issue_id)
        text = plain(looked.text)
        for words in (GERMAN[0], "5 Personen", "Gleich", "Zu jeder Zeit", "Montag, 9. März 2026"):
            assert words in text
        assert await office.told(NewsletterPublished) == [], "not before the second click"
        done = await _confirm(browser, issue_id, looked.text)
        assert (done.status_code, done.headers["location"]) == (303, path)
        again = await _confirm(browser, issue_id, looked.text)
        assert (again.status_code, again.headers["location"]) == (303, path)
        text = plain((await browser.get(path)).text)
        assert "0 von 5 versendet" in text
        assert "Wir stellen gerade zusammen" in text
    assert len(await office.told(NewsletterPublished)) == 1


async def test_it_is_planned_and_the_plan_is_taken_back(
    notifications: Service, signed_in: SignedIn, clock: SetClock
) -> None:
    await desk.enrol_many(notifications, 1)
    issue_id = await desk.draft(notifications)
    path = f"{LIST}/{issue_id}/versenden"
    later = {"when": "later", "day": "3.3.2026", "clock": "21 Uhr", "until": "6.3.26"}
    async with signed_in(Role.OFFICE) as browser:
        looked = await _fill_in(browser, issue_id, **later, window_from="8", window_to="20")
        text = plain(looked.text)
        assert "Dienstag, 3. März 2026, 21:00" in text
        assert "gehen Mittwoch, 4. März 2026 um 08:00 hinaus" in text
        changing = sent_fields(looked.text) | {"turn": "change"}
        back = await browser.post(path, data=changing)
        assert back.status_code == 200
        assert 'value="3.3.2026"' in back.text, "nothing typed is lost"
        await _confirm(browser, issue_id, looked.text)
        issue = await desk.issue(notifications, issue_id)
        assert (issue.status, issue.window_from, issue.window_to) == (Status.SCHEDULED, 8, 20)
        assert issue.scheduled_at is not None
        assert issue.scheduled_at.isoformat() == "2026-03-03T20:00:00+00:00"
        assert "Zwischen 8 und 20 Uhr" in plain((await browser.get(path)).text)
        await browser.submit(f"{path}/planung-aufheben", on=path)
        html = (await browser.get(path)).text
        assert "Die Planung ist aufgehoben." in plain(html)
        assert 'value="3.3.2026"' in html, "the old plan is where one begins"
    assert (await desk.issue(notifications, issue_id)).status == Status.DRAFT


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"when": "later"}, "day", "An welchem Tag soll es hinausgehen?"),
        ({"when": "later", "day": "4.3.2026"}, "clock", "Um wie viel Uhr"),
        ({"when": "later", "day": "1.3.2026", "clock": "8"}, "day", "schon vorbei"),
        ({"when": "later", "day": "29.3.2026", "clock": "2:30", "until": "30.3.2026"}, "clock", "Uhr wird umgestellt"),
        ({"until": "1.3.2026"}, "until", "Wählen Sie einen späteren Tag."),
        ({"until": "bald"}, "until", "9.12.2026"),
        ({"until": ""}, "until", ""),
        ({"window_from": "20", "window_to": "8"}, "window_to", "nach dem Anfang"),
        ({"when": "irgendwann"}, "when", ""),
    ],
)  # fmt: skip
async def test_a_plan_that_cannot_be_is_answered_next_to_its_field(
    notifications: Service,
    signed_in: SignedIn,
    typed: dict[str, str],
    field: str,
    sentence: str,
) -> None:
    await desk.enrol_many(notifications, 1)
    issue_id = await desk.draft(notifications)
    async with signed_in(Role.OFFICE) as browser:
        answer = await _fill_in(browser, issue_id, **typed)
        assert answer.status_code == 422
        assert f'href="#{field}"' in answer.text
        assert sentence in plain(answer.text)
        assert "<title>Fehler" in answer.text


async def test_what_the_checks_refuse_is_said_and_leads_to_them(
    office: Office, notifications: Service, signed_in: SignedIn
) -> None:
    await desk.enrol_many(notifications, 1)
    issue_id = await desk.draft(notifications, texts={"de": ("Betreff", "", "")})
    async with signed_in(Role.OFFICE) as browser:
        answer = await _fill_in(browser, issue_id)
        assert answer.status_code == 422
        assert "So kann das nicht hinausgehen." in plain(answer.text)
        assert f"{LIST}/{issue_id}/pruefen" in answer.text
    assert await office.told(NewsletterPublished) == []


async def test_nobody_sends_what_a_colleague_changed_after_the_look(
    notifications: Service, signed_in: SignedIn, clock: SetClock
) -> None:
    await desk.enrol_many(notifications, 1)
    issue_id = await desk.draft(notifications)
    async with signed_in(Role.OFFICE) as browser:
        looked = await _fill_in(browser, issue_id)
        async with notifications.db.begin() as session:
            issue = await session.get_one(Issue, issue_id)
            issue.changed_at = clock.now() + timedelta(seconds=1)
        answer = await _confirm(browser, issue_id, looked.text)
        assert answer.status_code == 409
        assert "Inzwischen hat jemand etwas geändert." in plain(answer.text)
    assert (await desk.issue(notifications, issue_id)).status == Status.DRAFT


async def test_without_readers_the_page_says_who_could_become_one(
    notifications: Service, signed_in: SignedIn
) -> None:
    issue_id = await desk.draft(notifications)
    async with signed_in(Role.OFFICE) as browser:
        html = (await browser.get(f"{LIST}/{issue_id}/versenden")).text
        assert "Noch hat es niemand bestellt." in plain(html)
        answer = await _fill_in(browser, issue_id)
        assert answer.status_code == 422


async def test_progress_counts_what_was_sent_with_rate_and_time_left(
    notifications: Service, signed_in: SignedIn, clock: SetClock
) -> None:
    issue_id = await desk.started(notifications, 20)
    path = f"{LIST}/{issue_id}/versenden"
    clock.forward(seconds=30)
    await desk.become(notifications, issue_id, State.SENT, [1, 2, 3, 4])
    await desk.become(notifications, issue_id, State.FAILED, [5], code=550, answer="no")
    await desk.become(notifications, issue_id, State.UNKNOWN, [6])
    later = clock.now() + timedelta(hours=1)
    await desk.become(notifications, issue_id, State.DEFERRED, [7, 8], due_at=later)
    await desk.become(notifications, issue_id, State.SUPPRESSED, [9])
    async with signed_in(Role.OFFICE) as browser:
        html = (await browser.get(path)).text
        text = plain(html)
    assert "4 von 20 versendet" in text
    assert '<progress id="fortschritt" value="7" max="20">' in html
    assert "8 in der Minute · noch etwa 2 Minuten" in text
    for words in ("Versendet 4", "Wartet 11", "Später noch einmal 2", "Gescheitert 1", "Unklar 1"):
        assert words in text
    assert "Bitte sehen Sie nach, wen es nicht erreicht hat." in text


async def test_each_number_is_that_of_the_list_it_leads_to(
    notifications: Service, signed_in: SignedIn, clock: SetClock
) -> None:
    issue_id = await desk.started(notifications, 10)
    path = f"{LIST}/{issue_id}/versenden"
    await desk.become(notifications, issue_id, State.SENT, [1, 2])
    for state, open_one, ticked_off in ((State.FAILED, 3, 4), (State.UNKNOWN, 5, 6)):
        await desk.become(notifications, issue_id, state, [open_one])
        await desk.become(notifications, issue_id, state, [ticked_off], handled_at=clock.now())
    later = clock.now() + timedelta(hours=1)
    await desk.become(notifications, issue_id, State.DEFERRED, [7], due_at=later)
    await desk.become(notifications, issue_id, State.SUPPRESSED, [8])
    async with signed_in(Role.OFFICE) as browser:
        html = (await browser.get(path)).text
        number = r'/exemplare\?liste=([a-z-]+)">[^<]+</a> <b><bdi[^>]*>(\d+)</bdi>'
        told = dict(re.findall(number, html))
        assert told == {
            "versendet": "2", "wartet": "2", "spaeter": "1",
            "gescheitert": "1", "unklar": "1", "nicht-versendet": "3",
        }  # fmt: skip
        for view, count in told.items():
            listed = (await browser.get(f"{path}/exemplare?liste={view}")).text
            assert len(re.findall(r'<li id="n\d+"', listed)) == int(count), view


async def test_the_moving_part_answers_only_when_something_moved(
    notifications: Service, signed_in: SignedIn, clock: SetClock
) -> None:
    issue_id = await desk.started(notifications, 3)
    path = f"{LIST}/{issue_id}/versenden"
    async with signed_in(Role.OFFICE) as browser:
        [asks] = re.findall(r'hx-get="([^"]+)"', (await browser.get(path)).text)
        asks = asks.replace("&amp;", "&")
        assert (await browser.get(asks)).status_code == 204
        clock.forward(seconds=20)
        await desk.become(notifications, issue_id, State.SENT, [1])
        moved = await browser.get(asks)
        assert moved.status_code == 200
        assert moved.text.startswith('<div id="stand"')
        assert "1 von 3 versendet" in plain(moved.text)
        assert "<html" not in moved.text
        async with notifications.db.begin() as session:
            await commands.pause(session, issue_id, by=desk.JANA, at=clock.now())
        over = await browser.get(asks)
        assert (over.status_code, over.headers["hx-redirect"]) == (204, path)


async def test_it_is_paused_resumed_and_stopped_by_plain_forms(
    notifications: Service, signed_in: SignedIn
) -> None:
    issue_id = await desk.started(notifications, 3)
    await desk.become(notifications, issue_id, State.SENT, [1])
    path = f"{LIST}/{issue_id}/versenden"
    async with signed_in(Role.OFFICE) as browser:
        for _ in range(2):
            answer = await browser.submit(f"{path}/anhalten", on=path)
            assert (answer.status_code, answer.headers["location"]) == (303, path)
        html = (await browser.get(path)).text
        assert "Der Versand ist angehalten." in plain(html)
        assert "Fortsetzen" in html
        await browser.submit(f"{path}/fortsetzen", on=path)
        assert (await desk.issue(notifications, issue_id)).status == Status.SENDING
        text = plain((await browser.get(f"{path}/stoppen")).text)
        assert "1 Person hat es schon bekommen." in text
        assert "2 Personen warten noch" in text
        await browser.submit(f"{path}/stoppen")
        text = plain((await browser.get(path)).text)
        assert "Der Versand ist gestoppt." in text
        assert "Nicht versendet 2" in text
        assert "Fortsetzen" not in text
        late = await browser.submit(f"{path}/fortsetzen", on="/abo")
        assert late.status_code == 409


async def test_a_refusing_server_is_quoted_with_what_to_do(
    notifications: Service, signed_in: SignedIn
) -> None:
    issue_id = await desk.started(notifications, 2)
    async with notifications.db.begin() as session:
        at = notifications.clock.now()
        await commands.pause_refused(session, issue_id, 550, "5.7.1 <b>policy</b>", at)
    assert (await desk.issue(notifications, issue_id)).pause == Pause.REFUSED
    async with signed_in(Role.OFFICE) as browser:
        html = (await browser.get(f"{LIST}/{issue_id}/versenden")).text
        assert "Ein Mailserver nimmt unsere E-Mails nicht an" in plain(html)
        assert "550 5.7.1 &lt;b&gt;policy" in html
        assert "Fortsetzen" in html


async def test_outside_its_hours_it_says_when_it_goes_on(
    notifications: Service, signed_in: SignedIn, clock: SetClock
) -> None:
    issue_id = await desk.started(notifications, 2, window_from=8, window_to=20)
    clock.forward(hours=11)
    async with signed_in(Role.OFFICE) as browser:
        text = plain((await browser.get(f"{LIST}/{issue_id}/versenden")).text)
    assert "Der Versand wartet bis Dienstag, 3. März 2026, 08:00." in text


async def test_failures_are_listed_by_name_and_decided_one_by_one(
    notifications: Service, signed_in: SignedIn
) -> None:
    issue_id = await desk.started(notifications, 4)
    said = "5.1.1 no such user <script>"
    await desk.become(notifications, issue_id, State.FAILED, [1, 2], code=550, answer=said)
    await desk.become(notifications, issue_id, State.UNKNOWN, [3])
    path = f"{LIST}/{issue_id}/versenden/exemplare"
    async with signed_in(Role.OFFICE) as browser:
        first = plain((await browser.get(path)).text)
        assert "Fragen Sie nach, bevor Sie noch einmal senden." in first, "unclear ones first"
        assert "Leserin 2" in first
        html = (await browser.get(f"{path}?liste=gescheitert")).text
        for words in ("Leserin 0", "leserin0@post0.example", "550 5.1.1 no such user"):
            assert words in plain(html)
        assert "<script>" not in html.partition("<main")[2]
        await browser.submit(f"{path}/1/noch-einmal", on=path)
        await browser.submit(f"{path}/2/erledigt", on=path)
        answer = await browser.submit(f"{path}/1/noch-einmal", on=path)
        assert answer.status_code == 409
        assert (await browser.submit(f"{path}/99/erledigt", on=path)).status_code == 404
        assert (
            "Niemand steht auf dieser Liste."
            in (await browser.get(f"{path}?liste=gescheitert")).text
        )
        not_sent = plain((await browser.get(f"{path}?liste=nicht-versendet")).text)
        assert "Leserin 1" in not_sent
        assert "Erledigt am 2. März 2026." in not_sent
    states = [State.DEFERRED, State.FAILED, State.UNKNOWN, State.QUEUED]
    assert await desk.states(notifications, issue_id) == states


async def test_recipients_are_listed_by_language_page_by_page(
    notifications: Service, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.notifications.issues.queries.PAGE", 3)
    at = notifications.clock.now()
    rows = [desk.reader(n, at, language="ar" if n == 5 else "de") for n in range(8)]
    await desk.enrol(notifications, rows)
    issue_id = await desk.draft(notifications)
    seen: list[str] = []
    async with signed_in(Role.AUDITOR) as browser:
        address: str | None = f"{LIST}/{issue_id}/versenden/personen"
        base = address
        while address:
            html = (await browser.get(address)).text
            seen += re.findall(r"(leserin\d)@", html)
            more = re.search(r'rel="next" href="(\?[^"]+)"', html)
            address = f"{base}{more[1]}".replace("&amp;", "&") if more else None
        assert seen == [f"leserin{number}" for number in range(8)]
        arabic = (await browser.get(f"{base}?sprache=ar")).text
        assert re.findall(r"(leserin\d)@", arabic) == ["leserin5"]
        assert re.findall(r"(leserin\d)@", (await browser.get(f"{base}?sprache=xx")).text)


async def test_the_auditor_looks_and_changes_nothing(
    notifications: Service, signed_in: SignedIn
) -> None:
    issue_id, drafted = await desk.started(notifications, 2), await desk.draft(notifications)
    path = f"{LIST}/{issue_id}/versenden"
    async with signed_in(Role.AUDITOR) as browser:
        for page in (LIST, path, f"{LIST}/{drafted}/versenden", f"{path}/exemplare"):
            html = (await browser.get(page)).text
            assert "<form" not in html.partition("<main")[2].partition("</main>")[0], page
        for deed in ("anhalten", "fortsetzen", "stoppen", "planung-aufheben"):
            assert (await browser.submit(f"{path}/{deed}", on="/abo")).status_code == 403
        assert (await browser.submit(f"{LIST}/neu", on="/abo")).status_code == 403
    assert (await desk.issue(notifications, issue_id)).status == Status.SENDING


async def test_every_page_speaks_arabic_and_keeps_the_contents_direction(
    notifications: Service, signed_in: SignedIn
) -> None:
    issue_id = await desk.started(notifications, 2)
    await desk.become(notifications, issue_id, State.FAILED, [1], code=550, answer="5.1.1 no")
    written = await desk.draft(notifications, IssueKind.PRESS)
    path = f"{LIST}/{issue_id}/versenden"
    pages = [LIST, path, f"{path}/exemplare", f"{path}/stoppen", f"{path}/personen"]
    pages += [f"{LIST}/{written}/versenden", f"{LIST}/{written}/loeschen"]
    async with signed_in(Role.OFFICE) as browser:
        for page in pages:
            answer = await browser.get(page, headers={"Accept-Language": "ar"})
            assert answer.status_code == 200, page
            assert '<html lang="ar" dir="rtl"' in answer.text
            assert answer.text.count("<h1") == 1
            assert "%(" not in plain(answer.text)
            assert "style=" not in answer.text


async def test_an_issue_that_is_not_there_is_no_page(
    notifications: Service, signed_in: SignedIn
) -> None:
    nobody = UUID(int=1)
    async with signed_in(Role.OFFICE) as browser:
        for path in ("/versenden", "/loeschen", "/versenden/stand", "/versenden/exemplare"):
            assert (await browser.get(f"{LIST}/{nobody}{path}")).status_code == 404
        assert (
            await browser.get(f"{LIST}/{nobody}/versenden/exemplare?nach=-1")
        ).status_code == 422
        answer = await browser.submit(f"{LIST}/{nobody}/versenden/anhalten", on="/abo")
        assert answer.status_code == 404
        async with notifications.db.read() as session:
            assert await session.get(IssueLetter, (nobody, 1)) is None
