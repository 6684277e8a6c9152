"""L1: a letter leaves at most once by itself, whatever the server answers."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from services.notifications.domain.letter import Outcome, State
from services.notifications.sender import loop
from services.notifications.sender.conversation import Patience
from services.notifications.sender.loop import LANES, Lane, Sender, run_sender
from shared import loops
from shared.clock import SetClock
from shared.events.applications import CaseLinkRequested
from shared.events.meetings import SignInRequested
from shared.events.notifications import LetterUnresolved
from tests.notifications.office import HASTY, Office
from tests.support.mailbox import Answer, Mailbox


async def _one_letter(office: Office) -> None:
    await office.answer(await office.link_event(CaseLinkRequested, minutes=60 * 24 * 3))


async def test_a_letter_taken_by_the_server_is_sent_once(office: Office, mailbox: Mailbox) -> None:
    await _one_letter(office)
    assert await office.send() == 1
    assert await office.send() == 0
    letter = await office.only()
    assert letter.state is State.SENT
    assert letter.sent_at == office.clock.now()
    [mail] = mailbox.mails
    assert mail["Message-ID"] == f"<{letter.id}@stadtteil.example>"


@pytest.mark.parametrize("answer", ["rcpt 450", "mail 451", "450", "451", "452"])
async def test_a_refusal_for_now_is_tried_again_on_the_schedule(
    office: Office, mailbox: Mailbox, clock: SetClock, answer: Answer
) -> None:
    await _one_letter(office)
    mailbox.answer(answer)
    await office.send()
    letter = await office.only()
    assert (letter.state, letter.tries) == (State.DEFERRED, 1)
    wait = letter.due_at - clock.now()
    assert timedelta(minutes=4) <= wait <= timedelta(minutes=6)
    assert await office.send() == 0
    clock.set(letter.due_at)
    await office.send()
    assert await office.states() == [State.SENT]
    assert len(mailbox.mails) == 1


async def test_pauses_grow_until_the_letter_expires(
    office: Office, mailbox: Mailbox, clock: SetClock
) -> None:
    await _one_letter(office)
    waits = []
    while (letter := await office.only()).state in (State.QUEUED, State.DEFERRED):
        clock.set(max(letter.due_at, clock.now()))
        mailbox.answer("451")
        before = clock.now()
        await office.send()
        waits.append(((await office.only()).due_at - before) / timedelta(minutes=1))
    assert letter.state is State.EXPIRED
    for wait, planned in zip(waits, [5, 15, 60, 180, 360, 720, 720], strict=False):
        assert 0.8 * planned <= wait <= 1.2 * planned
    assert mailbox.mails == []


@pytest.mark.parametrize("answer", ["421", "mail 421"])
async def test_a_closing_server_is_asked_again_at_once_without_counting(
    office: Office, mailbox: Mailbox, clock: SetClock, answer: Answer
) -> None:
    await _one_letter(office)
    mailbox.answer(answer)
    await office.send()
    letter = await office.only()
    assert (letter.state, letter.tries, letter.losses) == (State.QUEUED, 0, 1)
    clock.forward(seconds=2)
    await office.send()
    assert await office.states() == [State.SENT]
    assert [attempt.outcome for attempt in await office.attempts()] == [
        Outcome.LOST,
        Outcome.SENT,
    ]


async def test_a_server_that_always_closes_is_left_alone_after_a_while(
    office: Office, mailbox: Mailbox, clock: SetClock
) -> None:
    await _one_letter(office)
    for _ in range(9):
        mailbox.answer("421")
        clock.forward(minutes=1)
        await office.send()
    letter = await office.only()
    assert (letter.state, letter.tries, letter.losses) == (State.DEFERRED, 1, 0)


@pytest.mark.parametrize("answer", ["550", "554", "rcpt 550"])
async def test_a_final_refusal_waits_for_a_person(
    office: Office, mailbox: Mailbox, clock: SetClock, answer: Answer
) -> None:
    await _one_letter(office)
    mailbox.answer(answer)
    await office.send()
    clock.forward(days=2)
    assert await office.send() == 0
    assert await office.states() == [State.FAILED]
    [attempt] = await office.attempts()
    assert attempt.code in (550, 554)
    assert "told to say so" in attempt.answer


@pytest.mark.parametrize("answer", ["hang", "drop"])
async def test_silence_after_the_body_is_unknown_and_told(
    office: Office, mailbox: Mailbox, clock: SetClock, answer: Answer
) -> None:
    await _one_letter(office)
    mailbox.answer(answer)
    await office.send()
    clock.forward(days=2)
    await office.send()
    letter = await office.only()
    assert letter.state is State.UNKNOWN
    assert len(mailbox.mails) == 1
    [event] = await office.told(LetterUnresolved)
    assert event.letter_id == letter.id


async def test_an_answer_counts_even_if_the_server_hangs_up_right_after(
    office: Office, mailbox: Mailbox
) -> None:
    await office.answer(
        await office.link_event(CaseLinkRequested), await office.link_event(CaseLinkRequested)
    )
    mailbox.answer("250, drop")
    await office.send()
    assert await office.states() == [State.SENT, State.SENT]
    assert len(mailbox.mails) == 2


async def test_without_a_server_letters_stay_untouched(office: Office) -> None:
    await _one_letter(office)
    nowhere = office.service.settings.model_copy(update={"smtp_port": 9})
    await Sender(replace(office.service, settings=nowhere), patience=HASTY).send_due()
    letter = await office.only()
    assert (letter.state, letter.tries, letter.losses) == (State.QUEUED, 0, 0)
    assert await office.attempts() == []


async def test_urgent_letters_go_first(office: Office, mailbox: Mailbox) -> None:
    await office.subscriber()
    await office.answer(office.session())
    await office.answer(await office.applicant())
    await office.answer(await office.link_event(SignInRequested))
    await office.send()
    kinds = [letter.kind for letter in await office.letters()]
    assert kinds[-1] == "sign_in"
    assert mailbox.mails[0]["Subject"] == "Ihr Link zum Anmelden"
    assert "Sitzung" in mailbox.mails[-1]["Subject"]


async def test_two_senders_at_once_send_each_letter_once(office: Office, mailbox: Mailbox) -> None:
    for _ in range(30):
        await office.answer(await office.link_event(CaseLinkRequested))
    await asyncio.gather(*(office.send() for _ in range(3)))
    assert set(await office.states()) == {State.SENT}
    ids = [mail["Message-ID"] for mail in mailbox.mails]
    assert len(ids) == len(set(ids)) == 30


async def test_a_running_sender_notices_a_new_letter_at_once_and_stops_cleanly(
    office: Office, mailbox: Mailbox
) -> None:
    running = asyncio.ensure_future(Sender(office.service, patience=HASTY).run())
    await asyncio.sleep(0.3)
    await _one_letter(office)
    await mailbox.wait_for(1, seconds=1.5)
    running.cancel()
    await asyncio.wait({running})
    assert await office.states() == [State.SENT]


async def test_a_letter_under_way_is_finished_when_the_sender_is_told_to_stop(
    office: Office, mailbox: Mailbox
) -> None:
    await _one_letter(office)
    mailbox.answer("hang")
    patience = Patience(connect=1, command=1, final=1.5)
    running = asyncio.ensure_future(Sender(office.service, patience=patience).run())
    await mailbox.wait_for(1)
    running.cancel()
    await asyncio.wait({running})
    assert await office.states() == [State.UNKNOWN]


async def test_no_connection_is_left_behind_when_the_worker_ends(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that does not answer keeps each busy; at a tenth of the real times."""
    monkeypatch.setattr(loop, "GRACE_SECONDS", loop.GRACE_SECONDS / 10)
    monkeypatch.setattr(loops, "GRACE", loops.GRACE / 10)
    at_work = []

    async def waits(_: Lane) -> bool:
        at_work.append(asyncio.current_task())
        await asyncio.Event().wait()
        return False

    monkeypatch.setattr(Lane, "_once", waits)
    running = asyncio.create_task(run_sender(office.service))
    while len(at_work) < len(LANES):
        await asyncio.sleep(0.01)
    lanes = [lane for lane in at_work if lane is not None]
    await loops.end(running)
    assert all(lane.done() or lane.cancelling() for lane in lanes)
    await asyncio.wait(lanes)
