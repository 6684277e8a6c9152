"""Every header of every kind of mail, as it arrives at a server, read by two parsers not ours."""

from email.utils import format_datetime
from typing import Any

import pytest

from services.notifications import links
from services.notifications.bounces.verp import unsubscribe_mailto
from shared.events.applications import ApplicationWithdrawn
from tests.letters.samples import BRAND
from tests.notifications.issues import desk
from tests.notifications.office import Office
from tests.notifications.wire import (
    PARSERS,
    bodies,
    caught,
    headers,
    post_issue,
    signing,
    verified,
)
from tests.support.mailbox import Mailbox

EVERY_PARSER = pytest.mark.parametrize("parser", PARSERS)
FROM = [("Stadtteilbüro Westhagen", "post@stadtteil.example")]
REPLY_TO = [("", "buero@stadtteil.example")]
MIXED = ("mime-version", "content-type")


@pytest.fixture
def signs(office: Office) -> Office:
    return signing(office)


def _ways_out(office: Office, subscription_id: Any) -> str:
    settings = office.service.settings
    url = links.url(settings, links.Purpose.UNSUBSCRIBE, subscription_id)
    return f"<{url}>, <{unsubscribe_mailto(settings, subscription_id)}>"


def _unfolded(read: dict[str, Any]) -> dict[str, Any]:
    """Without those about the transport of the body, and blanks as they count."""
    own = {name: value for name, value in read.items() if name not in {*MIXED, "dkim-signature"}}
    return {n: " ".join(v.split()) if isinstance(v, str) else v for n, v in own.items()}


@EVERY_PARSER
async def test_a_case_letter_says_who_whom_what_and_which_thread(
    signs: Office, mailbox: Mailbox, parser: str
) -> None:
    case = await signs.case()
    first = await signs.only("application_received")
    signs.clock.forward(minutes=5)
    withdrawn = await signs.sample(ApplicationWithdrawn, case)
    await signs.answer(withdrawn)
    await signs.send()
    letter = await signs.only("application_withdrawn")
    [raw] = [raw for raw in caught(mailbox) if str(letter.id).encode() in raw]
    read = headers(raw, parser)
    assert _unfolded(read) == {
        "from": FROM,
        "reply-to": REPLY_TO,
        "to": [("Ada Lovelace", "ada@example.org")],
        "subject": letter.subject,
        "date": format_datetime(letter.queued_at),
        "message-id": f"<{letter.id}@stadtteil.example>",
        "in-reply-to": f"<{first.id}@stadtteil.example>",
        "references": f"<{first.id}@stadtteil.example>",
        "auto-submitted": "auto-generated",
        "content-language": "de",
    }
    assert read["mime-version"] == "1.0"
    assert read["content-type"].startswith("multipart/alternative;")
    assert verified(raw, signs)


@EVERY_PARSER
async def test_a_subscribed_letter_can_be_ended_by_a_click_and_by_a_mail(
    signs: Office, mailbox: Mailbox, parser: str
) -> None:
    await signs.subscriber("leserin@example.org", "ar")
    await signs.answer(signs.session())
    await signs.send()
    letter = await signs.only("session_scheduled")
    [raw] = [raw for raw in caught(mailbox) if str(letter.id).encode() in raw]
    read = headers(raw, parser)
    assert _unfolded(read) == {
        "from": FROM,
        "reply-to": REPLY_TO,
        "to": [("", "leserin@example.org")],
        "subject": " ".join(letter.subject.split()),
        "date": format_datetime(letter.queued_at),
        "message-id": f"<{letter.id}@stadtteil.example>",
        "list-id": "Sitzungen <sessions.stadtteil.example>",
        "list-unsubscribe": _ways_out(signs, letter.subscription_id),
        "list-unsubscribe-post": "List-Unsubscribe=One-Click",
        "content-language": "ar, de",
    }
    assert verified(raw, signs)


@EVERY_PARSER
async def test_an_issue_carries_everything_a_provider_asks_of_who_sends_to_many(
    signs: Office, mailbox: Mailbox, parser: str
) -> None:
    texts = {"de": desk.GERMAN, "ar": desk.ARABIC}
    posted = await post_issue(signs, mailbox, texts, name="Amal Müller", language="ar")
    read = headers(posted.raw, parser)
    assert _unfolded(read) == {
        "from": [(BRAND.named("ar"), "post@stadtteil.example")],
        "reply-to": REPLY_TO,
        "to": [("Amal Müller", "leserin1@post1.example")],
        "subject": desk.ARABIC[0],
        "date": format_datetime(signs.clock.now()),
        "message-id": posted.message_id,
        "list-id": "Newsletter <newsletter.stadtteil.example>",
        "list-unsubscribe": _ways_out(signs, posted.subscription_id),
        "list-unsubscribe-post": "List-Unsubscribe=One-Click",
        "content-language": "ar",
    }
    for said in bodies(posted.raw, parser):
        assert "Amal Müller" in said
        assert _ways_out(signs, posted.subscription_id).split(">")[0][1:] in said
    assert verified(posted.raw, signs)


async def test_without_a_mailbox_for_returns_the_link_alone_ends_it(
    office: Office, mailbox: Mailbox
) -> None:
    await office.subscriber()
    await office.answer(office.session())
    await office.send()
    letter = await office.only("session_scheduled")
    [raw] = caught(mailbox)
    for parser in PARSERS:
        assert headers(raw, parser)["list-unsubscribe"] == f"<{letter.unsubscribe_url}>"
    assert b"DKIM-Signature" not in raw, "the relay signs"
