"""Issues and readers for the tests of what goes out to many."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Final, cast

from services.notifications.bulk.compiled import Compiled, compile_issue
from services.notifications.bulk.slots import MANAGE_URL, SALUTATION, UNSUBSCRIBE_URL
from services.notifications.domain.issue import IssueKind
from shared.settings import Settings

SETTINGS: Final = Settings(
    redis_url="redis://127.0.0.1:1",
    keys_database_url="sqlite+aiosqlite://",
    secret_key="only for these tests, at least 32 bytes",
    office_email="buero@stadtteil.example",
    mail_from="post@stadtteil.example",
    mail_domain="stadtteil.example",
)
AT: Final = datetime(2026, 11, 30, 8, 30, tzinfo=UTC)
TEXT: Final = (
    f"{SALUTATION}\n\nes gibt Neues.\n\nÄndern: {MANAGE_URL}\nAbmelden: {UNSUBSCRIBE_URL}\n"
)
HTML: Final = (
    f"<p>{SALUTATION}</p>\n<p>Es gibt Neues.</p>\n"
    f'<a href="{MANAGE_URL}">Ändern</a> <a href="{UNSUBSCRIBE_URL}">Abmelden</a>\n'
)


@dataclass(frozen=True, kw_only=True)
class Words:
    """As `issues.content` renders them."""

    language: str = "de"
    subject: str = "Neues aus Westhagen"
    text: str = TEXT
    html: str = HTML


READER: Final[dict[str, Any]] = {
    "to_name": "Ada Lovelace",
    "to_address": "ada@example.org",
    "message_id": "<018f0000-0000-7000-8000-000000000001.7@stadtteil.example>",
    "salutation": "Guten Tag Ada Lovelace,",
    "manage_url": "https://stadtteil.example/abo/verwalten/t0ken",
    "unsubscribe_url": "https://stadtteil.example/abo/abmelden/t0ken-_" + "x" * 80,
    "mailto_unsubscribe": "mailto:rueck+abo.t0ken@stadtteil.example?subject=abmelden",
}


def compiled(words: Words | None = None, **more: Any) -> Compiled:
    options: dict[str, Any] = {
        "settings": SETTINGS,
        "sender_name": "Stadtteilbüro Westhagen",
        "kind": IssueKind.NEWSLETTER,
        "at": AT,
    }
    return compile_issue(cast(Any, words or Words()), **options | more)


def filled(words: Words | None = None, **reader: Any) -> bytes:
    return compiled(words).fill(**READER | reader)


def parsed(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)


def said(mail: EmailMessage, subtype: str) -> str:
    """The text of one form, with the line breaks of this machine."""
    body = mail.get_body((subtype,))
    assert isinstance(body, EmailMessage)
    return str(body.get_content()).replace("\r\n", "\n")
