"""After somebody is erased nothing readable of them is left; the books keep number, sum and field."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import MetaData, select
from sqlalchemy.engine import make_url

from services.applications.domain import Application, Status
from services.applications.handlers import forget_person
from services.applications.worker import create_worker
from shared.events.people import PersonErasedByApplications, PersonErasedByNotifications
from shared.service import Service
from shared.worker import settle
from tests.applications.people import Resident, pdf, sign_in_applicant, stored, told

New = Callable[..., Resident]
Staff = Callable[..., Awaitable[Resident]]

TRACES = (
    "Ayşe",
    "Yıldız",
    "ayse@example",
    "5361",
    "Dessauer",
    "DE8937",
    "0532013000",
    "Sommerfest",
    "Nachbarn",
    "Angebot-Y",
)


async def everything(service: Service) -> str:
    """Every row of every table, as text."""
    found: list[str] = []
    metadata = MetaData()
    async with service.db.engine.connect() as connection:
        await connection.run_sync(metadata.reflect)
        for table in metadata.sorted_tables:
            rows = await connection.execute(select(table))
            found += [json.dumps([str(value) for value in row], ensure_ascii=False) for row in rows]
    return "\n".join(found)


def on_disk(service: Service) -> bytes:
    """The bytes of an SQLite database with its log."""
    database = make_url(service.settings.database_url).database or ""
    return b"".join(
        path.read_bytes() for path in Path(database).parent.glob(f"{Path(database).name}*")
    )


async def applied(resident: New) -> Resident:
    someone = resident()
    await someone.begin()
    await someone.upload(("Angebot-Yildiz.pdf", pdf()))
    for slug in ("idee", "wer", "kosten"):
        assert (await someone.fill(slug)).status_code == 303
    assert (await someone.hand_in(newsletter="true")).status_code == 303
    return someone


async def test_the_office_erases_a_person_and_nothing_readable_is_left(
    applications: Service, resident: New, staff: Staff
) -> None:
    someone = await applied(resident)
    half = resident()
    await half.begin()
    await half.fill("idee")
    await half.fill("wer", aktion="")
    [application] = [one for one in await stored(applications) if one.number]
    await sign_in_applicant(applications, someone, application.id)
    office, path = await staff("office"), f"/buero/antraege/{application.id}/loeschen"
    asked = await office.get(path)
    assert "Sommerfest" in asked.text and "Rückgängig machen geht nicht" in asked.text
    before = await everything(applications)
    assert all(trace in before for trace in ("Ayşe", "Sommerfest", "DE8937", "Angebot-Y"))
    answer = await office.submit(path)
    assert answer.headers["location"] == f"/buero/antraege/{application.id}"
    await settle(create_worker(applications))
    after = await everything(applications)
    assert [trace for trace in TRACES if trace in after] == []
    assert not [path for path in applications.settings.files_dir.rglob("*") if path.is_file()]
    [left] = await stored(applications)
    assert (left.number, left.asked_cents, left.field_of_action) == ("2026-001", 80000, "encounter")
    assert (left.status, left.answers, left.title) == (Status.SUBMITTED, {}, "")
    [event] = await told(applications, PersonErasedByApplications)
    assert application.person_id in event.person_ids
    shown = await office.get(f"/buero/antraege/{application.id}")
    assert shown.status_code == 200 and "2026-001" in shown.text and "Ayşe" not in shown.text
    assert (await office.get("/buero/antraege")).status_code == 200


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_not_even_the_files_of_the_database_hold_a_trace(
    applications: Service, resident: New, staff: Staff
) -> None:
    await applied(resident)
    [application] = await stored(applications)
    assert b"Sommerfest" in on_disk(applications)
    office = await staff("office")
    await office.submit(f"/buero/antraege/{application.id}/loeschen")
    left = on_disk(applications)
    assert [trace for trace in TRACES if trace.encode() in left] == []


async def test_erasing_twice_is_harmless(
    applications: Service, resident: New, staff: Staff
) -> None:
    await applied(resident)
    [application] = await stored(applications)
    office = await staff("office")
    for _ in range(2):
        answer = await office.submit(
            f"/buero/antraege/{application.id}/loeschen", on="/buero/antraege/neu"
        )
        assert answer.status_code in (303, 403)
    assert (await stored(applications))[0].erased_at is not None


async def test_who_is_erased_elsewhere_is_forgotten_here_too(
    applications: Service, resident: New
) -> None:
    await applied(resident)
    [application] = await stored(applications)
    assert application.person_id
    other = UUID(int=7)
    event = PersonErasedByNotifications(
        at=applications.clock.now(), person_id=other, person_ids=[other, application.person_id]
    )
    for _ in range(2):
        async with applications.db.begin() as session:
            await forget_person(event, session, applications)
    after = await everything(applications)
    assert [trace for trace in TRACES if trace in after] == []


async def test_others_keep_what_is_theirs(
    applications: Service, resident: New, staff: Staff
) -> None:
    await applied(resident)
    await resident().apply(email="ivan@example.org", name="Ivan", title="Fahrradwerkstatt")
    [first, second] = await stored(applications)
    office = await staff("office")
    await office.submit(f"/buero/antraege/{first.id}/loeschen")
    async with applications.db.read() as session:
        left = await session.get_one(Application, second.id)
    assert (left.title, left.answers["applicant"]["name"]) == ("Fahrradwerkstatt", "Ivan")
