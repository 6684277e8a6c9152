"""Two at the same moment: the second waits, and is answered from what the first left behind."""

import asyncio
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm.exc import StaleDataError

from services.notifications.domain.issue import IllegalMove, Issue, Status
from services.notifications.domain.letter import State
from services.notifications.issues import commands
from shared.service import Service
from shared.web.access import Role
from tests.notifications.issues import desk
from tests.notifications.issues.writers import DESK, Writer, texts
from tests.notifications.office import Office
from tests.support.browser import Browser

Deed = Callable[[], Awaitable[Any]]
Meanwhile = Callable[[str, Deed], list["asyncio.Future[Any]"]]

A_MOMENT = 0.5
"""Long enough for somebody else to commit, unless they have to wait."""


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """`meanwhile("module.function", deed)`: when that is first called, somebody else acts before it runs."""

    def meanwhile(target: str, deed: Deed) -> list["asyncio.Future[Any]"]:
        module, _, name = target.rpartition(".")
        function = getattr(import_module(module), name)
        begun: list[asyncio.Future[Any]] = []

        async def later(*args: Any, **named: Any) -> Any:
            if not begun:
                begun.append(asyncio.ensure_future(deed()))
                await asyncio.wait(begun, timeout=A_MOMENT)
            return await function(*args, **named)

        monkeypatch.setattr(target, later)
        return begun

    return meanwhile


def _deed(service: Service, command: Callable[..., Awaitable[Any]], issue_id: UUID) -> Deed:
    """What a colleague does to it."""

    async def deed() -> None:
        async with service.db.begin() as session:
            await command(session, issue_id, by=desk.JANA, at=service.clock.now())

    return deed


async def _published(office: Office) -> UUID:
    issue_id = await desk.started(office.service, 2)
    await office.listen_to_itself()
    return issue_id


async def test_a_button_pressed_while_the_page_keeps_itself_is_answered(
    notifications: Service, signed_in: Any, meanwhile: Meanwhile
) -> None:
    issue_id = await desk.draft(notifications)
    async with signed_in(Role.OFFICE) as browser:
        jana = await Writer(browser, issue_id).open()
        pressed = jana.form | {"body": "Eins. Zwei.", "aktion": "pruefen"}
        button = meanwhile(
            "services.notifications.issues.blocks.offered",
            lambda: browser.post(f"{DESK}/{issue_id}", data=pressed),
        )
        kept = await jana.pause(body="Eins.")
        [answer] = await asyncio.gather(*button)
    assert (kept.status_code, answer.status_code) == (200, 303)
    assert (await texts(notifications, issue_id))["de"].body == "Eins. Zwei."


async def test_one_pauses_while_another_stops(
    notifications: Service, signed_in: Any, meanwhile: Meanwhile
) -> None:
    issue_id = await desk.started(notifications, 2)
    path = f"{DESK}/{issue_id}/versenden"
    async with signed_in(Role.OFFICE) as browser:
        stop = _deed(notifications, commands.stop, issue_id)
        stopping = meanwhile("services.notifications.issues.commands.pause", stop)
        answer = await browser.submit(f"{path}/anhalten", on=path)
        await asyncio.gather(*stopping)
    assert answer.status_code == 303
    assert (await desk.issue(notifications, issue_id)).status == Status.STOPPED
    assert (await desk.trail(notifications, issue_id))[2:] == ["issue.paused", "issue.stopped"]


async def test_one_sends_a_copy_again_while_another_pauses(
    notifications: Service, signed_in: Any, meanwhile: Meanwhile
) -> None:
    issue_id = await desk.started(notifications, 2)
    await desk.become(notifications, issue_id, State.FAILED, [1], code=550)
    path = f"{DESK}/{issue_id}/versenden/exemplare"
    async with signed_in(Role.OFFICE) as browser:
        pause = _deed(notifications, commands.pause, issue_id)
        pausing = meanwhile("services.notifications.issues.copies.send_again", pause)
        answer = await browser.submit(f"{path}/1/noch-einmal", on=path)
        await asyncio.gather(*pausing)
    assert answer.status_code == 303
    assert (await desk.issue(notifications, issue_id)).status == Status.PAUSED
    assert (await desk.states(notifications, issue_id))[0] == State.DEFERRED


async def test_one_takes_it_back_while_the_last_copy_goes_out(
    office: Office, notifications: Service, signed_in: Any, meanwhile: Meanwhile
) -> None:
    issue_id = await _published(office)
    await desk.gather_all(notifications)
    await desk.become(notifications, issue_id, State.SENT, [1, 2])
    path = f"/rundbriefe/{issue_id}/entfernen"

    async def finish() -> bool:
        async with notifications.db.begin() as session:
            issue = Issue(id=issue_id)
            return await commands.finish(session, issue, notifications.clock.now())

    async with signed_in(Role.OFFICE) as browser:
        finishing = meanwhile("services.notifications.journal.remove", finish)
        assert (await browser.submit(path)).status_code == 303
        assert await asyncio.gather(*finishing) == [False]
    assert (await desk.issue(notifications, issue_id)).status == Status.STOPPED


async def test_one_takes_it_back_twice(
    office: Office, notifications: Service, signed_in: Any, meanwhile: Meanwhile
) -> None:
    issue_id = await _published(office)
    path = f"/rundbriefe/{issue_id}/entfernen"
    async with signed_in(Role.OFFICE) as browser:
        second = meanwhile("services.notifications.journal.remove", lambda: browser.submit(path))
        assert (await browser.submit(path)).status_code == 303
        [answer] = await asyncio.gather(*second)
    assert answer.status_code == 404
    trail = await desk.trail(notifications, issue_id)
    assert trail[2:] == ["issue.stopped", "issue.taken_back"]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (StaleDataError("version"), "Jemand hat das inzwischen geändert."),
        (IllegalMove(Status.SENT, Status.STOPPED), "Inzwischen ist der Versand schon weiter."),
    ],
)
async def test_what_no_page_explained_is_a_409_and_changes_nothing(
    office: Office,
    signed_in: Any,
    browser: Browser,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    words: str,
) -> None:
    async def refuse(*_: Any, **__: Any) -> None:
        raise error

    issue_id = await _published(office)
    monkeypatch.setattr("services.notifications.issues.commands.stop", refuse)
    async with signed_in(Role.OFFICE) as jana:
        answer = await jana.submit(f"/rundbriefe/{issue_id}/entfernen")
    assert answer.status_code == 409
    assert words in answer.text
    assert (await browser.get(f"/rundbriefe/{issue_id}")).status_code == 200
