"""Registering in public, one's own page, and the office's list, table and paper for the door."""

import csv
import io
from collections.abc import Callable
from io import BytesIO
from uuid import uuid4

import pytest
from pypdf import PdfReader

from services.meetings import registration_links
from shared.clock import SetClock
from shared.events.people import Link
from shared.roles import Role
from shared.sealed import Sealed
from shared.service import Service
from tests.meetings.occasions import (
    WALK,
    announced,
    everybody,
    one,
    registered,
    walk,
    wish,
)
from tests.meetings.people import Person, hidden, told
from tests.support.services import ORIGIN

NewPerson = Callable[[], Person]
ADA = {"name": "Ada Lovelace", "contact": "ada@example.org", "people": "2", "needs": "Rollstuhl"}


async def own_path(service: Service, kind: str = "registration.confirmed") -> str:
    event = (await told(service, kind))[-1]
    link = await service.seals.open(Sealed(**event["data"]["link"]), Link)
    assert link is not None
    return link.url.removeprefix(ORIGIN)


async def test_somebody_registers_with_a_name_one_contact_and_a_number(
    person: NewPerson, meetings: Service
) -> None:
    occasion_id, resident = await announced(meetings), person()
    form = (await resident.get(f"/termine/{occasion_id}/anmelden")).text
    assert "14 Tage nach dem Termin löschen wir sie." in form
    assert "Auf der Warteliste geht es der Reihe nach" in form
    done = await resident.post(f"/termine/{occasion_id}/anmelden", ADA)
    assert done.status_code == 303
    assert done.headers["location"] == f"/termine/{occasion_id}/danke?weg=mail"
    [kept] = await everybody(meetings, occasion_id)
    assert (kept.name, kept.email, kept.people, kept.needs) == (
        "Ada Lovelace",
        "ada@example.org",
        2,
        "Rollstuhl",
    )
    assert "Postfach" in (await resident.get(done.headers["location"])).text


async def test_a_known_address_gets_the_same_answer_as_an_unknown_one(
    person: NewPerson, meetings: Service
) -> None:
    occasion_id = await announced(meetings, walk(places=3))
    path, first, second = f"/termine/{occasion_id}/anmelden", person(), person()
    fresh = await first.post(path, ADA)
    known = await second.post(path, ADA | {"name": "Eve", "people": "1"})
    assert (known.status_code, known.headers["location"]) == (303, fresh.headers["location"])
    assert known.headers.get_list("set-cookie") == []
    pages = [(await who.get(fresh.headers["location"])).text for who in (first, second)]
    assert "Ada" not in pages[1]
    assert len(await everybody(meetings, occasion_id)) == 1
    public = (await second.get(f"/termine/{occasion_id}")).text
    assert "Lovelace" not in public
    assert "ada@example.org" not in public


WRONG = (
    ({"name": ""}, "Bitte füllen Sie dieses Feld aus."),
    ({"contact": "irgendwas"}, "Schreiben Sie eine E-Mail-Adresse oder eine Telefonnummer."),
    ({"contact": "ada@"}, "Schreiben Sie eine E-Mail-Adresse oder eine Telefonnummer."),
    ({"people": "0"}, "Die Zahl muss mindestens"),
    ({"people": "11"}, "Die Zahl darf höchstens"),
    ({"people": "zwei"}, "Schreiben Sie eine Zahl"),
    ({"name": "Ada\x00"}, "Darin ist ein Zeichen"),
    ({"needs": "x" * 501}, "Das ist zu lang."),
)


@pytest.mark.parametrize(("wrong", "sentence"), WRONG)
async def test_wrong_input_is_explained_and_kept(
    person: NewPerson, meetings: Service, wrong: dict[str, str], sentence: str
) -> None:
    occasion_id, resident = await announced(meetings), person()
    answer = await resident.post(f"/termine/{occasion_id}/anmelden", ADA | wrong)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert ("Rollstuhl" if "needs" not in wrong else "Ada Lovelace") in answer.text
    assert await everybody(meetings, occasion_id) == []


async def test_a_full_occasion_offers_its_waiting_list_or_says_there_is_none(
    person: NewPerson, meetings: Service
) -> None:
    queue = await announced(meetings, walk(places=1))
    none = await announced(meetings, walk(places=1, waiting_list=False))
    for occasion_id in (queue, none):
        await registered(meetings, occasion_id, wish("Bo"))
    resident = person()
    full = (await resident.get(f"/termine/{queue}")).text
    assert "Auf die Warteliste" in full
    closed = (await resident.get(f"/termine/{none}")).text
    assert "Eine Warteliste gibt es nicht." in closed
    assert f"/termine/{none}/anmelden" not in closed
    refused = await resident.post(f"/termine/{none}/anmelden", ADA)
    assert refused.status_code == 422
    assert "So viele Plätze sind nicht mehr frei." in refused.text
    assert (await resident.post(f"/termine/{queue}/anmelden", ADA)).status_code == 303
    shown = (await resident.get(await own_path(meetings, "registration.waitlisted"))).text
    assert "auf der Warteliste, auf Platz" in shown


async def test_too_many_registrations_from_one_place_have_to_wait(
    person: NewPerson, meetings: Service
) -> None:
    occasion_id, resident = await announced(meetings, walk(places=None)), person()
    path = f"/termine/{occasion_id}/anmelden"
    answers = [
        (await resident.post(path, ADA | {"contact": f"a{n}@example.org"})).status_code
        for n in range(12)
    ]
    assert answers[:10] == [303] * 10
    assert answers[10:] == [429] * 2


async def test_the_own_page_changes_the_number_and_withdraws_only_by_a_button(
    person: NewPerson, meetings: Service
) -> None:
    occasion_id, resident = await announced(meetings, walk(places=3)), person()
    ada = await registered(meetings, occasion_id, wish("Ada", 2))
    path = await own_path(meetings)
    for looked_at in (path, f"{path}/abmelden"):
        assert (await resident.get(looked_at)).status_code == 200
    assert (await one(meetings, ada)).people == 2
    assert (await resident.post(path, {"people": "3"})).status_code == 303
    assert (await one(meetings, ada)).people == 3
    much = await resident.post(path, {"people": "4"})
    assert much.status_code == 422
    assert "So viele Plätze sind nicht mehr frei." in much.text
    bo = await registered(meetings, occasion_id, wish("Bo", 1))
    assert (await resident.post(path, {"people": "2"})).status_code == 303
    assert (await one(meetings, bo)).status == "confirmed"
    assert (await resident.post(f"{path}/abmelden", page=f"{path}/abmelden")).status_code == 303
    assert (await one(meetings, ada)).status == "ended"
    shown = (await resident.get(path)).text
    assert "Sie sind abgemeldet." in shown
    [ended] = await told(meetings, "registration.ended")
    assert ended["data"]["because"] == "withdrawn"


async def test_a_link_nobody_wrote_opens_nothing(person: NewPerson, meetings: Service) -> None:
    occasion_id, resident = await announced(meetings), person()
    ada = await registered(meetings, occasion_id, wish())
    path = registration_links.path(meetings.settings, ada)
    forged = path[:-9] + ("A" if path[-9] != "A" else "B") + path[-8:]
    for wrong in (forged, "/termine/anmeldung/x", f"{path}x"):
        answer = await resident.get(wrong)
        assert answer.status_code == 404
        assert "Ada" not in answer.text
        posted = await resident.post(f"{wrong}/abmelden", page=path)
        assert posted.status_code == 404
    assert (await one(meetings, ada)).status == "confirmed"


async def test_once_it_has_begun_the_own_page_only_shows(
    person: NewPerson, meetings: Service, clock: SetClock
) -> None:
    occasion_id, resident = await announced(meetings), person()
    await registered(meetings, occasion_id, wish())
    path = await own_path(meetings)
    clock.set(WALK.starts_at)
    shown = (await resident.get(path)).text
    assert "Ich komme nicht" not in shown
    late = await resident.post(path, {"people": "1"}, page=f"/termine/{occasion_id}/anmelden")
    assert late.status_code in (403, 409)
    assert (
        "kann man sich nicht mehr anmelden" in (await resident.get(f"/termine/{occasion_id}")).text
        or "Anmelden kann man sich nicht mehr"
        in (await resident.get(f"/termine/{occasion_id}")).text
    )


async def test_the_office_enters_somebody_by_phone_calls_back_and_ticks_who_came(
    person: NewPerson, meetings: Service
) -> None:
    occasion_id = await announced(meetings, walk(places=3))
    base = f"/buero/termine/{occasion_id}/anmeldungen"
    office = await person().enter(Role.OFFICE)
    typed = {"name": "Bo Yang", "contact": "05361 12 34 56", "people": "3"}
    assert (await office.post(f"{base}/neu", typed)).status_code == 303
    cem = await registered(meetings, occasion_id, wish("Cem", email=None, phone="+495361999999"))
    shown = (await office.get(base)).text
    assert "Sagen Sie: Alle Plätze sind vergeben" in shown
    assert 'href="tel:+495361999999"' in shown
    [bo] = [found for found in await everybody(meetings, occasion_id) if found.name == "Bo Yang"]
    assert (bo.phone, bo.to_call, bo.by_office) == ("+495361123456", None, True)
    version = str((await one(meetings, cem)).version)
    called = await office.post(f"{base}/{cem}/angerufen", {"version": version}, page=base)
    assert called.status_code == 303
    assert (await one(meetings, cem)).to_call is None
    assert (await office.post(f"{base}/{bo.id}", {"people": "2"})).status_code == 303
    assert (await one(meetings, cem)).status == "confirmed"
    assert (await office.post(base, {"here": str(bo.id)})).status_code == 303
    assert [(await one(meetings, who)).arrived for who in (bo.id, cem)] == [True, False]
    assert (await office.post(base, {"here": "unsinn"})).status_code == 303
    assert not (await one(meetings, bo.id)).arrived
    ended = await office.post(f"{base}/{cem}/abmelden", page=f"{base}/{cem}")
    assert ended.status_code == 303
    [event] = await told(meetings, "registration.ended")
    assert event["data"]["because"] == "office"


async def test_the_table_has_no_way_to_reach_anybody_and_no_formula(
    person: NewPerson, meetings: Service
) -> None:
    occasion_id = await announced(meetings)
    await registered(
        meetings, occasion_id, wish("=1+1", email="ada@example.org", needs="Übersetzung")
    )
    office = await person().enter(Role.OFFICE)
    answer = await office.get(f"/buero/termine/{occasion_id}/anmeldungen.csv")
    assert answer.headers["cache-control"] == "private, no-store"
    head, line = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";")
    assert head[:3] == ["Nummer", "Name", "Personen"]
    assert line == ["1", "'=1+1", "1", "Hat einen Platz", "Übersetzung", ""]
    assert "ada@example.org" not in answer.text


async def test_the_door_list_has_everybody_with_a_place_and_nobody_else(
    person: NewPerson, meetings: Service
) -> None:
    occasion_id = await announced(meetings, walk(places=3, door_note="Schlüssel im Büro"))
    await registered(meetings, occasion_id, wish("Zoe", 2, needs="Rollstuhl"))
    await registered(meetings, occasion_id, wish("Ada", 1))
    await registered(meetings, occasion_id, wish("Bo", 1))
    office = await person().enter(Role.OFFICE)
    answer = await office.get(f"/buero/termine/{occasion_id}/tuerliste.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    said = "\n".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages)
    assert said.index("Ada") < said.index("Zoe")
    assert "Schlüssel im Büro" in said
    for absent in ("Bo", "Rollstuhl", "@example.org"):
        assert absent not in said


async def test_the_office_does_the_same_by_api_and_others_cannot(
    person: NewPerson, meetings: Service
) -> None:
    office, resident = await person().enter(Role.OFFICE), person()
    page = await office.get("/buero/termine/neu")
    token = {"X-CSRF-Token": hidden(page.text)["csrf_token"]}
    base = "/api/v1/meetings/occasions"
    plan = {
        "command_id": str(uuid4()),
        "kind": "workshop",
        "title": "Hochbeete bauen",
        "text": "Mit Werkzeug.",
        "place": "Innenhof",
        "starts_at": "2026-05-06T14:00:00Z",
        "registration": True,
        "places": 2,
    }
    made = await office.http.post(base, json=plan, headers=token)
    assert made.status_code == 201, made.text
    occasion_id = made.json()["id"]
    assert (await office.http.post(base, json=plan, headers=token)).json()["id"] == occasion_id
    wrong = await office.http.post(
        base, json=plan | {"command_id": str(uuid4()), "ends_at": plan["starts_at"]}, headers=token
    )
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "#/ends_at")
    assert (await resident.get(f"{base}/{occasion_id}")).status_code == 404
    step = {"command_id": str(uuid4()), "version": 1}
    told_all = await office.http.post(f"{base}/{occasion_id}/announce", json=step, headers=token)
    assert told_all.json()["status"] == "announced"
    read = (await resident.get(f"{base}/{occasion_id}")).json()
    assert (read["free"], read["waiting"]) == (2, 0)
    who = {"command_id": str(uuid4()), "name": "Ada", "contact": "ada@example.org", "people": 2}
    entered = await office.http.post(f"{base}/{occasion_id}/registrations", json=who, headers=token)
    assert (entered.status_code, entered.json()["status"]) == (201, "confirmed")
    full = who | {"command_id": str(uuid4()), "contact": "bo@example.org"}
    refused = await office.http.post(
        f"{base}/{occasion_id}/registrations", json=full, headers=token
    )
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/people")
    listed = (await office.get(f"{base}/{occasion_id}/registrations")).json()
    assert [one["email"] for one in listed["registrations"]] == ["ada@example.org"]
    assert (await resident.get(f"{base}/{occasion_id}/registrations")).status_code == 401
    one_path = f"/api/v1/meetings/registrations/{entered.json()['id']}"
    fewer = {"command_id": str(uuid4()), "people": 1}
    assert (await office.http.post(f"{one_path}/people", json=fewer, headers=token)).json()[
        "people"
    ] == 1
    over = {"command_id": str(uuid4())}
    assert (await office.http.post(f"{one_path}/end", json=over, headers=token)).json()[
        "status"
    ] == "ended"
    version = (await resident.get(f"{base}/{occasion_id}")).json()["version"]
    off = {"command_id": str(uuid4()), "version": version, "reason": "Es stürmt."}
    gone = await office.http.post(f"{base}/{occasion_id}/cancel", json=off, headers=token)
    assert gone.json()["cancelled_because"] == "Es stürmt."
