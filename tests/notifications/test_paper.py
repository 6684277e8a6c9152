"""Somebody without an e-mail address: the letter is written all the same, and the office prints it."""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from sqlalchemy import select
from uuid_utils.compat import uuid7

from services.notifications.domain.letter import Letter, Reason, State
from services.notifications.queries import letters as queries
from services.notifications.store import Audit
from shared.events import applications as a
from shared.events.people import PersonErasedByApplications
from shared.web.access import Role
from tests.notifications.office import Office
from tests.notifications.test_letters_from_events import cancelled
from tests.support.mailbox import Mailbox

LIST = "/buero/schreiben"


async def test_a_letter_on_paper_is_written_and_never_tried_to_be_sent(
    office: Office, mailbox: Mailbox
) -> None:
    case = await office.applicant("")
    await office.answer(case, await office.sample(a.GrantReserved, case))
    await office.send()
    letter = await office.only("grant_reserved")
    assert (letter.state, letter.reason) == (State.SUPPRESSED, Reason.PAPER)
    assert mailbox.to("ada") == []
    assert letter.text.startswith("Ada Lovelace\nHallesche Straße 12\n38444 Wolfsburg\n")
    assert "Sie bekommen diesen Brief" in letter.text
    assert "E-Mail" not in letter.text
    assert "Hallesche Straße 12" in letter.html
    assert "@media print" in letter.html


async def test_two_people_without_an_address_share_no_thread_and_no_refusal(
    office: Office, mailbox: Mailbox
) -> None:
    first, second = await office.applicant(""), await office.applicant("")
    await office.answer(first, second)
    assert [one.address_hash for one in await office.letters("application_received")] == ["", ""]
    await office.case("ada@example.org")
    assert len(mailbox.to("ada@example.org")) == 1


async def test_the_office_finds_prints_and_ticks_off_what_goes_by_post(
    office: Office, signed_in: Callable[..., Any]
) -> None:
    case = await office.applicant("")
    await office.answer(case, await office.sample(a.GrantReserved, case))
    await office.send()
    letter, [file] = await office.only("grant_reserved"), await office.files()
    path = f"{LIST}/{letter.id}"
    async with signed_in(Role.OFFICE) as browser:
        worry = (await browser.get(LIST)).text
        assert path in worry, "it waits for somebody"
        assert "Zum Ausdrucken" in worry
        assert path not in (await browser.get(f"{LIST}?liste=nicht-gesendet")).text
        page = (await browser.get(path)).text
        assert "keine E-Mail-Adresse" in page
        assert f'href="{path}/ansicht"' in page
        assert "bewilligung-2026-021.pdf" in page
        pdf = await browser.get(f"{path}/dateien/{file.id}")
        assert (pdf.content, pdf.headers["content-type"]) == (file.content, "application/pdf")
        assert "attachment" in pdf.headers["content-disposition"]
        assert file.name in unquote(pdf.headers["content-disposition"])
        done = await browser.submit(f"{path}/erledigt", on=path)
        assert done.headers["location"] == path
        assert path not in (await browser.get(f"{LIST}?liste=drucken")).text
        assert path in (await browser.get(f"{LIST}?liste=nicht-gesendet")).text
        again = await browser.submit(f"{path}/noch-einmal", on="/abo")
        assert again.status_code == 409, "there is nowhere to send it"
    async with office.service.db.read() as session:
        [entry] = await session.scalars(select(Audit))
    assert (entry.action, entry.subject) == ("letter.ticked_off", str(letter.id))


async def test_a_file_opens_under_its_own_letter_and_for_readers_only(
    office: Office, signed_in: Callable[..., Any]
) -> None:
    case = await office.case()
    await office.answer(await office.sample(a.GrantReserved, case))
    letter, [file] = await office.only("grant_reserved"), await office.files()
    other = await office.only("application_received")
    async with signed_in(Role.AUDITOR) as browser:
        assert (await browser.get(f"{LIST}/{letter.id}/dateien/{file.id}")).status_code == 200
        assert (await browser.get(f"{LIST}/{other.id}/dateien/{file.id}")).status_code == 404
    async with signed_in(Role.MEMBER) as browser:
        assert (await browser.get(f"{LIST}/{letter.id}/dateien/{file.id}")).status_code == 403


async def test_what_is_not_printed_yet_is_overtaken_and_what_is_in_the_post_is_not(
    office: Office, signed_in: Callable[..., Any]
) -> None:
    case = await office.applicant("")
    session = office.session()
    at = {"session_id": session.session_id, "session_at": session.starts_at}
    posted = (await office.applicant("", number="2026-022")).model_copy(update=at)
    await office.answer(session, case.model_copy(update=at), posted)
    path = f"{LIST}/{(await office.letters('application_received'))[1].id}"
    async with signed_in(Role.OFFICE) as browser:
        await browser.submit(f"{path}/erledigt", on=path)
    await office.answer(cancelled(session))
    assert await office.states("application_received") == [State.OVERTAKEN, State.SUPPRESSED]
    assert await office.states("case_session_cancelled") == [State.SUPPRESSED] * 2


async def test_erasing_leaves_nothing_to_print(office: Office, mailbox: Mailbox) -> None:
    case = await office.applicant("")
    await office.answer(case, await office.sample(a.GrantReserved, case))
    ids = await office.service.seals.erase(case.person_id)
    await office.answer(
        PersonErasedByApplications(at=office.clock.now(), person_id=case.person_id, person_ids=ids)
    )
    letter = await office.only("grant_reserved")
    assert (letter.reason, letter.text, letter.html, letter.name) == (Reason.ERASED, "", "", "")
    assert await office.files() == []


async def test_every_letter_is_in_exactly_one_list(office: Office) -> None:
    at = office.clock.now()
    rows = [
        Letter(
            id=uuid7(), event_id=uuid7(), kind="sign_in", cause="", recipient="", name="",
            address="", address_hash="", language="de", subject="", text="", html="",
            state=state, reason=reason, handled_at=handled, priority=1, queued_at=at,
            due_at=at, expires_at=at,
        )
        for state in State
        for reason in ([*Reason] if state is State.SUPPRESSED else [None])
        for handled in (None, at)
    ]  # fmt: skip
    async with office.service.db.begin() as session:
        session.add_all(rows)
    async with office.service.db.read() as session:
        counts = await queries.counts(session)
    assert sum(counts.values()) == len(rows)
    assert counts["drucken"] == 1
