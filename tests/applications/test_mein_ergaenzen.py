"""Completing an application: the same five steps, nothing typed is lost, sent in once and in time."""

from asyncio import gather
from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import select

from services.applications.commands.entry import change_answers
from services.applications.commands.formal import withdraw_correction
from services.applications.commands.money import locked_application
from services.applications.domain import Change, CostMark, Status
from services.applications.domain.answers import Answers
from shared.clock import SetClock
from shared.events.applications import CheckItem, CorrectionReceived
from shared.service import Service
from tests.applications import stages
from tests.applications.people import (
    COSTS,
    IDEA,
    JUNE,
    Resident,
    pdf,
    plan_session,
    sign_in_applicant,
    stored,
    told,
)
from tests.applications.stages import OFFICE, ask_for
from tests.applications.test_mein_antrag import own_case
from tests.support.browser import TOKEN

New = Callable[..., Resident]
sqlite = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


async def asked(
    applications: Service, resident: New, *items: CheckItem, text: str = ""
) -> tuple[Resident, UUID, str]:
    """Somebody whose application lacks something; and where they complete it."""
    await plan_session(applications, JUNE)
    someone, application_id = await own_case(applications, resident)
    await ask_for(applications, application_id, *items, text=text)
    return someone, application_id, f"/mein/{application_id}/ergaenzen"


async def changes(applications: Service) -> dict[str, tuple[str, str]]:
    async with applications.db.read() as session:
        return {one.field: (one.before, one.after) for one in await session.scalars(select(Change))}


async def test_what_is_missing_is_said_until_when_and_leads_to_the_form(
    applications: Service, resident: New
) -> None:
    someone, application_id, base = await asked(
        applications, resident, CheckItem.QUOTES, text="Ein Angebot für die <Bühne>."
    )
    case = (await someone.get(f"/mein/{application_id}")).text
    assert "Uns fehlen noch Angebote" in case and "Montag, 16. März 2026" in case
    assert "Ein Angebot für die &lt;Bühne&gt;." in case and f'href="{base}"' in case
    overview = (await someone.get(base)).text
    assert "Uns fehlen noch Angebote" in overview and f'href="{base}/kosten"' in overview
    assert "Sommerfest im Innenhof" in (await someone.get(f"{base}/idee")).text
    assert 'value="680,00"' in (await someone.get(f"{base}/kosten")).text


async def test_a_completed_application_is_checked_again_and_the_office_sees_what_changed(
    applications: Service, resident: New
) -> None:
    someone, application_id, base = await asked(applications, resident)
    costs = COSTS | {"costs-1-cents": "200", "asked_cents": "700,00", "aktion": "weiter"}
    assert (await someone.submit(f"{base}/kosten", costs)).headers["location"] == f"{base}/dateien"
    sent = [("files", ("angebot.pdf", pdf(), "application/pdf"))]
    uploaded = await someone.submit(f"{base}/dateien", {"aktion": "weiter"}, files=sent)
    assert uploaded.headers["location"] == f"{base}/pruefen"
    [before] = await stored(applications)
    assert (before.status, before.asked_cents) == (Status.CORRECTION_REQUESTED, 80000)
    shown = (await someone.get(f"{base}/pruefen")).text
    assert "700,00" in shown and "angebot.pdf" in shown and "Ergänzung abschicken" in shown
    for _ in range(2):
        answer = await someone.submit(f"{base}/pruefen", {"aktion": "weiter"}, on="/mein/link")
        assert answer.headers["location"] == f"/mein/{application_id}"
    [after] = await stored(applications)
    assert (after.status, after.asked_cents, after.typed) == (Status.SUBMITTED, 70000, {})
    assert after.submitted_at == before.submitted_at
    assert len(await told(applications, CorrectionReceived)) == 1
    found = await changes(applications)
    assert found["asked_cents"] == ("80000", "70000") and found["files"] == ("", "angebot.pdf")
    assert set(found) == {"costs", "asked_cents", "files"}
    case = (await someone.get(f"/mein/{application_id}")).text
    assert "Ihre Ergänzung ist da" in case and "Wir prüfen Ihren Antrag" in case


async def test_nothing_typed_is_lost_however_wrong_it_is(
    applications: Service, resident: New
) -> None:
    someone, _, base = await asked(applications, resident)
    wrong = IDEA | {"title": "", "starts_on": "irgendwann", "aktion": "weiter"}
    refused = await someone.submit(f"{base}/idee", wrong)
    assert refused.status_code == 422 and 'value="irgendwann"' in refused.text
    later = await someone.submit(f"{base}/idee", wrong | {"aktion": "spaeter"})
    assert later.headers["location"] == f"{base}/spaeter"
    assert (await someone.get(f"{base}/spaeter")).status_code == 303
    assert 'value="irgendwann"' in (await someone.get(f"{base}/idee")).text
    not_sent = await someone.submit(f"{base}/pruefen", {"aktion": "weiter"})
    assert not_sent.status_code == 422 and f"{base}/idee?pruefen=1#starts_on" in not_sent.text
    assert (await stored(applications))[0].status is Status.CORRECTION_REQUESTED
    assert await told(applications, CorrectionReceived) == []


async def test_after_the_date_a_clear_page_and_nothing_changes(
    applications: Service, resident: New, clock: SetClock
) -> None:
    await plan_session(applications, JUNE)
    someone, application_id = await own_case(applications, resident)
    due_at = await ask_for(applications, application_id, days=1)
    base = f"/mein/{application_id}/ergaenzen"
    clock.set(due_at)
    await sign_in_applicant(applications, someone, application_id)
    assert (await someone.get(base)).status_code == 200
    clock.forward(seconds=1)
    for path in (base, f"{base}/idee", f"{base}/pruefen", f"{base}/dateien"):
        over = await someone.get(path)
        assert over.status_code == 410 and "Die Zeit zum Ergänzen ist vorbei" in over.text
    late = await someone.submit(f"{base}/pruefen", {"aktion": "weiter"}, on="/mein/link")
    assert late.status_code == 410 and await told(applications, CorrectionReceived) == []
    assert "Die Zeit zum Ergänzen ist vorbei" in (await someone.get(f"/mein/{application_id}")).text


@sqlite
async def test_a_request_taken_back_meanwhile_leads_to_the_case(
    applications: Service, resident: New
) -> None:
    someone, application_id, base = await asked(applications, resident)
    async with applications.db.begin() as session:
        one = await locked_application(session, application_id)
        await withdraw_correction(session, one, actor=OFFICE, at=applications.clock.now())
    answer = await someone.submit(f"{base}/idee", IDEA | {"aktion": "weiter"}, on="/mein/link")
    assert answer.headers["location"] == f"/mein/{application_id}"
    assert "Wir brauchen nichts mehr" in (await someone.get(f"/mein/{application_id}")).text
    assert await changes(applications) == {}


@sqlite
async def test_two_tabs_keep_each_its_own_step(applications: Service, resident: New) -> None:
    someone, _, base = await asked(applications, resident)
    await someone.submit(f"{base}/idee", IDEA | {"title": "Hoffest", "aktion": ""})
    await someone.submit(f"{base}/kosten", COSTS | {"asked_cents": "600", "aktion": ""})
    version = (await stored(applications))[0].version
    await someone.submit(f"{base}/pruefen", {"aktion": "weiter"})
    [one] = await stored(applications)
    assert (one.title, one.asked_cents) == ("Hoffest", 60000)
    assert version < one.version


@sqlite
async def test_typing_does_not_count_as_a_change_for_the_office(
    applications: Service, resident: New
) -> None:
    someone, _, base = await asked(applications, resident)
    before = (await stored(applications))[0].version
    await someone.submit(f"{base}/idee", IDEA | {"title": "Hoffest", "aktion": ""})
    assert (await stored(applications))[0].version == before


@sqlite
async def test_files_that_were_handed_in_stay(
    applications: Service, resident: New, clock: SetClock
) -> None:
    someone = resident()
    await someone.begin()
    await someone.upload(("plan.pdf", pdf()))
    for slug in ("idee", "wer", "kosten"):
        await someone.fill(slug)
    await someone.hand_in()
    [one] = await stored(applications)
    await sign_in_applicant(applications, someone, one.id)
    clock.forward(hours=1)
    await ask_for(applications, one.id)
    base = f"/mein/{one.id}/ergaenzen"
    page = (await someone.get(f"{base}/dateien")).text
    assert "plan.pdf" in page and 'name="remove"' not in page
    file_id = page.split(f'href="{base}/dateien/')[1].split('"')[0]
    await someone.submit(f"{base}/dateien", {"remove": file_id})
    assert "plan.pdf" in (await someone.get(f"{base}/dateien")).text
    clock.forward(minutes=1)
    sent = [("files", ("angebot.pdf", pdf(pages=2), "application/pdf"))]
    await someone.submit(f"{base}/dateien", {"aktion": "hochladen"}, files=sent)
    page = (await someone.get(f"{base}/dateien")).text
    assert page.count('name="remove"') == 1
    new = page.split('name="remove" value="')[1].split('"')[0]
    await someone.submit(f"{base}/dateien", {"remove": new})
    assert "angebot.pdf" not in (await someone.get(f"{base}/dateien")).text


@sqlite
async def test_nobody_completes_what_is_anothers(applications: Service, resident: New) -> None:
    _, _, base = await asked(applications, resident)
    other, _ = await own_case(applications, resident)
    for path in (base, f"{base}/idee", f"{base}/dateien", f"{base}/pruefen"):
        assert (await other.get(path)).status_code == 403
        assert (await other.submit(path, {}, on="/mein/link")).status_code in (403, 405)


@sqlite
async def test_marked_lines_of_the_plan_stay_marked_wherever_they_stand(
    applications: Service, resident: New
) -> None:
    await plan_session(applications, JUNE)
    someone, application_id = await own_case(applications, resident)
    async with applications.db.begin() as session:
        session.add(CostMark(application_id=application_id, line=1, kind="kind_3"))
    await ask_for(applications, application_id)
    base = f"/mein/{application_id}/ergaenzen"
    swapped = COSTS | {
        "costs-0-what": COSTS["costs-1-what"],
        "costs-0-cents": COSTS["costs-1-cents"],
        "costs-1-what": COSTS["costs-0-what"],
        "costs-1-cents": COSTS["costs-0-cents"],
    }
    await someone.submit(f"{base}/kosten", swapped | {"aktion": ""})
    await someone.submit(f"{base}/pruefen", {"aktion": "weiter"})
    async with applications.db.read() as session:
        assert [(one.line, one.kind) for one in await session.scalars(select(CostMark))] == [
            (0, "kind_3")
        ]


async def test_two_clicks_at_the_same_moment_send_it_once(
    applications: Service, resident: New
) -> None:
    someone, _, base = await asked(applications, resident)
    token = TOKEN.search((await someone.get(f"{base}/pruefen")).text)
    assert token
    sent = {"csrf_token": token[1], "aktion": "weiter"}
    answers = await gather(*(someone.post(f"{base}/pruefen", data=sent) for _ in range(4)))
    assert [answer.status_code for answer in answers] == [303] * 4
    assert len(await told(applications, CorrectionReceived)) == 1


@sqlite
async def test_what_the_office_corrected_meanwhile_is_not_typed_over(
    applications: Service, resident: New
) -> None:
    someone, application_id, base = await asked(applications, resident)
    await someone.submit(f"{base}/idee", IDEA | {"title": "Hoffest", "aim": "Freude", "aktion": ""})
    async with applications.db.begin() as session:
        one = await locked_application(session, application_id)
        answers = Answers.model_validate(one.answers)
        idea = answers.idea.model_copy(update={"title": "Fest der Nachbarn"})
        better = answers.model_copy(update={"idea": idea})
        order = stages.order(applications)
        await change_answers(session, one, better, order, seals=applications.seals)
    shown = (await someone.get(f"{base}/idee")).text
    assert "Fest der Nachbarn" in shown and "Freude" in shown and "Hoffest" not in shown
