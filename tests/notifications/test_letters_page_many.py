"""One decision about many letters: asked with a number, done with those, on record for each."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, update
from uuid_utils.compat import uuid7

from services.notifications.domain.letter import Letter, Reason, State, Suppression
from services.notifications.store import Audit
from shared.clock import SetClock
from shared.web.access import Role
from tests.notifications.office import Office
from tests.support.mailbox import Mailbox

LIST = "/buero/schreiben"
ALL = f"{LIST}/alle"


async def _letters(office: Office, count: int, state: State = State.FAILED, **more: Any) -> None:
    at = office.clock.now()
    row: dict[str, Any] = {
        "kind": "case_link", "cause": "", "recipient": "ada", "name": "Ada", "language": "de",
        "address": "ada@example.org", "address_hash": "a", "subject": "s", "text": "t",
        "html": "h", "state": state, "priority": 1, "queued_at": at, "due_at": at,
        "expires_at": at + timedelta(days=1), "tries": 3, "losses": 1,
    }  # fmt: skip
    async with office.service.db.begin() as session:
        session.add_all(Letter(id=uuid7(), event_id=uuid7(), **row | more) for _ in range(count))


async def _counts(office: Office) -> dict[tuple[str, bool], int]:
    handled = Letter.handled_at.is_not(None)
    grouped = select(Letter.state, handled, func.count()).group_by(Letter.state, handled)
    async with office.service.db.read() as session:
        rows = await session.execute(grouped)
        return {(str(state), bool(done)): count for state, done, count in rows}


def read(page: Any) -> str:
    """As somebody reads it."""
    return re.sub(r"<[^>]+>", "", page.text)


async def _form(browser: Any, path: str) -> dict[str, str]:
    page = (await browser.get(path)).text
    fields = ("liste", "art", "suche", "bis", "anzahl")
    return {name: page.split(f'name="{name}" value="')[1].split('"')[0] for name in fields}


async def test_all_that_failed_and_still_hold_go_out_once_more(
    office: Office, mailbox: Mailbox, signed_in: Callable[..., Any]
) -> None:
    await _letters(office, 3)
    await _letters(office, 1, expires_at=office.clock.now())
    await _letters(office, 1, reason=Reason.NEWER)
    await _letters(office, 1, address_hash="dead")
    async with office.service.db.begin() as session:
        session.add(Suppression(address_hash="dead", at=office.clock.now(), reason="address"))
    path = f"{ALL}/noch-einmal?liste=gescheitert"
    async with signed_in(Role.OFFICE) as browser:
        assert "alle/noch-einmal?liste=gescheitert" in (await browser.get(LIST)).text
        page = read(await browser.get(path))
        assert "Es geht um 3 Schreiben." in page
        assert "3 weitere Schreiben der Liste bleiben, wie sie sind." in page
        asked = await _form(browser, path)
        await _letters(office, 1)
        done = await browser.submit(f"{ALL}/noch-einmal", asked, on=path)
        assert done.headers["location"].startswith(f"{LIST}?liste=gescheitert")
        assert "Erledigt für 3 Schreiben." in read(await browser.get(done.headers["location"]))
    assert await _counts(office) == {("queued", False): 3, ("failed", False): 4}
    async with office.service.db.read() as session:
        audits = (await session.scalars(select(Audit))).all()
        fresh = (await session.scalars(select(Letter).where(Letter.state == "queued"))).all()
    assert {one.subject for one in audits} == {str(one.id) for one in fresh}
    assert {one.action for one in audits} == {"letter.sent_again"}
    assert {(one.tries, one.losses, one.due_at) for one in fresh} == {(0, 0, office.clock.now())}
    assert await office.send() == 3
    assert len(mailbox.mails) == 3


async def test_a_letter_that_failed_since_the_page_was_read_is_asked_about_again(
    office: Office, signed_in: Callable[..., Any]
) -> None:
    await _letters(office, 1, State.QUEUED)
    await _letters(office, 2)
    path = f"{ALL}/noch-einmal?liste=gescheitert"
    async with signed_in(Role.OFFICE) as browser:
        asked = await _form(browser, path)
        async with office.service.db.begin() as session:
            late = update(Letter).where(Letter.state == State.QUEUED)
            await session.execute(late.values(state=State.FAILED))
        again = await browser.submit(f"{ALL}/noch-einmal", asked, on=path)
        assert await _counts(office) == {("failed", False): 3}
        page = read(await browser.get(again.headers["location"]))
        assert "Inzwischen sind es mehr." in page and "Es geht um 3 Schreiben." in page
        await browser.submit(f"{ALL}/noch-einmal", await _form(browser, path), on=path)
    assert await _counts(office) == {("queued", False): 3}


async def test_what_was_found_is_what_is_meant(
    office: Office, signed_in: Callable[..., Any]
) -> None:
    await _letters(office, 2, kind="sign_in", name="Grace")
    await _letters(office, 2, kind="case_link", name="Grace")
    await _letters(office, 2, kind="sign_in")
    path = f"{ALL}/erledigt?liste=gescheitert&art=sign_in&suche=grace"
    async with signed_in(Role.OFFICE) as browser:
        page = read(await browser.get(path))
        assert "Es geht um 2 Schreiben." in page
        assert "Gefunden mit „" in page
        await browser.submit(f"{ALL}/erledigt", await _form(browser, path), on=path)
    assert await _counts(office) == {("failed", True): 2, ("failed", False): 4}


async def test_what_waits_is_stopped_and_what_is_under_way_is_not(
    office: Office, signed_in: Callable[..., Any]
) -> None:
    await _letters(office, 2, State.QUEUED)
    await _letters(office, 1, State.DEFERRED)
    await _letters(office, 1, State.CLAIMED)
    path = f"{ALL}/stoppen?liste=wartet"
    async with signed_in(Role.OFFICE) as browser:
        assert "Es geht um 3 Schreiben." in read(await browser.get(path))
        await browser.submit(f"{ALL}/stoppen", await _form(browser, path), on=path)
    assert await _counts(office) == {("suppressed", False): 3, ("claimed", False): 1}
    assert {one.reason for one in await office.letters() if one.state == State.SUPPRESSED} == {
        Reason.OFFICE
    }


async def test_unknown_ones_are_ticked_off_together_but_never_sent_again_together(
    office: Office, signed_in: Callable[..., Any]
) -> None:
    await _letters(office, 2, State.UNKNOWN)
    path = f"{ALL}/erledigt?liste=unklar"
    async with signed_in(Role.OFFICE) as browser:
        assert "alle/noch-einmal" not in (await browser.get(f"{LIST}?liste=unklar")).text
        assert (await browser.get(f"{ALL}/noch-einmal?liste=unklar")).status_code == 404
        forged = await _form(browser, path) | {"liste": "unklar"}
        assert (await browser.submit(f"{ALL}/noch-einmal", forged, on=path)).status_code == 404
        await browser.submit(f"{ALL}/erledigt", forged, on=path)
    assert await _counts(office) == {("unknown", True): 2}


async def test_an_empty_list_a_second_click_and_a_forged_form_change_nothing(
    office: Office, clock: SetClock, signed_in: Callable[..., Any]
) -> None:
    path = f"{ALL}/erledigt?liste=gescheitert"
    async with signed_in(Role.OFFICE) as browser:
        assert "Für kein Schreiben dieser Liste" in (await browser.get(path)).text
        assert (await browser.get(f"{ALL}/erledigt?liste=gesendet")).status_code == 404
        assert (await browser.get(f"{ALL}/unheard-of?liste=gescheitert")).status_code in (404, 422)
        await _letters(office, 1)
        asked = await _form(browser, path)
        bad = asked | {"bis": "x"}
        assert (await browser.submit(f"{ALL}/erledigt", bad, on=path)).status_code == 422
        await browser.submit(f"{ALL}/erledigt", asked, on=path)
        again = await browser.submit(f"{ALL}/erledigt", asked, on=path)
        assert "Erledigt f" in (await browser.get(again.headers["location"])).text
    async with office.service.db.read() as session:
        assert len((await session.scalars(select(Audit))).all()) == 1


async def test_ten_thousand_are_decided_in_a_moment(
    office: Office, signed_in: Callable[..., Any]
) -> None:
    for _ in range(5):
        await _letters(office, 2_000)
    path = f"{ALL}/erledigt?liste=gescheitert"
    async with signed_in(Role.OFFICE) as browser:
        assert "Es geht um 10.000 Schreiben." in read(await browser.get(path))
        await browser.submit(f"{ALL}/erledigt", await _form(browser, path), on=path)
    assert await _counts(office) == {("failed", True): 10_000}


async def test_the_auditor_decides_nothing(office: Office, signed_in: Callable[..., Any]) -> None:
    await _letters(office, 1)
    async with office.service.db.begin() as session:
        await session.execute(update(Letter).values(state=State.FAILED))
    async with signed_in(Role.AUDITOR) as browser:
        assert "/alle/" not in (await browser.get(f"{LIST}?liste=gescheitert")).text
        for deed in ("noch-einmal", "erledigt"):
            assert (await browser.get(f"{ALL}/{deed}?liste=gescheitert")).status_code == 403
