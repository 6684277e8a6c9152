"""The office's pages about occasions: from the draft to the report, each act looked at before."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from services.meetings.worker import create_worker
from shared.clock import SetClock
from shared.events.meetings import OccasionKind
from shared.roles import Role
from shared.service import Service
from shared.worker import settle
from tests.meetings.occasions import (
    WALK,
    announced,
    cancelled,
    changed,
    planned,
    registered,
    the_occasion,
    walk,
    wish,
)
from tests.meetings.people import Person, hidden, told

NewPerson = Callable[[], Person]
TYPED = {
    "kind": "walk",
    "title": "Rundgang durch das Quartier",
    "text": "Wir schauen uns die neuen Hochbeete an.",
    "place": "Treffpunkt Marktplatz",
    "day": "25.4.2026",
    "starts": "14:00",
    "ends": "16:00",
    "registration": "true",
    "places": "10",
    "reserved": "2",
    "reserved_for": "Kita Regenbogen",
    "register_until": "23.4.2026",
    "waiting_list": "true",
    "door_note": "Schlüssel bei der Hausverwaltung",
}


async def new_draft(office: Person) -> UUID:
    done = await office.act("/buero/termine/neu", "save", TYPED)
    assert done.status_code == 303, done.text
    return UUID(done.headers["location"].rsplit("/", 1)[1])


async def test_a_draft_is_checked_saved_and_seen_by_nobody_else(
    person: NewPerson, meetings: Service
) -> None:
    office, resident = await person().enter(Role.OFFICE), person()
    checked = await office.post("/buero/termine/neu", TYPED)
    assert "Samstag, 25. April 2026" in checked.text
    assert "Noch sieht ihn niemand außer dem Büro." in checked.text
    occasion_id = await new_draft(office)
    kept = await the_occasion(meetings, occasion_id)
    assert kept.starts_at.isoformat() == "2026-04-25T12:00:00+00:00"
    assert kept.register_until is not None
    assert kept.register_until.isoformat() == "2026-04-23T21:59:59+00:00"
    assert (kept.open_places, kept.reminders, kept.waiting_list) == (8, False, True)
    assert await told(meetings, "occasion") == []
    for path in ("", "/termin.ics", "/anmelden", "/danke"):
        assert (await resident.get(f"/termine/{occasion_id}{path}")).status_code == 404
    assert "Rundgang" not in (await resident.get("/termine")).text
    shown = (await office.get(f"/buero/termine/{occasion_id}")).text
    assert "Kita Regenbogen" in shown
    assert "Ankündigen" in shown


async def test_announcing_puts_it_on_every_public_page_without_the_offices_own_notes(
    person: NewPerson, meetings: Service
) -> None:
    office, resident = await person().enter(Role.OFFICE), person()
    occasion_id = await new_draft(office)
    asked = await office.get(f"/buero/termine/{occasion_id}/ankuendigen")
    assert "Alle mit einem Abo für Termine bekommen ein Schreiben." in asked.text
    assert (await the_occasion(meetings, occasion_id)).status == "planned"
    done = await office.post(f"/buero/termine/{occasion_id}/ankuendigen")
    assert done.status_code == 303
    [event] = await told(meetings, "occasion.announced")
    assert (event["audience"], event["subject"]) == ("public", str(occasion_id))
    assert event["data"]["places"] == 10
    pages = [
        (await resident.get(path)).text
        for path in (
            "/termine",
            f"/termine/{occasion_id}",
            f"/api/v1/meetings/occasions/{occasion_id}",
        )
    ]
    assert all("Rundgang durch das Quartier" in page for page in pages)
    for own in ("Kita Regenbogen", "Hausverwaltung"):
        assert own not in " ".join(pages) + str(event)
    assert "8 Plätze sind noch frei." in pages[1].replace(
        '<bdi dir="ltr" class="sb-num">8</bdi>', "8"
    )
    again = await office.post(
        f"/buero/termine/{occasion_id}/ankuendigen", page="/buero/termine/neu"
    )
    assert again.status_code == 409


WRONG = (
    ({"day": "1.3.2026", "register_until": ""}, "Dieser Zeitpunkt ist schon vorbei."),
    ({"ends": "13:00"}, "Das Ende muss nach dem Beginn liegen."),
    ({"register_until": "26.4.2026"}, "Dieser Tag liegt nach dem Termin."),
    ({"reserved": "11"}, "Das sind mehr Plätze, als es gibt."),
    ({"places": "viele"}, "Schreiben Sie eine Zahl"),
    ({"places": "0"}, "Die Zahl muss mindestens"),
    ({"title": ""}, "Bitte füllen Sie dieses Feld aus."),
    ({"title": "x" * 201}, "Das ist zu lang."),
    ({"kind": "party"}, "Bitte wählen Sie eine der Möglichkeiten."),
    ({"day": "29.3.2026", "starts": "2:30", "ends": "", "register_until": ""}, "Sommerzeit"),
)


async def test_wrong_plans_are_explained_next_to_their_field_and_kept(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    for wrong, sentence in WRONG:
        for turn in ("check", "save"):
            answer = await office.post("/buero/termine/neu", TYPED | wrong | {"turn": turn})
            assert answer.status_code == 422, wrong
            assert sentence in answer.text, wrong
            assert "Kita Regenbogen" in answer.text
    assert "Hier stehen Feste" in (await office.get("/buero/termine")).text


async def test_the_check_page_of_a_change_names_how_many_people_get_told(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    occasion_id = await announced(meetings)
    for name in ("Ada", "Bo"):
        await registered(meetings, occasion_id, wish(name, 2))
    path = f"/buero/termine/{occasion_id}/aendern"
    same = await office.post(path, TYPED | {"ends": "17:00"})
    assert "Angemeldete bekommen kein Schreiben" in same.text
    moved = await office.post(path, TYPED | {"place": "Schulhof"})
    assert "Anmeldungen bekommen Bescheid" in moved.text
    assert "Treffpunkt Marktplatz" in moved.text
    done = await office.act(path, "save", TYPED | {"place": "Schulhof"})
    assert done.status_code == 303
    assert len(await told(meetings, "registration.changed")) == 2
    full = await office.post(path, TYPED | {"places": "4", "reserved": "1"})
    assert full.status_code == 422
    assert "haben schon einen Platz" in full.text


async def test_two_colleagues_do_not_overwrite_each_other(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    occasion_id = await announced(meetings)
    path = f"/buero/termine/{occasion_id}/aendern"
    checked = await office.post(path, TYPED | {"place": "Schulhof"})
    assert checked.status_code == 200
    await changed(meetings, occasion_id, place="Rathaus")
    late = await office.http.post(path, data=hidden(checked.text) | {"turn": "save"})
    assert late.status_code == 409
    assert (await the_occasion(meetings, occasion_id)).place == "Rathaus"


async def test_cancelling_names_whom_it_reaches_and_then_says_why_in_public(
    person: NewPerson, meetings: Service
) -> None:
    office, resident = await person().enter(Role.OFFICE), person()
    occasion_id = await announced(meetings)
    await registered(meetings, occasion_id, wish("Ada"))
    path = f"/buero/termine/{occasion_id}/absagen"
    assert (await office.post(path, {"turn": "check"})).status_code == 422
    checked = await office.post(path, {"reason": "Es stürmt.", "turn": "check"})
    assert "Anmeldung bekommt eine Absage." in checked.text
    assert await told(meetings, "occasion.cancelled") == []
    assert (await office.act(path, "save", {"reason": "Es stürmt."})).status_code == 303
    shown = (await resident.get(f"/termine/{occasion_id}")).text
    assert "Dieser Termin fällt aus" in shown
    assert "Es stürmt." in shown
    assert "Fällt aus" in (await resident.get("/termine")).text
    assert (await resident.get(f"/termine/{occasion_id}/anmelden")).status_code == 200
    assert len(await told(meetings, "registration.ended")) == 1
    assert (await office.get(path)).status_code == 409


async def test_afterwards_the_office_tells_how_it_was_and_may_correct_it(
    person: NewPerson, meetings: Service, clock: SetClock
) -> None:
    office, resident = await person().enter(Role.OFFICE), person()
    occasion_id = await announced(meetings)
    path = f"/buero/termine/{occasion_id}/bericht"
    assert (await office.get(path)).status_code == 409
    assert WALK.ends_at is not None
    clock.set(WALK.ends_at)
    await settle(create_worker(meetings))
    await office.sign_in()
    report = {"report": "Sonne, Kuchen, gute Gespräche.", "visitors": "42"}
    wrong = await office.post(path, report | {"report_link": "javascript:alert(1)"})
    assert wrong.status_code == 422
    assert "https://" in wrong.text
    sent = report | {"report_link": "https://stadtteil.example/fotos"}
    assert (await office.post(path, sent)).status_code == 303
    [event] = await told(meetings, "occasion.documented")
    assert (event["data"]["visitors"], event["data"]["path"]) == (42, f"/termine/{occasion_id}")
    shown = (await resident.get(f"/termine/{occasion_id}")).text
    assert "Sonne, Kuchen, gute Gespräche." in shown
    assert 'href="https://stadtteil.example/fotos"' in shown
    assert (await office.post(path, report | {"visitors": "43"})).status_code == 303
    told_twice = await told(meetings, "occasion.documented")
    assert [event["subjectversion"] for event in told_twice] == [2, 3]


async def test_empty_pages_say_what_will_stand_there(person: NewPerson, meetings: Service) -> None:
    office, resident = await person().enter(Role.OFFICE), person()
    assert "Noch ist nichts geplant." in (await office.get("/buero/termine")).text
    assert "Gerade ist nichts angekündigt." in (await resident.get("/termine")).text
    occasion_id = await announced(meetings, walk(registration=False, places=None))
    none = (await office.get(f"/buero/termine/{occasion_id}/anmeldungen")).text
    assert "braucht niemand eine Anmeldung" in none
    assert "Sie brauchen keine Anmeldung." in (await resident.get(f"/termine/{occasion_id}")).text


async def test_the_auditor_reads_everything_and_is_offered_nothing(
    person: NewPerson, meetings: Service
) -> None:
    occasion_id = await announced(meetings)
    await registered(meetings, occasion_id, wish("Bo", email=None, phone="+495361123456"))
    auditor = await person().enter(Role.AUDITOR)
    for path in ("", f"/{occasion_id}", f"/{occasion_id}/anmeldungen"):
        shown = await auditor.get(f"/buero/termine{path}")
        assert shown.status_code == 200
        main = shown.text[shown.text.index("<main") :]
        assert 'method="post"' not in main
        assert "Nur lesen" in main
    for path in ("neu", f"{occasion_id}/aendern", f"{occasion_id}/anmeldungen/neu"):
        assert (await auditor.get(f"/buero/termine/{path}")).status_code == 403


async def test_the_filter_by_kind_lives_in_the_address(
    person: NewPerson, meetings: Service
) -> None:
    await announced(meetings)
    await announced(meetings, walk(kind=OccasionKind.FESTIVAL, title="Sommerfest"))
    resident = person()
    both = (await resident.get("/termine")).text
    assert "/termine?art=feste" in both
    fests = (await resident.get("/termine", art="feste")).text
    assert "Sommerfest" in fests
    assert "Rundgang durch das Quartier" not in fests
    assert "Rundgang durch das Quartier" in (await resident.get("/termine", art="unsinn")).text
    listed = (await resident.get("/api/v1/meetings/occasions", kind="festival")).json()
    assert [one["title"] for one in listed["occasions"]] == ["Sommerfest"]


async def test_long_and_arabic_texts_keep_their_direction_and_markup_stays_text(
    person: NewPerson, meetings: Service
) -> None:
    title = "مهرجان الصيف <b>" + "Donaudampfschifffahrt" * 6
    occasion_id = await announced(
        meetings, walk(title=title, place="<script>", text="سطر\n\nZeile")
    )
    office, resident = await person().enter(Role.OFFICE), person()
    for who, path in (
        (resident, "/termine"),
        (resident, f"/termine/{occasion_id}"),
        (resident, f"/termine/{occasion_id}/anmelden"),
        (office, "/buero/termine"),
        (office, f"/buero/termine/{occasion_id}"),
        (office, f"/buero/termine/{occasion_id}/aendern"),
    ):
        for lang in ("de", "ar"):
            shown = await who.http.get(path, params={"lang": lang})
            assert shown.status_code == 200
            assert "<b>Donau" not in shown.text
            assert "مهرجان الصيف &lt;b&gt;" in shown.text
    page = (await resident.get(f"/termine/{occasion_id}")).text
    assert 'dir="auto">مهرجان' in page
    assert '<p dir="auto">سطر</p>' in page


async def test_a_draft_is_changed_and_given_up_without_a_word(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    occasion_id = await planned(meetings)
    await changed(meetings, occasion_id, starts_at=WALK.starts_at + timedelta(days=1), ends_at=None)
    await cancelled(meetings, occasion_id)
    assert await told(meetings, "occasion") == []
    assert "Rundgang" not in (await person().get("/termine")).text
    assert "Abgesagt" in (await office.get("/buero/termine")).text


async def test_a_festival_of_several_days_is_coming_until_its_last_day_is_over(
    person: NewPerson, meetings: Service, clock: SetClock
) -> None:
    ends = WALK.starts_at + timedelta(days=2)
    await announced(meetings, walk(title="Stadtteilfest", ends_at=ends))
    clock.set(WALK.starts_at + timedelta(days=1))
    resident, base = person(), "/api/v1/meetings/occasions"
    coming = (await resident.get(base)).json()["occasions"]
    past = (await resident.get(base, period="past")).json()["occasions"]
    assert ([one["title"] for one in coming], past) == (["Stadtteilfest"], [])
    assert "Montag, 27. April 2026" in (await resident.get("/termine")).text
    clock.set(ends + timedelta(days=1))
    assert (await resident.get(base)).json()["occasions"] == []
