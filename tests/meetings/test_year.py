"""A whole year planned in one step: proposed, looked at, changed, and told all at once or not."""

import asyncio
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import event, func, select

from services.meetings.domain.session import Session
from services.meetings.store import Audit
from shared.clock import SetClock
from shared.roles import Role
from shared.service import Service
from tests.meetings.people import ATTRIBUTE, Person, hidden, told

NewPerson = Callable[[], Person]
YEAR = "/buero/sitzungen/jahr"
LINE = re.compile(r'<input [^>]*id="dates-[^>]*>')
INVITATION = re.compile(r'Einladung spätestens</dt><dd[^>]*><time datetime="([^"]+)">')
QUARTERS: dict[str, Any] = {
    "rhythm": "months",
    "ordinal": "2",
    "weekday": "2",
    "months": ["3", "6", "9", "12"],
    "year": "2027",
    "starts": "18:00",
    "ends": "20:00",
    "place": "Saal der Schule",
    "land": "NI",
    "invitation_days": "14",
}
DAYS = ("10.03.2027", "09.06.2027", "08.09.2027", "08.12.2027")


def lines(page: str) -> dict[str, str]:
    """The dates as their fields stand on the page, left out ones ticked."""
    found = {}
    for field in LINE.findall(page):
        attributes = dict(ATTRIBUTE.findall(field))
        if attributes["type"] != "checkbox":
            found[attributes["name"]] = attributes["value"]
        elif " checked" in field:
            found[attributes["name"]] = "true"
    return found


async def proposed(office: Person, **change: Any) -> httpx.Response:
    answer = await office.post(YEAR, QUARTERS | change | {"turn": "propose"})
    assert answer.status_code == 200, answer.text
    return answer


async def press(office: Person, page: httpx.Response, turn: str, **change: str) -> httpx.Response:
    """Press a button of the page that lists the dates, or of the check page."""
    filled = hidden(page.text) | lines(page.text) | change
    return await office.http.post(YEAR, data=filled | {"turn": turn})


async def days_planned(service: Service) -> list[str]:
    async with service.db.read() as session:
        found = await session.scalars(select(Session.starts_at).order_by(Session.starts_at))
        return [at.isoformat() for at in found]


async def test_four_sessions_are_proposed_checked_and_planned_in_one_act(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    page = await proposed(office)
    assert [lines(page.text)[f"dates-{n}-day"] for n in range(4)] == [
        "10.3.2027",
        "9.6.2027",
        "8.9.2027",
        "8.12.2027",
    ]
    for shown in ("Mittwoch, 10. März 2027", "Mittwoch, 24. Februar 2027"):
        assert shown in page.text
    checked = await press(office, page, "check")
    assert checked.status_code == 200
    assert "Mittwoch, 24. November 2027" in checked.text
    assert await days_planned(meetings) == []
    done = await press(office, checked, "save")
    assert done.status_code == 303, done.text
    assert "4 Sitzungen sind geplant." in (await office.get("/buero/sitzungen")).text
    events = await told(meetings, "session")
    assert [one["type"] for one in events] == ["stadtteilbote.session.scheduled.v1"] * 4
    assert [(one["data"]["starts_at"], one["data"]["submission_deadline"]) for one in events] == [
        ("2027-03-10T17:00:00Z", "2027-02-24T22:59:59Z"),
        ("2027-06-09T16:00:00Z", "2027-05-26T21:59:59Z"),
        ("2027-09-08T16:00:00Z", "2027-08-25T21:59:59Z"),
        ("2027-12-08T17:00:00Z", "2027-11-24T22:59:59Z"),
    ]
    assert {one["data"]["ends_at"][11:] for one in events} == {"18:00:00Z", "19:00:00Z"}
    async with meetings.db.read() as session:
        trails = select(func.count()).where(Audit.action == "session.plan")
        assert await session.scalar(trails) == 4


async def test_six_in_the_evening_stays_six_on_both_sides_of_the_clock_changes(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    page = await proposed(office, rhythm="weeks", first="27.3.2027", every="1", ends="")
    days = [typed for name, typed in lines(page.text).items() if name.endswith("day")]
    assert len(days) == 40
    keep = {f"dates-{n}-drop": "true" for n in range(len(days))}
    for day in ("27.3.2027", "3.4.2027", "30.10.2027", "6.11.2027"):
        keep.pop(f"dates-{days.index(day)}-drop")
    checked = await press(office, page, "check", **keep)
    assert checked.status_code == 200, checked.text
    assert (await press(office, checked, "save")).status_code == 303
    assert await days_planned(meetings) == [
        "2027-03-27T17:00:00+00:00",
        "2027-04-03T16:00:00+00:00",
        "2027-10-30T16:00:00+00:00",
        "2027-11-06T17:00:00+00:00",
    ]


async def test_pressing_twice_at_once_plans_one_year(person: NewPerson, meetings: Service) -> None:
    office = await person().enter(Role.OFFICE)
    checked = await press(office, await proposed(office), "check")
    answers = await asyncio.gather(press(office, checked, "save"), press(office, checked, "save"))
    assert [one.status_code for one in answers] == [303, 303]
    assert len(await days_planned(meetings)) == 4
    assert len(await told(meetings, "session")) == 4
    other = await press(office, checked, "save", place="Rathaus")
    assert other.status_code == 409
    assert "schon einmal abgeschickt" in other.text
    assert len(await told(meetings, "session")) == 4


async def test_of_two_colleagues_planning_the_same_year_one_is_told_it_is_there(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    mine = await press(office, await proposed(office), "check")
    theirs = await press(office, await proposed(office), "check")
    assert hidden(mine.text)["command_id"] != hidden(theirs.text)["command_id"]
    answers = await asyncio.gather(press(office, mine, "save"), press(office, theirs, "save"))
    assert sorted(one.status_code for one in answers) == [303, 422]
    late = next(one for one in answers if one.status_code == 422)
    assert late.text.count("An diesem Tag ist schon eine Sitzung.") >= 4
    assert len(await days_planned(meetings)) == 4


async def test_one_wrong_date_and_none_is_planned(person: NewPerson, meetings: Service) -> None:
    office = await person().enter(Role.OFFICE)
    page = await proposed(office)
    for wrong, name, sentence in (
        ({"dates-2-day": "10.3.2027"}, "dates-2-day", "Dieser Tag steht schon in der Liste."),
        ({"dates-1-day": "31.6.2027"}, "dates-1-day", "Diesen Tag gibt es nicht."),
        ({"dates-1-day": "1.3.2026"}, "dates-1-day", "Dieser Zeitpunkt ist schon vorbei."),
        ({"dates-3-ends": "17:00"}, "dates-3-ends", "Das Ende muss nach dem Beginn liegen."),
        ({"dates-0-starts": "spät"}, "dates-0-starts", "Schreiben Sie eine Uhrzeit"),
        ({"dates-0-starts": ""}, "dates-0-starts", "Bitte füllen Sie dieses Feld aus."),
        (
            {"dates-0-day": "28.3.2027", "dates-0-starts": "2:30", "dates-0-ends": ""},
            "dates-0-starts",
            "Da beginnt die Sommerzeit.",
        ),
    ):
        for turn in ("check", "save"):
            answer = await press(office, page, turn, **wrong)
            assert answer.status_code == 422, wrong
            assert sentence in answer.text.split(f'id="{name}-error"')[1][:300], wrong
            for field, typed in (lines(page.text) | wrong).items():
                assert lines(answer.text)[field] == typed, (wrong, field)
    assert await days_planned(meetings) == []
    assert await told(meetings, "session") == []


async def test_dates_can_be_changed_and_left_out(person: NewPerson, meetings: Service) -> None:
    office = await person().enter(Role.OFFICE)
    page = await proposed(office)
    change = {"dates-0-day": "16.3.2027", "dates-0-starts": "19:30", "dates-0-ends": "21 Uhr"}
    checked = await press(office, page, "check", **change, **{"dates-2-drop": "true"})
    assert "Dienstag, 16. März 2027" in checked.text
    assert "8. September 2027" not in checked.text
    back = await press(office, checked, "change")
    assert back.status_code == 200
    assert lines(back.text)["dates-2-drop"] == "true"
    assert lines(back.text)["dates-0-starts"] == "19:30"
    again = await press(office, back, "check")
    assert (await press(office, again, "save")).status_code == 303
    assert await days_planned(meetings) == [
        "2027-03-16T18:30:00+00:00",
        "2027-06-09T16:00:00+00:00",
        "2027-12-08T17:00:00+00:00",
    ]


async def test_a_plan_with_every_date_left_out_is_no_plan(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    page = await proposed(office)
    dropped = {f"dates-{n}-drop": "true" for n in range(4)}
    for turn in ("check", "save"):
        answer = await press(office, page, turn, **dropped)
        assert answer.status_code == 422
        assert "Lassen Sie mindestens einen Termin stehen." in answer.text
    without_any = hidden(page.text) | {"turn": "save"}
    assert (await office.http.post(YEAR, data=without_any)).status_code == 422
    assert await told(meetings, "session") == []


async def test_going_back_to_the_pattern_keeps_what_was_typed(person: NewPerson) -> None:
    office = await person().enter(Role.OFFICE)
    page = await proposed(office, note="Mit Tee", land="BY")
    back = await press(office, page, "pattern")
    assert back.status_code == 200
    for typed in ("Mit Tee", "Saal der Schule", 'value="2027"', '<option value="BY" selected>'):
        assert typed in back.text


@pytest.mark.parametrize(
    ("land", "said"), [("NI", "Reformationstag"), ("HB", "Reformationstag"), ("BY", "")]
)
async def test_holidays_are_those_of_the_land(person: NewPerson, land: str, said: str) -> None:
    office = await person().enter(Role.OFFICE)
    page = await proposed(office, ordinal="5", weekday="1", months=["10"], year="2028", land=land)
    assert "31. Oktober 2028" in page.text
    assert ("Dieser Tag ist ein Feiertag" in page.text) == bool(said)
    assert said in page.text
    checked = await press(office, page, "check")
    assert said in checked.text
    assert (await press(office, checked, "save")).status_code == 303


async def test_a_day_with_a_session_is_left_out_and_a_near_one_pointed_out(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    single = {"day": "9.6.2027", "starts": "17:00", "place": "Saal"}
    await office.act("/buero/sitzungen/neu", "save", single)
    await office.act("/buero/sitzungen/neu", "save", single | {"day": "14.9.2027"})
    page = await proposed(office)
    assert [name for name in lines(page.text) if name.endswith("drop")] == ["dates-1-drop"]
    assert page.text.count("An diesem Tag ist schon eine Sitzung.") == 1
    assert page.text.count("ist weniger als eine Woche entfernt.") == 1
    assert "14. September 2027" in page.text
    kept = hidden(page.text) | lines(page.text)
    kept.pop("dates-1-drop")
    refused = await office.http.post(YEAR, data=kept | {"turn": "save"})
    assert refused.status_code == 422
    assert "schon eine Sitzung" in refused.text.split('id="dates-1-day-error"')[1][:300]
    checked = await press(office, page, "check")
    assert (await press(office, checked, "save")).status_code == 303
    assert len(await days_planned(meetings)) == 5


async def test_a_cancelled_session_leaves_its_day_free(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    await office.act(
        "/buero/sitzungen/neu", "save", {"day": "9.6.2027", "starts": "17:00", "place": "Saal"}
    )
    [planned] = await told(meetings, "session.scheduled")
    path = f"/buero/sitzungen/{planned['subject']}/absagen"
    await office.act(path, "save", {"reason": "Sturm"})
    page = await proposed(office)
    assert "dates-1-drop" not in lines(page.text)
    checked = await press(office, page, "check")
    assert (await press(office, checked, "save")).status_code == 303


async def test_deadlines_follow_the_rules_of_each_day(person: NewPerson, meetings: Service) -> None:
    office = await person().enter(Role.OFFICE)
    later = {
        "name": "Freunde Westhagens",
        "place": "Saal",
        "submission_days_before": "21",
        "on_postponement": "again",
        "holds_from": "1.7.2027",
    }
    assert (await office.post("/buero/sitzungen/gremium", later)).status_code == 303
    checked = await press(office, await proposed(office), "check")
    assert (await press(office, checked, "save")).status_code == 303
    events = await told(meetings, "session")
    assert [one["data"]["submission_deadline"][:10] for one in events] == [
        "2027-02-24",
        "2027-05-26",
        "2027-08-18",
        "2027-11-17",
    ]


@pytest.mark.parametrize(
    ("wrong", "name", "sentence"),
    [
        ({"months": []}, "months", "Bitte füllen Sie dieses Feld aus."),
        ({"year": ""}, "year", "Bitte füllen Sie dieses Feld aus."),
        ({"year": "2020"}, "year", "Davon liegt kein Tag mehr vor uns."),
        ({"year": "bald"}, "year", "Schreiben Sie eine Zahl"),
        ({"starts": ""}, "starts", "Bitte füllen Sie dieses Feld aus."),
        ({"place": ""}, "place", "Bitte füllen Sie dieses Feld aus."),
        ({"invitation_days": ""}, "invitation_days", "Bitte füllen Sie dieses Feld aus."),
        ({"invitation_days": "91"}, "invitation_days", "Die Zahl darf höchstens 90 sein."),
        ({"land": "XX"}, "land", "Bitte wählen Sie eine der Möglichkeiten."),
        ({"rhythm": ""}, "rhythm", "Bitte füllen Sie dieses Feld aus."),
        ({"rhythm": "weeks"}, "first", "Bitte füllen Sie dieses Feld aus."),
        ({"rhythm": "weeks"}, "every", "Bitte füllen Sie dieses Feld aus."),
        (
            {"rhythm": "weeks", "first": "1.2.2027", "every": "0"},
            "every",
            "Die Zahl muss mindestens 1 sein.",
        ),
        (
            {"rhythm": "weeks", "first": "1.2.2020", "every": "6"},
            "first",
            "Davon liegt kein Tag mehr vor uns.",
        ),
    ],
)
async def test_an_incomplete_pattern_is_explained_beside_its_field(
    person: NewPerson, wrong: dict[str, Any], name: str, sentence: str
) -> None:
    office = await person().enter(Role.OFFICE)
    answer = await office.post(YEAR, QUARTERS | wrong | {"turn": "propose"})
    assert answer.status_code == 422
    assert sentence in answer.text.split(f'id="{name}-error"')[1][:300]
    assert "Saal der Schule" in answer.text or name == "place"


async def test_in_a_running_year_only_days_to_come_are_proposed(person: NewPerson) -> None:
    office = await person().enter(Role.OFFICE)
    page = await proposed(office, year="2026", months=["1", "3", "6"], starts="9:00")
    days = [value for name, value in lines(page.text).items() if name.endswith("day")]
    assert days == ["11.3.2026", "10.6.2026"]
    assert "Sie ist schon vorbei." in page.text


async def invited_by(office: Person) -> list[str]:
    """What the office reads on the page of each session, earliest first."""
    async with office.service.db.read() as session:
        found = (await session.scalars(select(Session).order_by(Session.starts_at))).all()
    pages = [(await office.get(f"/buero/sitzungen/{one.id}")).text for one in found]
    shown = [INVITATION.search(page) for page in pages]
    return [found[1] if found else "" for found in shown]


async def test_the_notice_period_is_computed_once_shown_and_holds_for_single_sessions_too(
    person: NewPerson, meetings: Service, clock: SetClock
) -> None:
    office = await person().enter(Role.OFFICE)
    single = {"day": "12.1.2027", "starts": "17:00", "place": "Saal"}
    await office.act("/buero/sitzungen/neu", "save", single)
    assert await invited_by(office) == [""]
    assert 'name="invitation_days" type="text" value="14"' in (await office.get(YEAR)).text
    page = await proposed(office, invitation_days="10")
    for shown in ("Sonntag, 28. Februar 2027", "Sonntag, 28. November 2027"):
        assert shown in page.text
    checked = await press(office, page, "check")
    assert "Sonntag, 28. Februar 2027" in checked.text
    assert (await press(office, checked, "save")).status_code == 303
    planned = ["", "2027-02-28", "2027-05-30", "2027-08-29", "2027-11-28"]
    assert await invited_by(office) == planned
    clock.forward(days=1)
    await office.sign_in()
    assert 'name="invitation_days" type="text" value="10"' in (await office.get(YEAR)).text
    await office.act("/buero/sitzungen/neu", "save", single | {"day": "19.1.2028"})
    later = await proposed(office, year="2028", invitation_days="7", months=["6"])
    assert (await press(office, await press(office, later, "check"), "save")).status_code == 303
    assert await invited_by(office) == [*planned, "2028-01-09", "2028-06-07"]


async def test_a_postponed_session_gets_another_day_to_invite_on(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    page = await proposed(office, months=["6"], invitation_days="7")
    assert (await press(office, await press(office, page, "check"), "save")).status_code == 303
    [planned] = await told(meetings, "session")
    path = f"/buero/sitzungen/{planned['subject']}/verschieben"
    moved = {"day": "16.6.2027", "starts": "18:00", "place": "Saal", "reason": "room"}
    assert "Mittwoch, 9. Juni 2027" in (await office.post(path, moved)).text
    await office.act(path, "save", moved)
    assert await invited_by(office) == ["2027-06-09"]


async def test_without_a_session_ahead_the_office_is_offered_the_year(
    person: NewPerson, clock: SetClock
) -> None:
    office = await person().enter(Role.OFFICE)
    assert 'href="/buero/sitzungen/jahr"' in (await office.get("/buero/sitzungen")).text
    listed = (await office.get("/buero/sitzungen")).text.split('class="sb-empty')[1]
    assert "Das Jahr planen" in listed
    checked = await press(office, await proposed(office), "check")
    await press(office, checked, "save")
    assert 'class="sb-empty' not in (await office.get("/buero/sitzungen")).text


async def test_only_the_office_plans_a_year(person: NewPerson, meetings: Service) -> None:
    for role in (Role.AUDITOR, Role.MEMBER, Role.PAYER):
        other = await person().enter(role)
        assert (await other.get(YEAR)).status_code == 403
    assert await told(meetings, "session") == []


async def test_the_lists_ask_the_same_few_questions_however_many_sessions_there_are(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    seen: list[str] = []
    event.listen(
        getattr(meetings.db._reading, "sync_engine"),  # noqa: B009 - the option engine has it, its stub does not
        "before_cursor_execute",
        lambda *said: seen.append(said[2]),
    )

    async def questions(path: str) -> int:
        seen.clear()
        assert (await office.get(path)).status_code == 200
        return len(seen)

    empty = [await questions(path) for path in ("/buero/sitzungen", "/sitzungen")]
    page = await proposed(office, rhythm="weeks", first="5.1.2027", every="1", ends="")
    checked = await press(office, page, "check")
    assert (await press(office, checked, "save")).status_code == 303
    assert len(await days_planned(meetings)) == 52
    full = [await questions(path) for path in ("/buero/sitzungen", "/sitzungen")]
    assert full == empty
    assert max(full) <= 8
    seen.clear()
    await proposed(office, year="2028", months=[str(month) for month in range(1, 13)])
    assert len([one for one in seen if "FROM sessions" in one]) <= 3
