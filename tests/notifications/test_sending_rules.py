"""Case letters by the same table as issues: whose fault an answer is, and what follows from it."""

from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import SecretStr
from sqlalchemy import select

from services.notifications.bounces import verp
from services.notifications.bulk import limits
from services.notifications.bulk.limits import Rates
from services.notifications.domain.bounce import Bounce, Severity
from services.notifications.domain.letter import Outcome, State, Suppression
from services.notifications.domain.sending import Allowance, Relay
from services.notifications.letters.kinds import Priority
from services.notifications.sender import relays
from services.notifications.sender.loop import GATES, Lane, Sender
from services.notifications.sender.schedule import Answer, understand, without_addresses
from shared.clock import SetClock
from shared.events.applications import CaseLinkRequested
from shared.web.outgoing import Outgoing
from tests.notifications.office import HASTY, Office
from tests.support.mailbox import Answer as MailAnswer
from tests.support.mailbox import Mailbox


@pytest.mark.parametrize(
    ("code", "text", "meaning"),
    [
        (550, "5.1.1 no such user", "no_such_address"),
        (550, "5.1.10 null MX", "no_such_address"),
        (552, "5.2.2 over quota", "mailbox_full"),
        (552, "mailbox full", "mailbox_full"),
        (552, "5.3.4 message too big", "refuses_us"),
        (550, "5.7.1 policy", "refuses_us"),
        (554, "5.7.26 not authenticated", "refuses_us"),
        (450, "4.7.1 greylisted", "too_fast"),
        (530, "5.7.0 sign in first", "shut_out"),
        (535, "5.7.8 bad password", "shut_out"),
        (550, "no", ""),
        (451, "4.3.0 later", ""),
        (250, "2.0.0 queued as 5.1.1", ""),
        (550, "see 5.1.1 of our rules", ""),
    ],
)
def test_each_answer_means_one_thing(code: int, text: str, meaning: str) -> None:
    answer = understand(code, text)
    meanings = ("no_such_address", "mailbox_full", "refuses_us", "too_fast", "shut_out")
    assert [one for one in meanings if getattr(answer, one)] == ([meaning] if meaning else [])


def test_what_a_server_said_is_kept_without_addresses() -> None:
    assert without_addresses("5.1.1 <ada@example.org>: unknown") == "5.1.1 … unknown"


async def _one_letter(office: Office) -> None:
    await office.answer(await office.link_event(CaseLinkRequested, minutes=60 * 24 * 30))


async def test_a_full_mailbox_counts_and_the_third_time_holds_letters_back(
    office: Office, mailbox: Mailbox, clock: SetClock
) -> None:
    for times in (1, 2, 3):
        await _one_letter(office)
        mailbox.answer(cast(MailAnswer, "552"))
        await office.send()
        clock.forward(days=4)
        async with office.service.db.read() as session:
            found = (await session.scalars(select(Bounce))).all()
            held = (await session.scalars(select(Suppression))).all()
        assert [bounce.severity for bounce in found] == [Severity.SOFT] * times
        assert len(held) == (times == 3)


async def test_a_relay_that_shuts_us_out_is_asked_again_after_a_while(
    office: Office, mailbox: Mailbox, clock: SetClock
) -> None:
    await _one_letter(office)
    mailbox.answer(cast(MailAnswer, "mail 530"))
    await office.send()
    clock.forward(minutes=4)
    assert await office.send() == 0
    async with office.service.db.read() as session:
        relay = await session.scalar(select(Relay))
        assert relay is not None
        assert (relay.code, relay.stops) == (530, 1)
        assert await relays.stopped(session, office.service.settings, at=clock.now())
    clock.forward(minutes=2)
    assert await office.send() == 1
    assert await office.states() == [State.SENT]
    async with office.service.db.read() as session:
        assert await session.scalar(select(Relay)) is None


async def test_each_stop_of_the_relay_is_longer(office: Office, clock: SetClock) -> None:
    settings, pauses = office.service.settings, []
    for _ in range(5):
        async with office.service.db.begin() as session:
            no = Answer(Outcome.LOST, 535, "bad password")
            await relays.stop(session, settings, no, at=clock.now())
            await relays.stop(session, settings, no, at=clock.now())
            relay = await session.get_one(Relay, relays.name_of(settings))
            pauses.append((relay.stopped_until - clock.now()) / timedelta(minutes=1))
        clock.set(relay.stopped_until)
    assert pauses == [5, 15, 30, 60, 60]


async def test_letters_leave_signed_and_from_an_address_of_their_own(
    office: Office, mailbox: Mailbox
) -> None:
    key = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    settings = office.service.settings.model_copy(
        update={
            "dkim_selector": "a",
            "dkim_private_key": SecretStr(key.decode()),
            "bounce_address": "zurueck@stadtteil.example",
        }
    )
    await _one_letter(office)
    await Sender(replace(office.service, settings=settings), patience=HASTY).send_due()
    letter = await office.only()
    [envelope] = mailbox.envelopes
    assert verp.read(settings, str(envelope.mail_from)) == letter.id
    [mail] = mailbox.mails
    assert "d=stadtteil.example" in str(mail["DKIM-Signature"])


async def test_subscribed_letters_wait_for_room_and_urgent_ones_do_not(office: Office) -> None:
    sender = office.sender()
    sender.rates = Rates(Outgoing.model_validate({"per_minute": 60}))
    async with office.service.db.begin() as session:
        await limits.charge(session, sender.rates, {GATES[0]: 50}, at=office.clock.now())
    await _one_letter(office)
    assert len(await Lane(sender, Priority.SUBSCRIBED).claim()) == 1
    async with office.service.db.read() as session:
        row = await session.get_one(Allowance, GATES[0])
    assert row.level == pytest.approx(10 - 50 - 1)


async def test_letters_given_back_while_nobody_answers_cost_nothing(
    office: Office, mailbox: Mailbox
) -> None:
    settings = office.service.settings.model_copy(update={"smtp_port": 1})
    away = Office(replace(office.service, settings=settings), office.clock)
    sender = away.sender()
    sender.rates = Rates(Outgoing.model_validate({"per_minute": 600}))
    await _one_letter(office)
    levels = []
    for _ in range(3):
        lane = Lane(sender, Priority.SUBSCRIBED)
        letters = await lane.claim()
        assert len(letters) == 1
        assert not await lane.work(letters)
        async with office.service.db.read() as session:
            levels.append([row.level for row in await session.scalars(select(Allowance))])
    assert levels[0] == levels[1] == levels[2] == [pytest.approx(100)]
