"""The office plans, postpones and cancels sessions; everyone sees it, and it counts once."""

import asyncio
from collections.abc import Callable
from itertools import product
from uuid import UUID

import httpx
import pytest
from sqlalchemy import func, select
from uuid_utils.compat import uuid7

from services.meetings.domain.session import Session, Status
from services.meetings.store import Audit
from shared.clock import SetClock
from shared.roles import Role
from shared.service import Service
from tests.meetings.people import Person, hidden, told

NewPerson = Callable[[], Person]
EVENING = {"day": "6.5.2026", "starts": "18:00", "ends": "20:00", "place": "Saal der Schule"}


async def only_session(service: Service) -> Session:
    async with service.db.read() as session:
        return (await session.scalars(select(Session))).one()


async def planned(office: Person) -> UUID:
    done = await office.act("/buero/sitzungen/neu", "save", EVENING)
    assert done.status_code == 303, done.text
    return (await only_session(office.service)).id


async def test_planning_shows_the_deadline_before_it_saves_anything(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    checked = await office.post("/buero/sitzungen/neu", EVENING)
    assert "Mittwoch, 22. April 2026" in checked.text
    async with meetings.db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Session)) == 0
    assert await told(meetings, "session") == []


async def test_a_planned_session_is_told_audited_and_public(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    session_id = await planned(office)
    [event] = await told(meetings, "session.scheduled")
    assert event["audience"] == "public"
    assert event["subject"] == str(session_id)
    assert event["data"]["submission_deadline"] == "2026-04-22T21:59:59Z"
    assert event["data"]["starts_at"] == "2026-05-06T16:00:00Z"
    async with meetings.db.read() as session:
        entry = await session.scalar(select(Audit).where(Audit.action == "session.plan"))
    assert entry is not None
    assert entry.actor == f"account:{office.account_id}"
    resident = person()
    assert "Saal der Schule" in (await resident.get("/sitzungen")).text
    shown = (await resident.get(f"/sitzungen/{session_id}")).text
    assert "Mittwoch, 6. Mai 2026" in shown
    assert "Mittwoch, 22. April 2026" in shown


async def test_pressing_twice_plans_one_session(person: NewPerson, meetings: Service) -> None:
    office = await person().enter(Role.OFFICE)
    checked = await office.post("/buero/sitzungen/neu", EVENING)
    form = hidden(checked.text) | {"turn": "save"}
    first, second = await asyncio.gather(
        office.http.post("/buero/sitzungen/neu", data=form),
        office.http.post("/buero/sitzungen/neu", data=form),
    )
    assert (first.status_code, second.status_code) == (303, 303)
    await only_session(meetings)
    assert len(await told(meetings, "session")) == 1


async def test_the_same_form_with_other_content_is_a_conflict(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    checked = await office.post("/buero/sitzungen/neu", EVENING)
    form = hidden(checked.text) | {"turn": "save"}
    await office.http.post("/buero/sitzungen/neu", data=form)
    other = await office.http.post("/buero/sitzungen/neu", data=form | {"place": "Rathaus"})
    assert other.status_code == 409
    assert "schon einmal abgeschickt" in other.text
    assert (await only_session(meetings)).place == "Saal der Schule"


async def test_going_back_to_change_keeps_what_was_typed(person: NewPerson) -> None:
    office = await person().enter(Role.OFFICE)
    back = await office.act("/buero/sitzungen/neu", "change", EVENING | {"note": "Mit Tee"})
    assert back.status_code == 200
    for typed in ("6.5.2026", "18:00", "Saal der Schule", "Mit Tee"):
        assert typed in back.text


WRONG = (
    ({"day": "1.3.2026"}, "Dieser Zeitpunkt ist schon vorbei."),
    ({"day": "31.2.2026"}, "Diesen Tag gibt es nicht."),
    ({"day": ""}, "Bitte füllen Sie dieses Feld aus."),
    ({"starts": "abends"}, "Schreiben Sie eine Uhrzeit"),
    ({"ends": "17:00"}, "Das Ende muss nach dem Beginn liegen."),
    ({"place": ""}, "Bitte füllen Sie dieses Feld aus."),
    ({"day": "29.3.2026", "starts": "2:30", "ends": ""}, "Da beginnt die Sommerzeit."),
    ({"day": "1.1.2020"}, "Dieser Zeitpunkt ist schon vorbei."),
    ({"place": "x" * 201}, "Das ist zu lang."),
)


async def test_wrong_input_is_explained_next_to_its_field_and_kept(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    for (wrong, sentence), turn in product(WRONG, ("check", "save")):
        answer = await office.post("/buero/sitzungen/neu", EVENING | wrong | {"turn": turn})
        assert answer.status_code == 422, wrong
        assert sentence in answer.text, wrong
        for name, typed in (EVENING | wrong).items():
            assert typed in answer.text, (wrong, name)
    assert await told(meetings, "session") == []


async def test_postponing_shows_both_dates_and_moves_the_deadline(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    session_id = await planned(office)
    path, moved = (
        f"/buero/sitzungen/{session_id}/verschieben",
        {"day": "20.5.2026", "reason": "room"},
    )
    filled = EVENING | moved
    checked = await office.post(path, filled)
    for shown in ("6. Mai 2026", "20. Mai 2026", "22. April 2026", "Der Raum ist nicht frei."):
        assert shown in checked.text
    assert (await only_session(meetings)).starts_at.day == 6
    assert (await office.act(path, "save", filled)).status_code == 303
    [event] = await told(meetings, "session.postponed")
    assert event["data"]["previous_starts_at"] == "2026-05-06T16:00:00Z"
    assert event["data"]["submission_deadline"] == "2026-05-06T21:59:59Z"
    assert event["data"]["reason"] == "room"
    assert event["subjectversion"] == 2
    public = (await person().get(f"/sitzungen/{session_id}")).text
    assert "Diese Sitzung ist verschoben" in public
    assert "6. Mai 2026" in public


async def test_when_the_board_says_so_the_deadline_stays(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    stays = {
        "name": "Freunde Westhagens",
        "place": "Saal",
        "submission_days_before": "14",
        "on_postponement": "stays",
        "holds_from": "1.2.2026",
    }
    assert (await office.post("/buero/sitzungen/gremium", stays)).status_code == 303
    session_id = await planned(office)
    path = f"/buero/sitzungen/{session_id}/verschieben"
    filled = EVENING | {"day": "20.5.2026", "reason": "people"}
    assert "Die Abgabefrist bleibt gleich." in (await office.post(path, filled)).text
    await office.act(path, "save", filled)
    [event] = await told(meetings, "session.postponed")
    assert event["data"]["submission_deadline"] == "2026-04-22T21:59:59Z"


async def test_cancelling_publishes_the_reason_and_cannot_be_repeated(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    session_id = await planned(office)
    path = f"/buero/sitzungen/{session_id}/absagen"
    empty = await office.post(path, {"reason": " "})
    assert empty.status_code == 422
    reason = {"reason": "Der Saal ist überschwemmt."}
    assert (await office.act(path, "save", reason)).status_code == 303
    [event] = await told(meetings, "session.cancelled")
    assert event["data"]["reason"] == "Der Saal ist überschwemmt."
    assert "Der Saal ist überschwemmt." in (await person().get(f"/sitzungen/{session_id}")).text
    again = await office.get(path)
    assert again.status_code == 409
    assert "Das geht bei dieser Sitzung nicht mehr." in again.text
    assert (await only_session(meetings)).status is Status.CANCELLED


async def test_whoever_saves_second_is_told_and_overwrites_nothing(
    person: NewPerson, meetings: Service
) -> None:
    office, colleague = await person().enter(Role.OFFICE), person()
    colleague.email, colleague.secret = office.email, office.secret
    await colleague.sign_in()
    session_id = await planned(office)
    path = f"/buero/sitzungen/{session_id}/verschieben"
    slow = await colleague.post(path, EVENING | {"day": "27.5.2026", "reason": "other"})
    await office.act(path, "save", EVENING | {"day": "20.5.2026", "reason": "room"})
    late = await colleague.http.post(path, data=hidden(slow.text) | {"turn": "save"})
    assert late.status_code == 409
    assert "Jemand hat das inzwischen geändert." in late.text
    assert (await only_session(meetings)).starts_at.day == 20
    assert len(await told(meetings, "session.postponed")) == 1


async def test_of_two_at_the_same_moment_one_postpones(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    session_id = await planned(office)
    path = f"/buero/sitzungen/{session_id}/verschieben"
    forms = []
    for day in ("20.5.2026", "27.5.2026"):
        checked = await office.post(path, EVENING | {"day": day, "reason": "room"})
        forms.append(hidden(checked.text) | {"turn": "save"})
    answers = await asyncio.gather(*(office.http.post(path, data=form) for form in forms))
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    assert len(await told(meetings, "session.postponed")) == 1


async def test_a_session_of_yesterday_stays_as_it_was(
    person: NewPerson, meetings: Service, clock: SetClock
) -> None:
    office = await person().enter(Role.OFFICE)
    session_id = await planned(office)
    clock.forward(days=90)
    await office.sign_in()
    for act in ("verschieben", "absagen"):
        answer = await office.get(f"/buero/sitzungen/{session_id}/{act}")
        assert answer.status_code == 409
        assert "Diese Sitzung ist vorbei." in answer.text
    listed = await office.get("/buero/sitzungen")
    assert f"{session_id}/absagen" not in listed.text


async def test_changed_rules_leave_planned_sessions_alone(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    await planned(office)
    before = (await only_session(meetings)).submission_deadline
    stricter = {
        "name": "Freunde Westhagens e. V.",
        "place": "Saal",
        "submission_days_before": "21",
        "on_postponement": "again",
        "holds_from": "2.3.2026",
    }
    page = await office.get("/buero/sitzungen/gremium")
    form = hidden(page.text) | stricter
    assert (await office.http.post("/buero/sitzungen/gremium", data=form)).status_code == 303
    stale = await office.http.post("/buero/sitzungen/gremium", data=form | {"name": "Andere"})
    assert stale.status_code == 409
    assert (await only_session(meetings)).submission_deadline == before
    await office.act("/buero/sitzungen/neu", "save", EVENING | {"day": "3.6.2026"})
    event = (await told(meetings, "session.scheduled"))[-1]
    assert event["data"]["submission_deadline"] == "2026-05-13T21:59:59Z"
    assert event["data"]["board"] == "Freunde Westhagens e. V."


async def test_the_calendar_file_is_updated_by_its_next_version(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    session_id = await planned(office)
    file = await person().get(f"/sitzungen/{session_id}/termin.ics")
    assert file.headers["content-type"].startswith("text/calendar")
    assert "DTSTART:20260506T160000Z" in file.text
    path = f"/buero/sitzungen/{session_id}/absagen"
    await office.act(path, "save", {"reason": "Sturm"})
    later = await person().get(f"/sitzungen/{session_id}/termin.ics")
    assert "STATUS:CANCELLED" in later.text
    assert "SEQUENCE:2" in later.text
    assert str(session_id) in later.text


async def test_the_calendar_file_has_the_name_our_letters_and_calendars_give_the_session(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    session_id = await planned(office)
    file = await person().get(f"/sitzungen/{session_id}/termin.ics")
    unfolded = file.text.replace("\r\n ", "")
    assert f"UID:sitzung-{session_id}@example.org\r\n" in unfolded
    assert "SEQUENCE:1\r\n" in unfolded


FIXED = {
    "name": "Freunde Westhagens",
    "place": "Saal",
    "submission_days_before": "14",
    "on_postponement": "again",
    "fixed_dates": "15.2., 15.05. und 15.11.",
    "holds_from": "1.2.2026",
}


async def fixed_dates(office: Person, **change: str) -> httpx.Response:
    return await office.post("/buero/sitzungen/gremium", FIXED | change)


async def test_a_board_may_set_fixed_dates_and_a_quorum(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    assert (await fixed_dates(office, quorum_kind="fixed", quorum="8")).status_code == 303
    board = (await office.get("/buero/sitzungen/gremium")).text
    assert "15.02., 15.05., 15.11." in board
    assert 'value="15.02., 15.05., 15.11."' in board
    assert "Für Beschlüsse müssen" in board
    await office.act("/buero/sitzungen/neu", "save", EVENING | {"day": "9.12.2026"})
    [event] = await told(meetings, "session.scheduled")
    assert event["data"]["submission_deadline"] == "2026-11-15T22:59:59Z"
    shown = (await office.get(f"/buero/sitzungen/{event['subject']}")).text
    assert "Abgabe an festen Tagen" in shown
    assert "Für Beschlüsse müssen" in shown


@pytest.mark.parametrize(
    ("wrong", "name", "sentence"),
    [
        ({"fixed_dates": "Mitte Mai"}, "fixed_dates", "Schreiben Sie Tag und Monat"),
        ({"fixed_dates": "31.4."}, "fixed_dates", "Diesen Tag gibt es nicht in jedem Jahr."),
        ({"fixed_dates": "29.02."}, "fixed_dates", "Diesen Tag gibt es nicht in jedem Jahr."),
        ({"fixed_dates": "1.13."}, "fixed_dates", "Diesen Tag gibt es nicht in jedem Jahr."),
        ({"quorum": "0"}, "quorum", "Die Zahl muss mindestens 1 sein."),
        ({"quorum": "viele"}, "quorum", "Schreiben Sie eine Zahl"),
    ],
)
async def test_rules_nobody_can_follow_are_refused_beside_their_field(
    person: NewPerson, wrong: dict[str, str], name: str, sentence: str
) -> None:
    office = await person().enter(Role.OFFICE)
    answer = await fixed_dates(office, **wrong)
    assert answer.status_code == 422
    assert sentence in answer.text.split(f'id="{name}-error"')[1][:200]
    assert wrong[name] in answer.text


@pytest.mark.parametrize(
    ("policy", "day", "deadline"),
    [
        ("again", "9.12.2026", "2026-11-15T22:59:59Z"),
        ("again", "20.5.2026", "2026-05-15T21:59:59Z"),
        ("stays", "9.12.2026", "2026-05-15T21:59:59Z"),
        ("stays", "6.5.2026", "2026-02-15T22:59:59Z"),
    ],
)
async def test_a_postponed_session_with_fixed_dates_keeps_its_deadline_or_gets_the_last_one_before(
    person: NewPerson, meetings: Service, policy: str, day: str, deadline: str
) -> None:
    office = await person().enter(Role.OFFICE)
    assert (await fixed_dates(office, on_postponement=policy)).status_code == 303
    await office.act("/buero/sitzungen/neu", "save", EVENING | {"day": "27.5.2026"})
    [planned_one] = await told(meetings, "session.scheduled")
    assert planned_one["data"]["submission_deadline"] == "2026-05-15T21:59:59Z"
    path = f"/buero/sitzungen/{planned_one['subject']}/verschieben"
    await office.act(path, "save", EVENING | {"day": day, "reason": "room"})
    [event] = await told(meetings, "session.postponed")
    assert event["data"]["submission_deadline"] == deadline


async def test_a_session_planned_before_there_were_fixed_dates_is_still_read(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    session_id = await planned(office)
    old = {"holds_from": "2023-01-01", "submission_days_before": 21, "on_postponement": "again"}
    async with meetings.db.begin() as session:
        (await session.get_one(Session, session_id)).rules = old
    shown = (await office.get(f"/buero/sitzungen/{session_id}")).text
    assert "21" in shown
    assert "keine Mindestzahl" in shown


async def test_a_session_nobody_planned_is_not_found(person: NewPerson) -> None:
    resident = person()
    for path in (f"/sitzungen/{uuid7()}", "/sitzungen/gibt-es-nicht"):
        assert (await resident.get(path)).status_code == 404


async def api_form(office: Person, **sent: object) -> httpx.Response:
    token = hidden((await office.get("/konto")).text)["csrf_token"]
    return await office.http.post(
        "/api/v1/meetings/sessions", json=sent, headers={"X-CSRF-Token": token}
    )


async def test_the_api_plans_like_the_page_and_explains_like_it(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    command = str(uuid7())
    sent = {"command_id": command, "starts_at": "2026-05-06T18:00:00+02:00", "place": "Saal"}
    first, again = await api_form(office, **sent), await api_form(office, **sent)
    assert first.status_code == 201
    assert first.json() == again.json()
    assert first.json()["submission_deadline"] == "2026-04-22T21:59:59Z"
    other = await api_form(office, **(sent | {"place": "Rathaus"}))
    assert other.status_code == 409
    assert other.headers["content-type"] == "application/problem+json"
    past = await api_form(
        office, command_id=str(uuid7()), starts_at="2020-05-06T18:00:00Z", place="Saal"
    )
    assert past.status_code == 422
    assert past.json()["errors"][0]["pointer"] == "#/starts_at"
    listed = (await person().get("/api/v1/meetings/sessions")).json()
    assert [entry["id"] for entry in listed["sessions"]] == [first.json()["id"]]


async def test_the_api_postpones_and_cancels_with_the_version_it_read(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    session_id = await planned(office)
    token = hidden((await office.get("/konto")).text)["csrf_token"]
    headers = {"X-CSRF-Token": token}
    path = f"/api/v1/meetings/sessions/{session_id}"
    sent = {
        "command_id": str(uuid7()),
        "version": 1,
        "starts_at": "2026-05-20T16:00:00Z",
        "place": "Saal",
        "reason": "room",
    }
    moved = await office.http.post(f"{path}/postpone", json=sent, headers=headers)
    assert (moved.status_code, moved.json()["version"]) == (200, 2)
    cancel = {"command_id": str(uuid7()), "version": 1, "reason": "Sturm"}
    stale = await office.http.post(f"{path}/cancel", json=cancel, headers=headers)
    assert stale.status_code == 409
    done = await office.http.post(f"{path}/cancel", json=cancel | {"version": 2}, headers=headers)
    assert done.json()["status"] == "cancelled"
