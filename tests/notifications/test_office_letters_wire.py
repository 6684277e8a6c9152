"""Case letters as they leave: one conversation a case and a reader, and nothing of a list about them."""

from typing import Any

import mailparser
import pytest

from services.notifications.letters.kinds import KINDS
from shared.events import applications as a
from tests.notifications.office import Office
from tests.support.mailbox import Mailbox

LIFE: tuple[type[Any], ...] = (
    a.CorrectionRequested,
    a.CorrectionReceived,
    a.CorrectionWithdrawn,
    a.StatementRequested,
    a.StatementGiven,
    a.GrantReserved,
    a.GrantBecameEffective,
    a.AgreementSigned,
    a.GrantRevoked,
)


def _parsed(mailbox: Mailbox, to: str) -> list[Any]:
    return [mailparser.parse_from_bytes(mail.as_bytes()) for mail in mailbox.to(to)]


def _header(mail: Any, name: str) -> str | None:
    return next((value for key, value in mail.headers.items() if key.lower() == name), None)


async def test_all_letters_of_a_case_are_one_conversation_for_each_reader(
    office: Office, mailbox: Mailbox
) -> None:
    cases = [await office.case(number="2026-021"), await office.case(number="2026-022")]
    for kind in LIFE:
        for case in cases:
            await office.answer(await office.sample(kind, case))
            await office.send()
    for reader, letters in (("ada@example.org", 7), ("amt@example.org", 1), ("buero@", 3)):
        mails = _parsed(mailbox, reader)
        for case in cases:
            mine = [mail for mail in mails if case.number in mail.subject]
            assert len(mine) == letters, reader
            first, *others = mine
            assert _header(first, "in-reply-to") is None
            for mail in others:
                assert _header(mail, "in-reply-to") == first.message_id
                assert _header(mail, "references") == first.message_id
    ids = [mail.message_id for mail in _parsed(mailbox, "")]
    assert len(set(ids)) == len(ids)


async def test_two_applicants_of_one_number_and_two_cases_share_no_conversation(
    office: Office, mailbox: Mailbox
) -> None:
    first = await office.case("ada@example.org")
    second = await office.case("bea@example.org")
    for case in (first, second):
        await office.answer(await office.sample(a.CorrectionRequested, case))
    await office.send()
    receipts = {}
    for reader in ("ada@example.org", "bea@example.org"):
        receipt, request = _parsed(mailbox, reader)
        assert _header(request, "in-reply-to") == receipt.message_id
        receipts[reader] = receipt.message_id
    assert len(set(receipts.values())) == 2


async def test_a_receipt_that_was_never_sent_still_holds_the_conversation_together(
    office: Office, mailbox: Mailbox
) -> None:
    """Mail programs put together what refers to one message, whether they have it or not."""
    case = await office.applicant()
    await office.answer(case, await office.sample(a.ApplicationWithdrawn, case))
    await office.answer(await office.sample(a.ApplicationChanged, case))
    await office.send()
    receipt = await office.only("application_received")
    mails = _parsed(mailbox, "ada@example.org")
    assert receipt.sent_at is None
    assert {_header(mail, "in-reply-to") for mail in mails} == {f"<{receipt.id}@stadtteil.example>"}
    assert len(mails) == 2


@pytest.mark.parametrize(
    "kind", [None, a.CorrectionRequested, a.GrantReserved, a.CaseLinkRequested]
)
async def test_case_letters_are_generated_ones_and_no_list(
    office: Office, mailbox: Mailbox, kind: type[Any] | None
) -> None:
    case = await office.case()
    if kind is not None:
        link = kind is a.CaseLinkRequested
        event = await office.link_event(kind) if link else await office.sample(kind, case)
        await office.answer(event)
        await office.send()
    mail = _parsed(mailbox, "ada@example.org")[-1]
    assert _header(mail, "auto-submitted") == "auto-generated"
    assert not [name for name in mail.headers if name.lower().startswith("list-")]
    letter = (await office.letters())[-1]
    assert not KINDS[letter.kind].subscribed
    assert _header(mail, "content-language") == "de"


async def test_the_question_whether_somebody_wants_letters_is_no_list_letter_either(
    office: Office, mailbox: Mailbox
) -> None:
    await office.subscriber("abo@example.org")
    await office.listen_to_itself()
    await office.send()
    [question] = [mail for mail in _parsed(mailbox, "abo@") if "/abo/" in mail.body]
    assert _header(question, "auto-submitted") == "auto-generated"
    assert not [name for name in question.headers if name.lower().startswith("list-")]
