"""Everything one person got: found by name, address or number, letters and issues in one list."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from services.notifications.domain.issue import Status as IssueStatus
from services.notifications.domain.letter import State
from services.notifications.domain.subscription import Subscription
from shared.clock import SetClock
from shared.events import applications as a
from shared.events.people import PersonErasedByApplications
from shared.web.access import Role
from tests.notifications.office import Office
from tests.notifications.test_letters_page_now import an_issue
from tests.support.browser import Browser
from tests.support.mailbox import Mailbox

LIST = "/buero/schreiben"


async def _subscription(office: Office) -> Subscription:
    async with office.service.db.read() as session:
        return (await session.scalars(select(Subscription))).one()


async def _rows(browser: Browser, path: str) -> list[str]:
    page = (await browser.get(path)).text
    return re.findall(r'<li><div><a [^>]*href="([^"]+)"', page)


async def test_letters_and_issues_stand_in_one_list_newest_first(
    office: Office, mailbox: Mailbox, clock: SetClock, signed_in: Callable[..., Any]
) -> None:
    await office.subscriber("ada@example.org")
    order = await _subscription(office)
    clock.forward(hours=1)
    issue = await an_issue(office, "Neues im März", IssueStatus.SENT, (State.SENT, None, order.id))
    clock.forward(hours=1)
    await office.answer(office.session())
    async with signed_in(Role.AUDITOR) as browser:
        for key in (order.id, order.person_id):
            rows = await _rows(browser, f"{LIST}/person/{key}")
            assert rows[1] == f"/buero/rundbriefe/{issue}/versenden"
            newest = await office.only("session_scheduled")
            assert rows[0] == f"{LIST}/{newest.id}"
            assert len(rows) == 2
        page = (await browser.get(f"{LIST}/person/{order.id}")).text
        assert "Neues im März" in page
        assert "Rundbrief" in page
        assert "ada@example.org" in page


async def test_a_long_list_is_turned_page_by_page_and_nothing_is_left_out_or_twice(
    office: Office, clock: SetClock, signed_in: Callable[..., Any]
) -> None:
    await office.subscriber("ada@example.org")
    order = await _subscription(office)
    issues = []
    for number in range(70):
        await office.answer(office.session())
        if number % 10 == 0:
            sent = (State.SENT, None, order.id)
            issues.append(await an_issue(office, f"Nr. {number}", IssueStatus.SENT, sent))
        if number % 7 == 0:
            clock.set(clock.now() + timedelta(minutes=1))
    path, rows = f"{LIST}/person/{order.person_id}", []
    async with signed_in(Role.OFFICE) as browser:
        more = ""
        while True:
            page = (await browser.get(path + more)).text
            rows += re.findall(r'<li><div><a [^>]*href="([^"]+)"', page)
            found = re.search(r'rel="next" href="([^"]+)"', page)
            if not found:
                break
            more = found[1].replace("&amp;", "&")
    assert len(rows) == len(set(rows))
    theirs = [one for one in await office.letters() if one.person_id == order.person_id]
    assert len(rows) == len(theirs) + len(issues)
    assert len(rows) > 50


async def test_somebody_is_found_by_name_by_address_however_typed_and_by_number(
    office: Office, mailbox: Mailbox, signed_in: Callable[..., Any]
) -> None:
    case = await office.case("ada@example.org", number="2026-077")
    await office.subscriber("abo@example.org")
    order = await _subscription(office)
    async with signed_in(Role.OFFICE) as browser:
        for words in ("lovelace", "ADA@EXAMPLE.ORG", "2026-077"):
            page = (await browser.get(f"{LIST}?liste=gesendet&suche={words}")).text
            letter = await office.only("application_received")
            assert f"{LIST}/{letter.id}" in page, words
        page = (await browser.get(f"{LIST}?suche=lovelace")).text
        assert f"{LIST}/person/{case.person_id}" in page
        page = (await browser.get(f"{LIST}?suche=Abo@Example.org")).text
        assert f"{LIST}/person/{order.id}" in page
        assert "Alles an eine Person" not in (await browser.get(f"{LIST}?suche=grace%25")).text
        assert "Alles an eine Person" not in (await browser.get(LIST)).text


async def test_the_number_finds_letters_that_do_not_name_it(
    office: Office, signed_in: Callable[..., Any]
) -> None:
    case = await office.applicant("", number="2026-078")
    await office.answer(case)
    letter = next(one for one in await office.letters() if not one.address)
    async with office.service.db.begin() as session:
        (await session.get_one(type(letter), letter.id)).subject = "ohne"
    async with signed_in(Role.OFFICE) as browser:
        page = (await browser.get(f"{LIST}?liste=drucken&suche=2026-078")).text
        assert f"{LIST}/{letter.id}" in page
        assert (
            "Bekommt Schreiben auf Papier."
            in (await browser.get(f"{LIST}/person/{case.person_id}")).text
        )


async def test_of_the_erased_the_list_stays_and_says_no_name(
    office: Office, mailbox: Mailbox, signed_in: Callable[..., Any]
) -> None:
    case = await office.case()
    await office.answer(await office.sample(a.CorrectionRequested, case))
    ids = await office.service.seals.erase(case.person_id)
    event = PersonErasedByApplications(
        at=office.clock.now(), person_id=case.person_id, person_ids=ids
    )
    await office.answer(event)
    async with signed_in(Role.OFFICE) as browser:
        page = (await browser.get(f"{LIST}/person/{case.person_id}")).text
    assert "deren Daten gelöscht sind" in page
    assert "Lovelace" not in page
    assert "ada@" not in page


async def test_nobody_is_nowhere_and_a_place_that_is_none_is_not_found(
    office: Office, browser: Browser, signed_in: Callable[..., Any]
) -> None:
    case = await office.applicant()
    await office.answer(case)
    path = f"{LIST}/person/{case.person_id}"
    async with signed_in(Role.OFFICE) as reader:
        assert (await reader.get(f"{LIST}/person/{uuid4()}")).status_code == 404
        for wrong in ("x", "2026-01-01~x", f"2026-01-01T00:00:00~{UUID(int=0)}"):
            assert (await reader.get(f"{path}?vor={wrong}")).status_code == 404
        assert (await reader.get(path)).status_code == 200
    assert (await browser.get(path)).status_code in (302, 303, 401)
    async with signed_in(Role.MEMBER) as member:
        assert (await member.get(path)).status_code == 403
