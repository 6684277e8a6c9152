"""The operator opens the first account and erases one; nothing readable of a person is left."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from sqlalchemy import MetaData, make_url, select
from uuid_utils.compat import uuid7

from services.meetings.accounts import Refused, run
from services.meetings.domain.account import Account, Standing
from services.meetings.handlers import ANSWERS, forget_person
from services.meetings.worker import tidy
from shared.events.people import Contact, PersonErased, PersonErasedByApplications
from shared.roles import Role
from shared.sealed import Sealed
from shared.service import Service
from shared.web.sessions import read_session
from tests.meetings.people import Person, told

NewPerson = Callable[[], Person]
NAME, EMAIL = "Wilhelmine Unverwechselbar", "wilhelmine@unverwechselbar.example"


async def everything_kept(service: Service) -> str:
    """All rows of all tables as text; on SQLite also the raw bytes of the files."""
    found = []
    async with service.db.engine.connect() as connection:
        metadata = MetaData()
        await connection.run_sync(metadata.reflect)
        for table in metadata.sorted_tables:
            found += [str(row) for row in await connection.execute(select(table))]
    if service.db.dialect == "sqlite":
        file = make_url(service.db.url).database
        for part in (f"{file}", f"{file}-wal"):
            if Path(part).exists():
                found.append(Path(part).read_bytes().decode("latin-1"))
    return "\n".join(found)


async def test_the_first_account_comes_from_the_command_line(
    person: NewPerson, meetings: Service
) -> None:
    printed = await run(meetings, ["create", "--email", EMAIL, "--name", NAME, "--role", "office"])
    path = httpx.URL(printed.splitlines()[-1]).path
    someone = person()
    assert (await someone.post(path)).headers["location"] == "/anmelden/einrichten"
    assert EMAIL in (await someone.get("/anmelden/einrichten")).text
    assert EMAIL in await run(meetings, ["list"])
    with pytest.raises(Refused, match="account already"):
        await run(meetings, ["create", "--email", EMAIL, "--name", NAME, "--role", "member"])


async def test_the_operator_can_let_the_office_back_in(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    printed = await run(meetings, ["invite", "--email", office.email])
    assert (await office.get("/konto")).status_code == 303
    path = httpx.URL(printed.splitlines()[-1]).path
    assert (await office.post(path)).headers["location"] == "/anmelden/einrichten"
    with pytest.raises(Refused, match="No account"):
        await run(meetings, ["invite", "--email", "niemand@example.org"])


async def test_erasing_leaves_nothing_readable_and_tells_the_others(
    person: NewPerson, meetings: Service
) -> None:
    await person().become(Role.OFFICE)
    member = await person().enter(Role.MEMBER, email=EMAIL, name=NAME)
    await person().post("/anmelden", {"email": EMAIL})
    letter = (await told(meetings, "sign_in"))[-1]
    contact = Sealed(**letter["data"]["contact"])
    assert await meetings.seals.open(contact, Contact) == Contact(name=NAME, email=EMAIL)
    assert EMAIL in await everything_kept(meetings)
    await run(meetings, ["erase", "--email", EMAIL])
    kept = await everything_kept(meetings)
    for trace in (NAME, EMAIL, "Unverwechselbar", "unverwechselbar"):
        assert trace not in kept
    assert await meetings.seals.open(contact, Contact) is None
    [event] = await told(meetings, "person.erased")
    assert event["data"]["person_ids"] == [str(contact.person_id)]
    async with meetings.db.read() as session:
        account = await session.get_one(Account, member.account_id)
    assert account.standing is Standing.ERASED
    assert await read_session(meetings, member.http.cookies["__Host-session"]) is None


async def test_the_offices_last_account_is_not_erased_by_mistake(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().become(Role.OFFICE)
    with pytest.raises(Refused, match="last account"):
        await run(meetings, ["erase", "--email", office.email])
    async with meetings.db.read() as session:
        account = await session.get_one(Account, office.account_id)
    assert account.standing is Standing.ACTIVE
    contact = Contact(name="x", email="y")
    sealed = await meetings.seals.seal(account.person_id, contact)
    assert await meetings.seals.open(sealed, Contact) == contact


async def test_somebody_erased_elsewhere_is_forgotten_here_however_often_we_hear_it(
    person: NewPerson, meetings: Service
) -> None:
    await person().become(Role.OFFICE)
    member = await person().enter(Role.MEMBER, email=EMAIL, name=NAME)
    async with meetings.db.read() as session:
        account = await session.get_one(Account, member.account_id)
    event = PersonErasedByApplications(
        at=meetings.clock.now(),
        person_id=uuid7(),
        person_ids=[account.person_id],
    )
    for _delivery in range(2):
        async with meetings.db.begin() as session:
            await forget_person(event, session, meetings)
    await tidy(meetings)
    kept = await everything_kept(meetings)
    assert EMAIL not in kept
    assert NAME not in kept
    assert (await member.get("/konto")).status_code == 303


def test_erasures_of_both_other_services_are_answered() -> None:
    erasures = {
        teller: [kind.teller for kind in table if issubclass(kind, PersonErased)]
        for teller, table in ANSWERS.items()
    }
    assert erasures == {"applications": ["applications"], "notifications": ["notifications"]}
