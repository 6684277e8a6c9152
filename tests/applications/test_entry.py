"""Paper is entered by the form's own rules, corrected field by field, and arrives when it arrived."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from httpx import Response
from uuid_utils.compat import uuid7

from services.applications.commands.entry import FromTheFuture, enter_on_paper
from services.applications.domain import Application, Change, Fund, Status, files_of
from services.applications.domain.answers import Answers
from services.applications.queries.fund import first_fund
from shared.clock import BERLIN, SetClock
from shared.events.applications import ApplicantRecorded, ApplicationChanged, ApplicationSubmitted
from shared.events.people import Contact
from shared.once import Order
from shared.service import Service
from tests.applications.cases import held
from tests.applications.people import (
    AGREED,
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

New = Callable[..., Resident]
Staff = Callable[..., Awaitable[Resident]]
NEW = "/buero/antraege/neu"
sqlite = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


def sheet(arrived: datetime, **changes: str) -> dict[str, str]:
    """A sheet of paper as the office types it."""
    local = arrived.astimezone(BERLIN)
    when = {"arrived_on": f"{local:%d.%m.%Y}", "arrived_time": f"{local:%H:%M}"}
    return {
        **IDEA, **WHO, **COSTS, **AGREED, **when,
        "command_id": str(uuid4()), "fund": "buergerfonds", **changes,
    }  # fmt: skip


async def enter(office: Resident, at: datetime, **changes: str) -> Response:
    return await office.submit(NEW, sheet(at, **changes))


async def changed(service: Service) -> list[Change]:
    from sqlalchemy import select

    async with service.db.read() as session:
        return list(await session.scalars(select(Change).order_by(Change.id)))


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
    import re

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


async def token(someone: Resident) -> str:
    import re

    found = re.search(r'name="csrf_token" value="([^"]+)"', (await someone.get(NEW)).text)
    return found[1] if found else ""


@sqlite
@pytest.mark.parametrize(
    ("day", "clock_time", "field"),
    [
        ("12.5.2026", "10:01", "arrived_on"),
        ("13.5.2026", "00:00", "arrived_on"),
        ("29.3.2026", "02:30", "arrived_time"),
        ("30.12.1999", "10:00", "arrived_on"),
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


SUMMER = datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC)
WINTER = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
DEADLINES = {
    "an ordinary evening": datetime(2026, 5, 27, 21, 59, 59, tzinfo=UTC),
    "the evening summer time began": datetime(2026, 3, 29, 21, 59, 59, tzinfo=UTC),
    "the last second before summer time": SUMMER,
    "the evening summer time ended": datetime(2026, 10, 25, 22, 59, 59, tzinfo=UTC),
    "the second time it is half past two": WINTER,
    "the end of a year": datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC),
}


@pytest.mark.parametrize("deadline", DEADLINES.values(), ids=DEADLINES)
async def test_form_program_and_staff_give_the_same_session_to_the_second(
    applications: Service, staff: Staff, resident: New, clock: SetClock, deadline: datetime
) -> None:
    later = deadline + timedelta(days=90)
    first = await plan_session(applications, deadline + timedelta(days=14), deadline=deadline)
    second = await plan_session(applications, later + timedelta(days=14), deadline=later)
    for seconds, session, late, until in (
        (-1, first, False, deadline),
        (0, first, False, deadline),
        (1, second, True, later),
    ):
        clock.set(arrived := deadline + timedelta(seconds=seconds))
        before = len(await stored(applications))
        await four_ways(applications, await staff("office"), resident(), clock, day=later)
        found = (await stored(applications))[before:]
        assert [(one.session_id, one.late) for one in found] == [(session, late)] * 4, seconds
        assert {one.submitted_at for one in found} == {arrived}
        told_of = (await told(applications, ApplicationSubmitted))[-4:]
        assert {event.submission_deadline for event in told_of} == {until}


async def four_ways(
    service: Service, office: Resident, someone: Resident, clock: SetClock, *, day: datetime
) -> None:
    """Through the form, a program, the office at once, and the office minutes later."""
    arrived, days = clock.now(), {"starts_on": f"{day:%d.%m.%Y}", "ends_on": f"{day:%d.%m.%Y}"}
    await someone.apply(**days)
    body = (await stored(service))[-1].answers
    path, headers = f"/api/v1/applications/{uuid7()}", {"x-csrf-token": await token(office)}
    put = await office.put(path, json=body, headers=headers)
    assert put.status_code == 201, put.text
    entered = await enter(office, arrived, command_id=str(uuid7()), **days)
    assert entered.status_code == 303, entered.text
    clock.forward(minutes=5)
    await entered_later(service, Answers.model_validate(body), arrived, clock.now())


async def entered_later(
    service: Service, answers: Answers, arrived_at: datetime, at: datetime
) -> None:
    """The command, minutes after the paper was here."""
    async with service.db.begin() as session:
        fund, rules = await first_fund(session, arrived_at)
        order = Order(command_id=uuid4(), by="account:x", at=at)
        await enter_on_paper(
            session, uuid7(), answers, order,
            fund=fund, arrived_at=arrived_at, rules=rules, seals=service.seals,
        )  # fmt: skip


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


def correction(application: Application, **changes: str) -> dict[str, str]:
    return {
        **IDEA, **WHO, **COSTS, "iban": "", "command_id": str(uuid4()),
        "version": str(application.version), **changes,
    }  # fmt: skip


async def case_of(applications: Service, resident: New) -> tuple[str, Application]:
    await plan_session(applications, JUNE)
    await resident().apply()
    [application] = await stored(applications)
    return f"/buero/antraege/{application.id}", application


async def test_a_correction_is_shown_first_then_kept_field_by_field_and_told(
    applications: Service, resident: New, staff: Staff
) -> None:
    case, application = await case_of(applications, resident)
    office = await staff("office")
    sent = correction(application, title="Sommerfest am Teich", **{"costs-0-cents": "700"})
    check = await office.submit(f"{case}/bearbeiten", sent)
    assert check.status_code == 200 and await changed(applications) == []
    for words in ("Sommerfest im Innenhof", "Sommerfest am Teich", "680,00", "700,00"):
        assert words in check.text, words
    saved = await office.submit(f"{case}/bearbeiten", sent | {"turn": "save"})
    assert saved.headers["location"] == f"{case}/aenderungen"
    again = await office.submit(f"{case}/bearbeiten", sent | {"turn": "save"})
    assert again.headers["location"] == f"{case}/aenderungen"
    assert [one.field for one in await changed(applications)] == ["title", "costs"]
    [event] = await told(applications, ApplicationChanged)
    assert event.fields == ["title", "costs"] and event.number == application.number
    shown = (await office.get(f"{case}/aenderungen")).text
    for words in ("Sommerfest im Innenhof", "Sommerfest am Teich", "700,00", "Jana Kruse"):
        assert words in shown, words
    assert (await office.get("/buero/antraege?q=teich")).text.count("<small><bdi") == 1


async def test_a_correction_that_met_another_shows_both_and_overwrites_nothing(
    applications: Service, resident: New, staff: Staff
) -> None:
    case, application = await case_of(applications, resident)
    office, colleague = await staff("office"), await staff("office", name="Ali Demir")
    mine = correction(application, title="Mein Fest")
    theirs = correction(application, title="Ihr Fest", turn="save")
    assert (await colleague.submit(f"{case}/bearbeiten", theirs)).status_code == 303
    fresh: dict[str, str] = {}
    for turn in ("check", "save"):
        met = await office.submit(f"{case}/bearbeiten", mine | {"turn": turn})
        assert met.status_code == 409
        assert "Mein Fest" in met.text and "Ihr Fest" in met.text
        fresh = {
            name: met.text.split(f'name="{name}" value="')[1].split('"')[0]
            for name in ("command_id", "version")
        }
        assert [one.title for one in await stored(applications)] == ["Ihr Fest"]
    saved = await office.submit(f"{case}/bearbeiten", mine | fresh | {"turn": "save"})
    assert saved.status_code == 303
    assert [one.title for one in await stored(applications)] == ["Mein Fest"]


@sqlite
async def test_a_correction_of_nothing_says_so_and_a_wrong_one_keeps_what_was_typed(
    applications: Service, resident: New, staff: Staff
) -> None:
    case, application = await case_of(applications, resident)
    office = await staff("office")
    same = await office.submit(f"{case}/bearbeiten", correction(application))
    assert same.status_code == 422 and "Sie haben nichts geändert." in same.text
    wrong = await office.submit(
        f"{case}/bearbeiten", correction(application, title="Neu", email="")
    )
    assert wrong.status_code == 422 and 'value="Neu"' in wrong.text
    assert 'id="email-error"' in wrong.text
    assert await told(applications, ApplicationChanged) == []


@sqlite
async def test_an_iban_is_never_shown_whole_and_stays_when_left_empty(
    applications: Service, resident: New, staff: Staff
) -> None:
    case, application = await case_of(applications, resident)
    office = await staff("office")
    iban = application.answers["applicant"]["iban"]
    new = correction(application, iban="DE02 1203 0000 0000 2020 51", turn="save")
    seen = [(await office.get(f"{case}/bearbeiten")).text]
    assert (await office.submit(f"{case}/bearbeiten", new)).status_code == 303
    seen.append((await office.get(f"{case}/aenderungen")).text)
    seen.append((await office.get(case)).text)
    for text in seen:
        assert iban not in text and "DE02120300000000202051" not in text
        assert iban[-4:] in text
    [kept] = await stored(applications)
    assert kept.answers["applicant"]["iban"] == "DE02120300000000202051"
    more = correction(kept, title="Neu", turn="save")
    assert (await office.submit(f"{case}/bearbeiten", more)).status_code == 303
    [kept] = await stored(applications)
    assert kept.answers["applicant"]["iban"] == "DE02120300000000202051"


@sqlite
@pytest.mark.parametrize("status", [Status.SCHEDULED, Status.GRANTED, Status.WITHDRAWN])
async def test_what_the_board_read_is_not_changed_any_more(
    applications: Service, resident: New, staff: Staff, status: Status
) -> None:
    case, application = await case_of(applications, resident)
    await set_status(applications, application.id, status)
    office = await staff("office")
    assert (await office.get(f"{case}/bearbeiten")).status_code == 409
    sent = correction(application, title="Zu spät", turn="save")
    assert (await office.submit(f"{case}/bearbeiten", sent)).status_code == 409
    assert await changed(applications) == []


async def set_status(service: Service, application_id: UUID, status: Status) -> None:
    async with service.db.begin() as session:
        (await session.get_one(Application, application_id)).status = status


@sqlite
async def test_while_a_result_is_on_hold_nothing_is_changed(
    applications: Service, resident: New, staff: Staff, clock: SetClock
) -> None:
    case, application = await case_of(applications, resident)
    async with applications.db.begin() as session:
        session.add(held(application.id, clock.now() + timedelta(minutes=5)))
    sent = correction(application, title="Zu spät", turn="save")
    answer = await (await staff("office")).submit(f"{case}/bearbeiten", sent)
    assert answer.status_code == 409 and await changed(applications) == []


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
