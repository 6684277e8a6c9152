"""Letters that must not go out, and people of whom nothing readable stays."""

import re
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from uuid_utils.compat import uuid7

from services.notifications.addressbook import forget
from services.notifications.bounces.commands import tick_off
from services.notifications.bounces.consequences import Returned, keep
from services.notifications.commands.letters import send_again
from services.notifications.domain.addressbook import Person
from services.notifications.domain.bounce import Bounce, Severity
from services.notifications.domain.letter import (
    Letter,
    LetterFile,
    Outcome,
    Reason,
    State,
    Suppression,
)
from services.notifications.domain.subscription import Consent, Subscription
from services.notifications.letters.kinds import Priority
from services.notifications.links import Purpose, url
from services.notifications.sender.claims import attempt
from services.notifications.sender.loop import Lane
from services.notifications.sender.schedule import Answer
from services.notifications.store import Base
from services.notifications.worker import tidy
from shared.events.applications import CaseLinkRequested
from shared.events.meetings import SignInRequested
from shared.events.people import PersonErased, PersonErasedByApplications
from tests.notifications.office import Office
from tests.support.browser import Browser
from tests.support.mailbox import Mailbox

NO_SUCH_USER = "550 5.1.1 ada@example.org: no such user"


async def _suppress(office: Office, address: str = "ada@example.org") -> None:
    async with office.service.db.begin() as session:
        session.add(
            Suppression(
                address_hash=office.service.seals.address_hash(address),
                at=office.clock.now(),
                reason=Reason.ADDRESS,
            )
        )


async def _released(office: Office) -> bool:
    async with office.service.db.read() as session:
        return await session.scalar(select(Suppression)) is None


async def test_an_address_nobody_has_gets_no_further_letter(
    office: Office, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_such_user(*_: Any) -> str:
        return NO_SUCH_USER

    monkeypatch.setattr(mailbox, "handle_RCPT", no_such_user)
    await office.answer(await office.link_event(CaseLinkRequested))
    await office.send()
    await office.answer(await office.link_event(CaseLinkRequested))
    await office.answer(await office.link_event(SignInRequested))
    assert await office.states() == [State.FAILED, State.SUPPRESSED, State.SUPPRESSED]


async def test_a_letter_sent_again_to_an_address_nobody_has_holds_it_back_again(
    office: Office, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server says the very same once more; the office has to look at it once more."""

    async def no_such_user(*_: Any) -> str:
        return NO_SUCH_USER

    monkeypatch.setattr(mailbox, "handle_RCPT", no_such_user)
    await office.answer(await office.link_event(CaseLinkRequested, minutes=60))
    await office.send()
    letter = await office.only()
    office.clock.forward(minutes=5)
    async with office.service.db.begin() as session:
        at = office.clock.now()
        await tick_off(session, letter.address_hash, by="account:x", at=at)
        await send_again(session, letter.id, by="account:x", at=at)
    assert await _released(office)
    assert await office.send() == 1
    assert not await _released(office)
    async with office.service.db.read() as session:
        bounce = (await session.scalars(select(Bounce))).one()
    assert (bounce.severity, bounce.status) == (Severity.HARD, "5.1.1")
    assert (bounce.at, bounce.handled_at) == (office.clock.now(), None)


async def test_a_refusal_that_is_not_the_addresss_fault_holds_nothing_back(
    office: Office, mailbox: Mailbox
) -> None:
    mailbox.answer("550", "554")
    for _ in range(2):
        await office.answer(await office.link_event(CaseLinkRequested))
        await office.send()
    assert await office.states() == [State.FAILED, State.FAILED]
    assert await _released(office)


async def test_suppression_is_checked_when_queueing(office: Office) -> None:
    await _suppress(office)
    await office.answer(await office.link_event(SignInRequested))
    letter = await office.only()
    assert (letter.state, letter.reason) == (State.SUPPRESSED, Reason.ADDRESS)


async def test_suppression_is_checked_when_claiming(office: Office, mailbox: Mailbox) -> None:
    await office.answer(await office.link_event(SignInRequested))
    await _suppress(office)
    await office.send()
    letter = await office.only()
    assert (letter.state, letter.reason) == (State.SUPPRESSED, Reason.ADDRESS)
    assert mailbox.connections == 0


async def test_suppression_is_checked_right_before_the_body(
    office: Office, mailbox: Mailbox
) -> None:
    await office.answer(await office.link_event(SignInRequested))
    lane = Lane(office.sender(), Priority.URGENT)
    claimed = await lane.claim()
    await _suppress(office)
    await lane.work(claimed)
    await lane.hang_up()
    await office.send()
    assert mailbox.connections == 1
    assert mailbox.mails == []
    assert await office.states() == [State.SUPPRESSED]


async def _readable(office: Office) -> str:
    """Everything that lies in the database, as one text; the outbox only holds sealed data."""
    lines = []
    async with office.service.db.read() as session:
        for table in Base.metadata.sorted_tables:
            lines += [str(tuple(row)) for row in await session.execute(select(table))]
    return "\n".join(lines)


async def _erase(office: Office, person_id: Any) -> PersonErased:
    ids = await office.service.seals.erase(person_id)
    event = PersonErasedByApplications(at=office.clock.now(), person_id=person_id, person_ids=ids)
    await office.answer(event)
    return event


async def test_nothing_readable_of_an_erased_applicant_stays(
    office: Office, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    submitted = await office.applicant()
    await office.answer(submitted)
    mailbox.answer("550")
    await office.send()
    await office.answer(await office.link_event(CaseLinkRequested))
    assert "ada@example.org" in await _readable(office)
    await _erase(office, submitted.person_id)
    left = await _readable(office)
    for trace in (
        "ada@example.org",
        "Ada Lovelace",
        office.service.seals.address_hash("ada@example.org"),
    ):
        assert trace not in left
    waiting = (await office.letters("case_link"))[0]
    assert (waiting.state, waiting.reason) == (State.SUPPRESSED, Reason.ERASED)
    mailbox.clear()
    await office.send()
    assert mailbox.mails == []


async def test_erasing_reaches_somebody_who_only_subscribed(
    office: Office, mailbox: Mailbox
) -> None:
    await office.subscriber("anna@example.org")
    await office.answer(office.session())
    async with office.service.db.read() as session:
        subscription = (await session.scalars(select(Subscription))).one()
    await _erase(office, subscription.person_id)
    async with office.service.db.read() as session:
        assert await session.scalar(select(Subscription)) is None
        assert await session.scalar(select(Consent)) is None
    assert "anna@example.org" not in await _readable(office)
    await office.answer(office.session())
    await office.send()
    assert mailbox.mails == []


async def test_old_links_of_the_forgotten_and_of_nobody_say_the_same(
    office: Office, browser: Browser
) -> None:
    await office.subscriber("anna@example.org")
    async with office.service.db.read() as session:
        subscription = (await session.scalars(select(Subscription))).one()
    await _erase(office, subscription.person_id)
    said = set()
    for about in (subscription.id, uuid4()):
        unsubscribe = url(office.service.settings, Purpose.UNSUBSCRIBE, about)
        manage = url(office.service.settings, Purpose.MANAGE, about)
        one_click = {"List-Unsubscribe": "One-Click"}
        for answer in (
            await browser.get(unsubscribe),
            await browser.post(unsubscribe, data=one_click),
            await browser.get(manage),
            await browser.submit(manage, {"topics": "sessions", "language": "de"}, on="/abo"),
        ):
            assert answer.status_code == 200
            said.add(re.search(r"<h1.*</h1>", answer.text, re.DOTALL)[0])  # type: ignore[index]
    assert len(said) == 1
    assert "Sie sind abgemeldet" in said.pop()


async def test_events_told_before_the_erasure_and_answered_after_it_find_nobody(
    office: Office,
) -> None:
    submitted = await office.applicant()
    link = await office.link_event(CaseLinkRequested)
    await _erase(office, submitted.person_id)
    await office.answer(submitted, link)
    kinds = [letter.kind for letter in await office.letters()]
    assert kinds == ["office_new_application"]
    async with office.service.db.read() as session:
        people = (await session.scalars(select(Person))).all()
    assert {person.id for person in people} == {submitted.person_id, link.person_id}
    for person in people:
        assert (person.name, person.address, person.erased_at) == (None, None, office.clock.now())


async def test_an_answer_that_comes_after_the_erasure_leaves_no_address_in_the_log(
    office: Office, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    submitted = await office.applicant()
    await office.answer(await office.link_event(CaseLinkRequested, minutes=600))
    mailbox.answer("451")
    sender = office.sender()
    may_send = Lane._may_send

    async def erased_meanwhile(lane: Lane, letter: Any) -> bool:
        said = await may_send(lane, letter)
        await _erase(office, submitted.person_id)
        return said

    monkeypatch.setattr(Lane, "_may_send", erased_meanwhile)
    await sender.send_due()
    [attempt] = await office.attempts()
    assert (attempt.code, attempt.answer) == (451, "")
    office.clock.forward(hours=1)
    await office.send()
    assert await office.states("case_link") == [State.SUPPRESSED]
    assert mailbox.mails == []


async def _as_written(office: Office, kind: str) -> dict[str, Any]:
    """The columns of a letter, for another one like it."""
    letter = await office.only(kind)
    return {column.name: getattr(letter, column.name) for column in Letter.__table__.columns}


async def _written_meanwhile(office: Office, row: dict[str, Any]) -> None:
    """As a batch of another stream does that had read whom it is for before the erasure."""
    letter_id = uuid7()
    file = LetterFile(
        id=uuid7(),
        letter_id=letter_id,
        name="Bescheid.pdf",
        media_type="application/pdf",
        sha256="0" * 64,
        content=b"Ada Lovelace",
    )
    async with office.service.db.begin() as session:
        session.add(Letter(**row | {"id": letter_id, "event_id": uuid7(), "recipient": "late"}))
        await session.flush()
        session.add(file)


async def test_a_letter_written_while_its_reader_was_erased_is_not_sent_and_soon_empty(
    office: Office, mailbox: Mailbox
) -> None:
    submitted = await office.applicant()
    await office.answer(submitted)
    row = await _as_written(office, "application_received")
    await _erase(office, submitted.person_id)
    covered = await tidy(office.service, since=None)
    assert covered == office.clock.now()
    await _written_meanwhile(office, row)
    await office.send()
    assert mailbox.to("ada@example.org") == []
    assert await office.states("application_received") == [State.SUPPRESSED] * 2
    assert "Ada Lovelace" in await _readable(office)
    office.clock.forward(minutes=15)
    assert await tidy(office.service, since=covered) == covered
    left = await _readable(office)
    for trace in ("ada@example.org", "Ada Lovelace", row["address_hash"]):
        assert trace not in left
    assert await office.files() == []
    reasons = [letter.reason for letter in await office.letters("application_received")]
    assert reasons == [Reason.ERASED] * 2


async def test_what_a_server_said_while_somebody_was_erased_is_soon_gone_too(
    office: Office,
) -> None:
    submitted = await office.case()
    letter = await office.only("application_received")
    await _erase(office, submitted.person_id)
    covered = await tidy(office.service, since=None)
    at, said = office.clock.now(), "451 4.2.1 <ada@example.org> later"
    returned = Returned(
        about=letter.id,
        number=0,
        address_hash=letter.address_hash,
        subscription_id=None,
        sent_at=at,
    )
    for late in ("bounce", "attempt"):
        async with office.service.db.begin() as session:
            if late == "attempt":
                session.add(attempt(letter.id, Answer(Outcome.DEFERRED, 451, said), at=at))
            else:
                await keep(
                    session,
                    returned,
                    severity=Severity.SOFT,
                    status="4.2.1",
                    diagnostic=said,
                    at=at,
                )
        assert "ada@example.org" in await _readable(office)
        await tidy(office.service, since=covered)
        left = await _readable(office)
        assert "ada@example.org" not in left and letter.address_hash not in left


async def test_a_round_looks_again_at_erasures_just_before_the_last_one(office: Office) -> None:
    """Their letters may still have been on their way when the last round looked; others' stay."""
    submitted = await office.applicant()
    await office.answer(submitted)
    row = await _as_written(office, "application_received")
    await _erase(office, submitted.person_id)
    office.clock.forward(hours=1)
    bo = await office.applicant("bo@example.org", number="2026-022")
    await office.answer(bo)
    await _erase(office, (await office.applicant("cy@example.org")).person_id)
    covered = await tidy(office.service, since=None)
    await _written_meanwhile(office, row)
    assert await tidy(office.service, since=covered) == covered
    left = await _readable(office)
    assert "ada@example.org" not in left
    assert "bo@example.org" in left, "nobody else is emptied"


async def test_an_erasure_is_heeded_right_before_the_body(office: Office, mailbox: Mailbox) -> None:
    submitted = await office.applicant()
    await office.answer(submitted)
    lane = Lane(office.sender(), Priority.SUBSCRIBED)
    claimed = await lane.claim()
    async with office.service.db.begin() as session:
        await forget(session, [submitted.person_id], office.clock.now())
    await lane.work(claimed)
    await lane.hang_up()
    await office.send()
    assert mailbox.to("ada@example.org") == []
    letter = await office.only("application_received")
    assert (letter.state, letter.reason) == (State.SUPPRESSED, Reason.ERASED)
