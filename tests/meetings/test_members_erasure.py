"""A member who is erased: no name left anywhere, and what they took part in still stands."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select
from uuid_utils.compat import uuid7

from services.meetings.commands.units import create_unit
from services.meetings.domain.account import Account, Standing
from services.meetings.domain.attendance import Attendance
from services.meetings.domain.member import Member, MemberStatus, Unit, UnitKind
from services.meetings.handlers import forget_person
from services.meetings.worker import tidy
from shared.events.people import Contact, PersonErasedByApplications
from shared.roles import Role
from shared.sealed import Sealed
from shared.service import Service
from tests.meetings.agendas import order
from tests.meetings.boards import held, member_of, recorded
from tests.meetings.occasions import announced, registered, wish
from tests.meetings.people import Person, told
from tests.meetings.test_erasure_and_command_line import everything_kept

NewPerson = Callable[[], Person]
NAME, EMAIL = "Wilhelmine Unverwechselbar", "wilhelmine@unverwechselbar.example"
STREET = "Unverwechselweg 7"
TRACES = ("Unverwechselbar", "unverwechselbar", STREET, "Kita Einzigartig")


async def somebody(service: Service, **more: object) -> Member:
    member_id = await recorded(
        service,
        NAME,
        email=EMAIL,
        street=STREET,
        phone="+495361987654",
        declared=date(2026, 3, 1),
        **more,
    )
    return await member_of(service, member_id)


@pytest.mark.parametrize("way", ["office", "told"])
async def test_nothing_readable_is_left_and_attendances_still_point_to_the_row(
    person: NewPerson, meetings: Service, way: str
) -> None:
    office = await person().enter(Role.OFFICE)
    async with meetings.db.begin() as session:
        household = await create_unit(
            session, order(meetings), kind=UnitKind.HOUSEHOLD, name="Familie Unverwechselbar"
        )
    member = await somebody(meetings, unit_id=household)
    await held(meetings, "2026-03-11", there=[member.id])
    await office.post(f"/buero/mitglieder/{member.id}/tun/konto")
    account_id = (await member_of(meetings, member.id)).account_id
    await registered(meetings, await announced(meetings), wish(NAME, email=EMAIL))
    contact = Sealed(**(await told(meetings, "member.recorded"))[0]["data"]["contact"])
    assert await meetings.seals.open(contact, Contact) is not None
    assert "Unverwechselbar" in await everything_kept(meetings)
    if way == "office":
        answer = await office.post(f"/buero/mitglieder/{member.id}/loeschen")
        assert answer.status_code == 303
    else:
        person_ids = await meetings.seals.erase(member.person_id)
        for _delivery in range(2):
            gone = PersonErasedByApplications(
                at=meetings.clock.now(), person_id=uuid7(), person_ids=person_ids
            )
            async with meetings.db.begin() as session:
                await forget_person(gone, session, meetings)
    await tidy(meetings)
    kept = await everything_kept(meetings)
    for trace in TRACES:
        assert trace not in kept
    assert await meetings.seals.open(contact, Contact) is None
    async with meetings.db.read() as session:
        wiped = await session.get_one(Member, member.id)
        account = await session.get_one(Account, account_id)
        there = await session.scalars(
            select(Attendance.member_id).where(Attendance.member_id == member.id)
        )
        assert there.all() == [member.id]
        assert (await session.get_one(Unit, household)).name == ""
    assert (wiped.status, wiped.name, wiped.email) == (MemberStatus.LEFT, "", None)
    assert wiped.account_id is None
    assert account.standing is Standing.ERASED
    assert "Gelöschtes Mitglied" in (await office.get(f"/buero/mitglieder/{member.id}")).text
    assert len(await told(meetings, "person.erased")) == (way == "office")


async def test_an_institution_keeps_its_name_and_a_household_while_somebody_lives_there(
    meetings: Service,
) -> None:
    async with meetings.db.begin() as session:
        kita = await create_unit(
            session, order(meetings), kind=UnitKind.INSTITUTION, name="Kita Sonne"
        )
        home = await create_unit(session, order(meetings), kind=UnitKind.HOUSEHOLD, name="Weg 1")
    one, two = await somebody(meetings, unit_id=kita), await recorded(meetings, "B", unit_id=home)
    await recorded(meetings, "C", unit_id=home)
    ids = [one.person_id, (await member_of(meetings, two)).person_id]
    gone = PersonErasedByApplications(at=meetings.clock.now(), person_id=uuid7(), person_ids=ids)
    async with meetings.db.begin() as session:
        await forget_person(gone, session, meetings)
    async with meetings.db.read() as session:
        names = set(await session.scalars(select(Unit.name)))
    assert names == {"Kita Sonne", "Weg 1"}


async def test_the_offices_last_account_is_not_erased_with_its_member(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE, email=EMAIL)
    member = await somebody(meetings)
    answer = await office.post(f"/buero/mitglieder/{member.id}/loeschen")
    assert answer.status_code == 409
    assert (await member_of(meetings, member.id)).name == NAME
    sealed = await meetings.seals.seal(member.person_id, Contact(name="x", email="y"))
    assert sealed.person_id == member.person_id


async def test_nobody_changes_who_is_erased(person: NewPerson, meetings: Service) -> None:
    office = await person().enter(Role.OFFICE)
    member = await somebody(meetings)
    await office.post(f"/buero/mitglieder/{member.id}/loeschen")
    sent = {"name": "Wieder da", "email": "x@example.org"}
    path = f"/buero/mitglieder/{member.id}/aendern"
    assert (await office.post(path, sent)).status_code == 409
    assert (await office.get(f"/buero/mitglieder/{member.id}/loeschen")).status_code == 404
