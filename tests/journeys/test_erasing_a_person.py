"""Erasing a person is one action, and after it nobody can read anything of them anywhere."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest
from redis.asyncio import Redis
from sqlalchemy import inspect, select, text

from deploy.stack import WEBS, WORKERS
from services.applications.store import Outbox
from services.notifications.store import Parked
from shared.events.applications import ApplicantRecorded
from shared.events.base import stream_of
from shared.store import Database
from tests.applications.people import COSTS, FORM, IDEA, WHO, Resident, pdf, sign_in_as, stored
from tests.support.browser import Browser
from tests.support.mailbox import Mailbox
from tests.support.services import Services

EMAIL: Final = "xaverine.quittenbaum@example.org"
OTHER: Final = "nachbarin@example.org"
WRITTEN: Final = {
    **{name: f"Quitte{name} {value}" for name, value in IDEA.items() if name in
       {"title", "aim", "plan", "target_group", "benefit", "place"}},
    "name": "Xaverine Quittenbaum",
    "email": EMAIL,
    "phone": "05361 998877",
    "street": "Quittenweg 77",
    "account_holder": "X. Quittenbaum",
    "costs-0-what": "Quittenpresse",
    "funding-0-what": "Quittengarten der Nachbarn",
}  # fmt: skip
TRACES: Final = re.compile(
    rb"quitte|xaverine|998877|370400440532013000|3704 ?0044 ?0532 ?0130", re.IGNORECASE
)
SECONDS: Final = 20


@asynccontextmanager
async def at_work(services: Services) -> AsyncIterator[None]:
    """The three workers, as they run in production."""
    stop = asyncio.Event()
    everyone = (services.applications, services.meetings, services.notifications)
    workers = [WORKERS[service.name](service) for service in everyone]
    tasks = [asyncio.create_task(worker.run(stop)) for worker in workers]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*tasks)


async def everything(database: Database) -> dict[str, bytes]:
    """Every row of every table as text, by table; of SQLite its files, too."""
    found: dict[str, bytes] = {}
    async with database._reading.connect() as connection:
        names = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
        for name in names:
            rows = await connection.execute(text(f'SELECT * FROM "{name}"'))
            found[name] = repr([tuple(row) for row in rows]).encode()
    if database.dialect == "sqlite":
        file = Path(str(database.engine.url.database))
        for part in sorted(file.parent.glob(file.name + "*")):
            found[part.name] = part.read_bytes()
    return found


async def whole_redis(redis: Redis) -> dict[str, bytes]:
    """Every key with what lies under it, streams entry by entry."""
    found: dict[str, bytes] = {}
    async for key in redis.scan_iter():
        kind = await redis.type(key)
        if kind == b"stream":
            found[repr(key)] = key + repr(await redis.xrange(key)).encode()
        else:
            found[repr(key)] = key + (await redis.dump(key) or b"")
    return found


def traces(of: dict[str, bytes]) -> dict[str, set[bytes]]:
    """Where something of the person can be read, and what."""
    found = {place: {one.group() for one in TRACES.finditer(held)} for place, held in of.items()}
    return {place: words for place, words in found.items() if words}


async def until(ready: Any) -> None:
    """Waits for what the workers do, but not for ever: what is asserted next says what is missing."""
    ends = asyncio.get_running_loop().time() + SECONDS
    while not await ready() and asyncio.get_running_loop().time() < ends:
        await asyncio.sleep(0.1)


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.INFO):
        yield caplog


async def test_after_one_action_nothing_readable_of_a_person_is_left(
    services: Services,
    mailbox: Mailbox,
    redis: Redis,
    said: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    app = WEBS["applications"](services.applications)
    public = WEBS["notifications"](services.notifications)
    async with Resident(app, lang="ar") as resident, Resident(app) as office, at_work(services):
        await _apply(resident)
        await _subscribe(public)
        await mailbox.wait_for(4, seconds=SECONDS)
        await _park_what_is_known(services)
        known = [
            await everything(services.applications.db),
            await everything(services.notifications.db),
        ]
        assert all(map(traces, known)), "the test would find nothing even if it were there"
        [application] = await stored(services.applications)
        await sign_in_as(services.applications, office, ["office"])
        erase = f"/buero/antraege/{application.id}/loeschen"
        assert (await office.submit(erase)).status_code == 303
        await until(lambda: _forgotten(services.notifications.db))
    for service in (services.applications, services.meetings, services.notifications):
        assert not traces(await everything(service.db)), service.name
    assert not traces(await everything(services.applications.seals.db))
    assert not traces(await whole_redis(redis))
    ours = [one.getMessage().encode() for one in said.records if one.name != "mail.log"]
    assert not traces({"log": b"".join(ours)})
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert not traces({file.name: file.name.encode() + file.read_bytes() for file in files})
    [kept] = await stored(services.applications)
    assert (kept.number, kept.asked_cents) == (application.number, application.asked_cents)


async def _apply(resident: Resident) -> None:
    """Draft, resume letter, file, hand in."""
    await resident.begin()
    for slug, typed in (("idee", IDEA), ("wer", WHO), ("kosten", COSTS)):
        changed = {name: WRITTEN.get(name, value) for name, value in typed.items()}
        assert (await resident.fill(slug, changed)).status_code == 303
    await resident.submit(f"{FORM}/kosten", {**COSTS, "aktion": "spaeter"})
    await resident.upload(("Quittenplan.pdf", pdf()))
    answer = await resident.hand_in(newsletter="true")
    assert answer.status_code == 303, answer.text


async def _subscribe(public: Any) -> None:
    """The same person with another spelling of the address, and a neighbour who stays."""
    for email in (EMAIL.capitalize(), OTHER):
        async with Browser(public) as reader:
            wish = {"topics": "sessions", "email": email, "language": "de"}
            assert (await reader.submit("/abo", wish)).status_code < 400


async def _park_what_is_known(services: Services) -> None:
    """Who this person is also lies among the parked events, dead, as after a fault."""
    async with services.applications.db.read() as session:
        recorded = select(Outbox).where(Outbox.type == ApplicantRecorded.type)
        row = (await session.scalars(recorded)).one()
    async with services.notifications.db.begin() as session:
        parked = Parked()
        parked.stream, parked.type, parked.subject = (
            stream_of("applications"),
            row.type,
            row.subject,
        )
        parked.event_id, parked.body, parked.parked_at = uuid4(), row.body, row.recorded_at
        parked.try_at = None
        session.add(parked)


async def _forgotten(database: Database) -> bool:
    return not traces(await everything(database))
