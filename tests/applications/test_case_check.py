"""The formal check on the case's page: judged line by line, marked, named, asked for, taken back."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from services.applications.commands.entry import change_answers
from services.applications.commands.money import locked_application
from services.applications.domain import Change, CheckMark, CostMark, Status
from services.applications.domain.answers import Answers
from shared.clock import SetClock
from shared.events.applications import (
    CorrectionRequested,
    CorrectionWithdrawn,
    Explanation,
    StatementRequested,
)
from shared.events.people import Link
from shared.service import Service
from tests.applications import stages
from tests.applications.casework import Desk
from tests.applications.people import JUNE, Resident, pdf, plan_session, stored, told

New = Callable[..., Resident]
Staff = Callable[..., Awaitable[Resident]]
NEW_IBAN = "DE02120300000000202051"
sqlite = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


@pytest.fixture
async def desk(applications: Service, resident: New, staff: Staff) -> Desk:
    """An application with two files, for a session, and the office in front of it."""
    await plan_session(applications, JUNE)
    someone = resident()
    await someone.begin()
    await someone.upload(("Angebot.pdf", pdf()), ("Plan.pdf", pdf(pages=2)))
    for slug in ("idee", "wer", "kosten"):
        await someone.fill(slug)
    await someone.hand_in()
    [application] = await stored(applications)
    return Desk(applications, await staff("office"), application.id)


async def marks(desk: Desk) -> dict[str, tuple[str, str]]:
    async with desk.service.db.read() as session:
        rows = await session.scalars(select(CheckMark))
        return {row.item.value: (row.judgement.value, row.note) for row in rows}


def left_open(said: str) -> int:
    """What the box on top counts."""
    return int(said.split("Prüfen Sie den Antrag. ")[1].split(" ", maxsplit=1)[0])


async def test_each_line_says_its_rule_with_the_numbers_and_links_the_funds_rules(
    desk: Desk,
) -> None:
    await stages.with_rules(desk.service, desk.id, quotes_from_cents=50_000, cap_cents=70_000)
    shown = await desk.said()
    assert "Ab 500,00 € braucht es 3 Angebote. Hier: 2 Dateien." in shown
    assert "Höchstens 700,00 € für eine Idee. Beantragt: 800,00 €." in shown
    assert "Beginn: 20. Juni 2026. Entscheidung: 10. Juni 2026." in shown
    page = await desk.page()
    assert 'href="/buero/fonds/buergerfonds"' in page
    assert shown.index("Zur Prüfung") < shown.index("Angebote") < shown.index("Bühne und Ton")
    assert shown.index("Bühne und Ton") < shown.index("Verlauf")


async def test_a_line_is_judged_changed_and_taken_back(desk: Desk) -> None:
    line = "/pruefung/who_may_apply"
    answer = await desk.send(line, judgement="yes", note="")
    assert answer.headers["location"] == f"{desk.path}#check-who_may_apply"
    assert await marks(desk) == {"who_may_apply": ("yes", "")}
    await desk.send(line, judgement="no", note="Wohnt in Fallersleben")
    assert await marks(desk) == {"who_may_apply": ("no", "Wohnt in Fallersleben")}
    assert "Jana Kruse" in await desk.said() and "Wohnt in Fallersleben" in await desk.said()
    await desk.send(line, judgement="none")
    assert await marks(desk) == {}
    trail = await desk.said()
    assert "Wer den Antrag stellt: In Ordnung." in trail
    assert "Wer den Antrag stellt: Urteil zurückgenommen." in trail


async def test_a_yes_against_a_broken_rule_needs_its_reason_and_keeps_what_was_chosen(
    desk: Desk,
) -> None:
    await stages.with_rules(desk.service, desk.id, cap_cents=70_000)
    answer = await desk.send("/pruefung/cap", judgement="yes")
    assert answer.status_code == 422 and 'id="note-cap-error"' in answer.text
    assert "Schreiben Sie, warum das trotzdem in Ordnung ist." in answer.text
    assert 'value="yes" checked' in answer.text and "<title>Fehler: " in answer.text
    assert await marks(desk) == {}
    assert (await desk.send("/pruefung/cap", judgement="yes", note="Fest für alle")).is_redirect
    assert await marks(desk) == {"cap": ("yes", "Fest für alle")}


async def test_with_a_script_the_line_and_the_box_on_top_answer_alone(desk: Desk) -> None:
    line = "/pruefung/who_may_apply"
    form = await desk.page(line, **{"HX-Request": "true"})
    assert "<html" not in form and 'id="check-who_may_apply"' in form and "hx-post" in form
    before = await desk.said()
    sent = await desk.hidden(line) | {"judgement": "yes"}
    answer = await desk.post(line, sent, **{"HX-Request": "true"})
    assert answer.status_code == 200 and "<html" not in answer.text
    assert answer.text.count('id="check-who_may_apply"') == 1
    assert 'id="jetzt"' in answer.text and "hx-swap-oob" in answer.text
    assert left_open(await desk.said()) == left_open(before) - 1 > 0
    wrong = await desk.post(
        line, sent | {"command_id": "", "judgement": "x"}, **{"HX-Request": "1"}
    )
    assert wrong.status_code == 422 and "<html" not in wrong.text


async def test_the_same_form_twice_judges_once_and_another_content_is_a_conflict(
    desk: Desk,
) -> None:
    line = "/pruefung/who_may_apply"
    sent = await desk.hidden(line) | {"judgement": "yes", "note": "eins"}
    first, again = await desk.post(line, sent), await desk.post(line, sent)
    assert first.headers["location"] == again.headers["location"]
    assert (await desk.post(line, sent | {"note": "zwei"})).status_code == 409
    assert await marks(desk) == {"who_may_apply": ("yes", "eins")}
    assert (await desk.said()).count("Punkt der Prüfung beurteilt") == 1


async def test_a_form_older_than_the_application_is_refused(desk: Desk) -> None:
    line = "/pruefung/who_may_apply"
    sent = await desk.hidden(line) | {"judgement": "yes"}
    await desk.send("/titel", title="Ein Fest")
    assert (await desk.post(line, sent)).status_code == 409
    assert await marks(desk) == {}


async def test_costs_are_marked_with_their_kind_and_the_sums_follow(desk: Desk) -> None:
    page = await desk.page("/kosten")
    kind = page.split('<option value="')[2].split('"')[0]
    lines = {"lines-0-number": "0", "lines-0-kind": "", "lines-1-number": "1"}
    answer = await desk.send("/kosten", lines, **{"lines-1-kind": kind})
    assert answer.headers["location"] == desk.path
    async with desk.service.db.read() as session:
        assert [(one.line, one.kind) for one in await session.scalars(select(CostMark))] == [
            (1, kind)
        ]
    shown = await desk.said()
    assert (
        "Davon darf der Fonds bezahlen 680,00 €" in shown and "Höchstens möglich 560,00 €" in shown
    )
    assert "Hier ist 1 Zeile markiert. Höchstens möglich: 560,00 €." in shown
    wrong = await desk.send("/kosten", lines, **{"lines-1-kind": "gold"})
    assert wrong.status_code == 422 and 'id="lines-1-kind-error"' in wrong.text


async def test_the_public_title_names_nobody(desk: Desk) -> None:
    wrong = await desk.send("/titel", title="Fest von Ayşe Yıldız")
    assert wrong.status_code == 422 and 'value="Fest von Ayşe Yıldız"' in wrong.text
    assert (await desk.send("/titel", title="x" * 121)).status_code == 422
    assert (await desk.application()).public_title == ""
    assert (await desk.send("/titel", title="Fest im Hof")).is_redirect
    assert (await desk.application()).public_title == "Fest im Hof"


async def test_a_correction_offers_what_is_open_and_the_date_of_the_rules(desk: Desk) -> None:
    page = await desk.page("/nachforderung")
    assert 'value="16.3.2026"' in page
    assert page.count(" checked") == (await desk.page()).count(">Bitte ansehen<")
    data = {"items": ["quotes", "other"], "note": "", "due_on": "1.3.2026"}
    wrong = await desk.send("/nachforderung", data, turn="check")
    assert wrong.status_code == 422
    assert 'id="items-error"' in wrong.text and 'id="due_on-error"' in wrong.text
    assert 'value="1.3.2026"' in wrong.text and 'value="other" checked' in wrong.text


async def test_a_correction_is_checked_sent_and_taken_back_while_nobody_answered(
    desk: Desk,
) -> None:
    data = {"items": ["quotes"], "note": "Bitte noch ein Angebot.", "due_on": "20.3.2026"}
    check = await desk.send("/nachforderung", data, turn="check")
    for words in ("Freitag, 20. März 2026", "ayse@example.org", "Bitte noch ein Angebot."):
        assert words in check.text
    assert (await desk.application()).status is Status.SUBMITTED
    sent = await desk.hidden("/nachforderung") | data | {"turn": "save"}
    assert (await desk.post("/nachforderung", sent)).headers["location"] == desk.path
    assert (await desk.post("/nachforderung", sent)).headers["location"] == desk.path
    [event] = await told(desk.service, CorrectionRequested)
    assert event.items == ["quotes"] and event.due_at == datetime(
        2026, 3, 20, 22, 59, 59, tzinfo=UTC
    )
    note = await desk.service.seals.open(event.note, Explanation)
    assert note and note.text == "Bitte noch ein Angebot."
    shown = await desk.said()
    assert "Wartet auf fehlende Unterlagen" in shown and "Bis Freitag, 20. März 2026" in shown
    assert (await desk.browser.get(f"{desk.path}/zulassen")).status_code == 409
    undo = "/nachforderung/zuruecknehmen"
    assert "ayse@example.org" in await desk.page(undo)
    form = await desk.hidden(undo)
    assert (await desk.post(undo, form)).headers["location"] == desk.path
    assert (await desk.post(undo, form)).headers["location"] == desk.path
    assert len(await told(desk.service, CorrectionWithdrawn)) == 1
    assert (await desk.application()).status is Status.SUBMITTED
    assert (await desk.browser.get(desk.path + undo)).status_code == 409
    assert (await desk.page()).count("Bitte noch ein Angebot.") == 1, "the trail keeps the words"


async def test_a_department_is_asked_by_a_mailed_link_and_listed_with_its_answer(
    desk: Desk, clock: SetClock
) -> None:
    path = "/stellungnahme"
    data = {
        "department": "Grünflächenamt",
        "contact_name": "Kim Weber",
        "email": "kim.weber",
        "question": "Darf die Bühne auf die Wiese?",
        "due_on": "16.3.2026",
    }
    wrong = await desk.send(path, data, turn="check")
    assert wrong.status_code == 422 and 'id="email-error"' in wrong.text
    assert "Darf die Bühne auf die Wiese?" in wrong.text
    data["email"] = "kim.weber@stadt.example"
    check = await desk.send(path, data, turn="check")
    assert check.status_code == 200 and "kim.weber@stadt.example" in check.text
    assert await told(desk.service, StatementRequested) == []
    sent = await desk.hidden(path) | data | {"turn": "save"}
    assert (await desk.post(path, sent)).is_redirect and (await desk.post(path, sent)).is_redirect
    [event] = await told(desk.service, StatementRequested)
    link = await desk.service.seals.open(event.link, Link)
    assert link and link.url.startswith("https://stadtteil.example/antraege/stellungnahme/")
    shown = await desk.said()
    assert "Stellungnahme von Grünflächenamt: bis 16. März 2026." in shown
    assert "Darf die Bühne auf die Wiese?" in shown and "Antwort bis 16. März 2026" in shown


@sqlite
async def test_changed_answers_stand_in_the_trail_before_and_after(desk: Desk) -> None:
    at = desk.service.clock.now()
    async with desk.service.db.begin() as session:
        one = await locked_application(session, desk.id)
        new = {
            **one.answers,
            "idea": {**one.answers["idea"], "place": "Am Marktplatz"},
            "applicant": {**one.answers["applicant"], "iban": NEW_IBAN},
        }
        answers, order = Answers.model_validate(new), stages.order(desk.service, one.version)
        await change_answers(session, one, answers, order, seals=desk.service.seals)
    shown = await desk.said()
    assert "vorher: Hallesche Straße 30 · jetzt: Am Marktplatz" in shown
    async with desk.service.db.read() as session:
        assert {one.at for one in await session.scalars(select(Change))} == {at}
    answer = await desk.browser.get(f"{desk.path}/akte.pdf")
    file = "".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages)
    assert "Am Marktplatz" in file and "2051" in file
    for iban in (NEW_IBAN, "DE89370400440532013000"):
        assert iban not in "".join(file.split()) and iban not in "".join(shown.split())


@sqlite
async def test_an_auditor_reads_the_check_and_has_no_button(desk: Desk, staff: Staff) -> None:
    auditor = await staff("auditor")
    page = (await auditor.get(desk.path)).text
    assert "Angebote" in page and "Nur lesen" in page
    main = page[page.index("<main") : page.index("</main")]
    assert "<form" not in main and "kern-btn--" not in main
    for more in ("/pruefung/quotes", "/kosten", "/titel", "/nachforderung", "/stellungnahme"):
        assert (await auditor.get(desk.path + more)).status_code == 403
        assert (await auditor.submit(desk.path + more, on="/konto")).status_code == 403


@sqlite
async def test_lines_that_are_no_lines_and_cases_without_number_are_not_there(
    desk: Desk, resident: New
) -> None:
    for more in ("/pruefung/gold", "/pruefung/other"):
        assert (await desk.browser.get(desk.path + more)).status_code == 404
    await resident().begin()
    draft = next(one for one in await stored(desk.service) if one.number is None)
    gone = Desk(desk.service, desk.browser, draft.id)
    for more in ("", "/zulassen", "/akte.pdf", "/kosten"):
        assert (await desk.browser.get(gone.path + more)).status_code == 404


@sqlite
async def test_the_date_has_days_left_beside_it(desk: Desk) -> None:
    assert "Bis Mittwoch, 10. Juni 2026 (noch 100 Tage)" in await desk.said()
