"""After the vote: money and counts shown, conditions met, the city's answer, acceptance, every end."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import event as sql_event
from sqlalchemy import select

from services.applications.commands.grants import accept
from services.applications.commands.money import locked_application
from services.applications.domain import SessionDate, Status
from shared.events.applications import (
    AgreementSigned,
    ConditionMet,
    Explanation,
    ExplanationWritten,
    GrantBecameEffective,
    GrantDeclined,
    GrantRevoked,
    Signed,
)
from shared.service import Service
from tests.applications import stages
from tests.applications.casework import Desk
from tests.applications.people import JUNE, Resident, plan_session, stored, told

New = Callable[..., Resident]
Staff = Callable[..., Awaitable[Resident]]
sqlite = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)

PLAN = ("Plan der Bühne", date(2026, 4, 30))
QUOTE = ("Angebot für den Ton", date(2026, 5, 15))


@pytest.fixture
async def desk(applications: Service, resident: New, staff: Staff) -> Desk:
    await plan_session(applications, JUNE)
    await resident().apply()
    [application] = await stored(applications)
    return Desk(applications, await staff("office"), application.id)


async def ended(desk: Desk, status: Status) -> None:
    """The sum is back in the fund, and the case says so."""
    assert (await desk.application()).status is status
    year = await desk.year()
    assert (year.reserved_cents, year.available_cents) == (0, 500_000)
    shown = await desk.said()
    assert "Kommt noch 0,00 €" in shown and "Das Geld ist wieder im Fonds." in shown


async def test_the_vote_stands_there_with_counts_reason_and_what_was_left(desk: Desk) -> None:
    await stages.granted(desk.service, desk.id, cents=65_000)
    shown = await desk.said()
    for words in (
        "Beantragt 800,00 €",
        "Bewilligt 650,00 €",
        "Kommt noch 650,00 €",
        "9 Ja, 2 Nein, 0 Enthaltungen",
        "7 Stimmen mehr als nötig.",
        "Danach im Fonds: 4.350,00 €",
        "Wartet auf die Unterschrift",
        "Abgestimmt: bewilligt",
        "Geld reserviert: 650,00 €",
        "das Gremium",
        "Mitgeteilt: Zusage: 650,00 €",
    ):
        assert words in shown, words


async def test_a_yes_the_fund_cannot_pay_says_what_is_left(desk: Desk) -> None:
    await stages.give_budget(desk.service, 30_000, released=30_000)
    await stages.admit(desk.service, desk.id)
    meets = await stages.schedule(desk.service, desk.id)
    await stages.vote(desk.service, desk.id, yes=9, no=2)
    shown = await desk.said()
    assert "Ja gesagt zu 800,00 €. Damals waren nur 300,00 € übrig, jetzt sind es 300,00 €" in shown
    assert "Über eine kleinere Summe kann" in shown and "Im Fonds waren noch 300,00 €." in shown
    item = (await desk.application()).item_id
    assert f"/buero/sitzungen/{meets}/punkte/{item}" in await desk.page()


async def test_conditions_are_met_one_by_one_and_the_last_opens_the_agreement(desk: Desk) -> None:
    await stages.granted(desk.service, desk.id, conditions=(PLAN, QUOTE))
    assert "2 Auflagen sind noch offen." in await desk.said()
    assert (await desk.browser.get(f"{desk.path}/annahme")).status_code == 409
    page = await desk.page()
    paths = [part.split('"')[0] for part in page.split(f'href="{desk.path}/auflagen/')[1:]]
    assert len(paths) == 2
    assert "Danach ist noch 1 Auflage offen." in await desk.said(f"/auflagen/{paths[0]}")
    form = await desk.hidden(f"/auflagen/{paths[0]}")
    for _ in range(2):
        answer = await desk.post(f"/auflagen/{paths[0]}", form)
        assert answer.headers["location"] == f"{desk.path}#auflagen"
    assert "Es war die letzte." in await desk.said(f"/auflagen/{paths[1]}")
    await desk.send(f"/auflagen/{paths[1]}")
    met = await told(desk.service, ConditionMet)
    assert [(one.still_open, one.accept_by is not None) for one in met] == [(1, False), (0, True)]
    assert (await desk.browser.get(f"{desk.path}/auflagen/{paths[0]}")).status_code == 409
    assert "Wartet auf die Unterschrift" in await desk.said()


async def test_the_citys_yes_lets_the_grant_take_effect(desk: Desk) -> None:
    await stages.with_rules(desk.service, desk.id, city_above_cents=50_000)
    await stages.granted(desk.service, desk.id)
    assert "Wartet auf die Stadt" in await desk.said()
    assert (await desk.send("/stadt", turn="check")).status_code == 422
    check = await desk.send("/stadt", {"answer": "yes"}, turn="check")
    assert "Die Zusage gilt ab jetzt." in check.text and "ayse@example.org" in check.text
    sent = await desk.hidden("/stadt") | {"answer": "yes", "turn": "save"}
    assert (await desk.post("/stadt", sent)).is_redirect and (
        await desk.post("/stadt", sent)
    ).is_redirect
    assert len(await told(desk.service, GrantBecameEffective)) == 1
    assert (await desk.browser.get(f"{desk.path}/stadt")).status_code == 409


async def test_the_citys_no_frees_the_sum(desk: Desk) -> None:
    await stages.with_rules(desk.service, desk.id, city_above_cents=50_000)
    await stages.granted(desk.service, desk.id)
    check = await desk.send("/stadt", {"answer": "no"}, turn="check")
    assert "5.000,00" in check.text and "800,00" in check.text
    await desk.send("/stadt", {"answer": "no"}, turn="save")
    [event] = await told(desk.service, GrantRevoked)
    assert event.because == "city"
    await ended(desk, Status.REVOKED)


async def test_what_the_council_has_not_released_is_shown_with_the_gap(desk: Desk) -> None:
    await stages.granted(desk.service, desk.id, released=20_000)
    shown = await desk.said()
    assert "Wartet auf die Freigabe durch den Rat" in shown
    assert "Der Rat muss noch 600,00 € freigeben" in shown
    assert 'href="/buero/fonds/buergerfonds"' in await desk.page()


async def test_revoking_needs_words_and_its_check_page_names_letter_and_sum(desk: Desk) -> None:
    await stages.granted(desk.service, desk.id)
    assert (await desk.send("/widerruf", text="", turn="check")).status_code == 422
    check = await desk.send("/widerruf", text="Das Fest fällt aus.", turn="check")
    for words in ("Das Fest fällt aus.", "ayse@example.org", "800,00", "5.000,00"):
        assert words in check.text, words
    sent = await desk.hidden("/widerruf") | {"text": "Das Fest fällt aus.", "turn": "save"}
    assert (await desk.post("/widerruf", sent)).is_redirect
    assert (await desk.post("/widerruf", sent)).is_redirect
    assert (await desk.post("/widerruf", sent | {"text": "Anders"})).status_code == 409
    [words] = await told(desk.service, ExplanationWritten)
    opened = await desk.service.seals.open(words.text, Explanation)
    assert opened and opened.text == "Das Fest fällt aus."
    assert [one.because for one in await told(desk.service, GrantRevoked)] == ["office"]
    await ended(desk, Status.REVOKED)
    fresh = {"command_id": str(stages.order(desk.service).command_id), "version": "0"}
    again = await desk.post("/widerruf", sent | fresh)
    assert again.status_code == 409


async def test_a_grant_is_declined_on_the_applicants_behalf(desk: Desk) -> None:
    await stages.granted(desk.service, desk.id)
    assert "800,00 € sind sofort wieder im Fonds." in await desk.said("/verzicht")
    form = await desk.hidden("/verzicht")
    assert (await desk.post("/verzicht", form)).is_redirect
    assert (await desk.post("/verzicht", form)).is_redirect
    assert len(await told(desk.service, GrantDeclined)) == 1
    await ended(desk, Status.DECLINED)


async def test_a_signature_on_paper_is_recorded_with_its_day(desk: Desk) -> None:
    await stages.granted(desk.service, desk.id)
    for day, words in (
        ("3.3.2026", "Dieser Tag kommt erst noch."),
        ("1.3.2026", "An diesem Tag gab es die Zusage noch nicht."),
        ("gestern", "Schreiben Sie ein Datum"),
    ):
        for turn in ("check", "save"):
            wrong = await desk.send("/annahme", signed_on=day, turn=turn)
            assert wrong.status_code == 422 and words in wrong.text, (day, turn)
            assert f'value="{day}"' in wrong.text
    assert await told(desk.service, AgreementSigned) == []
    check = await desk.send("/annahme", signed_on="2.3.2026", turn="check")
    assert "Montag, 2. März 2026" in check.text
    sent = await desk.hidden("/annahme") | {"signed_on": "2.3.2026", "turn": "save"}
    assert (await desk.post("/annahme", sent)).is_redirect
    assert (await desk.post("/annahme", sent)).is_redirect
    [event] = await told(desk.service, AgreementSigned)
    assert (event.signed, event.signed_on) == (Signed.PAPER, date(2026, 3, 2))
    assert (await desk.application()).status is Status.ACCEPTED
    assert "Die Vereinbarung ist angenommen." in await desk.said()


@sqlite
async def test_no_act_on_a_grant_without_one_and_none_for_an_auditor(
    desk: Desk, staff: Staff
) -> None:
    form = await desk.hidden("/titel")
    typed = {"turn": "save", "text": "x", "answer": "yes", "signed_on": "2.3.2026"}
    acts = ("/widerruf", "/verzicht", "/stadt", "/annahme", f"/auflagen/{desk.id}")
    for more in acts:
        assert (await desk.browser.get(desk.path + more)).status_code == 409, more
        fresh = {"command_id": str(stages.order(desk.service).command_id)}
        assert (await desk.post(more, form | typed | fresh)).status_code == 409, more
    await stages.granted(desk.service, desk.id, conditions=(PLAN,))
    auditor = await staff("auditor")
    page = (await auditor.get(desk.path)).text
    main = page[page.index("<main") : page.index("</main")]
    assert "Plan der Bühne" in main and "7 Stimmen" not in main and "Stimmen mehr als nötig" in main
    assert "<form" not in main and "kern-btn--" not in main
    for more in acts:
        assert (await auditor.get(desk.path + more)).status_code == 403
        assert (await auditor.submit(desk.path + more, on="/konto")).status_code == 403


def text_of(content: bytes) -> str:
    pages = PdfReader(BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


async def test_letter_agreement_and_file_come_as_pdf_with_the_cases_own_figures(
    desk: Desk, staff: Staff
) -> None:
    assert (await desk.browser.get(f"{desk.path}/bescheid.pdf")).status_code == 404
    assert (await desk.browser.get(f"{desk.path}/vereinbarung.pdf")).status_code == 404
    async with desk.service.db.begin() as session:
        (await locked_application(session, desk.id)).language = "de"
    await stages.granted(desk.service, desk.id, cents=65_000)
    page = await desk.page()
    found = {}
    for name in ("bescheid", "vereinbarung", "akte"):
        assert f'href="{desk.path}/{name}.pdf"' in page
        answer = await desk.browser.get(f"{desk.path}/{name}.pdf")
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["cache-control"] == "private, no-store"
        assert f'filename="{name}-2026-001.pdf"' in answer.headers["content-disposition"]
        found[name] = text_of(answer.content)
    assert "Ayşe Yıldız" in found["bescheid"] and "650,00" in found["bescheid"]
    assert "9 Ja" in found["bescheid"] and "30. März 2026" in found["bescheid"]
    assert "Bühne und Ton" in found["vereinbarung"] and "650,00" in found["vereinbarung"]
    for words in (
        "Wer den Antrag stellt",
        "Geld reserviert",
        "Dessauer Straße 12",
        "650,00",
        "9 Ja",
    ):
        assert words in found["akte"], words
    auditor = await staff("auditor")
    assert (await auditor.get(f"{desk.path}/akte.pdf")).status_code == 200
    assert (await (await staff("member")).get(f"{desk.path}/akte.pdf")).status_code == 403


@sqlite
@pytest.mark.parametrize(
    ("hours", "reason", "said"),
    [
        (
            40,
            "majority",
            "Schriftlich abgestimmt bis zum Montag, 2. März 2026: 9 Ja, 2 Nein",
        ),
        (
            40,
            "urgent",
            "Entschieden am Montag, 2. März 2026, ohne Sitzung, weil es eilig war.",
        ),
        (-40, "majority", "Abgestimmt am Samstag, 28. Februar 2026: 9 Ja, 2 Nein"),
    ],
)
async def test_the_letter_printed_again_names_no_session_that_did_not_decide(
    desk: Desk, hours: int, reason: str, said: str
) -> None:
    async with desk.service.db.begin() as session:
        (await locked_application(session, desk.id)).language = "de"
        [meets] = (await session.scalars(select(SessionDate))).all()
        meets.starts_at = desk.service.clock.now() + timedelta(hours=hours)
        session_id = meets.session_id
    await stages.give_budget(desk.service)
    await stages.admit(desk.service, desk.id)
    await stages.schedule(desk.service, desk.id)
    await stages.vote(desk.service, desk.id, yes=9, no=2, session_id=session_id, reason=reason)
    letter = await desk.browser.get(f"{desk.path}/bescheid.pdf")
    assert said in text_of(letter.content)


@sqlite
async def test_the_offices_words_stand_in_the_letter_again(desk: Desk) -> None:
    await stages.with_rules(desk.service, desk.id, office_up_to_cents=80_000)
    await stages.give_budget(desk.service)
    await stages.admit(desk.service, desk.id)
    async with desk.service.db.begin() as session:
        (await locked_application(session, desk.id)).language = "de"
    await stages.decided_by_office(desk.service, desk.id, 30_000, "Viel Freude beim Fest!")
    letter = await desk.browser.get(f"{desk.path}/bescheid.pdf")
    assert "Viel Freude beim Fest!" in text_of(letter.content)


@sqlite
async def test_a_signed_agreement_says_how_it_was_signed(desk: Desk) -> None:
    async with desk.service.db.begin() as session:
        (await locked_application(session, desk.id)).language = "de"
    await stages.granted(desk.service, desk.id)
    async with desk.service.db.begin() as session:
        one = await locked_application(session, desk.id)
        at, day = desk.service.clock.now(), date(2026, 3, 2)
        await accept(session, one, signed=Signed.PAPER, signed_on=day, actor=stages.OFFICE, at=at)
    answer = await desk.browser.get(f"{desk.path}/vereinbarung.pdf")
    assert "Auf Papier unterschrieben am Montag, 2. März 2026." in text_of(answer.content)


@sqlite
async def test_an_erased_person_leaves_a_page_and_a_file_without_a_word_of_theirs(
    desk: Desk,
) -> None:
    await stages.granted(desk.service, desk.id, conditions=(PLAN,))
    assert (await desk.browser.submit(f"{desk.path}/loeschen")).is_redirect
    page = await desk.page()
    assert "Die Person ist gelöscht." in page and "800,00" in page
    akte = await desk.browser.get(f"{desk.path}/akte.pdf")
    assert akte.status_code == 200
    for words in ("Ayşe", "Sommerfest im Innenhof", "Dessauer", "Bühne und Ton"):
        assert words not in page and words not in text_of(akte.content), words
    assert (await desk.browser.get(f"{desk.path}/bescheid.pdf")).status_code == 404
    assert (await desk.browser.get(f"{desk.path}/vereinbarung.pdf")).status_code == 404


async def test_the_page_costs_the_same_queries_however_long_the_story(
    desk: Desk, resident: New
) -> None:
    asked: list[str] = []
    engine = desk.service.db._reading.sync_engine
    sql_event.listen(engine, "before_cursor_execute", lambda *call: asked.append(call[2]))

    async def queries() -> int:
        asked.clear()
        await desk.page()
        return len([sql for sql in asked if sql.lstrip().upper().startswith("SELECT")])

    statement = {
        "department": "Grünflächenamt",
        "contact_name": "Kim",
        "email": "kim@stadt.example",
        "question": "Passt das?",
        "due_on": "16.3.2026",
    }
    await desk.send("/stellungnahme", statement, turn="save")
    await desk.send("/pruefung/who_may_apply", judgement="yes")
    few = await queries()
    for n in range(3):
        await desk.send("/stellungnahme", statement | {"department": f"Amt {n}"}, turn="save")
        await desk.send("/pruefung/who_may_apply", judgement="yes", note=str(n))
        await desk.send("/pruefung/funding_plan", judgement="yes", note=str(n))
    await resident().apply()
    assert await queries() == few <= 30
