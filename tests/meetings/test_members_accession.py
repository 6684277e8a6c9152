"""Declaring to belong on the web: kept with its words, the same answer for all, no account, no vote."""

import asyncio
from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select

from services.meetings.domain.accession import Accession
from services.meetings.domain.account import Account
from services.meetings.domain.member import MemberStatus
from shared.clock import SetClock
from shared.roles import Role
from shared.service import Service
from tests.meetings.boards import everybody, held, member_of, recorded, rule
from tests.meetings.people import Person, hidden, told

NewPerson = Callable[[], Person]
PAGE = "/gremium/beitreten"
THANKS = "/gremium/beitreten/danke"
CEM = {
    "name": "Cem Öztürk",
    "email": "cem@example.org",
    "phone": "05361 77",
    "language": "de",
    "institution": "Nachbarschaftsverein",
    "agreed": "true",
}
POST = {"street": "Kastanienweg 3", "postcode": "38444", "city": "Wolfsburg"}


async def accessions(service: Service) -> list[Accession]:
    async with service.db.read() as session:
        return list(await session.scalars(select(Accession)))


async def test_a_declaration_is_kept_with_its_words_and_waits_for_the_office(
    person: NewPerson, meetings: Service, clock: SetClock
) -> None:
    answer = await person().post(PAGE, CEM | {"phone": "05361 77123"})
    assert answer.headers["location"] == THANKS
    [member], [accession] = await everybody(meetings), await accessions(meetings)
    assert member.status is MemberStatus.DECLARED
    assert (member.declared_on, member.declared_online) == (date(2026, 3, 2), True)
    assert accession.declared_at == clock.now()
    assert accession.text.startswith("Ich möchte Mitglied im Gremium")
    assert (accession.institution, accession.seen_at) == ("Nachbarschaftsverein", None)
    [event] = await told(meetings, "accession.declared")
    assert (event["data"]["online"], event["data"]["attendances"]) == (True, 1)
    assert "Cem" not in str(event)
    async with meetings.db.read() as session:
        assert (await session.scalars(select(Account))).all() == []
    office = await person().enter(Role.OFFICE)
    assert "Nachbarschaftsverein" in (await office.get("/buero/mitglieder")).text
    path = f"/buero/mitglieder/{member.id}"
    assert "Ich möchte Mitglied im Gremium" in (await office.get(path)).text
    assert (await office.post(f"{path}/tun/gesehen")).status_code == 303
    assert "Neu beigetreten" not in (await office.get("/buero/mitglieder")).text


async def test_it_thanks_and_says_what_comes_next(person: NewPerson, meetings: Service) -> None:
    await rule(meetings, earned_after=3)
    shown = (await person().get(THANKS)).text
    assert "Wir melden uns bei Ihnen" in shown
    assert "3. Sitzung dürfen Sie abstimmen" in shown


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"email": "keine"}, "email"),
        ({"email": ""}, "email"),
        ({"email": "", "street": "Weg 1", "city": "Wolfsburg"}, "postcode"),
        ({"agreed": ""}, "agreed"),
        ({"language": "klingon"}, "language"),
        ({"phone": "nie"}, "phone"),
        ({"institution": "a\x00b"}, "institution"),
    ],
)
async def test_a_bad_form_is_explained_and_kept_and_changes_nothing(
    person: NewPerson, meetings: Service, wrong: dict[str, str], field: str
) -> None:
    answer = await person().post(PAGE, CEM | {"phone": "05361 77123"} | wrong)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert ("Cem Öztürk" in answer.text) == ("name" not in wrong)
    assert await everybody(meetings) == []
    assert await told(meetings, "accession") == []


async def test_by_post_alone_is_enough(person: NewPerson, meetings: Service) -> None:
    sent = CEM | {"email": "", "phone": ""} | POST
    assert (await person().post(PAGE, sent)).status_code == 303
    assert (await person().post(PAGE, sent)).status_code == 303
    [member] = await everybody(meetings)
    assert (member.email, member.postcode) == (None, "38444")


async def test_whoever_belongs_already_gets_the_same_answer_and_stays_as_they_are(
    person: NewPerson, meetings: Service
) -> None:
    known = await recorded(meetings, "Cem Öztürk", declared=date(2026, 3, 1), phone="+49111222")
    events = len(await told(meetings))
    sent = CEM | {"phone": "", "email": "CEM@example.org", "name": "cem  öztürk"}
    answer = await person().post(PAGE, sent)
    assert (answer.status_code, answer.headers["location"]) == (303, THANKS)
    assert len(await told(meetings)) == events
    member = await member_of(meetings, known)
    assert (member.phone, member.declared_online) == ("+49111222", False)


async def test_a_guest_who_declares_is_no_second_person_and_keeps_the_address_we_know(
    person: NewPerson, meetings: Service
) -> None:
    guest = await recorded(meetings, "Cem Öztürk", phone="+49111222")
    await person().post(PAGE, CEM | {"phone": ""})
    [member] = await everybody(meetings)
    assert (member.id, member.status) == (guest, MemberStatus.DECLARED)
    assert member.phone == "+49111222"


async def test_two_people_of_one_mailbox_are_two(person: NewPerson, meetings: Service) -> None:
    await person().post(PAGE, CEM | {"phone": ""})
    await person().post(PAGE, CEM | {"phone": "", "name": "Elif Öztürk"})
    assert len(await everybody(meetings)) == 2


async def test_pressing_twice_or_two_browsers_at_once_make_one_member(
    person: NewPerson, meetings: Service
) -> None:
    one, two = person(), person()
    sent = [hidden((await each.get(PAGE)).text) | CEM | {"phone": ""} for each in (one, two)]
    answers = await asyncio.gather(
        *(each.http.post(PAGE, data=form) for each, form in zip((one, two), sent, strict=True)),
        one.http.post(PAGE, data=sent[0]),
    )
    assert {answer.status_code for answer in answers} == {303}
    assert len(await everybody(meetings)) == 1


async def test_nobody_votes_by_a_form_alone(person: NewPerson, meetings: Service) -> None:
    await rule(meetings, earned_after=0)
    await person().post(PAGE, CEM | {"phone": ""})
    [member] = await everybody(meetings)
    assert member.status is MemberStatus.DECLARED
    office = await person().enter(Role.OFFICE)
    await office.post(f"/buero/mitglieder/{member.id}/tun/gesehen")
    assert (await member_of(meetings, member.id)).may_vote


async def test_a_form_takes_hold_of_no_account_until_the_office_has_looked(
    person: NewPerson, meetings: Service
) -> None:
    owner = await person().become(Role.AUDITOR, email="cem@example.org")
    await person().post(PAGE, CEM | {"phone": ""})
    [member] = await everybody(meetings)
    assert member.account_id is None
    office = await person().enter(Role.OFFICE)
    await office.post(f"/buero/mitglieder/{member.id}/tun/gesehen")
    assert (await member_of(meetings, member.id)).account_id == owner.account_id


async def test_who_is_seen_in_a_session_votes_from_the_declaration_on(
    person: NewPerson, meetings: Service
) -> None:
    await rule(meetings, earned_after=0)
    await person().post(PAGE, CEM | {"phone": ""})
    [member] = await everybody(meetings)
    await held(meetings, "2026-03-11", there=[member.id])
    assert (await member_of(meetings, member.id)).may_vote


async def test_one_network_declares_ten_times_an_hour_and_one_address_five(
    person: NewPerson, meetings: Service
) -> None:
    someone = person()
    form = hidden((await someone.get(PAGE)).text) | CEM | {"phone": ""}
    same = [(await someone.http.post(PAGE, data=form)).status_code for _ in range(6)]
    assert same == [303] * 5 + [429]
    more = [
        (await someone.http.post(PAGE, data=form | {"email": f"x{n}@example.org"})).status_code
        for n in range(6)
    ]
    assert more[-1] == 429
