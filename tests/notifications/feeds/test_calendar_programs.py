"""The feed of dates as programs not ours read it: two libraries, and vdirsyncer with khal."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import ics
import pytest
import uvicorn
import vobject
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from shared.clock import SetClock
from shared.events.meetings import InvitationIssued, InvitedItem, SessionScheduled
from tests.notifications.feeds.conftest import Tell, cancelled, postponed, scheduled
from tests.support.browser import Browser

AROUND_THE_CHANGES = {
    datetime(2026, 3, 28, 17, tzinfo=UTC): "2026-03-28 18:00",
    datetime(2026, 3, 29, 16, tzinfo=UTC): "2026-03-29 18:00",
    datetime(2026, 10, 24, 16, tzinfo=UTC): "2026-10-24 18:00",
    datetime(2026, 10, 25, 17, tzinfo=UTC): "2026-10-25 18:00",
}
HOST = b"stadtteil.example"
PROGRAMS = Path(sys.executable).parent

VDIRSYNCER = """
[general]
status_path = "{folder}/status"
[pair board]
a = "feed"
b = "disk"
collections = null
conflict_resolution = "a wins"
[storage feed]
type = "http"
url = "{address}/kalender.ics"
[storage disk]
type = "filesystem"
path = "{folder}/dates"
fileext = ".ics"
"""
KHAL = """
[calendars]
[[board]]
path = {folder}/dates
readonly = True
[sqlite]
path = {folder}/khal.db
[locale]
local_timezone = Europe/Berlin
default_timezone = Europe/Berlin
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
"""


def around_the_changes(clock: SetClock) -> list[SessionScheduled]:
    return [scheduled(clock.now(), starts_at=at) for at in AROUND_THE_CHANGES]


async def test_two_libraries_not_ours_read_the_right_times_on_both_sides_of_the_clock_change(
    browser: Browser, tell: Tell, clock: SetClock
) -> None:
    events = around_the_changes(clock)
    await tell(*events)
    file = (await browser.get("/kalender.ics")).text
    by_vobject = {
        entry.uid.value: (entry.dtstart.value, entry.dtend.value)
        for entry in vobject.readOne(file).vevent_list
    }
    by_ics = {entry.uid: (entry.begin, entry.end) for entry in ics.Calendar(file).events}
    for event, wall in zip(events, AROUND_THE_CHANGES.values(), strict=True):
        uid = f"sitzung-{event.session_id}@stadtteil.example"
        for begins, ends in (by_vobject[uid], by_ics[uid]):
            assert begins.astimezone(UTC) == event.starts_at
            assert begins.strftime("%Y-%m-%d %H:%M") == wall
            assert ends - begins == timedelta(hours=2)


async def test_two_libraries_not_ours_see_what_moved_and_what_was_cancelled(
    browser: Browser, tell: Tell, clock: SetClock, december: SessionScheduled
) -> None:
    off = scheduled(clock.now(), starts_at=datetime(2026, 6, 10, 16, tzinfo=UTC))
    later = datetime(2026, 12, 16, 17, tzinfo=UTC)
    await tell(december, off)
    await tell(postponed(december, starts_at=later, version=2), cancelled(off, version=2))
    file = (await browser.get("/kalender.ics")).text
    moved, gone = (f"sitzung-{event.session_id}@stadtteil.example" for event in (december, off))
    by_vobject = {entry.uid.value: entry for entry in vobject.readOne(file).vevent_list}
    assert by_vobject[moved].dtstart.value.astimezone(UTC) == later
    assert by_vobject[gone].status.value == "CANCELLED"
    assert {by_vobject[uid].sequence.value for uid in (moved, gone)} == {"2"}
    by_ics = {entry.uid: entry for entry in ics.Calendar(file).events}
    assert by_ics[moved].begin.astimezone(UTC) == later
    assert by_ics[gone].status == "CANCELLED"


@pytest.fixture
async def address(app: FastAPI) -> AsyncIterator[str]:
    """Our pages on a port of this machine, behind a proxy that knows their name."""

    async def proxy(scope: Scope, receive: Receive, send: Send) -> None:
        kept = [pair for pair in scope["headers"] if pair[0] != b"host"]
        await app({**scope, "headers": [*kept, (b"host", HOST)]}, receive, send)

    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(proxy, log_level="warning", lifespan="off"))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    await serving


class Reader:
    """Somebody who subscribed to the feed once, with a calendar in the terminal."""

    def __init__(self, folder: Path, address: str) -> None:
        self.folder = folder
        for name, text in (("vdirsyncer", VDIRSYNCER), ("khal", KHAL)):
            (folder / name).write_text(text.format(folder=folder, address=address), "utf-8")
        (folder / "dates").mkdir()

    async def sees(self, since: str = "2026-03-03", days: int = 365) -> list[str]:
        """Fetch what is new, then list the sessions from this day on."""
        await self._run("vdirsyncer", "-c", self.folder / "vdirsyncer", "sync")
        shown = "{start-date} {start-time} {end-time} {title} {status}{location}"
        listed = await self._run(
            "khal", "-c", self.folder / "khal", "list", "-df", "", "--format", shown,
            since, f"{days}d",
        )  # fmt: skip
        return [line for line in listed.splitlines() if "Sitzung: " in line]

    async def subscribe(self) -> None:
        await self._run("vdirsyncer", "-c", self.folder / "vdirsyncer", "discover")

    async def _run(self, program: str, *words: str | Path) -> str:
        home = {"HOME": str(self.folder), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        running = await asyncio.create_subprocess_exec(
            PROGRAMS / program,
            *words,
            env=home,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await asyncio.wait_for(running.communicate(), timeout=60)
        assert running.returncode == 0, said.decode()
        return said.decode()


def at(wall: Sequence[str], what: str = "CONFIRMED Bürgerhaus") -> list[str]:
    return [f"{one} 20:00 Sitzung: Freunde Westhagens {what}" for one in wall]


async def test_a_calendar_program_follows_the_feed_through_a_move_and_a_cancellation(
    address: str, tell: Tell, clock: SetClock, tmp_path: Path
) -> None:
    events = around_the_changes(clock)
    await tell(*events)
    reader = Reader(tmp_path, address)
    await reader.subscribe()
    first, *others, last = AROUND_THE_CHANGES.values()
    assert await reader.sees() == at([first, *others, last])
    await tell(
        postponed(events[0], starts_at=datetime(2026, 4, 1, 16, tzinfo=UTC), version=2),
        cancelled(events[3], version=2),
    )
    assert await reader.sees() == [
        *at(others[:1]),
        *at(["2026-04-01 18:00"], "CONFIRMED Nachbarschaftshaus"),
        *at(others[1:]),
        *at([last], "CANCELLED Bürgerhaus"),
    ]


NEXT_CHANGES = {
    datetime(2026, 10, 24, 16, tzinfo=UTC): datetime(2026, 10, 25, 17, tzinfo=UTC),
    datetime(2027, 3, 28, 16, tzinfo=UTC): datetime(2027, 3, 27, 17, tzinfo=UTC),
}
"""Six in the evening before and after the clock changes: where a session was, and where it goes."""


def invitation(event: SessionScheduled, *, version: int) -> InvitationIssued:
    """The board is invited to this session."""
    return InvitationIssued(
        at=event.at,
        session_id=event.session_id,
        board=event.board,
        starts_at=event.starts_at,
        place=event.place,
        agenda=[InvitedItem(position=1, title="Begrüßung", starts_at=event.starts_at)],
        subject_version=version,
    )


async def test_an_invitation_raises_the_number_and_a_move_across_the_change_keeps_the_hour(
    browser: Browser, address: str, tell: Tell, clock: SetClock, tmp_path: Path
) -> None:
    events = [scheduled(clock.now(), starts_at=at) for at in NEXT_CHANGES]
    await tell(*events)
    await tell(*[invitation(event, version=2) for event in events])
    file = (await browser.get("/kalender.ics")).text
    assert {one.sequence.value for one in vobject.readOne(file).vevent_list} == {"2"}
    reader = Reader(tmp_path, address)
    await reader.subscribe()
    seen = await reader.sees("2026-10-01", 200)
    assert seen == at(["2026-10-24 18:00", "2027-03-28 18:00"])
    await tell(
        *[postponed(event, starts_at=NEXT_CHANGES[event.starts_at], version=3) for event in events]
    )
    file = (await browser.get("/kalender.ics")).text
    by_vobject = {one.uid.value: one for one in vobject.readOne(file).vevent_list}
    by_ics = {one.uid: one for one in ics.Calendar(file).events}
    for event in events:
        uid = f"sitzung-{event.session_id}@stadtteil.example"
        assert by_vobject[uid].sequence.value == "3"
        assert by_vobject[uid].dtstart.value.astimezone(UTC) == NEXT_CHANGES[event.starts_at]
        assert by_vobject[uid].dtstart.value.strftime("%H:%M") == "18:00"
        assert by_ics[uid].begin.astimezone(UTC) == NEXT_CHANGES[event.starts_at]
    seen = await reader.sees("2026-10-01", 200)
    assert seen == at(["2026-10-25 18:00", "2027-03-27 18:00"], "CONFIRMED Nachbarschaftshaus")


async def test_an_invitation_told_after_a_newer_move_changes_nothing(
    browser: Browser, tell: Tell, clock: SetClock, december: SessionScheduled
) -> None:
    later = datetime(2026, 12, 16, 17, tzinfo=UTC)
    await tell(december)
    await tell(postponed(december, starts_at=later, version=3), invitation(december, version=2))
    file = (await browser.get("/kalender.ics")).text
    entries = {one.uid.value: one for one in vobject.readOne(file).vevent_list}
    entry = entries[f"sitzung-{december.session_id}@stadtteil.example"]
    assert (entry.sequence.value, entry.dtstart.value.astimezone(UTC)) == ("3", later)
