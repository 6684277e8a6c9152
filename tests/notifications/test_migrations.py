"""What was kept before decisions became letters is still there afterwards."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import text

from services.notifications.domain.addressbook import Case, Person
from shared.migrate import upgrade
from shared.store import connect
from tests.support.databases import Databases

WITHDRAWN = datetime(2026, 3, 2, 9, tzinfo=UTC)


async def test_a_withdrawn_case_has_ended_and_people_keep_their_addresses(
    databases: Databases,
) -> None:
    url = await databases.empty()
    await upgrade("notifications", url, "0001")
    db = connect(url)
    person, case = UUID(int=1), UUID(int=2)
    as_stored = (lambda one: one.hex) if db.dialect == "sqlite" else str
    async with db.begin() as session:
        await session.execute(
            text(
                "INSERT INTO people (id, name, address, language) VALUES (:id, 'Ada', 'a@b', 'de')"
            ),
            {"id": as_stored(person)},
        )
        await session.execute(
            text(
                "INSERT INTO cases (application_id, person_id, number, withdrawn_at)"
                " VALUES (:case, :person, '2026-021', '2026-03-02 09:00:00+00:00')"
            ),
            {"case": as_stored(case), "person": as_stored(person)},
        )
    await db.dispose()
    await upgrade("notifications", url)
    async with db.read() as session:
        kept, reader = await session.get_one(Case, case), await session.get_one(Person, person)
    assert (kept.number, kept.ended_at, kept.explanation) == ("2026-021", WITHDRAWN, None)
    assert (reader.address, reader.street) == ("a@b", None)
    await db.dispose()
