"""Letters that must not go out, and people of whom nothing readable stays."""

from typing import Any

import pytest
from sqlalchemy import select

from services.notifications.domain.addressbook import Person
from services.notifications.domain.letter import Reason, State, Suppression
from services.notifications.domain.subscription import Consent, Subscription
from services.notifications.letters.kinds import Priority
from services.notifications.sender.loop import Lane
from services.notifications.store import Base
from shared.events.applications import CaseLinkRequested
from shared.events.meetings import SignInRequested
from shared.events.people import PersonErased, PersonErasedByApplications
from tests.notifications.office import Office
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
