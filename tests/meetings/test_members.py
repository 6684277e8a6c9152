"""The office's members: taken in, changed, given roles, resting, gone, each told and only once."""

import asyncio
import csv
import io
from collections.abc import Callable
from datetime import date
from typing import Any

import httpx
import pytest
from sqlalchemy import event, func, select

from services.meetings.commands.members import AlreadyThere
from services.meetings.domain.account import Account, Standing
from services.meetings.domain.board import OneVotePer
from services.meetings.domain.member import Member, MemberStatus
from services.meetings.queries.members import units
from services.meetings.store import Audit
from shared.events.people import Contact
from shared.roles import Role
from shared.sealed import Sealed
from shared.service import Service
from tests.meetings.boards import everybody, held, member_of, recorded, rule, said_on
from tests.meetings.people import Person, hidden, told
from tests.meetings.preparation import members

NewPerson = Callable[[], Person]
LIST = "/buero/mitglieder"
AYSE = {
    "name": "Ayşe Demir",
    "email": "ayse@example.org",
    "phone": "05361 1234",
    "language": "en",
    "on": "1.3.2026",
}
POST = {"street": "Kastanienweg 3", "postcode": "38444", "city": "Wolfsburg"}


async def act(office: Person, member_id: object, name: str, **sent: str) -> int:
    path = f"{LIST}/{member_id}/tun/{name}"
    return (await office.post(path, sent)).status_code


async def test_somebody_with_a_signed_sheet_is_on_the_way_and_the_letters_know_how_to_reach_them(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    answer = await office.post(f"{LIST}/neu", AYSE)
    assert answer.status_code == 303
    [member] = await everybody(meetings)
    assert member.status is MemberStatus.DECLARED
    assert (member.declared_on, member.declared_online) == (date(2026, 3, 1), False)
    [event] = await told(meetings, "member.recorded")
    contact = await meetings.seals.open(Sealed(**event["data"]["contact"]), Contact)
    assert contact == Contact(name="Ayşe Demir", email="ayse@example.org", phone="+4953611234")
    assert event["data"]["language"] == "en"
    assert "Ayşe" not in str(event)
    [declared] = await told(meetings, "accession.declared")
    assert declared["data"]["attendances"] == 1
    shown = said_on((await office.get(answer.headers["location"])).text)
    assert "Noch 1 Sitzung bis zum Stimmrecht." in shown
    assert "Vom 1. März 2026, auf Papier." in shown


async def test_pressing_twice_takes_in_one_member(person: NewPerson, meetings: Service) -> None:
    office = await person().enter(Role.OFFICE)
    sent = hidden((await office.get(f"{LIST}/neu")).text) | AYSE
    answers = await asyncio.gather(*(office.http.post(f"{LIST}/neu", data=sent) for _ in "12"))
    assert {answer.status_code for answer in answers} == {303}
    assert len(await everybody(meetings)) == 1
    assert len(await told(meetings, "member.recorded")) == 1


async def test_nobody_is_taken_in_twice_and_families_may_share_a_mailbox(
    meetings: Service,
) -> None:
    home: dict[str, Any] = {"street": "Weg 1", "postcode": "38444", "city": "Ort"}
    await recorded(meetings, "Ada Lovelace", email="ada@example.org", **home)
    await recorded(meetings, "Bo Lovelace", email="ada@example.org", **home)
    with pytest.raises(AlreadyThere):
        await recorded(meetings, "ada  lovelace", email="Ada@example.org", **home)
    await recorded(meetings, "Cem Yilmaz", email="", **home)
    with pytest.raises(AlreadyThere):
        await recorded(meetings, "Cem Yilmaz", email="", **home)
    async with meetings.db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Member)) == 3


async def test_without_a_sheet_somebody_is_a_guest_until_it_comes(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    await office.post(f"{LIST}/neu", AYSE | {"on": ""})
    [member] = await everybody(meetings)
    assert member.status is MemberStatus.GUEST
    assert await act(office, member.id, "beitritt", on="3.3.2026") == 422
    assert await act(office, member.id, "beitritt", on="2.3.2026") == 303
    assert (await member_of(meetings, member.id)).status is MemberStatus.DECLARED


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"name": ""}, "name", "Bitte füllen Sie dieses"),
        ({"email": "keine"}, "email", "E-Mail-Adresse"),
        ({"email": ""}, "email", "Schreiben Sie eine E-Mail-Adresse oder eine Postadresse."),
        ({"email": "", "street": "Weg 1"}, "postcode", "Das fehlt noch in der Postadresse."),
        ({"on": "3.3.2026"}, "on", "Dieser Tag kommt erst noch."),
        ({"on": "gestern"}, "on", "Datum"),
        ({"phone": "12"}, "phone", ""),
        ({"language": "xx"}, "language", ""),
    ],
)
async def test_what_cannot_be_is_said_beside_its_field_and_everything_typed_is_kept(
    person: NewPerson, meetings: Service, wrong: dict[str, str], field: str, sentence: str
) -> None:
    office = await person().enter(Role.OFFICE)
    answer = await office.post(f"{LIST}/neu", AYSE | wrong)
    assert answer.status_code == 422
    said = answer.text.split(f'id="{field}-error"')[1][:300]
    assert sentence in said
    assert ("Ayşe Demir" in answer.text) == ("name" not in wrong)
    assert await everybody(meetings) == []


async def test_who_has_no_mailbox_is_marked_and_gets_no_account(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    answer = await office.post(f"{LIST}/neu", AYSE | {"email": ""} | POST)
    [member] = await everybody(meetings)
    assert (member.email, member.city) == (None, "Wolfsburg")
    shown = (await office.get(answer.headers["location"])).text
    assert "Nur Post" in shown
    assert "Kastanienweg 3, 38444 Wolfsburg" in shown
    assert "Konto anlegen" not in shown
    assert "Nur Post" in (await office.get(LIST, liste="unterwegs")).text
    assert await act(office, member.id, "konto") == 422


async def test_a_new_address_is_told_and_found_when_somebody_is_erased(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    ayse = await recorded(meetings, "Ayşe Demir")
    path = f"{LIST}/{ayse}/aendern"
    answer = await office.post(path, {"name": "Ayşe Yıldız", "email": "neu@example.org"})
    assert answer.status_code == 303
    event = (await told(meetings, "member.recorded"))[-1]
    contact = await meetings.seals.open(Sealed(**event["data"]["contact"]), Contact)
    assert contact == Contact(name="Ayşe Yıldız", email="neu@example.org")
    other = await meetings.seals.person(email="NEU@example.org")
    assert (await member_of(meetings, ayse)).person_id in await meetings.seals.erase(other)


async def test_two_offices_at_once_overwrite_nothing_unseen(
    person: NewPerson, meetings: Service
) -> None:
    one = await person().enter(Role.OFFICE, email="one@example.org")
    two = await person().enter(Role.OFFICE, email="two@example.org")
    ayse = await recorded(meetings, "Ayşe Demir", declared=date(2026, 3, 1))
    path = f"{LIST}/{ayse}/aendern"
    forms = [hidden((await each.get(path)).text) for each in (one, two)]
    answers = await asyncio.gather(
        *(
            each.http.post(path, data=form | {"name": f"Ayşe {n}", "email": "ayse@example.org"})
            for n, (each, form) in enumerate(zip((one, two), forms, strict=True))
        )
    )
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    assert len(await told(meetings, "member.recorded")) == 2


async def test_an_account_of_the_same_address_is_theirs(
    person: NewPerson, meetings: Service
) -> None:
    account = await person().become(Role.MEMBER, email="ayse@example.org")
    ayse = await recorded(meetings, "Ayşe Demir")
    assert (await member_of(meetings, ayse)).account_id == account.account_id
    ben = await recorded(meetings, "Ben Demir", email="ayse@example.org")
    assert (await member_of(meetings, ben)).account_id is None


async def test_the_office_opens_an_account_for_a_member_and_leaving_closes_it(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    ayse = await recorded(meetings, "Ayşe Demir", declared=date(2026, 3, 1))
    for _click in range(2):
        assert await act(office, ayse, "konto") == 303
    member = await member_of(meetings, ayse)
    invited = await told(meetings, "account.invited")
    assert [one["subject"] for one in invited].count(str(member.account_id)) == 1
    assert await act(office, ayse, "austritt", on="2.3.2026") == 303
    async with meetings.db.read() as session:
        account = await session.get_one(Account, member.account_id)
    assert (account.roles, account.standing) == (["member"], Standing.DEACTIVATED)
    [left] = await told(meetings, "member.left")
    assert left["data"]["member_id"] == str(ayse)
    assert await act(office, ayse, "austritt", on="2.3.2026") == 409


async def test_an_auditor_who_joins_the_board_is_both_until_they_leave(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    auditor = await person().become(Role.AUDITOR, email="ayse@example.org")
    ayse = await recorded(meetings, "Ayşe Demir", declared=date(2026, 3, 1))
    assert "Mein Gremium" in (await signed_in(auditor)).text
    assert await act(office, ayse, "austritt", on="2.3.2026") == 303
    assert (await auditor.get("/buero/mitglieder")).status_code == 303
    assert "Mein Gremium" not in (await signed_in(auditor)).text


async def signed_in(someone: Person) -> httpx.Response:
    await someone.sign_in()
    return await someone.get("/buero/mitglieder")


async def test_a_second_member_of_one_mailbox_is_told_to_bring_their_own(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    ayse = await recorded(meetings, "Ayşe Demir")
    ben = await recorded(meetings, "Ben Demir", email="ayse@example.org")
    assert await act(office, ayse, "konto") == 303
    answer = await office.post(f"{LIST}/{ben}/tun/konto")
    assert answer.status_code == 422
    assert "meldet sich schon ein anderes Mitglied an" in answer.text


async def test_the_office_lets_the_vote_rest_and_gives_it_back(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    ayse = await recorded(meetings, "Ayşe Demir", declared=date(2026, 3, 1))
    assert await act(office, ayse, "ruhen") == 409
    assert await act(office, ayse, "stimmrecht") == 303
    assert await act(office, ayse, "ruhen") == 303
    assert (await member_of(meetings, ayse)).status is MemberStatus.SUSPENDED
    shown = (await office.get(f"{LIST}/{ayse}")).text
    assert "Das Büro hat es so eingetragen." in shown
    assert await act(office, ayse, "stimmrecht") == 303
    joined = await told(meetings, "member.joined")
    assert [one["data"]["because"] for one in joined] == ["office", "office"]
    [rests] = await told(meetings, "member.suspended")
    assert rests["data"]["because"] == "office"
    versions = [one["subjectversion"] for one in await told(meetings, "member.")]
    assert len(set(versions)) == len(versions)


async def test_roles_are_for_who_may_vote_and_end_with_leaving(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    ayse = await recorded(meetings, "Ayşe Demir", declared=date(2026, 3, 1))
    page, path = f"{LIST}/{ayse}", f"{LIST}/{ayse}/aufgaben"
    assert "Aufgaben speichern" not in (await office.get(page)).text
    await act(office, ayse, "stimmrecht")
    answer = await office.post(path, {"roles": ["chair", "minutes"]}, page=page)
    assert answer.status_code == 303
    member = await member_of(meetings, ayse)
    assert member.runs_sessions
    assert "Vorsitz, Protokoll" in (await office.get(page)).text
    assert (await office.post(path, {"roles": ["king"]}, page=page)).status_code == 422
    await act(office, ayse, "austritt", on="2.3.2026")
    assert (await member_of(meetings, ayse)).roles == []


async def test_a_declaration_is_enough_where_the_rule_says_so(meetings: Service) -> None:
    await rule(meetings, earned_after=0)
    ayse = await recorded(meetings, "Ayşe Demir", declared=date(2026, 3, 1))
    assert (await member_of(meetings, ayse)).may_vote
    events = [one["type"].split(".")[1] for one in await told(meetings)]
    assert events == ["member", "accession", "member"]


async def test_four_lists_with_why_and_a_search(person: NewPerson, meetings: Service) -> None:
    await rule(meetings, lost_after=1)
    ayse = await recorded(meetings, "Ayşe Demir", declared=date(2026, 3, 1))
    ben = await recorded(meetings, "Ben Kruse", declared=date(2026, 3, 1))
    await recorded(meetings, "Gast Hansen")
    await held(meetings, "2026-03-11", there=[ayse, ben])
    await held(meetings, "2026-04-08", there=[ayse])
    office = await person().enter(Role.OFFICE)
    active = said_on((await office.get(LIST)).text)
    assert "Ayşe Demir" in active
    assert "2 von 2" in active
    assert "Ben Kruse" not in active
    rests = said_on((await office.get(LIST, liste="ruht")).text)
    assert "Ben Kruse" in rests
    assert "1 Mal unentschuldigt gefehlt" in rests
    assert "Gast Hansen" in (await office.get(LIST, liste="unterwegs")).text
    assert "Bis jetzt ist das niemand" in (await office.get(LIST, liste="ausgetreten")).text
    assert "Ayşe Demir" in (await office.get(LIST, suche="demir")).text
    assert "niemanden" in (await office.get(LIST, suche="xyz")).text


async def test_the_office_excuses_somebody_afterwards(person: NewPerson, meetings: Service) -> None:
    ayse = await recorded(meetings, "Ayşe Demir", declared=date(2026, 3, 1))
    session_id = await held(meetings, "2026-03-11")
    office = await person().enter(Role.OFFICE)
    page, path = f"{LIST}/{ayse}", f"{LIST}/{ayse}/entschuldigt"
    assert "Hat gefehlt" in (await office.get(page)).text
    sent = {"session_id": str(session_id), "excused": "true"}
    assert (await office.post(path, sent, page=page)).status_code == 303
    shown = said_on((await office.get(page)).text)
    assert "0 von 1 Sitzung da, 1 Mal entschuldigt, 0 Mal gefehlt." in shown


async def test_units_are_made_renamed_and_shown_with_their_members(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    path = f"{LIST}/einheiten"
    assert (await office.post(path, {"kind": "institution", "name": "Kita"})).status_code == 303
    again = await office.post(path, {"kind": "institution", "name": "kita"})
    assert again.status_code == 422
    assert "Diesen Namen gibt es schon." in again.text
    async with meetings.db.read() as session:
        [(unit, _members)] = await units(session)
    await office.post(f"{path}/{unit.id}", {"name": "Kita Sonne"})
    await rule(meetings, one_vote_per=OneVotePer.INSTITUTION)
    ayse = await recorded(meetings, "Ayşe Demir", unit_id=unit.id)
    ben = await recorded(meetings, "Ben Kruse", unit_id=unit.id)
    shown = (await office.get(path)).text
    assert "Kita Sonne" in shown
    assert "2 Mitglieder" in shown
    assert "Jede Institution hat nur eine Stimme." in shown
    for member_id in (ayse, ben):
        await act(office, member_id, "beitritt", on="2.3.2026")
        await act(office, member_id, "stimmrecht")
    assert "Kita Sonne hat nur eine Stimme" in (await office.get(f"{LIST}/{ayse}")).text


async def test_an_auditor_reads_everything_and_changes_nothing(
    person: NewPerson, meetings: Service
) -> None:
    ayse = await recorded(meetings, "Ayşe Demir", declared=date(2026, 3, 1))
    auditor = await person().enter(Role.AUDITOR)
    for path in (LIST, f"{LIST}/{ayse}", f"{LIST}/einheiten", f"{LIST}/export.csv"):
        answer = await auditor.get(path)
        assert answer.status_code == 200
        assert "Aufnehmen" not in answer.text
    assert "Nur lesen" in (await auditor.get(f"{LIST}/{ayse}")).text
    for path in (f"{LIST}/neu", f"{LIST}/{ayse}/tun/ruhen", f"{LIST}/{ayse}/loeschen"):
        assert (await auditor.get(path)).status_code == 403


async def test_the_table_is_a_list_for_a_spreadsheet_and_runs_no_formula(
    person: NewPerson, meetings: Service
) -> None:
    await recorded(meetings, "=HYPERLINK(1)", email="x@example.org")
    office = await person().enter(Role.OFFICE)
    answer = await office.get(f"{LIST}/export.csv")
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    assert rows[0][:3] == ["Name", "Stand", "Stimmrecht"]
    assert rows[1][0] == "'=HYPERLINK(1)"
    assert rows[1][1] == "Gast"
    async with meetings.db.read() as session:
        noted = await session.scalar(select(Audit).where(Audit.action == "member.export"))
    assert noted is not None
    assert noted.details == {"rows": 1}


async def test_the_trail_names_nobody(person: NewPerson, meetings: Service) -> None:
    office = await person().enter(Role.OFFICE)
    await office.post(f"{LIST}/neu", AYSE)
    [member] = await everybody(meetings)
    await act(office, member.id, "stimmrecht")
    async with meetings.db.read() as session:
        entries = (await session.scalars(select(Audit))).all()
    assert {"member.record", "member.restore"} <= {one.action for one in entries}
    assert "Ayşe" not in str([one.details for one in entries])
    assert "ayse@example.org" not in str([one.details for one in entries])


async def test_the_list_of_two_hundred_members_costs_no_more_statements(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    await members(meetings, 3, name="Erst")
    few = await _statements(meetings, office)
    await members(meetings, 200, name="Dann")
    assert await _statements(meetings, office) == few < 20


async def _statements(service: Service, office: Person) -> int:
    sent = list[str]()

    def count(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        sent.append(statement)

    engine = service.db.engine.sync_engine
    event.listen(engine, "before_cursor_execute", count)
    assert (await office.http.get(LIST)).status_code == 200
    event.remove(engine, "before_cursor_execute", count)
    return len(sent)
