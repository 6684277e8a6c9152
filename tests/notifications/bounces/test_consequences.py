"""What follows from what comes back: once, and only for those it concerns."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update
from uuid_utils.compat import uuid7

from services.notifications.bounces import verp
from services.notifications.bounces.consequences import Taken, take
from services.notifications.bounces.reading import handle
from services.notifications.bounces.reports import read
from services.notifications.domain.bounce import Bounce, Severity, Why
from services.notifications.domain.issue import Issue, IssueKind, IssueLetter
from services.notifications.domain.issue import Status as IssueStatus
from services.notifications.domain.letter import Letter, Reason, State, Suppression
from services.notifications.domain.subscription import Status, Subscription
from services.notifications.store import Base
from shared.events.applications import CaseLinkRequested
from shared.events.notifications import BounceSeverity, LetterBounced, SubscriptionEnded
from shared.events.people import PersonErasedByApplications
from tests.notifications.bounces.conftest import written
from tests.notifications.office import Office
from tests.support.mailbox import Mailbox

_WRITTEN = datetime(2026, 3, 2, 9, 0, 4, tzinfo=UTC)
"""The Date of the samples by postfix."""


async def _come_back(office: Office, name: str, of: Any = None, **more: Any) -> Taken:
    return await handle(office.service, written(name, office.service.settings, of, **more))


async def _rows(office: Office, table: type[Any]) -> Sequence[Any]:
    async with office.service.db.read() as session:
        return (await session.scalars(select(table))).all()


async def _suppressions(office: Office) -> list[tuple[str, str]]:
    return [(row.address_hash, row.reason) for row in await _rows(office, Suppression)]


async def _sent(office: Office, count: int = 1) -> list[Letter]:
    """Letters to Ada that her server took, whatever comes back later."""
    for _ in range(count):
        await office.answer(await office.link_event(CaseLinkRequested))
    await office.send()
    letters = list(await office.letters("case_link"))
    assert {letter.state for letter in letters} == {State.SENT}
    return letters[-count:]


def _ada(office: Office) -> str:
    return office.service.seals.address_hash("ada@example.org")


async def test_a_dead_address_is_held_back_at_once_and_the_letter_stays_sent(
    office: Office,
) -> None:
    [letter] = await _sent(office)
    assert await _come_back(office, "postfix-no-such-user", letter.id) is Taken.DONE
    assert await _suppressions(office) == [(_ada(office), Why.ADDRESS)]
    [bounce] = await _rows(office, Bounce)
    assert (bounce.about, bounce.number, bounce.severity, bounce.status) == (
        letter.id,
        0,
        Severity.HARD,
        "5.1.1",
    )
    assert bounce.diagnostic.startswith("550 5.1.1 <ada@example.org>")
    assert (await office.only("case_link")).state == State.SENT
    [told] = await office.told(LetterBounced)
    assert (told.letter_id, told.copy_number, told.severity) == (letter.id, 0, BounceSeverity.HARD)
    assert "ada" not in str(told).lower(), "whose it was stays here"
    await office.answer(await office.link_event(CaseLinkRequested))
    held = (await office.letters("case_link"))[-1]
    assert (held.state, held.reason) == (State.SUPPRESSED, Reason.ADDRESS)


async def test_a_letter_leaves_from_the_address_it_comes_back_to(
    office: Office, mailbox: Mailbox
) -> None:
    """The whole way: what the receiving server saw is where its report goes."""
    [letter] = await _sent(office)
    [envelope] = mailbox.envelopes
    assert envelope.mail_from == verp.return_path(office.service.settings, letter.id)
    raw = written("token-and-report-only", office.service.settings)
    lines = raw.splitlines(keepends=True)
    raw = b"".join([f"To: {envelope.mail_from}\n".encode(), *lines[1:]])
    assert await handle(office.service, raw) is Taken.DONE
    [bounce] = await _rows(office, Bounce)
    assert bounce.about == letter.id


async def test_the_same_report_again_changes_nothing(office: Office) -> None:
    letters = await _sent(office, 2)
    for _ in range(3):
        for letter in letters:
            assert await _come_back(office, "webde-mailbox-full", letter.id) is Taken.DONE
        office.clock.forward(days=1)
    assert len(await _rows(office, Bounce)) == len(await office.told(LetterBounced)) == 2
    assert await _suppressions(office) == [], "two letters came back, however often we hear of it"


async def test_three_full_mailboxes_within_a_fortnight_hold_the_address_back(
    office: Office,
) -> None:
    for number in range(3):
        assert await _suppressions(office) == []
        [letter] = await _sent(office)
        await _come_back(office, "postfix-mailbox-full", letter.id, written_at=office.clock.now())
        office.clock.forward(days=6 if number == 0 else 7)
    assert await _suppressions(office) == [(_ada(office), Why.FULL)]


async def test_over_a_longer_time_they_do_not(office: Office) -> None:
    for _ in range(4):
        [letter] = await _sent(office)
        await _come_back(office, "postfix-mailbox-full", letter.id, written_at=office.clock.now())
        office.clock.forward(days=8)
    assert await _suppressions(office) == []


async def test_reports_that_lay_unread_count_by_their_own_dates(office: Office) -> None:
    """A mailbox nobody read for weeks does not make three of them within a day."""
    letters = []
    for _ in range(3):
        letters += await _sent(office)
        office.clock.forward(days=20)
    sent = [letter.sent_at for letter in letters if letter.sent_at]
    for letter in letters:
        await _come_back(office, "postfix-mailbox-full", letter.id)
    assert await _suppressions(office) == []
    assert sorted(row.at for row in await _rows(office, Bounce)) == [
        max(at, written_at) for at, written_at in zip(sent, [_WRITTEN] * 3, strict=True)
    ]


async def test_a_delay_and_the_failure_after_it_are_two_things(office: Office) -> None:
    """Both say 4.4.1; the second must not be taken for the first told again."""
    for letter in await _sent(office, 3):
        await _come_back(office, "postfix-delayed", letter.id)
        await _come_back(office, "postfix-gave-up", letter.id)
    kinds = sorted(row.severity for row in await _rows(office, Bounce))
    assert kinds == [Severity.NOTICE] * 3 + [Severity.SOFT] * 3
    assert await _suppressions(office) == [(_ada(office), Why.FULL)]


@pytest.mark.parametrize(
    "name",
    [
        "postfix-refuses-us",
        "postfix-delayed",
        "postfix-delivered",
        "postfix-to-gmx",
        "qmail-without-report",
        "exim-old-without-report",
        "list-of-several",
        "malformed",
    ],
)
async def test_what_is_not_the_recipients_fault_is_a_notice(office: Office, name: str) -> None:
    for letter in await _sent(office, 4):
        assert await _come_back(office, name, letter.id) is Taken.DONE
    rows = await _rows(office, Bounce)
    assert [row.severity for row in rows] == [Severity.NOTICE] * 4
    assert await _suppressions(office) == []


@pytest.mark.parametrize("name", ["exchange-out-of-office", "vacation-rfc3834"])
async def test_programs_that_answer_for_people_away_are_not_listened_to(
    office: Office, name: str
) -> None:
    [letter] = await _sent(office)
    assert await _come_back(office, name, letter.id) is Taken.DONE
    assert await _rows(office, Bounce) == []
    assert await _suppressions(office) == []


@pytest.mark.parametrize("name", ["forged-token", "somebody-writes", "postfix-no-such-user"])
async def test_what_is_about_no_letter_of_ours_is_left_to_a_person(
    office: Office, name: str
) -> None:
    await _sent(office)
    assert await _come_back(office, name, uuid7()) is Taken.NOT_UNDERSTOOD
    assert await _rows(office, Bounce) == []
    assert await _suppressions(office) == []


async def test_a_report_forwarded_by_a_person_counts_like_the_original(office: Office) -> None:
    [letter] = await _sent(office)
    await _come_back(office, "forwarded-by-a-person", letter.id)
    await _come_back(office, "postfix-no-such-user", letter.id)
    assert len(await _rows(office, Bounce)) == 1
    assert await _suppressions(office) == [(_ada(office), Why.ADDRESS)]


async def _subscription(office: Office) -> Subscription:
    await office.subscriber()
    [subscription] = await _rows(office, Subscription)
    return subscription  # type: ignore[no-any-return]


async def _copy(office: Office, subscription: Subscription) -> tuple[UUID, int]:
    """One copy of a newsletter, sent."""
    now, issue_id = office.clock.now(), uuid7()
    issue = Issue(
        id=issue_id, kind=IssueKind.NEWSLETTER, status=IssueStatus.SENT, number=1, blocks=[],
        since_cursor=0, created_at=now, changed_at=now, window_from=0, window_to=24,
        pause_answer="", gathered=True, recipients=17,
    )  # fmt: skip
    copy = IssueLetter(
        issue_id=issue_id, number=17, subscription_id=subscription.id, language="de",
        state=State.SENT, sent_at=now,
    )  # fmt: skip
    async with office.service.db.begin() as session:
        session.add(issue)
        await session.flush()
        session.add(copy)
    return issue_id, 17


async def test_a_copy_of_an_issue_comes_back_like_a_letter(office: Office) -> None:
    subscription = await _subscription(office)
    of = await _copy(office, subscription)
    for _ in range(2):
        assert await _come_back(office, "gmail-no-such-user", of) is Taken.DONE
    [bounce] = await _rows(office, Bounce)
    assert (bounce.about, bounce.number) == of
    assert await _suppressions(office) == [(subscription.address_hash, Why.ADDRESS)]


async def test_a_mail_to_unsubscribe_ends_the_subscription_with_one_goodbye(
    office: Office,
) -> None:
    subscription = await _subscription(office)
    for _ in range(2):
        taken = await _come_back(office, "unsubscribe-by-mail", subscription_id=subscription.id)
        assert taken is Taken.DONE
    [ended] = await _rows(office, Subscription)
    assert (ended.status, ended.address) == (Status.ENDED, None)
    assert len(await office.told(SubscriptionEnded)) == 1
    await office.listen_to_itself()
    await office.listen_to_itself()
    assert [letter.address for letter in await office.letters("subscription_ended")] == [
        "abo@example.org"
    ]


async def test_an_automatic_answer_to_that_address_ends_nothing(office: Office) -> None:
    subscription = await _subscription(office)
    raw = written(
        "unsubscribe-by-mail", office.service.settings, subscription_id=subscription.id
    ).replace(b"MIME-Version", b"Auto-Submitted: auto-replied\nMIME-Version")
    assert await handle(office.service, raw) is Taken.DONE
    [still] = await _rows(office, Subscription)
    assert still.status == Status.CONFIRMED


async def test_whoever_calls_a_newsletter_spam_gets_no_more_of_it(office: Office) -> None:
    subscription = await _subscription(office)
    of = await _copy(office, subscription)
    for _ in range(2):
        assert await _come_back(office, "spam-report", of) is Taken.DONE
    [ended] = await _rows(office, Subscription)
    assert ended.status == Status.ENDED
    [bounce] = await _rows(office, Bounce)
    assert (bounce.severity, bounce.status) == (Severity.NOTICE, "spam")
    assert await _suppressions(office) == [], "letters about their own application still go"


@pytest.mark.parametrize("way", ["%UNSUBSCRIBE_URL%", "%UNSUBSCRIBE_MAILTO%"])
async def test_a_complaint_whose_return_path_was_blackened_ends_it_too(
    office: Office, way: str
) -> None:
    subscription = await _subscription(office)
    raw = written("spam-report-redacted", office.service.settings, subscription_id=subscription.id)
    lines = [
        line
        for line in raw.split(b"\n")
        if (b"mailto:" if way == "%UNSUBSCRIBE_URL%" else b"https:") not in line
    ]
    raw = b"\n".join(lines)
    if way == "%UNSUBSCRIBE_MAILTO%":
        raw = raw.replace(b" <mailto:", b"List-Unsubscribe: <mailto:")
    assert await handle(office.service, raw) is Taken.DONE
    [ended] = await _rows(office, Subscription)
    assert ended.status == Status.ENDED


async def test_a_complaint_about_a_case_letter_ends_nothing_and_is_shown(office: Office) -> None:
    [letter] = await _sent(office)
    assert await _come_back(office, "spam-report", letter.id) is Taken.DONE
    [bounce] = await _rows(office, Bounce)
    assert bounce.status == "spam"


async def test_a_complaint_about_nothing_of_ours_is_left_to_a_person(office: Office) -> None:
    assert await _come_back(office, "spam-report", uuid7()) is Taken.NOT_UNDERSTOOD


async def test_the_envelopes_recipient_is_believed_where_headers_lack_it(office: Office) -> None:
    subscription = await _subscription(office)
    settings = office.service.settings
    raw = written("unsubscribe-by-mail", settings, subscription_id=subscription.id)
    recipient = raw.partition(b"Delivered-To: ")[2].partition(b"\n")[0]
    raw = raw.replace(recipient, b"undisclosed-recipients:;")
    assert await handle(office.service, raw) is Taken.NOT_UNDERSTOOD
    assert await handle(office.service, raw, sent_to=[recipient.decode()]) is Taken.DONE


async def test_two_reports_at_once_count_each_other(office: Office) -> None:
    letters = await _sent(office, 3)
    await _come_back(office, "webde-mailbox-full", letters[0].id)
    service = office.service
    second = read(written("webde-mailbox-full", service.settings, letters[1].id))
    async with service.db.begin() as session:
        await take(session, service, second, at=office.clock.now())
        third = asyncio.create_task(_come_back(office, "webde-mailbox-full", letters[2].id))
        await asyncio.sleep(0.5)
        assert not third.done(), "it waits to hear what we write"
    assert await third is Taken.DONE
    assert await _suppressions(office) == [(_ada(office), Why.FULL)]


async def test_after_an_erasure_nothing_a_server_said_is_left(office: Office) -> None:
    submitted = await office.case()
    [receipt] = await office.letters("application_received")
    await _come_back(office, "postfix-no-such-user", receipt.id)
    assert "ada@example.org" in (await _rows(office, Bounce))[0].diagnostic
    await _erase(office, submitted.person_id)
    [bounce] = await _rows(office, Bounce)
    assert (bounce.diagnostic, bounce.address_hash, bounce.status) == ("", "", "5.1.1")
    await _come_back(office, "postfix-mailbox-full", receipt.id)
    late = [row for row in await _rows(office, Bounce) if row.status == "5.2.2"]
    assert [(row.diagnostic, row.address_hash) for row in late] == [("", "")]


async def test_nor_of_somebody_who_only_subscribed(office: Office) -> None:
    subscription = await _subscription(office)
    of = await _copy(office, subscription)
    await _come_back(office, "postfix-no-such-user", of, recipient="abo@example.org")
    await _erase(office, subscription.person_id)
    [bounce] = await _rows(office, Bounce)
    assert (bounce.diagnostic, bounce.address_hash) == ("", "")
    await _come_back(office, "postfix-mailbox-full", of, recipient="abo@example.org")
    assert "abo@example.org" not in await _readable(office)


async def test_what_the_office_has_looked_at_counts_no_more(office: Office) -> None:
    letters = await _sent(office, 4)
    for letter in letters[:2]:
        await _come_back(office, "webde-mailbox-full", letter.id)
    async with office.service.db.begin() as session:
        await session.execute(update(Bounce).values(handled_at=office.clock.now()))
    for letter in letters[2:]:
        await _come_back(office, "webde-mailbox-full", letter.id)
    assert await _suppressions(office) == []


async def _erase(office: Office, person_id: UUID) -> None:
    ids = await office.service.seals.erase(person_id)
    await office.answer(
        PersonErasedByApplications(at=office.clock.now(), person_id=person_id, person_ids=ids)
    )


async def _readable(office: Office) -> str:
    lines = []
    async with office.service.db.read() as session:
        for table in Base.metadata.sorted_tables:
            lines += [str(tuple(row)) for row in await session.execute(select(table))]
    return "\n".join(lines)
