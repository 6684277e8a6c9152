"""The office's page of whom letters do not reach: what happened, and what can be done about it."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from httpx import Response
from sqlalchemy import insert, select
from uuid_utils.compat import uuid7

from services.notifications.bounces import queries
from services.notifications.bounces.reading import handle
from services.notifications.domain.bounce import Bounce, Severity, Why
from services.notifications.domain.letter import Letter, State, Suppression
from services.notifications.pages.unreachable import told
from services.notifications.store import Audit
from shared.events.applications import CaseLinkRequested
from shared.events.people import PersonErasedByApplications
from shared.web.access import Role
from tests.notifications.bounces.conftest import written
from tests.notifications.office import Office
from tests.support.browser import TOKEN, Browser

PAGE = "/buero/schreiben/unerreichbar"
SignedIn = Callable[..., Any]


def _ada(office: Office) -> str:
    return office.service.seals.address_hash("ada@example.org")


async def _came_back(office: Office, name: str = "postfix-no-such-user") -> Letter:
    """A letter to Ada that was sent and came back."""
    await office.answer(await office.link_event(CaseLinkRequested))
    await office.send()
    letter = (await office.letters("case_link"))[-1]
    raw = written(name, office.service.settings, letter.id, written_at=office.clock.now())
    await handle(office.service, raw)
    return letter


async def _rows(office: Office, table: type[Any]) -> list[Any]:
    async with office.service.db.read() as session:
        return list(await session.scalars(select(table)))


def _text(answer: Response) -> str:
    assert answer.status_code == 200, answer.status_code
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


async def _submit(
    browser: Browser, page: Response, path: str, *, elsewhere: bool = False, **fields: str
) -> Response:
    """Send the page's form to `path`, and go where the answer leads."""
    forms = re.findall(r'<form[^>]* action="([^"]+)"', page.text)
    assert elsewhere or path in forms, forms
    token = TOKEN.search(page.text)
    sent = {"csrf_token": token[1] if token else "", **fields}
    return await browser.post(path, data=sent, follow_redirects=True)


async def test_an_empty_list_says_what_will_stand_there(signed_in: SignedIn) -> None:
    async with signed_in(Role.OFFICE) as browser:
        assert "Wir schreiben alle an." in _text(await browser.get(PAGE))
        assert "Alle Schreiben kamen an." in _text(await browser.get(f"{PAGE}?liste=offen"))


async def test_the_letters_page_leads_there(office: Office, signed_in: SignedIn) -> None:
    async with signed_in(Role.OFFICE) as browser:
        assert f'href="{PAGE}"' in (await browser.get("/buero/schreiben")).text


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("postfix-no-such-user", "Adresse gibt es nicht"),
        ("postfix-mailbox-full", "Postfach voll"),
        ("postfix-refuses-us", "Der Server nimmt nichts von uns an"),
        ("postfix-gave-up", "Der Server war tagelang nicht zu erreichen"),
        ("postfix-no-mail-server", "Zu dieser Adresse gibt es keinen Mailserver"),
        ("postfix-to-gmx", "Abgelehnt, ohne klaren Grund"),
        ("qmail-without-report", "Kam zurück, ohne Angabe von Gründen"),
        ("spam-report", "Als Spam gemeldet"),
    ],
)
async def test_who_was_not_reached_stands_there_with_the_reason_in_plain_german(
    office: Office, signed_in: SignedIn, name: str, said: str
) -> None:
    letter = await _came_back(office, name)
    async with signed_in(Role.OFFICE) as browser:
        listed = _text(await browser.get(PAGE))
        assert "Ada Lovelace" in listed
        assert "ada@example.org" in listed
        assert said in listed
        assert "zum ersten Mal am 2. März 2026" in listed
        answer = await browser.get(f"{PAGE}/{_ada(office)}")
        assert said in _text(answer)
        assert f'href="/buero/schreiben/{letter.id}"' in answer.text


@pytest.mark.parametrize("name", ["postfix-delayed", "postfix-delivered"])
async def test_delays_and_deliveries_are_nobodys_task(
    office: Office, signed_in: SignedIn, name: str
) -> None:
    await _came_back(office, name)
    async with signed_in(Role.OFFICE) as browser:
        assert "Ada" not in _text(await browser.get(f"{PAGE}?liste=offen"))


@pytest.mark.parametrize(
    ("severity", "status", "said"),
    [
        (Severity.NOTICE, "4.2.2", "Kommt später an"),
        (Severity.NOTICE, "2.0.0", "Ist angekommen"),
        (Severity.NOTICE, "4.7.1", "Der Server nimmt nichts von uns an"),
        (Severity.SOFT, "5.2.1", "Postfach abgeschaltet"),
        (Severity.NOTICE, "5.3.4", "Das Schreiben war zu groß"),
    ],
)
def test_every_status_has_plain_words(severity: Severity, status: str, said: str) -> None:
    assert str(told(Bounce(severity=severity, status=status))) == said


async def test_the_letters_own_page_shows_that_it_came_back_and_stays_sent(
    office: Office, signed_in: SignedIn
) -> None:
    letter = await _came_back(office)
    async with signed_in(Role.OFFICE) as browser:
        text = _text(await browser.get(f"/buero/schreiben/{letter.id}"))
    assert "kam zurück" in text
    assert "550 5.1.1 <ada@example.org>" in text.replace("&lt;", "<").replace("&gt;", ">")
    assert "Versendet" in text


async def test_writing_again_is_asked_about_done_and_undone(
    office: Office, signed_in: SignedIn
) -> None:
    await _came_back(office)
    since = office.clock.now()
    office.clock.forward(days=3)
    address = f"{PAGE}/{_ada(office)}"
    async with signed_in(Role.OFFICE) as browser:
        before = await browser.get(address)
        assert "Seit dem 2. März 2026 geht nichts an diese Adresse." in _text(before)
        check = await browser.get(f"{address}/wieder-anschreiben")
        assert "Adresse gibt es nicht" in _text(check)
        assert [row.reason for row in await _rows(office, Suppression)] == [Why.ADDRESS]
        done = await _submit(browser, check, f"{address}/wieder-anschreiben")
        assert await _rows(office, Suppression) == []
        assert "An diese Adresse schreiben wir wieder." in _text(done)
        assert "Ada" not in _text(await browser.get(f"{PAGE}?liste=offen")), "ticked off"
        undone = await _submit(browser, done, f"{address}/rueckgaengig")
        assert "Rückgängig gemacht." in _text(undone)
    [held] = await _rows(office, Suppression)
    assert (held.reason, held.at) == (Why.ADDRESS, since), "as it was before"
    assert [row.handled_at for row in await _rows(office, Bounce)] == [None]
    said = [(row.action, row.subject) for row in await _rows(office, Audit)]
    assert said == [
        ("suppression.lifted", _ada(office)),
        ("unreachable.undone", _ada(office)),
    ]


async def test_letters_go_out_again_and_the_old_report_told_again_holds_nothing_back(
    office: Office, signed_in: SignedIn
) -> None:
    letter = await _came_back(office)
    address = f"{PAGE}/{_ada(office)}/wieder-anschreiben"
    async with signed_in(Role.OFFICE) as browser:
        await _submit(browser, await browser.get(address), address)
    raw = written("postfix-no-such-user", office.service.settings, letter.id)
    await handle(office.service, raw)
    await office.answer(await office.link_event(CaseLinkRequested))
    await office.send()
    assert await office.states("case_link") == [State.SENT, State.SENT]
    await _came_back(office)
    assert [row.reason for row in await _rows(office, Suppression)] == [Why.ADDRESS], (
        "a new one does"
    )


async def test_a_decision_can_be_taken_back_for_an_hour_only(
    office: Office, signed_in: SignedIn
) -> None:
    await _came_back(office)
    address = f"{PAGE}/{_ada(office)}"
    async with signed_in(Role.OFFICE) as browser:
        await _submit(
            browser,
            await browser.get(f"{address}/wieder-anschreiben"),
            f"{address}/wieder-anschreiben",
        )
        assert "Rückgängig machen" in _text(await browser.get(address))
    office.clock.forward(minutes=61)
    async with signed_in(Role.OFFICE) as browser:
        page = await browser.get(address)
        assert "Rückgängig machen" not in _text(page)
        late = await _submit(browser, page, f"{address}/rueckgaengig", elsewhere=True)
        assert late.status_code == 409
        assert "Inzwischen hat das schon jemand entschieden." in late.text
    assert await _rows(office, Suppression) == []


async def test_what_is_taken_care_of_leaves_the_list_and_comes_back_on_undo(
    office: Office, signed_in: SignedIn
) -> None:
    await _came_back(office, "postfix-refuses-us")
    address = f"{PAGE}/{_ada(office)}"
    async with signed_in(Role.OFFICE) as browser:
        done = await _submit(browser, await browser.get(address), f"{address}/erledigt")
        assert "Erledigt am 2. März 2026" in _text(done)
        assert "Ada" not in _text(await browser.get(PAGE))
        twice = await _submit(browser, done, f"{address}/erledigt", elsewhere=True)
        assert twice.status_code == 409
        await _submit(browser, await browser.get(address), f"{address}/rueckgaengig")
        assert "Ada" in _text(await browser.get(PAGE))


async def test_an_address_is_held_back_by_hand_and_kept_as_a_hash_only(
    office: Office, signed_in: SignedIn
) -> None:
    form = f"{PAGE}/sperren"
    async with signed_in(Role.OFFICE) as browser:
        page = await browser.get(form)
        wrong = await _submit(browser, page, form, email="keine adresse")
        assert wrong.status_code == 422
        assert 'aria-invalid="true"' in wrong.text
        assert "keine adresse" in wrong.text, "what was typed is kept"
        ours = await _submit(browser, page, form, email="Buero@Stadtteil.example")
        assert ours.status_code == 422
        assert "Das ist die Adresse des Büros." in ours.text
        done = await _submit(browser, page, form, email=" Otto@Example.ORG ")
        text = _text(done)
        assert "Vom Büro gesperrt" in text
        assert "nur eine Prüfzahl" in text
        assert "otto" not in done.text.lower()
        again = await _submit(browser, page, form, email="otto@example.org")
        assert "Diese Adresse war schon gesperrt." in _text(again)
        listed = await browser.get(f"{PAGE}?liste=gesperrt")
        assert "Adresse nicht mehr bekannt" in _text(listed)
        undone = await _submit(browser, again, f"{PAGE}/{_otto(office)}/rueckgaengig")
        assert "Rückgängig gemacht." in _text(undone)
        assert str(undone.url).endswith(PAGE), "nothing is known of it any more"
    assert await _rows(office, Suppression) == []
    for row in await _rows(office, Audit):
        assert "otto" not in f"{row.subject} {row.details}".lower()


def _otto(office: Office) -> str:
    return office.service.seals.address_hash("otto@example.org")


async def test_somebody_whose_letters_come_back_can_be_held_back_from_the_list(
    office: Office, signed_in: SignedIn
) -> None:
    await _came_back(office, "postfix-to-gmx")
    address = f"{PAGE}/{_ada(office)}"
    async with signed_in(Role.OFFICE) as browser:
        done = await _submit(browser, await browser.get(address), f"{address}/sperren")
        assert "An diese Adresse geht nichts mehr." in _text(done)
        await office.answer(await office.link_event(CaseLinkRequested))
        assert (await office.states("case_link"))[-1] == State.SUPPRESSED
        assert "1 Schreiben ging deshalb nicht hinaus." in _text(await browser.get(address))


async def test_after_an_erasure_the_page_knows_nobody(office: Office, signed_in: SignedIn) -> None:
    submitted = await office.case()
    [receipt] = await office.letters("application_received")
    raw = written("postfix-no-such-user", office.service.settings, receipt.id)
    await handle(office.service, raw)
    ids = await office.service.seals.erase(submitted.person_id)
    erased = PersonErasedByApplications(
        at=office.clock.now(), person_id=submitted.person_id, person_ids=ids
    )
    await office.answer(erased)
    async with signed_in(Role.OFFICE) as browser:
        assert "Ada" not in _text(await browser.get(f"{PAGE}?liste=offen"))
        answer = await browser.get(f"{PAGE}/{_ada(office)}")
        assert "Adresse nicht mehr bekannt" in _text(answer)
        assert "ada@example.org" not in answer.text
        letter = await browser.get(f"/buero/schreiben/{receipt.id}")
        assert "kam zurück" in _text(letter)
        assert "ada@example.org" not in letter.text


async def test_what_a_server_wrote_cannot_do_anything_on_the_page(
    office: Office, signed_in: SignedIn
) -> None:
    await _came_back(office, "hostile")
    async with signed_in(Role.OFFICE) as browser:
        answer = await browser.get(f"{PAGE}/{_ada(office)}")
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert(1)" in answer.text
    assert "\u202e" not in answer.text
    assert "{{ 7*7 }}" in answer.text


async def test_others_are_shown_nothing(office: Office, signed_in: SignedIn) -> None:
    await _came_back(office)
    address = f"{PAGE}/{_ada(office)}"
    async with signed_in(Role.AUDITOR) as browser:
        page = await browser.get(address)
        assert "Ada Lovelace" in _text(page)
        for button in ("Wieder anschreiben", "Erledigt<", "Rückgängig"):
            assert button not in page.text.partition("<main")[2]
        for path in (f"{PAGE}/sperren", f"{address}/wieder-anschreiben"):
            assert (await browser.get(path)).status_code == 403
        for deed in ("wieder-anschreiben", "sperren", "erledigt", "rueckgaengig"):
            refused = await _submit(browser, page, f"{address}/{deed}", elsewhere=True)
            assert refused.status_code == 403
    async with signed_in(Role.PAYER) as browser:
        for path in (PAGE, address, f"{PAGE}/sperren"):
            assert (await browser.get(path)).status_code == 403
    assert len(await _rows(office, Suppression)) == 1


@pytest.mark.parametrize(
    "path",
    [
        "/" + "0" * 64,
        "/nichts",
        "/" + "0" * 64 + "/wieder-anschreiben",
        "?vor=gestern~x",
        "?vor=2026-03-02T09:00:00~x",
    ],
)
async def test_what_is_not_there_is_told_as_that(signed_in: SignedIn, path: str) -> None:
    async with signed_in(Role.OFFICE) as browser:
        answer = await browser.get(PAGE + path)
    assert answer.status_code in (404, 422)
    assert "Traceback" not in answer.text


async def test_long_lists_come_in_pages_and_nobody_is_shown_twice(
    office: Office, signed_in: SignedIn
) -> None:
    count = 2 * queries.PAGE + 7
    now = office.clock.now()
    held = [
        {"address_hash": f"{n:064x}", "at": now - timedelta(minutes=n // 3), "reason": "address"}
        for n in range(count)
    ]
    reports = [
        {"id": uuid7(), "about": uuid7(), "number": 0, "severity": Severity.SOFT, "status": "5.2.2",
         "diagnostic": "", "address_hash": f"{n:064x}", "at": now - timedelta(minutes=n // 3, hours=again)}
        for n in range(count) for again in range(2)
    ]  # fmt: skip
    async with office.service.db.begin() as session:
        await session.execute(insert(Suppression), held)
        await session.execute(insert(Bounce), reports)
    async with signed_in(Role.OFFICE) as browser:
        for view in queries.VIEWS:
            seen: list[str] = []
            path = f"{PAGE}?liste={view}"
            for _ in range(3):
                answer = await browser.get(path)
                seen += re.findall(rf'href="{PAGE}/([0-9a-f]{{64}})"', answer.text)
                onward = re.search(r'rel="next" href="([^"]+)"', answer.text)
                path = PAGE + onward[1].replace("&amp;", "&") if onward else ""
            assert path == ""
            assert (len(seen), len(set(seen))) == (count, count)
