"""Results of the office: admitted, refused, decided; nobody is told before the minutes are over."""

from collections.abc import Awaitable, Callable

import pytest

from services.applications.domain import BudgetYear, Status
from shared.clock import SetClock
from shared.events.applications import (
    ApplicationAdmitted,
    ApplicationFoundInadmissible,
    ApplicationRejected,
    CheckItem,
    Explanation,
    ExplanationWritten,
    GrantReserved,
)
from shared.service import Service
from tests.applications import stages
from tests.applications.casework import Desk, fire
from tests.applications.people import JUNE, Resident, plan_session, stored, told

New = Callable[..., Resident]
Staff = Callable[..., Awaitable[Resident]]
sqlite = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


@pytest.fixture
async def desk(applications: Service, resident: New, staff: Staff) -> Desk:
    await plan_session(applications, JUNE)
    await resident().apply()
    [application] = await stored(applications)
    return Desk(applications, await staff("office"), application.id)


async def checked(desk: Desk) -> None:
    """Every line judged and the title written, through the pages."""
    for item in CheckItem:
        if f"/pruefung/{item}" in await desk.page():
            await desk.send(f"/pruefung/{item}", judgement="yes", note="gesehen")
    await desk.send("/titel", title="Fest im Hof")


async def for_the_office(desk: Desk, **rules: int) -> None:
    """Admitted, and small enough for the office to decide."""
    await stages.with_rules(desk.service, desk.id, office_up_to_cents=80_000, **rules)
    await stages.give_budget(desk.service, 100_000, released=100_000)
    await stages.admit(desk.service, desk.id)


YES = {"verdict": "yes", "cents": "650,00", "text": "Viel Freude!"}
CONDITION = {"conditions-0-text": "Plan der Bühne", "conditions-0-due_on": "30.4.2026"}


async def test_what_is_open_stands_against_admitting_linked_line_by_line(desk: Desk) -> None:
    page = await desk.page("/zulassen")
    assert "Das geht noch nicht" in page and f'href="{desk.path}/pruefung/who_may_apply"' in page
    assert f'href="{desk.path}/titel"' in page and "kern-btn--primary" not in page
    form = await desk.hidden("/titel")
    refused = await desk.post("/zulassen", form)
    assert (
        refused.status_code == 409 and f'href="{desk.path}/pruefung/who_may_apply"' in refused.text
    )
    assert await told(desk.service, ApplicationAdmitted) == []


async def test_admitting_waits_its_minutes_and_is_told_by_itself(
    desk: Desk, clock: SetClock
) -> None:
    await checked(desk)
    assert "Alles ist geprüft. Sie können den Antrag zulassen." in await desk.said()
    assert "Noch 10 Minuten lang" in await desk.said("/zulassen")
    sent = await desk.hidden("/zulassen")
    assert (await desk.post("/zulassen", sent)).headers["location"] == desk.path
    assert (await desk.post("/zulassen", sent)).headers["location"] == desk.path
    shown = await desk.said()
    assert "Wird um 10:10 Uhr mitgeteilt" in shown
    assert "Rückgängig" in shown and "Jetzt mitteilen" in shown
    assert (await desk.browser.get(f"{desk.path}/nachforderung")).status_code == 409
    fresh = sent | {"command_id": str(stages.order(desk.service).command_id)}
    for more, typed in (("/titel", {"title": "x"}), ("/pruefung/cap", {"judgement": "no"})):
        refused = await desk.post(more, fresh | typed)
        assert refused.status_code == 409 and "Ein Ergebnis wartet noch darauf" in refused.text
    clock.forward(minutes=9, seconds=59)
    assert await fire(desk.service) == 0
    assert (await desk.application()).status is Status.SUBMITTED
    clock.forward(seconds=1)
    assert await fire(desk.service) == 1
    assert (await desk.application()).status is Status.ADMISSIBLE
    [event] = await told(desk.service, ApplicationAdmitted)
    assert event.public_title == "Fest im Hof"
    assert "kommt von selbst auf die Tagesordnung" in await desk.said()


async def test_what_was_taken_back_in_time_nobody_ever_hears_of(
    desk: Desk, clock: SetClock
) -> None:
    await checked(desk)
    await desk.send("/zulassen")
    undo = await desk.hidden("/rueckgaengig", on="")
    assert (await desk.post("/rueckgaengig", undo)).headers["location"] == desk.path
    assert (await desk.post("/rueckgaengig", undo)).headers["location"] == desk.path
    clock.forward(minutes=11)
    assert await fire(desk.service) == 0
    assert await told(desk.service, ApplicationAdmitted) == []
    shown = await desk.said()
    assert (
        "Vorgemerktes rückgängig gemacht" in shown and "Zugelassen, noch nicht verschickt" in shown
    )
    late = await desk.hidden("/zulassen")
    assert (await desk.post("/rueckgaengig", late)).status_code == 409


async def test_told_at_once_if_the_office_does_not_want_to_wait(desk: Desk) -> None:
    await checked(desk)
    await desk.send("/zulassen")
    now = await desk.hidden("/mitteilen", on="")
    assert (await desk.post("/mitteilen", now)).is_redirect
    assert (await desk.post("/mitteilen", now)).is_redirect
    assert len(await told(desk.service, ApplicationAdmitted)) == 1
    assert (await desk.application()).status is Status.ADMISSIBLE


async def test_inadmissible_with_the_broken_lines_and_words(desk: Desk, clock: SetClock) -> None:
    await stages.with_rules(desk.service, desk.id, cap_cents=70_000)
    page = await desk.page("/unzulaessig")
    assert 'value="cap" checked' in page and page.count(" checked") == 1
    wrong = await desk.send("/unzulaessig", {"reasons": ["other"], "text": ""}, turn="check")
    assert wrong.status_code == 422 and 'value="other" checked' in wrong.text
    assert 'id="reasons-error"' in wrong.text
    typed = {"reasons": ["cap"], "text": "Fragen Sie die Stiftung."}
    check = await desk.send("/unzulaessig", typed, turn="check")
    assert "ayse@example.org" in check.text and "Höchste Summe" in check.text
    back = await desk.send("/unzulaessig", typed, turn="change")
    assert back.status_code == 200 and "Fragen Sie die Stiftung." in back.text
    sent = await desk.hidden("/unzulaessig") | typed | {"turn": "save"}
    assert (await desk.post("/unzulaessig", sent)).is_redirect
    assert "Nicht zugelassen" in await desk.said()
    clock.forward(minutes=10)
    await fire(desk.service)
    [event] = await told(desk.service, ApplicationFoundInadmissible)
    assert event.reasons == ["cap"]
    [words] = await told(desk.service, ExplanationWritten)
    opened = await desk.service.seals.open(words.text, Explanation)
    assert opened and opened.text == "Fragen Sie die Stiftung."
    shown = await desk.said()
    assert "Für uns ist nichts zu tun." in shown and "Höchste Summe." in shown


async def test_the_office_grants_a_small_sum_with_conditions(desk: Desk, clock: SetClock) -> None:
    await for_the_office(desk)
    form = await desk.page("/entscheiden")
    assert 'value="800,00"' in form and "1.000,00" in await desk.said("/entscheiden")
    check = await desk.send("/entscheiden", YES | CONDITION, turn="check")
    for words in ("650,00", "350,00", "Plan der Bühne", "Viel Freude!", "ayse@example.org"):
        assert words in check.text, words
    assert check.text.count("kern-btn--primary") == 1
    sent = await desk.hidden("/entscheiden") | YES | CONDITION | {"turn": "save"}
    assert (await desk.post("/entscheiden", sent)).is_redirect
    assert (await desk.post("/entscheiden", sent | {"cents": "700"})).status_code == 409
    assert "650,00 € bewilligt" in await desk.said()
    assert (await desk.year()).reserved_cents == 0
    clock.forward(minutes=10)
    await fire(desk.service)
    [event] = await told(desk.service, GrantReserved)
    assert event.amount_cents == 65_000 and [one.text for one in event.conditions] == [
        "Plan der Bühne"
    ]
    assert (await desk.year()).reserved_cents == 65_000
    shown = await desk.said()
    at = [
        shown.index(f"{word} ")
        for word in ("Beantragt 800,00", "Bewilligt 650,00", "Kommt noch 650,00")
    ]
    assert at == sorted(at)
    assert "Geld reserviert: 650,00 €" in shown and "Danach im Fonds: 350,00 €" in shown


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"cents": "900"}, "cents", "Möglich sind höchstens 800,00"),
        ({"cents": "viel"}, "cents", "Schreiben Sie eine Zahl"),
        ({"cents": ""}, "cents", "wie viel Geld"),
        ({"conditions-0-text": "Plan"}, "conditions-0-due_on", "der Text und der Tag"),
        ({"conditions-0-due_on": "1.5.2026"}, "conditions-0-text", "der Text und der Tag"),
        (
            {"conditions-0-text": "Plan", "conditions-0-due_on": "1.2.2026"},
            "conditions-0-due_on",
            "schon vorbei",
        ),
        ({"verdict": ""}, "verdict", "Bitte"),
    ],
)
@sqlite
async def test_a_wrong_decision_is_said_beside_its_field_and_stays_typed(
    desk: Desk, typed: dict[str, str], field: str, words: str
) -> None:
    await for_the_office(desk)
    answer = await desk.send("/entscheiden", YES | typed, turn="check")
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text and words in answer.text.replace("\xa0", " ")
    assert "Viel Freude!" in answer.text
    for value in (typed.get("cents"), typed.get("conditions-0-due_on")):
        assert not value or f'value="{value}"' in answer.text


async def test_more_than_is_left_is_refused_at_the_check_and_at_the_button(desk: Desk) -> None:
    await for_the_office(desk)
    async with desk.service.db.begin() as session:
        year = await session.get_one(BudgetYear, ("buergerfonds", 2026))
        year.allot(50_000)
    wrong = await desk.send("/entscheiden", YES, turn="check")
    assert wrong.status_code == 422 and "Im Fonds sind nur noch 500,00" in wrong.text
    saved = await desk.send("/entscheiden", YES | {"cents": "900"}, turn="save")
    assert saved.status_code == 422 and "höchstens 800,00" in saved.text


async def test_the_office_rejects_with_words(desk: Desk, clock: SetClock) -> None:
    await for_the_office(desk)
    typed = {"verdict": "no", "cents": "", "text": "Rufen Sie uns an."}
    check = await desk.send("/entscheiden", typed, turn="check")
    assert check.status_code == 200 and "Es gibt kein Geld" in check.text
    await desk.send("/entscheiden", typed, turn="save")
    assert "Entscheidung des Büros: abgelehnt" in await desk.said()
    clock.forward(minutes=10)
    await fire(desk.service)
    [event] = await told(desk.service, ApplicationRejected)
    assert (event.decided_by, event.because) == ("office", "office")
    assert (await desk.year()).available_cents == 100_000


@sqlite
async def test_a_fund_without_minutes_tells_at_once(desk: Desk) -> None:
    await for_the_office(desk, undo_minutes=0)
    check = await desk.send("/entscheiden", YES, turn="check")
    assert "Es wird sofort mitgeteilt." in check.text
    await desk.send("/entscheiden", YES, turn="save")
    assert (await desk.application()).status is Status.GRANTED


@sqlite
async def test_what_became_impossible_meanwhile_is_dropped_and_the_trail_says_why(
    desk: Desk, clock: SetClock
) -> None:
    await for_the_office(desk)
    await desk.send("/entscheiden", YES, turn="save")
    async with desk.service.db.begin() as session:
        year = await session.get_one(BudgetYear, ("buergerfonds", 2026))
        year.allot(10_000)
    clock.forward(minutes=10)
    await fire(desk.service)
    assert (await desk.application()).status is Status.ADMISSIBLE
    assert "Das Geld reichte nicht mehr." in await desk.said()


@sqlite
async def test_large_sums_are_the_boards_and_other_statuses_are_refused(
    desk: Desk, staff: Staff
) -> None:
    assert (await desk.browser.get(f"{desk.path}/entscheiden")).status_code == 409
    await stages.admit(desk.service, desk.id)
    assert (await desk.browser.get(f"{desk.path}/entscheiden")).status_code == 409
    form = await desk.hidden("/stellungnahme")
    for more, typed in (
        ("/entscheiden", YES | {"turn": "save"}),
        ("/zulassen", {}),
        ("/unzulaessig", {"reasons": ["cap"], "turn": "save"}),
        ("/pruefung/cap", {"judgement": "yes"}),
        ("/kosten", {}),
        ("/titel", {"title": "Fest"}),
        ("/nachforderung", {"items": ["cap"], "due_on": "1.4.2026", "turn": "save"}),
        ("/nachforderung/zuruecknehmen", {}),
        ("/rueckgaengig", {}),
        ("/mitteilen", {}),
    ):
        fresh = form | {"command_id": str(stages.order(desk.service).command_id)}
        answer = await desk.post(more, fresh | typed)
        assert answer.status_code == 409, more
    auditor = await staff("auditor")
    for more in ("/zulassen", "/unzulaessig", "/entscheiden", "/rueckgaengig", "/mitteilen"):
        assert (await auditor.submit(desk.path + more, on="/konto")).status_code == 403
