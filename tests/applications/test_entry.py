"""Paper is entered by the form's own rules, and arrives when it arrived."""

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from services.applications.commands.entry import FromTheFuture
from services.applications.domain import Fund, Status, files_of
from services.applications.domain.answers import Answers
from services.applications.queries.fund import first_fund
from shared.clock import SetClock
from shared.events.applications import ApplicantRecorded, ApplicationSubmitted
from shared.events.people import Contact
from shared.service import Service
from tests.applications.paper import (
    NEW,
    New,
    case_of,
    enter,
    entered_later,
    sheet,
    token,
)
from tests.applications.people import (
    COSTS,
    IDEA,
    JUNE,
    WHO,
    Resident,
    pdf,
    plan_session,
    stored,
    told,
)

Staff = Callable[..., Awaitable[Resident]]
sqlite = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


async def test_paper_gets_its_number_session_and_the_same_events_as_the_form(
    applications: Service, staff: Staff, clock: SetClock
) -> None:
    june = await plan_session(applications, JUNE)
    office = await staff("office")
    arrived = clock.now() - timedelta(days=1)
    answer = await enter(office, arrived, email="", name="Ömer Ünal")
    assert answer.status_code == 303, answer.text
    shown = (await office.get(answer.headers["location"])).text
    [application] = await stored(applications)
    assert application.number and application.number in shown and "Mi, 10. Juni" in shown
    assert application.on_paper and application.session_id == june
    assert application.submitted_at == arrived.replace(second=0, microsecond=0)
    [submitted] = await told(applications, ApplicationSubmitted)
    assert submitted.number == application.number and submitted.session_id == june
    [recorded] = await told(applications, ApplicantRecorded)
    contact = await applications.seals.open(recorded.contact, Contact)
    assert contact is not None and contact.name == "Ömer Ünal" and contact.email == ""
    assert application.number in (await office.get("/buero/antraege")).text


async def test_the_same_sheet_sent_twice_is_one_application_and_another_under_its_id_is_refused(
    applications: Service, staff: Staff, clock: SetClock
) -> None:
    office, sent = await staff("office"), sheet(clock.now())
    first, again = await office.submit(NEW, sent), await office.submit(NEW, sent)
    assert first.headers["location"] == again.headers["location"]
    assert (await office.submit(NEW, sent | {"title": "Etwas anderes"})).status_code == 409
    assert len(await stored(applications)) == 1


@sqlite
async def test_a_wrong_sheet_says_all_that_is_wrong_and_keeps_all_that_was_typed(
    applications: Service, staff: Staff, clock: SetClock
) -> None:
    office = await staff("office")
    wrong = {"title": "", "iban": "DE00", "starts_on": "bald", "asked_cents": "999999"}
    answer = await enter(office, clock.now(), plan="Mein <b>Plan</b>", privacy="", **wrong)
    assert answer.status_code == 422 and await stored(applications) == []
    for name in (*wrong, "privacy"):
        assert f'href="#{name}"' in answer.text, name
    for typed in ("Mein &lt;b&gt;Plan", "DE00", "bald", "999999", "Bastelmaterial", "38444"):
        assert typed in answer.text, typed
    links = [answer.text.index(f'href="#{n}"') for n in ("title", "starts_on", "iban", "privacy")]
    assert links == sorted(links)


@sqlite
async def test_form_and_paper_complain_in_the_same_words(
    staff: Staff, resident: New, clock: SetClock
) -> None:
    wrong = {"starts_on": "1.1.2020", "postcode": "1", "asked_cents": "900000", "iban": "DE1"}
    office, someone = await staff("office"), resident()
    paper = (await enter(office, clock.now(), **wrong)).text
    await someone.begin()
    for slug, typed in (("idee", IDEA), ("wer", WHO), ("kosten", COSTS)):
        online = await someone.fill(
            slug, {**typed, **{k: v for k, v in wrong.items() if k in typed}}
        )
        for sentence in sentences(online.text):
            assert sentence in sentences(paper), sentence


def sentences(html: str) -> list[str]:
    return re.findall(r'<p class="kern-error"[^>]*>.*?<span class="kern-body">(.*?)</span>', html)


@sqlite
async def test_only_paper_does_without_an_email_address(
    applications: Service, staff: Staff, clock: SetClock
) -> None:
    office = await staff("office")
    assert (await enter(office, clock.now(), email="")).status_code == 303
    [application] = await stored(applications)
    body = dict(application.answers)
    put = await office.put(
        f"/api/v1/applications/{uuid4()}",
        json=body,
        headers={"x-csrf-token": await token(office)},
    )
    assert put.status_code == 422 and "/applicant/email" in put.text


@sqlite
@pytest.mark.parametrize(
    ("day", "clock_time", "field"),
    [
        ("12.5.2026", "10:01", "arrived_on"),
        ("13.5.2026", "00:00", "arrived_on"),
        ("29.3.2026", "02:30", "arrived_time"),
        ("30.12.1999", "10:00", "arrived_on"),
        ("1.1.0001", "00:00", "arrived_on"),
        ("gestern", "10:00", "arrived_on"),
        ("11.5.2026", "25:00", "arrived_time"),
    ],
)
async def test_an_arrival_that_cannot_have_been_is_refused_beside_its_field(
    staff: Staff, clock: SetClock, day: str, clock_time: str, field: str
) -> None:
    clock.set(datetime(2026, 5, 12, 8, 0, 30, tzinfo=UTC))
    office = await staff("office")
    answer = await enter(office, clock.now(), arrived_on=day, arrived_time=clock_time)
    assert answer.status_code == 422 and f'id="{field}-error"' in answer.text


async def test_files_stay_through_a_refused_sheet_and_belong_to_the_application_then(
    applications: Service, staff: Staff, clock: SetClock
) -> None:
    office, sent = await staff("office"), sheet(clock.now(), title="")
    upload = [("files", ("Antrag.pdf", pdf(), "application/pdf"))]
    refused = await office.submit(NEW, sent, files=upload)
    assert refused.status_code == 422 and "Antrag.pdf" in refused.text
    assert (await office.get("/buero/antraege")).text.count("<small><bdi") == 0
    wrong = await office.submit(
        NEW, sent | {"title": "Fest"}, files=[("files", ("b.txt", b"x", "text/plain"))]
    )
    assert wrong.status_code == 422 and "b.txt ist kein PDF" in wrong.text
    assert (await office.submit(NEW, sent | {"title": "Fest"})).status_code == 303
    [application] = await stored(applications)
    async with applications.db.read() as session:
        [file] = await files_of(session, application.id)
    assert file.name == "Antrag.pdf" and application.status is Status.SUBMITTED


@sqlite
async def test_another_line_and_a_removed_file_keep_what_was_typed_without_complaint(
    staff: Staff, clock: SetClock
) -> None:
    office, sent = await staff("office"), sheet(clock.now(), title="")
    more = await office.submit(NEW, sent | {"aktion": "zeile"})
    assert more.status_code == 200 and "kern-error" not in more.text and "680,00" in more.text
    upload = [("files", ("Antrag.pdf", pdf(), "application/pdf"))]
    kept = await office.submit(NEW, sent | {"aktion": "hochladen"}, files=upload)
    assert kept.status_code == 200 and "Antrag.pdf" in kept.text
    file = kept.text.split('name="remove" value="')[1].split('"')[0]
    gone = await office.submit(NEW, sent | {"remove": file})
    assert gone.status_code == 200 and "Antrag.pdf" not in gone.text


@sqlite
async def test_a_second_fund_can_be_chosen_and_its_own_fields_count(
    applications: Service, staff: Staff, clock: SetClock
) -> None:
    async with applications.db.begin() as session:
        _code, rules = await first_fund(session, clock.now())
        fields = [{"code": "sport", "name": {"de": "Sport"}}]
        content = rules.model_dump(mode="json") | {"fields": fields, "name": {"de": "Sportfonds"}}
        session.add(Fund(code="sport", holds_from=datetime(2026, 2, 1).date(), content=content))  # noqa: DTZ001
    office = await staff("office")
    assert "Sportfonds" in (await office.get(NEW)).text
    assert (await enter(office, clock.now(), fund="sport")).status_code == 422
    done = await enter(office, clock.now(), fund="sport", field_of_action="sport")
    assert done.status_code == 303
    assert [one.fund for one in await stored(applications)] == ["sport"]


async def test_paper_entered_after_its_session_goes_to_the_next_one(
    applications: Service, staff: Staff, clock: SetClock
) -> None:
    await plan_session(applications, datetime(2026, 4, 10, 16, tzinfo=UTC))
    coming = await plan_session(applications, JUNE)
    clock.set(datetime(2026, 4, 12, 9, tzinfo=UTC))
    office = await staff("office")
    answer = await enter(office, datetime(2026, 3, 1, 9, tzinfo=UTC))
    assert answer.status_code == 303
    [application] = await stored(applications)
    assert (application.session_id, application.late) == (coming, False)


async def test_nothing_arrives_in_the_future(applications: Service, resident: New) -> None:
    await resident().apply()
    [online] = await stored(applications)
    at = datetime(2026, 5, 1, tzinfo=UTC)
    with pytest.raises(FromTheFuture):
        answers = Answers.model_validate(online.answers)
        await entered_later(applications, answers, at + timedelta(seconds=1), at)


@sqlite
async def test_only_the_office_enters_and_corrects(
    applications: Service, resident: New, staff: Staff
) -> None:
    case, _application = await case_of(applications, resident)
    for role in ("auditor", "payer", "member"):
        someone = await staff(role)
        for path in (NEW, f"{case}/bearbeiten", f"{case}/eingetragen"):
            assert (await someone.get(path)).status_code == 403
    auditor = await staff("auditor")
    assert (await auditor.get(f"{case}/aenderungen")).status_code == 200
