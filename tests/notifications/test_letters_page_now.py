"""What goes out now, what hangs, and issues with copies somebody has to look after."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import update
from uuid_utils.compat import uuid7

from services.notifications.domain.bounce import Bounce, Severity
from services.notifications.domain.issue import Issue, IssueKind, IssueLetter, IssueText, Trouble
from services.notifications.domain.issue import Status as IssueStatus
from services.notifications.domain.letter import Letter, Outcome, State
from services.notifications.sender import relays
from services.notifications.sender.schedule import Answer
from shared.clock import SetClock
from shared.events.applications import CaseLinkRequested
from shared.web.access import Role
from tests.notifications.office import Office
from tests.support.browser import Browser
from tests.support.mailbox import Mailbox

LIST = "/buero/schreiben"
NOW = f"{LIST}/stand"


def facts(page: str) -> dict[str, str]:
    """The figures as somebody reads them."""
    rows = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page, re.DOTALL)
    return {label: re.sub(r"<[^>]+>|[\u2066-\u2069]", "", said) for label, said in rows}


async def an_issue(office: Office, subject: str, status: IssueStatus, *copies: Any) -> UUID:
    """An issue that began, with a copy for each (state, reason)."""
    at, issue_id = office.clock.now(), uuid7()
    async with office.service.db.begin() as session:
        session.add(
            Issue(
                id=issue_id, kind=IssueKind.NEWSLETTER, status=status, number=None, blocks=[],
                since_cursor=0, created_at=at, changed_at=at, scheduled_at=None, started_at=at,
                finished_at=None, expires_at=at + timedelta(days=3), window_from=0, window_to=24,
                pause=None, pause_answer="", event_id=None, gathered=True, gathered_to=None,
                recipients=len(copies), version=1,
            )
        )  # fmt: skip
        await session.flush()
        words = {"subject": subject, "first_line": "", "body": "", "changed_at": at}
        session.add(IssueText(issue_id=issue_id, language="de", **words))
        session.add_all(
            IssueLetter(
                issue_id=issue_id, number=number, subscription_id=subscription or uuid7(),
                language="de", state=state, reason=reason,
            )
            for number, (state, reason, subscription) in enumerate(copies, start=1)
        )  # fmt: skip
    return issue_id


async def test_the_page_counts_what_waits_what_is_put_off_and_what_went_out(
    office: Office, mailbox: Mailbox, clock: SetClock, signed_in: Callable[..., Any]
) -> None:
    await _link(office)
    await office.send()
    clock.forward(hours=2)
    mailbox.answer("451")
    for _ in range(2):
        await _link(office)
        await office.send()
    for _ in range(3):
        await _link(office)
    await _claimed(office)
    async with signed_in(Role.AUDITOR) as browser:
        shown = facts((await browser.get(NOW)).text)
        assert 'hx-trigger="every 5s"' in (await browser.get(NOW)).text
    assert shown["Wartet"] == "2"
    assert shown["Wird gerade versendet"] == "1"
    assert re.fullmatch(r"1, zuerst um \d\d:\d\d Uhr", shown["Wird später noch einmal versucht"])
    assert shown["In der letzten Stunde versendet"] == "1"
    assert shown["Heute versendet"] == "2"


async def _link(office: Office) -> None:
    await office.answer(await office.link_event(CaseLinkRequested, minutes=60 * 24))


async def _claimed(office: Office) -> None:
    last = (await office.letters())[-1].id
    async with office.service.db.begin() as session:
        await session.execute(
            update(Letter).where(Letter.id == last).values(state=State.CLAIMED, claim=uuid7())
        )


async def test_the_day_begins_at_midnight_in_berlin(
    office: Office, mailbox: Mailbox, clock: SetClock, signed_in: Callable[..., Any]
) -> None:
    await _link(office)
    await office.send()
    clock.forward(hours=25)
    async with signed_in(Role.OFFICE) as browser:
        assert facts((await browser.get(NOW)).text)["Heute versendet"] == "0"


async def test_what_is_due_and_does_not_go_out_is_said_with_since_when(
    office: Office, clock: SetClock, signed_in: Callable[..., Any]
) -> None:
    await _link(office)
    await _link(office)
    async with signed_in(Role.OFFICE) as browser:
        assert "Es geht nichts hinaus" not in (await browser.get(NOW)).text
        clock.forward(minutes=3)
        page = (await browser.get(NOW)).text
        assert "Es geht nichts hinaus" in page
        assert "2 Schreiben warten, das erste seit" in re.sub(r"<[^>]+>", "", page)
        assert "Der Mailserver ist nicht zu erreichen" in page


async def test_a_server_that_shuts_us_out_is_named_with_its_answer(
    office: Office, clock: SetClock, signed_in: Callable[..., Any]
) -> None:
    answer = Answer(Outcome.DEFERRED, 535, "5.7.8 <b>bad</b> password")
    async with office.service.db.begin() as session:
        await relays.stop(session, office.service.settings, answer, at=clock.now())
    async with signed_in(Role.OFFICE) as browser:
        page = (await browser.get(LIST)).text
        assert "Der Mailserver lässt uns nicht hinein" in page
        assert "535 5.7.8 &lt;b&gt;bad&lt;/b&gt; password" in page
        clock.forward(minutes=6)
        assert "lässt uns nicht hinein" not in (await browser.get(LIST)).text


async def test_issues_under_way_and_copies_in_trouble_stand_in_their_lists_as_one_row(
    office: Office, signed_in: Callable[..., Any]
) -> None:
    refused, unanswered = (
        (State.FAILED, Trouble.REFUSED, None),
        (State.UNKNOWN, Trouble.UNANSWERED, None),
    )
    going = await an_issue(office, "Neues im März", IssueStatus.SENDING, (State.QUEUED, None, None))
    done = await an_issue(
        office, "Neues im Februar", IssueStatus.SENT, refused, refused, unanswered
    )
    async with signed_in(Role.AUDITOR) as browser:
        now = (await browser.get(NOW)).text
        assert f"/buero/rundbriefe/{going}/versenden" in now
        assert "Neues im Februar" not in now
        failed = (await browser.get(f"{LIST}?liste=gescheitert")).text
        assert f"/buero/rundbriefe/{done}/versenden" in failed
        assert "2 Empfänger dieser Ausgabe" in re.sub(r"<[^>]+>", "", failed)
        unknown = (await browser.get(f"{LIST}?liste=unklar")).text
        assert "1 Empfänger dieser Ausgabe" in re.sub(r"<[^>]+>", "", unknown)
        assert "Neues im Februar" not in (await browser.get(f"{LIST}?liste=gesendet")).text


async def test_a_letter_shows_what_came_back_and_the_way_to_its_reader(
    office: Office, mailbox: Mailbox, signed_in: Callable[..., Any]
) -> None:
    case = await office.case()
    letter = await office.only("application_received")
    async with office.service.db.begin() as session:
        session.add(
            Bounce(
                id=uuid7(), about=letter.id, number=0, address_hash=letter.address_hash,
                at=office.clock.now(), severity=Severity.HARD, status="5.1.1",
                diagnostic="550 <nobody> here", handled_at=None,
            )
        )  # fmt: skip
    async with signed_in(Role.AUDITOR) as browser:
        page = (await browser.get(f"{LIST}/{letter.id}")).text
    assert "Was zurückkam" in page
    assert "5.1.1 550 &lt;nobody&gt; here" in page
    assert "kam zurück" in page
    assert f'href="{LIST}/person/{case.person_id}"' in page


async def test_only_readers_see_what_goes_out(
    browser: Browser, signed_in: Callable[..., Any]
) -> None:
    assert (await browser.get(NOW)).status_code in (302, 303, 401)
    async with signed_in(Role.MEMBER) as member:
        assert (await member.get(NOW)).status_code == 403


async def test_what_nobody_can_type_is_no_error(signed_in: Callable[..., Any]) -> None:
    async with signed_in(Role.OFFICE) as browser:
        for query in ("suche=%00", "suche=a%00b&liste=gescheitert"):
            assert (await browser.get(f"{LIST}?{query}")).status_code == 200
        nowhere = f"{LIST}/unerreichbar?vor=0001-01-01T00:00:00%2B14:00~%00"
        assert (await browser.get(nowhere)).status_code == 404
