"""Sealed personal data: readable with the person's key, and never again without it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import make_url, select, text, update

from shared.events.people import Contact
from shared.sealed import Base, Person, Sealed, Seals, UnknownPerson
from shared.store import connect
from tests.support.databases import Databases

ADA = Contact(name="Ada Yıldız", email="ada@example.org")


@pytest.fixture
async def seals(databases: Databases) -> AsyncIterator[Seals]:
    db = connect(await databases.empty())
    async with db.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield Seals(db, wrapping_key=b"w" * 32, hashing_key=b"h" * 32)
    await db.dispose()


async def test_sealed_content_opens_for_its_person(seals: Seals) -> None:
    person = await seals.person(email=ADA.email)
    sealed = await seals.seal(person, ADA)
    assert "Ada" not in sealed.model_dump_json()
    assert await seals.open(sealed, Contact) == ADA


async def test_the_same_content_never_looks_the_same_twice(seals: Seals) -> None:
    person = await seals.person(email=None)
    assert await seals.seal(person, ADA) != await seals.seal(person, ADA)


async def test_a_box_opens_for_nobody_else(seals: Seals) -> None:
    ada, other = await seals.person(email=None), await seals.person(email=None)
    box = (await seals.seal(ada, ADA)).box
    with pytest.raises(InvalidTag):
        await seals.open(Sealed(person_id=other, box=box), Contact)


async def test_a_key_moved_to_another_person_is_no_key(seals: Seals) -> None:
    ada, other = await seals.person(email=None), await seals.person(email=None)
    sealed = await seals.seal(ada, ADA)
    async with seals.db.begin() as session:
        stolen = await session.scalar(select(Person.wrapped_key).where(Person.person_id == other))
        await session.execute(
            update(Person).where(Person.person_id == ada).values(wrapped_key=stolen)
        )
    with pytest.raises(InvalidTag):
        await seals.open(sealed, Contact)


async def test_after_erasing_nothing_opens_and_nothing_can_be_sealed(seals: Seals) -> None:
    person = await seals.person(email=ADA.email)
    sealed = await seals.seal(person, ADA)
    await seals.erase(person)
    assert await seals.open(sealed, Contact) is None
    with pytest.raises(UnknownPerson):
        await seals.seal(person, ADA)


async def test_erasing_covers_every_id_of_one_human_and_nobody_else(seals: Seals) -> None:
    ids = [await seals.person(email=one) for one in ("a@b.de", " A@B.de ", "ａ@b.de")]
    other, nameless = await seals.person(email="c@b.de"), await seals.person(email=None)
    kept = [await seals.seal(one, ADA) for one in (other, nameless)]
    assert await seals.erase(ids[1]) == sorted(ids)
    assert await seals.erase(ids[1]) == sorted(ids), "asked again, the answer is the same"
    assert [await seals.open(one, Contact) for one in kept] == [ADA, ADA]


async def test_someone_without_an_address_is_erased_alone(seals: Seals) -> None:
    one, other = await seals.person(email=None), await seals.person(email=None)
    assert await seals.erase(one) == [one]
    assert await seals.open(await seals.seal(other, ADA), Contact) == ADA


async def test_erasures_are_repeated_after_a_restored_backup(seals: Seals) -> None:
    person = await seals.person(email=ADA.email)
    sealed = await seals.seal(person, ADA)
    async with seals.db.read() as session:
        backup = await session.scalar(select(Person.wrapped_key))
    await seals.erase(person)
    remembered = await seals.erasures()
    async with seals.db.begin() as session:
        await session.execute(text("DELETE FROM erasures"))
        session.add(Person(person_id=person, wrapped_key=backup, address_hash=None))
    assert await seals.open(sealed, Contact) == ADA, "the backup brought the key back"
    assert await seals.replay(remembered) == 1
    assert await seals.open(sealed, Contact) is None
    assert [one for one, _ in await seals.erasures()] == [person]


async def test_one_id_is_forgotten_without_the_others_of_the_same_human(seals: Seals) -> None:
    one, other = [await seals.person(email=ADA.email) for _ in range(2)]
    gone, kept = await seals.seal(one, ADA), await seals.seal(other, ADA)
    for _ in range(2):
        await seals.forget([one])
    await seals.forget([])
    assert [await seals.open(box, Contact) for box in (gone, kept)] == [None, ADA]
    assert await seals.ids_of(seals.address_hash(ADA.email)) == [other]
    assert [person_id for person_id, _ in await seals.erasures()] == [one], "after a restore, too"
    assert await seals.erase(other) == [other]


async def test_erasures_can_be_asked_for_since_a_time(seals: Seals) -> None:
    await seals.erase(await seals.person(email=None))
    assert await seals.erasures(datetime.now(UTC) + timedelta(hours=1)) == []
    assert len(await seals.erasures(datetime.now(UTC) - timedelta(hours=1))) == 1


async def test_an_erased_key_is_gone_from_the_files_too(seals: Seals) -> None:
    person = await seals.person(email=ADA.email)
    async with seals.db.read() as session:
        wrapped = await session.scalar(select(Person.wrapped_key))
    assert wrapped is not None
    assert wrapped in await everything(seals)
    await seals.erase(person)
    assert wrapped not in await everything(seals)


async def everything(seals: Seals) -> bytes:
    """All bytes the table lies in: of the files on SQLite, of its pages on PostgreSQL."""
    if seals.db.dialect == "sqlite":
        file = Path(make_url(seals.db.url).database or "")
        return b"".join(part.read_bytes() for part in file.parent.glob(f"{file.name}*"))
    async with seals.db.begin() as session:
        await session.execute(text("CHECKPOINT"))
        path = "pg_relation_filepath('people')"
        pages = await session.scalar(text(f"SELECT pg_read_binary_file({path})"))
        assert isinstance(pages, bytes)
        return pages


async def test_the_address_itself_is_stored_nowhere(seals: Seals) -> None:
    await seals.person(email=ADA.email)
    async with seals.db.read() as session:
        stored = await session.scalar(select(Person.address_hash))
    assert stored == seals.address_hash("ADA@example.org ")
    assert stored is not None
    assert len(stored) == 64
    elsewhere = Seals(seals.db, wrapping_key=b"w" * 32, hashing_key=b"x" * 32)
    assert elsewhere.address_hash(ADA.email) != stored


async def test_a_stranger_can_be_erased_too(seals: Seals) -> None:
    nobody = uuid4()
    assert await seals.erase(nobody) == [nobody]


async def test_the_same_human_is_found_under_other_ids_and_nobody_else_is(seals: Seals) -> None:
    ada, again = await seals.person(email=ADA.email), await seals.person(email="ADA@example.org ")
    other, nameless = await seals.person(email="eve@example.org"), await seals.person(email=None)
    asked = [ada, again, other, nameless]
    assert await seals.same_human(ada, asked) == {ada, again}
    assert await seals.same_human(ada, [other]) == set()
    assert await seals.same_human(nameless, [await seals.person(email=None), ada]) == set()
    assert await seals.same_human(nameless, [nameless]) == {nameless}
    assert await seals.same_human(uuid4(), asked) == set()
    assert await seals.same_human(ada, []) == set()


async def test_many_are_sealed_at_once_each_under_their_own_key(seals: Seals) -> None:
    ada, gone, other = [await seals.person(email=None) for _one in range(3)]
    await seals.erase(gone)
    sealed = await seals.seal_many([(one, (ADA, ADA)) for one in (ada, gone, other)])
    assert sealed[1] is None
    first, last = sealed[0], sealed[2]
    assert first is not None
    assert last is not None
    assert [box.person_id for box in (*first, *last)] == [ada, ada, other, other]
    for box in (*first, *last):
        assert await seals.open(box, Contact) == ADA
    with pytest.raises(InvalidTag):
        await seals.open(Sealed(person_id=other, box=first[0].box), Contact)
    assert await seals.seal_many([]) == []
