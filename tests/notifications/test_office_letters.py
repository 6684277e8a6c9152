"""The office's page of letters: what needs somebody first, and every decision on record."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from services.notifications.domain.letter import State, Suppression
from services.notifications.store import Audit
from shared.clock import SetClock
from shared.events.applications import CaseLinkRequested, DraftSaved
from shared.events.meetings import AccountInvited, SignInRequested
from shared.web.access import Role
from tests.notifications.office import Office
from tests.support.browser import Browser
from tests.support.mailbox import Mailbox

LIST = "/buero/schreiben"


async def _letter(office: Office, mailbox: Mailbox, answer: Any) -> str:
    """One letter that met this answer; its page."""
    await office.answer(await office.link_event(CaseLinkRequested, minutes=60 * 24))
    mailbox.answer(answer)
    await office.send()
    return f"{LIST}/{(await office.letters())[-1].id}"


async def test_unclear_letters_come_first(
    office: Office, mailbox: Mailbox, signed_in: Callable[..., Any]
) -> None:
    async with signed_in(Role.OFFICE) as browser:
        assert "Noch kein Schreiben" in (await browser.get(LIST)).text
        failed = await _letter(office, mailbox, "550")
        assert failed in (await browser.get(LIST)).text
        unknown = await _letter(office, mailbox, "drop")
        page = (await browser.get(LIST)).text
        assert unknown in page
        assert failed not in page
        assert failed in (await browser.get(f"{LIST}?liste=gescheitert")).text


async def test_a_letter_shows_person_cause_text_and_attempts(
    office: Office, mailbox: Mailbox, signed_in: Callable[..., Any]
) -> None:
    await office.answer(await office.applicant())
    mailbox.answer("550", "550")
    await office.send()
    letter = await office.only("application_received")
    path = f"{LIST}/{letter.id}"
    async with signed_in(Role.AUDITOR) as browser:
        page = (await browser.get(path)).text
        for words in ("Ada Lovelace", "ada@example.org", "Antrag angekommen", "told to say so"):
            assert words in page
        assert "Noch einmal" not in page, "the auditor decides nothing"
        assert "<iframe sandbox " in page
        shown = await browser.get(f"{path}/ansicht")
        assert shown.text == letter.html
        assert shown.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
        assert (await browser.submit(f"{path}/noch-einmal", on="/abo")).status_code == 403


@pytest.mark.parametrize("kind", [CaseLinkRequested, SignInRequested, AccountInvited, DraftSaved])
async def test_a_link_meant_for_one_person_is_shown_to_nobody_else(
    office: Office, signed_in: Callable[..., Any], kind: type
) -> None:
    await office.answer(await office.link_event(kind))
    path = f"{LIST}/{(await office.only()).id}"
    async with signed_in(Role.OFFICE) as browser:
        page = (await browser.get(path)).text
        assert "Den Text zeigen wir nicht" in page
        assert "t0ken" not in page
        assert "K7PM" not in page
        assert (await browser.get(f"{path}/ansicht")).status_code == 404


@pytest.mark.parametrize("answer", ["550", "drop"])
async def test_a_person_can_have_it_sent_once_more_with_the_same_message_id(
    office: Office, mailbox: Mailbox, signed_in: Callable[..., Any], answer: str
) -> None:
    path = await _letter(office, mailbox, answer)
    async with office.service.db.begin() as session:
        letter = await office.only()
        session.add(Suppression(address_hash=letter.address_hash, at=letter.queued_at, reason="x"))
    async with signed_in(Role.OFFICE) as browser:
        said = await browser.submit(f"{path}/noch-einmal", on=path)
        assert said.headers["location"] == path
        again = await browser.submit(f"{path}/noch-einmal", on="/abo")
        assert again.status_code == 409, "the second click finds it queued"
    mailbox.clear()
    await office.send()
    [mail] = mailbox.mails
    assert mail["Message-ID"] == f"<{letter.id}@stadtteil.example>"
    assert await office.states() == [State.SENT]
    async with office.service.db.read() as session:
        [entry] = await session.scalars(select(Audit))
    assert (entry.action, entry.subject) == ("letter.sent_again", str(letter.id))
    assert entry.actor.startswith("account:")
    assert "ada" not in str(entry.details)


async def test_a_letter_whose_time_is_over_is_not_sent_again(
    office: Office, mailbox: Mailbox, clock: SetClock, signed_in: Callable[..., Any]
) -> None:
    path = await _letter(office, mailbox, "550")
    clock.forward(days=1)
    async with signed_in(Role.OFFICE) as browser:
        assert "Noch einmal" not in (await browser.get(path)).text
        answer = await browser.submit(f"{path}/noch-einmal", on="/abo")
        assert answer.status_code == 409
    assert await office.states() == [State.FAILED]


async def test_a_waiting_letter_can_be_stopped_and_a_failed_one_ticked_off(
    office: Office, mailbox: Mailbox, signed_in: Callable[..., Any]
) -> None:
    waiting = await _letter(office, mailbox, "451")
    async with signed_in(Role.OFFICE) as browser:
        await browser.submit(f"{waiting}/stoppen", on=waiting)
        assert await office.states() == [State.SUPPRESSED]
        failed = await _letter(office, mailbox, "550")
        await browser.submit(f"{failed}/erledigt", on=failed)
        assert failed not in (await browser.get(f"{LIST}?liste=gescheitert")).text
        assert failed in (await browser.get(f"{LIST}?liste=nicht-gesendet")).text
    assert await office.states() == [State.SUPPRESSED, State.FAILED]


async def test_nobody_else_reads_letters(
    office: Office, mailbox: Mailbox, browser: Browser, signed_in: Callable[..., Any]
) -> None:
    path = await _letter(office, mailbox, "250")
    for each in (LIST, path, f"{path}/ansicht"):
        assert (await browser.get(each)).status_code in (302, 303, 401)
        async with signed_in(Role.MEMBER) as member:
            assert (await member.get(each)).status_code == 403


async def test_a_long_list_is_paged_found_in_and_read_in_few_queries(
    office: Office, mailbox: Mailbox, signed_in: Callable[..., Any]
) -> None:
    for _ in range(3):
        await office.subscriber(f"n{len(await office.letters())}@example.org")
        await office.answer(office.session())
    await _many(office, 60)
    engine = office.service.db._reading
    seen: list[str] = []
    event.listen(
        getattr(engine, "sync_engine"),  # noqa: B009 - the option engine has it, its stub does not
        "before_cursor_execute",
        lambda *said: seen.append(said[2]),
    )
    async with signed_in(Role.OFFICE) as browser:
        first = (await browser.get(f"{LIST}?liste=wartet")).text
        assert len(re.findall(rf'href="{LIST}/[0-9a-f-]{{36}}"', first)) == 50
        assert len([statement for statement in seen if "FROM letters" in statement]) <= 4
        more = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
        second = (await browser.get(LIST + more)).text
        assert 'rel="next"' not in second
        found = (await browser.get(f"{LIST}?liste=wartet&suche=grace%25")).text
        assert "Dazu gibt es hier kein Schreiben." in found
        found = (await browser.get(f"{LIST}?liste=wartet&suche=ada@")).text
        assert "n0@example.org" not in found


async def _many(office: Office, count: int) -> None:
    for _ in range(count):
        await office.answer(await office.link_event(CaseLinkRequested, minutes=60))
        office.clock.set(office.clock.now() + timedelta(seconds=1))
