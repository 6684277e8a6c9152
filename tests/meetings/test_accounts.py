"""The office looks after accounts: rights end at once, and somebody can always let others in."""

import asyncio
from collections.abc import Callable

import pytest
from sqlalchemy import select

from services.meetings.domain.account import Account, Standing
from services.meetings.store import Audit
from shared.roles import Role
from shared.service import Service
from tests.meetings.people import PASSWORD, Person, hidden, told

NewPerson = Callable[[], Person]


async def standing(someone: Person) -> Standing:
    async with someone.service.db.read() as session:
        return (await session.get_one(Account, someone.account_id)).standing


async def trail(service: Service) -> list[str]:
    async with service.db.read() as session:
        return list(await session.scalars(select(Audit.action).order_by(Audit.id)))


async def test_an_address_has_one_account_in_whatever_case(person: NewPerson) -> None:
    office = await person().enter(Role.OFFICE)
    sent = {"name": "Noch einmal", "email": "Office@EXAMPLE.org", "roles": ["member"]}
    answer = await office.post("/buero/konten/neu", sent)
    assert answer.status_code == 422
    assert "schon ein Konto" in answer.text
    assert "Noch einmal" in answer.text


async def test_pressing_twice_opens_one_account_and_writes_one_letter(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    letters = len(await told(meetings, "account.invited"))
    page = await office.get("/buero/konten/neu")
    sent = hidden(page.text) | {"name": "Neu", "email": "neu@example.org", "roles": ["member"]}
    answers = await asyncio.gather(
        office.http.post("/buero/konten/neu", data=sent),
        office.http.post("/buero/konten/neu", data=sent),
    )
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert len(await told(meetings, "account.invited")) == letters + 1


async def test_an_incomplete_account_is_explained_and_kept(person: NewPerson) -> None:
    office = await person().enter(Role.OFFICE)
    complete = {"name": "Mehmet Aydın", "email": "neu@example.org", "roles": ["member"]}
    mistakes: list[dict[str, object]] = [
        {"email": "keine"},
        {"name": ""},
        {"roles": []},
        {"roles": ["chief"]},
    ]
    for wrong in mistakes:
        answer = await office.post("/buero/konten/neu", complete | wrong)
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text
        assert ("Mehmet Aydın" in answer.text) == ("name" not in wrong)


async def test_locking_signs_out_at_once_and_keeps_out(person: NewPerson) -> None:
    office = await person().enter(Role.OFFICE)
    payer = await person().enter(Role.PAYER)
    answer = await office.post(f"/buero/konten/{payer.account_id}/sperren")
    assert answer.status_code == 303
    assert (await payer.get("/konto")).status_code == 303
    refused = await payer.post("/anmelden", {"email": payer.email, "password": PASSWORD})
    assert refused.status_code == 422
    await office.post(f"/buero/konten/{payer.account_id}/entsperren")
    assert await standing(payer) is Standing.ACTIVE
    await payer.sign_in()
    assert {"account.deactivate", "account.reactivate"} <= set(await trail(payer.service))


async def test_the_last_office_account_stays(person: NewPerson) -> None:
    office = await person().enter(Role.OFFICE)
    await person().become(Role.PAYER)
    path = f"/buero/konten/{office.account_id}"
    locked = await office.post(f"{path}/sperren")
    assert locked.status_code == 409
    assert "das letzte Konto des Büros" in locked.text
    demoted = await office.post(f"{path}/rollen", {"roles": ["member"]}, page=path)
    assert demoted.status_code == 422
    assert "das letzte Konto des Büros" in demoted.text
    assert await standing(office) is Standing.ACTIVE


async def test_two_of_the_office_cannot_lock_each_other_out_at_the_same_moment(
    person: NewPerson,
) -> None:
    one = await person().enter(Role.OFFICE, email="one@example.org")
    two = await person().enter(Role.OFFICE, email="two@example.org")

    async def lock(actor: Person, other: Person) -> int:
        path = f"/buero/konten/{other.account_id}/sperren"
        form = hidden((await actor.get(path)).text)
        return (await actor.http.post(path, data=form)).status_code

    await asyncio.gather(lock(one, two), lock(two, one))
    standings = sorted([await standing(one), await standing(two)])
    assert standings == [Standing.ACTIVE, Standing.DEACTIVATED]


async def test_new_roles_hold_from_the_next_sign_in_and_the_old_session_is_over(
    person: NewPerson,
) -> None:
    office = await person().enter(Role.OFFICE)
    auditor = await person().enter(Role.AUDITOR)
    assert (await auditor.get("/buero/konten")).status_code == 200
    path = f"/buero/konten/{auditor.account_id}"
    await office.post(f"{path}/rollen", {"roles": ["payer"]}, page=path)
    assert (await auditor.get("/buero/konten")).status_code == 303
    await auditor.sign_in()
    assert (await auditor.get("/buero/konten")).status_code == 403


async def test_a_member_who_joins_the_office_is_asked_for_a_second_factor_first(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    member = await person().enter(Role.MEMBER)
    path = f"/buero/konten/{member.account_id}"
    await office.post(f"{path}/rollen", {"roles": ["member", "office"]}, page=path)
    assert await standing(member) is Standing.INVITED
    assert (await told(meetings, "account.invited"))[-1]["subject"] == str(member.account_id)
    refused = await member.post("/anmelden", {"email": member.email, "password": PASSWORD})
    assert refused.status_code == 422


async def test_resetting_takes_every_proof_and_writes_a_letter(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    payer = await person().enter(Role.PAYER)
    await office.post(f"/buero/konten/{payer.account_id}/zuruecksetzen")
    assert await standing(payer) is Standing.INVITED
    assert (await payer.get("/konto")).status_code == 303
    async with meetings.db.read() as session:
        account = await session.get_one(Account, payer.account_id)
    assert (account.password_hash, account.totp_secret) == (None, None)
    assert (await told(meetings, "account.invited"))[-1]["subject"] == str(payer.account_id)
    refused = await payer.post("/anmelden", {"email": payer.email, "password": PASSWORD})
    assert refused.status_code == 422


async def test_a_page_opened_before_somebody_elses_change_overwrites_nothing(
    person: NewPerson,
) -> None:
    office = await person().enter(Role.OFFICE)
    payer = await person().become(Role.PAYER)
    path = f"/buero/konten/{payer.account_id}"
    slow = hidden((await office.get(path)).text)
    await office.post(f"{path}/sperren")
    late = await office.http.post(f"{path}/rollen", data=slow | {"roles": ["member"]})
    assert late.status_code == 409
    async with payer.service.db.read() as session:
        assert (await session.get_one(Account, payer.account_id)).roles == ["payer"]


@pytest.mark.parametrize("role", [Role.PAYER, Role.AUDITOR, Role.MEMBER])
async def test_nobody_but_the_office_changes_accounts_or_sessions(
    person: NewPerson, role: Role
) -> None:
    office = await person().become(Role.OFFICE)
    other = await person().enter(role)
    token = hidden((await other.get("/konto")).text)
    reads = 200 if role is Role.AUDITOR else 403
    for path in ("/buero/konten", f"/buero/konten/{office.account_id}", "/buero/sitzungen"):
        page = await other.get(path)
        assert page.status_code == reads
        if reads == 200:
            assert "Nur lesen" in page.text
            assert '<form class="sb-form' not in page.text
    for path in (
        "/buero/konten/neu",
        f"/buero/konten/{office.account_id}/sperren",
        f"/buero/konten/{office.account_id}/zuruecksetzen",
        f"/buero/konten/{office.account_id}/rollen",
        "/buero/sitzungen/neu",
        "/buero/sitzungen/gremium",
    ):
        sent = token | {"roles": ["office"], "version": "1"}
        assert (await other.http.post(path, data=sent)).status_code == 403
    assert await standing(office) is Standing.ACTIVE
