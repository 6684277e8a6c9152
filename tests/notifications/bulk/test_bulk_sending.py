"""An issue's way to its readers: each once, whatever the servers say (L1, L2)."""

import asyncio
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from time import monotonic
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, select, update

from services.notifications.bulk import holding, supply
from services.notifications.bulk.sending import CONNECTIONS, Bulk
from services.notifications.domain.bounce import Bounce, Severity
from services.notifications.domain.issue import Issue, IssueLetter, Pause, Trouble
from services.notifications.domain.issue import Status as IssueStatus
from services.notifications.domain.letter import Reason, State, Suppression
from services.notifications.domain.sending import BulkBlock, BulkSender, Relay
from services.notifications.domain.subscription import Status, Subscription, SubscriptionTopic
from services.notifications.issues import commands
from services.notifications.sender.precedence import LONGEST_WAIT, in_hand
from services.notifications.store import Outbox
from shared.clock import SetClock
from shared.service import Service
from tests.notifications.bulk.conftest import HASTY
from tests.notifications.bulk.kit import START, address_of, an_issue, copy_of, issue_of, states
from tests.support.sink import Sink


async def test_everybody_gets_one_and_the_issue_is_finished(
    service: Service, bulk: Bulk, sink: Sink
) -> None:
    issue_id = await an_issue(service, 1234)
    assert await bulk.send_due() == 1234
    assert await bulk.send_due() == 0
    assert sink.arrived == {address_of(n): 1 for n in range(1, 1235)}
    assert await states(service, issue_id) == {State.SENT: 1234}
    issue = await issue_of(service, issue_id)
    assert (issue.status, issue.finished_at) == (IssueStatus.SENT, service.clock.now())
    assert (await copy_of(service, issue_id)).sent_at == service.clock.now()
    await _nobody_holds_anything(service)


async def _nobody_holds_anything(service: Service) -> None:
    async with service.db.read() as session:
        assert (await session.scalars(select(BulkSender))).all() == []
        assert (await session.scalars(select(BulkBlock))).all() == []
        claimed = select(IssueLetter).where(IssueLetter.claim.is_not(None))
        assert (await session.scalars(claimed)).all() == []


async def test_each_copy_is_the_readers_own(service: Service, bulk: Bulk, sink: Sink) -> None:
    issue_id = await an_issue(service, 4, languages=("de", "en", "ar", "tr"))
    async with service.db.begin() as session:
        nameless = (await copy_of(service, issue_id, 1)).subscription_id
        await session.execute(
            update(Subscription).where(Subscription.id == nameless).values(name="")
        )
    sink.keep = True
    await bulk.send_due()
    mails = [message_from_bytes(mail, policy=policy.default) for mail in sink.mails]
    by_address = {mail["To"].addresses[0].addr_spec: mail for mail in mails}
    english, arabic = by_address[address_of(1)], by_address[address_of(2)]
    assert english["Content-Language"] == "en"
    assert english["Message-ID"] == f"<{issue_id}.1@stadtteil.example>"
    assert "Hello," in _text(english)
    assert "Ada 2" in _text(arabic)
    links = {mail["List-Unsubscribe"] for mail in mails}
    assert len(links) == 4


def _text(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


@pytest.mark.parametrize(
    ("fault", "state", "code"),
    [
        ("rcpt 450 4.2.1 later", State.DEFERRED, 450),
        ("data 451 4.3.0 later", State.DEFERRED, 451),
        ("dot 452 4.3.1 disk full", State.DEFERRED, 452),
        ("rcpt 550 5.1.1 <r1@example.org> unknown", State.FAILED, 550),
        ("dot 554 5.6.0 bad content", State.FAILED, 554),
        ("hang", State.UNKNOWN, None),
        ("half-open", State.UNKNOWN, None),
        ("drop after dot", State.UNKNOWN, None),
        ("rcpt 421 busy", State.SENT, None),
        ("dot 421 busy", State.SENT, None),
        ("drop before dot", State.SENT, None),
        ("250 then drop", State.SENT, None),
    ],
)
async def test_one_answer_decides_about_one_copy(
    service: Service, bulk: Bulk, sink: Sink, fault: str, state: State, code: int | None
) -> None:
    """Everybody else gets theirs; nobody gets two."""
    sink.fault = lambda to, nth: fault if to == address_of(1) and nth == 1 else None
    issue_id = await an_issue(service, 20)
    await bulk.send_due()
    copy = await copy_of(service, issue_id)
    assert (copy.state, copy.code) == (state, code)
    others = {address_of(n): 1 for n in range(2, 21)}
    arrived = dict(sink.arrived)
    assert arrived.pop(address_of(1), 0) == (
        state is State.SENT or fault in ("hang", "drop after dot")
    )
    assert arrived == others
    assert "@" not in copy.answer
    trouble = {State.FAILED: Trouble.REFUSED, State.UNKNOWN: Trouble.UNANSWERED}.get(state)
    assert copy.reason == trouble
    assert (copy.due_at is not None) == (state is State.DEFERRED)


async def test_a_refusal_for_now_is_tried_again_on_the_schedule_until_the_issue_expires(
    service: Service, bulk: Bulk, sink: Sink, clock: SetClock
) -> None:
    sink.fault = lambda to, nth: "rcpt 450 4.2.1 later"
    issue_id = await an_issue(service, 1)
    waits = []
    while (copy := await copy_of(service, issue_id)).state in (State.QUEUED, State.DEFERRED):
        clock.set(max(copy.due_at or clock.now(), clock.now()))
        before = clock.now()
        await bulk.send_due()
        after = await copy_of(service, issue_id)
        if after.due_at:
            waits.append((after.due_at - before) / timedelta(minutes=1))
    assert copy.state is State.EXPIRED
    for wait, planned in zip(waits, [5, 15, 60, 180, 360, 720, 720], strict=False):
        assert 0.8 * planned <= wait <= 1.2 * planned
    assert len(waits) >= 7
    assert (await issue_of(service, issue_id)).status == IssueStatus.SENT


async def test_a_dead_address_and_a_mailbox_full_for_the_third_time_get_no_more(
    service: Service, bulk: Bulk, sink: Sink, clock: SetClock
) -> None:
    sink.fault = lambda to, nth: (
        "rcpt 550 5.1.1 no such user" if to == address_of(1) else "dot 552 5.2.2 full"
    )
    issue_id = await an_issue(service, 2)
    await bulk.send_due()
    async with service.db.read() as session:
        held = (await session.scalars(select(Suppression.address_hash))).all()
        assert held == [f"{issue_id}-1"]
        found = await session.execute(select(Bounce.severity, Bounce.number, Bounce.status))
        assert sorted(found) == [(Severity.HARD, 1, "5.1.1"), (Severity.SOFT, 2, "5.2.2")]
    for days in (5, 5):
        clock.forward(days=days)
        await _once_more(service, issue_id, clock.now())
        await bulk.send_due()
    async with service.db.read() as session:
        held = (await session.scalars(select(Suppression.address_hash))).all()
    assert sorted(held) == [f"{issue_id}-1", f"{issue_id}-2"]


async def test_a_copy_sent_again_to_a_dead_address_holds_it_back_again(
    service: Service, bulk: Bulk, sink: Sink, clock: SetClock
) -> None:
    """The server says the very same once more; the office has to look at it once more."""
    from services.notifications.issues.copies import send_again

    sink.fault = lambda to, nth: "rcpt 550 5.1.1 no such user"
    issue_id = await an_issue(service, 1)
    await bulk.send_due()
    clock.forward(minutes=5)
    async with service.db.begin() as session:
        await session.execute(update(Bounce).values(handled_at=clock.now()))
        await send_again(session, issue_id, 1, by="jana", at=clock.now())
        assert (await session.scalars(select(Suppression))).all() == []
    await bulk.send_due()
    assert sink.tries == {address_of(1): 2}
    async with service.db.read() as session:
        held = (await session.scalars(select(Suppression.address_hash))).all()
        bounce = (await session.scalars(select(Bounce))).one()
    assert held == [f"{issue_id}-1"]
    assert (bounce.at, bounce.handled_at) == (clock.now(), None)


async def _once_more(service: Service, old: UUID, at: datetime) -> None:
    """Another issue, to the same readers."""
    issue_id = await an_issue(service, 0, at=at)
    async with service.db.begin() as session:
        await session.execute(update(Issue).where(Issue.id == issue_id).values(recipients=2))
        copies = await session.scalars(select(IssueLetter).where(IssueLetter.issue_id == old))
        for copy in copies.all():
            session.add(
                IssueLetter(
                    issue_id=issue_id,
                    number=copy.number,
                    subscription_id=copy.subscription_id,
                    language="de",
                    state=State.QUEUED,
                )
            )


@pytest.mark.parametrize("answer", ["550 5.7.1 policy", "552 5.3.4 too big"])
async def test_a_refusal_of_us_pauses_the_issue_and_is_nobodys_fault(
    service: Service, bulk: Bulk, sink: Sink, answer: str
) -> None:
    """Afterwards everybody still gets theirs, those who were refused too."""
    sink.fault = lambda to, nth: f"dot {answer}"
    issue_id = await an_issue(service, 200)
    await bulk.send_due()
    issue = await issue_of(service, issue_id)
    assert (issue.status, issue.pause) == (IssueStatus.PAUSED, Pause.REFUSED)
    assert answer in issue.pause_answer
    assert sink.tries.total() <= 16
    found = await states(service, issue_id)
    assert State.FAILED not in found and State.UNKNOWN not in found
    async with service.db.read() as session:
        bodies = (await session.scalars(select(Outbox.body))).all()
        assert (await session.scalars(select(Suppression))).all() == []
    assert sum("stadtteilbote.issue.paused.v1" in body for body in bodies) == 1
    sink.fault = None
    async with service.db.begin() as session:
        await commands.resume(session, issue_id, by="jana", at=service.clock.now())
    await bulk.send_due()
    assert await states(service, issue_id) == {State.SENT: 200}
    assert sink.arrived.total() == len(sink.arrived) == 200


async def test_a_relay_that_shuts_us_out_is_left_alone_for_a_while(
    service: Service, bulk: Bulk, sink: Sink, clock: SetClock
) -> None:
    sink.fault = lambda to, nth: "rcpt 530 5.7.0 sign in first"
    issue_id = await an_issue(service, 50)
    await bulk.send_due()
    tries = sink.tries.total()
    assert tries <= 8
    await bulk.send_due()
    assert sink.tries.total() == tries
    async with service.db.read() as session:
        relay = await session.scalar(select(Relay))
    assert relay is not None
    assert (relay.code, relay.stopped_until) == (530, clock.now() + timedelta(minutes=5))
    assert await states(service, issue_id) == {State.QUEUED: 50}
    sink.fault = None
    clock.forward(minutes=6)
    assert await bulk.send_due() == 50
    async with service.db.read() as session:
        assert await session.scalar(select(Relay)) is None


async def test_who_ended_the_subscription_or_is_held_back_gets_nothing(
    service: Service, bulk: Bulk, sink: Sink
) -> None:
    issue_id = await an_issue(service, 6)
    ids = [(await copy_of(service, issue_id, n)).subscription_id for n in range(1, 7)]
    async with service.db.begin() as session:
        mine = update(Subscription).where(Subscription.id == ids[0])
        await session.execute(mine.values(status=Status.ENDED, address=None))
        topic = SubscriptionTopic.subscription_id
        await session.execute(delete(SubscriptionTopic).where(topic == ids[1]))
        session.add(Suppression(address_hash=f"{issue_id}-3", at=START, reason=Reason.ADDRESS))
        await session.execute(delete(SubscriptionTopic).where(topic == ids[3]))
        await session.execute(delete(Subscription).where(Subscription.id == ids[3]))
    assert await bulk.send_due() == 2
    assert sorted(sink.arrived) == [address_of(5), address_of(6)]
    reasons = [(await copy_of(service, issue_id, n)).reason for n in range(1, 5)]
    assert reasons == [
        Reason.UNSUBSCRIBED,
        Reason.UNSUBSCRIBED,
        Reason.ADDRESS,
        Reason.ERASED,
    ]


async def test_whoever_ends_it_while_the_body_travels_gets_no_final_dot(
    service: Service, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked once more in the statement that gives leave, after the body is with the server."""
    issue_id = await an_issue(service, 3)
    bulk = Bulk(service, patience=HASTY, connections=1)
    subscription_id = (await copy_of(service, issue_id, 2)).subscription_id

    def ends(to: str, nth: int) -> str | None:
        if to == address_of(2):
            ended.set()
        return None

    ended, sink.fault = asyncio.Event(), ends
    from services.notifications.bulk.journal import Journal

    record = Journal.record

    async def after_the_end(self: Journal, round_: Any, *, at: datetime) -> Any:
        if any(copy.number == 2 for copy in round_.asking):
            async with service.db.begin() as session:
                mine = update(Subscription).where(Subscription.id == subscription_id)
                await session.execute(mine.values(status=Status.ENDED, address=None))
        return await record(self, round_, at=at)

    monkeypatch.setattr(Journal, "record", after_the_end)
    assert await bulk.send_due() == 2
    assert ended.is_set()
    assert sorted(sink.arrived) == [address_of(1), address_of(3)]
    copy = await copy_of(service, issue_id, 2)
    assert (copy.state, copy.reason) == (State.SUPPRESSED, Reason.UNSUBSCRIBED)
    await _nobody_holds_anything(service)


async def test_pause_and_resume_skip_and_repeat_nobody(
    service: Service, bulk: Bulk, sink: Sink
) -> None:
    issue_id = await an_issue(service, 900)
    paused = asyncio.Event()
    sink.fault = lambda to, nth: paused.set() if sink.arrived.total() > 200 else None
    running = asyncio.create_task(bulk.send_due())
    await paused.wait()
    async with service.db.begin() as session:
        await commands.pause(session, issue_id, by="jana", at=service.clock.now())
    at_pause = sink.arrived.total()
    await running
    assert sink.arrived.total() <= at_pause + 2 * 8
    found = await states(service, issue_id)
    assert found[State.SENT] == sink.arrived.total() < 900
    await _nobody_is_sending(service)
    async with service.db.begin() as session:
        await commands.resume(session, issue_id, by="jana", at=service.clock.now())
    await bulk.send_due()
    assert await states(service, issue_id) == {State.SENT: 900}
    assert sink.arrived.total() == len(sink.arrived) == 900


async def _nobody_is_sending(service: Service) -> None:
    async with service.db.read() as session:
        assert (await session.scalars(select(BulkSender))).all() == []
        held = select(BulkBlock).where(BulkBlock.sender_id.is_not(None))
        assert (await session.scalars(held)).all() == []


async def test_stopping_leaves_what_was_sent_and_sends_no_more(
    service: Service, bulk: Bulk, sink: Sink
) -> None:
    issue_id = await an_issue(service, 900)
    begun = asyncio.Event()
    sink.fault = lambda to, nth: begun.set() if sink.arrived.total() > 200 else None
    running = asyncio.create_task(bulk.send_due())
    await begun.wait()
    async with service.db.begin() as session:
        await commands.stop(session, issue_id, by="jana", at=service.clock.now())
    await running
    found = await states(service, issue_id)
    assert found[State.SENT] == sink.arrived.total() < 900
    assert await bulk.send_due() == 0


async def test_an_issue_goes_out_within_its_hours_only(
    service: Service, bulk: Bulk, sink: Sink, clock: SetClock
) -> None:
    """Berlin's clock: 08:00 is 07:00 UTC before the change of 29 March and 06:00 UTC after it."""
    await an_issue(service, 2, window_from=8, window_to=9, expires_at=START + timedelta(days=60))
    clock.set(datetime(2026, 3, 28, 8, 0, tzinfo=UTC))
    assert await bulk.send_due() == 0
    clock.set(datetime(2026, 3, 29, 7, 0, tzinfo=UTC))
    assert await bulk.send_due() == 0
    clock.set(datetime(2026, 3, 30, 6, 0, tzinfo=UTC))
    assert await bulk.send_due() == 2


async def test_too_late_is_never(service: Service, bulk: Bulk, sink: Sink, clock: SetClock) -> None:
    issue_id = await an_issue(service, 20)
    clock.forward(days=3, seconds=1)
    assert await bulk.send_due() == 0
    assert await states(service, issue_id) == {State.EXPIRED: 20}
    assert (await issue_of(service, issue_id)).status == IssueStatus.SENT
    assert not sink.tries


async def test_a_copy_sent_once_more_by_a_person_goes_out_again(
    service: Service, bulk: Bulk, sink: Sink
) -> None:
    sink.fault = lambda to, nth: "dot 554 5.6.0 no" if to == address_of(3) and nth == 1 else None
    issue_id = await an_issue(service, 5)
    await bulk.send_due()
    from services.notifications.issues.copies import send_again

    async with service.db.begin() as session:
        await send_again(session, issue_id, 3, by="jana", at=service.clock.now())
    assert await bulk.send_due() == 1
    assert await states(service, issue_id) == {State.SENT: 5}
    assert sink.arrived == {address_of(n): 1 for n in range(1, 6)}
    assert (await issue_of(service, issue_id)).status == IssueStatus.SENT


async def test_what_a_dead_sender_held_is_unknown_if_it_may_be_out_and_goes_on_otherwise(
    service: Service, bulk: Bulk, sink: Sink, clock: SetClock
) -> None:
    issue_id = await an_issue(service, 30)
    async with service.db.begin() as session:
        dead = await holding.enlist(session, issue_id, at=clock.now())
        sender = await session.get_one(BulkSender, dead)
        sender.in_flight = [4, 7]
        session.add(BulkBlock(issue_id=issue_id, first=1, last=10, sender_id=dead))
        from services.notifications.domain.sending import BulkCursor

        session.add(BulkCursor(issue_id=issue_id, taken_to=10))
    assert await bulk.send_due() == 20
    clock.forward(minutes=2)
    assert await bulk.send_due() == 8
    assert await states(service, issue_id) == {State.SENT: 28, State.UNKNOWN: 2}
    copy = await copy_of(service, issue_id, 4)
    assert (copy.state, copy.reason) == (State.UNKNOWN, Trouble.UNANSWERED)
    assert address_of(4) not in sink.arrived
    clock.forward(days=1)
    assert await bulk.send_due() == 0


async def test_progress_counts_what_was_sent_not_what_was_taken(
    service: Service, bulk: Bulk, sink: Sink
) -> None:
    sink.fault = lambda to, nth: "rcpt 450 4.2.1 later" if int(to[1:-12]) % 2 else None
    issue_id = await an_issue(service, 100)
    await bulk.send_due()
    assert await states(service, issue_id) == {State.SENT: 50, State.DEFERRED: 50}
    assert (await issue_of(service, issue_id)).status == IssueStatus.SENDING


async def test_a_sender_told_to_stop_waits_for_its_answers_and_gives_back_the_rest(
    service: Service, bulk: Bulk, sink: Sink
) -> None:
    issue_id = await an_issue(service, 900)
    running = asyncio.create_task(bulk.run())
    while sink.arrived.total() < 100:
        await asyncio.sleep(0.01)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    found = await states(service, issue_id)
    assert found == {State.SENT: sink.arrived.total(), State.QUEUED: 900 - sink.arrived.total()}
    await _nobody_is_sending(service)
    await Bulk(service, patience=HASTY).send_due()
    assert await states(service, issue_id) == {State.SENT: 900}
    assert sink.arrived.total() == len(sink.arrived) == 900


async def test_two_issues_take_turns(
    service: Service, bulk: Bulk, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supply, "LONG_ENOUGH", 500)
    both = [
        await an_issue(service, 1200, domains=(domain,))
        for domain in ("one.example", "two.example")
    ]
    order: list[str] = []
    sink.fault = lambda to, nth: order.append(to.partition("@")[2])
    await bulk.send_due()
    assert sink.arrived.total() == len(sink.arrived) == 2400
    assert order.index("two.example") < 700
    assert [(await issue_of(service, one)).status for one in both] == [IssueStatus.SENT] * 2


async def test_senders_at_the_same_issue_share_it(service: Service, sink: Sink) -> None:
    issue_id = await an_issue(service, 2100)
    senders = [Bulk(service, patience=HASTY) for _ in range(3)]
    counts = await asyncio.gather(*(bulk.send_due() for bulk in senders))
    assert sum(counts) == sink.arrived.total() == len(sink.arrived) == 2100
    assert sum(count > 0 for count in counts) >= 2
    for bulk in senders:
        await bulk.send_due()
    assert (await issue_of(service, issue_id)).status == IssueStatus.SENT


async def test_a_mass_gives_way_to_a_letter_somebody_waits_for_but_never_stands_still(
    service: Service, bulk: Bulk, sink: Sink
) -> None:
    await an_issue(service, 1200)
    running = asyncio.create_task(bulk.send_due())
    while sink.arrived.total() < 100:
        await asyncio.sleep(0.005)
    with in_hand(service.db.url):
        before, began = sink.arrived.total(), monotonic()
        await asyncio.sleep(0.5)
        rounds = (monotonic() - began) / LONGEST_WAIT + 2
        assert 0 < sink.arrived.total() - before <= 2 * CONNECTIONS * rounds
    await running
    assert sink.arrived.total() == len(sink.arrived) == 1200
