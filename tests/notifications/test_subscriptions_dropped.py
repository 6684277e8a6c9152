"""What is not kept any longer is gone everywhere: rows, letters, keys; and nobody else's with it."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from services.notifications.commands import dropping
from services.notifications.commands.subscriptions import Wish, confirm, order
from services.notifications.domain.letter import State
from services.notifications.domain.subscription import Consent, Status, Subscription
from services.notifications.queries.one_address import all_about
from services.notifications.store import PERSONAL
from shared.clock import SetClock
from shared.events.people import Contact
from shared.store import Database
from tests.notifications.office import Office
from tests.notifications.test_subscriber_lists import HEAD
from tests.notifications.test_subscriber_lists import _take_in as take_in
from tests.notifications.test_subscriptions import _confirmed as confirmed
from tests.notifications.test_subscriptions import _end as unsubscribe
from tests.notifications.test_subscriptions import _order as fill_in
from tests.notifications.test_subscriptions import _settled as settled
from tests.notifications.test_subscriptions import _subscription as subscription_of
from tests.notifications.test_suppression_and_erasure import _readable as readable
from tests.support.browser import Browser
from tests.support.mailbox import Mailbox

ANNA = "anna@example.org"


async def _traces(office: Office, *words: str, email: str = ANNA) -> list[str]:
    """Which of these words, the address and its hash among them, can still be read."""
    left = await readable(office)
    sought = (email, office.service.seals.address_hash(email), *words)
    return [word for word in sought if word in left]


async def _keys(office: Office, email: str = ANNA) -> list[UUID]:
    return await office.service.seals.ids_of(office.service.seals.address_hash(email))


async def _newest_question(office: Office) -> UUID:
    async with office.service.db.read() as session:
        newest = select(Consent.id).order_by(Consent.id.desc()).limit(1)
        return (await session.scalars(newest)).one()


async def _questions(office: Office) -> list[bool]:
    """Of each that is kept, oldest first: whether somebody said yes."""
    async with office.service.db.read() as session:
        answers = await session.scalars(select(Consent.confirmed_at).order_by(Consent.id))
        return [one is not None for one in answers]


async def test_nothing_of_an_unconfirmed_address_stays_after_14_days(
    browser: Browser, office: Office, mailbox: Mailbox, clock: SetClock
) -> None:
    await fill_in(browser, office)
    await office.send()
    assert await _traces(office) != []
    clock.forward(days=14, seconds=1)
    await settled(office)
    assert await _traces(office) == []
    assert await office.states("subscription_confirm") == [State.SENT]
    async with office.service.db.read() as session:
        address_hash = office.service.seals.address_hash(ANNA)
        assert not (await all_about(session, office.service, address_hash)).is_known
    assert await _keys(office) == []


async def test_nothing_of_a_list_nobody_answered_stays_either(
    office: Office, mailbox: Mailbox, clock: SetClock
) -> None:
    await take_in(office, HEAD + f"{ANNA};Rundbrief;14.2.2026;Unterschrift;Anneliese;de\n")
    await office.send()
    assert "Anneliese" in await _traces(office, "Anneliese")
    clock.forward(days=14, seconds=1)
    await settled(office)
    assert await _traces(office, "Anneliese") == []


async def test_what_else_is_known_of_the_same_address_stays(
    browser: Browser, office: Office, mailbox: Mailbox, clock: SetClock
) -> None:
    case = await office.case(ANNA)
    box = await office.seal(Contact(name="Ada", email=ANNA), case.person_id)
    await fill_in(browser, office)
    clock.forward(days=14, seconds=1)
    await settled(office)
    assert await _keys(office) == [case.person_id]
    assert await office.service.seals.open(box, Contact)
    assert (await office.only("application_received")).address == ANNA
    assert (await office.only("subscription_confirm")).address == ""


async def test_a_whole_list_is_taken_out_of_the_files_at_once(
    office: Office, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = "".join(f"r{number}@example.org;Rundbrief;;Liste;;\n" for number in range(5))
    await take_in(office, HEAD + lines)
    clock.forward(days=14, seconds=1)
    done: list[tuple[str, ...]] = []
    scrub = Database.scrub

    async def counted(db: Database, *tables: str) -> None:
        done.append(tables)
        await scrub(db, *tables)

    monkeypatch.setattr(Database, "scrub", counted)
    await settled(office)
    assert done == []
    assert [await _keys(office, f"r{number}@example.org") for number in range(5)] == [[]] * 5
    clock.forward(days=1)
    await settled(office)
    assert done == [("people",), tuple(sorted(PERSONAL))]


async def test_cut_off_between_the_two_databases_the_rest_is_done_later(
    browser: Browser, office: Office, clock: SetClock
) -> None:
    await fill_in(browser, office)
    question = await _newest_question(office)
    clock.forward(days=14, seconds=1)
    with pytest.raises(ConnectionResetError):
        async with office.service.db.begin() as session:
            await dropping.drop_unconfirmed(session, office.service, question, at=clock.now())
            raise ConnectionResetError
    assert await subscription_of(office)
    await settled(office)
    assert await subscription_of(office) is None
    assert (await _traces(office), await _keys(office)) == ([], [])


async def test_with_the_proof_go_the_letters_and_the_key(
    browser: Browser, office: Office, mailbox: Mailbox, clock: SetClock
) -> None:
    await confirmed(browser, office, mailbox)
    await office.answer(office.session())
    await office.send()
    subscription = await subscription_of(office)
    assert subscription
    await unsubscribe(browser, office, subscription.id)
    await office.listen_to_itself()
    await office.send()
    assert await _traces(office) != []
    clock.forward(days=3 * 366, seconds=1)
    await settled(office)
    assert await subscription_of(office) is None
    assert (await _traces(office), await _keys(office)) == ([], [])


async def _drop(office: Office, consent_id: UUID) -> None:
    async with office.service.db.begin() as session:
        await dropping.drop_unconfirmed(session, office.service, consent_id, at=office.clock.now())


async def _order(office: Office) -> None:
    async with office.service.db.begin() as session:
        await _ask(session, office)


async def _ask(session: Any, office: Office) -> None:
    wish = Wish(
        contact=Contact(name="", email=ANNA),
        topics=["press"],
        language="de",
        text="Ja",
        form="/abo",
    )
    await order(session, office.service, wish, at=office.clock.now())


async def test_a_yes_in_the_very_moment_of_deleting_keeps_its_proof(office: Office) -> None:
    await office.subscriber(ANNA)
    await _order(office)
    question = await _newest_question(office)
    async with office.service.db.begin() as session:
        await confirm(session, office.service, question, at=office.clock.now())
        await session.flush()
        drops = asyncio.create_task(_drop(office, question))
        await asyncio.sleep(0.2)
    await drops
    assert await _questions(office) == [True, True]


async def test_an_order_in_the_very_moment_of_deleting_is_kept(
    office: Office, clock: SetClock
) -> None:
    await _order(office)
    old = await _newest_question(office)
    clock.forward(days=14, seconds=1)
    async with office.service.db.begin() as session:
        await _ask(session, office)
        await session.flush()
        drops = asyncio.create_task(_drop(office, old))
        await asyncio.sleep(0.2)
    await drops
    assert await _questions(office) == [False]
    assert await _newest_question(office) != old


async def test_an_order_right_after_deleting_begins_anew(office: Office, clock: SetClock) -> None:
    await _order(office)
    old = await subscription_of(office)
    question = await _newest_question(office)
    clock.forward(days=14, seconds=1)
    async with office.service.db.begin() as session:
        await dropping.drop_unconfirmed(session, office.service, question, at=clock.now())
        await session.flush()
        orders = asyncio.create_task(_order(office))
        await asyncio.sleep(0.2)
    await orders
    new = await subscription_of(office)
    assert old
    assert new
    assert (new.status, new.id != old.id) == (Status.REQUESTED, True)
    assert await _questions(office) == [False]


async def test_two_questions_that_end_at_once_leave_nothing(
    office: Office, clock: SetClock
) -> None:
    await _order(office)
    await _order(office)
    clock.forward(days=14, seconds=1)
    async with office.service.db.read() as session:
        [first, second] = await session.scalars(select(Consent.id).order_by(Consent.id))
    async with office.service.db.begin() as session:
        await dropping.drop_unconfirmed(session, office.service, first, at=clock.now())
        await session.flush()
        drops = asyncio.create_task(_drop(office, second))
        await asyncio.sleep(0.2)
    await drops
    async with office.service.db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Subscription)) == 0
