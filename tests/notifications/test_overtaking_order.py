"""Words that cross: what is still true is kept, what became untrue on its way is never sent again."""

import re
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any, Final

import pytest
from sqlalchemy import event, update
from uuid_utils.compat import uuid7

from services.notifications.commands import letters as commands
from services.notifications.commands.subscriptions import end
from services.notifications.domain.letter import Letter, Outcome, Reason, State, TooLate
from services.notifications.domain.subscription import Subscription
from services.notifications.letters.kinds import Priority
from services.notifications.sender import claims
from services.notifications.sender.schedule import Answer
from shared.events import applications as a
from shared.events import meetings as m
from shared.web.access import Role
from tests.notifications.board import member, told_about
from tests.notifications.office import Office
from tests.notifications.test_letters_from_events import postponed
from tests.support.mailbox import Answer as MailAnswer
from tests.support.mailbox import Mailbox

LIST: Final = "/buero/schreiben"


async def _seated(
    office: Office, case: a.ApplicationSubmitted, planned: m.SessionScheduled
) -> m.AgendaItemPlaced:
    at = {"session_id": planned.session_id, "starts_at": planned.starts_at}
    return await office.sample(m.AgendaItemPlaced, case, item_id=uuid7(), **at)


async def _placed(
    office: Office, case: a.ApplicationSubmitted, planned: m.SessionScheduled
) -> a.ApplicationPlaced:
    because = a.PlacedBecause.SESSION_PLANNED
    at = {"session_id": planned.session_id, "session_at": planned.starts_at}
    return await office.sample(a.ApplicationPlaced, case, because=because, **at)


@pytest.mark.parametrize("address", ["ada@example.org", ""])
async def test_the_word_about_its_own_session_leaves_an_invitation_as_it_is(
    office: Office, address: str
) -> None:
    case, planned, other = await office.applicant(address), office.session(), office.session()
    await office.answer(case, planned, other, await _seated(office, case, planned))
    await office.answer(await _placed(office, case, planned))
    waits = State.QUEUED if address else State.SUPPRESSED
    assert await office.states("agenda_item_placed") == [waits]
    assert await office.states("application_received") == [State.OVERTAKEN], "it named no session"
    await office.answer(await _placed(office, case, other))
    assert await office.states("agenda_item_placed") == [State.OVERTAKEN]


async def test_a_late_word_about_a_deferral_leaves_the_invitation_to_the_next_session(
    office: Office,
) -> None:
    case, before, following = await office.case(), office.session(), office.session()
    deferred = await office.sample(
        a.ApplicationDeferred,
        case,
        session_id=before.session_id,
        next_session_id=following.session_id,
        next_session_at=following.starts_at,
    )
    await office.answer(before, following, await _seated(office, case, before))
    await office.answer(await _seated(office, case, following), deferred)
    assert await office.states("agenda_item_placed") == [State.OVERTAKEN, State.QUEUED]


@pytest.mark.parametrize("admitted_late", [False, True])
async def test_whoever_is_invited_to_another_session_than_meant_hears_when_that_one_moves(
    office: Office, admitted_late: bool
) -> None:
    meant = office.session(office.clock.now() + timedelta(days=2))
    at: dict[str, Any] = {"session_id": meant.session_id, "session_at": meant.starts_at}
    await office.answer(meant)
    case = await office.case(**at)
    office.clock.forward(days=3)
    planned = office.session()
    admitted = await office.sample(a.ApplicationAdmitted, case, **at)
    seated = await _seated(office, case, planned)
    words = [seated, admitted] if admitted_late else [admitted, seated]
    await office.answer(planned, *words, postponed(planned))
    assert await office.states("agenda_item_placed") == [State.OVERTAKEN]
    assert await office.states("case_session_postponed") == [State.QUEUED]


async def test_an_agenda_of_the_past_does_not_bring_a_case_back_to_it(office: Office) -> None:
    case, before = await office.case(), office.session(office.clock.now() + timedelta(days=2))
    seated = await _seated(office, case, before)
    office.clock.forward(days=3)
    following = office.session()
    deferred = await office.sample(
        a.ApplicationDeferred,
        case,
        session_id=before.session_id,
        next_session_id=following.session_id,
        next_session_at=following.starts_at,
    )
    await office.answer(before, following, deferred, seated, postponed(following))
    assert await office.states("case_session_postponed") == [State.QUEUED]


async def _in_trouble(
    office: Office, mailbox: Mailbox, answer: MailAnswer
) -> tuple[Letter, m.SessionScheduled]:
    """News of a session that the server refused, or about which nobody knows."""
    await office.subscriber()
    planned = office.session()
    await office.answer(planned)
    mailbox.answer(answer)
    await office.send()
    return await office.only("session_scheduled"), planned


@pytest.mark.parametrize(("answer", "state"), [("550", State.FAILED), ("drop", State.UNKNOWN)])
async def test_what_failed_or_is_unclear_is_not_sent_again_once_it_is_untrue(
    office: Office,
    mailbox: Mailbox,
    signed_in: Callable[..., Any],
    answer: MailAnswer,
    state: State,
) -> None:
    before, planned = await _in_trouble(office, mailbox, answer)
    await office.answer(postponed(planned))
    letter = await office.only("session_scheduled")
    assert (before.state, letter.state, letter.reason) == (state, state, Reason.NEWER)
    path = f"{LIST}/{letter.id}"
    view = "gescheitert" if state is State.FAILED else "unklar"
    async with signed_in(Role.OFFICE) as browser:
        page = (await browser.get(path)).text
        assert "Ein neueres Ereignis hat es überholt." in page
        assert "Noch einmal" not in page
        refused = await browser.submit(f"{path}/noch-einmal", on="/abo")
        assert refused.status_code == 409
        assert "Was darin steht, gilt nicht mehr." in refused.text
        assert path in (await browser.get(f"{LIST}?liste={view}")).text
        await browser.submit(f"{path}/erledigt", on=path)
        assert path not in (await browser.get(f"{LIST}?liste={view}")).text
    assert await office.states("session_scheduled") == [state]


async def test_a_decision_is_about_the_letter_as_it_is_not_as_it_was_read(
    office: Office, mailbox: Mailbox
) -> None:
    letter, _ = await _in_trouble(office, mailbox, "550")
    async with office.service.db.begin() as session:
        read = await session.get_one(Letter, letter.id)
        newer = update(Letter).where(Letter.id == letter.id).values(reason=Reason.NEWER)
        await session.execute(newer, execution_options={"synchronize_session": False})
        assert read.reason is None
        with pytest.raises(TooLate):
            await commands.send_again(session, letter.id, by="x", at=office.clock.now())


async def _under_way(office: Office) -> tuple[Letter, m.SessionScheduled]:
    """News of a session whose body is on its way to the server."""
    await office.subscriber()
    planned, at = office.session(), office.clock.now()
    await office.answer(planned)
    async with office.service.db.begin() as session:
        [letter] = await claims.claim(session, at=at, priority=int(Priority.SUBSCRIBED), limit=1)
    async with office.service.db.begin() as session:
        assert await claims.mark_sending(session, letter, at=at)
    return letter, planned


async def _settle(office: Office, letter: Letter, outcome: Outcome) -> None:
    async with office.service.db.begin() as session:
        await claims.settle(
            session,
            letter,
            Answer(outcome, 451 if outcome is Outcome.DEFERRED else None, "4.3.0 later"),
            at=office.clock.now(),
            random=Random(7),
            rates=office.sender().rates,
        )


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Outcome.DEFERRED, State.OVERTAKEN),
        (Outcome.LOST, State.OVERTAKEN),
        (Outcome.FAILED, State.FAILED),
        (Outcome.UNKNOWN, State.UNKNOWN),
        (Outcome.SENT, State.SENT),
    ],
)
async def test_what_became_untrue_while_it_was_sent_is_not_tried_again(
    office: Office, mailbox: Mailbox, outcome: Outcome, state: State
) -> None:
    letter, planned = await _under_way(office)
    await office.answer(postponed(planned))
    assert await office.states("session_scheduled") == [State.SENDING]
    await _settle(office, letter, outcome)
    settled = await office.only("session_scheduled")
    assert settled.state == state
    assert settled.reason == (None if state is State.SENT else Reason.NEWER)
    office.clock.forward(hours=1)
    await office.send()
    assert await office.states("session_scheduled") == [state]
    assert len(mailbox.mails) == 1, "the word about the new date alone"


@pytest.mark.parametrize("outcome", [Outcome.DEFERRED, Outcome.LOST])
async def test_what_is_still_true_is_tried_again(office: Office, outcome: Outcome) -> None:
    letter, _ = await _under_way(office)
    await _settle(office, letter, outcome)
    retried = State.DEFERRED if outcome is Outcome.DEFERRED else State.QUEUED
    assert await office.states("session_scheduled") == [retried]


async def test_a_sender_given_up_for_dead_does_not_bring_old_news_back(office: Office) -> None:
    letter, planned = await _under_way(office)
    await office.answer(postponed(planned))
    office.clock.forward(minutes=6)
    async with office.service.db.begin() as session:
        await claims.recover(session, at=office.clock.now())
    assert await office.states("session_scheduled") == [State.UNKNOWN]
    await _settle(office, letter, Outcome.LOST)
    assert await office.states("session_scheduled") == [State.OVERTAKEN]


async def test_letters_to_hold_back_are_found_by_an_index(office: Office) -> None:
    """A recipient alone is in no index of its own: every waiting letter would be read."""
    case, who = await office.case(), await member(office)
    asked = await office.sample(a.StatementRequested, case)
    given = await office.sample(a.StatementGiven, case, statement_id=asked.statement_id)
    kinds = (m.AccessionDeclared, m.MemberJoined, m.MemberSuspended, m.MemberLeft)
    await office.subscriber()
    await office.listen_to_itself()
    async with office.service.db.begin() as session:
        [subscription] = await session.scalars(Subscription.__table__.select())
        await end(session, office.service, subscription, at=office.clock.now())
    seen: list[str] = []
    event.listen(
        office.service.db.engine.sync_engine,
        "before_cursor_execute",
        lambda *said: seen.append(said[2]),
    )
    await office.answer(asked, given, *[await told_about(office, kind, who) for kind in kinds])
    await office.subscriber()
    await office.listen_to_itself()
    held = [one for one in seen if one.startswith("UPDATE letters SET") and "letters.kind" in one]
    assert len(held) >= 7
    indexed = re.compile(r"letters\.(person|application|session|thing)_id = ")
    assert [one for one in held if not indexed.search(one)] == []
