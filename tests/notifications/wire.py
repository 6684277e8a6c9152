"""Mails as they arrived at a server, read by parsers that are not ours; and an office that signs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from random import Random
from typing import Any, Final, cast
from uuid import UUID

import dkim
import mailparser
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import SecretStr

from services.notifications.bulk.dkim import Signer
from services.notifications.bulk.sending import Bulk
from services.notifications.domain.issue import IssueKind
from services.notifications.issues import commands
from tests.notifications.issues import desk
from tests.notifications.office import HASTY, Office
from tests.support.mailbox import Mailbox

PARSERS: Final = ("email", "mail-parser")
SELECTOR: Final = "post2026"


@cache
def private_key() -> SecretStr:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return SecretStr(pem.decode())


def signing(office: Office) -> Office:
    """The same office with a key of its own and a mailbox for what comes back."""
    settings = office.service.settings.model_copy(
        update={
            "dkim_selector": SELECTOR,
            "dkim_private_key": private_key(),
            "bounce_address": "rueck@stadtteil.example",
        }
    )
    return Office(replace(office.service, settings=settings), office.clock)


def caught(mailbox: Mailbox) -> list[bytes]:
    """What came in over SMTP, byte for byte."""
    return [cast(bytes, envelope.content) for envelope in mailbox.envelopes]


def headers(raw: bytes, parser: str) -> dict[str, Any]:
    """By their names in lower case; addresses as `[(name, address)]`."""
    if parser == "mail-parser":
        return {
            name.lower(): value for name, value in mailparser.parse_from_bytes(raw).headers.items()
        }
    mail = stdlib(raw)
    assert mail.defects == []
    read: dict[str, Any] = {name.lower(): str(value) for name, value in mail.items()}
    for name in ("from", "reply-to", "to"):
        read[name] = [(a.display_name, a.addr_spec) for a in mail[name].addresses]
    return read


def bodies(raw: bytes, parser: str) -> tuple[str, str]:
    """Text and HTML."""
    if parser == "mail-parser":
        mail = mailparser.parse_from_bytes(raw)
        assert not mail.defects
        return mail.text_plain[0], mail.text_html[0]
    text, html = (stdlib(raw).get_body((subtype,)) for subtype in ("plain", "html"))
    assert text is not None and html is not None
    return str(text.get_content()), str(html.get_content())


def stdlib(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)


def verified(raw: bytes, office: Office) -> bool:
    """By dkimpy; the only record in its DNS is this office's."""
    signs = Signer.from_settings(office.service.settings)
    assert signs is not None
    where = f"{SELECTOR}._domainkey.stadtteil.example.".encode()
    return bool(
        dkim.verify(
            raw,
            minkey=2048,
            dnsfunc=lambda name, timeout=5: signs.record.encode() if name == where else None,
        )
    )


@dataclass(frozen=True)
class Posted:
    """One copy of an issue, and whose it is."""

    raw: bytes
    subscription_id: UUID
    message_id: str


async def post_issue(
    office: Office, mailbox: Mailbox, texts: Mapping[str, tuple[str, str, str]], **reader: Any
) -> Posted:
    """One reader's copy of a new issue, as it arrives at the server."""
    service = office.service
    row = desk.reader(1, office.clock.now(), **reader)
    await desk.enrol(service, [row])
    issue_id = await desk.draft(service, IssueKind.NEWSLETTER, dict(texts))
    async with service.db.begin() as session:
        unchecked = commands.Checked(issue_id=issue_id, version=1)
        plan, at = desk.plan(service), office.clock.now()
        await commands.start(session, unchecked, plan, by=desk.JANA, at=at)
    await desk.gather_all(service)
    assert await Bulk(service, patience=HASTY, random=Random(7), connections=1).send_due() == 1
    number = f"{issue_id}.1@{service.settings.mail_domain}"
    return Posted(caught(mailbox)[-1], row["id"], f"<{number}>")
